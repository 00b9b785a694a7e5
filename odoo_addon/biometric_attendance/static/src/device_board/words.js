// generated from owl_src/device_board/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
import { formatDateTime } from "@web/core/l10n/dates";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { relativeTime } from "../format";
import { BoardShapeError } from "./board_data";
function moment(atMs, nowMs, locale) {
  if (atMs === null) return null;
  return {
    relative: relativeTime(atMs, nowMs, locale),
    exact: formatDateTime(luxon.DateTime.fromMillis(atMs)),
    iso: new Date(atMs).toISOString()
  };
}
const STATUS_LABELS = {
  clone: () => _t("Cloned"),
  gap: () => _t("Gap"),
  dead: () => _t("Not responding"),
  storage: () => _t("Memory filling"),
  late: () => _t("Delayed"),
  clock: () => _t("Clock off"),
  waiting: () => _t("To approve"),
  ok: () => _t("Working")
};
function statusLabel(status) {
  if (Object.hasOwn(STATUS_LABELS, status)) return STATUS_LABELS[status]();
  return status || _t("Unknown");
}
function statusHelp(status) {
  const helps = {
    clone: () => _t("Two machines report under one identity."),
    gap: () => _t("A time window is not confirmed complete."),
    dead: () => _t("No contact for too long."),
    storage: () => _t("The memory of the terminal or of its agent is nearly full."),
    late: () => _t("No contact for some minutes, or punches are waiting for delivery."),
    clock: () => _t("The clock of the terminal is off; its punches are waiting for a decision."),
    waiting: () => _t("A new terminal waiting for approval by an administrator."),
    ok: () => _t("Connected, nothing late, nothing missing.")
  };
  return helps[status]();
}
function failureText(error) {
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
export {
  failureText,
  moment,
  statusHelp,
  statusLabel
};
