/**
 * The shapes that go into and come out of the queue. Owns no behaviour.
 * Must not know SQL, HTTP or Odoo.
 */
import type { Channel, Punch, Reject, RejectReason, Sighting, Verdict } from "../base/punch.ts";

/** What the queue needs of a clock (base/clock.ts has the real one). */
export interface QueueClock {
  /** Epoch ms; may jump. */
  now(): number;
  /** Ms since some fixed moment; never jumps. */
  monotonic(): number;
  trusted(): boolean;
}

/** The numbers a device put on an upload: where it goes on after a reconnect. */
export interface Stamp {
  readonly table: string;
  readonly value: string;
}

/** What one request or one read brought from one terminal. */
export interface Upload {
  readonly serial: string;
  readonly channel: Channel;
  readonly punches: readonly Punch[];
  readonly rejects: readonly Reject[];
  /** Epoch ms; the clock's now when absent. */
  readonly receivedAt?: number;
  readonly stamp?: Stamp;
}

/** What became durable. Sequence numbers are of the current lane. */
export interface Added {
  /** Punches and rejects now safe, repeats included: the n of `OK: n`. */
  readonly lines: number;
  readonly fresh: number;
  readonly repeated: number;
  /** Lines kept as rejects that were not known before. */
  readonly rejects: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

export interface Head {
  /** 0 and the genesis hash for an empty lane. */
  readonly seq: number;
  readonly hash: string;
}

export interface LaneHead extends Head {
  readonly lane: string;
}

export interface Taken {
  readonly lane: string;
  /** Ascending `seq`, with holes where rows were delivered before. */
  readonly sightings: readonly Sighting[];
}

export interface GivenVerdict {
  readonly seq: number;
  readonly verdict: Verdict;
  readonly reason?: string | undefined;
}

/** The part of a receipt that the queue acts on. */
export interface Settlement {
  readonly lane: string;
  /** Null: the destination keeps no head of the lane. */
  readonly head: Head | null;
  readonly verdicts: readonly GivenVerdict[];
}

/**
 * Odoo's head against ours: `behind` = it lost what we know to be delivered (rewind); `ahead` = it
 * has numbers we never gave (we are an old copy); `taken` = a number that we have not delivered yet
 * holds something else (another copy of us is at work); `tampered` = a number that we delivered has
 * another hash.
 */
export type HeadState = "same" | "behind" | "ahead" | "taken" | "tampered";

export interface SettleResult {
  readonly stored: number;
  readonly duplicate: number;
  readonly quarantined: number;
  /** Parked now: Odoo refused them. */
  readonly rejected: number;
  /** Verdicts for numbers that were not waiting for one. */
  readonly unknown: number;
  readonly head: HeadState;
  /** True when a number was taken by another leaf: the queue went on in a new lane. */
  readonly forked: boolean;
}

export interface ParkedRow {
  readonly lane: string;
  readonly seq: number;
  readonly serial: string;
  readonly reason: string;
  readonly parkedAt: number;
  readonly kind: "punch" | "reject";
}

export interface ParkedFilter {
  readonly lane?: string;
  readonly seqs?: readonly number[];
  readonly serial?: string;
  readonly reason?: string;
}

export type RowState =
  | "pending"
  | "parked"
  | "stored"
  | "duplicate"
  | "quarantined"
  | "renumbered"
  | "damaged";

export interface RejectRow {
  readonly lane: string;
  readonly seq: number;
  readonly serial: string;
  readonly channel: Channel;
  readonly reason: RejectReason;
  readonly raw: string;
  readonly receivedAt: number;
  readonly state: RowState;
}

export interface PunchRow extends Punch {
  readonly lane: string;
  readonly seq: number;
  readonly key: string;
  readonly channel: Channel;
  readonly receivedAt: number;
  readonly state: RowState;
  readonly clock: "ok" | "unsure";
  readonly salt: string;
  /** Of the lane, up to this sighting. */
  readonly hash: string;
}

export interface PunchFilter {
  readonly serial?: string;
  /** Newest rows are kept when there are more; default 1,000. */
  readonly limit?: number;
  /** Epoch ms of receipt, inclusive. */
  readonly since?: number;
  /** For reading everything in pages: rows after that place in `lane`, the oldest of them first. */
  readonly after?: { readonly lane: string; readonly seq: number } | "start";
}

/** `digest` = sha256 of the day's sorted keys joined by LF (docs/contract.md, confirm). */
/** A loss or damage that was noticed. Health stays red while `healedAt` is null. */
export interface DamageNote {
  readonly id: number;
  /** Epoch ms by the agent's clock. */
  readonly at: number;
  /** `damaged_file`, `damaged_row`, `lost_tail`, `missing_file`, `older_copy`, `forked_lane`. */
  readonly kind: DamageKind;
  readonly detail: string;
  /** File name of what was set aside, beside the queue; empty when nothing was. */
  readonly aside: string;
  /** Undelivered sightings read back out of the damaged file and numbered again. */
  readonly salvaged: number;
  readonly healedAt: number | null;
}

export type DamageKind =
  | "damaged_file"
  | "damaged_row"
  | "lost_tail"
  | "missing_file"
  | "older_copy"
  | "forked_lane";

/** Causes of docs/contract.md, `losses`. A lane that was left because of a clone loses nothing. */
export type LossCause = Exclude<DamageKind, "damaged_row" | "forked_lane">;

/**
 * `read_again`: as many punches came as were lost. `unrecoverable`: every terminal was asked for all it
 * holds, and what is missing is not proven to have come.
 */
export type LossState = "open" | "read_again" | "unrecoverable";

export interface Loss {
  readonly id: string;
  readonly lane: string;
  readonly cause: LossCause;
  /** When the lost sightings were received, epoch ms; `from` null: not known. */
  readonly from: number | null;
  readonly to: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly lost: number | null;
  readonly state: LossState;
  /** Odoo knows it in this state. */
  readonly told: boolean;
}

export interface DeviceCount {
  readonly pending: number;
  /**
   * Epoch ms of receipt of its oldest undelivered sighting; null for none. In a backlog of many
   * thousands it may be told older than it is, never younger.
   */
  readonly oldestPendingAt: number | null;
  /** Lines kept as rejects in the rows still held. */
  readonly rejects: number;
  readonly parked: number;
  /** Lines that came again on the same channel, since the file was made. */
  readonly repeated: number;
  /** Lines that it sent, repeats included, without those that were purged since. */
  readonly lines: number;
  /** Number of its latest sighting, 0 for none. */
  readonly lastSeq: number;
}

export interface StandingFault {
  /** `guard`: what stands beside the queue cannot be written; `slow_storage`: commits take too long. */
  readonly code: "guard" | "slow_storage";
  readonly detail: string;
}

export interface QueueStats {
  readonly pending: number;
  readonly parked: number;
  readonly rejects: number;
  readonly delivered: number;
  /** Epoch ms of receipt of the oldest undelivered sighting. */
  readonly oldestPendingAt: number | null;
  /** Database and write-ahead log on disk. */
  readonly bytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly perDevice: ReadonlyMap<string, DeviceCount>;
  /** Not healed yet. */
  readonly damaged: readonly DamageNote[];
  /** What is wrong with the store as it stands, without a note: it ends by itself. */
  readonly standing: readonly StandingFault[];
  /** How long the disk took for a commit, ms: the median of the latest ones; null for none. */
  readonly commitMs: number | null;
  readonly state: "ok" | "full" | "io";
}

/** What the agent keeps of one terminal between restarts. `facts` is JSON of the owner's choice. */
export interface DeviceRow {
  readonly serial: string;
  readonly state: "waiting" | "active" | "refused";
  readonly timeZone: string | null;
  readonly dialect: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

export type CommandState = "queued" | "sent" | "done" | "failed";

export interface CommandRow {
  readonly id: number;
  readonly serial: string;
  readonly name: string;
  /** What goes over the wire after `C:id:`. */
  readonly text: string;
  readonly state: CommandState;
  readonly queuedAt: number;
  readonly sentAt: number | null;
  /** How often it was handed out. */
  readonly sentCount: number;
  readonly return: number | null;
  readonly message: string;
}

export type NewCommand = Pick<CommandRow, "id" | "serial" | "name" | "text">;

export interface CommandOutcome {
  readonly state: "done" | "failed";
  readonly return: number | null;
  readonly message: string;
}

/** Evidence of one synchronisation; the field names of docs/contract.md in this language's case. */
export interface Run {
  readonly id: string;
  readonly serial: string;
  readonly channel: Channel;
  readonly askedBy: string;
  readonly windowFrom: string | null;
  readonly windowTo: string | null;
  readonly read: number;
  readonly new: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly deviceCount: number | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: string;
  readonly message: string;
  readonly commandId: number | null;
  /** Wall times between which a full terminal dropped records nobody had read. */
  readonly lostFrom?: string;
  readonly lostTo?: string;
  /** Of a file: wall times of its window between which it proves nothing. */
  readonly holes?: readonly { readonly from: string; readonly to: string }[];
  /** Records gone since the last complete read without our clear. */
  readonly vanished?: number;
}

export type RandomBytes = (length: number) => Uint8Array;

export interface QueueLog {
  warn(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}
