/**
 * The work as a list, drawn as far as somebody scrolled or walked: a period of a large team has
 * thousands of days, and the first screenful must not wait for the others.
 *
 * Owns how many rows stand there. Which days are work and which is chosen is the desk's.
 */
import { Component, useEffect, useExternalListener, useRef, useState } from "@odoo/owl";
import type { DayCell, Proposal } from "./desk_data.ts";
import { sentenceText } from "../format.ts";
import { oddText, proposalText, shortDate } from "./words.ts";

/** Rows that are drawn at first, and again each time the end comes into sight. */
export const ROWS_AT_ONCE = 60;
/** Rows below the chosen one, so that it never stands at the end. */
const AHEAD = 12;
/** Pixels below the window at which the next rows are drawn already. */
const NEAR = 400;

interface Props {
  work: readonly DayCell[];
  selected: number | null;
  kinds: Readonly<Record<string, string>>;
  proposals: ReadonlyMap<number, Proposal>;
  locale: string;
  select: (day: DayCell) => void;
}

export class DayList extends Component<Props> {
  static override template = "biometric_attendance.DayList";
  static override props = {
    work: Array,
    selected: { type: [Number, { value: null }] },
    kinds: Object,
    proposals: Object,
    locale: String,
    select: Function,
  };

  declare state: { drawn: number };
  declare private listRef: { readonly el: HTMLElement | null };
  declare private endRef: { readonly el: HTMLElement | null };

  override setup(): void {
    this.state = useState({ drawn: ROWS_AT_ONCE });
    this.listRef = useRef("list");
    this.endRef = useRef("end");
    // Whatever scrolls: the list beside the day, or on a phone what holds both.
    useExternalListener(document, "scroll", () => this.drawMore(), { capture: true });
    useExternalListener(window, "resize", () => this.drawMore());
    useEffect(
      () => this.drawMore(),
      () => [this.rows.length],
    );
    useEffect(
      () => this.showSelected(),
      () => [this.props.selected],
    );
  }

  /** While the end of what is drawn is in sight, or nearly so, and is not hidden behind a day. */
  private drawMore(): void {
    const { el } = this.endRef;
    if (!el?.offsetParent) return;
    if (el.getBoundingClientRect().top > globalThis.innerHeight + NEAR) return;
    this.state.drawn = this.rows.length + ROWS_AT_ONCE;
  }

  private showSelected(): void {
    this.listRef.el?.querySelector<HTMLElement>("[data-day][aria-current=true]")
      ?.scrollIntoView({ block: "nearest" });
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
        odd: sentenceText(oddText(day, kinds), locale),
      };
    });
  }
}
