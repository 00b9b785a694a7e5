// generated from owl_src/device_board/agent_strip.ts, do not edit
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { countText, spanText } from "../format";
import { toneOf } from "./board_data";
import { moment, statusLabel } from "./words";
const SHOWN_AT_FIRST = 4;
const URGENCY = ["danger", "warning", "unknown", "info", "success"];
class AgentStrip extends Component {
  static template = "biometric_attendance.AgentStrip";
  static props = { agents: Array, nowMs: Number, locale: String, open: Function };
  setup() {
    this.state = useState({ all: false });
  }
  get shown() {
    const sorted = this.props.agents.toSorted(
      (a, b) => URGENCY.indexOf(toneOf(a.status)) - URGENCY.indexOf(toneOf(b.status))
    );
    return this.state.all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  }
  get hidden() {
    return this.props.agents.length - this.shown.length;
  }
  get moreLabel() {
    return _t("Show all %s agents", countText(this.props.agents.length, this.props.locale));
  }
  tone(agent) {
    return toneOf(agent.status);
  }
  label(agent) {
    return statusLabel(agent.status);
  }
  seen(agent) {
    return moment(agent.lastSeenAt, this.props.nowMs, this.props.locale);
  }
  /** "120 waiting, the oldest for 3 hours"; nothing when nothing waits, or nobody hears it. */
  backlog(agent) {
    if (!agent.pending) return "";
    const count = countText(agent.pending, this.props.locale);
    const ageMs = this.props.nowMs - (agent.oldestPendingAt ?? this.props.nowMs);
    if (ageMs < 6e4) return _t("%s waiting", count);
    const age = spanText(ageMs, this.props.locale);
    return _t("%(count)s waiting, the oldest for %(age)s", { count, age });
  }
}
export {
  AgentStrip
};
