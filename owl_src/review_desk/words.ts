/**
 * The words of the review desk, in the user's language.
 *
 * Owns labels of baskets, of a proposal and of a sum. Functions, not constants: a term is looked up
 * when it is shown. Must not know the layout.
 */
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { countText, dateText, formatMinutes } from "../format.ts";
import { type Basket, type DayCell, DeskShapeError, type Proposal } from "./desk_data.ts";

export function basketLabel(basket: Basket): string {
  const labels: Readonly<Record<Basket, () => string>> = {
    must_fix: () => _t("Must fix"),
    look_at: () => _t("To review"),
    pending: () => _t("Pending"),
    clean: () => _t("Clean"),
  };
  return labels[basket]();
}

export function basketHelp(basket: Basket): string {
  const helps: Readonly<Record<Basket, () => string>> = {
    must_fix: () => _t("Blocks payroll until someone resolves it."),
    look_at: () => _t("Does not block payroll, but needs a look."),
    pending: () => _t("Not over, or a terminal has not reported everything yet."),
    clean: () => _t("No exceptions and no open requests."),
  };
  return helps[basket]();
}

/** "Out at 17:02 (93 %)" */
export function proposalText(proposal: Proposal): string {
  const time = proposal.nextDay ? _t("%s next day", proposal.time) : proposal.time;
  const values = { time, percent: proposal.percent };
  return proposal.direction === "in"
    ? _t("In at %(time)s (%(percent)s %)", values)
    : _t("Out at %(time)s (%(percent)s %)", values);
}

/** "Mon, Mar 2" in the reader's language. */
export function shortDate(date: string, locale: string): string {
  return dateText(date, locale, new Date().getFullYear(), true);
}

export interface CleanSum {
  readonly days: number;
  readonly people: number;
  readonly worked_minutes: number;
  readonly overtime_minutes: number;
  readonly left_out: Readonly<Record<string, number>>;
}

/** "Days: 412, people: 38, 3296:00 h, 41:00 h overtime" */
export function sumText(sum: CleanSum, locale: string): string {
  return _t("Days: %(days)s, people: %(people)s, %(worked)s h, %(overtime)s h overtime", {
    days: countText(sum.days, locale),
    people: countText(sum.people, locale),
    worked: formatMinutes(sum.worked_minutes),
    overtime: formatMinutes(sum.overtime_minutes),
  });
}

/** How many days the sum leaves out; empty for none. */
export function leftOutText(sum: CleanSum, locale: string): string {
  const left = Object.values(sum.left_out).reduce((all, n) => all + n, 0);
  return left ? _t("Days left out: %s.", countText(left, locale)) : "";
}

/** A kind in the words Odoo gave; one without words is shown as written, not hidden. */
export function kindText(code: string, kinds: Readonly<Record<string, string>>): string {
  return kinds[code] ?? code.replaceAll("_", " ");
}

/** What is odd about a day. */
export function oddText(day: DayCell, kinds: Readonly<Record<string, string>>): string {
  return day.kinds.map((kind) => kindText(kind, kinds)).join(", ");
}

/** What a day of the grid says to whoever cannot see its colour. */
export function cellText(
  day: DayCell,
  kinds: Readonly<Record<string, string>>,
  locale: string,
): string {
  const odd = day.kinds.map((kind) => kindText(kind, kinds));
  const state = day.approved ? _t("Approved") : basketLabel(day.basket);
  const parts = [day.person, shortDate(day.date, locale), state, formatMinutes(day.worked), ...odd];
  return parts.join(", ");
}

/** Why something did not work, in a sentence a user can act on. */
export function failureText(error: unknown): string {
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
