/**
 * A terminal's USB export (`attlog.dat`) -> punches and rejects, each with its line. Pure.
 * Columns parted by TAB: PIN (right-aligned), wall time, device number, status, verify mode, work code.
 * The rules of a line are those of the device port, so that a punch has the same key whichever way it
 * came; tests/contract/attlog.json holds examples that the addon reads too.
 */
import { bodyPieces, decodeText, parseAttlogLine, rejectOf } from "../adms/adms.ts";
import type { Punch, Reject } from "../base/punch.ts";
import { SERIAL } from "../base/terminal.ts";

/** Bytes, after inflation: a full terminal of 200,000 records exports 12 MB. */
export const MAX_FILE_BYTES = 32 << 20;
export const MAX_FILE_LINES = 400_000;
/** Lines in hand at once: keeps the memory of a large file small. */
const LINES_AT_ONCE = 1_000;
const LF = 10;

/** `SERIAL_attlog….dat`, with or without the serial number, packed or not. */
const FILE_NAME = new RegExp(
  `^(?:(${SERIAL.source.slice(1, -1)})_)?attlog[^/\\\\]*\\.dat(\\.gz)?$`,
  "i",
);

/** What a file's name says; null when it is no export's name. */
export function readFileName(name: string): { serial: string | null; packed: boolean } | null {
  const found = FILE_NAME.exec(name);
  return found && { serial: found[1] ?? null, packed: found[2] !== undefined };
}

export interface FileRows {
  readonly punches: Punch[];
  readonly rejects: Reject[];
  /** Line numbers of the rejects, from 1. */
  readonly badLines: number[];
}

/** The file in pieces, in its own order. */
export function* readAttlog(serial: string, body: Uint8Array): Generator<FileRows> {
  let number = 0;
  for (const piece of bodyPieces(body, LINES_AT_ONCE)) {
    const rows: FileRows = { punches: [], rejects: [], badLines: [] };
    for (const line of linesOf(piece)) {
      number += 1;
      if (line.every((byte) => byte <= 32)) continue;
      const { text: whole, sure } = decodeText(line);
      const text = whole.replace(/\r$/, "");
      const read = parseFileLine(serial, { text, sure });
      if (typeof read !== "string") rows.punches.push(read);
      else {
        rows.rejects.push(rejectOf(serial, read, text));
        rows.badLines.push(number);
      }
    }
    yield rows;
  }
}

// deno-lint-ignore no-control-regex -- controls are what it looks for; TAB parts columns
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The device port's line has no device number, and nothing behind the work code has a meaning here. */
function parseFileLine(serial: string, { text, sure }: { text: string; sure: boolean }) {
  const columns = text.split("\t");
  if (columns.length > 1 && CONTROLS.test(text)) return "unreadable";
  const usual = [...columns.slice(0, 2), ...columns.slice(3, 6)].join("\t");
  return parseAttlogLine(serial, { text: usual, sure });
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
  for (const { punches } of readAttlog(serial, body)) if (punches.length > 0) return null;
  return "no line of it is a punch";
}
