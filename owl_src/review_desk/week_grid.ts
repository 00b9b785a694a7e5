/**
 * Team by week: who has what on which day, whoever has most to fix on top.
 *
 * Owns the table of one week. Which week and which day is chosen is the desk's.
 */
import { Component } from "@odoo/owl";
import { formatMinutes } from "../format.ts";
import { type DayCell, type Desk, plusDays } from "./desk_data.ts";
import { cellText, shortDate } from "./words.ts";

interface Props {
  desk: Desk;
  monday: string;
  search: string;
  selected: number | null;
  locale: string;
  select: (day: DayCell) => void;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly cells: readonly (DayCell | null)[];
}

export class WeekGrid extends Component<Props> {
  static override template = "biometric_attendance.WeekGrid";
  static override props = {
    desk: Object,
    monday: String,
    search: String,
    selected: { type: [Number, { value: null }] },
    locale: String,
    select: Function,
  };

  get dates(): { date: string; label: string }[] {
    return [0, 1, 2, 3, 4, 5, 6].map((step) => {
      const date = plusDays(this.props.monday, step);
      return { date, label: shortDate(date, this.props.locale) };
    });
  }

  get rows(): Row[] {
    const dates = this.dates;
    const text = this.props.search.trim().toLocaleLowerCase();
    return this.props.desk.people
      .filter(({ name }) => name.toLocaleLowerCase().includes(text))
      .map((person) => {
        const byDate = new Map(person.days.map((day) => [day.date, day]));
        const { id, name, department } = person;
        return { id, name, department, cells: dates.map(({ date }) => byDate.get(date) ?? null) };
      });
  }

  look(day: DayCell): string {
    const chosen = day.id === this.props.selected ? " o_biometric_desk_selected" : "";
    const approved = day.approved ? " o_biometric_desk_approved" : "";
    return `o_biometric_desk_cell o_biometric_desk_${day.basket}${chosen}${approved}`;
  }

  label(day: DayCell): string {
    return cellText(day, this.props.desk.kinds, this.props.locale);
  }

  /** What stands in a cell: the hours, and a mark that does not need its colour. */
  text(day: DayCell): string {
    if (day.basket === "must_fix") return "!";
    if (day.basket === "pending") return "…";
    const hours = day.worked ? formatMinutes(day.worked) : "·";
    return day.basket === "look_at" ? `${hours} ?` : hours;
  }
}
