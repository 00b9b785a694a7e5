/**
 * A computed day as a drawing: bars and marks on an axis of time, in percent of its width.
 *
 * Pure. Reads the JSON the day engine writes for a day: its derivation (sessions, ignored), its
 * `segments` (every worked second with its class) and, where given, the planned `shifts` and the
 * `zone`. Must not know OWL or words; kinds and reasons leave here as the codes the engine wrote.
 */

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Session {
  readonly fromMs: number;
  /** Null: nobody closed it, it is worth nothing. */
  readonly toMs: number | null;
  /** The end was assumed by a rule, not punched. */
  readonly assumed: boolean;
}

export interface LeftOut {
  readonly atMs: number;
  readonly reason: string;
}

/** What a rule made of the presence: one entry of the derivation's `paid`. */
export type Step =
  | (Span & { readonly kind: "paid_gap" })
  | (Span & { readonly kind: "unpaid_gap" })
  | (Span & { readonly kind: "deduction"; readonly rule: string })
  | {
    readonly kind: "move";
    readonly rule: string;
    readonly atMs: number;
    readonly movedMs: number;
  }
  | { readonly kind: "break"; readonly minutes: number; readonly movedMinutes: number }
  | { readonly kind: "clamped"; readonly minutes: number };

/** What of a day can be drawn. Instants in milliseconds of UTC. */
export interface DayFacts {
  readonly zone: string | null;
  readonly shifts: readonly Span[];
  readonly sessions: readonly Session[];
  readonly leftOut: readonly LeftOut[];
  readonly segments: readonly (Span & { readonly payClass: string })[];
  readonly steps: readonly Step[];
  /** Punches in an hour the clock showed twice, where nothing tells which of the two it was. */
  readonly undecided: number;
  /** Approved corrections that took part. */
  readonly adjustments: number;
}

export interface Bar {
  readonly left: number;
  readonly width: number;
  readonly kind: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}

export interface Mark {
  readonly left: number;
  readonly kind: string;
  readonly atMs: number;
}

