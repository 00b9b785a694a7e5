// generated from owl_src/registry_map/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
function workText(row, count) {
  if (row.punches === 0) return _t("no punch yet");
  if (row.punches === 1) return _t("1 punch on %s", row.first);
  const values = { punches: count(row.punches), first: row.first, last: row.last };
  if (row.days === 1) return _t("%(punches)s punches on %(first)s", values);
  return _t("%(punches)s punches from %(first)s to %(last)s", values);
}
function fitLabel(row, fit) {
  return _t("PIN %(pin)s: %(name)s %(percent)s %(reasons)s", {
    pin: row.pin,
    name: fit.name,
    percent: `${fit.percent} %`,
    reasons: fit.reasons
  });
}
export {
  fitLabel,
  workText
};
