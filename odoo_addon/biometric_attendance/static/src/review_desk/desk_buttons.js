// generated from owl_src/review_desk/desk_buttons.ts, do not edit
import { countText, sentenceText } from "../format";
import {
  allDays,
  BASKETS,
  countBaskets,
  countKinds,
  weeksOf
} from "./desk_data";
import { basketHelp, basketLabel, kindText, shortDate } from "./words";
function basketButtons(days, filter, locale) {
  const counts = countBaskets(days);
  return BASKETS.map((basket) => ({
    basket,
    label: basketLabel(basket),
    help: basketHelp(basket),
    count: countText(counts[basket], locale),
    pressed: filter.basket === basket
  }));
}
function kindButtons(desk, { basket, kind }, locale) {
  const within = allDays(desk).filter((day) => basket === null || day.basket === basket);
  return countKinds(within).map(([code, count]) => ({
    code,
    label: sentenceText(kindText(code, desk.kinds), locale),
    count: countText(count, locale),
    pressed: kind === code
  }));
}
function weekButtons(desk, chosen, locale) {
  return weeksOf(desk).map((monday) => ({
    monday,
    label: shortDate(monday, locale),
    pressed: monday === chosen
  }));
}
export {
  basketButtons,
  kindButtons,
  weekButtons
};
