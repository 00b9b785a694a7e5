/**
 * Swaps of shifts inside My time: one's own shifts ahead, asking a colleague, answering one.
 *
 * Owns what is being chosen and typed, and that what would be wrong with the roster is shown before
 * anything is sent. Must not know who decides: Odoo says whom a swap waits for.
 */
import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { type Services, useService } from "@web/core/utils/hooks";
import { failureText } from "../failure.ts";

export interface ShiftAhead {
  readonly date: string;
  readonly date_text: string;
  readonly id: number;
  readonly name: string;
  readonly hours: string;
}

interface Colleague {
  readonly id: number;
  readonly name: string;
  readonly shifts: readonly ShiftAhead[];
}

export interface OwnSwap {
  readonly id: number;
  readonly change: string;
  readonly why: string;
  readonly state: string;
  readonly state_text: string;
  readonly waits: string;
  /** What would be wrong with the roster, a line each. */
  readonly trouble: readonly string[];
  readonly answer: string;
  readonly decided_by: string;
  readonly may_answer: boolean;
  readonly may_decline: boolean;
  readonly may_withdraw: boolean;
}

export interface Swaps {
  readonly shifts: readonly ShiftAhead[];
  readonly rows: readonly OwnSwap[];
}

interface Draft {
  readonly shift: ShiftAhead;
  readonly colleagues: readonly Colleague[];
  colleagueId: number | null;
  /** Place in the colleague's list of what is taken in return; null: the shift is given away. */
  back: number | null;
  text: string;
  /** What Odoo says of it; null: not asked yet. */
  trouble: readonly string[] | null;
}

interface Props {
  readonly swaps: Swaps;
  readonly busy: boolean;
  readonly tell: (method: string, args: readonly unknown[], said: string) => void;
}

export class OwnSwaps extends Component<Props> {
  static override template = "biometric_attendance.OwnSwaps";
  static override props = { swaps: Object, busy: Boolean, tell: Function };

  declare state: { draft: Draft | null; failure: string; reading: boolean; unfolded: boolean };
  declare private orm: Services["orm"];

  override setup(): void {
    this.orm = useService("orm");
    this.state = useState({ draft: null, failure: "", reading: false, unfolded: false });
    // What was typed stays until Odoo took it.
    onWillUpdateProps((next: Props) => {
      if (next.swaps !== this.props.swaps) this.forget();
    });
  }

  // What the template reads --------------------------------------------------------------------------

  get asked(): readonly OwnSwap[] {
    return this.props.swaps.rows.filter((one) => one.may_answer);
  }

  get others(): readonly OwnSwap[] {
    return this.props.swaps.rows.filter((one) => !one.may_answer);
  }

  get colleague(): Colleague | undefined {
    const { draft } = this.state;
    return draft?.colleagues.find(({ id }) => id === draft.colleagueId);
  }

  /** What would be wrong with what is chosen. */
  get trouble(): readonly string[] {
    return this.state.draft?.trouble ?? [];
  }

  get maySend(): boolean {
    const { draft } = this.state;
    return draft !== null && draft.trouble !== null && draft.text.trim().length >= 10 &&
      !this.props.busy && !this.state.reading;
  }

  isDraft(shift: ShiftAhead): boolean {
    const own = this.state.draft?.shift;
    return own?.date === shift.date && own.id === shift.id;
  }

  shiftText(shift: ShiftAhead): string {
    return `${shift.date_text}: ${shift.name} (${shift.hours})`;
  }

  // What a person does -------------------------------------------------------------------------------

  private async guarded(run: () => Promise<void>): Promise<void> {
    Object.assign(this.state, { reading: true, failure: "" });
    try {
      await run();
    } catch (error) {
      this.state.failure = failureText(error);
    } finally {
      this.state.reading = false;
    }
  }

  async begin(shift: ShiftAhead): Promise<void> {
    await this.guarded(async () => {
      const colleagues = await this.orm.call("biometric.my.time", "open_swap", [
        shift.date,
        shift.id,
      ]) as Colleague[];
      this.state.draft = {
        shift,
        colleagues,
        colleagueId: null,
        back: null,
        text: "",
        trouble: null,
      };
      this.state.unfolded = true;
    });
  }

  forget(): void {
    Object.assign(this.state, { draft: null, failure: "" });
  }

  /** As Odoo takes it. */
  private get values(): Record<string, unknown> {
    const { draft } = this.state;
    const back = draft?.back === null || draft === null
      ? undefined
      : this.colleague?.shifts[draft.back];
    return {
      date: draft?.shift.date,
      shift_id: draft?.shift.id,
      to_employee_id: draft?.colleagueId,
      to_date: back?.date ?? false,
      to_shift_id: back?.id ?? false,
      reason_text: draft?.text ?? "",
    };
  }

  /** What would be wrong is asked anew at each choice; an answer to an earlier choice is dropped. */
  private async check(): Promise<void> {
    const { draft } = this.state;
    if (!draft) return;
    draft.trouble = null;
    if (draft.colleagueId === null) return;
    const [colleagueId, back] = [draft.colleagueId, draft.back];
    await this.guarded(async () => {
      const found = await this.orm.call("biometric.my.time", "check_swap", [this.values]);
      const now = this.state.draft;
      if (now && now.colleagueId === colleagueId && now.back === back) {
        now.trouble = found as string[];
      }
    });
  }

  onColleague(event: Event): void {
    const { draft } = this.state;
    if (!draft) return;
    draft.colleagueId = Number((event.target as HTMLSelectElement).value) || null;
    draft.back = null;
    void this.check();
  }

  onBack(event: Event): void {
    const { draft } = this.state;
    if (!draft) return;
    const { value } = event.target as HTMLSelectElement;
    draft.back = value === "" ? null : Number(value);
    void this.check();
  }

  onText(event: InputEvent): void {
    if (this.state.draft) this.state.draft.text = (event.target as HTMLInputElement).value;
  }

  send(): void {
    if (!this.maySend) return;
    this.props.tell(
      "ask_swap",
      [this.values],
      _t("Sent. Nothing changes before your colleague agrees and the swap is approved."),
    );
  }

  agree(one: OwnSwap): void {
    this.props.tell(
      "say_swap",
      [one.id, "agree"],
      _t("Recorded. The swap now waits for approval."),
    );
  }

  decline(one: OwnSwap): void {
    this.props.tell("say_swap", [one.id, "decline"], _t("Declined. The roster stays as it is."));
  }

  withdraw(one: OwnSwap): void {
    this.props.tell("say_swap", [one.id, "withdraw"], _t("Withdrawn."));
  }
}
