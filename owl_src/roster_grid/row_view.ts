/**
 * A row of the roster grid as it is drawn: one person, their dates, their hours.
 *
 * Owns what a cell shows and says. A row is drawn again only when something of it changed: a page of
 * people for a month is some 2,000 cells. Must not know what a click does.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format.ts";
import {
  cellAt,
  conflictsAt,
  type Draft,
  type Grid,
  keyOf,
  plannedAt,
  plannedMinutes,
  swapsAt,
  weekConflicts,
} from "./roster_data.ts";
import { type Block, holds } from "./roster_moves.ts";
import { cellText, spansText, swapText, weekConflictText } from "./words.ts";

interface Chip {
  readonly key: number;
  readonly code: string;
  readonly color: number;
}

export interface CellView {
  readonly column: number;
  readonly chips: readonly Chip[];
  /** What stands there where the roster names no shift. */
  readonly text: string;
  readonly mark: string;
  /** Whether a swap of it waits. */
  readonly swap: boolean;
  readonly label: string;
  readonly classes: string;
  readonly tabindex: "0" | "-1";
  readonly selected: "true" | "false";
}

export interface RowView {
  readonly row: number;
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly cells: readonly CellView[];
  readonly planned: string;
  readonly contract: string;
  readonly isMore: boolean;
  readonly trouble: string;
}

/** What of the screen a row depends on besides the grid. */
export interface Looks {
  readonly draft: Draft;
  readonly selection: Block | null;
  readonly cursor: readonly [number, number];
}

function cellView(grid: Grid, looks: Looks, row: number, column: number): CellView {
  const cell = cellAt(grid, row, column);
  const person = grid.people[row];
  const day = grid.days[column];
  if (!cell || !person || !day) throw new RangeError(`no cell ${row}:${column}`);
  const planned = plannedAt(grid, looks.draft, row, column);
  const conflicts = conflictsAt(grid, looks.draft, row, column);
  const own = planned.own ?? [];
  const changed = looks.draft.has(keyOf(row, column));
  const selected = holds(looks.selection, row, column);
  const isOff = planned.own !== null && own.length === 0;
  const classes = [
    planned.own === null && "o_biometric_roster_schedule",
    isOff && "o_biometric_roster_off",
    cell.kind === "holiday" && "o_biometric_roster_holiday",
    cell.outside && "o_biometric_roster_outside",
    conflicts.length > 0 && "o_biometric_roster_conflict",
    changed && "o_biometric_roster_draft",
    selected && "o_biometric_roster_selected",
    day.off && "o_biometric_roster_weekend",
    day.today && "o_biometric_roster_today",
  ];
  const swaps = swapsAt(grid, row, column);
  const what = cellText(cell, planned, grid.shifts, grid.reasons[cell.why] ?? "", conflicts);
  const chips = own.map((id) => {
    const shift = grid.shifts.find((one) => one.id === id);
    return { key: id, code: shift?.code ?? "?", color: shift?.color ?? 0 };
  });
  const text = isOff ? _t("Off") : spansText(planned.spans);
  const mark = cell.leave ? _t("Leave") : cell.kind === "holiday" ? _t("Holiday") : "";
  // What is read on the cell is part of its name: whoever speaks to the screen says what they see. The
  // template has a blank behind each of these, or they would read as one word.
  const read = [...chips.map(({ code }) => code), text, mark].filter(Boolean).join(" ");
  const named = what.includes(read) ? what : `${read}, ${what}`;
  return {
    column,
    chips,
    text,
    mark,
    swap: swaps.length > 0,
    label: [`${person.name}, ${day.weekday} ${day.number}: ${named}`, ...swaps.map(swapText)]
      .join("; "),
    classes: classes.filter(Boolean).join(" "),
    tabindex: looks.cursor[0] === row && looks.cursor[1] === column ? "0" : "-1",
    selected: selected ? "true" : "false",
  };
}

export function rowView(grid: Grid, looks: Looks, row: number): RowView {
  const person = grid.people[row];
  if (!person) throw new RangeError(`no row ${row}`);
  const minutes = plannedMinutes(grid, looks.draft, row);
  return {
    row,
    id: person.id,
    name: person.name,
    department: person.department,
    cells: grid.days.map((_day, column) => cellView(grid, looks, row, column)),
    planned: formatMinutes(minutes),
    contract: person.contract === null ? "" : formatMinutes(person.contract),
    isMore: person.contract !== null && minutes > person.contract,
    trouble: weekConflicts(grid, looks.draft, row).map(weekConflictText).join("; "),
  };
}

interface Props {
  readonly view: RowView;
  readonly choose: (row: number) => void;
}

export class RosterRow extends Component<Props> {
  static override template = "biometric_attendance.RosterRow";
  static override props = { view: Object, choose: Function };
}
