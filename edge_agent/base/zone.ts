/**
 * Time zones by name: offset at an instant, wall time at an instant. Pure arithmetic over the
 * runtime's zone data; the instant is always handed in.
 */
import { DAY_MS, MINUTE_MS } from "./duration.ts";
import { wallAsUtc, wallText } from "./wall_time.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z0-9_+\-/]{1,64}$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Offsets change at full quarters of an hour (UTC) only, so one answer serves a quarter. */
const QUARTER_MS = 15 * MINUTE_MS;
const MAX_OFFSETS = 1_000;
const offsets = new Map<string, number>();

/** Minutes east of UTC. Throws RangeError for a zone the runtime does not know. */
export function offsetMinutes(timeZone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
  const name = `${quarter} ${timeZone}`;
  const known = offsets.get(name);
  if (known !== undefined) return known;
  const offset = Math.round((wallMs(timeZone, quarter) - quarter) / MINUTE_MS);
  if (offsets.size >= MAX_OFFSETS) offsets.clear();
  offsets.set(name, offset);
  return offset;
}

/** Minutes east of UTC outside summer time, in the year of `at`. */
export function standardOffsetMinutes(timeZone: string, at: number): number {
  const year = new Date(at).getUTCFullYear();
  const months = [0, 6].map((month) => offsetMinutes(timeZone, Date.UTC(year, month, 15)));
  return Math.min(...months);
}

/** What a clock on the wall shows: `YYYY-MM-DD HH:MM:SS`. */
export function wallTimeAt(timeZone: string, at: number): string {
  return wallText(Math.floor(at / 1000) * 1000 + offsetMinutes(timeZone, at) * MINUTE_MS);
}

/** The instant of a wall time; of a repeated hour the first, of a skipped one the later side. */
export function instantOf(timeZone: string, wallTime: string): number {
  const wall = wallAsUtc(wallTime);
  const before = offsetMinutes(timeZone, wall - DAY_MS);
  const guess = wall - before * MINUTE_MS;
  const offset = offsetMinutes(timeZone, guess);
  return offset === before ? guess : wall - offset * MINUTE_MS;
}

function wallMs(timeZone: string, at: number): number {
  const parts = new Map(
    formatOf(timeZone).formatToParts(at).map((part) => [part.type, Number(part.value)]),
  );
  const value = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return Date.UTC(
    value("year"),
    value("month") - 1,
    value("day"),
    value("hour"),
    value("minute"),
    value("second"),
  );
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(timeZone, format);
  return format;
}
