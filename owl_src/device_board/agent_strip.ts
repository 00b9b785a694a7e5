/**
 * The agents above the devices: who is connected, since when, with what backlog.
 *
 * Owns the order (trouble first) and how many are shown before a person asks for all. Must not know
 * where the facts come from.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { countText, spanText } from "../format.ts";
import { type AgentFacts, type Tone, toneOf } from "./board_data.ts";
import { type Moment, moment, statusLabel } from "./words.ts";

/** A strip, not a second list: more than these are shown on request. */
const SHOWN_AT_FIRST = 4;

const URGENCY: readonly Tone[] = ["danger", "warning", "unknown", "info", "success"];

interface Props {
  agents: readonly AgentFacts[];
  nowMs: number;
  locale: string;
  open: (agentId: number) => void;
}

export class AgentStrip extends Component<Props> {
  static override template = "biometric_attendance.AgentStrip";
  static override props = { agents: Array, nowMs: Number, locale: String, open: Function };

  declare state: { all: boolean };

  override setup(): void {
    this.state = useState({ all: false });
  }

  get shown(): readonly AgentFacts[] {
    const sorted = this.props.agents.toSorted((a, b) =>
      URGENCY.indexOf(toneOf(a.status)) - URGENCY.indexOf(toneOf(b.status))
    );
    return this.state.all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  }

  get hidden(): number {
    return this.props.agents.length - this.shown.length;
  }

  get moreLabel(): string {
    return _t("Show all %s agents", countText(this.props.agents.length, this.props.locale));
  }

  tone(agent: AgentFacts): Tone {
    return toneOf(agent.status);
  }

  label(agent: AgentFacts): string {
    return statusLabel(agent.status);
  }

  seen(agent: AgentFacts): Moment | null {
    return moment(agent.lastSeenAt, this.props.nowMs, this.props.locale);
  }

  /** "120 waiting, the oldest for 3 hours"; nothing when nothing waits, or nobody hears it. */
  backlog(agent: AgentFacts): string {
    if (!agent.pending) return "";
    const count = countText(agent.pending, this.props.locale);
    const ageMs = this.props.nowMs - (agent.oldestPendingAt ?? this.props.nowMs);
    if (ageMs < 60_000) return _t("%s waiting", count);
    const age = spanText(ageMs, this.props.locale);
    return _t("%(count)s waiting, the oldest for %(age)s", { count, age });
  }
}
