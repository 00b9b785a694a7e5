/**
 * The words of the screen Today, in the user's language.
 *
 * Owns what states, ages and charts are called. Functions, not constants: a term is looked up when it
 * is shown. Must not know the layout.
 */
import { _t } from "@web/core/l10n/translation";
import type { Age, State } from "./today_data.ts";

export function stateLabel(state: State): string {
  const labels: Readonly<Record<State, () => string>> = {
    at_work: () => _t("At work"),
    not_here: () => _t("Not yet here"),
    late: () => _t("Late"),
    absent: () => _t("Absent"),
    on_leave: () => _t("On leave"),
    out: () => _t("Punched out"),
    expected: () => _t("Expected later"),
    off: () => _t("Day off"),
    unknown: () => _t("Not known yet"),
  };
  return labels[state]();
}

export function stateHelp(state: State): string {
  const helps: Readonly<Record<State, () => string>> = {
    at_work: () => _t("Checked in and not checked out, according to the terminals."),
    not_here: () => _t("Their shift has started and they have not punched yet."),
    late: () =>
      _t("Arrived later today than their shift starts. Some of them may have left again."),
    absent: () =>
      _t("Their shift is over, every terminal has reported everything, and they did not come."),
    on_leave: () => _t("On leave for the whole day."),
    out: () => _t("Arrived today and punched out again: gone home, or on a break."),
    expected: () => _t("Their shift starts later today."),
    off: () => _t("Rest day or public holiday."),
    unknown: () => _t("No fixed start time, or a terminal has not reported everything yet."),
  };
  return helps[state]();
}

/** "2 to 3 days", "31 days and more" */
export function ageLabel({ from, to }: Age): string {
  if (to === null) return _t("%s days and more", from);
  if (from === 0) return _t("Since yesterday");
  return _t("%(from)s to %(to)s days", { from, to });
}
