/**
 * Whether the site kept the times of check-ins or put its own clock into them. Owns what was sent and not read
 * back yet: the read-back may be lost, and on the next try the site holds the punch as if all were well. Must
 * not know requests, nor what follows.
 */
import { MINUTE_MS } from "../base/duration.ts";
import type { PunchSighting } from "../base/punch.ts";
import { wallAsUtc } from "../base/wall_time.ts";
import { type HeldCheckin, type HeldPunch, isSiteClock } from "./held.ts";
import { REASONS } from "./posting.ts";

/** Keys remembered; a batch has 50. */
const MOST = 1_000;
/** All zones of today differ by whole quarters of an hour. */
const ZONE_STEP_MS = 15 * MINUTE_MS;

/** A check-in with the site's own clock, of which its punch does not say so yet. */
export interface WrongTime {
  readonly key: string;
  readonly checkin: HeldCheckin;
  /** The time that was sent; of one that was sent by an earlier process what the terminal said. */
  readonly said: string;
}

export class OwnTimes {
  readonly #sent = new Map<string, string>();

  /** `time`: as the check-in is sent, in the site's zone. */
  sending(key: string, time: string): void {
    // The oldest goes, never one of the batch that is under way.
    const [oldest] = this.#sent.size >= MOST && !this.#sent.has(key) ? this.#sent.keys() : [];
    if (oldest !== undefined) this.#sent.delete(oldest);
    this.#sent.set(key, time);
  }

  settled(punches: readonly { readonly key: string }[]): void {
    for (const { key } of punches) this.#sent.delete(key);
  }

  wrong(
    punches: readonly PunchSighting[],
    held: {
      readonly punches: ReadonlyMap<string, HeldPunch>;
      readonly checkins: ReadonlyMap<string, HeldCheckin>;
    },
  ): WrongTime[] {
    return punches.flatMap(({ key, wallTime }) => {
      const checkin = held.checkins.get(key);
      const punch = held.punches.get(key);
      if (checkin === undefined || punch === undefined) return [];
      // It goes on once it is named: a person has to correct it.
      if (punch.reason === REASONS.siteClock) return [];
      const sent = this.#sent.get(key);
      const isWrong = sent === undefined
        ? isSiteClock(checkin, wallTime) && !isOfSomeZone(checkin.time, wallTime)
        : isSiteClock(checkin, sent);
      return isWrong ? [{ key, checkin, said: sent ?? wallTime }] : [];
    });
  }
}

/**
 * Whether it can be what the terminal said, in whatever zones: those of today are no proof, since a person may
 * have set another one after it was posted. By chance one of 900 of the site's own times can, too.
 */
function isOfSomeZone(time: string, wallTime: string): boolean {
  return (wallAsUtc(time) - wallAsUtc(wallTime)) % ZONE_STEP_MS === 0;
}
