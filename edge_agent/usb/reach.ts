/**
 * What a log reaches over by its own order: the window that an export carried by hand speaks of. A terminal
 * appends, so stamps that were impossible when the file came, or that are out of order with most others, came
 * from a wrong clock and bound nothing; nor does one alone far away. The addon has the same rule for the
 * files that are uploaded there. Pure.
 */
import { DAY_MS } from "../base/duration.ts";
import { wallAsUtc } from "../base/wall_time.ts";

/** A record alone at an end of a log, further than this from its neighbour, may be a wrong clock. */
const LONE_JUMP_MS = 7 * DAY_MS;
/** No terminal of this kind is older; clocks that are reset begin in 2000. */
const FIRST_SANE_DAY = "2010";

/** `wallTimes`: by position. `latest`: a wall time that was in no zone over when the file came. */
export function reachOf(
  wallTimes: readonly string[],
  latest: string,
): { readonly from: string; readonly to: string } | null {
  const sane = wallTimes.filter((at) => at >= FIRST_SANE_DAY && at <= latest);
  let kept = inOrder(sane);
  if (isLone(kept.at(-2), kept.at(-1))) kept = kept.slice(0, -1);
  if (isLone(kept[0], kept[1])) kept = kept.slice(1);
  const [from] = kept;
  const to = kept.at(-1);
  return from === undefined || to === undefined ? null : { from, to };
}

function isLone(one: string | undefined, next: string | undefined): boolean {
  return one !== undefined && next !== undefined && wallAsUtc(next) - wallAsUtc(one) > LONE_JUMP_MS;
}

/** The longest part of them that never goes back. */
function inOrder(stamps: readonly string[]): string[] {
  /** Places of the lowest ends of parts of each length, and the place before each. */
  const ends: number[] = [];
  const before: number[] = [];
  stamps.forEach((stamp, place) => {
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (stamps[ends[middle]!]! <= stamp) low = middle + 1;
      else high = middle;
    }
    before.push(low > 0 ? ends[low - 1]! : -1);
    ends[low] = place;
  });
  const found: string[] = [];
  for (let place = ends.at(-1) ?? -1; place >= 0; place = before[place]!) {
    found.push(stamps[place]!);
  }
  return found.reverse();
}
