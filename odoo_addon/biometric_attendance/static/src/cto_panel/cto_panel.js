// generated from owl_src/cto_panel/cto_panel.ts, do not edit
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { dateText, formatMinutes, usableLocale } from "../format";
import {
  bars,
  nextLoss
} from "./panel_data";
const MODEL = "biometric.cto.account";
const ENTRY = "biometric.cto.entry";
const BANDS = {
  green: "text-bg-success",
  yellow: "text-bg-warning",
  red: "text-bg-danger"
};
class CtoPanel extends Component {
  static template = "biometric_attendance.CtoPanel";
  static props = ["*"];
  state;
  orm;
  action;
  setup() {
    this.state = useState({ data: null, forecast: null });
    this.orm = useService("orm");
    this.action = useService("action");
    this.locale = usableLocale(user.lang);
    onWillStart(() => this.read(this.props));
    onWillUpdateProps((props) => {
      if (props.record?.resId !== this.props.record?.resId) return this.read(props);
      return void 0;
    });
  }
  get data() {
    return this.state.data;
  }
  async read(props) {
    const { record } = props;
    this.state.forecast = null;
    if (record && !record.resId) {
      this.state.data = null;
      return;
    }
    const of = record ? [record.resId] : [];
    this.state.data = await this.orm.call(MODEL, "get_panel_data", of);
  }
  /** A day that was typed: what will be there then, under planned time off and what ends. */
  async foresee(event) {
    const day = event.target.value;
    this.state.forecast = null;
    if (!day) return;
    const args = [this.data?.employee_id, day];
    const found = await this.orm.call(MODEL, "get_forecast", args);
    this.state.forecast = { day, ...found };
  }
  forecastWords({ day, balance, lost }) {
    const words = { time: this.time(balance), date: this.day(day), lost: this.time(lost) };
    if (!lost) return _t("%(time)s on %(date)s.", words);
    return _t("%(time)s on %(date)s; %(lost)s will have expired by then.", words);
  }
  title(account) {
    return account.kind === "flex" ? _t("Flex account") : _t("Compensatory time");
  }
  time(minutes) {
    return formatMinutes(minutes);
  }
  day(text) {
    const thisYear = Number((this.data?.today ?? "").slice(0, 4));
    return dateText(text, this.locale, thisYear);
  }
  chart(account) {
    return bars(account.lots, this.data?.today ?? "");
  }
  barWords(bar) {
    return bar.date ? _t("until %s", this.day(bar.date)) : _t("no end");
  }
  bandClass(account) {
    return BANDS[account.band || "green"] ?? "";
  }
  loss(account) {
    return nextLoss(account.losses);
  }
  lossWords(loss) {
    return _t("You will lose %(time)s after %(date)s (days left: %(days)s) unless you take it.", {
      time: this.time(loss.minutes),
      date: this.day(loss.date),
      days: loss.days
    });
  }
  mayAnswer(entry) {
    return Boolean(this.data?.is_own && (entry.choice === "time" || entry.choice === "pay"));
  }
  leads(entry) {
    return entry.work_date !== "" || entry.kind.startsWith("usage");
  }
  /** A request for time off of the length that would be lost. */
  async ask(loss) {
    const args = [this.data?.employee_id, loss.minutes];
    const request = await this.orm.call(MODEL, "action_request", args);
    await this.action.doAction(request);
  }
  async open(entry) {
    const action = await this.orm.call(ENTRY, "action_open_source", [[entry.id]]);
    await this.action.doAction(action);
  }
  async answer(entry) {
    const method = entry.choice === "time" ? "action_take_pay" : "action_take_time";
    await this.orm.call(ENTRY, method, [[entry.id]]);
    await this.read(this.props);
  }
  async askForPay() {
    await this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.cto.payout",
      views: [[false, "form"]],
      target: "new",
      context: { default_employee_id: this.data?.employee_id }
    });
  }
}
registry.category("view_widgets").add("biometric_cto_panel", { component: CtoPanel });
registry.category("actions").add("biometric_attendance.cto_panel", CtoPanel);
export {
  CtoPanel
};
