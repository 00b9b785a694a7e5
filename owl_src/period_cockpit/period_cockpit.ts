/**
 * A pay period on its way to the payroll file: what blocks it, what it will say, lock and export.
 *
 * Owns words and buttons; cockpit_data.ts says which are offered. One reading shows everything; while it
 * is looked at, a second one compares every day with what its punches give. Must not know why something
 * blocks: each blocker leads to the screen that mends it.
 */
import { Component, onMounted, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { dateText, formatMinutes, usableLocale } from "../format.ts";
import {
  type Blocker,
  type CockpitData,
  type Comparison,
  type Delivery,
  type Gate,
  isCompared,
  light,
  listed,
  mayAsk,
  mayClose,
  type PeriodHead,
  type ProducedFile,
  receiptClass,
} from "./cockpit_data.ts";

const MODEL = "biometric.period";
const TAG = "biometric_attendance.period_cockpit";
// as Odoo asks of a reason
const LEAST_REASON = 10;

interface Props {
  readonly action?: {
    readonly name?: string;
    readonly params?: { readonly period_id?: number };
  };
}

export class PeriodCockpit extends Component<Props> {
  static override template = "biometric_attendance.PeriodCockpit";
  static override props = ["*"];

  private state!: {
    data: CockpitData | null;
    comparison: Comparison | null;
    /** The kind of blocker that is looked at alone. */
    kind: string | null;
    asking: boolean;
    reason: string;
    busy: boolean;
  };
  private orm!: ReturnType<typeof useService<"orm">>;
  private action!: ReturnType<typeof useService<"action">>;

  override setup(): void {
    this.state = useState({
      data: null,
      comparison: null,
      kind: null,
      asking: false,
      reason: "",
      busy: false,
    });
    this.orm = useService("orm");
    this.action = useService("action");
    onWillStart(() => this.read(this.props.action?.params?.period_id));
    onMounted(() => this.compare());
  }

  get data(): CockpitData | null {
    return this.state.data;
  }

  get period(): PeriodHead | null {
    return this.data?.period || null;
  }

  get canClose(): boolean {
    return this.data !== null && mayClose(this.data, this.refusal);
  }

  get canAsk(): boolean {
    return this.data !== null && mayAsk(this.data);
  }

  /** Why the payroll program would refuse the file, once that was asked. */
  get refusal(): string {
    return this.state.comparison?.refusal ?? "";
  }

  get reasonIsEnough(): boolean {
    return this.state.reason.trim().length >= LEAST_REASON;
  }

  private async read(id?: number): Promise<void> {
    const args = id === undefined ? [] : [id];
    this.state.data = await this.orm.call(MODEL, "get_cockpit_data", args) as CockpitData;
  }

  /** Some seconds for a thousand people: it comes while the rest is read. */
  private async compare(): Promise<void> {
    const { period } = this;
    this.state.comparison = null;
    if (!period || !isCompared(period)) return;
    this.state.comparison = await this.orm.call(
      MODEL,
      "get_cockpit_check",
      [[period.id], this.data?.gate.open === 0],
    ) as Comparison;
  }

  get isComparing(): boolean {
    return this.period !== null && isCompared(this.period) && this.state.comparison === null;
  }

  get blockers(): ReturnType<typeof listed> | null {
    return this.data && listed(this.data.gate, this.state.kind);
  }

  /** One kind alone; pressed again, all. */
  filterKind(reason: string): void {
    this.state.kind = this.state.kind === reason ? null : reason;
  }

  receipt(delivery: Delivery): string {
    return receiptClass(delivery);
  }

  time(minutes: number): string {
    return formatMinutes(minutes);
  }

  day(date: string): string {
    return dateText(date, usableLocale(user.lang), new Date().getFullYear());
  }

  lightClass(gate: Gate): string {
    return `text-bg-${light(gate, this.refusal)}`;
  }

  gateWords(gate: Gate): string {
    if (gate.open > 0) return _t("Issues blocking the file: %s", gate.open);
    if (this.refusal) return _t("The file would be refused");
    if (gate.passed > 0) return _t("Issues overridden by two people: %s", gate.passed);
    return _t("Nothing blocks the file");
  }

  /** Another period takes the place of this one, so that the way back leads to it. */
  async onChoose(event: Event): Promise<void> {
    const id = Number((event.target as HTMLSelectElement).value);
    await this.action.doAction(
      {
        type: "ir.actions.client",
        tag: TAG,
        // or the way back from the next screen leads to "Unnamed"
        name: this.props.action?.name ?? "",
        params: { period_id: id },
      },
      { stackPosition: "replaceCurrentAction" },
    );
  }

  async mend(blocker: Blocker): Promise<void> {
    const args = [[this.period?.id], blocker.what, blocker.date, blocker.reason];
    await this.follow(await this.orm.call(MODEL, "action_mend", args));
  }

  async openFile(file: ProducedFile): Promise<void> {
    await this.follow(await this.orm.call("biometric.export", "action_open", [[file.id]]));
  }

  async download(): Promise<void> {
    await this.follow(await this.orm.call(MODEL, "action_download", [[this.period?.id]]));
  }

  async close(): Promise<void> {
    await this.act("action_close");
  }

  async confirm(): Promise<void> {
    await this.act("action_confirm_override");
  }

  async ask(): Promise<void> {
    await this.act("action_ask_override", this.state.reason);
    this.state.asking = false;
  }

  /** What the act changed is read again, also where it was refused: the gate may say something new. */
  private async act(method: string, ...args: readonly string[]): Promise<void> {
    const id = this.period?.id;
    if (id === undefined || this.state.busy) return;
    this.state.busy = true;
    try {
      await this.orm.call(MODEL, method, [[id], ...args]);
    } finally {
      this.state.busy = false;
      await this.read(id);
      await this.compare();
    }
  }

  private async follow(action: unknown): Promise<void> {
    await this.action.doAction(action as Record<string, unknown>);
  }
}

registry.category("actions").add(TAG, PeriodCockpit);
