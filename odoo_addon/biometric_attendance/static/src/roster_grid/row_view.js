// generated from owl_src/roster_grid/row_view.ts, do not edit
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format";
import {
  cellAt,
  conflictsAt,
  keyOf,
  plannedAt,
  plannedMinutes,
  swapsAt,
  weekConflicts
} from "./roster_data";
import { holds } from "./roster_moves";
import { cellText, spansText, swapText, weekConflictText } from "./words";
function cellView(grid, looks, row, column) {
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
    day.today && "o_biometric_roster_today"
  ];
  const swaps = swapsAt(grid, row, column);
  const what = cellText(cell, planned, grid.shifts, grid.reasons[cell.why] ?? "", conflicts);
  const chips = own.map((id) => {
    const shift = grid.shifts.find((one) => one.id === id);
    return { key: id, code: shift?.code ?? "?", color: shift?.color ?? 0 };
  });
  const text = isOff ? _t("Off") : spansText(planned.spans);
  const mark = cell.leave ? _t("Leave") : cell.kind === "holiday" ? _t("Holiday") : "";
  const read = [...chips.map(({ code }) => code), text, mark].filter(Boolean).join(" ");
  const named = what.includes(read) ? what : `${read}, ${what}`;
  return {
    column,
    chips,
    text,
    mark,
    swap: swaps.length > 0,
    label: [`${person.name}, ${day.weekday} ${day.number}: ${named}`, ...swaps.map(swapText)].join("; "),
    classes: classes.filter(Boolean).join(" "),
    tabindex: looks.cursor[0] === row && looks.cursor[1] === column ? "0" : "-1",
    selected: selected ? "true" : "false"
  };
}
function rowView(grid, looks, row) {
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
    trouble: weekConflicts(grid, looks.draft, row).map(weekConflictText).join("; ")
  };
}
class RosterRow extends Component {
  static template = "biometric_attendance.RosterRow";
  static props = { view: Object, choose: Function };
}
export {
  RosterRow,
  rowView
};
