// generated from owl_src/my_time/my_time.ts, do not edit
import { Component, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CtoPanel } from "../cto_panel/cto_panel";
import { formatMinutes, usableLocale } from "../format";
import { failureText } from "../review_desk/words";
import { OwnQuestions } from "./own_questions";
import { OwnSwaps } from "./own_swaps";
import { registerCsv } from "./register";
const WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
class MyTime extends Component {
  static template = "biometric_attendance.MyTime";
  static components = { CtoPanel, Layout, OwnQuestions, OwnSwaps };
  static props = { ...standardActionServiceProps };
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.state = useState({
      month: null,
      failure: null,
      said: "",
      busy: false,
      openDay: null,
      draft: null,
      dispute: null,
      account: false
    });
    onMounted(() => this.load(null));
  }
  async load(on) {
    await this.guarded(async () => {
      this.state.month = await this.orm.call("biometric.my.time", "open_month", [on]);
      Object.assign(this.state, { draft: null, dispute: null });
    });
  }
  async guarded(run) {
    this.state.busy = true;
    this.state.failure = null;
    try {
      await run();
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.busy = false;
    }
  }
  /** Tells Odoo something about a day, says that it was told, and reads the month again. */
  async tell(method, args, said) {
    if (this.state.busy) return;
    await this.guarded(async () => {
      await this.orm.call("biometric.my.time", method, args);
      const on = this.state.month?.month ?? null;
      this.state.month = await this.orm.call("biometric.my.time", "open_month", [on]);
      Object.assign(this.state, { draft: null, dispute: null, said });
    });
  }
  // What the template reads --------------------------------------------------------------------------
  minutes(value) {
    return formatMinutes(value);
  }
  get sums() {
    return Object.entries(this.state.month?.sums ?? {}).map(([label, value]) => ({ label, value: formatMinutes(value) }));
  }
  /** Whether something about the day waits for somebody already. */
  isAsked(day) {
    return day.changes.some((one) => one.state === "submitted");
  }
  isStruck(one) {
    return one.state === "reversed" || one.state === "rejected";
  }
  forgotText(day) {
    return day.lacks === "in" ? _t("I forgot to punch in") : _t("I forgot to punch out");
  }
  guessText(day) {
    const { proposal } = day;
    if (!proposal?.time) return "";
    const values = { time: proposal.time, percent: proposal.percent };
    return proposal.direction === "in" ? _t("Came about %(time)s? (%(percent)s %)", values) : _t("Left about %(time)s? (%(percent)s %)", values);
  }
  // What a person does -------------------------------------------------------------------------------
  toggle(day) {
    this.state.openDay = this.state.openDay === day.id ? null : day.id;
  }
  /** Opens the form of a forgotten punch with the likeliest time in it, to be read and sent. */
  begin(day) {
    const { proposal } = day;
    this.state.draft = {
      dayId: day.id,
      direction: proposal?.direction || day.lacks,
      clock: proposal?.clock || "",
      nextDay: proposal?.next_day ?? false,
      reasonId: null,
      text: this.forgotText(day)
    };
    this.state.said = "";
  }
  onClock(event) {
    if (this.state.draft) this.state.draft.clock = event.target.value;
  }
  onText(event) {
    if (this.state.draft) this.state.draft.text = event.target.value;
  }
  onNextDay(event) {
    if (this.state.draft) this.state.draft.nextDay = event.target.checked;
  }
  onReason(event) {
    if (!this.state.draft) return;
    this.state.draft.reasonId = Number(event.target.value) || null;
  }
  forget() {
    Object.assign(this.state, { draft: null, dispute: null });
  }
  send() {
    const { draft } = this.state;
    if (!draft) return;
    const asked = {
      kind: "add_punch",
      clock: draft.clock,
      next_day: draft.nextDay,
      direction: draft.direction,
      reason_id: draft.reasonId ?? false,
      reason_text: draft.text
    };
    this.tell(
      "ask",
      [draft.dayId, asked],
      _t("Sent. Nothing changes until someone approves it.")
    );
  }
  withdraw(one) {
    this.tell("say", [one.id, "withdraw"], _t("Withdrawn."));
  }
  agree(one) {
    this.tell("say", [one.id, "agree"], _t("Your consent was recorded."));
  }
  beginDispute(one) {
    this.state.dispute = { id: one.id, text: "" };
  }
  onDispute(event) {
    if (this.state.dispute) this.state.dispute.text = event.target.value;
  }
  sendDispute() {
    const { dispute } = this.state;
    if (!dispute) return;
    const said = _t("Your comment was sent to the person who decides.");
    this.tell("say", [dispute.id, "dispute", dispute.text], said);
  }
  certify(record) {
    const on = this.state.month?.month ?? null;
    this.tell(
      "certify",
      [record.id, on],
      _t("Certified. You will be asked again if a day changes.")
    );
  }
  openRecord(record) {
    this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.month.record",
      res_id: record.id,
      views: [[false, "form"]]
    });
  }
  /** For what was asked, for consent and for swaps: told like anything about a day. */
  get teller() {
    return (method, args, said) => {
      void this.tell(method, args, said);
    };
  }
  /** Shows the time accounts under the month's sums, or puts them away; read when they are opened. */
  toggleAccount() {
    this.state.account = !this.state.account;
  }
  download() {
    const { month } = this.state;
    if (!month) return;
    const heads = [
      _t("Date"),
      _t("Status"),
      _t("In"),
      _t("Out"),
      _t("Worked (min)"),
      _t("Overtime (min)"),
      _t("Late (min)"),
      _t("Exceptions")
    ];
    const file = new Blob([registerCsv(heads, month.days)], { type: "text/csv;charset=utf-8" });
    this.keep(file, `${month.month.slice(0, 7)}.csv`);
  }
  /** The same days as a workbook, which a spreadsheet opens by itself. */
  async downloadSheet() {
    const { month } = this.state;
    if (!month || this.state.busy) return;
    await this.guarded(async () => {
      const text = await this.orm.call("biometric.my.time", "get_sheet", [month.month]);
      const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
      this.keep(new Blob([bytes], { type: WORKBOOK }), `${month.month.slice(0, 7)}.xlsx`);
    });
  }
  keep(file, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    browser.setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
  }
}
registry.category("actions").add("biometric_attendance.my_time", MyTime);
export {
  MyTime
};
