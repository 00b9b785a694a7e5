/**
 * The terminal's clock code and the six time bytes of live events, to and from wall-time text.
 * Pure, and never through Date: a wall time has no zone, and the code can name 30 February.
 */
import { wallAsUtc, wallText } from "../base/wall_time.ts";

const DAY_SECONDS = 86_400;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether the calendar has this day, and a terminal can show it: its years have two digits. */
function dayExists(year: number, month: number, day: number): boolean {
  const days = MONTH_DAYS[month - 1];
  if (days === undefined || day < 1 || day > days || year > 2099) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || leap;
}

const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

function dateText(year: number, month: number, day: number): string {
  return `${year.toString().padStart(4, "0")}-${TWO[month]}-${TWO[day]}`;
}

/** Days of a log repeat; the text of the latest day is kept. Null for a day no calendar has. */
let latestDay: { days: number; text: string | null } = { days: -1, text: null };

function dayText(days: number): string | null {
  if (latestDay.days === days) return latestDay.text;
  const day = days % 31 + 1;
  const month = Math.floor(days / 31) % 12 + 1;
  const year = Math.floor(days / 372) + 2000;
  latestDay = { days, text: dayExists(year, month, day) ? dateText(year, month, day) : null };
  return latestDay.text;
}

/**
 * `YYYY-MM-DD HH:MM:SS`, or null when the code names a day that no calendar has or a year past 2099,
 * which the formula cannot make.
 * Vendor's formula: ((year mod 100) * 372 + (month - 1) * 31 + day - 1) * 86400 + second of day.
 */
export function decodeTime(code: number): string | null {
  const date = dayText(Math.floor(code / DAY_SECONDS));
  if (date === null) return null;
  const second = code % DAY_SECONDS;
  const hour = Math.floor(second / 3600);
  return `${date} ${TWO[hour]}:${TWO[Math.floor(second / 60) % 60]}:${TWO[second % 60]}`;
}

const WALL_TIME = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;

/** The terminal's code of a wall time in 2000 to 2099. Throws RangeError on anything else. */
export function encodeTime(wallTime: string): number {
  const parts = WALL_TIME.exec(wallTime)?.slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 99, minute = 99, second = 99] = parts ?? [];
  const sane = year >= 2000 && year <= 2099 && dayExists(year, month, day) &&
    hour < 24 && minute < 60 && second < 60;
  if (!sane) throw new RangeError("not a wall time that a terminal can hold");
  return ((year % 100) * 372 + (month - 1) * 31 + day - 1) * DAY_SECONDS +
    hour * 3600 + minute * 60 + second;
}

/** Year since 2000, month, day, hour, minute, second as one byte each; null when impossible. */
export function decodeEventTime(bytes: Uint8Array): string | null {
  const [year = 0, month = 0, day = 0, hour = 99, minute = 99, second = 99] = bytes;
  if (!dayExists(2000 + year, month, day) || hour > 23 || minute > 59 || second > 59) return null;
  return `${dateText(2000 + year, month, day)} ${TWO[hour]}:${TWO[minute]}:${TWO[second]}`;
}

/**
 * The latest wall time a record can bear: a day after the later of the agent's clock (`now`, epoch ms)
 * and the terminal's own. Either may be wrong, and the terminal's zone is not known here.
 */
export function latestBelievable(now: number, deviceWallTime: string | null): string {
  const device = deviceWallTime === null ? 0 : wallAsUtc(deviceWallTime);
  return wallText(Math.max(now, device) + DAY_SECONDS * 1000);
}
