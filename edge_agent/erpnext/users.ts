/**
 * Device users of terminals as rows of the site, so that HR finds a PIN with the name the terminal shows and
 * only chooses the employee. Adds what is missing; never changes a person's mapping. Must not keep a user.
 */
import { z } from "zod";
import type { UserList } from "../delivery/delivery.ts";
import { DEVICE_USER } from "./names.ts";
import type { Doc, Filter, Site } from "./site.ts";

const PINS_AT_ONCE = 500;
const DOCS_AT_ONCE = 50;

const row = z.object({ pin: z.string() });

export class SiteUsers {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  async add(serial: string, { users }: UserList, signal?: AbortSignal): Promise<void> {
    for (let at = 0; at < users.length; at += PINS_AT_ONCE) {
      const some = users.slice(at, at + PINS_AT_ONCE);
      const pins = some.map(({ pin }) => pin);
      const filters: Filter[] = [["serial", "=", serial], ["pin", "in", pins]];
      const rows = await this.#site.list(DEVICE_USER, row, { fields: ["pin"], filters }, signal);
      const known = new Set(rows.map(({ pin }) => pin));
      const docs = some.filter(({ pin }) => !known.has(pin)).map(({ pin, name }): Doc => ({
        doctype: DEVICE_USER,
        title: (name || `PIN ${pin}`).slice(0, 140),
        serial,
        pin,
      }));
      for (let from = 0; from < docs.length; from += DOCS_AT_ONCE) {
        await this.#site.insertMany(docs.slice(from, from + DOCS_AT_ONCE), signal);
      }
    }
  }
}
