/**
 * Everything a terminal says about itself and its users: OPERLOG rows, option lists, INFO. Pure.
 * Passwords, templates and photos end here: a password becomes "has one", a template a count.
 */
import type { DeviceFacts, DeviceUser } from "../base/terminal.ts";
import { parseWallTime } from "../base/wall_time.ts";
import { biodataKind, biometricRow } from "./codes.ts";
import { isPin } from "./table.ts";
import { type Decoded, parseFields, wholeNumber } from "./text.ts";

/** One line of the terminal's own log: who did what at it. */
export interface OplogEntry {
  readonly code: number;
  /** Null when the stated time is none. */
  readonly wallTime: string | null;
}

export interface OperRows {
  readonly operations: OplogEntry[];
  readonly users: DeviceUser[];
  /** Rows with templates, photos or identity cards: counted, dropped. */
  readonly biometrics: number;
  /** Rows of no known kind: counted, dropped (they may hold anything). */
  readonly unknown: number;
}

type Credentials = { finger: number; face: number; palm: number };

export function parseOperlog(lines: readonly Decoded[]): OperRows {
  const operations: OplogEntry[] = [];
  const users = new Map<string, DeviceUser>();
  const credentials = new Map<string, Credentials>();
  let biometrics = 0;
  let unknown = 0;
  for (const { text, sure } of lines) {
    const [word, rest] = firstWord(text);
    const kind = biometricRow(word);
    if (kind !== null) {
      biometrics += 1;
      countCredential(credentials, kind, parseFields(rest));
    } else if (word === "OPLOG") operations.push(parseOperation(rest));
    else if (word === "USER" || word === "USERINFO" || word === "PIN") {
      const user = parseUser(word === "PIN" ? text : rest, sure);
      if (user === null) unknown += 1;
      else users.set(user.pin, user);
    } else unknown += 1;
  }
  return { operations, users: withCredentials(users, credentials), biometrics, unknown };
}

/** `USER PIN=5` and `PIN=5`: up to the first space, TAB or equals sign. */
function firstWord(line: string): [word: string, rest: string] {
  const text = line.trimStart();
  const end = text.search(/[\s=]/);
  const word = (end < 0 ? text : text.slice(0, end)).toUpperCase();
  return [word, end < 0 ? "" : text.slice(end + 1)];
}

/** `4 TAB 0 TAB 2020-06-23 13:20:44 TAB obj1 …`: code, admin, time, then what it was done to. */
function parseOperation(rest: string): OplogEntry {
  const [code, , time] = rest.split("\t");
  return {
    code: wholeNumber(code?.trim()) ?? -1,
    wallTime: parseWallTime((time ?? "").trim()),
  };
}

const MAX_NAME = 128;
const MAX_SHORT = 32;

/** A user row of the attendance dialects (`Pri`, `Passwd`, `Card`, `Grp`) or of access ones. */
export function parseUser(text: string, sure: boolean): DeviceUser | null {
  const fields = parseFields(text);
  const pin = fields.get("pin") ?? "";
  if (!isPin(pin, sure)) return null;
  const first = (...names: string[]) =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== "") ??
      "";
  const password = first("passwd", "password");
  return {
    pin,
    name: printable(first("name"), MAX_NAME),
    privilege: wholeNumber(first("pri", "privilege")) ?? 0,
    card: printable(first("card", "cardno"), MAX_SHORT),
    group: printable(first("grp", "group"), MAX_SHORT),
    has_password: password !== "" && password !== "0",
    credentials: { finger: 0, face: 0, palm: 0 },
  };
}

function printable(text: string, length: number): string {
  return text.replace(/\p{C}/gu, "").trim().slice(0, length);
}

function countCredential(
  credentials: Map<string, Credentials>,
  kind: "finger" | "face" | "palm" | "other",
  fields: ReadonlyMap<string, string>,
): void {
  const pin = fields.get("pin");
  const counted = kind === "other" && fields.has("tmp") ? biodataKind(fields.get("type")) : kind;
  if (pin === undefined || counted === "other") return;
  const known = credentials.get(pin) ?? { finger: 0, face: 0, palm: 0 };
  known[counted] += 1;
  credentials.set(pin, known);
}

