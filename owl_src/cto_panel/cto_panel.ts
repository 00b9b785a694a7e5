/**
 * A person's time accounts: the balance, what ends when, and every entry with the balance after it.
 *
 * Owns words and buttons; panel_data.ts says what is drawn. One reading shows everything. On the
 * employee form it shows that person, opened from the menu the reader. Must not know how a minute
 * came about: each entry leads to its day or its time off.
 */
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { dateText, formatMinutes, usableLocale } from "../format.ts";
import {
  type Account,
  type Bar,
  bars,
  type Entry,
  type Loss,
  nextLoss,
  type PanelData,
} from "./panel_data.ts";

const MODEL = "biometric.cto.account";
const ENTRY = "biometric.cto.entry";
const BANDS: Readonly<Record<string, string>> = {
  green: "text-bg-success",
  yellow: "text-bg-warning",
  red: "text-bg-danger",
};

interface Props {
  readonly record?: { readonly resId: number | false };
}

/** What is left on a date, and what was lost by then, in minutes. */
interface Forecast {
  readonly day: string;
  readonly balance: number;
  readonly lost: number;
}

export class CtoPanel extends Component<Props> {
  static override template = "biometric_attendance.CtoPanel";
  static override props = ["*"];

  private state!: { data: PanelData | null; forecast: Forecast | null };
  private orm!: ReturnType<typeof useService<"orm">>;
  private action!: ReturnType<typeof useService<"action">>;
  declare locale: string;

  override setup(): void {
    this.state = useState({ data: null, forecast: null });
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    onWillStart(() => this.read(this.props));
    onWillUpdateProps((props: Props) => {
      if (props.record?.resId !== this.props.record?.resId) return this.read(props);
      return undefined;
    });
  }

  get data(): PanelData | null {
    return this.state.data;
  }

  private async read(props: Props): Promise<void> {
    const { record } = props;
    this.state.forecast = null;
    if (record && !record.resId) {
      this.state.data = null;
      return;
    }
    const of = record ? [record.resId] : [];
    this.state.data = await this.orm.call(MODEL, "get_panel_data", of) as PanelData;
  }

  /** A day that was typed: what will be there then, under planned time off and what ends. */
  async foresee(event: Event): Promise<void> {
    const day = (event.target as HTMLInputElement).value;
    this.state.forecast = null;
    if (!day) return;
    const args = [this.data?.employee_id, day];
    const found = await this.orm.call(MODEL, "get_forecast", args) as Omit<Forecast, "day">;
    this.state.forecast = { day, ...found };
  }

  forecastWords({ day, balance, lost }: Forecast): string {
    const words = { time: this.time(balance), date: this.day(day), lost: this.time(lost) };
    if (!lost) return _t("%(time)s on %(date)s.", words);
    return _t("%(time)s on %(date)s; %(lost)s will have expired by then.", words);
  }

  title(account: Account): string {
    return account.kind === "flex" ? _t("Flex account") : _t("Compensatory time");
  }

  time(minutes: number): string {
    return formatMinutes(minutes);
  }

  day(text: string): string {
    const thisYear = Number((this.data?.today ?? "").slice(0, 4));
    return dateText(text, this.locale, thisYear);
  }

  chart(account: Account): Bar[] {
    return bars(account.lots, this.data?.today ?? "");
  }

  barWords(bar: Bar): string {
    return bar.date ? _t("until %s", this.day(bar.date)) : _t("no end");
  }

  bandClass(account: Account): string {
    return BANDS[account.band || "green"] ?? "";
  }

  loss(account: Account): Loss | null {
    return nextLoss(account.losses);
  }

  lossWords(loss: Loss): string {
    return _t("You will lose %(time)s after %(date)s (days left: %(days)s) unless you take it.", {
      time: this.time(loss.minutes),
      date: this.day(loss.date),
      days: loss.days,
    });
  }

  mayAnswer(entry: Entry): boolean {
    return Boolean(this.data?.is_own && (entry.choice === "time" || entry.choice === "pay"));
  }

  leads(entry: Entry): boolean {
    return entry.work_date !== "" || entry.kind.startsWith("usage");
  }

  /** A request for time off of the length that would be lost. */
  async ask(loss: Loss): Promise<void> {
    const args = [this.data?.employee_id, loss.minutes];
    const request = await this.orm.call(MODEL, "action_request", args);
    await this.action.doAction(request as Record<string, unknown>);
  }

  async open(entry: Entry): Promise<void> {
    const action = await this.orm.call(ENTRY, "action_open_source", [[entry.id]]);
    await this.action.doAction(action as Record<string, unknown>);
  }

  async answer(entry: Entry): Promise<void> {
    const method = entry.choice === "time" ? "action_take_pay" : "action_take_time";
    await this.orm.call(ENTRY, method, [[entry.id]]);
    await this.read(this.props);
  }

  async askForPay(): Promise<void> {
    await this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.cto.payout",
      views: [[false, "form"]],
      target: "new",
      context: { default_employee_id: this.data?.employee_id },
    });
  }
}

registry.category("view_widgets").add("biometric_cto_panel", { component: CtoPanel });
registry.category("actions").add("biometric_attendance.cto_panel", CtoPanel);
