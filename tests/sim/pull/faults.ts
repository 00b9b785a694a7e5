/** The faults a simulated terminal can show, each a given number of times. Imports nothing. */

export type FaultName =
  /** The closing ACK comes after two thirds of a slice. */
  | "truncate"
  /** A well framed log that lacks its last third. */
  | "short_log"
  | "bad_checksum"
  | "drop_midway"
  /** The terminal goes silent in the middle of a slice. */
  | "stall"
  | "garbage_length"
  | "garbage_bytes"
  | "lying_header"
  | "huge_announcement"
  /** Data frames without end. */
  | "endless"
  | "stray_flood"
  | "late_ack"
  | "events_between"
  | "append_during_read"
  | "append_before_clear"
  | "sizes_zero"
  | "sizes_short"
  | "sizes_long"
  | "clear_no_ack"
  | "clear_drop_before"
  | "clear_drop_after"
  | "clear_refused"
  | "want_error"
  | "want_silent"
  | "connect_6001"
  | "connect_silent"
  | "enable_silent"
  | "user_refused"
  /** A written user loses the password: what sloppy firmware does. */
  | "user_wiped"
  /** Says OK and keeps the option as it was. */
  | "option_ignored"
  | "unnumbered";

export class Faults {
  readonly #left = new Map<FaultName, number>();
  readonly #shown = new Map<FaultName, number>();

  set(name: FaultName, times: number = Number.MAX_SAFE_INTEGER): void {
    this.#left.set(name, times);
  }

  clear(): void {
    this.#left.clear();
  }

  /** True while the fault is due; counts it as shown. */
  due(name: FaultName): boolean {
    const left = this.#left.get(name) ?? 0;
    if (left <= 0) return false;
    this.#left.set(name, left - 1);
    this.#shown.set(name, this.shown(name) + 1);
    return true;
  }

  shown(name: FaultName): number {
    return this.#shown.get(name) ?? 0;
  }
}

/** The count a terminal tells when it holds `real` records. */
export function toldRecords(faults: Faults, real: number): number {
  if (faults.due("sizes_zero")) return 0;
  if (faults.due("sizes_short")) return Math.floor(real / 2);
  return faults.due("sizes_long") ? real + 5 : real;
}
