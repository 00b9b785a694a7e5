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
    at_work: () => _t("Checked in and not checked out, according to the terminals."),
    not_here: () => _t("Their shift has started and they have not punched yet."),
    late: () => _t("Arrived later today than their shift starts. Some of them may have left again."),
    absent: () => _t("Their shift is over, every terminal has reported everything, and they did not come."),
    on_leave: () => _t("On leave for the whole day."),
    out: () => _t("Arrived today and punched out again: gone home, or on a break."),
    expected: () => _t("Their shift starts later today."),
    off: () => _t("Rest day or public holiday."),
    unknown: () => _t("No fixed start time, or a terminal has not reported everything yet.")
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