export interface Drawing {
  readonly ticks: readonly { readonly left: number; readonly label: string }[];
  readonly shifts: readonly Bar[];
  readonly sessions: readonly Bar[];
  readonly segments: readonly Bar[];
  readonly leftOut: readonly Mark[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** An open session has no end to draw to; it gets this much of the axis. */
const OPEN_MS = 30 * MINUTE_MS;
/** Widest axis drawn, so that one impossible instant cannot squeeze a day into a dot. */
const MAX_AXIS_MS = 72 * HOUR_MS;
const MAX_TICKS = 12;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `2026-03-04T08:00Z`, with seconds or parts of them where there are any. */
function instant(value: unknown): number | null {
  if (typeof value !== "string") return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z$/.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

function span(from: unknown, to: unknown): Span | null {
  const fromMs = instant(from);
  const toMs = instant(to);
  return fromMs === null || toMs === null || toMs < fromMs ? null : { fromMs, toMs };
}

/** Every entry of a list that `read` can make something of. */
function each<T>(value: unknown, read: (entry: unknown) => T | null): T[] {
  return Array.isArray(value) ? value.map(read).filter((item) => item !== null) as T[] : [];
}

function readSession(entry: unknown): Session | null {
  if (!isFields(entry)) return null;
  const fromMs = instant(entry["in"]);
  if (fromMs === null) return null;
  const toMs = instant(entry["out"]);
  const closed = toMs !== null && toMs >= fromMs;
  return { fromMs, toMs: closed ? toMs : null, assumed: closed && entry["assumed"] === true };
}

function readLeftOut(entry: unknown): LeftOut | null {
  if (!isFields(entry)) return null;
  const atMs = instant(entry["at"]);
  return atMs === null
    ? null
    : { atMs, reason: typeof entry["reason"] === "string" ? entry["reason"] : "" };
}

/** Spans of a list of pairs, each made into a step. */
function spanSteps(value: unknown, make: (found: Span) => Step): Step[] {
  return each(value, (entry) => {
    const found = Array.isArray(entry) ? span(entry[0], entry[1]) : null;
    return found && make(found);
  });
}

/** `[rule, before, after]`: instants, or minutes where a break was rounded. */
function readMove(entry: unknown): Step | null {
  if (!Array.isArray(entry) || typeof entry[0] !== "string") return null;
  const [rule, before, after] = entry;
  if (typeof before === "number" && typeof after === "number") {
    return { kind: "break", minutes: before, movedMinutes: after };
  }
  const [atMs, movedMs] = [instant(before), instant(after)];
  return atMs === null || movedMs === null ? null : { kind: "move", rule, atMs, movedMs };
}

/** One entry of `paid`, what was done to one shift's presence, in the engine's order. */
function readSteps(entry: unknown): Step[] {
  if (!isFields(entry)) return [];
  const deductions = each(
    entry["deductions"],
    (item) => Array.isArray(item) && typeof item[0] === "string" ? item : null,
  );
  const { clamped_minutes: clamped } = entry;
  return [
    ...each(entry["moves"], readMove),
    ...spanSteps(entry["paid_gaps"], (found) => ({ ...found, kind: "paid_gap" })),
    ...spanSteps(entry["unpaid_gaps"], (found) => ({ ...found, kind: "unpaid_gap" })),
    ...deductions.flatMap(([rule, taken]) =>
      spanSteps(taken, (found) => ({ ...found, kind: "deduction", rule }))
    ),
    ...(typeof clamped === "number" && clamped > 0
      ? [{ kind: "clamped" as const, minutes: clamped }]
      : []),
  ];
}

const count = (value: unknown): number => Array.isArray(value) ? value.length : 0;

/**
 * What can be drawn of a field's value: the JSON text or the object, of a whole day or of its
 * derivation alone. Null when there is nothing: not computed, not JSON, or a day without any punch,
 * shift or minute.
 */
export function readDay(value: unknown): DayFacts | null {
  let day = value;
  if (typeof value === "string") {
    try {
      day = JSON.parse(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return null;
    }
  }
  if (!isFields(day)) return null;
  const why = isFields(day["derivation"]) ? day["derivation"] : day;
  const zone = day["zone"] ?? why["zone"];
  const facts: DayFacts = {
    zone: typeof zone === "string" && zone !== "" ? zone : null,
    shifts: each(
      day["shifts"] ?? why["shifts"],
      (entry) => isFields(entry) ? span(entry["start"], entry["end"]) : null,
    ),
    sessions: each(why["sessions"], readSession),
    leftOut: each(why["ignored"], readLeftOut),
    segments: each(day["segments"] ?? why["segments"], (entry) => {
      if (!Array.isArray(entry)) return null;
      const found = span(entry[0], entry[1]);
      return found && { ...found, payClass: String(entry[2] ?? "") };
    }),
    steps: Array.isArray(why["paid"]) ? why["paid"].flatMap(readSteps) : [],
    undecided: count(why["undecided"]),
    adjustments: count(why["adjustments"]),
  };
  const size = facts.shifts.length + facts.sessions.length + facts.leftOut.length +
    facts.segments.length;
  return size === 0 ? null : facts;
}

/** The hours the drawing covers: whole local hours around everything on it. */
function axisOf(day: DayFacts, offsetMs: (atMs: number) => number): Span {
  const starts = [...day.shifts, ...day.sessions, ...day.segments].map((item) => item.fromMs);
  const ends = [
    ...[...day.shifts, ...day.segments].map((item) => item.toMs),
    ...day.sessions.map((item) => item.toMs ?? item.fromMs + OPEN_MS),
  ];
  const marks = day.leftOut.map((item) => item.atMs);
  const first = Math.min(...starts, ...marks);
  const last = Math.max(...ends, ...marks);
  const down = (ms: number) => Math.floor((ms + offsetMs(ms)) / HOUR_MS) * HOUR_MS - offsetMs(ms);
  const fromMs = down(first);
  const toMs = Math.max(down(last + HOUR_MS - 1), fromMs + HOUR_MS);
  return { fromMs, toMs: Math.min(toMs, fromMs + MAX_AXIS_MS) };
}

/** Local time minus UTC at an instant, in milliseconds: half-hour zones have half-hour ticks. */
function offsetIn(zone: string | undefined): (atMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  return (atMs) => {
    const part = Object.fromEntries(
      format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]),
    ) as Record<"year" | "month" | "day" | "hour" | "minute", number>;
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
    return local - Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
  };
}

/** The zone itself when the browser knows it; undefined is the reader's own. */
export function knownZone(zone: string | null): string | undefined {
  if (zone === null) return undefined;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** Instants as times of day, in the day's zone and the reader's language, as the lists of days write theirs: `7:44 AM`. */
export function clockIn(zone: string | undefined, locale: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat(locale, {
    timeStyle: "short",
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  return (atMs) => format.format(atMs);
}

/** Everything on the axis, each position and width between 0 and 100. */
export function draw(day: DayFacts, locale: string): Drawing {
  const zone = knownZone(day.zone);
  const axis = axisOf(day, offsetIn(zone));
  const length = axis.toMs - axis.fromMs;
  const at = (ms: number) => Math.min(100, Math.max(0, (ms - axis.fromMs) / length * 100));
  const bar = (fromMs: number, toMs: number | null, kind: string): Bar => ({
    left: at(fromMs),
    width: at(toMs ?? fromMs + OPEN_MS) - at(fromMs),
    kind,
    fromMs,
    toMs,
  });
  return {
    ticks: ticksOf(axis, at, clockIn(zone, locale)),
    shifts: day.shifts.map((item) => bar(item.fromMs, item.toMs, "shift")),
    sessions: day.sessions.map((item) =>
      bar(
        item.fromMs,
        item.toMs,
        item.toMs === null ? "open" : item.assumed ? "assumed" : "closed",
      )
    ),
    segments: day.segments.map((item) => bar(item.fromMs, item.toMs, item.payClass)),
    leftOut: day.leftOut.map((item) => ({
      left: at(item.atMs),
      kind: item.reason,
      atMs: item.atMs,
    })),
  };
}

function ticksOf(axis: Span, at: (ms: number) => number, clock: (ms: number) => string) {
  const hours = (axis.toMs - axis.fromMs) / HOUR_MS;
  const step = [1, 2, 3, 4, 6, 12].find((each) => hours / each <= MAX_TICKS) ?? 24;
  const ticks = [];
  for (let ms = axis.fromMs; ms <= axis.toMs; ms += step * HOUR_MS) {
    ticks.push({ left: at(ms), label: clock(ms) });
  }
  return ticks;
}
