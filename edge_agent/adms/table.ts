/**
 * Attendance lines (table ATTLOG) -> punches and rejects. Pure.
 * One bad line never costs the others; nothing is guessed, nothing is dropped, and nothing that
 * could be a template, a photo or a password stays in a line that is kept raw.
 * Facts: PUSH 2.31 client source, ATT 2.4.x and US 3.2.0 documents, live captures with 4 to 16 columns.
 */
import { keptLine, MAX_EXTRA_COLUMN, MAX_PIN, withheldInWords } from "../base/kept_line.ts";
import { type Punch, type Reject, type RejectReason } from "../base/punch.ts";
import { parseWallTime } from "../base/wall_time.ts";
import { countLines, type Decoded } from "./text.ts";

export interface Rows {
  readonly punches: Punch[];
  readonly rejects: Reject[];
}

const MAX_STATUS = 8;
const MAX_VERIFY = 24;
const MAX_EXTRA = 512;

/**
 * PINs are text: `007`, `WCTPL070`, `5_4968`, letters of any script; no blanks, no controls, and neither
 * `=` nor `&`: a piece of an envelope must never become somebody's number.
 */
const PIN = /^[^\s\p{C}=&]+$/u;
const ASCII = /^[\x21-\x25\x27-\x3c\x3e-\x7e]+$/;
// deno-lint-ignore no-control-regex -- controls are what it looks for; TAB parts columns
export const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;

/** `salt`: this agent's own, for the digests of lines that are withheld. */
export function parseAttlog(serial: string, lines: readonly Decoded[], salt: string): Rows {
  const rows: Rows = { punches: [], rejects: [] };
  for (const line of lines) {
    const read = parseAttlogLine(serial, line);
    if (typeof read === "string") rows.rejects.push(rejectOf(serial, read, line, salt));
    else rows.punches.push(read);
  }
  return rows;
}

/** The punch, or why the line is none. */
function parseAttlogLine(serial: string, line: Decoded): Punch | RejectReason {
  return punchOfColumns(serial, columnsOf(line.text), line);
}

/** `columns`: PIN, time, status, verify mode, work code, and what else there is; `line`: all of it. */
export function punchOfColumns(
  serial: string,
  columns: readonly string[],
  line: Decoded,
): Punch | RejectReason {
  const pin = (columns[0] ?? "").trim();
  if (columns.length < 2) return "too_few_columns";
  if (CONTROLS.test(line.text)) return "unreadable";
  if (pin === "") return "empty_pin";
  if (!isPin(pin, line.sure)) return "bad_pin";
  const wallTime = parseWallTime((columns[1] ?? "").trim());
  if (wallTime === null) return "bad_time";
  const punch = {
    serial,
    pin,
    wallTime,
    status: (columns[2] ?? "").trim(),
    verify: (columns[3] ?? "").trim(),
    workCode: (columns[4] ?? "").trim(),
    extra: columns.slice(5).join("\t"),
  };
  return fieldsFit(punch) ? punch : "bad_field";
}

/** A guessed character set may spell a PIN that nobody has. */
export function isPin(pin: string, sure: boolean): boolean {
  return pin.length <= MAX_PIN && (ASCII.test(pin) || (sure && PIN.test(pin)));
}

/** What is longer than any code, mask or temperature may be a piece of a template. */
export function fieldsFit(
  { status, verify, workCode, extra }: Pick<Punch, "status" | "verify" | "workCode" | "extra">,
): boolean {
  return status.length <= MAX_STATUS && verify.length <= MAX_VERIFY &&
    workCode.length <= MAX_EXTRA_COLUMN && extra.length <= MAX_EXTRA &&
    // As good as always all of them together are shorter than one may be.
    (extra.length <= MAX_EXTRA_COLUMN ||
      extra.split("\t").every((column) => column.length <= MAX_EXTRA_COLUMN));
}

/** Two rarer shapes besides plain columns: a table name before each row, and `PIN=…` pairs. */
function columnsOf(text: string): string[] {
  const columns = withoutTableName(text).split("\t");
  const [first = ""] = columns;
  if (!first.includes("=") || !/^\s*PIN=/i.test(first)) return columns;
  const fields = new Map(columns.map((column) => {
    const mark = column.indexOf("=");
    return [column.slice(0, mark).trim().toLowerCase(), column.slice(mark + 1)];
  }));
  if (!fields.has("time")) return [text];
  const names = ["pin", "time", "status", "verify", "workcode"];
  return names.map((name) => fields.get(name) ?? "");
}

/** `ATTLOG`, in any case, before the PIN; somebody's PIN may still be that word. */
function withoutTableName(text: string): string {
  const rest = /^\s*ATTLOG[ \t]+/i.exec(text);
  if (rest === null) return text;
  const after = text.slice(rest[0].length);
  return parseWallTime(after.split("\t", 1)[0]!.trim()) === null ? after : text;
}

/** `table`: what the terminal called it. */
export function rejectOf(
  serial: string,
  reason: RejectReason,
  line: Decoded,
  salt: string,
  table = "ATTLOG",
): Reject {
  return { serial, reason, raw: keptLine(line, `table ${table}`, salt) };
}

/** A name as a terminal gave it, as it may be kept and shown: too short for a piece of a template. */
export function tableName(given: string): string {
  const name = given.replace(/[^A-Za-z0-9_.-]/g, "?").slice(0, 24);
  return name === "" ? "(none)" : name;
}

/** What is kept of a table whose meaning is not known. `digest`: salted. */
export function rejectOfTable(
  serial: string,
  table: string,
  body: Uint8Array,
  digest: string,
): Reject {
  const size = `${body.length} bytes, ${countLines(body)} lines`;
  return { serial, reason: "unreadable", raw: withheldInWords(`table ${table}`, size, digest) };
}

const FORM_HEAD = 256;
const DIGIT_0 = 48;
const DIGIT_9 = 57;
/** Keys of the query that some firmware repeats in the body, the rows under the last: in any order. */
const ENVELOPE = /^\s*(?:[A-Za-z]\w*=[^&\t\r\n]*&)*data=/i;
/** Keys behind the rows. */
const ENVELOPE_END = /(?:&[A-Za-z]\w*=[^&\t\r\n]*)+\s*$/;

/** Whether a body was form-encoded all the same; told from its first bytes. */
export function isFormBody(body: Uint8Array): boolean {
  const first = body[0] ?? 0;
  // A row begins with a number as good as always: nothing that begins with a digit is an envelope.
  if (first >= DIGIT_0 && first <= DIGIT_9) return false;
  return ENVELOPE.test(String.fromCharCode(...body.subarray(0, FORM_HEAD)));
}

/** The lines of a form-encoded body; any other is left as it is. */
export function attlogLines(lines: readonly Decoded[]): readonly Decoded[] {
  const [first] = lines;
  if (first === undefined || !ENVELOPE.test(first.text)) return lines;
  const rows = lines.map(({ text }) => text.replace(ENVELOPE, "")).join("\n")
    .replace(ENVELOPE_END, "").replaceAll("+", " ");
  return percentDecoded(rows).split("\n").map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "")
    .map((line) => ({ text: line, sure: first.sure }));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
