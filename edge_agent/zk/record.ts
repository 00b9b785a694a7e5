/**
 * Attendance records of a pulled log: the layouts that terminals use (8, 16, 40 and 49 bytes), which
 * of them a log is written in, and records as punches or rejects. Pure. Must not know frames,
 * sockets or what a status code means to payroll.
 *
 * Byte 8 of a 16-byte record is the state and byte 9 the verify code (vendor's manual, and a real
 * dump where it turns from 0 to 1 at noon); a widely copied client swaps them.
 */
import type { Punch, Reject } from "../base/punch.ts";
import { hexOf, untilNul, ZkFault } from "./frame.ts";
import { decodeTime } from "./time.ts";

/** `8` keeps the time at offset 4 (MA300, ZEM500), `8p` at offset 3 as pyzk reads it. */
export type Layout = "8" | "8p" | "16" | "40" | "49";

export const LAYOUTS: readonly Layout[] = ["8", "8p", "16", "40", "49"];

export function layoutBytes(layout: Layout): number {
  return layout === "8p" ? 8 : Number(layout);
}

/** One record as the terminal wrote it. */
export interface AttendanceRecord {
  /** 8: the user's internal index. 40 and 49: index or running number, never an identity. */
  readonly index: number | null;
  /** The user id as text (40, 49) or as a number that lost its leading zeros (16); null for 8. */
  readonly userId: string | null;
  readonly timeCode: number;
  /** Null when no calendar has the day. */
  readonly wallTime: string | null;
  readonly state: number;
  readonly verify: number;
  /** 8 only: the byte the other two were taken from. */
  readonly flags: number | null;
  readonly workCode: string;
  /** 40 and 49: the bytes behind the state as hex; empty when all are zero. */
  readonly rest: string;
}

/** One record at the beginning of `bytes`, which hold at least the layout's size. */
export function decodeRecord(bytes: Uint8Array, layout: Layout): AttendanceRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, layoutBytes(layout));
  if (layout === "16") return decode16(view);
  if (layout === "8" || layout === "8p") return decode8(view, layout);
  return decode40(bytes, view);
}

function decode16(view: DataView): AttendanceRecord {
  const timeCode = view.getUint32(4, true);
  return {
    index: null,
    userId: String(view.getUint32(0, true)),
    timeCode,
    wallTime: decodeTime(timeCode),
    state: view.getUint8(8),
    verify: view.getUint8(9),
    flags: null,
    workCode: String(view.getUint32(12, true)),
    rest: "",
  };
}

function decode8(view: DataView, layout: "8" | "8p"): AttendanceRecord {
  const timeCode = view.getUint32(layout === "8" ? 4 : 3, true);
  const second = view.getUint8(2);
  // MAN: three bits state, two bits verify, one bit "long time form"; fits the flags seen (0x28, 0x08).
  const packed = layout === "8";
  return {
    index: view.getUint16(0, true),
    userId: null,
    timeCode,
    wallTime: decodeTime(timeCode),
    state: packed ? second & 7 : view.getUint8(7),
    verify: packed ? second >> 3 & 3 : second,
    flags: packed ? second : null,
    workCode: "",
    rest: "",
  };
}

function decode40(bytes: Uint8Array, view: DataView): AttendanceRecord {
  const timeCode = view.getUint32(27, true);
  let rest = "";
  for (let at = 32; at < view.byteLength; at++) {
    if (bytes[at] !== 0) {
      rest = hexOf(bytes.subarray(32, view.byteLength));
      break;
    }
  }
  return {
    index: view.getUint16(0, true),
    userId: untilNul(bytes.subarray(2, 26)).trim(),
    timeCode,
    wallTime: decodeTime(timeCode),
    state: view.getUint8(31),
    verify: view.getUint8(26),
    flags: null,
    workCode: "",
    rest,
  };
}

