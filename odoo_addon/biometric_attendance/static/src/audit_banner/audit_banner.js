// generated from owl_src/audit_banner/audit_banner.ts, do not edit
import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Refresher } from "../device_board/refresher";
import { parseInstant } from "../format";
const BUS_TYPE = "biometric_attendance/finding";
const READERS = ["approver", "hr_officer", "payroll_officer", "administrator", "auditor"];
const FINDINGS = "biometric_attendance.biometric_audit_finding_action";
const TIMES = { delayMs: 400, gapMs: 5e3, beatMs: 3e5 };
async function isReader() {
  for (const role of READERS) {
    if (await user.hasGroup(`biometric_attendance.group_${role}`)) return true;
  }
  return false;
}
class AuditBanner extends Component {
  static template = "biometric_attendance.AuditBanner";
  static props = {};
  banner;
  orm;
  action;
  setup() {
    this.banner = useState({ open: 0, sinceAt: null, mayOpen: false, unverifiedSince: null });
    this.orm = useService("orm");
    this.action = useService("action");
    const bus = useService("bus_service");
    const refresher = new Refresher(() => this.read(), TIMES, {
      now: () => Date.now(),
      setTimeout: (run, ms) => browser.setTimeout(run, ms),
      clearTimeout: (timer) => browser.clearTimeout(timer)
    });
    const wake = () => refresher.request();
    let here = true;
    onMounted(async () => {
      if (!await isReader() || !here) return;
      bus.subscribe(BUS_TYPE, wake);
      refresher.start();
    });
    onWillUnmount(() => {
      here = false;
      bus.unsubscribe(BUS_TYPE, wake);
      refresher.stop();
    });
  }
  get headline() {
    const { open } = this.banner;
    return open === 1 ? _t("The attendance records are not as they were: 1 finding is not explained.") : _t("The attendance records are not as they were: %s findings are not explained.", open);
  }
  get since() {
    const ms = parseInstant(this.banner.sinceAt);
    return ms === null ? "" : _t("Since %s.", formatDateTime(luxon.DateTime.fromMillis(ms)));
  }
  get unverified() {
    const ms = parseInstant(this.banner.unverifiedSince);
    if (ms === null) return "";
    const since = formatDateTime(luxon.DateTime.fromMillis(ms));
    return _t(
      "The attendance records were not verified since %s. See whether the scheduled actions “Biometric: …” are on.",
      since
    );
  }
  open() {
    void this.action.doAction(FINDINGS);
  }
  /** What cannot be read now stays as it was: a red that went out with the network would lie. */
  async read() {
    let answer;
    try {
      answer = await this.orm.silent.call("biometric.audit.finding", "get_banner");
    } catch (error) {
      if (error instanceof ConnectionLostError || error instanceof RPCError) return;
      throw error;
    }
    this.banner.open = answer.open;
    this.banner.sinceAt = answer.since_at;
    this.banner.mayOpen = answer.may_open;
    this.banner.unverifiedSince = answer.unverified_since;
  }
}
registry.category("main_components").add("biometric_attendance.AuditBanner", {
  Component: AuditBanner
});
export {
  AuditBanner
};
