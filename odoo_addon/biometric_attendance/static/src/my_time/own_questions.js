// generated from owl_src/my_time/own_questions.ts, do not edit
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
class OwnQuestions extends Component {
  static template = "biometric_attendance.OwnQuestions";
  static props = {
    questions: Array,
    consent: { type: [Object, { value: null }] },
    busy: Boolean,
    tell: Function
  };
  /** Number of the answer that is marked, by question; the question whose change is being written. */
  state;
  setup() {
    this.state = useState({ marked: {}, changing: null, reason: "" });
  }
  get open() {
    return this.props.questions.filter(({ state }) => state === "open");
  }
  /** One question stands open above the days; more are folded, or they hide the days of a phone. */
  get isFolded() {
    return this.open.length > 1;
  }
  get foldText() {
    return _t("Questions waiting for your answer: %(count)s", { count: this.open.length });
  }
  get closed() {
    return this.props.questions.filter(({ state }) => state !== "open");
  }
  mark(question, number) {
    this.state.marked[question.id] = number;
  }
  begin(question) {
    delete this.state.marked[question.id];
    Object.assign(this.state, { changing: question.id, reason: "" });
  }
  forget() {
    this.state.changing = null;
  }
  onReason(event) {
    this.state.reason = event.target.value;
  }
  send(question) {
    const number = this.state.marked[question.id];
    if (number) {
      this.props.tell("attest", [question.id, number], _t("Your answer has been recorded."));
    }
  }
  sendChange(question) {
    const number = this.state.marked[question.id];
    if (!number) return;
    this.props.tell(
      "attest",
      [question.id, number, this.state.reason],
      _t("Sent. Nothing changes until someone approves it.")
    );
    this.state.changing = null;
  }
  consent(verdict) {
    this.props.tell(
      "consent",
      [verdict, this.props.consent?.text_id || null],
      _t("Recorded, with the text as you read it.")
    );
  }
}
export {
  OwnQuestions
};
