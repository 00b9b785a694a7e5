/**
 * From an open terminal into the queue: whose terminal it is, its whole log, and the log as sightings
 * of channel `poll`. Shared by polling and cleanup. Must not know schedules, Odoo or clearing.
 */
import type { Punch, Reject } from "../base/punch.ts";
import { ZkFault } from "./frame.ts";
import { type LogRead, readLog } from "./read.ts";
import { type Layout, layoutBytes, LAYOUTS, readPunches } from "./record.ts";
import type { Dial, Terminal } from "./socket.ts";
import { readFacts, readSerial, type TerminalFacts, type Waits } from "./talk.ts";
import { latestBelievable } from "./time.ts";

/** A terminal that may be read. */
export interface PollTarget {
  /** What it must state before anything is stored. */
  readonly serial: string;
  readonly host: string;
  readonly port: number;
  readonly transport: "tcp" | "udp";
  readonly commKey: number;
}

/** What is needed of the queue. */
export interface PunchSink {
  add(upload: {
    serial: string;
    channel: "poll";
    punches: readonly Punch[];
    rejects: readonly Reject[];
  }): Promise<{ fresh: number; repeated: number; rejects: number }>;
  getState(name: string): string | null;
  setState(name: string, value: string): void;
}

export function dialOf(target: PollTarget, waits?: Waits, signal?: AbortSignal): Dial {
  const { host, port, commKey, transport } = target;
  return { host, port, commKey, transport, ...(waits && { waits }), ...(signal && { signal }) };
}

/** Throws `serial` unless the terminal is the expected one: addresses get swapped and reused. */
export async function requireSerial(terminal: Terminal, expected: string): Promise<string> {
  const serial = await terminal.run(readSerial(terminal.session));
  if (serial !== expected) {
    throw new ZkFault("serial", `expected ${expected}, ${serial} answers at this address`);
  }
  return serial;
}

/** The expected terminal's facts. Throws like requireSerial. */
export async function requireFacts(terminal: Terminal, expected: string): Promise<TerminalFacts> {
  const facts = await terminal.run(readFacts(terminal.session));
  if (facts.serial !== expected) {
    throw new ZkFault("serial", `expected ${expected}, ${facts.serial} answers at this address`);
  }
  return facts;
}

/** One whole read. The layout a serial was read with is remembered in the queue's state. */
export async function readWhole(
  terminal: Terminal,
  serial: string,
  { now, wallTime, sink }: { now: number; wallTime: string | null; sink: PunchSink },
): Promise<LogRead> {
  const name = `poll_layout:${serial}`;
  const known = sink.getState(name);
  const remembered = LAYOUTS.find((layout: Layout) => layout === known);
  const latest = latestBelievable(now, wallTime);
  const read = await terminal.run(readLog(terminal.session, { latest, remembered }));
  if (read.layout !== null && read.layout !== known) sink.setState(name, read.layout);
  return read;
}

/** Records turned into punches at once; keeps the memory of a large log small. */
const BATCH = 1_000;

/** The read as punches and rejects, in batches. */
export function* inBatches(
  read: LogRead,
  serial: string,
): Generator<{ punches: Punch[]; rejects: Reject[] }> {
  if (read.layout === null) return;
  const step = BATCH * layoutBytes(read.layout);
  for (let at = 0; at < read.body.length; at += step) {
    const body = read.body.subarray(at, Math.min(read.body.length, at + step));
    yield readPunches(body, { serial, layout: read.layout, pins: read.pins });
  }
}

/** What came of storing a read. */
export interface Stored {
  /** Punches that were not known by this channel, and those that were or stood in the read before. */
  readonly fresh: number;
  readonly repeated: number;
  /** Different lines of the read that are rejects, known or not: each is kept and decided once. */
  readonly unread: number;
}

/**
 * Resolves when every record is durable. Storing twice is harmless. `onStored` is told how many records
 * are durable so far.
 */
export async function storeRead(
  sink: PunchSink,
  serial: string,
  read: LogRead,
  onStored?: (records: number) => void,
): Promise<Stored> {
  let done = 0;
  let fresh = 0, repeated = 0;
  const unread = new Set<string>();
  for (const { punches, rejects } of inBatches(read, serial)) {
    const added = await sink.add({ serial, channel: "poll", punches, rejects });
    const fresher = added.fresh - added.rejects;
    fresh += fresher;
    repeated += punches.length - fresher;
    for (const { raw } of rejects) unread.add(raw);
    done += punches.length + rejects.length;
    onStored?.(done);
  }
  return { fresh, repeated, unread: unread.size };
}
