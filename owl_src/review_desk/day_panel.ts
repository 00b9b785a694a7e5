/**
 * One day beside the list: its drawing, its sentences, what was asked for, and what can be done.
 *
 * Owns the look of a day and the reason that is typed. What is done is told to the desk, which asks
 * Odoo. Must not know which day comes next.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { DayTimeline } from "../day_timeline/day_timeline.ts";
import { formatMinutes } from "../format.ts";
import type { Basket, Proposal } from "./desk_data.ts";
import { proposalText } from "./words.ts";

export interface Asked {
  readonly id: number;
  readonly change: string;
  readonly reason: string;
  readonly by: string;
  readonly state: string;
  readonly state_text: string;
  readonly waits: string;
  readonly late: boolean;
  readonly can_decide: boolean;
  readonly decided_by: string;
  readonly before: string;
  readonly after: string;
  readonly self_approved: boolean;
}

/** What `get_day` answers. */
export interface DayInFull {
  readonly id: number;
  readonly employee: string;
  readonly date_text: string;
  readonly status: string;
  readonly basket: Basket;
  readonly approved: boolean;
  readonly shift: string;
  readonly waiting: string;
  readonly findings: string;
  readonly asks_again: string;
  readonly derivation: unknown;
  readonly sentences: readonly string[];
  readonly overtime_unapproved: number;
  readonly late: number;
  readonly early: number;
  readonly requests: readonly Asked[];
}

export type Act =
  | { readonly kind: "accept" }
  | {
    readonly kind: "decide";
    readonly request: number;
    readonly yes: boolean;
    readonly text: string;
  }
  | { readonly kind: "reverse"; readonly request: number; readonly text: string }
  | { readonly kind: "ask"; readonly what: string; readonly text: string }
  | { readonly kind: "confirm"; readonly text: string }
  | { readonly kind: "correct" }
  | { readonly kind: "open" }
  | { readonly kind: "close" };

interface Props {
  day: DayInFull;
  proposal: { readonly found: Proposal | null; readonly reasons: readonly string[] };
  mayAct: boolean;
  busy: boolean;
  act: (act: Act) => void;
}

export class DayPanel extends Component<Props> {
  static override template = "biometric_attendance.DayPanel";
  static components = { DayTimeline };
  static override props = {
    day: Object,
    proposal: Object,
    mayAct: Boolean,
    busy: Boolean,
    act: Function,
  };

  declare state: { reason: string };

  override setup(): void {
    this.state = useState({ reason: "" });
  }

  /** What the drawing asks of a record of Odoo. */
  get record() {
    const { day } = this.props;
    return { data: { derivation: day.derivation }, resId: day.id };
  }

  get proposed(): string {
    const { found } = this.props.proposal;
    return found ? proposalText(found) : "";
  }

  /** What can be asked for of the whole day by one button. */
  get offers(): { what: string; label: string }[] {
    const { day } = this.props;
    const offers = [];
    if (day.overtime_unapproved) {
      const minutes = formatMinutes(day.overtime_unapproved);
      offers.push({ what: "approve_ot", label: _t("Approve overtime of %s", minutes) });
    }
    if (day.late) {
      offers.push({ what: "excuse_late", label: _t("Excuse %s late", formatMinutes(day.late)) });
    }
    if (day.early) {
      const minutes = formatMinutes(day.early);
      offers.push({ what: "excuse_early", label: _t("Excuse leaving %s early", minutes) });
    }
    return offers;
  }

  /** A reason is needed for whatever is no plain yes. */
  get needsReason(): boolean {
    const { day } = this.props;
    return this.offers.length > 0 || day.basket === "look_at" ||
      day.requests.some((one) => one.can_decide || one.state === "approved");
  }

  onReason(event: InputEvent): void {
    this.state.reason = (event.target as HTMLInputElement).value;
  }

  decide(one: Asked, yes: boolean): void {
    this.props.act({ kind: "decide", request: one.id, yes, text: this.state.reason });
  }

  reverse(one: Asked): void {
    this.props.act({ kind: "reverse", request: one.id, text: this.state.reason });
  }

  ask(what: string): void {
    this.props.act({ kind: "ask", what, text: this.state.reason });
  }

  confirm(): void {
    this.props.act({ kind: "confirm", text: this.state.reason });
  }

  correct(): void {
    this.props.act({ kind: "correct" });
  }

  accept(): void {
    this.props.act({ kind: "accept" });
  }

  open(): void {
    this.props.act({ kind: "open" });
  }

  close(): void {
    this.props.act({ kind: "close" });
  }
}
