/**
 * The grid of the roster itself: the bar of shifts, the cells, and what a gesture or a key means.
 *
 * Owns what is selected, painted, copied and under way; what is done is handed to the screen as a draft,
 * which writes it. roster_data.ts judges, roster_moves.ts changes, row_view.ts draws. Must not know Odoo.
 */
import { Component, onWillUpdateProps, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
  type Draft,
  type Grid,
  NO_DRAFT,
  type Own,
  peopleOn,
  type Place,
  type Shift,
  troubleOf,
} from "./roster_data.ts";
import {
  type Block,
  type Clip,
  copy,
  fill,
  fillPattern,
  holds,
  move,
  pasteByPerson,
  pasteInto,
  readPattern,
} from "./roster_moves.ts";
import { type Looks, RosterRow, type RowView, rowView } from "./row_view.ts";
import { ownText, troubleText } from "./words.ts";

type Drag =
  | { readonly kind: "select"; readonly from: Place }
  | { readonly kind: "paint"; readonly from: Place; readonly own: Own }
  /** A shift pulled from the bar onto a day. */
  | { readonly kind: "drop"; readonly own: Own }
  | { readonly kind: "move"; readonly from: Place; readonly block: Block };

interface PlanState {
  selection: Block | null;
  cursor: Place;
  /** The shift that is painted with; undefined: cells are selected. */
  brush: Own | undefined;
  drag: Drag | null;
  draft: Draft;
  clip: Clip | null;
  pattern: { text: string; step: number } | null;
  unknown: string;
}

interface Props {
  readonly grid: Grid;
  readonly busy: boolean;
  readonly write: (draft: Draft, what: string) => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly say: (text: string) => void;
}

export class RosterPlan extends Component<Props> {
  static override template = "biometric_attendance.RosterPlan";
  static components = { RosterRow };
  static override props = {
    grid: Object,
    busy: Boolean,
    write: Function,
    undo: Function,
    say: Function,
  };

  declare state: PlanState;
  declare private tableRef: { readonly el: HTMLElement | null };
  /** Rows as they were drawn: one stays as long as nothing of it changed. */
  declare private kept: Map<number, { readonly stamp: string; readonly view: RowView }>;
  declare private version: number;

  override setup(): void {
    this.tableRef = useRef("table");
    this.kept = new Map();
    this.version = 0;
    this.state = useState<PlanState>({
      selection: null,
      cursor: [0, 0],
      brush: undefined,
      drag: null,
      draft: NO_DRAFT,
      clip: null,
      pattern: null,
      unknown: "",
    });
    useExternalListener(window, "pointerup", (event) => this.onUp(event as PointerEvent));
    onWillUpdateProps((next: Props) => this.meet(next.grid));
  }

  /** Another page or week: what was copied stays, what was selected is not there any more. */
  private meet(next: Grid): void {
    const { grid } = this.props;
    if (next === grid) return;
    this.version += 1;
    const moved = next.first !== grid.first || next.offset !== grid.offset ||
      next.days.length !== grid.days.length || next.people[0]?.id !== grid.people[0]?.id;
    if (moved) {
      Object.assign(this.state, { selection: null, cursor: [0, 0], drag: null, draft: NO_DRAFT });
    }
  }

  /** What is written stays visible until the screen has an answer. */
  private async put(draft: Draft, what: string): Promise<void> {
    this.state.draft = draft;
    await this.props.write(draft, what);
    this.state.draft = NO_DRAFT;
  }

  // What the template reads --------------------------------------------------------------------------

  get mayWrite(): boolean {
    return this.props.grid.may_write;
  }

  get shifts(): readonly Shift[] {
    return this.props.grid.shifts.filter(({ active }) => active);
  }

  /** Rows as they are drawn. */
  get rows(): RowView[] {
    const { draft, selection, cursor } = this.state;
    const { grid } = this.props;
    const looks: Looks = { draft, selection, cursor };
    return grid.people.map((_person, row) => {
      const stamp = this.stampOf(row);
      const kept = this.kept.get(row);
      if (kept?.stamp === stamp) return kept.view;
      const view = rowView(grid, looks, row);
      this.kept.set(row, { stamp, view });
      return view;
    });
  }

  private stampOf(row: number): string {
    const { draft, selection, cursor } = this.state;
    const own = [...draft].filter(([key]) => key.startsWith(`${row}:`));
    const columns = selection && holds(selection, row, selection.from[1])
      ? [selection.from[1], selection.to[1]]
      : [];
    return JSON.stringify([this.version, own, columns, cursor[0] === row ? cursor[1] : -1]);
  }

