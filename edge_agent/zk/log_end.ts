/**
 * The end of a log that was read whole, and whether a later read still holds it. A terminal deletes from
 * its oldest record on, or everything: as long as the newest record of a read is in the log, nothing that
 * came after it can have gone. By the terminal's own order alone; what its clock said bounds nothing.
 * Pure. Must not know when logs are read or who else may clear them.
 */
import type { LogRead } from "./read.ts";
import { type AttendanceRecord, decodeRecord, layoutBytes } from "./record.ts";

/** Clocks that were reset write the same record again; three alike in a row are no accident. */
const TAIL = 3;

export interface LogEnd {
  /** Its last records that name somebody and a day, as texts, the newest last; at most three. */
  readonly tail: readonly string[];
  /** The newest may be written again: it stood there more than once, or its clock had just gone back. */
  readonly repeats: boolean;
}

/** For a log that is empty, or in which nothing names anybody: nothing can be looked for. */
export const NO_END: LogEnd = { tail: [], repeats: false };

export function endOf(read: LogRead): LogEnd {
  const all = [...namesOf(read)];
  const tail = all.slice(-TAIL);
  const [before, newest] = [tail.at(-2), tail.at(-1)];
  const wentBack = before !== undefined && wallTimeIn(newest!) < wallTimeIn(before);
  return { tail, repeats: wentBack || all.filter((name) => name === newest).length > 1 };
}

/** Whether the newest record of an earlier read, told by its end, is in this log. */
export function stillHolds(read: LogRead, { tail, repeats }: LogEnd): boolean {
  const seen: string[] = [];
  for (const name of namesOf(read)) {
    seen.push(name);
    if (name !== tail.at(-1)) continue;
    // At the log's beginning the terminal may have deleted those before it.
    const known = tail.slice(-seen.length);
    if (known.length < tail.length && repeats) continue;
    const here = seen.slice(-known.length);
    if (known.every((text, at) => text === here[at])) return true;
  }
  return false;
}

/** Whether any record bears this stamp: all that files of before 1.1 tell of a read's end. */
export function bearsStamp(read: LogRead, wallTime: string): boolean {
  for (const { wallTime: found } of recordsOf(read)) if (found === wallTime) return true;
  return false;
}

function* namesOf(read: LogRead): Generator<string> {
  for (const record of recordsOf(read)) {
    const name = nameOf(record);
    if (name !== null) yield name;
  }
}

function* recordsOf({ body, layout }: LogRead): Generator<AttendanceRecord> {
  if (layout === null) return;
  const size = layoutBytes(layout);
  for (let at = 0; at < body.length; at += size) {
    yield decodeRecord(body.subarray(at, at + size), layout);
  }
}

/**
 * Without what a terminal may number anew and what another firmware writes more of. Null for a record that
 * names nobody or no day: erased flash is alike wherever it stands and proves nothing.
 */
function nameOf({ userId, index, wallTime, state, verify }: AttendanceRecord): string | null {
  const who = userId ?? (index === 0 ? "" : `#${index}`);
  if (who === "" || who === "0" || wallTime === null) return null;
  return [who, wallTime, state, verify].join("\t");
}

function wallTimeIn(name: string): string {
  return name.split("\t", 2)[1]!;
}
