// generated from owl_src/review_desk/week_grid.ts, do not edit
import { Component } from "@odoo/owl";
import { formatMinutes } from "../format";
import { plusDays } from "./desk_data";
import { cellText, shortDate } from "./words";
class WeekGrid extends Component {
  static template = "biometric_attendance.WeekGrid";
  static props = {
    desk: Object,
    monday: String,
    search: String,
    selected: { type: [Number, { value: null }] },
    locale: String,
    select: Function
  };
  get dates() {
    return [0, 1, 2, 3, 4, 5, 6].map((step) => {
      const date = plusDays(this.props.monday, step);
      return { date, label: shortDate(date, this.props.locale) };
    });
  }
  get rows() {
    const dates = this.dates;
    const text = this.props.search.trim().toLocaleLowerCase();
    return this.props.desk.people.filter(({ name }) => name.toLocaleLowerCase().includes(text)).map((person) => {
      const byDate = new Map(person.days.map((day) => [day.date, day]));
      const { id, name, department } = person;
      return { id, name, department, cells: dates.map(({ date }) => byDate.get(date) ?? null) };
    });
  }
  look(day) {
    const chosen = day.id === this.props.selected ? " o_biometric_desk_selected" : "";
    const approved = day.approved ? " o_biometric_desk_approved" : "";
    return `o_biometric_desk_cell o_biometric_desk_${day.basket}${chosen}${approved}`;
  }
  label(day) {
    return cellText(day, this.props.desk.kinds, this.props.locale);
  }
  /** What stands in a cell: the hours, and a mark that does not need its colour. */
  text(day) {
    if (day.basket === "must_fix") return "!";
    if (day.basket === "pending") return "…";
    const hours = day.worked ? formatMinutes(day.worked) : "·";
    return day.basket === "look_at" ? `${hours} ?` : hours;
  }
}
export {
  WeekGrid
};
