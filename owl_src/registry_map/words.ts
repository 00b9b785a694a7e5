/**
 * The words of a PIN and of whom it fits, in the user's language.
 *
 * Functions, not constants: a term is looked up when it is shown. Must not know the layout.
 */
import { _t } from "@web/core/l10n/translation";
import type { Fit, PinRow } from "./registry_data.ts";

/** What waits for a mapping: "12 punches from Mar 2 to Mar 9". */
export function workText(row: PinRow, count: (number: number) => string): string {
  if (row.punches === 0) return _t("no punch yet");
  if (row.punches === 1) return _t("1 punch on %s", row.first);
  const values = { punches: count(row.punches), first: row.first, last: row.last };
  if (row.days === 1) return _t("%(punches)s punches on %(first)s", values);
  return _t("%(punches)s punches from %(first)s to %(last)s", values);
}

/** Of a button that chooses somebody, for who cannot see it. */
export function fitLabel(row: PinRow, fit: Fit): string {
  return _t("PIN %(pin)s: %(name)s %(percent)s %(reasons)s", {
    pin: row.pin,
    name: fit.name,
    percent: `${fit.percent} %`,
    reasons: fit.reasons,
  });
}
