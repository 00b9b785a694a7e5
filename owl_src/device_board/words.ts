/**
 * The words of the device board, in the user's language.
 *
 * Owns every label of a status and state and the sentence for a failed reading. Must not know the
 * layout. Functions, not constants: a term is looked up when it is shown.
 */
import { _t } from "@web/core/l10n/translation";
import { formatDateTime } from "@web/core/l10n/dates";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { relativeTime } from "../format.ts";
import { BoardShapeError, type Status } from "./board_data.ts";

/** An instant for people: how long ago, the exact time in their zone, and the machine's form. */
export interface Moment {
  readonly relative: string;
  readonly exact: string;
  readonly iso: string;
}

export function moment(atMs: number | null, nowMs: number, locale: string): Moment | null {
  if (atMs === null) return null;
  return {
    relative: relativeTime(atMs, nowMs, locale),
    exact: formatDateTime(luxon.DateTime.fromMillis(atMs)),
    iso: new Date(atMs).toISOString(),
  };
}

const STATUS_LABELS: Readonly<Record<Status, () => string>> = {
  clone: () => _t("Cloned"),
  gap: () => _t("Gap"),
  dead: () => _t("Not responding"),
  storage: () => _t("Memory filling"),
  late: () => _t("Delayed"),
  clock: () => _t("Clock off"),
  waiting: () => _t("To approve"),
  ok: () => _t("Working"),
};

/** A status this build does not know is shown as the server wrote it. */
export function statusLabel(status: string): string {
  if (Object.hasOwn(STATUS_LABELS, status)) return STATUS_LABELS[status as Status]();
  return status || _t("Unknown");
}

/** What a counter means, for its tooltip and for screen readers. */
export function statusHelp(status: Status): string {
  const helps: Readonly<Record<Status, () => string>> = {
    clone: () => _t("Two machines report under one identity."),
    gap: () => _t("A time window is not confirmed complete."),
    dead: () => _t("No contact for too long."),
    storage: () => _t("The memory of the terminal or of its agent is nearly full."),
    late: () => _t("No contact for some minutes, or punches are waiting for delivery."),
    clock: () => _t("The clock of the terminal is off; its punches are waiting for a decision."),
    waiting: () => _t("A new terminal waiting for approval by an administrator."),
    ok: () => _t("Connected, nothing late, nothing missing."),
  };
  return helps[status]();
}

/** Why the board could not be read, in a sentence a user can act on. */
export function failureText(error: unknown): string {
  if (error instanceof ConnectionLostError) {
    return _t("Odoo cannot be reached. Check the network connection.");
  }
  if (error instanceof RPCError) {
    return error.data?.message || error.message || _t("Odoo refused to answer.");
  }
  if (error instanceof BoardShapeError) {
    return _t("Odoo's answer could not be read (%s). Reload the page.", error.message);
  }
  return _t("Odoo did not answer in time.");
}
