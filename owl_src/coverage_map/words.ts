/**
 * The words of the coverage map, in the user's language.
 *
 * Functions, not constants: a term is looked up when it is shown. Must not know the layout.
 */
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format.ts";
import type { Cell, State } from "./coverage_data.ts";

export function stateLabel(state: State): string {
  const labels: Readonly<Record<State, () => string>> = {
    complete: () => _t("Complete"),
    partial: () => _t("Incomplete"),
    unknown: () => _t("Unknown"),
  };
  return labels[state]();
}

export function stateHelp(state: State): string {
  const helps: Readonly<Record<State, () => string>> = {
    complete: () => _t("Everything recorded is confirmed to be in Odoo."),
    partial: () => _t("A window of the day is not confirmed complete: something may be missing."),
    unknown: () =>
      _t(
        "Not confirmed yet, because there was no contact with or read of the terminal since then.",
      ),
  };
  return helps[state]();
}

/** "Incomplete, 1:30 h not proven" */
export function cellText(cell: Cell): string {
  if (!cell) return _t("not in service");
  const [state, minutes, accepted] = cell;
  if (state === "partial") {
    return _t("Incomplete, %s h not confirmed", formatMinutes(minutes));
  }
  if (state === "complete" && accepted > 0) return _t("Complete, with an accepted window");
  return stateLabel(state);
}
