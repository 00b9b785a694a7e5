/**
 * The roster as a grid: the screen around it. Which people and dates are shown, what was written last,
 * and the way back.
 *
 * Owns what is asked of Odoo: one reading a page, one call an act; every act is written at once and can
 * be taken back. roster_plan.ts is the grid itself. Must not know who may plan: Odoo decides and says so.
 */
import { Component, markRaw, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { type Services, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure.ts";
import {
  type Answer,
  type Change,
  changesOf,
  type Draft,
  type Grid,
  inverse,
  withCells,
} from "./roster_data.ts";
import { RosterPlan } from "./roster_plan.ts";
import { doneText, waitingText } from "./words.ts";

const TYPING_MS = 300;
const MONTH = 31;
const WEEK = 7;
const UNDO_STEPS = 50;

interface GridState {
  grid: Grid | null;
  failure: string | null;
  busy: boolean;
  department: number | false;
  search: string;
  days: number;
  said: string;
  undo: readonly (readonly Change[])[];
}

interface Props {
  state?: { first?: string; days?: number; department?: number | false; offset?: number };
}

export class RosterGrid extends Component<Props> {
  static override template = "biometric_attendance.RosterGrid";
  static components = { Layout, Pager, RosterPlan };
  static override props = { ...standardActionServiceProps };

  declare state: GridState;
  declare private orm: Services["orm"];
  declare private action: Services["action"];
  declare private typingTimer: number | undefined;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    const before = this.props.state;
    this.state = useState<GridState>({
      grid: null,
      failure: null,
      busy: false,
      department: before?.department ?? false,
      search: "",
      days: before?.days ?? WEEK,
      said: "",
      undo: [],
    });
    useSetupAction({
      getLocalState: () => ({
        first: this.state.grid?.first,
        days: this.state.days,
        department: this.state.department,
        offset: this.state.grid?.offset,
      }),
    });
    onMounted(() => this.load(before?.first ?? null, before?.offset ?? 0));
  }

  get grid(): Grid | null {
    return this.state.grid;
  }

  /** What went wrong, which is said on the screen too; null for nothing. */
  private async guarded(run: () => Promise<void>): Promise<unknown> {
    this.state.busy = true;
    this.state.failure = null;
    try {
      await run();
      return null;
    } catch (error) {
      this.state.failure = failureText(error);
      return error;
    } finally {
      this.state.busy = false;
    }
  }

  /** The page that holds a date; an answer to a question that is no longer asked is dropped. */
  async load(first: string | null, offset = 0): Promise<void> {
    await this.guarded(async () => {
      const { days, department, search } = this.state;
      const kwargs = { first, days, department, search, offset };
      const grid = await this.orm.call("biometric.roster.grid", "open_grid", [], kwargs) as Grid;
      const now = this.state;
      if (days !== now.days || search !== now.search || department !== now.department) return;
      this.take(grid);
    });
  }

  /** A page is some thousand cells and is replaced as a whole: nothing watches each of them. */
  private take(grid: Grid): void {
    this.state.grid = markRaw(grid);
  }

  readAgain(): void {
    this.load(this.grid?.first ?? null, this.grid?.offset ?? 0);
  }

  /** Writes a draft of the grid; says so where there is nothing to write. */
  async write(draft: Draft, what: string): Promise<void> {
    const { grid } = this.state;
    if (!grid || this.state.busy) return;
    const changes = changesOf(grid, draft);
    if (changes.length === 0) this.state.said = doneText(0, what);
    else await this.send(changes, () => [...this.state.undo, inverse(changes)], what);
  }

  private async send(
    changes: readonly Change[],
    undo: () => readonly (readonly Change[])[],
    what: string,
  ): Promise<unknown> {
    return await this.guarded(async () => {
      const answer = await this.orm.call("biometric.roster.grid", "apply", [changes]) as Answer;
      if (this.state.grid) this.take(withCells(this.state.grid, answer));
      this.state.undo = undo().slice(-UNDO_STEPS);
      this.state.said = doneText(changes.length, what);
    });
  }

  /** What Odoo refuses to take back is not in the way of what was done before it. */
  async undo(): Promise<void> {
    const last = this.state.undo.at(-1);
    if (!last || this.state.busy) return;
    const before = this.state.undo.slice(0, -1);
    const trouble = await this.send(last, () => before, _t("undone"));
    if (trouble instanceof RPCError) this.state.undo = before;
  }

  say(text: string): void {
    this.state.said = text;
  }

  // Going about --------------------------------------------------------------------------------------

  step(by: number): void {
    const { grid } = this.state;
    if (!grid) return;
    const day = new Date(`${grid.first}T00:00:00Z`);
    if (this.state.days > WEEK) day.setUTCMonth(day.getUTCMonth() + by);
    else day.setUTCDate(day.getUTCDate() + by * WEEK);
    this.load(day.toISOString().slice(0, 10), grid.offset);
  }

  toToday(): void {
    this.load(null, this.grid?.offset ?? 0);
  }

  showDays(days: number): void {
    this.state.days = days;
    this.load(this.grid?.first ?? null, this.grid?.offset ?? 0);
  }

  showWeek(): void {
    this.showDays(WEEK);
  }

  showMonth(): void {
    this.showDays(MONTH);
  }

  onDepartment(event: Event): void {
    this.state.department = Number((event.target as HTMLSelectElement).value) || false;
    this.load(this.grid?.first ?? null);
  }

  onSearch(event: Event): void {
    this.state.search = (event.target as HTMLInputElement).value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(
      () => this.load(this.grid?.first ?? null),
      TYPING_MS,
    );
  }

  onPager({ offset }: { offset: number }): void {
    this.load(this.grid?.first ?? null, offset);
  }

  openList(): void {
    this.action.doAction("biometric_attendance.biometric_roster_action");
  }

  get waitingText(): string {
    return waitingText(this.grid?.swaps.waiting ?? 0);
  }

  openSwaps(): void {
    this.action.doAction("biometric_attendance.biometric_swap_action");
  }

  openAssign(): void {
    this.action.doAction("biometric_attendance.biometric_roster_assign_action", {
      onClose: () => this.readAgain(),
    });
  }

  print(): void {
    globalThis.print();
  }
}

registry.category("actions").add("biometric_attendance.roster_grid", RosterGrid);
