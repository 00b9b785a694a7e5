/**
 * A terminal's USB export (`attlog.dat`) -> punches and rejects, each with its line. Pure.
 * Columns parted by TAB: PIN (right-aligned), wall time, device number, status, verify mode, work code;
 * an older form has the person's name behind the PIN, which is not kept. The rules of a line are those of
 * the device port, so that a punch has the same key whichever way it came; tests/contract/attlog.json holds
 * examples that the addon reads too.
 */
import { bodyPieces, type Decoded, decodeText, punchOfColumns, rejectOf } from "../adms/adms.ts";
import type { Punch, Reject } from "../base/punch.ts";
import { SERIAL } from "../base/terminal.ts";

/** Bytes, after inflation: a full terminal of 200,000 records exports 12 MB. */
export const MAX_FILE_BYTES = 32 << 20;
const MAX_FILE_LINES = 400_000;
/** Lines in hand at once: keeps the memory of a large file small. */
const LINES_AT_ONCE = 1_000;
const LF = 10;

/** What stands before `_attlog`, and whether it is packed. */
const FILE_NAME = /^(?:(?:([^/\\]+?)_)?attlog[^/\\]*?|[^/\\]*?)(\.gz)?$/i;
/** As terminals write it: the vendor's "i" of `i_attlog.dat`, set in the menu, 1 from the factory. */
const DEVICE_NUMBER = /^\d{1,5}$/;
/** As terminals write theirs; people also put a month or a branch before the name. */
const SERIAL_LIKE = /^[A-Z0-9][A-Z0-9._-]*$/;

export interface FileName {
  /** Of the terminal; null when the name does not say it. Any name may be an export's. */
  readonly serial: string | null;
  /** What stands in a serial's place and does not look like one: a word of somebody's own. */
  readonly word: string | null;
  readonly packed: boolean;
}

/** What a file's name says; null for a path. */
export function readFileName(name: string): FileName | null {
  const found = FILE_NAME.exec(name);
  if (found === null || name === "") return null;
  const packed = found[2] !== undefined;
  const before = found[1] ?? "";
  if (!SERIAL.test(before) || DEVICE_NUMBER.test(before)) {
    return { serial: null, word: null, packed };
  }
  const isSerial = SERIAL_LIKE.test(before);
  return { serial: isSerial ? before : null, word: isSerial ? null : before, packed };
}

export interface FileRows {
  readonly punches: Punch[];
  readonly rejects: Reject[];
  /** Line numbers of the rejects, from 1. */
  readonly badLines: number[];
}

/** The file in pieces, in its own order. `salt`: this agent's own, for lines that are withheld. */
export function* readAttlog(
  serial: string,
  body: Uint8Array,
  salt: string,
): Generator<FileRows> {
  let number = 0;
  for (const piece of bodyPieces(withoutEnd(body), LINES_AT_ONCE)) {
    const rows: FileRows = { punches: [], rejects: [], badLines: [] };
    for (const line of linesOf(piece)) {
      number += 1;
      if (line.every((byte) => byte <= 32)) continue;
      const { text: whole, sure } = decodeText(withoutMark(line));
      const columns = columnsOf(whole.replace(/\r$/, ""));
      const text = columns.join("\t");
      const read = parseFileLine(serial, columns, { text, sure });
      if (typeof read !== "string") rows.punches.push(read);
      else {
        rows.rejects.push(rejectOf(serial, read, { text, sure }, salt));
        rows.badLines.push(number);
      }
    }
    yield rows;
  }
}

/** Some firmware counts the terminator of its text buffer into the length. */
function withoutEnd(body: Uint8Array): Uint8Array {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end--;
  return body.subarray(0, end);
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Editors write it at the beginning of a file; of files laid together it stands before a later line. */
function withoutMark(line: Uint8Array): Uint8Array {
  const isMarked = BYTE_ORDER_MARK.every((byte, at) => line[at] === byte);
  return isMarked ? withoutMark(line.subarray(BYTE_ORDER_MARK.length)) : line;
}

/** A time as it stands in an export, right or wrong. */
const TIME_LIKE = /^\s*(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]|\d{14}\s*$)/;

/** Without the name of the older form: it is nobody's business here. */
function columnsOf(text: string): string[] {
  const columns = text.split("\t");
  const [pin = "", second = "", third = "", ...rest] = columns;
  const isNamed = !TIME_LIKE.test(second) && TIME_LIKE.test(third);
  return isNamed ? [pin, third, ...rest] : columns;
}

/** The device port's line has no device number, and nothing behind the work code has a meaning here. */
function parseFileLine(serial: string, columns: readonly string[], line: Decoded) {
  return punchOfColumns(serial, [...columns.slice(0, 2), ...columns.slice(3, 6)], line);
}

/** What ends a piece's last line belongs to it. */
function* linesOf(piece: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < piece.length;) {
    const found = piece.indexOf(LF, start);
    const end = found < 0 ? piece.length : found;
    yield piece.subarray(start, end);
    start = end + 1;
  }
}

/** Why the file as a whole is no export; null when it is one. */
export function whyNoExport(serial: string, body: Uint8Array): string | null {
  if (body.length > MAX_FILE_BYTES) return `it is larger than ${MAX_FILE_BYTES >> 20} MiB`;
  let lines = 0;
  for (let at = body.indexOf(LF); at >= 0; at = body.indexOf(LF, at + 1)) lines++;
  if (lines > MAX_FILE_LINES) return `it has more than ${MAX_FILE_LINES} lines`;
  for (const { punches } of readAttlog(serial, body, "")) if (punches.length > 0) return null;
  return "no line of it is a punch";
}
