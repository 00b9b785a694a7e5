// generated from owl_src/format.ts, do not edit
const MAX_MINUTES = 2147483647;
const MINUTE_MS = 6e4;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
function formatMinutes(minutes) {
  if (!Number.isFinite(minutes)) return "";
  const whole = Math.round(minutes);
  const size = Math.abs(whole);
  const sign = whole < 0 ? "-" : "";
  return `${sign}${Math.floor(size / 60)}:${String(size % 60).padStart(2, "0")}`;
}
function parseMinutes(text) {
  const typed = text.normalize("NFKC").replace(/\u2212/g, "-").trim().toLowerCase();
  if (typed === "") return 0;
  const [, sign, rest] = /^([+-]?)\s*(.*)$/s.exec(typed) ?? [];
  const size = parseSize(rest ?? "");
  if (size === null || size > MAX_MINUTES) return null;
  return sign === "-" && size !== 0 ? -size : size;
}
function parseSize(text) {
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
function parseInstant(text) {
  if (typeof text !== "string") return null;
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}Z`);
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(match[1] ?? "")) return null;
  return ms + Number((match[2] ?? "0").padEnd(3, "0").slice(0, 3));
}
function coarse(ms) {
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return [Math.floor(size / 1e3), "second"];
  if (size < HOUR_MS) return [Math.floor(size / MINUTE_MS), "minute"];
  if (size < DAY_MS) return [Math.floor(size / HOUR_MS), "hour"];
  return [Math.floor(size / DAY_MS), "day"];
}
function relativeTime(atMs, nowMs, locale) {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const [count, unit] = coarse(nowMs - atMs);
  if (unit === "second") return words.format(0, "second");
  return words.format(atMs > nowMs ? count : -count, unit);
}
function spanText(ms, locale) {
  const [count, unit] = coarse(Math.max(0, ms));
  const inMinutes = unit === "second";
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: inMinutes ? "minute" : unit,
    unitDisplay: "long"
  }).format(inMinutes ? 0 : count);
}
const DATE_FORMATS = /* @__PURE__ */ new Map();
function dateFormat(locale, withYear, weekday) {
  const key = `${locale} ${withYear} ${weekday}`;
  const known = DATE_FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, {
    ...withYear ? { year: "numeric" } : {},
    ...weekday ? { weekday: "short" } : {},
    month: "short",
    day: "numeric",
    timeZone: "UTC"
  });
  DATE_FORMATS.set(key, known);
  return known;
}
function dateText(text, locale, thisYear, weekday = false) {
  const at = Date.parse(`${text}T00:00Z`);
  if (Number.isNaN(at)) return text;
  return dateFormat(locale, new Date(at).getUTCFullYear() !== thisYear, weekday).format(at);
}
function hourText(hour, locale) {
  const format = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "UTC" });
  return format.format(hour * HOUR_MS);
}
function sentenceText(text, locale) {
  const [first = "", ...rest] = text;
  return first.toLocaleUpperCase(locale) + rest.join("");
}
function countText(count, locale) {
  return new Intl.NumberFormat(locale).format(count);
}
function clampPercent(percent) {
  return Math.min(100, Math.max(0, percent));
}
function usableLocale(...tags) {
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
export {
  clampPercent,
  countText,
  dateText,
  formatMinutes,
  hourText,
  parseInstant,
  parseMinutes,
  relativeTime,
  sentenceText,
  spanText,
  usableLocale
};
