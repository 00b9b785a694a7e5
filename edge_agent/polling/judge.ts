/**
 * What a whole read means beside the one before it: whether anything unread can have gone, how full the
 * terminal is, and what is remembered. Counts and stamps prove nothing here: terminals delete their oldest
 * records by themselves, and clocks are wrong. Pure.
 */
import { bearsStamp, endOf, type LogRead, NO_END, stillHolds } from "../zk/zk.ts";
import type { DeviceMemory, LastRead } from "./memory.ts";
import { type StorageLevel, storageLevel } from "./plan.ts";

export interface JudgedRead {
  readonly log: LogRead;
  readonly capacity: number | null;
  /** Different lines kept as rejects. */
  readonly unread: number;
  /** Epoch ms. */
  readonly beganAt: number;
  /** It got every record that the terminal counts. */
  readonly complete: boolean;
}

/** What is known beside the logs themselves; instants in epoch ms, null for never. */
export interface ReadContext {
  readonly now: number;
  /** When a clear of our own was begun that took place. */
  readonly clearedAt: number | null;
  /** Since when push has had no gap, with nothing left to send. */
  readonly pushedSince: number | null;
  /** The terminal's wall time at an instant. */
  readonly wallTime: (at: number) => string;
}

/** What a run reports of it. */
export interface Losses {
  readonly lostFrom?: string;
  readonly lostTo?: string;
  readonly vanished?: number;
}

export interface Judgement {
  /** In words, for people. */
  readonly notes: readonly string[];
  readonly losses: Losses;
  /** What is known of the terminal from now on. */
  readonly change: Partial<DeviceMemory>;
}

export function judgeRead(memory: DeviceMemory, read: JudgedRead, around: ReadContext): Judgement {
  const { complete, log, capacity, beganAt } = read;
  const { count } = log;
  const { notes, losses } = complete ? lossesOf(memory.last, read, around) : NOTHING_LOST;
  const level: StorageLevel = storageLevel({ count, capacity });
  const full = level > memory.storageLevel ? [`storage is more than ${level} % full`] : [];
  const change = {
    lastReadAt: around.now,
    failures: 0,
    notAvailable: false,
    storageLevel: level,
    capacity,
    ...(complete && { last: lastRead(log, beganAt), count }),
    ...(complete && read.unread === 0 && { completeReadAt: beganAt }),
  };
  return { notes: [...notes, ...full], losses, change };
}

/** What the next read is compared with. `beganAt`: epoch ms. */
function lastRead(log: LogRead, beganAt: number): LastRead {
  return { count: log.count, at: beganAt, newest: null, ...endOf(log) };
}

const NOTHING_LOST = { notes: [], losses: {} };

/**
 * Is the newest record of the last whole read still there? Then nothing unread can have gone. If not,
 * everything since that read is unproven, unless a clear of our own came between: then the comparison
 * begins anew.
 */
function lossesOf(
  remembered: LastRead | null,
  { log, capacity }: JudgedRead,
  { now, clearedAt, pushedSince, wallTime }: ReadContext,
): Pick<Judgement, "notes" | "losses"> {
  const isFull = capacity !== null && capacity > 0 && log.count >= capacity;
  const last = sinceClear(remembered, clearedAt);
  if (last === null || isHeld(last, log, isFull)) return NOTHING_LOST;
  const { at } = last;
  if (pushedSince !== null && at !== null && pushedSince <= at) {
    return {
      notes: ["the records of the read before are gone; push had no gap since"],
      losses: {},
    };
  }
  const gone = Math.max(0, last.count - log.count);
  const vanished = gone > 0 ? { vanished: gone } : {};
  if (at === null) {
    const notes = ["the newest record of an earlier read is gone, its time is not known"];
    return { notes, losses: { vanished: Math.max(1, gone) } };
  }
  // Whole seconds, and none of the window left out.
  const [lostFrom, lostTo] = [wallTime(at), wallTime(now + 999)];
  const why = isFull
    ? "the terminal overflowed"
    : "somebody else cleared the terminal, or it deleted records by itself";
  return {
    notes: [
      `${why}: records from ${lostFrom} to ${lostTo} are lost unless another channel told them`,
    ],
    losses: { lostFrom, lostTo, ...vanished },
  };
}

/** After a clear of our own nothing older is left, whether or not that was noted here. */
function sinceClear(last: LastRead | null, clearedAt: number | null): LastRead | null {
  if (clearedAt === null || last === null || last.at === null || clearedAt < last.at) return last;
  return { count: 0, at: clearedAt, newest: null, ...NO_END };
}

/** Where nothing of the last read can be looked for, only a terminal that is full may have lost some. */
function isHeld(last: LastRead, log: LogRead, isFull: boolean): boolean {
  if (last.tail.length > 0) return stillHolds(log, last);
  if (last.newest !== null) return bearsStamp(log, last.newest);
  return last.count > 0 || !isFull;
}
