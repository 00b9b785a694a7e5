/**
 * What stands behind one terminal's day: its gaps, its runs, and the order to read it again, live.
 *
 * Owns when it is read: at opening, after messages of the bus and at a beat while an order is on its
 * way. Must not know the map; says `changed` when an order ended.
 */
import {
  Component,
  onMounted,
  onWillUnmount,
  onWillUpdateProps,
  useRef,
  useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { type Services, useService } from "@web/core/utils/hooks";
import { failureText } from "../failure.ts";
import { type CellTold, hasEnded, type Order } from "./coverage_data.ts";
import { stateLabel } from "./words.ts";

const MODEL = "biometric.coverage.map";
const BUS_TYPE = "biometric_attendance/command";
/** Ms between two readings of an order that is on its way; its agent tells every second or so. */
const BEAT_MS = 2_000;

interface Props {
  readonly device: number;
  readonly day: string;
  readonly close: () => void;
  readonly changed: () => void;
}

interface PanelState {
  told: CellTold | null;
  failure: string | null;
  busy: boolean;
}

export class CellPanel extends Component<Props> {
  static override template = "biometric_attendance.CoverageCell";
  static override props = { device: Number, day: String, close: Function, changed: Function };

  readonly label = stateLabel;

  declare state: PanelState;
  declare private orm: Services["orm"];
  declare private action: Services["action"];
  declare private head: { readonly el: HTMLElement | null };
  private beat: number | undefined;
  private asking = false;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    const bus = useService("bus_service");
    this.state = useState<PanelState>({ told: null, failure: null, busy: false });
    this.head = useRef("head");
    const follow = () => void this.follow();
    onMounted(() => {
      bus.subscribe(BUS_TYPE, follow);
      bus.start().catch(() => {});
      this.beat = browser.setInterval(follow, BEAT_MS);
      void this.read(this.props);
      this.head.el?.focus();
    });
    onWillUpdateProps((next: Props) => {
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

  get told(): CellTold | null {
    return this.state.told;
  }

  /** An answer about a cell that is no longer shown is dropped. */
  private isShown(cell: Pick<Props, "device" | "day">): boolean {
    return cell.device === this.props.device && cell.day === this.props.day;
  }

  private async guarded(cell: Pick<Props, "device" | "day">, run: () => Promise<void>) {
    try {
      await run();
      if (this.isShown(cell)) this.state.failure = null;
    } catch (error) {
      if (this.isShown(cell)) this.state.failure = failureText(error);
    }
  }

  async read({ device, day }: Pick<Props, "device" | "day">): Promise<void> {
    await this.guarded({ device, day }, async () => {
      const told = await this.orm.silent.call(MODEL, "open_cell", [device, day]) as CellTold;
      // The props follow in the same frame, so the answer comes after them.
      if (this.isShown(told)) this.state.told = told;
    });
  }

  readAgain(): void {
    void this.read(this.props);
  }

  /** While an order is on its way its progress is read; when one ended, everything is. */
  private async follow(): Promise<void> {
    const { told } = this.state;
    if (!told || this.asking || !told.orders.some((order) => order.is_open)) return;
    this.asking = true;
    try {
      await this.guarded(told, async () => {
        const { device, day } = told;
        const orders = await this.orm.silent.call(MODEL, "get_orders", [device, day]) as Order[];
        if (this.isShown(told)) await this.takeOrders(told, orders);
      });
    } finally {
      this.asking = false;
    }
  }

  private async takeOrders(told: CellTold, orders: readonly Order[]): Promise<void> {
    this.state.told = { ...told, orders };
    if (!hasEnded(told.orders, orders)) return;
    this.props.changed();
    await this.read(told);
  }

  get stretchText(): string {
    const stretch = this.told?.stretch;
    return stretch ? _t("Read all %s incomplete days", stretch.days) : "";
  }

  get punchText(): string {
    const count = this.told?.punches ?? 0;
    return count === 1 ? _t("1 punch") : _t("%s punches", String(count));
  }

  async pull(first: string, last: string): Promise<void> {
    const { told } = this.state;
    if (!told || this.state.busy) return;
    this.state.busy = true;
    await this.guarded(told, async () => {
      await this.orm.call(MODEL, "pull", [told.device, first, last]);
      const orders = await this.orm.silent.call(MODEL, "get_orders", [told.device, told.day]);
      if (this.isShown(told)) this.state.told = { ...told, orders: orders as Order[] };
    });
    this.state.busy = false;
  }

  pullDay(): void {
    if (this.told) void this.pull(this.told.day, this.told.day);
  }

  pullStretch(): void {
    const stretch = this.told?.stretch;
    if (stretch) void this.pull(stretch.first, stretch.last);
  }

  open(model: string, id: number): void {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: model,
      res_id: id,
      views: [[false, "form"]],
    });
  }

  openPunches(): void {
    const { told } = this.state;
    if (!told) return;
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: told.name,
      res_model: "biometric.punch",
      views: [[false, "list"], [false, "form"]],
      domain: [["device_id", "=", told.device], ["wall_date", "=", told.day]],
    });
  }

  async accept(gap: number): Promise<void> {
    const action = await this.orm.call("biometric.gap", "action_open_accept", [[gap]]);
    await this.action.doAction(action as Record<string, unknown>, {
      onClose: () => {
        this.readAgain();
        this.props.changed();
      },
    });
  }
}
