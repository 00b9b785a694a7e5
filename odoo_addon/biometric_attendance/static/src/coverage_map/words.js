// generated from owl_src/coverage_map/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format";
function stateLabel(state) {
  const labels = {
    complete: () => _t("Complete"),
    partial: () => _t("Incomplete"),
    unknown: () => _t("Unknown")
  };
  return labels[state]();
}
function stateHelp(state) {
  const helps = {
    complete: () => _t("Everything recorded is confirmed to be in Odoo."),
    partial: () => _t("A window of the day is not confirmed complete: something may be missing."),
    unknown: () => _t(
      "Not confirmed yet, because there was no contact with or read of the terminal since then."
    )
  };
  return helps[state]();
}
function cellText(cell) {
  if (!cell) return _t("not in service");
  const [state, minutes, accepted] = cell;
  if (state === "partial") {
    return _t("Incomplete, %s h not confirmed", formatMinutes(minutes));
  }
  if (state === "complete" && accepted > 0) return _t("Complete, with an accepted window");
  return stateLabel(state);
}
export {
  cellText,
  stateHelp,
  stateLabel
};
