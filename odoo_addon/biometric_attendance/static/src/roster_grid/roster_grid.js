// generated from owl_src/roster_grid/roster_grid.ts, do not edit
import { Component, markRaw, onMounted, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure";
import {
  changesOf,
  inverse,
  withCells
} from "./roster_data";
import { RosterPlan } from "./roster_plan";
import { doneText, waitingText } from "./words";
const TYPING_MS = 300;
const MONTH = 31;
const WEEK = 7;
const UNDO_STEPS = 50;
class RosterGrid extends Component {
  static template = "biometric_attendance.RosterGrid";
  static components = { Layout, Pager, RosterPlan };
  static props = { ...standardActionServiceProps };
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    const before = this.props.state;
    this.state = useState({
      grid: null,
      failure: null,
      busy: false,
      department: before?.department ?? false,
      search: "",
      days: before?.days ?? WEEK,
      said: "",
      undo: []
    });
    useSetupAction({
      getLocalState: () => ({
        first: this.state.grid?.first,
        days: this.state.days,
        department: this.state.department,
        offset: this.state.grid?.offset
      })
    });
    onMounted(() => this.load(before?.first ?? null, before?.offset ?? 0));
  }
  get grid() {
    return this.state.grid;
  }
  /** What went wrong, which is said on the screen too; null for nothing. */
  async guarded(run) {
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
  async load(first, offset = 0) {
    await this.guarded(async () => {
      const { days, department, search } = this.state;
      const kwargs = { first, days, department, search, offset };
      const grid = await this.orm.call("biometric.roster.grid", "open_grid", [], kwargs);
      const now = this.state;
      if (days !== now.days || search !== now.search || department !== now.department) return;
      this.take(grid);
    });
  }
  /** A page is some thousand cells and is replaced as a whole: nothing watches each of them. */
  take(grid) {
    this.state.grid = markRaw(grid);
  }
  readAgain() {
    this.load(this.grid?.first ?? null, this.grid?.offset ?? 0);
  }
  /** Writes a draft of the grid; says so where there is nothing to write. */
  async write(draft, what) {
    const { grid } = this.state;
    if (!grid || this.state.busy) return;
    const changes = changesOf(grid, draft);
    if (changes.length === 0) this.state.said = doneText(0, what);
    else await this.send(changes, () => [...this.state.undo, inverse(changes)], what);
  }
  async send(changes, undo, what) {
    return await this.guarded(async () => {
      const answer = await this.orm.call("biometric.roster.grid", "apply", [changes]);
      if (this.state.grid) this.take(withCells(this.state.grid, answer));
      this.state.undo = undo().slice(-UNDO_STEPS);
      this.state.said = doneText(changes.length, what);
    });
  }
  /** What Odoo refuses to take back is not in the way of what was done before it. */
  async undo() {
    const last = this.state.undo.at(-1);
    if (!last || this.state.busy) return;
    const before = this.state.undo.slice(0, -1);
    const trouble = await this.send(last, () => before, _t("undone"));
    if (trouble instanceof RPCError) this.state.undo = before;
  }
  say(text) {
    this.state.said = text;
  }
  // Going about --------------------------------------------------------------------------------------
  step(by) {
    const { grid } = this.state;
    if (!grid) return;
    const day = /* @__PURE__ */ new Date(`${grid.first}T00:00:00Z`);
    if (this.state.days > WEEK) day.setUTCMonth(day.getUTCMonth() + by);
    else day.setUTCDate(day.getUTCDate() + by * WEEK);
    this.load(day.toISOString().slice(0, 10), grid.offset);
  }
  toToday() {
    this.load(null, this.grid?.offset ?? 0);
  }
  showDays(days) {
    this.state.days = days;
    this.load(this.grid?.first ?? null, this.grid?.offset ?? 0);
  }
  showWeek() {
    this.showDays(WEEK);
  }
  showMonth() {
    this.showDays(MONTH);
  }
  onDepartment(event) {
    this.state.department = Number(event.target.value) || false;
    this.load(this.grid?.first ?? null);
  }
  onSearch(event) {
    this.state.search = event.target.value;
    browser.clearTimeout(this.typingTimer);
    this.typingTimer = browser.setTimeout(
      () => this.load(this.grid?.first ?? null),
      TYPING_MS
    );
  }
  onPager({ offset }) {
    this.load(this.grid?.first ?? null, offset);
  }
  openList() {
    this.action.doAction("biometric_attendance.biometric_roster_action");
  }
  get waitingText() {
    return waitingText(this.grid?.swaps.waiting ?? 0);
  }
  openSwaps() {
    this.action.doAction("biometric_attendance.biometric_swap_action");
  }
  openAssign() {
    this.action.doAction("biometric_attendance.biometric_roster_assign_action", {
      onClose: () => this.readAgain()
    });
  }
  print() {
    globalThis.print();
  }
}
registry.category("actions").add("biometric_attendance.roster_grid", RosterGrid);
export {
  RosterGrid
};
