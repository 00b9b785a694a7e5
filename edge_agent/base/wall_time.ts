/**
 * Times as a device states them: `YYYY-MM-DD HH:MM:SS`, no zone. Owns the form and what is one.
 * Pure; must not know zones or instants.
 */

const OTHER_TIMES = [
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ]+(\d{1,2}):(\d\d):(\d\d)$/,
  /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/,
];

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `YYYY-MM-DD HH:MM:SS`, or null for what is no time that ever was on a clock. */
export function parseWallTime(text: string): string | null {
  if (isUsualTime(text)) return text;
  const match = OTHER_TIMES.map((form) => form.exec(text)).find((found) => found !== null);
  if (match === undefined || match === null) return null;
  const [year = "", ...rest] = match.slice(1);
  const [month, day, hour, minute, second] = rest.map((part) => part.padStart(2, "0"));
  const usual = `${year}-${month}-${day} ${hour}:${minute}:${second}`;
  return isUsualTime(usual) ? usual : null;
}

/** Digit by digit: this is asked once for every punch there is. */
function isUsualTime(text: string): boolean {
  if (text.length !== 19 || text[4] !== "-" || text[7] !== "-" || text[10] !== " ") return false;
  if (text[13] !== ":" || text[16] !== ":") return false;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) &&
    between(digits(text, 11, 2), 23) && between(digits(text, 14, 2), 59) &&
    between(digits(text, 17, 2), 59);
}

function between(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** The number in `count` digits from `at`, -1 when there is anything else. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let place = at; place < at + count; place++) {
    const digit = text.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : DAYS_IN_MONTH[month - 1] ?? 0;
}

/** Seconds from one wall time to another as if both were of a zone without clock changes. */
export function wallSecondsBetween(from: string, to: string): number {
  return Math.round((wallAsUtc(to) - wallAsUtc(from)) / 1000);
}

/** A wall time as if it were UTC, in ms: for differences, never as an instant. */
export function wallAsUtc(wallTime: string): number {
  return Date.parse(`${wallTime.replace(" ", "T")}Z`);
}

/** The wall time that is held as if it were UTC, in ms. */
export function wallText(asUtc: number): string {
  return new Date(asUtc).toISOString().slice(0, 19).replace("T", " ");
}
