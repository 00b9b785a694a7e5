/**
 * The rows of buttons above the days: baskets, kinds, weeks, each with its count and whether it is
 * pressed.
 *
 * Owns what stands on them. Which one is chosen is the desk's.
 */
import { countText, sentenceText } from "../format.ts";
import {
  allDays,
  BASKETS,
  countBaskets,
  countKinds,
  type DayCell,
  type Desk,
  type Filter,
  weeksOf,
} from "./desk_data.ts";
import { basketHelp, basketLabel, kindText, shortDate } from "./words.ts";

export function basketButtons(days: readonly DayCell[], filter: Filter, locale: string) {
  const counts = countBaskets(days);
  return BASKETS.map((basket) => ({
    basket,
    label: basketLabel(basket),
    help: basketHelp(basket),
    count: countText(counts[basket], locale),
    pressed: filter.basket === basket,
  }));
}

/** Kinds of the days of the chosen basket, or of all. */
export function kindButtons(desk: Desk, { basket, kind }: Filter, locale: string) {
  const within = allDays(desk).filter((day) => basket === null || day.basket === basket);
  return countKinds(within).map(([code, count]) => ({
    code,
    label: sentenceText(kindText(code, desk.kinds), locale),
    count: countText(count, locale),
    pressed: kind === code,
  }));
}

export function weekButtons(desk: Desk, chosen: string, locale: string) {
  return weeksOf(desk).map((monday) => ({
    monday,
    label: shortDate(monday, locale),
    pressed: monday === chosen,
  }));
}
