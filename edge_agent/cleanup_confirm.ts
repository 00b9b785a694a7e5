/**
 * Asking Odoo whether it holds every punch of a log, now: days by count and digest first, then the
 * keys of the days that differ. Pure but for the two questions that are handed in.
 */
import { sha256Hex } from "./punch.ts";

/** The two questions of the confirm route (docs/contract.md). */
export interface OdooHoldings {
  /** Days of wall time whose punches in Odoo are not exactly these. */
  confirmDays(
    serial: string,
    days: readonly { day: string; count: number; digest: string }[],
  ): Promise<readonly string[]>;
  /** Of at most 5,000 keys, those that Odoo does not hold. */
  confirmKeys(serial: string, keys: readonly string[]): Promise<readonly string[]>;
}

const KEYS_AT_ONCE = 5_000;
const DAYS_AT_ONCE = 500;

/** Keys by day of wall time. */
export type KeysByDay = ReadonlyMap<string, readonly string[]>;

/** The keys that Odoo does not hold. A day that holds more than ours is asked key by key. */
export async function findMissing(
  odoo: OdooHoldings,
  serial: string,
  keys: KeysByDay,
): Promise<string[]> {
  const digests = [...keys].map(([day, ofDay]) => ({
    day,
    count: ofDay.length,
    digest: sha256Hex([...ofDay].sort().join("\n")),
  }));
  const differing: string[] = [];
  for (let at = 0; at < digests.length; at += DAYS_AT_ONCE) {
    differing.push(...await odoo.confirmDays(serial, digests.slice(at, at + DAYS_AT_ONCE)));
  }
  const doubtful = differing.flatMap((day) => keys.get(day) ?? []);
  const missing: string[] = [];
  for (let at = 0; at < doubtful.length; at += KEYS_AT_ONCE) {
    missing.push(...await odoo.confirmKeys(serial, doubtful.slice(at, at + KEYS_AT_ONCE)));
  }
  return missing;
}