/** As the push side reads PINs: text of any script, no blanks, no controls, nothing undecodable. */
const PIN_TEXT = /^[^\s\p{C}\ufffd]{1,24}$/u;
/** The same for nearly all PINs, at a fraction of the cost. */
const ASCII_PIN = /^[\x21-\x7e]{1,24}$/;

function isPin(text: string): boolean {
  return ASCII_PIN.test(text) || PIN_TEXT.test(text);
}

/** What PINs in the field are made of; `(` is what a flag byte of another layout looks like. */
const USUAL_PIN = /^[\p{L}\p{M}\p{N}_.@-]{1,24}$/u;

/** Whether the identity field can be what the layout says it is. */
function identityFits(record: AttendanceRecord, layout: Layout): boolean {
  if (layout === "40" || layout === "49") {
    const pin = record.userId ?? "";
    return pin !== "0" && (USUAL_PIN.test(pin) || (isPin(pin) && stateIsUsual(record)));
  }
  // A work code has at most eight digits; two 8-byte records show a time code in its place.
  if (layout === "16") return record.userId !== "0" && record.workCode.length <= 8;
  return record.index !== 0;
}

/** 0 to 5 and "none": keys can be given other numbers, so this weighs but never decides alone. */
function stateIsUsual({ state }: AttendanceRecord): boolean {
  return state <= 5 || state === 255;
}

interface Fit {
  readonly layout: Layout;
  readonly count: number;
  /** Records looked at. */
  readonly seen: number;
  /** Share of them that make sense, 0 to 1. */
  readonly sense: number;
  /** Share of them that name somebody and a day, whatever year. */
  readonly named: number;
  /**
   * `sense`, plus the share of neighbours in order of time (a misread log jumps between decades),
   * plus the share of usual states, plus something for a count that the terminal confirms.
   */
  readonly score: number;
}

/** A record before 2 January 2000 says more about a wrong layout than about a clock that was reset. */
const FIRST_SENSIBLE_CODE = 86_400;
/** What an exact count is worth; what a count that a punch or a few later would give. */
const COUNT_EXACT = 0.5;
const COUNT_NEAR = 0.25;
/** Records that may be punched between the counting and the reading. */
const NEAR = 10;

/** Records looked at: the first, middle and last of a log; every layout of 4 MB costs a second. */
const SAMPLE = 1_000;

/** Places of the sampled records as ranges [from, to). */
function samples(count: number): readonly (readonly [number, number])[] {
  if (count <= 3 * SAMPLE) return [[0, count]];
  const middle = Math.floor((count - SAMPLE) / 2);
  return [[0, SAMPLE], [middle, middle + SAMPLE], [count - SAMPLE, count]];
}

/** Whether a record holds one byte alone, behind a running number where there is one: erased flash. */
function isBlank(bytes: Uint8Array, layout: Layout): boolean {
  const from = needsPinBook(layout) ? 0 : 2;
  for (let at = from + 1; at < bytes.length; at++) if (bytes[at] !== bytes[from]) return false;
  return true;
}

/** `written`: every record that is not blank, instead of some of all. */
function weigh(
  body: Uint8Array,
  layout: Layout,
  { latest, count: counted }: LayoutHints,
  written = false,
): Fit {
  const size = layoutBytes(layout);
  const count = body.length / size;
  let seen = 0, sensible = 0, named = 0, ordered = 0, usual = 0, previous = 0, zeros = 0;
  for (const [from, to] of written ? [[0, count] as const] : samples(count)) {
    for (let at = from * size; at < to * size; at += size) {
      const bytes = body.subarray(at, at + size);
      if (written && isBlank(bytes, layout)) continue;
      const record = decodeRecord(bytes, layout);
      const inTime = record.wallTime !== null && record.wallTime <= latest &&
        record.timeCode >= FIRST_SENSIBLE_CODE;
      const padded = layout !== "8" || bytes[3] === 0;
      seen++;
      if (bytes[3] === 0) zeros++;
      const isNamed = record.wallTime !== null && padded && identityFits(record, layout);
      if (isNamed) named++;
      if (isNamed && inTime) sensible++;
      if (record.timeCode >= previous) ordered++;
      if (stateIsUsual(record)) usual++;
      previous = record.timeCode;
    }
  }
  // The low byte of 8p's time is padding in 8: always zero there, one time in 256 here.
  const isPadding = layout === "8p" && zeros / seen >= SURE;
  const sense = isPadding || seen === 0 ? 0 : sensible / seen;
  // A single record has no neighbour to be in order with: that proves nothing either way.
  const order = seen > 1 ? (ordered - 1) / (seen - 1) : 0.5;
  const score = sense + order + usual / Math.max(1, seen) + worthOfCount(count, counted ?? 0);
  return { layout, count, seen, sense, named: named / Math.max(1, seen), score };
}

