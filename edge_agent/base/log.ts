/**
 * One JSON object a line, and nothing in it that could break a line, a terminal or a confidence.
 * Owns the form of a log line and its limits; knows nothing of what is logged.
 * Rule for callers: the message is a constant, everything that varies goes into fields, and no
 * field holds a name of a person, a PIN's owner, a token or biometric data.
 */
import {
  configureSync,
  getLogger as getLogtape,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";

export type Fields = Readonly<Record<string, unknown>>;

/** What modules ask for; logtape's logger fits it. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];

/** Longest text of one field, in UTF-16 units. */
export const MAX_VALUE_LENGTH = 512;
const MAX_FIELDS = 32;

/** The same message of the same module is written this often a minute, the rest is counted. */
const REPEATS_PER_WINDOW = 30;
const WINDOW_MS = 60_000;
const MAX_REMEMBERED_MESSAGES = 500;

/** Fields that a mistake might fill with a secret; their values never reach a line. */
const SECRET_FIELD =
  /token|secret|password|passwd|authorization|cookie|comm_?key|private|pairing_code/i;

/** C0 and C1 controls, DEL, line separators, text-direction overrides, byte order mark, halves of pairs. */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu;

const ROOT = "agent";

/** A logger named after a module; silent until `startLog` was called. */
export function getLogger(name: string): Log {
  return getLogtape([ROOT, name]);
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes one whole line with its line feed. */
  readonly write: (line: string) => void;
  /** Epoch ms, for the count of repeats only. */
  readonly now?: () => number;
}

export function startLog({ level, write, now = Date.now }: LogOptions): void {
  const repeats = new Repeats(now);
  const sink = (entry: LogRecord) => {
    const suppressed = repeats.admit(entry);
    if (suppressed !== null) write(formatLine(entry, suppressed));
  };
  configureSync({
    reset: true,
    sinks: { lines: sink },
    loggers: [
      { category: [ROOT], sinks: ["lines"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
}

export function stopLog(): void {
  resetSync();
}

/** A flood of one message (a hundred thousand unknown serials) must not fill the card. */
class Repeats {
  readonly #now: () => number;
  readonly #seen = new Map<string, { since: number; count: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many like it were held back before this one, or null to hold this one back too. */
  admit(entry: LogRecord): number | null {
    const name = `${entry.category.join(".")} ${entry.level} ${rawMessage(entry)}`;
    const at = this.#now();
    const seen = this.#seen.get(name);
    if (seen !== undefined && Math.abs(at - seen.since) < WINDOW_MS) {
      seen.count += 1;
      return seen.count <= REPEATS_PER_WINDOW ? 0 : null;
    }
    this.#seen.delete(name);
    if (this.#seen.size >= MAX_REMEMBERED_MESSAGES) {
      const oldest = this.#seen.keys().next();
      if (!oldest.done) this.#seen.delete(oldest.value);
    }
    this.#seen.set(name, { since: at, count: 1 });
    return seen === undefined ? 0 : Math.max(0, seen.count - REPEATS_PER_WINDOW);
  }
}

function rawMessage(entry: LogRecord): string {
  return typeof entry.rawMessage === "string" ? entry.rawMessage : entry.rawMessage.join("");
}

function formatLine(entry: LogRecord, suppressed: number): string {
  const line: Record<string, unknown> = {
    at: new Date(entry.timestamp).toISOString(),
    level: entry.level,
    from: entry.category.slice(1).join("."),
    message: capped(rawMessage(entry)),
  };
  for (const [name, value] of Object.entries(entry.properties).slice(0, MAX_FIELDS)) {
    const field = name in line ? `field_${name}` : name;
    line[capped(field)] = SECRET_FIELD.test(name) ? "[withheld]" : fieldValue(value);
  }
  if (suppressed > 0) line["suppressed"] = suppressed;
  return `${escapeUnprintable(JSON.stringify(line))}\n`;
}

function fieldValue(value: unknown): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string") return capped(value);
  if (value instanceof Error) return capped(`${value.name}: ${value.message}`);
  if (value === undefined) return null;
  return capped(asJson(value));
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(
      value,
      (name, inner) =>
        SECRET_FIELD.test(name) ? "[withheld]" : typeof inner === "bigint" ? String(inner) : inner,
    ) ?? String(value);
  } catch {
    return "[not representable]";
  }
}

function capped(text: string): string {
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH - 1)}…` : text;
}

/** JSON itself escapes only U+0000 to U+001F; a terminal also obeys U+009B. Valid for any text. */
function escapeUnprintable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
