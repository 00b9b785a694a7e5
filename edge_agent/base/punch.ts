/**
 * What a punch, a reject and a sighting are, and the digests that name and chain them.
 * Pure: no clock, no disk, no network, no randomness. Must not know how a punch arrived in bytes
 * (adms, zk), where it is kept (queue) or who receives it (odoo).
 * The canonical forms are written down in docs/contract.md; tests/contract/sightings.json holds
 * examples that the agent and the addon both read.
 */
import { sha256Hex } from "./sha256.ts";

/** How a sighting came to the agent: pushed by the terminal, read from it, or from a file. */
export type Channel = "push" | "poll" | "file";

/** Whether the agent trusted its own clock when it stamped `receivedAt`. */
export type ClockTrust = "ok" | "unsure";

/** One event at one terminal, every field exactly as the device stated it. */
export interface Punch {
  readonly serial: string;
  /** Text: `007` and `7` are different PINs. */
  readonly pin: string;
  /** `YYYY-MM-DD HH:MM:SS`, device-local, no zone. */
  readonly wallTime: string;
  /** Attendance state key as text; empty when the channel does not state it. */
  readonly status: string;
  /** Verify mode as text; empty when not stated. */
  readonly verify: string;
  readonly workCode: string;
  /** Columns after the work code as received, joined by TAB; empty when there are none. */
  readonly extra: string;
}

/** A line of an attendance table that could not be read, kept raw (cut to 1,024 characters). */
export interface Reject {
  readonly serial: string;
  readonly reason: RejectReason;
  readonly raw: string;
}

export type RejectReason =
  | "empty_pin"
  | "bad_pin"
  | "bad_time"
  | "bad_field"
  | "too_few_columns"
  | "ambiguous_pin"
  | "unknown_event"
  | "unreadable";

interface Numbered {
  /** Lane id: 32 lower-case hex digits. */
  readonly lane: string;
  /** 1, 2, 3 … without holes in one lane. */
  readonly seq: number;
  readonly channel: Channel;
  /** `YYYY-MM-DDTHH:MM:SS.sssZ`, the agent's clock. */
  readonly receivedAt: string;
  readonly clock: ClockTrust;
  /** 32 lower-case hex digits; erasing it with the fields leaves a leaf that proves position only. */
  readonly salt: string;
  readonly leaf: string;
  readonly hash: string;
}

export interface PunchSighting extends Numbered, Punch {
  readonly kind: "punch";
  readonly key: string;
}

export interface RejectSighting extends Numbered, Reject {
  readonly kind: "reject";
}

/** What stays of a sighting that is parked: its place in the lane. */
export interface BareLeaf {
  readonly kind: "leaf";
  readonly lane: string;
  readonly seq: number;
  readonly leaf: string;
  readonly hash: string;
  /** Why no more of it is sent: a word, `[a-z][a-z0-9_]{0,31}`. */
  readonly reason: string;
}

export type Sighting = PunchSighting | RejectSighting | BareLeaf;

export type Verdict = "stored" | "duplicate" | "quarantined" | "rejected";

/** The name of a punch for ever: same punch, same key, by any channel and any agent. */
export function punchKey(punch: Pick<Punch, "serial" | "pin" | "wallTime" | "status">): string {
  return sha256Hex(`v1\n${punch.serial}\n${punch.pin}\n${punch.wallTime}\n${punch.status}`);
}

/** What the first sighting of a lane is chained to. */
export function laneGenesis(lane: string): string {
  return sha256Hex(["v1", "lane", lane].join("\n"));
}

type PunchFields = Omit<PunchSighting, "leaf" | "hash">;
type RejectFields = Omit<RejectSighting, "leaf" | "hash">;

/** The text a leaf is made of; no field may contain a line feed (the codecs refuse it). */
function canonicalSighting(sighting: PunchFields | RejectFields): string {
  const { kind, lane, seq, channel, receivedAt, clock } = sighting;
  const own = kind === "punch"
    ? `${sighting.key}\n${sighting.verify}\n${sighting.workCode}\n${sighting.extra}`
    : `${sighting.serial}\n${sighting.reason}\n${sha256Hex(sighting.raw)}`;
  return `v1\n${kind}\n${lane}\n${seq}\n${own}\n${channel}\n${receivedAt}\n${clock}`;
}

export function sightingLeaf(sighting: PunchFields | RejectFields): string {
  return sha256Hex(`${sighting.salt}\n${canonicalSighting(sighting)}`);
}

/** What the agent signs of the head of a lane. */
export function headText(
  { lane, seq, hash }: { readonly lane: string; readonly seq: number; readonly hash: string },
): string {
  return ["v1", "head", lane, seq, hash].join("\n");
}

export function chainHash(previousHash: string, leaf: string): string {
  return sha256Hex(`${previousHash}\n${leaf}`);
}