  get planned(): number[] {
    const { grid } = this.props;
    return grid.days.map((_day, column) => peopleOn(grid, this.state.draft, column));
  }

  /** What would be wrong with what is being dragged. */
  get trouble(): string {
    return troubleText(this.props.grid, troubleOf(this.props.grid, this.state.draft));
  }

  get hasBrush(): boolean {
    return this.state.brush !== undefined;
  }

  isBrush(own: Own): boolean {
    const { brush } = this.state;
    return brush !== undefined && JSON.stringify(brush) === JSON.stringify(own);
  }

  // Acting -------------------------------------------------------------------------------------------

  /** A shift of the bar: planned where something is selected, else painted with from now on. */
  choose(own: Own): void {
    const { selection } = this.state;
    if (selection) this.put(fill(selection, own), ownText(own, this.shifts));
    else this.state.brush = this.isBrush(own) ? undefined : own;
  }

  selectRow(row: number): void {
    const last = (this.props.grid.days.length) - 1;
    this.select({ from: [row, 0], to: [row, last] });
  }

  selectColumn(column: number): void {
    const last = (this.props.grid.people.length) - 1;
    this.select({ from: [0, column], to: [last, column] });
  }

  selectAll(): void {
    const [rows, columns] = [this.props.grid.people.length, this.props.grid.days.length];
    this.select({ from: [0, 0], to: [rows - 1, columns - 1] });
  }

  /** With a brush in hand what is chosen is painted at once. */
  private select(block: Block): void {
    const { brush } = this.state;
    this.state.cursor = block.from;
    if (brush === undefined) this.state.selection = block;
    else this.put(fill(block, brush), ownText(brush, this.shifts));
  }

  copy(): void {
    const { grid } = this.props;
    const all: Block = { from: [0, 0], to: [grid.people.length - 1, grid.days.length - 1] };
    this.state.clip = copy(grid, this.state.selection ?? all);
    this.props.say(_t("Copied. Go to another week or choose a day, then paste."));
  }

  paste(): void {
    const { clip, selection } = this.state;
    const { grid } = this.props;
    if (!clip) return;
    const draft = selection ? pasteInto(grid, clip, selection) : pasteByPerson(grid, clip);
    this.put(draft, _t("pasted"));
  }

  togglePattern(): void {
    this.state.pattern = this.state.pattern ? null : { text: "", step: 0 };
  }

  fillPattern(): void {
    const { pattern, selection } = this.state;
    if (!pattern || !selection) return;
    this.state.unknown = "";
    const read = readPattern(pattern.text, this.shifts);
    if ("unknown" in read) {
      this.state.unknown = _t(
        "“%s” is not a shift. Use codes or names of shifts, “off” for a day off, “.” for the schedule.",
        read.unknown,
      );
    } else if (read.days.length > 0) {
      this.put(fillPattern(selection, read.days, pattern.step), _t("by pattern"));
    }
  }

  // Gestures -----------------------------------------------------------------------------------------

  private placeOf(event: Event): Place | null {
    const cell = (event.target as HTMLElement | null)?.closest<HTMLElement>("[data-column]");
    return cell ? [Number(cell.dataset["row"]), Number(cell.dataset["column"])] : null;
  }

  onDown(event: PointerEvent): void {
    const at = this.placeOf(event);
    // A finger that is put down may want to scroll: what it means is known when it taps.
    if (!at || event.button !== 0 || event.pointerType === "touch" || this.props.busy) return;
    const { brush, selection } = this.state;
    this.state.cursor = at;
    if (this.mayWrite && brush !== undefined) {
      this.state.drag = { kind: "paint", from: at, own: brush };
    } else if (event.shiftKey && selection) {
      this.state.drag = { kind: "select", from: selection.from };
    } else if (this.mayWrite && holds(selection, ...at) && this.hasOwn(at)) {
      this.state.drag = { kind: "move", from: at, block: selection as Block };
      return;
    } else {
      this.state.drag = { kind: "select", from: at };
    }
    this.follow(at, event);
  }

  private hasOwn([row, column]: Place): boolean {
    return (this.props.grid.people[row]?.cells[column + 1]?.own ?? null) !== null;
  }

  onOver(event: PointerEvent): void {
    const at = this.placeOf(event);
    if (at && this.state.drag) this.follow(at, event);
  }

