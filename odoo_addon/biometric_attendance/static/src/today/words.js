// generated from owl_src/today/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
function stateLabel(state) {
  const labels = {
    at_work: () => _t("At work"),
    not_here: () => _t("Not yet here"),
    late: () => _t("Late"),
    absent: () => _t("Absent"),
    on_leave: () => _t("On leave"),
    out: () => _t("Punched out"),
    expected: () => _t("Expected later"),
    off: () => _t("Day off"),
    unknown: () => _t("Not known yet")
  };
  return labels[state]();
}
function stateHelp(state) {
  const helps = {
    at_work: () => _t("Came in and did not go out, by what the terminals have told."),
    not_here: () => _t("Their work has begun and no punch of theirs came."),
    late: () => _t("Came later today than their shift begins. Some of them may have left again."),
    absent: () => _t("Their day is over, every terminal has told everything, and nobody came."),
    on_leave: () => _t("On leave for the whole day."),
    out: () => _t("Came today and punched out again: gone home, or on a break."),
    expected: () => _t("Their work begins later today."),
    off: () => _t("Rest day or public holiday."),
    unknown: () => _t("No fixed time to come, or a terminal has not told everything yet.")
  };
  return helps[state]();
}
function ageLabel({ from, to }) {
  if (to === null) return _t("%s days and more", from);
  if (from === 0) return _t("Since yesterday");
  return _t("%(from)s to %(to)s days", { from, to });
}
export {
  ageLabel,
  stateHelp,
  stateLabel
};
