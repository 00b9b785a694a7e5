/**
 * Orders -> command text of a dialect, and the results terminals post. Pure.
 * Only a proven `Order` has words; must not know who orders.
 */
import type { Order, Refusal } from "../base/order.ts";
import type { Dialect } from "../base/terminal.ts";
import { type Decoded, wholeNumber } from "./text.ts";

/** What stands behind `C:<id>:`. */
export function commandText(order: Order, dialect: Dialect): string | Refusal {
  switch (order.name) {
    case "check":
    case "set_clock":
      // A terminal takes its time from the answer to a fresh handshake.
      return "CHECK";
    case "info":
      return "INFO";
    case "upload_new":
      return "LOG";
    case "reboot":
      return "REBOOT";
    case "set_option":
      return `SET OPTION ${order.option}=${order.value}`;
    case "pull_window":
      return pullText(order.from, order.to, dialect);
    case "count_window":
      return dialect === "attendance" || dialect === "ancient"
        ? `VERIFY SUM ATTLOG ${window(order.from, order.to, " ")}`
        : { refused: "this terminal's protocol has no count of a window" };
    case "refresh_users":
      return refreshText(order.pin, dialect);
    case "push_user":
      return pushUserText(order, dialect);
  }
}

function window(from: string, to: string, separator: " " | "T"): string {
  return `StartTime=${from.replace(" ", separator)}\tEndTime=${to.replace(" ", separator)}`;
}

function pullText(from: string, to: string, dialect: Dialect): string {
  if (dialect === "access") return "DATA QUERY tablename=transaction,fielddesc=*,filter=*";
  if (dialect === "us") return `QUERY ATTLOG ${window(from, to, "T")}`;
  return `DATA QUERY ATTLOG ${window(from, to, " ")}`;
}

function refreshText(pin: string | null, dialect: Dialect): string {
  if (dialect === "access") {
    return `DATA QUERY tablename=user,fielddesc=*,filter=${pin === null ? "*" : `Pin=${pin}`}`;
  }
  const verb = dialect === "us" ? "QUERY USERINFO" : "DATA QUERY USERINFO";
  return pin === null ? verb : `${verb} PIN=${pin}`;
}

function pushUserText(
  order: Extract<Order, { name: "push_user" }>,
  dialect: Dialect,
): string | Refusal {
  if (dialect === "access") {
    return {
      refused: "users of access terminals also carry door rights; change them at the terminal",
    };
  }
  if (order.disabled === true) {
    return {
      refused: "over push no user can be disabled; give the terminal an address to be read at",
    };
  }
  const verb = { attendance: "DATA UPDATE USERINFO", ancient: "DATA USER", us: "UPDATE USERINFO" };
  const fields = [`PIN=${order.pin}`, `Name=${order.userName}`];
  if (order.privilege !== null) fields.push(`Pri=${order.privilege}`);
  if (order.card !== null) fields.push(`Card=${order.card}`);
  return `${verb[dialect]} ${fields.join("\t")}`;
}

/** Every line ends in LF: 2.31 ignores an unterminated last line. */
export function commandLine(id: string, text: string): string {
  return `C:${id}:${text}\n`;
}

/** The answer when nothing is asked: two bytes; with a line feed 2.31 waits as after an error. */
export const NOTHING_TO_DO = "OK";

export interface PostedReturn {
  readonly id: string;
  readonly returned: number | null;
  /** The verb as the terminal echoes it: `DATA`, `CLEAR_LOG`, `CHECK`, `INFO` … */
  readonly verb: string;
  /** `key=value` lines that follow, keys in lower case: INFO, VERIFY SUM. Bounded. */
  readonly fields: ReadonlyMap<string, string>;
}

const MAX_RESULTS = 500;
const MAX_FIELDS = 200;
const MAX_FIELD = 256;

interface OpenResult {
  id: string;
  returned: number | null;
  verb: string;
  fields: Map<string, string>;
}

/**
 * Several results a body, `ID=..&Return=..&CMD=..` in any order of fields, or one field a line; then
 * lines of data. What follows `Content=` is a file and is not read.
 */
export function parseResults(rows: readonly Decoded[]): PostedReturn[] {
  const results: OpenResult[] = [];
  for (const { text } of rows) {
    const line = text.trim();
    if (/^content=/i.test(line)) break;
    for (const one of resultsOf(line)) {
      const parts = resultParts(one);
      const id = parts.get("id");
      if (id !== undefined && results.length >= MAX_RESULTS) return results;
      if (id !== undefined) results.push({ id, returned: null, verb: "", fields: new Map() });
      const open = results.at(-1);
      if (open !== undefined) take(open, parts);
    }
  }
  return results;
}

/** Mostly one a line; where a line begins with an id and holds more, each id begins another. */
function resultsOf(line: string): string[] {
  return /^id=/i.test(line) ? line.split(/&(?=id=)/i) : [line];
}

function resultParts(line: string): Map<string, string> {
  const oneLine = /(^|&)id=/i.test(line) && line.includes("&");
  const parts = oneLine ? line.split("&") : [line];
  return new Map(parts.flatMap((part) => {
    const mark = part.indexOf("=");
    if (mark < 1) return [];
    return [[part.slice(0, mark).trim().toLowerCase(), part.slice(mark + 1).trim()] as const];
  }));
}

function take(open: OpenResult, parts: ReadonlyMap<string, string>): void {
  for (const [name, value] of parts) {
    if (name === "id" || name === "sn") continue;
    if (name === "return") open.returned = wholeNumber(value);
    else if (name === "cmd") open.verb = value.slice(0, MAX_FIELD);
    else if (open.fields.size < MAX_FIELDS) open.fields.set(name, value.slice(0, MAX_FIELD));
  }
}

const RETURN_WORDS: Readonly<Record<number, string>> = {
  [-1]: "parameter refused",
  [-3]: "read or write error in the terminal",
  [-5]: "memory full",
  [-10]: "no such PIN",
  [-22]: "unknown command",
  [-629]: "unknown table",
  [-1001]: "memory full",
  [-1002]: "not supported",
  [-1003]: "timed out in the terminal",
  [-1004]: "table not supported",
  [-1005]: "terminal busy",
  [-1006]: "text too long",
  [-1007]: "out of memory",
};

/** What a return number means; 0 and above is "processed", which is not yet "verified". */
export function returnMessage(returned: number | null): string {
  if (returned === null) return "no return value";
  if (returned >= 0) return "processed";
  return RETURN_WORDS[returned] ?? "failed";
}

/** The count that answers `VERIFY SUM`: its name differs between documents and firmware. */
export function windowCount(fields: ReadonlyMap<string, string>): number | null {
  return wholeNumber(fields.get("attlogcount") ?? fields.get("attlogsum"));
}
