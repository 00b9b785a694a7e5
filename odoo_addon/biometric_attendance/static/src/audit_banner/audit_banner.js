// generated from owl_src/audit_banner/audit_banner.ts, do not edit
import { Component, useState } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useKeptRead } from "../kept_read";
import { parseInstant } from "../format";
const BUS_TYPE = "biometric_attendance/finding";
const READERS = ["approver", "hr_officer", "payroll_officer", "administrator", "auditor"];
const FINDINGS = "biometric_attendance.biometric_audit_finding_action";
const TIMES = { delayMs: 400, gapMs: 5e3, beatMs: 3e5 };
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
    useKeptRead({
      readers: READERS,
      busType: BUS_TYPE,
      times: TIMES,
      read: () => this.read()
    });
  }
  get headline() {
    const { open } = this.banner;
    return open === 1 ? _t("The attendance records have been altered: 1 finding is not explained.") : _t("The attendance records have been altered: %s findings are not explained.", open);
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
      "The attendance records were not verified since %s. Check that the scheduled actions “Biometric: …” are active.",
      since
    );
  }
  open() {
    void this.action.doAction(FINDINGS);
  }
  /** What cannot be read now stays as it was: a red that went out with the network would lie. */
  async read() {
    const answer = await this.orm.silent.call("biometric.audit.finding", "get_banner");
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
