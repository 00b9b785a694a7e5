/**
 * A log that is to be cleared, seen as what Odoo is asked about: keys by day, records that cannot be
 * read, punches that were only announced. Pure.
 */
import { type Punch, punchKey, type Reject } from "../base/punch.ts";
import type { KeysByDay } from "../delivery/delivery.ts";
import { inBatches, type LogRead, type PunchEvent } from "../zk/zk.ts";

/** Different keys of a read by day of wall time. */
export function keysOf(read: LogRead, serial: string): Map<string, string[]> {
  const days = new Map<string, Set<string>>();
  for (const { punches } of inBatches(read, serial)) {
    for (const punch of punches) {
      const day = punch.wallTime.slice(0, 10);
      const keys = days.get(day) ?? new Set();
      days.set(day, keys.add(punchKey(punch)));
    }
  }
  return new Map([...days].map(([day, keys]) => [day, [...keys]]));
}

/** The different raw texts of the records that cannot be read, as the queue keeps and sends them. */
export function unreadOf(read: LogRead, serial: string): Set<string> {
  const raws = new Set<string>();
  for (const { rejects } of inBatches(read, serial)) {
    for (const reject of rejects) raws.add(reject.raw);
  }
  return raws;
}

export function countKeys(keys: KeysByDay): number {
  let total = 0;
  for (const ofDay of keys.values()) total += ofDay.length;
  return total;
}

/** The keys that are not in `held`. */
export function without(keys: KeysByDay, held: ReadonlySet<string>): Map<string, string[]> {
  const rest = new Map<string, string[]>();
  for (const [day, ofDay] of keys) {
    const unknown = ofDay.filter((key) => !held.has(key));
    if (unknown.length > 0) rest.set(day, unknown);
  }
  return rest;
}

/** Announced punches whose keys are not in `known`; ids that came as numbers become rejects. */
export function announced(
  events: readonly PunchEvent[],
  serial: string,
  known: ReadonlySet<string>,
): { punches: Punch[]; rejects: Reject[] } {
  const punches: Punch[] = [], rejects: Reject[] = [];
  for (const event of events) {
    const punch = punchOf(event, serial);
    if (known.has(punchKey(punch))) continue;
    if (event.exactId) punches.push(punch);
    else rejects.push({ serial, reason: "ambiguous_pin", raw: `zkevent ${JSON.stringify(event)}` });
  }
  return { punches, rejects };
}

function punchOf(event: PunchEvent, serial: string): Punch {
  return {
    serial,
    pin: event.userId,
    wallTime: event.wallTime,
    status: String(event.state),
    verify: String(event.verify),
    workCode: "",
    extra: "",
  };
}
