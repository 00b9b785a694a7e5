/**
 * What a whole read means beside the one before it: what was lost, what vanished, how full the terminal
 * is, and what is remembered. Pure.
 */
import type { DeviceMemory } from "./memory.ts";
import {
  type Losses,
  lossesOf,
  lostWindow,
  type StorageLevel,
  storageLevel,
  vanished,
} from "./plan.ts";

export interface JudgedRead {
  readonly count: number;
  readonly capacity: number | null;
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Lines kept as rejects. */
  readonly unread: number;
  /** Epoch ms. */
  readonly beganAt: number;
  /** It got every record that the terminal counts. */
  readonly complete: boolean;
}

export interface Judgement {
  /** In words, for people. */
  readonly notes: readonly string[];
  readonly losses: Losses;
  /** What is known of the terminal from now on. */
  readonly change: Partial<DeviceMemory>;
}

export function judgeRead(memory: DeviceMemory, read: JudgedRead, now: number): Judgement {
  const { complete } = read;
  const notes: string[] = [];
  const lost = lostWindow(memory.last, read);
  if (lost) {
    notes.push(`the terminal overflowed: records from ${lost.from} to ${lost.to} are lost`);
  }
  const gone = complete ? vanished(memory.last, read.count) : 0;
  if (gone > 0 && !lost) notes.push(`${gone} records vanished without our clear`);
  const level: StorageLevel = storageLevel(read);
  if (level > memory.storageLevel) notes.push(`storage is more than ${level} % full`);
  const last = { count: read.count, newest: read.newest };
  const change = {
    lastReadAt: now,
    failures: 0,
    notAvailable: false,
    storageLevel: level,
    capacity: read.capacity,
    ...(complete && { last, count: read.count }),
    ...(complete && read.unread === 0 && { completeReadAt: read.beganAt }),
  };
  return { notes, losses: lossesOf(lost, gone), change };
}
