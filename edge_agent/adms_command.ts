/**
 * Orders -> command text of a dialect, and the results terminals post. Pure.
 * The union `Order` is the whole vocabulary: deleting, clearing, opening doors, shells and files have
 * no way to be written here. Every value is checked for the characters that part fields and commands.
 */
import { type Decoded, parseWallTime, wholeNumber } from "./adms_text.ts";
import type { Dialect, Order } from "./terminal.ts";

export interface Refusal {
  readonly refused: string;
}

/** Longest window of one query: more takes old terminals out of service for minutes. */
export const MAX_WINDOW_DAYS = 31;
/** Bytes: what fits a terminal's record of a name. */
const MAX_NAME_BYTES = 24;

const PIN_ARGUMENT = /^[A-Za-z0-9_]{1,24}$/;
const CARD_ARGUMENT = /^\d{1,20}$/;

/** Options that change how records are sent or how the terminal sounds; never where to or whether kept. */
const OPTIONS: ReadonlyMap<string, RegExp> = new Map([
  ["Realtime", /^[01]$/],
  ["Delay", /^([5-9]|[1-9]\d|1\d\d)$/],
  ["ErrorDelay", /^([3-9]\d|[12]\d\d|300)$/],
  ["TransInterval", /^(\d|[1-9]\d|1[0-4]\d\d|[1-9]\d\d)$/],
  ["VOLUME", /^(\d|[1-9]\d|100)$/],
  ["Language", /^\d{1,3}$/],
]);

export const ALLOWED_OPTIONS: readonly string[] = [...OPTIONS.keys()];

/** An order as it came from Odoo or a person, with every argument proven. */
export function readOrder(name: string, given: Readonly<Record<string, unknown>>): Order | Refusal {
  switch (name) {
    case "check":
    case "info":
    case "set_clock":
    case "reboot":
    case "upload_new":
      return { name };
    case "pull_window":
    case "count_window":
      return readWindow(name, given);
    case "refresh_users":
      return readRefresh(given);
    case "push_user":
      return readUser(given);
    case "set_option":
      return readOption(given);
    case "clear_log":
      return refuse("a terminal's log is cleared by the cleanup procedure only");
    default:
      return refuse("unknown command");
  }
}

function refuse(refused: string): Refusal {
  return { refused };
}

function readWindow(
  name: "pull_window" | "count_window",
  given: Readonly<Record<string, unknown>>,
): Order | Refusal {
  const from = typeof given["from"] === "string" ? parseWallTime(given["from"]) : null;
  const to = typeof given["to"] === "string" ? parseWallTime(given["to"]) : null;
  if (from === null || to === null) return refuse("from and to must be wall times");
  if (from > to) return refuse("from is after to");
  const days = (Date.parse(`${to.replace(" ", "T")}Z`) - Date.parse(`${from.replace(" ", "T")}Z`)) /
    86_400_000;
  if (days > MAX_WINDOW_DAYS) return refuse(`a window is at most ${MAX_WINDOW_DAYS} days`);
  return { name, from, to };
}

function readRefresh(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const pin = given["pin"];
  if (pin === undefined || pin === null || pin === false || pin === "") {
    return { name: "refresh_users", pin: null };
  }
  return typeof pin === "string" && PIN_ARGUMENT.test(pin)
    ? { name: "refresh_users", pin }
    : refuse("bad pin");
}

function readUser(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const { pin, name, privilege = null, card = null, disabled = null, was = null } = given;
  if (typeof pin !== "string" || !PIN_ARGUMENT.test(pin)) return refuse("bad pin");
  if (typeof name !== "string" || /\p{C}/u.test(name)) return refuse("bad name");
  if (privilege !== null && privilege !== 0 && privilege !== 14) return refuse("bad privilege");
  const noCard = card === null || card === "";
  if (!noCard && (typeof card !== "string" || !CARD_ARGUMENT.test(card))) return refuse("bad card");
  if (disabled !== null && typeof disabled !== "boolean") return refuse("bad disabled");
  if (was !== null && typeof was !== "string") return refuse("bad was");
  return {
    name: "push_user",
    pin,
    userName: shortName(name),
    privilege,
    card: noCard ? null : String(card),
    disabled,
    was,
  };
}

/** Cut between characters, not between bytes. */
function shortName(name: string): string {
  const encoder = new TextEncoder();
  let short = "";
  let bytes = 0;
  for (const character of name.trim()) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    short += character;
  }
  return short;
}

function readOption(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const { option, value } = given;
  const form = typeof option === "string" ? OPTIONS.get(option) : undefined;
  if (typeof option !== "string" || form === undefined) return refuse("option not allowed");
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !form.test(text)) return refuse("value not allowed");
  return { name: "set_option", option, value: text };
}

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
        : refuse("this terminal's protocol has no count of a window");
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
    return refuse("users of access terminals also carry door rights; change them at the terminal");
  }
  if (order.disabled === true) {
    return refuse("over push no user can be disabled; give the terminal an address to be read at");
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

export interface CommandResult {
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
export function parseResults(rows: readonly Decoded[]): CommandResult[] {
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
