/**
 * Minutes, instants and spans of time as text, and back.
 *
 * Pure: no import, no clock, no language of its own. Words come from the reader's locale through
 * `Intl`, so that nothing here needs a translation. Must not know Odoo.
 */

/** The largest value of a PostgreSQL `integer` column, in minutes. */
const MAX_MINUTES = 2_147_483_647;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Whole minutes as `h:mm`, sign in front: `450` is `7:30`, `-15` is `-0:15`. */
export function formatMinutes(minutes: number): string {
  if (!Number.isFinite(minutes)) return "";
  const whole = Math.round(minutes);
  const size = Math.abs(whole);
  const sign = whole < 0 ? "-" : "";
  return `${sign}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
}

/**
 * What a person typed for a length of time, in whole minutes; null when it cannot be one.
 *
 * `7:30`, `:30`, `7.5h`, `7,5 h`, `7h30`, `7h 30m`, `45 min`, and `450`, which is minutes. The empty text is 0, as
 * in Odoo's own number fields. What could be read in two ways is refused: `7.5` (hours or minutes?),
 * `7:5` (5 or 50 minutes?), `7:75`.
 */
export function parseMinutes(text: string): number | null {
  const typed = text.normalize("NFKC").replace(/\u2212/g, "-").trim().toLowerCase();
  if (typed === "") return 0;
  const [, sign, rest] = /^([+-]?)\s*(.*)$/s.exec(typed) ?? [];
  const size = parseSize(rest ?? "");
  if (size === null || size > MAX_MINUTES) return null;
  return sign === "-" && size !== 0 ? -size : size;
}

function parseSize(text: string): number | null {
  let match = /^(\d*):([0-5]\d)$/.exec(text);
  if (match) return Number(match[1]) * 60 + Number(match[2]);
  match = /^(\d+)\s*(?:m|min|mins|minutes?)?$/.exec(text);
  if (match) return Number(match[1]);
  match = /^(\d+)\s*h\s*(?:([0-5]?\d)\s*m(?:in)?|([0-5]\d))$/.exec(text);
  if (match) return Number(match[1]) * 60 + Number(match[2] ?? match[3]);
  match = /^(\d+(?:[.,]\d+)?|[.,]\d+)\s*(?:h|hrs?|hours?)$/.exec(text);
  if (match) return Math.round(Number((match[1] ?? "").replace(",", ".")) * 60);
  return null;
}

/** Milliseconds of an instant of the contract, `YYYY-MM-DDTHH:MM:SS.sssZ`; null for anything else. */
export function parseInstant(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(match[1] ?? "")) return null;
  return ms + Number((match[2] ?? "0").padEnd(3, "0").slice(0, 3));
}

/** The largest unit that fits, and how many of it are over: 89 minutes are 1 hour. */
function coarse(ms: number): [number, "second" | "minute" | "hour" | "day"] {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return [Math.floor(size / 1000), "second"];
  if (size < HOUR_MS) return [Math.floor(size / MINUTE_MS), "minute"];
  if (size < DAY_MS) return [Math.floor(size / HOUR_MS), "hour"];
  return [Math.floor(size / DAY_MS), "day"];
}

/**
 * "5 minutes ago" in the reader's language. Under a minute, either way, is "now": the clocks of server
 * and browser do not agree better. An instant further ahead is said to be ahead, not hidden.
 */
export function relativeTime(atMs: number, nowMs: number, locale: string): string {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const [count, unit] = coarse(nowMs - atMs);
  if (unit === "second") return words.format(0, "second");
  return words.format(atMs > nowMs ? count : -count, unit);
}

/** A span in its largest unit, "3 hours" in the reader's language; less than a minute is "0 minutes". */
export function spanText(ms: number, locale: string): string {
  const [count, unit] = coarse(Math.max(0, ms));
  const inMinutes = unit === "second";
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: inMinutes ? "minute" : unit,
    unitDisplay: "long",
  }).format(inMinutes ? 0 : count);
}

/** Formats by language and shape: making one costs more than all that a screen writes with it. */
const DATE_FORMATS = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: string, withYear: boolean, weekday: boolean): Intl.DateTimeFormat {
  const key = `${locale} ${withYear} ${weekday}`;
  const known = DATE_FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, {
    ...(withYear ? { year: "numeric" } : {}),
    ...(weekday ? { weekday: "short" } : {}),
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  });
  DATE_FORMATS.set(key, known);
  return known;
}

/**
 * An ISO date as every screen of ours shows one, as Odoo's own lists do: "Mar 2", with `weekday` "Mon, Mar 2", and its
 * year where that is not `thisYear`. The text itself where it is no date. `day_words` of the addon writes
 * the same.
 */
export function dateText(
  text: string,
  locale: string,
  thisYear: number,
  weekday: boolean = false,
): string {
  const at = Date.parse(`${text}T00:00Z`);
  if (Number.isNaN(at)) return text;
  return dateFormat(locale, new Date(at).getUTCFullYear() !== thisYear, weekday).format(at);
}

/** The beginning of an hour of the day as lists and sentences write times: `5:00 PM`, `17:00`. */
export function hourText(hour: number, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "UTC" });
  return format.format(hour * HOUR_MS);
}

/** A text that stands by itself begins with a capital; `sentence` of the addon does the same. */
export function sentenceText(text: string, locale: string): string {
  const [first = "", ...rest] = text;
  return first.toLocaleUpperCase(locale) + rest.join("");
}

/** A count with the reader's digit groups. */
export function countText(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** A share of 100 held inside 0 … 100, for the width of a bar. */
export function clampPercent(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** The first tag that `Intl` takes, so that an odd language code costs its wording and not the screen. */
export function usableLocale(...tags: readonly (string | undefined)[]): string {
  for (const tag of tags) {
    if (!tag) continue;
    try {
      const [canonical] = Intl.getCanonicalLocales(tag);
      if (canonical) return canonical;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return "en";
}
