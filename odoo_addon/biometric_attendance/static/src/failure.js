// generated from owl_src/failure.ts, do not edit
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
function failureText(error) {
  if (error instanceof ConnectionLostError) {
    return _t("Odoo cannot be reached. Check the network connection.");
  }
  if (error instanceof RPCError) {
    return error.data?.message || error.message || _t("Odoo refused to answer.");
  }
  const message = error instanceof Error ? error.message : String(error);
  return message === "deadline" ? _t("Odoo did not answer in time.") : _t("This did not work: %s. Reload the page.", message);
}
export {
  failureText
};
