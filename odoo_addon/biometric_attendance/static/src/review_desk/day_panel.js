// generated from owl_src/review_desk/day_panel.ts, do not edit
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { DayTimeline } from "../day_timeline/day_timeline";
import { formatMinutes } from "../format";
import { proposalText } from "./words";
class DayPanel extends Component {
  static template = "biometric_attendance.DayPanel";
  static components = { DayTimeline };
  static props = {
    day: Object,
    proposal: Object,
    mayAct: Boolean,
    busy: Boolean,
    act: Function
  };
  setup() {
    this.state = useState({ reason: "" });
  }
  /** What the drawing asks of a record of Odoo. */
  get record() {
    const { day } = this.props;
    return { data: { derivation: day.derivation }, resId: day.id };
  }
  get proposed() {
    const { found } = this.props.proposal;
    return found ? proposalText(found) : "";
  }
  /** What can be asked for of the whole day by one button. */
  get offers() {
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
  get needsReason() {
    const { day } = this.props;
    return this.offers.length > 0 || day.basket === "look_at" || day.requests.some((one) => one.can_decide || one.state === "approved");
  }
  onReason(event) {
    this.state.reason = event.target.value;
  }
  decide(one, yes) {
    this.props.act({ kind: "decide", request: one.id, yes, text: this.state.reason });
  }
  reverse(one) {
    this.props.act({ kind: "reverse", request: one.id, text: this.state.reason });
  }
  ask(what) {
    this.props.act({ kind: "ask", what, text: this.state.reason });
  }
  confirm() {
    this.props.act({ kind: "confirm", text: this.state.reason });
  }
  correct() {
    this.props.act({ kind: "correct" });
  }
  accept() {
    this.props.act({ kind: "accept" });
  }
  open() {
    this.props.act({ kind: "open" });
  }
  close() {
    this.props.act({ kind: "close" });
  }
}
export {
  DayPanel
};
