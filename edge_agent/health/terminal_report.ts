/**
 * What may be told of a terminal to people who build the agent: its family, versions, what it can and what is
 * odd about it. Pure. Redacted by construction: every value comes out of a closed list, is a yes or no, a rounded
 * number, or a version number; free text of a terminal never gets in. So there is nothing to leave out.
 */
import type { RejectReason } from "../base/punch.ts";
import { DIALECTS } from "../base/terminal.ts";

export interface TerminalView {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly dialect: string;
  readonly heardByPush: boolean;
  readonly readOverPort: boolean;
  readonly clockOffsetSeconds: number | null;
  readonly silent: boolean;
  readonly timeZoneSet: boolean;
  readonly ownSummerTime: boolean;
  readonly discardedBiometrics: number;
  /** Reasons of the lines that could not be read. */
  readonly rejectReasons: readonly string[];
  /** Of the punches that the agent keeps. */
  readonly statuses: readonly string[];
  readonly verifies: readonly string[];
  readonly channels: readonly string[];
  readonly pinLengths: readonly number[];
  readonly workCodes: boolean;
}

export interface ReportPoint {
  readonly point: string;
  readonly found: string;
}

/** Families by the words of their makers' data sheets; another is "other". */
const FAMILIES = [
  "SpeedFace",
  "ProFace",
  "MultiBio",
  "SenseFace",
  "G3",
  "G4",
  "uFace",
  "iFace",
  "iClock",
  "K14",
  "K20",
  "K40",
  "K50",
  "K60",
  "K70",
  "MB10",
  "MB20",
  "MB40",
  "MB160",
  "MB360",
  "MB460",
  "F18",
  "F22",
  "TF1700",
  "X628",
  "LX50",
  "SF100",
  "SF300",
  "SF400",
  "IN01",
  "UA760",
  "UA860",
  "S922",
  "H5L",
  "VF780",
  "T4",
  "WL10",
  "WL20",
  "ProCapture",
  "ZMM",
  "ZEM",
  "inBio",
  "C3",
];
const PLATFORMS = ["ZEM", "ZMM", "ZLM", "ZAM", "JZ4725", "ZIM"];
/** Bytes of a record, the longer names first: one is found in what holds it. */
const LAYOUTS = ["8p", "8", "16", "40", "49"];
const CHANNELS = ["push", "poll", "file"];
const CODE = /^\d{1,3}$/;

export function terminalReport(view: TerminalView): ReportPoint[] {
  const { facts } = view;
  return [
    point("family", listed(facts["name"], FAMILIES)),
    point("platform", listed(facts["platform"], PLATFORMS)),
    point("firmware version", versionIn(facts["firmware"])),
    point("push version", versionIn(facts["pushver"] ?? facts["push_version"])),
    point("dialect", DIALECTS.find((one) => one === view.dialect) ?? "other"),
    point("heard by push", yes(view.heardByPush)),
    point("read over port 4370", yes(view.readOverPort)),
    point("record layout over port 4370", listed(facts["record_layout"], LAYOUTS)),
    point("channels of its punches", setOf(view.channels, (text) => CHANNELS.includes(text))),
    point("comm key over port 4370", listed(facts["comm_key"], ["none", "default", "set"])),
    point("comm key in push", listed(facts["push_comm_key"], ["default", "set"])),
    point("statuses it sends", setOf(view.statuses, (text) => CODE.test(text))),
    point("sends no status", yes(view.statuses.includes(""))),
    point("verify codes it sends", setOf(view.verifies, (text) => CODE.test(text))),
    point("work codes", yes(view.workCodes)),
    point("shortest PIN, digits", count(Math.min(...view.pinLengths, 99), 24)),
    point("longest PIN, digits", count(Math.max(...view.pinLengths, 0), 24)),
    point("capacity, punches", rough(facts["capacity"])),
    point("users", rough(facts["users"])),
    point("fill, per cent", share(facts["punches"], facts["capacity"])),
    point("clock off by", offsetOf(view.clockOffsetSeconds ?? facts["poll_clock_offset_seconds"])),
    point("adds its summer hour itself", yes(view.ownSummerTime)),
    point("time zone set in Odoo", yes(view.timeZoneSet)),
    point("silent now", yes(view.silent)),
    point("records while disabled", yes(facts["unsafe_to_clear"] !== undefined)),
    point("found at another address", yes(facts["found_at"] !== undefined)),
    point("sent templates or photos, thrown away", yes(view.discardedBiometrics > 0)),
    point("lines that could not be read", rough(view.rejectReasons.length)),
    point("why they could not", setOf(view.rejectReasons, (text) => REASONS.has(text))),
  ];
}

/** The agent's own words for a reject; others are not repeated. */
const REASONS: ReadonlySet<string> = new Set<RejectReason>([
  "empty_pin",
  "bad_pin",
  "bad_time",
  "bad_field",
  "too_few_columns",
  "ambiguous_pin",
  "unknown_event",
  "unreadable",
]);

const point = (name: string, found: string): ReportPoint => ({ point: name, found });
const yes = (value: boolean): string => value ? "yes" : "no";

/** The entry of the list that the text begins with or holds as a word. */
function listed(text: unknown, words: readonly string[]): string {
  if (typeof text !== "string" || text === "") return "not told";
  const lower = text.toLowerCase();
  return words.find((word) => lower.includes(word.toLowerCase())) ?? "other";
}

/** The first two or three small numbers joined by points; nothing else of the text. */
function versionIn(text: unknown): string {
  if (typeof text !== "string") return "not told";
  const found = /(?<![\d.])(\d{1,2}\.\d{1,2}(?:\.\d{1,2})?)(?![\d.])/.exec(text)?.[1];
  return found ?? "other";
}

function count(value: unknown, most: number): string {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most
    ? String(value)
    : "not told";
}

/** One figure and zeros: how many there are says something of a branch. */
function rough(value: unknown): string {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return "not told";
  if (value === 0) return "0";
  const size = 10 ** Math.floor(Math.log10(value));
  return size > 1e6 ? "more than a million" : `about ${Math.round(value / size) * size}`;
}

function share(part: unknown, whole: unknown): string {
  if (typeof part !== "number" || typeof whole !== "number" || !(whole > 0)) return "not told";
  return String(Math.min(100, Math.max(0, Math.round(part / whole * 10) * 10)));
}

const OFFSETS = [2, 60, 600, 3_600, 86_400];

function offsetOf(seconds: unknown): string {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return "not told";
  const within = OFFSETS.find((limit) => Math.abs(seconds) <= limit);
  return within === undefined ? "more than a day" : `at most ${within} s`;
}

/** At most twelve, sorted; what the list does not know is only counted. */
function setOf(values: readonly string[], isKnown: (text: string) => boolean): string {
  const distinct = [...new Set(values)];
  const known = distinct.filter(isKnown).sort().slice(0, 12);
  const others = distinct.filter((text) => text !== "" && !isKnown(text)).length;
  const told = known.join(", ") || "none";
  return others === 0 ? told : `${told}, and ${Math.min(others, 99)} other`;
}
