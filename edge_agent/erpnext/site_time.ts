/**
 * From a terminal's clock to the site's: ERPNext keeps times without a zone, in the site's own. Pure.
 * Must not know punches or check-ins.
 */
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import { wallAsUtc } from "../base/wall_time.ts";
import { instantOf, offsetMinutes, wallTimeAt } from "../base/zone.ts";

/** A live punch arrives at once; the terminal's clock may be this much ahead. */
const AHEAD_MS = 10 * MINUTE_MS;
/** Clock changes of the last decades moved by an hour at most, and half-hours in between. */
const STEPS_MS = [30, 60, 120].map((minutes) => minutes * MINUTE_MS);

export interface Moment {
  /** Epoch ms. */
  readonly at: number;
  /** The hour came twice and the order of the punches does not say which one it was. */
  readonly doubtful: boolean;
}

export interface Said {
  readonly wallTime: string;
  readonly timeZone: string;
  /** When the agent saw it first, epoch ms; null where its clock was not trusted. */
  readonly receivedAt: number | null;
  /** The instant of the punch before it from the same terminal over the same channel; null for none. */
  readonly after: number | null;
}

/**
 * The instant of what a terminal said. Of an hour that came twice: the second one where the first would lie
 * before the punch before it, the first one where the second had not come when the punch arrived; else it is
 * doubtful, and the one that is nearer to its arrival.
 */
export function momentOf({ wallTime, timeZone, receivedAt, after }: Said): Moment {
  const first = instantOf(timeZone, wallTime);
  if (wallTimeAt(timeZone, first) !== wallTime) {
    return { at: skipped(timeZone, wallTime), doubtful: false };
  }
  const second = secondOf(timeZone, wallTime, first);
  if (second === null) return { at: first, doubtful: false };
  if (after !== null && after > first && after <= second) return { at: second, doubtful: false };
  if (receivedAt !== null && receivedAt + AHEAD_MS < second) return { at: first, doubtful: false };
  const live = receivedAt !== null && receivedAt - second <= AHEAD_MS;
  return { at: live ? second : first, doubtful: true };
}

/** A time that the zone skips keeps the offset of before: that clock was not moved forward yet. */
function skipped(timeZone: string, wallTime: string): number {
  const wall = wallAsUtc(wallTime);
  return wall - offsetMinutes(timeZone, wall - DAY_MS) * MINUTE_MS;
}

function secondOf(timeZone: string, wallTime: string, first: number): number | null {
  const step = STEPS_MS.find((ms) => wallTimeAt(timeZone, first + ms) === wallTime);
  return step === undefined ? null : first + step;
}

/**
 * The same moment on the site's clock. In one and the same zone nothing is converted: what the terminal
 * showed is what the site's people read, also in an hour that is skipped or comes twice.
 */
export function siteTime(said: Said, siteZone: string): { time: string; moment: Moment } {
  const moment = momentOf(said);
  if (said.timeZone === siteZone) {
    return { time: said.wallTime, moment: { ...moment, doubtful: false } };
  }
  return { time: wallTimeAt(siteZone, moment.at), moment };
}

/** The site's text of an instant. */
export function siteTextOf(siteZone: string, at: number): string {
  return wallTimeAt(siteZone, at);
}