function worthOfCount(count: number, counted: number): number {
  if (counted === 0 || count < counted) return 0;
  if (count === counted) return COUNT_EXACT;
  return count - counted <= NEAR ? COUNT_NEAR : 0;
}

export interface LayoutHints {
  /** Records the terminal counts before the read; null or 0 when it does not say (it can lie). */
  readonly count: number | null;
  /** And after it. */
  readonly countAfter?: number | null;
  /** The latest believable wall time, `YYYY-MM-DD HH:MM:SS`: a day after the later of both clocks. */
  readonly latest: string;
  /** The layout this serial number was read with before. */
  readonly remembered?: Layout | undefined;
}

/** Share of sensible records that proves a layout by itself, and with the exact count beside it. */
const SURE = 0.9;
const SURE_WITH_COUNT = 0.5;
/** Share of them that a layout needs which the counts or an earlier read speak for; chance gives `8p` a fifth. */
const SOME = 1 / 3;
/** Two layouts whose scores are closer than this cannot be told apart. */
const CLEAR_LEAD = 0.1;
/** Share of records with PINs as text that name somebody: of rubbish it is one in a thousand. */
const FEW = 0.01;

/**
 * The layout of a whole log, by plausibility. The count only adds weight where most records make sense: a
 * punch between the counting and the reading makes total / count a wrong record size. Where most do not
 * (erased flash, a clock that is decades off) a size that both counts confirm, or the layout of earlier
 * reads, decides: bad records never cost the good ones.
 * Throws ZkFault `layout` when none fits or two fit alike.
 */
export function chooseLayout(body: Uint8Array, hints: LayoutHints): Layout {
  const layouts = LAYOUTS.filter((layout) => body.length % layoutBytes(layout) === 0);
  const some = layouts.map((layout) => weigh(body, layout, hints));
  const found = clearest(some.filter((fit) => isSure(fit, hints)), body, hints);
  if (found !== null) return found;
  const written = layouts.map((layout) => weigh(body, layout, hints, true));
  const sure = written.filter((fit) => fit.seen > 0 && isSure(fit, hints));
  const left = clearest(sure, body, hints) ?? vouchedFor(written, hints);
  if (left === null) {
    throw new ZkFault("layout", `no record layout fits ${body.length} bytes of log`);
  }
  return left;
}

function isSure({ sense, count }: Fit, hints: LayoutHints): boolean {
  return sense >= (count === hints.count ? SURE_WITH_COUNT : SURE);
}

/** Null when there is none; throws when two are as good. */
function clearest(fits: Fit[], body: Uint8Array, { remembered }: LayoutHints): Layout | null {
  const known = fits.find((fit) => fit.layout === remembered && fit.sense >= SURE);
  if (known) return known.layout;
  const [best, next] = fits.toSorted((one, other) => other.score - one.score);
  if (!best) return null;
  if (next && best.score - next.score < CLEAR_LEAD) {
    const both = `layouts ${best.layout} and ${next.layout}`;
    throw new ZkFault("layout", `${both} fit the ${body.length} bytes of log alike`);
  }
  return best.layout;
}

/**
 * By what the terminal counts before and after, else by the layout it was read with before. Records of 40
 * and 49 bytes are told from rubbish one by one, so few of them are enough; the short ones name people by
 * number alone, so some of them must make sense.
 */
