/**
 * Whether a line that could not be read may be kept as it came, and what is kept of it otherwise. Pure.
 * An unreadable line may hold anything: a template, a photo, a name, a password. So it is kept only where
 * it is made of short columns such as attendance has; of any other its table, length, number of columns
 * and a salted digest remain. The addon has the same rule for files laid there, and
 * tests/contract/rejects.json holds what both must answer. Must not know what a table means.
 */
import { sha256Hex } from "./sha256.ts";

const MAX_COLUMNS = 12;
/** Bytes of UTF-8. */
const MAX_BYTES = 200;
/** Characters of PINs and of columns behind the verify mode; longer ones are nothing of a punch. */
export const MAX_PIN = 24;
export const MAX_EXTRA_COLUMN = 40;

/** Names of tables that stand before a row, with a blank behind them. */
const TABLE = /^(?:ATTLOG|rtlog|transaction) /i;
/** Words of the access dialect and of attendance lines in pairs. */
const WORD = new RegExp(
  `^(?:${
    [
      "time",
      "time_second",
      "pin",
      "cardno",
      "eventaddr",
      "event",
      "eventtype",
      "inoutstatus",
      "inoutstate",
      "verifytype",
      "verified",
      "verify",
      "status",
      "workcode",
      "index",
      "doorid",
      "sitecode",
      "linkid",
      "devid",
      "attstate",
      "maskflag",
      "temperature",
      "convtemperature",
    ].join("|")
  })=`,
  "i",
);
/** A time, a number, an address; or a short code without a blank. */
const COLUMN = /^(?:[0-9\-/:.+ ]{0,28}|[A-Za-z0-9_.-]{1,16})$/;
/** A word or a number that stands alone is less: pieces of a wrapped template come one a line. */
const LONE = /^ *(?:[0-9]{0,8}|[A-Z]?[a-z]{0,7}|[A-Z]{1,8}) *$/;

export interface KeptLine {
  readonly text: string;
  /** False when the bytes were not UTF-8. */
  readonly sure: boolean;
}

/**
 * The line as it may be kept. `salt`: this agent's own; without one ("") no digest is stated. `table`: what
 * the terminal called it, harmless to print.
 */
export function keptLine({ text, sure }: KeptLine, table: string, salt: string): string {
  return sure && isKeepable(text) ? text : withheld(text, table, salt);
}

function isKeepable(text: string): boolean {
  if (new TextEncoder().encode(text).length > MAX_BYTES) return false;
  const columns = text.replace(TABLE, "").split("\t");
  const [first = ""] = columns;
  if (columns.length === 1 && !WORD.test(first)) return LONE.test(first);
  return columns.length <= MAX_COLUMNS &&
    columns.every((column) => COLUMN.test(column.replace(WORD, "")));
}

function withheld(text: string, table: string, salt: string): string {
  const length = new TextEncoder().encode(text).length;
  const columns = text.split("\t").length;
  return withheldInWords(table, `${length} bytes, ${columns} columns`, saltedDigest(salt, text));
}

/** `size`: how long it was and of how many parts; `digest`: "" for none. */
export function withheldInWords(table: string, size: string, digest: string): string {
  const named = digest === "" ? "" : `, digest ${digest}`;
  return `withheld: it may hold personal data (${table}, ${size}${named})`;
}

/** 16 hex digits that tell two lines apart; nobody without the salt can try texts against it. */
function saltedDigest(salt: string, text: string): string {
  return salt === "" ? "" : sha256Hex(`${salt}\n${text}`).slice(0, 16);
}
