/**
 * What somebody was asked and what they said about biometrics, inside My time.
 *
 * Owns which answer is marked before it is sent. No answer is ever marked by itself. Must not know what
 * follows from an answer: Odoo says what was asked and what counts.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

export interface Question {
  readonly id: number;
  readonly event: string;
  readonly date_text: string;
  readonly text: string;
  readonly until: string;
  readonly state: "open" | "answered" | "change" | "not_answered";
  readonly state_text: string;
  readonly answer: string;
  readonly may_change: boolean;
  readonly choices: readonly string[];
}

export interface Consent {
  readonly text_id: number | false;
  readonly text: string;
  readonly version: number;
  readonly newer: boolean;
  readonly verdict: "given" | "no_biometrics" | "withdrawn" | null;
  readonly verdict_text: string;
  readonly since: string;
}

interface Props {
  readonly questions: readonly Question[];
  readonly consent: Consent | null;
  readonly busy: boolean;
  readonly tell: (method: string, args: readonly unknown[], said: string) => void;
}

export class OwnQuestions extends Component<Props> {
  static override template = "biometric_attendance.OwnQuestions";
  static override props = {
    questions: Array,
    consent: { type: [Object, { value: null }] },
    busy: Boolean,
    tell: Function,
  };

  /** Number of the answer that is marked, by question; the question whose change is being written. */
  private state!: { marked: Record<number, number>; changing: number | null; reason: string };

  override setup(): void {
    this.state = useState({ marked: {}, changing: null, reason: "" });
  }

  get open(): readonly Question[] {
    return this.props.questions.filter(({ state }) => state === "open");
  }

  /** One question stands open above the days; more are folded, or they hide the days of a phone. */
  get isFolded(): boolean {
    return this.open.length > 1;
  }

  get foldText(): string {
    return _t("Questions waiting for your answer: %(count)s", { count: this.open.length });
  }

  get closed(): readonly Question[] {
    return this.props.questions.filter(({ state }) => state !== "open");
  }

  mark(question: Question, number: number): void {
    this.state.marked[question.id] = number;
  }

  begin(question: Question): void {
    delete this.state.marked[question.id];
    Object.assign(this.state, { changing: question.id, reason: "" });
  }

  forget(): void {
    this.state.changing = null;
  }

  onReason(event: InputEvent): void {
    this.state.reason = (event.target as HTMLInputElement).value;
  }

  send(question: Question): void {
    const number = this.state.marked[question.id];
    if (number) {
      this.props.tell("attest", [question.id, number], _t("Your answer has been recorded."));
    }
  }

  sendChange(question: Question): void {
    const number = this.state.marked[question.id];
    if (!number) return;
    this.props.tell(
      "attest",
      [question.id, number, this.state.reason],
      _t("Sent. Nothing changes until someone approves it."),
    );
    this.state.changing = null;
  }

  consent(verdict: string): void {
    this.props.tell(
      "consent",
      [verdict, this.props.consent?.text_id || null],
      _t("Recorded, with the text as you read it."),
    );
  }
}
