// generated from owl_src/review_desk/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { countText, dateText, formatMinutes } from "../format";
import { DeskShapeError } from "./desk_data";
function basketLabel(basket) {
  const labels = {
    must_fix: () => _t("Must fix"),
    look_at: () => _t("To review"),
    pending: () => _t("Pending"),
    clean: () => _t("Clean")
  };
  return labels[basket]();
}
function basketHelp(basket) {
  const helps = {
    must_fix: () => _t("Blocks payroll until someone resolves it."),
    look_at: () => _t("Does not block payroll, but needs a look."),
    pending: () => _t("Not over, or a terminal has not reported everything yet."),
    clean: () => _t("No exceptions and no open requests.")
  };
  return helps[basket]();
}
function proposalText(proposal) {
  const time = proposal.nextDay ? _t("%s next day", proposal.time) : proposal.time;
  const values = { time, percent: proposal.percent };
  return proposal.direction === "in" ? _t("In at %(time)s (%(percent)s %)", values) : _t("Out at %(time)s (%(percent)s %)", values);
}
function shortDate(date, locale) {
  return dateText(date, locale, (/* @__PURE__ */ new Date()).getFullYear(), true);
}
function sumText(sum, locale) {
  return _t("Days: %(days)s, people: %(people)s, %(worked)s h, %(overtime)s h overtime", {
    days: countText(sum.days, locale),
    people: countText(sum.people, locale),
    worked: formatMinutes(sum.worked_minutes),
    overtime: formatMinutes(sum.overtime_minutes)
  });
}
function leftOutText(sum, locale) {
  const left = Object.values(sum.left_out).reduce((all, n) => all + n, 0);
  return left ? _t("Days left out: %s.", countText(left, locale)) : "";
}
function kindText(code, kinds) {
  return kinds[code] ?? code.replaceAll("_", " ");
}
function oddText(day, kinds) {
  return day.kinds.map((kind) => kindText(kind, kinds)).join(", ");
}
function cellText(day, kinds, locale) {
  const odd = day.kinds.map((kind) => kindText(kind, kinds));
  const state = day.approved ? _t("Approved") : basketLabel(day.basket);
  const parts = [day.person, shortDate(day.date, locale), state, formatMinutes(day.worked), ...odd];
  return parts.join(", ");
}
function failureText(error) {
  if (error instanceof ConnectionLostError) {
    return _t("Odoo cannot be reached. Check the network connection.");
  }
  if (error instanceof RPCError) {
    return error.data?.message || error.message || _t("Odoo refused to answer.");
  }
  if (error instanceof DeskShapeError) {
    return _t("Odoo's answer could not be read (%s). Reload the page.", error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  return _t("This did not work: %s. Reload the page.", message);
}
export {
  basketHelp,
  basketLabel,
  cellText,
  failureText,
  kindText,
  leftOutText,
  oddText,
  proposalText,
  shortDate,
  sumText
};
