// generated from owl_src/roster_grid/roster_plan.ts, do not edit
import { Component, onWillUpdateProps, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
  NO_DRAFT,
  peopleOn,
  troubleOf
} from "./roster_data";
import {
  copy,
  fill,
  fillPattern,
  holds,
  move,
  pasteByPerson,
  pasteInto,
  readPattern
} from "./roster_moves";
import { RosterRow, rowView } from "./row_view";
import { ownText, troubleText } from "./words";
class RosterPlan extends Component {
  static template = "biometric_attendance.RosterPlan";
  static components = { RosterRow };
  static props = {
    grid: Object,
    busy: Boolean,
    write: Function,
    undo: Function,
    say: Function
  };
  setup() {
    this.tableRef = useRef("table");
    this.kept = /* @__PURE__ */ new Map();
    this.version = 0;
    this.state = useState({
      selection: null,
      cursor: [0, 0],
      brush: void 0,
      drag: null,
      draft: NO_DRAFT,
      clip: null,
      pattern: null,
      unknown: ""
    });
    useExternalListener(window, "pointerup", (event) => this.onUp(event));
    onWillUpdateProps((next) => this.meet(next.grid));
  }
  /** Another page or week: what was copied stays, what was selected is not there any more. */
  meet(next) {
    const { grid } = this.props;
    if (next === grid) return;
    this.version += 1;
    const moved = next.first !== grid.first || next.offset !== grid.offset || next.days.length !== grid.days.length || next.people[0]?.id !== grid.people[0]?.id;
    if (moved) {
      Object.assign(this.state, { selection: null, cursor: [0, 0], drag: null, draft: NO_DRAFT });
    }
  }
  /** What is written stays visible until the screen has an answer. */
  async put(draft, what) {
    this.state.draft = draft;
    await this.props.write(draft, what);
    this.state.draft = NO_DRAFT;
  }
  // What the template reads --------------------------------------------------------------------------
  get mayWrite() {
    return this.props.grid.may_write;
  }
  get shifts() {
    return this.props.grid.shifts.filter(({ active }) => active);
  }
  /** Rows as they are drawn. */
  get rows() {
    const { draft, selection, cursor } = this.state;
    const { grid } = this.props;
    const looks = { draft, selection, cursor };
    return grid.people.map((_person, row) => {
      const stamp = this.stampOf(row);
      const kept = this.kept.get(row);
      if (kept?.stamp === stamp) return kept.view;
      const view = rowView(grid, looks, row);
      this.kept.set(row, { stamp, view });
      return view;
    });
  }
  stampOf(row) {
    const { draft, selection, cursor } = this.state;
    const own = [...draft].filter(([key]) => key.startsWith(`${row}:`));
    const columns = selection && holds(selection, row, selection.from[1]) ? [selection.from[1], selection.to[1]] : [];
    return JSON.stringify([this.version, own, columns, cursor[0] === row ? cursor[1] : -1]);
  }
  get planned() {
    const { grid } = this.props;
    return grid.days.map((_day, column) => peopleOn(grid, this.state.draft, column));
  }
  /** What would be wrong with what is being dragged. */
  get trouble() {
    return troubleText(this.props.grid, troubleOf(this.props.grid, this.state.draft));
  }
  get hasBrush() {
    return this.state.brush !== void 0;
  }
  isBrush(own) {
    const { brush } = this.state;
    return brush !== void 0 && JSON.stringify(brush) === JSON.stringify(own);
  }
  // Acting -------------------------------------------------------------------------------------------
  /** A shift of the bar: planned where something is selected, else painted with from now on. */
  choose(own) {
    const { selection } = this.state;
    if (selection) this.put(fill(selection, own), ownText(own, this.shifts));
    else this.state.brush = this.isBrush(own) ? void 0 : own;
  }
  selectRow(row) {
    const last = this.props.grid.days.length - 1;
    this.select({ from: [row, 0], to: [row, last] });
  }
  selectColumn(column) {
    const last = this.props.grid.people.length - 1;
    this.select({ from: [0, column], to: [last, column] });
  }
  selectAll() {
    const [rows, columns] = [this.props.grid.people.length, this.props.grid.days.length];
    this.select({ from: [0, 0], to: [rows - 1, columns - 1] });
  }
  /** With a brush in hand what is chosen is painted at once. */
  select(block) {
    const { brush } = this.state;
    this.state.cursor = block.from;
    if (brush === void 0) this.state.selection = block;
    else this.put(fill(block, brush), ownText(brush, this.shifts));
  }
  copy() {
    const { grid } = this.props;
    const all = { from: [0, 0], to: [grid.people.length - 1, grid.days.length - 1] };
    this.state.clip = copy(grid, this.state.selection ?? all);
    this.props.say(_t("Copied. Go to another week or choose a day, then paste."));
  }
  paste() {
    const { clip, selection } = this.state;
    const { grid } = this.props;
    if (!clip) return;
    const draft = selection ? pasteInto(grid, clip, selection) : pasteByPerson(grid, clip);
    this.put(draft, _t("pasted"));
  }
  togglePattern() {
    this.state.pattern = this.state.pattern ? null : { text: "", step: 0 };
  }
  fillPattern() {
    const { pattern, selection } = this.state;
    if (!pattern || !selection) return;
    this.state.unknown = "";
    const read = readPattern(pattern.text, this.shifts);
    if ("unknown" in read) {
      this.state.unknown = _t(
        "“%s” is not a shift. Use codes or names of shifts, “off” for a day off, “.” for the schedule.",
        read.unknown
      );
    } else if (read.days.length > 0) {
      this.put(fillPattern(selection, read.days, pattern.step), _t("by pattern"));
    }
  }
  // Gestures -----------------------------------------------------------------------------------------
  placeOf(event) {
    const cell = event.target?.closest("[data-column]");
    return cell ? [Number(cell.dataset["row"]), Number(cell.dataset["column"])] : null;
  }
  onDown(event) {
    const at = this.placeOf(event);
    if (!at || event.button !== 0 || event.pointerType === "touch" || this.props.busy) return;
    const { brush, selection } = this.state;
    this.state.cursor = at;
    if (this.mayWrite && brush !== void 0) {
      this.state.drag = { kind: "paint", from: at, own: brush };
    } else if (event.shiftKey && selection) {
      this.state.drag = { kind: "select", from: selection.from };
    } else if (this.mayWrite && holds(selection, ...at) && this.hasOwn(at)) {
      this.state.drag = { kind: "move", from: at, block: selection };
      return;
    } else {
      this.state.drag = { kind: "select", from: at };
    }
    this.follow(at, event);
  }
  hasOwn([row, column]) {
    return (this.props.grid.people[row]?.cells[column + 1]?.own ?? null) !== null;
  }
  onOver(event) {
    const at = this.placeOf(event);
    if (at && this.state.drag) this.follow(at, event);
  }
  /** What the gesture would do if it ended here. */
  follow(at, event) {
    const { drag } = this.state;
    const { grid } = this.props;
    if (!drag) return;
    if (drag.kind === "select") this.state.selection = { from: drag.from, to: at };
    if (drag.kind === "paint") this.state.draft = fill({ from: drag.from, to: at }, drag.own);
    if (drag.kind === "drop") {
      this.state.draft = fill({ from: at, to: at }, drag.own);
    }
    if (drag.kind === "move") {
      const by = [at[0] - drag.from[0], at[1] - drag.from[1]];
      this.state.draft = move(grid, drag.block, by, event.ctrlKey || event.metaKey);
    }
  }
  onUp(event) {
    const { drag, draft } = this.state;
    if (!drag) return;
    this.state.drag = null;
    if (drag.kind === "select") return;
    const outside = drag.kind === "drop" && !this.placeOf(event);
    if (draft.size === 0 || outside) {
      this.state.draft = NO_DRAFT;
      if (drag.kind === "move") this.state.selection = { from: drag.from, to: drag.from };
      return;
    }
    if (drag.kind === "move") this.state.selection = null;
    const what = drag.kind === "move" ? _t("moved") : ownText(drag.own, this.shifts);
    this.put(draft, what);
  }
  /** A shift is taken from the bar: where it is let go, it is planned. */
  onPull(event) {
    const taken = event.target?.closest("[data-own]");
    if (!taken || event.button !== 0 || event.pointerType === "touch") return;
    this.state.drag = { kind: "drop", own: JSON.parse(taken.dataset["own"] ?? "null") };
  }
  /** A tap of a finger, or a click that a screen reader makes. */
  onTap(event) {
    const at = this.placeOf(event);
    const touched = event.pointerType === "touch" || event.detail === 0;
    if (at && touched && !this.props.busy) this.select({ from: at, to: at });
  }
  onKey(event) {
    if (this.props.busy) return;
    const run = event.ctrlKey || event.metaKey ? this.commandOf(event) : this.keyOf(event);
    if (!run) return;
    event.preventDefault();
    run();
  }
  commandOf({ key }) {
    const commands = {
      a: () => this.selectAll(),
      c: () => this.copy(),
      ...this.mayWrite ? { v: () => this.paste(), z: () => void this.props.undo() } : {}
    };
    return commands[key.toLowerCase()];
  }
  keyOf({ key, shiftKey }) {
    const steps = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1]
    };
    const by = steps[key];
    if (by) return () => this.walk(by, shiftKey);
    if (key === "Escape") return () => this.giveUp();
    if (!this.mayWrite) return void 0;
    const selection = this.state.selection ?? { from: this.state.cursor, to: this.state.cursor };
    const put = (own) => () => this.put(fill(selection, own), ownText(own, this.shifts));
    if (key === "Delete" || key === "Backspace") return put(null);
    if (key === "0") return put([]);
    const shift = /^[1-9]$/.test(key) ? this.shifts[Number(key) - 1] : void 0;
    return shift && put([shift.id]);
  }
  walk([down, right], extend) {
    const { cursor, selection } = this.state;
    const { grid } = this.props;
    const inside = (value, size) => Math.max(0, Math.min(size - 1, value));
    const to = [
      inside(cursor[0] + down, grid.people.length),
      inside(cursor[1] + right, grid.days.length)
    ];
    this.state.cursor = to;
    this.state.selection = { from: extend && selection ? selection.from : to, to };
    if (extend && !selection) this.state.selection = { from: cursor, to };
    this.tableRef.el?.querySelector(`[data-row="${to[0]}"][data-column="${to[1]}"]`)?.focus();
  }
  /** What is under way first, then the brush, then the selection. */
  giveUp() {
    if (this.state.drag) Object.assign(this.state, { drag: null, draft: NO_DRAFT });
    else if (this.state.brush !== void 0) this.state.brush = void 0;
    else this.state.selection = null;
  }
}
export {
  RosterPlan
};