  /** What the gesture would do if it ended here. */
  private follow(at: Place, event: PointerEvent): void {
    const { drag } = this.state;
    const { grid } = this.props;
    if (!drag) return;
    if (drag.kind === "select") this.state.selection = { from: drag.from, to: at };
    if (drag.kind === "paint") this.state.draft = fill({ from: drag.from, to: at }, drag.own);
    if (drag.kind === "drop") {
      this.state.draft = fill({ from: at, to: at }, drag.own);
    }
    if (drag.kind === "move") {
      const by: Place = [at[0] - drag.from[0], at[1] - drag.from[1]];
      this.state.draft = move(grid, drag.block, by, event.ctrlKey || event.metaKey);
    }
  }

  onUp(event: PointerEvent): void {
    const { drag, draft } = this.state;
    if (!drag) return;
    this.state.drag = null;
    if (drag.kind === "select") return;
    const outside = drag.kind === "drop" && !this.placeOf(event);
    if (draft.size === 0 || outside) {
      this.state.draft = NO_DRAFT;
      // A press on a selected day that moved nothing chooses that day alone.
      if (drag.kind === "move") this.state.selection = { from: drag.from, to: drag.from };
      return;
    }
    if (drag.kind === "move") this.state.selection = null;
    const what = drag.kind === "move" ? _t("moved") : ownText(drag.own, this.shifts);
    this.put(draft, what);
  }

  /** A shift is taken from the bar: where it is let go, it is planned. */
  onPull(event: PointerEvent): void {
    const taken = (event.target as HTMLElement | null)?.closest<HTMLElement>("[data-own]");
    if (!taken || event.button !== 0 || event.pointerType === "touch") return;
    this.state.drag = { kind: "drop", own: JSON.parse(taken.dataset["own"] ?? "null") as Own };
  }

  /** A tap of a finger, or a click that a screen reader makes. */
  onTap(event: MouseEvent): void {
    const at = this.placeOf(event);
    const touched = (event as PointerEvent).pointerType === "touch" || event.detail === 0;
    if (at && touched && !this.props.busy) this.select({ from: at, to: at });
  }

  onKey(event: KeyboardEvent): void {
    if (this.props.busy) return;
    const run = event.ctrlKey || event.metaKey ? this.commandOf(event) : this.keyOf(event);
    if (!run) return;
    event.preventDefault();
    run();
  }

  private commandOf({ key }: KeyboardEvent): (() => void) | undefined {
    const commands: Readonly<Record<string, () => void>> = {
      a: () => this.selectAll(),
      c: () => this.copy(),
      ...(this.mayWrite ? { v: () => this.paste(), z: () => void this.props.undo() } : {}),
    };
    return commands[key.toLowerCase()];
  }

  private keyOf({ key, shiftKey }: KeyboardEvent): (() => void) | undefined {
    const steps: Readonly<Record<string, Place>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const by = steps[key];
    if (by) return () => this.walk(by, shiftKey);
    if (key === "Escape") return () => this.giveUp();
    if (!this.mayWrite) return undefined;
    const selection = this.state.selection ?? { from: this.state.cursor, to: this.state.cursor };
    const put = (own: Own) => () => this.put(fill(selection, own), ownText(own, this.shifts));
    if (key === "Delete" || key === "Backspace") return put(null);
    if (key === "0") return put([]);
    const shift = /^[1-9]$/.test(key) ? this.shifts[Number(key) - 1] : undefined;
    return shift && put([shift.id]);
  }

  private walk([down, right]: Place, extend: boolean): void {
    const { cursor, selection } = this.state;
    const { grid } = this.props;
    const inside = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
    const to: Place = [
      inside(cursor[0] + down, grid.people.length),
      inside(cursor[1] + right, grid.days.length),
    ];
    this.state.cursor = to;
    this.state.selection = { from: extend && selection ? selection.from : to, to };
    if (extend && !selection) this.state.selection = { from: cursor, to };
    this.tableRef.el
      ?.querySelector<HTMLElement>(`[data-row="${to[0]}"][data-column="${to[1]}"]`)?.focus();
  }

  /** What is under way first, then the brush, then the selection. */
  private giveUp(): void {
    if (this.state.drag) Object.assign(this.state, { drag: null, draft: NO_DRAFT });
    else if (this.state.brush !== undefined) this.state.brush = undefined;
    else this.state.selection = null;
  }
}
