/**
 * The red banner over the whole web client while the verifier's findings are not explained.
 *
 * Owns nothing but when to read and what stands there. It has no way to be closed: it goes when Odoo
 * says that every finding is explained, and a reading that fails leaves it as it was. Whoever has no
 * part in attendance asks Odoo once for his group and never again. Must not know what was found.
 */
import { Component, useState } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useKeptRead } from "../kept_read.ts";
import { parseInstant } from "../format.ts";

const BUS_TYPE = "biometric_attendance/finding";
const READERS = ["approver", "hr_officer", "payroll_officer", "administrator", "auditor"];
const FINDINGS = "biometric_attendance.biometric_audit_finding_action";
/** A verification tells what it found piece by piece; one reading shows them together. */
const TIMES = { delayMs: 400, gapMs: 5_000, beatMs: 300_000 };

interface Banner {
  readonly open: number;
  /** Instant of the oldest finding that nobody explained, or null. */
  readonly since_at: string | null;
  /** Whether the reader may open the findings. */
  readonly may_open: boolean;
  /** Instant since which no verification ended, where that is too long ago, or null. */
  readonly unverified_since: string | null;
}

export class AuditBanner extends Component {
  static override template = "biometric_attendance.AuditBanner";
  static override props = {};

  private banner!: {
    open: number;
    sinceAt: string | null;
    mayOpen: boolean;
    unverifiedSince: string | null;
  };
  private orm!: ReturnType<typeof useService<"orm">>;
  private action!: ReturnType<typeof useService<"action">>;

  override setup(): void {
    this.banner = useState({ open: 0, sinceAt: null, mayOpen: false, unverifiedSince: null });
    this.orm = useService("orm");
    this.action = useService("action");
    useKeptRead({
      readers: READERS,
      busType: BUS_TYPE,
      times: TIMES,
      read: () => this.read(),
    });
  }

  get headline(): string {
    const { open } = this.banner;
    return open === 1
      ? _t("The attendance records have been altered: 1 finding is not explained.")
      : _t("The attendance records have been altered: %s findings are not explained.", open);
  }

  get since(): string {
    const ms = parseInstant(this.banner.sinceAt);
    return ms === null ? "" : _t("Since %s.", formatDateTime(luxon.DateTime.fromMillis(ms)));
  }

  get unverified(): string {
    const ms = parseInstant(this.banner.unverifiedSince);
    if (ms === null) return "";
    const since = formatDateTime(luxon.DateTime.fromMillis(ms));
    return _t(
      "The attendance records were not verified since %s. Check that the scheduled actions “Biometric: …” are active.",
      since,
    );
  }

  open(): void {
    void this.action.doAction(FINDINGS);
  }

  /** What cannot be read now stays as it was: a red that went out with the network would lie. */
  private async read(): Promise<void> {
    const answer = await this.orm.silent.call("biometric.audit.finding", "get_banner") as Banner;
    this.banner.open = answer.open;
    this.banner.sinceAt = answer.since_at;
    this.banner.mayOpen = answer.may_open;
    this.banner.unverifiedSince = answer.unverified_since;
  }
}

registry.category("main_components").add("biometric_attendance.AuditBanner", {
  Component: AuditBanner,
});
