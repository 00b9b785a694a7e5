/**
 * How a sighting looks as a row and back again, and the proof that a row is still what was
 * committed. Pure but for the row types of the store; must not know transactions or receipts.
 */
import { keptLine } from "../base/kept_line.ts";
import {
  type BareLeaf,
  chainHash,
  type Channel,
  type Punch,
  punchKey,
  type PunchSighting,
  type Reject,
  type RejectReason,
  type RejectSighting,
  sightingLeaf,
} from "../base/punch.ts";
import { SERIAL } from "../base/terminal.ts";
import type { Cell, Row } from "./sql.ts";
import {
  DAMAGED,
  DamagedRow,
  DUPLICATE,
  hex,
  PARKED,
  PARKED_OPEN,
  PENDING,
  QUARANTINED,
  RENUMBERED,
  STORED,
} from "./store.ts";
import type { RowState } from "./types.ts";

const CHANNELS: readonly Channel[] = ["push", "poll", "file"];
/** Added to the channel's number when the clock was not trusted. */
const UNSURE = 8;

export function channelCode(channel: Channel, trusted: boolean): number {
  return CHANNELS.indexOf(channel) + (trusted ? 0 : UNSURE);
}

/** One bit per channel, for the key memory. */
export function channelBit(channel: Channel): number {
  return 1 << CHANNELS.indexOf(channel);
}

/** Without the clock's mark. */
export function channelNumber(code: Cell | undefined): number {
  return Number(code) % UNSURE;
}

export function channelOf(code: Cell | undefined): Channel {
  const channel = CHANNELS[channelNumber(code)];
  if (channel === undefined) throw new DamagedRow(`no channel has the number ${code}`);
  return channel;
}

export function clockOf(code: Cell | undefined): "ok" | "unsure" {
  return Number(code) >= UNSURE ? "unsure" : "ok";
}

const WALL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** `2026-03-02 08:58:13` as 20260302085813: text of that form and number are one to one. */
export function packWallTime(wallTime: string): number {
  let packed = 0;
  for (let at = 0; at < wallTime.length; at++) {
    const digit = wallTime.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) packed = packed * 10 + digit;
  }
  return packed;
}

export function unpackWallTime(packed: number): string {
  const d = String(packed).padStart(14, "0");
  return `${d.slice(0, 4)}-${d.slice(4, 6)}-${d.slice(6, 8)} ` +
    `${d.slice(8, 10)}:${d.slice(10, 12)}:${d.slice(12, 14)}`;
}

/** Either would make the canonical form ambiguous. */
const UNCHAINABLE = /[\n\0]/;
const RAW_LENGTH = 1_024;

export function requireName(serial: string): void {
  if (!SERIAL.test(serial)) throw new TypeError("not a serial number");
}

/** Null when the punch fits docs/contract.md; else why it cannot become a sighting. */
export function punchFault(punch: Punch): RejectReason | null {
  if (!WALL_TIME.test(punch.wallTime)) return "bad_time";
  if (punch.pin.length === 0) return "empty_pin";
  if (punch.pin.length > 64 || UNCHAINABLE.test(punch.pin)) return "bad_pin";
  const fits = punch.status.length <= 8 && punch.verify.length <= 24 &&
    punch.workCode.length <= 64 && punch.extra.length <= 512 &&
    !UNCHAINABLE.test(punch.status) && !UNCHAINABLE.test(punch.verify) &&
    !UNCHAINABLE.test(punch.workCode) && !UNCHAINABLE.test(punch.extra);
  return fits ? null : "bad_field";
}

/** A line that the codec passed as a punch but the contract cannot carry, kept all the same. */
export function asReject(punch: Punch, reason: RejectReason): Reject {
  const fields = [punch.pin, punch.wallTime, punch.status, punch.verify, punch.workCode];
  const line = { text: fields.join("\t"), sure: true };
  return { serial: punch.serial, reason, raw: keptLine(line, "a punch", "") };
}

/** A reject within the contract's limits. */
export function fittingReject(reject: Reject): Reject {
  const raw = reject.raw.slice(0, RAW_LENGTH).replaceAll("\n", " ").replaceAll("\0", "�");
  return raw === reject.raw ? reject : { ...reject, raw };
}

export interface Place {
  readonly lane: string;
  readonly seq: number;
  /** Hash of the sighting before it, genesis for seq 1. */
  readonly previousHash: string;
}

export type FullSighting = PunchSighting | RejectSighting;

/** Rebuilds the sighting of a row and proves it by the chain. Throws DamagedRow. */
export function sightingOf(row: Row, serial: string, place: Place): FullSighting {
  const numbered = {
    lane: place.lane,
    seq: place.seq,
    serial,
    channel: channelOf(row["channel"]),
    receivedAt: instantOf(row["received_at"]),
    clock: clockOf(row["channel"]),
    salt: hex(row["salt"]),
  };
  const fields = row["reason"] === null
    ? { kind: "punch" as const, ...numbered, ...punchFields(row, serial) }
    : {
      kind: "reject" as const,
      ...numbered,
      reason: String(row["reason"]) as RejectReason,
      raw: String(row["raw"]),
    };
  const leaf = sightingLeaf(fields);
  const hash = chainHash(place.previousHash, leaf);
  if (hash !== hex(row["hash"])) {
    throw new DamagedRow(`sighting ${place.seq} of lane ${place.lane} does not give its hash`);
  }
  return { ...fields, leaf, hash };
}

const WORD = /^[a-z][a-z0-9_]{0,31}$/;

/** `parkedFor`: why it is set aside; what is no word of the contract travels as `refused`. */
export function bareLeaf(sighting: FullSighting, parkedFor: string): BareLeaf {
  const { lane, seq, leaf, hash } = sighting;
  const reason = WORD.test(parkedFor) ? parkedFor : "refused";
  return { kind: "leaf", lane, seq, leaf, hash, reason };
}

/** The punch of a row with its key. */
export function punchFields(row: Row, serial: string): Punch & { readonly key: string } {
  const punch = {
    serial,
    pin: String(row["pin"]),
    wallTime: unpackWallTime(Number(row["wall"])),
    status: String(row["status"]),
    verify: String(row["verify"]),
    workCode: String(row["work_code"]),
    extra: String(row["extra"]),
  };
  return { ...punch, key: punchKey(punch) };
}

function instantOf(cell: Cell | undefined): string {
  const at = new Date(Number(cell));
  if (Number.isNaN(at.getTime())) throw new DamagedRow("received_at is no instant");
  return at.toISOString();
}

const STATE_NAMES: Readonly<Record<number, RowState>> = {
  [PENDING]: "pending",
  [PARKED_OPEN]: "parked",
  [PARKED]: "parked",
  [STORED]: "stored",
  [DUPLICATE]: "duplicate",
  [QUARANTINED]: "quarantined",
  [RENUMBERED]: "renumbered",
  [DAMAGED]: "damaged",
};

export function stateName(cell: Cell | undefined): RowState {
  const name = STATE_NAMES[Number(cell)];
  if (name === undefined) throw new DamagedRow(`no state has the number ${cell}`);
  return name;
}