function withCredentials(
  users: ReadonlyMap<string, DeviceUser>,
  credentials: ReadonlyMap<string, Credentials>,
): DeviceUser[] {
  return [...users.values()].map((user) => {
    const counts = credentials.get(user.pin);
    return counts === undefined ? user : { ...user, credentials: counts };
  });
}

/** Option names of all dialects -> our fact, with what one unit of the option stands for. */
const FACTS: ReadonlyMap<string, { fact: string; unit?: number }> = new Map([
  ["fwversion", { fact: "firmware" }],
  ["firmver", { fact: "firmware" }],
  ["pushversion", { fact: "push_version" }],
  ["devicename", { fact: "name" }],
  ["platform", { fact: "platform" }],
  ["oemvendor", { fact: "vendor" }],
  ["mac", { fact: "mac" }],
  ["ipaddress", { fact: "ip" }],
  ["language", { fact: "language" }],
  ["pin2width", { fact: "pin_width" }],
  ["devicetype", { fact: "device_type" }],
  ["regdevicetype", { fact: "device_type" }],
  ["usercount", { fact: "users", unit: 1 }],
  ["fpcount", { fact: "fingers", unit: 1 }],
  ["facecount", { fact: "faces", unit: 1 }],
  ["transactioncount", { fact: "punches", unit: 1 }],
  ["maxattlogcount", { fact: "capacity", unit: 10_000 }],
  ["maxusercount", { fact: "user_capacity", unit: 100 }],
]);
const MAX_FACT = 128;

/**
 * `table=options` and `registry` bodies: one line of `key=value` parted by commas. A comma parts only
 * where a key follows: values hold commas themselves (`~OEMVendor=ZKTeco Co., Ltd.`).
 */
export function parseOptions(text: string): DeviceFacts {
  const facts: Record<string, string | number> = {};
  for (const pair of text.trim().split(/[,\r\n]+(?=~?[A-Za-z][A-Za-z0-9_]*=)/)) {
    const mark = pair.indexOf("=");
    if (mark > 0) addFact(facts, pair.slice(0, mark), pair.slice(mark + 1));
  }
  return facts;
}

/** Lines `key=value` that follow the result of an INFO command. */
export function factsOfFields(fields: ReadonlyMap<string, string>): DeviceFacts {
  const facts: Record<string, string | number> = {};
  for (const [name, value] of fields) addFact(facts, name, value);
  return facts;
}

function addFact(facts: Record<string, string | number>, option: string, text: string): void {
  const known = FACTS.get(option.trim().replace(/^~/, "").toLowerCase());
  const value = printable(text, MAX_FACT);
  if (known === undefined || value === "") return;
  if (known.unit === undefined) facts[known.fact] = value;
  else {
    const count = wholeNumber(value);
    if (count !== null && count >= 0) facts[known.fact] = count * known.unit;
  }
}

/**
 * `INFO=firmware,users,fingers,punches,ip,fpver,facever,facesNeeded,faces,flags[,…]` of a poll.
 * Counts may be negative or lie; what is no count is left out.
 */
export function parseInfo(text: string): DeviceFacts {
  const facts: Record<string, string | number> = {};
  const parts = text.split(",").map((part) => part.trim());
  const texts = [["firmware", 0], ["ip", 4], ["finger_version", 5], ["face_version", 6]] as const;
  const counts = [["users", 1], ["fingers", 2], ["punches", 3], ["faces", 8]] as const;
  for (const [fact, at] of texts) {
    const value = printable(parts[at] ?? "", MAX_FACT);
    if (value !== "") facts[fact] = value;
  }
  for (const [fact, at] of counts) {
    const count = wholeNumber(parts[at]);
    if (count !== null && count >= 0) facts[fact] = count;
  }
  return facts;
}
