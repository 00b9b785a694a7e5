// generated from owl_src/coverage_map/cell_panel.ts, do not edit
import {
  Component,
  onMounted,
  onWillUnmount,
  onWillUpdateProps,
  useRef,
  useState
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { failureText } from "../failure";
import { hasEnded } from "./coverage_data";
import { stateLabel } from "./words";
const MODEL = "biometric.coverage.map";
const BUS_TYPE = "biometric_attendance/command";
const BEAT_MS = 2e3;
class CellPanel extends Component {
  static template = "biometric_attendance.CoverageCell";
  static props = { device: Number, day: String, close: Function, changed: Function };
  label = stateLabel;
  beat;
  asking = false;
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    const bus = useService("bus_service");
    this.state = useState({ told: null, failure: null, busy: false });
    this.head = useRef("head");
    const follow = () => void this.follow();
    onMounted(() => {
      bus.subscribe(BUS_TYPE, follow);
      bus.start().catch(() => {
      });
      this.beat = browser.setInterval(follow, BEAT_MS);
      void this.read(this.props);
      this.head.el?.focus();
    });
    onWillUpdateProps((next) => {
      if (next.device !== this.props.device || next.day !== this.props.day) {
        this.state.told = null;
        void this.read(next);
      }
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, follow);
      browser.clearInterval(this.beat);
    });
  }
  get told() {
    return this.state.told;
  }
  /** An answer about a cell that is no longer shown is dropped. */
  isShown(cell) {
    return cell.device === this.props.device && cell.day === this.props.day;
  }
  async guarded(cell, run) {
    try {
      await run();
      if (this.isShown(cell)) this.state.failure = null;
    } catch (error) {
      if (this.isShown(cell)) this.state.failure = failureText(error);
    }
  }
  async read({ device, day }) {
    await this.guarded({ device, day }, async () => {
      const told = await this.orm.silent.call(MODEL, "open_cell", [device, day]);
      if (this.isShown(told)) this.state.told = told;
    });
  }
  readAgain() {
    void this.read(this.props);
  }
  /** While an order is on its way its progress is read; when one ended, everything is. */
  async follow() {
    const { told } = this.state;
    if (!told || this.asking || !told.orders.some((order) => order.is_open)) return;
    this.asking = true;
    try {
      await this.guarded(told, async () => {
        const { device, day } = told;
        const orders = await this.orm.silent.call(MODEL, "get_orders", [device, day]);
        if (this.isShown(told)) await this.takeOrders(told, orders);
      });
    } finally {
      this.asking = false;
    }
  }
  async takeOrders(told, orders) {
    this.state.told = { ...told, orders };
    if (!hasEnded(told.orders, orders)) return;
    this.props.changed();
    await this.read(told);
  }
  get stretchText() {
    const stretch = this.told?.stretch;
    return stretch ? _t("Read all %s incomplete days", stretch.days) : "";
  }
  get punchText() {
    const count = this.told?.punches ?? 0;
    return count === 1 ? _t("1 punch") : _t("%s punches", String(count));
  }
  async pull(first, last) {
    const { told } = this.state;
    if (!told || this.state.busy) return;
    this.state.busy = true;
    await this.guarded(told, async () => {
      await this.orm.call(MODEL, "pull", [told.device, first, last]);
      const orders = await this.orm.silent.call(MODEL, "get_orders", [told.device, told.day]);
      if (this.isShown(told)) this.state.told = { ...told, orders };
    });
    this.state.busy = false;
  }
  pullDay() {
    if (this.told) void this.pull(this.told.day, this.told.day);
  }
  pullStretch() {
    const stretch = this.told?.stretch;
    if (stretch) void this.pull(stretch.first, stretch.last);
  }
  open(model, id) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: model,
      res_id: id,
      views: [[false, "form"]]
    });
  }
  openPunches() {
    const { told } = this.state;
    if (!told) return;
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: told.name,
      res_model: "biometric.punch",
      views: [[false, "list"], [false, "form"]],
      domain: [["device_id", "=", told.device], ["wall_date", "=", told.day]]
    });
  }
  async accept(gap) {
    const action = await this.orm.call("biometric.gap", "action_open_accept", [[gap]]);
    await this.action.doAction(action, {
      onClose: () => {
        this.readAgain();
        this.props.changed();
      }
    });
  }
}
export {
  CellPanel
};
