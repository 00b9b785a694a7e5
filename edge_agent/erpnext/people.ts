/**
 * Who a PIN is: the site's own mapping by terminal and day, else the employee whose `attendance_device_id`
 * it is. Owns a small, fresh memory of it that never reaches the agent's disk. Must not know punches.
 *
 * The agent's role may only *select* employees: it can look for PINs and sees names, never who has which
 * (and never a salary). So an unknown PIN is asked alone, and what is known is made fresh by one question
 * for all of them: are these still the same employees, and has none of them been changed since?
 */
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { DEVICE_USER, EMPLOYEE } from "./names.ts";
import type { Person } from "./posting.ts";
import type { Filter, Site } from "./site.ts";

const FRESH_MS = 60_000;
const MAX_KNOWN = 5_000;
/** Questions under way at once. */
const AT_ONCE = 4;

const named = z.object({ name: z.string() });
const userRow = z.object({
  serial: z.string().nullish(),
  pin: z.string(),
  employee: z.string().nullish(),
  valid_from: z.string().nullish(),
  valid_until: z.string().nullish(),
});
type UserRow = z.output<typeof userRow>;

/** Employees that have the PIN; normally one or none. */
interface Known {
  readonly names: readonly string[];
}

export interface Asked {
  readonly serial: string;
  readonly pin: string;
  /** `YYYY-MM-DD` on the terminal's clock. */
  readonly day: string;
}

export class People {
  readonly #site: Site;
  readonly #clock: Pick<Clock, "monotonic" | "now">;
  #byPin = new Map<string, Known>();
  #checkedAt = 0;
  /** Epoch ms by the site's clock, as well as it is known. */
  #checkedSiteAt = 0;

  constructor(site: Site, clock: Pick<Clock, "monotonic" | "now">) {
    this.#site = site;
    this.#clock = clock;
  }

  /** One answer for each that was asked, in order. `siteNow`: the site's own clock as its text. */
  async find(
    asked: readonly Asked[],
    siteText: (at: number) => string,
    signal?: AbortSignal,
  ): Promise<Person[]> {
    if (asked.length === 0) return [];
    const rows = await this.#users(asked, signal);
    const mapped = asked.map((one) => mappedBy(rows, one));
    const open = asked.filter((_, at) => mapped[at] === null).map(({ pin }) => pin);
    await this.#learn([...new Set(open)], siteText, signal);
    const found = asked.map(({ pin }, at) => mapped[at] ?? this.#personOf(pin));
    return await this.#proven(found, signal);
  }

  async #users(asked: readonly Asked[], signal?: AbortSignal): Promise<UserRow[]> {
    const pins = [...new Set(asked.map(({ pin }) => pin))];
    const fields = ["serial", "pin", "employee", "valid_from", "valid_until"];
    const filters: Filter[] = [["pin", "in", pins], ["employee", "is", "set"]];
    const rows = await this.#site.list(DEVICE_USER, userRow, { fields, filters }, signal);
    // A database compares without regard to case and trailing blanks; a PIN does not.
    const exact = new Set(pins);
    return rows.filter(({ pin }) => exact.has(pin));
  }

  /** Fills the memory with these PINs, each proven within the last minute. */
  async #learn(pins: readonly string[], siteText: (at: number) => string, signal?: AbortSignal) {
    await this.#refresh(siteText, signal);
    const unknown = pins.filter((pin) => !this.#byPin.has(pin));
    if (unknown.length === 0) return;
    if (this.#byPin.size === 0) this.#begin();
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      await Promise.all(
        unknown.slice(at, at + AT_ONCE).map(async (pin) => {
          const names = await this.#employees([["attendance_device_id", "=", pin]], signal);
          this.#byPin.set(pin, { names });
        }),
      );
    }
  }

  #begin(): void {
    this.#checkedAt = this.#clock.monotonic();
    this.#checkedSiteAt = this.#clock.now();
  }

  async #refresh(siteText: (at: number) => string, signal?: AbortSignal): Promise<void> {
    if (this.#byPin.size === 0) return;
    if (this.#clock.monotonic() - this.#checkedAt < FRESH_MS) return;
    const since = siteText(this.#checkedSiteAt - 2 * FRESH_MS);
    const known = this.#byPin;
    const before = { monotonic: this.#clock.monotonic(), now: this.#clock.now() };
    if (known.size > MAX_KNOWN) this.#byPin = new Map();
    else {
      const ours: Filter = ["attendance_device_id", "in", [...known.keys()]];
      const [now, changed] = await Promise.all([
        this.#employees([ours], signal),
        this.#employees([ours, ["modified", ">=", since]], signal),
      ]);
      this.#byPin = stillTrue(known, now, new Set(changed));
    }
    this.#checkedAt = before.monotonic;
    this.#checkedSiteAt = before.now;
  }

  async #employees(filters: readonly Filter[], signal?: AbortSignal): Promise<string[]> {
    const rows = await this.#site.list(EMPLOYEE, named, { fields: ["name"], filters }, signal);
    return rows.map(({ name }) => name);
  }

  #personOf(pin: string): Person {
    const names = this.#byPin.get(pin)?.names ?? [];
    const [name] = names;
    if (name === undefined) return { kind: "nobody" };
    return names.length > 1 ? { kind: "several" } : { kind: "employee", name };
  }

  /** An employee is posted for only when it was seen to exist: version 15 stores unknown names. */
  async #proven(found: readonly Person[], signal?: AbortSignal): Promise<Person[]> {
    const names = [...new Set(found.flatMap((one) => one.kind === "employee" ? [one.name] : []))];
    if (names.length === 0) return [...found];
    const [all, active] = await Promise.all([
      this.#employees([["name", "in", names]], signal),
      this.#employees([["name", "in", names], ["status", "!=", "Inactive"]], signal),
    ]);
    const there = new Set(all), working = new Set(active);
    return found.map((one) => {
      if (one.kind !== "employee") return one;
      if (!there.has(one.name)) return { kind: "gone" };
      return working.has(one.name) ? one : { kind: "inactive" };
    });
  }
}

/**
 * What is left of the memory: nothing of those who changed, nor a PIN that was nobody's when somebody may have
 * got it; nothing at all when the rest is not exactly those who were known.
 */
function stillTrue(
  known: ReadonlyMap<string, Known>,
  now: readonly string[],
  changed: ReadonlySet<string>,
): Map<string, Known> {
  const kept = new Map(
    [...known].filter(([, { names }]) => !names.some((name) => changed.has(name))),
  );
  const expected = [...kept.values()].flatMap(({ names }) => names).sort().join("\n");
  const found = now.filter((name) => !changed.has(name)).sort().join("\n");
  if (expected !== found) return new Map();
  if (changed.size === 0) return kept;
  return new Map([...kept].filter(([, { names }]) => names.length > 0));
}

/** A row for this terminal counts before one for every terminal. Null: no row says anything of that day. */
function mappedBy(rows: readonly UserRow[], { serial, pin, day }: Asked): Person | null {
  const valid = rows.filter((row) =>
    row.pin === pin && (row.valid_from ?? "") <= day &&
    (row.valid_until ? day <= row.valid_until : true)
  );
  const own = valid.filter((row) => row.serial === serial);
  const counted = own.length > 0 ? own : valid.filter((row) => !row.serial);
  const names = new Set(counted.flatMap(({ employee }) => employee ? [employee] : []));
  const [name] = names;
  if (name === undefined) return null;
  return names.size > 1 ? { kind: "several" } : { kind: "employee", name };
}
