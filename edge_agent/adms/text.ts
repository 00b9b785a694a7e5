/**
 * Bytes of the push protocol as text: query, lines, columns, `key=value` fields, times.
 * Pure. Decoding never fails; what had to be guessed is told, so that no PIN is built on a guess.
 * Must not know what a table or a column means.
 */
import { parseWallTime } from "../base/wall_time.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const chinese = new TextDecoder("gb18030", { fatal: true });
const western = new TextDecoder("windows-1252");

export interface Decoded {
  readonly text: string;
  /** False when the bytes were not UTF-8 and another character set was guessed. */
  readonly sure: boolean;
}

/** Names come in GB18030 from terminals with Chinese firmware, in UTF-8 or a code page elsewhere. */
export function decodeText(bytes: Uint8Array): Decoded {
  try {
    return { text: utf8.decode(bytes), sure: true };
  } catch {
    try {
      return { text: chinese.decode(bytes), sure: false };
    } catch {
      return { text: western.decode(bytes), sure: false };
    }
  }
}

const LF = 10;

/**
 * The records of a body: split on LF, one CR dropped, blank lines skipped. The usual body is decoded
 * at once; only one with a foreign byte in it is decoded line by line, so that one bad line stays alone.
 */
export function decodeLines(body: Uint8Array): Decoded[] {
  const trimmed = withoutTrailingNul(body);
  try {
    return splitLines(utf8.decode(trimmed)).map((text) => ({ text, sure: true }));
  } catch {
    return splitBytes(trimmed).map((line) => {
      const { text, sure } = decodeText(line);
      return { text: text.replace(/\r$/, ""), sure };
    }).filter((line) => line.text.trim() !== "");
  }
}

/**
 * A body cut after every `lines` line feeds, so that a whole history need not be held as text at once;
 * decoding the pieces gives what decoding the body gives. The last piece holds more than ASCII blanks.
 */
export function bodyPieces(body: Uint8Array, lines: number): Uint8Array[] {
  let end = withoutTrailingNul(body).length;
  while (end > 0 && isBlank(body[end - 1] as number)) end--;
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < end;) {
    let cut = start;
    for (let seen = 0; seen < lines && cut < end; seen++) {
      const found = body.indexOf(LF, cut);
      cut = found < 0 ? body.length : found + 1;
    }
    pieces.push(body.subarray(start, cut));
    start = cut;
  }
  return pieces;
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Some firmware counts the terminator of its text buffer into the length. */
function withoutTrailingNul(body: Uint8Array): Uint8Array {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end--;
  return body.subarray(0, end);
}

function splitLines(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (bare.trim() !== "") lines.push(bare);
  }
  return lines;
}

function splitBytes(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start <= bytes.length) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** Records in a body that must not be read: non-empty lines. */
export function countLines(body: Uint8Array): number {
  return splitBytes(withoutTrailingNul(body)).filter((line) => line.some((byte) => byte > 32))
    .length;
}

/** Parameter names in lower case; the first of two wins, `repeated` names those that differed. */
export class Query {
  readonly #values = new Map<string, string>();
  readonly repeated = new Set<string>();

  /** `raw` as sent, one character per byte; a plus sign is a plus sign (zones, versions). */
  constructor(raw: string) {
    for (const pair of raw.split("&")) {
      if (pair === "") continue;
      const mark = pair.indexOf("=");
      const name = unescape(mark < 0 ? pair : pair.slice(0, mark)).trim().toLowerCase();
      const value = mark < 0 ? "" : unescape(pair.slice(mark + 1));
      const known = this.#values.get(name);
      if (known === undefined) this.#values.set(name, value);
      else if (known !== value) this.repeated.add(name);
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** Percent signs that begin no byte stay as they are: firmware writes them raw. */
function unescape(text: string): string {
  if (!/[%\x80-\xff]/.test(text)) return text;
  const unquoted = text.replace(
    /%([0-9A-Fa-f]{2})/g,
    (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeText(Uint8Array.from(unquoted, (character) => character.charCodeAt(0))).text;
}

/** TAB-separated `Key=Value` fields, keys in lower case; fields without `=` are left out. */
export function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split("\t")) {
    const mark = part.indexOf("=");
    if (mark > 0) fields.set(part.slice(0, mark).trim().toLowerCase(), part.slice(mark + 1).trim());
  }
  return fields;
}

const DAY_SECONDS = 86_400;

/** The vendor's own count of seconds, in which every month has 31 days. */
export function encodeVendorTime(wallTime: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = wallTime.split(/[-: ]/)
    .map(Number);
  const days = (year - 2000) * 372 + (month - 1) * 31 + day - 1;
  return days * DAY_SECONDS + hour * 3600 + minute * 60 + second;
}

export function decodeVendorTime(count: number): string | null {
  if (!Number.isSafeInteger(count) || count < 0) return null;
  const days = Math.floor(count / DAY_SECONDS);
  const rest = count % DAY_SECONDS;
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${2000 + Math.floor(days / 372)}-${two(Math.floor(days % 372 / 31) + 1)}-${
    two(days % 31 + 1)
  }`;
  const time = [Math.floor(rest / 3600), Math.floor(rest % 3600 / 60), rest % 60].map(two).join(
    ":",
  );
  return parseWallTime(`${date} ${time}`);
}

/** A whole number as text, or null. */
export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : null;
}
