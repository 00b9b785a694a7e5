// generated from owl_src/my_time/own_swaps.ts, do not edit
import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { failureText } from "../failure";
class OwnSwaps extends Component {
  static template = "biometric_attendance.OwnSwaps";
  static props = { swaps: Object, busy: Boolean, tell: Function };
  setup() {
    this.orm = useService("orm");
    this.state = useState({ draft: null, failure: "", reading: false, unfolded: false });
    onWillUpdateProps((next) => {
      if (next.swaps !== this.props.swaps) this.forget();
    });
  }
  // What the template reads --------------------------------------------------------------------------
  get asked() {
    return this.props.swaps.rows.filter((one) => one.may_answer);
  }
  get others() {
    return this.props.swaps.rows.filter((one) => !one.may_answer);
  }
  get colleague() {
    const { draft } = this.state;
    return draft?.colleagues.find(({ id }) => id === draft.colleagueId);
  }
  /** What would be wrong with what is chosen. */
  get trouble() {
    return this.state.draft?.trouble ?? [];
  }
  get maySend() {
    const { draft } = this.state;
    return draft !== null && draft.trouble !== null && draft.text.trim().length >= 10 && !this.props.busy && !this.state.reading;
  }
  isDraft(shift) {
    const own = this.state.draft?.shift;
    return own?.date === shift.date && own.id === shift.id;
  }
  shiftText(shift) {
    return `${shift.date_text}: ${shift.name} (${shift.hours})`;
  }
  // What a person does -------------------------------------------------------------------------------
  async guarded(run) {
    Object.assign(this.state, { reading: true, failure: "" });
    try {
      await run();
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.reading = false;
    }
  }
  async begin(shift) {
    await this.guarded(async () => {
      const colleagues = await this.orm.call("biometric.my.time", "open_swap", [
        shift.date,
        shift.id
      ]);
      this.state.draft = {
        shift,
        colleagues,
        colleagueId: null,
        back: null,
        text: "",
        trouble: null
      };
      this.state.unfolded = true;
    });
  }
  forget() {
    Object.assign(this.state, { draft: null, failure: "" });
  }
  /** As Odoo takes it. */
  get values() {
    const { draft } = this.state;
    const back = draft?.back === null || draft === null ? void 0 : this.colleague?.shifts[draft.back];
    return {
      date: draft?.shift.date,
      shift_id: draft?.shift.id,
      to_employee_id: draft?.colleagueId,
      to_date: back?.date ?? false,
      to_shift_id: back?.id ?? false,
      reason_text: draft?.text ?? ""
    };
  }
  /** What would be wrong is asked anew at each choice; an answer to an earlier choice is dropped. */
  async check() {
    const { draft } = this.state;
    if (!draft) return;
    draft.trouble = null;
    if (draft.colleagueId === null) return;
    const [colleagueId, back] = [draft.colleagueId, draft.back];
    await this.guarded(async () => {
      const found = await this.orm.call("biometric.my.time", "check_swap", [this.values]);
      const now = this.state.draft;
      if (now && now.colleagueId === colleagueId && now.back === back) {
        now.trouble = found;
      }
    });
  }
  onColleague(event) {
    const { draft } = this.state;
    if (!draft) return;
    draft.colleagueId = Number(event.target.value) || null;
    draft.back = null;
    void this.check();
  }
  onBack(event) {
    const { draft } = this.state;
    if (!draft) return;
    const { value } = event.target;
    draft.back = value === "" ? null : Number(value);
    void this.check();
  }
  onText(event) {
    if (this.state.draft) this.state.draft.text = event.target.value;
  }
  send() {
    if (!this.maySend) return;
    this.props.tell(
      "ask_swap",
      [this.values],
      _t("Sent. Nothing changes before your colleague agrees and the swap is approved.")
    );
  }
  agree(one) {
    this.props.tell(
      "say_swap",
      [one.id, "agree"],
      _t("Recorded. The swap now waits for approval.")
    );
  }
  decline(one) {
    this.props.tell("say_swap", [one.id, "decline"], _t("Declined. The roster stays as it is."));
  }
  withdraw(one) {
    this.props.tell("say_swap", [one.id, "withdraw"], _t("Withdrawn."));
  }
}
export {
  OwnSwaps
};