function vouchedFor(fits: readonly Fit[], hints: LayoutHints): Layout | null {
  const { count, countAfter, remembered } = hints;
  const bySense = fits.toSorted((one, other) => other.sense - one.sense);
  const counted = bySense.filter((fit) =>
    count !== null && count > 0 && fit.count >= count &&
    fit.count <= Math.max(count, countAfter ?? 0)
  );
  const [best] = counted;
  const isOneSize = new Set(counted.map((fit) => fit.count)).size === 1;
  if (best && isOneSize) {
    const isText = !needsPinBook(best.layout);
    if (best.seen === 0 || isText && best.named >= FEW) return best.layout;
  }
  const vouched = best && isOneSize ? best : bySense.find((fit) => fit.layout === remembered);
  return vouched && vouched.sense >= SOME && vouched.sense === bySense[0]!.sense
    ? vouched.layout
    : null;
}

/** What resolves an index or a number to the PIN as text: the terminal's own user list. */
export interface PinBook {
  readonly byIndex: ReadonlyMap<number, readonly string[]>;
  /** By the PIN read as a decimal number: `007` and `7` are both under 7. */
  readonly byNumber: ReadonlyMap<number, readonly string[]>;
}

export const EMPTY_PIN_BOOK: PinBook = { byIndex: new Map(), byNumber: new Map() };

export function makePinBook(users: Iterable<{ index: number; pin: string }>): PinBook {
  const byIndex = new Map<number, string[]>();
  const byNumber = new Map<number, string[]>();
  const note = (book: Map<number, string[]>, name: number, pin: string) => {
    const pins = book.get(name) ?? [];
    if (!pins.includes(pin)) pins.push(pin);
    book.set(name, pins);
  };
  for (const { index, pin } of users) {
    note(byIndex, index, pin);
    if (/^\d+$/.test(pin)) note(byNumber, Number(pin), pin);
  }
  return { byIndex, byNumber };
}

/** Whether records of this layout need the terminal's user list to name their PIN. */
export function needsPinBook(layout: Layout): boolean {
  return layout !== "40" && layout !== "49";
}

export interface ReadPunches {
  readonly punches: Punch[];
  readonly rejects: Reject[];
}

/** A log body as punches and rejects, in the terminal's order, repeats included. */
export function readPunches(
  body: Uint8Array,
  options: { serial: string; layout: Layout; pins: PinBook },
): ReadPunches {
  const { serial, layout, pins } = options;
  const size = layoutBytes(layout);
  const punches: Punch[] = [];
  const rejects: Reject[] = [];
  for (let at = 0; at < body.length; at += size) {
    const bytes = body.subarray(at, at + size);
    const record = decodeRecord(bytes, layout);
    const pin = pinOf(record, layout, pins);
    const reason: Reject["reason"] | null = pin === null
      ? "ambiguous_pin"
      : pin === ""
      ? "empty_pin"
      : !isPin(pin)
      ? "bad_pin"
      : record.wallTime === null
      ? "bad_time"
      : null;
    if (reason !== null || pin === null || record.wallTime === null) {
      // The layout in front makes the bytes readable again later; 49 bytes are 98 digits.
      rejects.push({ serial, reason: reason ?? "unreadable", raw: `zk${layout} ${hexOf(bytes)}` });
      continue;
    }
    punches.push({
      serial,
      pin,
      wallTime: record.wallTime,
      status: String(record.state),
      verify: String(record.verify),
      workCode: record.workCode,
      extra: record.rest,
    });
  }
  return { punches, rejects };
}

/** Null when the terminal's user list does not name exactly one PIN. */
function pinOf(record: AttendanceRecord, layout: Layout, pins: PinBook): string | null {
  if (!needsPinBook(layout)) return record.userId ?? "";
  const found = layout === "16"
    ? pins.byNumber.get(Number(record.userId))
    : pins.byIndex.get(record.index ?? -1);
  return found?.length === 1 ? found[0]! : null;
}
