// generated from owl_src/period_cockpit/period_cockpit.ts, do not edit
import { Component, onMounted, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { dateText, formatMinutes, usableLocale } from "../format";
import {
  isCompared,
  light,
  listed,
  mayAsk,
  mayClose,
  receiptClass
} from "./cockpit_data";
const MODEL = "biometric.period";
const TAG = "biometric_attendance.period_cockpit";
const LEAST_REASON = 10;
class PeriodCockpit extends Component {
  static template = "biometric_attendance.PeriodCockpit";
  static props = ["*"];
  state;
  orm;
  action;
  setup() {
    this.state = useState({
      data: null,
      comparison: null,
      kind: null,
      asking: false,
      reason: "",
      busy: false
    });
    this.orm = useService("orm");
    this.action = useService("action");
    onWillStart(() => this.read(this.props.action?.params?.period_id));
    onMounted(() => this.compare());
  }
  get data() {
    return this.state.data;
  }
  get period() {
    return this.data?.period || null;
  }
  get canClose() {
    return this.data !== null && mayClose(this.data, this.refusal);
  }
  get canAsk() {
    return this.data !== null && mayAsk(this.data);
  }
  /** Why the payroll program would refuse the file, once that was asked. */
  get refusal() {
    return this.state.comparison?.refusal ?? "";
  }
  get reasonIsEnough() {
    return this.state.reason.trim().length >= LEAST_REASON;
  }
  async read(id) {
    const args = id === void 0 ? [] : [id];
    this.state.data = await this.orm.call(MODEL, "get_cockpit_data", args);
  }
  /** Some seconds for a thousand people: it comes while the rest is read. */
  async compare() {
    const { period } = this;
    this.state.comparison = null;
    if (!period || !isCompared(period)) return;
    this.state.comparison = await this.orm.call(
      MODEL,
      "get_cockpit_check",
      [[period.id], this.data?.gate.open === 0]
    );
  }
  get isComparing() {
    return this.period !== null && isCompared(this.period) && this.state.comparison === null;
  }
  get blockers() {
    return this.data && listed(this.data.gate, this.state.kind);
  }
  /** One kind alone; pressed again, all. */
  filterKind(reason) {
    this.state.kind = this.state.kind === reason ? null : reason;
  }
  receipt(delivery) {
    return receiptClass(delivery);
  }
  time(minutes) {
    return formatMinutes(minutes);
  }
  day(date) {
    return dateText(date, usableLocale(user.lang), (/* @__PURE__ */ new Date()).getFullYear());
  }
  lightClass(gate) {
    return `text-bg-${light(gate, this.refusal)}`;
  }
  gateWords(gate) {
    if (gate.open > 0) return _t("Issues blocking the file: %s", gate.open);
    if (this.refusal) return _t("The file would be refused");
    if (gate.passed > 0) return _t("Issues overridden by two people: %s", gate.passed);
    return _t("Nothing blocks the file");
  }
  /** Another period takes the place of this one, so that the way back leads to it. */
  async onChoose(event) {
    const id = Number(event.target.value);
    await this.action.doAction(
      {
        type: "ir.actions.client",
        tag: TAG,
        // or the way back from the next screen leads to "Unnamed"
        name: this.props.action?.name ?? "",
        params: { period_id: id }
      },
      { stackPosition: "replaceCurrentAction" }
    );
  }
  async mend(blocker) {
    const args = [[this.period?.id], blocker.what, blocker.date, blocker.reason];
    await this.follow(await this.orm.call(MODEL, "action_mend", args));
  }
  async openFile(file) {
    await this.follow(await this.orm.call("biometric.export", "action_open", [[file.id]]));
  }
  async download() {
    await this.follow(await this.orm.call(MODEL, "action_download", [[this.period?.id]]));
  }
  async close() {
    await this.act("action_close");
  }
  async confirm() {
    await this.act("action_confirm_override");
  }
  async ask() {
    await this.act("action_ask_override", this.state.reason);
    this.state.asking = false;
  }
  /** What the act changed is read again, also where it was refused: the gate may say something new. */
  async act(method, ...args) {
    const id = this.period?.id;
    if (id === void 0 || this.state.busy) return;
    this.state.busy = true;
    try {
      await this.orm.call(MODEL, method, [[id], ...args]);
    } finally {
      this.state.busy = false;
      await this.read(id);
      await this.compare();
    }
  }
  async follow(action) {
    await this.action.doAction(action);
  }
}
registry.category("actions").add(TAG, PeriodCockpit);
export {
  PeriodCockpit
};
