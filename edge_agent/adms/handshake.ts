/**
 * The first conversation: which dialect a terminal speaks, and the options it is given. Pure.
 * Never sent, because they make a terminal delete or re-point: ResLog*, ICLOCKSVRURL, Encrypt=1.
 */
import type { Dialect } from "../base/terminal.ts";
import type { Query } from "./text.ts";

export interface Hello {
  readonly path: string;
  readonly query: Query;
  readonly version: "1.0" | "1.1";
  readonly isHandshake: boolean;
}

const ISO_STAMP = /^\d{4}-\d\d-\d\dT\d\d:/;
const ACCESS_TABLES = new Set(["rtlog", "rtstate", "tabledata", "transaction"]);
const ACCESS_PATHS = new Set(["registry", "push", "querydata", "rtdata"]);

/** What this one request proves about the dialect; null when it could be any. */
export function dialectOf({ path, query, version, isHandshake }: Hello): Dialect | null {
  const type = query.get("devicetype")?.trim().toLowerCase();
  if (ACCESS_PATHS.has(path) || type === "acc" || type === "pid" || type === "ins") return "access";
  if (ACCESS_TABLES.has(query.get("table")?.toLowerCase() ?? "")) return "access";
  if (path === "cdata" && query.get("type")?.toLowerCase() === "time") return "us";
  if (query.has("comkey") || ISO_STAMP.test(query.get("stamp") ?? "")) return "us";
  if (!isHandshake) return null;
  // A version of 3 and above alone proves nothing: SenseFace with such firmware speaks attendance.
  return !query.has("pushver") && version === "1.0" ? "ancient" : "attendance";
}

export interface HandshakeValues {
  readonly serial: string;
  readonly dialect: Dialect;
  /** Minutes east of UTC. */
  readonly utcOffsetMinutes: number;
  /** Last stamps whose rows are durable, by table name in upper case; `0` sends everything again. */
  readonly stamps: ReadonlyMap<string, string>;
  readonly pollSeconds: number;
  readonly errorSeconds: number;
  /** Whether terminals may take their time from us. */
  readonly clockTrusted: boolean;
  /** Access dialect only. */
  readonly access?: AccessValues;
}

export interface AccessValues {
  readonly registryCode: string;
  readonly sessionId: string;
}

/** Old terminals then send their whole history, newer ones go on from a mark of their own. */
const NO_STAMP = "9999";
/** The same for terminals whose stamps are ISO times. */
const NO_ISO_STAMP = "2000-01-01T00:00:00";

const STAMP_TABLES = ["ATTLOG", "OPERLOG", "ATTPHOTO", "BIODATA", "IDCARD", "ERRORLOG"];

/** Rows that carry no templates: attendance, the terminal's own log, users entered and changed. */
const TRANSFER_WORDS = "TransData AttLog\tOpLog\tEnrollUser\tChgUser";
/** Positions 1 attendance and 2 device log are the same in every source; access firmware wants digits. */
const TRANSFER_DIGITS = "1100000000";

const PUSHED_OPTIONS =
  "FWVersion,PushVersion,~DeviceName,~Platform,MAC,IPAddress,UserCount,FPCount,FaceCount," +
  "TransactionCount,~MaxAttLogCount,~MaxUserCount,~PIN2Width";

/** Every line ends in LF: firmware 2.31 ignores an unterminated last line. */
export function handshakeText(values: HandshakeValues): string {
  return lines([`GET OPTION FROM: ${values.serial}`, ...classicOptions(values)]) +
    (values.access === undefined ? "" : lines([
      "registry=ok",
      `RegistryCode=${values.access.registryCode}`,
      ...accessOptions(values, values.access),
    ]));
}

function classicOptions(values: HandshakeValues): string[] {
  const { dialect } = values;
  const missing = dialect === "us" ? NO_ISO_STAMP : NO_STAMP;
  const stamp = (table: string) => values.stamps.get(table) ?? missing;
  return [
    ...STAMP_TABLES.map((table) => `${table}Stamp=${stamp(table)}`),
    // The names of the first generation; the vendor's own server sends both sets.
    `Stamp=${stamp("ATTLOG")}`,
    `OpStamp=${stamp("OPERLOG")}`,
    `PhotoStamp=${stamp("ATTPHOTO")}`,
    `ErrorDelay=${values.errorSeconds}`,
    `Delay=${values.pollSeconds}`,
    "TransTimes=00:00;14:05",
    "TransInterval=1",
    `TransFlag=${dialect === "access" ? TRANSFER_DIGITS : TRANSFER_WORDS}`,
    `TimeZone=${timeZoneValue(dialect, values.utcOffsetMinutes)}`,
    "Realtime=1",
    "Encrypt=0",
    // Its presence makes 2.31 name every table's position `Stamp`.
    "ServerVer=2.4.1",
    "PushProtVer=2.4.1",
    "PushOptionsFlag=1",
    `PushOptions=${PUSHED_OPTIONS}`,
    "SupportPing=1",
    ...(dialect === "us" ? [`SyncTime=${values.clockTrusted ? 3600 : 0}`] : []),
  ];
}

/** The answer to `push`, and the second half of the handshake, in the access dialect. */
export function accessOptions(
  values: Pick<HandshakeValues, "pollSeconds" | "errorSeconds">,
  access: AccessValues,
): string[] {
  return [
    "ServerVersion=3.1.2",
    "ServerName=ADMS",
    "PushVersion=3.1.2",
    `ErrorDelay=${values.errorSeconds}`,
    `RequestDelay=${values.pollSeconds}`,
    "TransTimes=00:00;14:05",
    "TransInterval=1",
    "TransTables=User Transaction",
    "Realtime=1",
    `SessionID=${access.sessionId}`,
    "TimeoutSec=60",
  ];
}

export function lines(items: readonly string[]): string {
  return items.map((item) => `${item}\n`).join("");
}

/**
 * Terminals read a whole number as hours when it is small and as minutes when its size is above 60,
 * and cut `5.5` to 5; so whole hours below twelve go as hours (60 minutes as 1), all else as minutes.
 * The US dialect wants `±hh:mm`.
 */
export function timeZoneValue(dialect: Dialect, minutes: number): string {
  if (dialect === "us") return signedHours(minutes, ":");
  const wholeHours = minutes % 60 === 0 && Math.abs(minutes) < 12 * 60;
  return String(wholeHours ? minutes / 60 : minutes);
}

/** `+0600`, or with a separator `+06:00`. */
export function signedHours(minutes: number, separator = ""): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${separator}${two(size % 60)}`;
}

const STAMP = /^[0-9A-Za-z:+.-][0-9A-Za-z:+. -]{0,38}$/;

/** A stamp worth keeping: opaque text, but never one that asks for the whole history again. */
export function keepableStamp(text: string | undefined): string | null {
  if (text === undefined || !STAMP.test(text) || /^(0+|none|null)$/i.test(text)) return null;
  return text;
}
