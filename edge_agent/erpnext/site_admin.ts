/**
 * What whoever sets up asks of a site and does to it: whether a document is there, how many, making and deleting
 * one. Must not know what is set up.
 */
import { z } from "zod";
import type { Doc, Filter, Site } from "./site.ts";

const named = z.object({ name: z.string() });
const anyDoc = z.record(z.string(), z.unknown());

/** Something that is not as it must be, and how it becomes so. */
export interface ProvisionStep {
  /** For people: what is made or changed. */
  readonly what: string;
  /** What it is when it is applied; `what` of something mended says how it was. */
  readonly done: "made" | "mended";
  readonly apply: () => Promise<void>;
}

export class SiteAdmin {
  readonly site: Site;

  /** `site` speaks with the administrator's key. */
  constructor(site: Site) {
    this.site = site;
  }

  async exists(doctype: string, name: string): Promise<boolean> {
    return (await this.names(doctype, [["name", "=", name]])).length > 0;
  }

  /** Of a DocType that may not be there yet. */
  async existsLater(doctype: string, name: string): Promise<boolean> {
    return await this.exists("DocType", doctype) && await this.exists(doctype, name);
  }

  async names(doctype: string, filters: readonly Filter[]): Promise<string[]> {
    const rows = await this.site.list(doctype, named, { fields: ["name"], filters });
    return rows.map(({ name }) => name);
  }

  async count(doctype: string): Promise<number> {
    const given = { doctype, filters: [] };
    return await this.site.call("frappe.client.get_count", given, z.int());
  }

  async delete(doctype: string, name: string): Promise<void> {
    await this.site.call("frappe.client.delete", { doctype, name }, z.any());
  }

  making(what: string, doc: Doc): ProvisionStep {
    return {
      what,
      done: "made",
      apply: async () => void await this.site.call("frappe.client.insert", { doc }, anyDoc),
    };
  }

  setting(what: string, [doctype, name]: readonly [string, string], values: Doc): ProvisionStep {
    return {
      what,
      done: "mended",
      apply: async () => void await this.site.setValues(doctype, name, values),
    };
  }
}
