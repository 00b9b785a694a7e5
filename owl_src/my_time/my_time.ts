/**
 * My time: one's own month, to read and to speak up about, on a phone first.
 *
 * Owns which month is shown, what is being typed and when Odoo is asked (one reading a month). Must not
 * know what a request does: Odoo says what may be asked and what became of it.
 */
import { Component, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { type Services, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CtoPanel } from "../cto_panel/cto_panel.ts";
import { formatMinutes, usableLocale } from "../format.ts";
import { failureText } from "../review_desk/words.ts";
import { type Consent, OwnQuestions, type Question } from "./own_questions.ts";
import { OwnSwaps, type Swaps } from "./own_swaps.ts";
import { registerCsv, type RegisterDay } from "./register.ts";

/** How a browser knows a workbook. */
const WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

interface Change {
  readonly id: number;
  readonly change: string;
  readonly state: string;
  readonly state_text: string;
  readonly by: string;
  readonly decided_by: string;
  readonly why: string;
  readonly before: string;
  readonly after: string;
  readonly waits: string;
  readonly mine: boolean;
  readonly may_answer: boolean;
  readonly until: string;
  readonly answer: string;
}

/** A monthly record of one's own; id 0: none was prepared yet. */
interface MonthRecord {
  readonly id: number;
  readonly label: string;
  readonly state: string;
  readonly state_text: string;
  readonly changed: string;
  readonly may_certify: boolean;
}

interface OwnDay extends RegisterDay {
  readonly id: number;
  readonly date_text: string;
  readonly incomplete: boolean;
  readonly lacks: "in" | "out";
  readonly waiting: string;
  readonly approved: boolean;
  readonly disputed: boolean;
  readonly proposal: null | {
    /** 24 hours, as an input of a time takes it. */
    readonly clock: string | false;
    /** The same as the language writes it. */
    readonly time: string | false;
    readonly next_day: boolean;
    readonly direction: "in" | "out" | false;
    readonly percent: number;
    readonly reasons: readonly string[];
  };
  readonly punches: readonly { id: number; time: string; where: string; key: string }[];
  readonly sentences: readonly string[];
  readonly changes: readonly Change[];
}

interface Month {
  readonly employee: string;
  readonly month: string;
  readonly label: string;
  readonly previous: string;
  readonly next: string;
  readonly sums: Readonly<Record<string, number>>;
  readonly leave: readonly { name: string; left: string }[];
  readonly records: readonly MonthRecord[];
  readonly reasons: readonly { id: number; name: string }[];
  readonly questions: readonly Question[];
  readonly consent: Consent | null;
  readonly swaps: Swaps;
  readonly days: readonly OwnDay[];
}

interface Draft {
  readonly dayId: number;
  direction: "in" | "out";
  clock: string;
  nextDay: boolean;
  reasonId: number | null;
  text: string;
}

interface MyTimeState {
  month: Month | null;
  failure: string | null;
  said: string;
  busy: boolean;
  openDay: number | null;
  draft: Draft | null;
  /** The change that is being disputed, and the words for it. */
  dispute: { id: number; text: string } | null;
  /** Whether the time accounts are shown. */
  account: boolean;
}

export class MyTime extends Component {
  static override template = "biometric_attendance.MyTime";
  static components = { CtoPanel, Layout, OwnQuestions, OwnSwaps };
  static override props = { ...standardActionServiceProps };

  declare state: MyTimeState;
  declare locale: string;
  declare private orm: Services["orm"];
  declare private action: Services["action"];

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    this.state = useState<MyTimeState>({
      month: null,
      failure: null,
      said: "",
      busy: false,
      openDay: null,
      draft: null,
      dispute: null,
      account: false,
    });
    onMounted(() => this.load(null));
  }

  async load(on: string | null): Promise<void> {
    await this.guarded(async () => {
      this.state.month = await this.orm.call("biometric.my.time", "open_month", [on]) as Month;
      Object.assign(this.state, { draft: null, dispute: null });
    });
  }

  private async guarded(run: () => Promise<void>): Promise<void> {
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
  private async tell(method: string, args: readonly unknown[], said: string): Promise<void> {
    if (this.state.busy) return;
    await this.guarded(async () => {
      await this.orm.call("biometric.my.time", method, args);
      const on = this.state.month?.month ?? null;
      this.state.month = await this.orm.call("biometric.my.time", "open_month", [on]) as Month;
      Object.assign(this.state, { draft: null, dispute: null, said });
    });
  }

  // What the template reads --------------------------------------------------------------------------

  minutes(value: number): string {
    return formatMinutes(value);
  }

  get sums(): { label: string; value: string }[] {
    return Object.entries(this.state.month?.sums ?? {})
      .map(([label, value]) => ({ label, value: formatMinutes(value) }));
  }

  /** Whether something about the day waits for somebody already. */
  isAsked(day: OwnDay): boolean {
    return day.changes.some((one) => one.state === "submitted");
  }

  isStruck(one: Change): boolean {
    return one.state === "reversed" || one.state === "rejected";
  }

  forgotText(day: OwnDay): string {
    return day.lacks === "in" ? _t("I forgot to punch in") : _t("I forgot to punch out");
  }

  guessText(day: OwnDay): string {
    const { proposal } = day;
    if (!proposal?.time) return "";
    const values = { time: proposal.time, percent: proposal.percent };
    return proposal.direction === "in"
      ? _t("Came about %(time)s? (%(percent)s %)", values)
      : _t("Left about %(time)s? (%(percent)s %)", values);
  }

  // What a person does -------------------------------------------------------------------------------

  toggle(day: OwnDay): void {
    this.state.openDay = this.state.openDay === day.id ? null : day.id;
  }

  /** Opens the form of a forgotten punch with the likeliest time in it, to be read and sent. */
  begin(day: OwnDay): void {
    const { proposal } = day;
    this.state.draft = {
      dayId: day.id,
      direction: proposal?.direction || day.lacks,
      clock: proposal?.clock || "",
      nextDay: proposal?.next_day ?? false,
      reasonId: null,
      text: this.forgotText(day),
    };
    this.state.said = "";
  }

  onClock(event: InputEvent): void {
    if (this.state.draft) this.state.draft.clock = (event.target as HTMLInputElement).value;
  }

  onText(event: InputEvent): void {
    if (this.state.draft) this.state.draft.text = (event.target as HTMLInputElement).value;
  }

  onNextDay(event: Event): void {
    if (this.state.draft) this.state.draft.nextDay = (event.target as HTMLInputElement).checked;
  }

  onReason(event: Event): void {
    if (!this.state.draft) return;
    this.state.draft.reasonId = Number((event.target as HTMLSelectElement).value) || null;
  }

  forget(): void {
    Object.assign(this.state, { draft: null, dispute: null });
  }

  send(): void {
    const { draft } = this.state;
    if (!draft) return;
    const asked = {
      kind: "add_punch",
      clock: draft.clock,
      next_day: draft.nextDay,
      direction: draft.direction,
      reason_id: draft.reasonId ?? false,
      reason_text: draft.text,
    };
    this.tell(
      "ask",
      [draft.dayId, asked],
      _t("Sent. Nothing changes until someone approves it."),
    );
  }

  withdraw(one: Change): void {
    this.tell("say", [one.id, "withdraw"], _t("Withdrawn."));
  }

  agree(one: Change): void {
    this.tell("say", [one.id, "agree"], _t("Your consent was recorded."));
  }

  beginDispute(one: Change): void {
    this.state.dispute = { id: one.id, text: "" };
  }

  onDispute(event: InputEvent): void {
    if (this.state.dispute) this.state.dispute.text = (event.target as HTMLInputElement).value;
  }

  sendDispute(): void {
    const { dispute } = this.state;
    if (!dispute) return;
    const said = _t("Your comment was sent to the person who decides.");
    this.tell("say", [dispute.id, "dispute", dispute.text], said);
  }

  certify(record: MonthRecord): void {
    const on = this.state.month?.month ?? null;
    this.tell(
      "certify",
      [record.id, on],
      _t("Certified. You will be asked again if a day changes."),
    );
  }

  openRecord(record: MonthRecord): void {
    this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.month.record",
      res_id: record.id,
      views: [[false, "form"]],
    });
  }

  /** For what was asked, for consent and for swaps: told like anything about a day. */
  get teller() {
    return (method: string, args: readonly unknown[], said: string) => {
      void this.tell(method, args, said);
    };
  }

  /** Shows the time accounts under the month's sums, or puts them away; read when they are opened. */
  toggleAccount(): void {
    this.state.account = !this.state.account;
  }

  download(): void {
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
      _t("Exceptions"),
    ];
    const file = new Blob([registerCsv(heads, month.days)], { type: "text/csv;charset=utf-8" });
    this.keep(file, `${month.month.slice(0, 7)}.csv`);
  }

  /** The same days as a workbook, which a spreadsheet opens by itself. */
  async downloadSheet(): Promise<void> {
    const { month } = this.state;
    if (!month || this.state.busy) return;
    await this.guarded(async () => {
      const text = await this.orm.call("biometric.my.time", "get_sheet", [month.month]) as string;
      const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
      this.keep(new Blob([bytes], { type: WORKBOOK }), `${month.month.slice(0, 7)}.xlsx`);
    });
  }

  private keep(file: Blob, name: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    // The browser has taken the file up by then.
    browser.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

registry.category("actions").add("biometric_attendance.my_time", MyTime);
