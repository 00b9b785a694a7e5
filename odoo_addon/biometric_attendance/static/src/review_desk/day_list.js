// generated from owl_src/review_desk/day_list.ts, do not edit
import { Component, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import { sentenceText } from "../format";
import { oddText, proposalText, shortDate } from "./words";
const ROWS_AT_ONCE = 60;
const AHEAD = 12;
const NEAR = 400;
class DayList extends Component {
  static template = "biometric_attendance.DayList";
  static props = {
    work: Array,
    selected: { type: [Number, { value: null }] },
    kinds: Object,
    proposals: Object,
    locale: String,
    select: Function
  };
  setup() {
    this.state = useState({ drawn: ROWS_AT_ONCE });
    this.listRef = useRef("list");
    this.endRef = useRef("end");
    useExternalListener(document, "scroll", () => this.drawMore(), { capture: true });
    useExternalListener(window, "resize", () => this.drawMore());
    useEffect(
      () => this.drawMore(),
      () => [this.rows.length]
    );
    useEffect(
      () => this.showSelected(),
      () => [this.props.selected]
    );
  }
  /** While the end of what is drawn is in sight, or nearly so, and is not hidden behind a day. */
  drawMore() {
    const { el } = this.endRef;
    if (!el?.offsetParent) return;
    if (el.getBoundingClientRect().top > globalThis.innerHeight + NEAR) return;
    this.state.drawn = this.rows.length + ROWS_AT_ONCE;
  }
  showSelected() {
    this.listRef.el?.querySelector("[data-day][aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }
  get rows() {
    const { work, selected, kinds, proposals, locale } = this.props;
    const place = selected === null ? -1 : work.findIndex(({ id }) => id === selected);
    return work.slice(0, Math.max(this.state.drawn, place + AHEAD)).map((day) => {
      const found = proposals.get(day.id);
      return {
        day,
        date: shortDate(day.date, locale),
        hint: found ? proposalText(found) : "",
        odd: sentenceText(oddText(day, kinds), locale)
      };
    });
  }
}
export {
  DayList,
  ROWS_AT_ONCE
};
