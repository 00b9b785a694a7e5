/**
 * The order in which a terminal stated its punches: what tells the first of two equal hours from the second.
 * Owns the memory of the latest instant by terminal and channel, bounded by both; must not know requests.
 */
import type { PunchSighting } from "../base/punch.ts";
import type { Stated } from "./posting.ts";
import { momentOf } from "./site_time.ts";

/** Terminals and channels remembered. */
const MOST = 1_000;

export class DeviceOrder {
  readonly #latest = new Map<string, { readonly lane: string; readonly seq: number; at: number }>();

  /** The sighting as it is to be judged; call it in the order of the numbers. */
  stated(sighting: PunchSighting, timeZone: string): Stated {
    const { serial, channel, lane, seq, wallTime } = sighting;
    const receivedAt = sighting.clock === "ok" ? Date.parse(sighting.receivedAt) : null;
    const name = `${serial} ${channel}`;
    const before = this.#latest.get(name);
    // A number that comes again, or after a later one, has no neighbour that is known.
    const after = before !== undefined && before.lane === lane && before.seq < seq
      ? before.at
      : null;
    const { at } = momentOf({ wallTime, timeZone, receivedAt, after });
    if (this.#latest.size >= MOST) this.#latest.clear();
    if (before === undefined || before.lane !== lane || before.seq < seq) {
      this.#latest.set(name, { lane, seq, at });
    }
    return { ...sighting, receivedAt, after, decision: "" };
  }
}
