/**
 * What a log reaches over by its own order: the window that an export carried by hand speaks of, and the
 * holes in it. A terminal appends, so stamps that were impossible when the file came, or that are out of
 * order with most others, came from a wrong clock and bound nothing; nor does one alone at an end. Across
 * more than seven days without a record nothing is proven: nobody can tell an idle terminal from a wrong
 * clock. The addon has the same rule for the files that are uploaded there, and tests/contract/attlog.json
 * holds what both must answer. Pure.
 */
import { DAY_MS } from "../base/duration.ts";
import { wallAsUtc } from "../base/wall_time.ts";

/** Between neighbours that are further apart nothing is proven. */
const LONGEST_HOLE_MS = 7 * DAY_MS;
/** No terminal of this kind is older; clocks that are reset begin in 2000. */
const FIRST_SANE_DAY = "2010";

/** Wall times. */
interface Span {
  readonly from: string;
  readonly to: string;
}

/** `wallTimes`: by position. `latest`: a wall time that was in no zone over when the file came. */
export function reachOf(
  wallTimes: readonly string[],
  latest: string,
): Span & { readonly holes: readonly Span[] } | null {
  const sane = wallTimes.filter((at) => at >= FIRST_SANE_DAY && at <= latest);
  let kept = inOrder(sane);
  if (isHole(kept.at(-2), kept.at(-1))) kept = kept.slice(0, -1);
  if (isHole(kept[0], kept[1])) kept = kept.slice(1);
  const [from] = kept;
  const to = kept.at(-1);
  if (from === undefined || to === undefined) return null;
  const holes = kept.slice(1).map((next, place) => ({ from: kept[place]!, to: next }))
    .filter((span) => isHole(span.from, span.to));
  return { from, to, holes };
}

function isHole(one: string | undefined, next: string | undefined): boolean {
  return one !== undefined && next !== undefined &&
    wallAsUtc(next) - wallAsUtc(one) > LONGEST_HOLE_MS;
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
