/**
 * What the site holds: raw punches and check-ins by key, check-ins of the same second, days whose Attendance
 * was made. Owns these questions and the shape of their answers; must not know what follows from them.
 */
import { z } from "zod";
import { ATTENDANCE, CHECKIN, DECISIONS, KEY_FIELD, PUNCH, STATES, UNREAD } from "./names.ts";
import { Forbidden, type Site } from "./site.ts";

/** Keys in one question: some 35 kB of filter. */
const KEYS_AT_ONCE = 500;

const text = z.string().nullish().transform((value) => value ?? "");
/** v15 writes microseconds or none, a space or a T. */
const siteTimeText = z.string().transform((value) => value.replace("T", " ").slice(0, 19));

const punchRow = z.object({
  name: z.string(),
  state: z.enum(STATES),
  reason: text,
  decision: text.pipe(z.enum(DECISIONS)),
});
const checkinRow = z.object({
  name: z.string(),
  [KEY_FIELD]: z.string(),
  employee: z.string(),
  time: siteTimeText,
  creation: siteTimeText,
  modified: siteTimeText,
});
const secondRow = z.object({
  name: z.string(),
  [KEY_FIELD]: text,
  employee: z.string(),
  time: siteTimeText,
  log_type: text,
});
const attendanceRow = z.object({ employee: z.string(), attendance_date: z.string() });
const unreadRow = z.object({ name: z.string(), decision: text.pipe(z.enum(DECISIONS)) });

export type HeldPunch = z.output<typeof punchRow>;
export type HeldCheckin = z.output<typeof checkinRow>;
export type SameSecond = z.output<typeof secondRow>;

export async function heldPunches(
  site: Site,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, HeldPunch>> {
  const found = new Map<string, HeldPunch>();
  for (const some of chunks(keys)) {
    const rows = await site.list(PUNCH, punchRow, {
      fields: ["name", "state", "reason", "decision"],
      filters: [["name", "in", some]],
    }, signal);
    for (const row of rows) found.set(row.name, row);
  }
  return found;
}

export async function heldCheckins(
  site: Site,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, HeldCheckin>> {
  const found = new Map<string, HeldCheckin>();
  for (const some of chunks(keys)) {
    const rows = await site.list(CHECKIN, checkinRow, {
      fields: ["name", KEY_FIELD, "employee", "time", "creation", "modified"],
      filters: [[KEY_FIELD, "in", some]],
    }, signal);
    for (const row of rows) found.set(row[KEY_FIELD], row);
  }
  return found;
}

/** Whether its time is not the one it was sent with; a person who corrected it left `modified` behind. */
export function isSiteClock({ time, creation, modified }: HeldCheckin, sent: string): boolean {
  return time !== sent && modified === creation;
}

/** Unreadable lines by digest: whether a person has decided. */
export async function heldUnread(
  site: Site,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, boolean>> {
  const found = new Map<string, boolean>();
  for (const some of chunks(names)) {
    const rows = await site.list(UNREAD, unreadRow, {
      fields: ["name", "decision"],
      filters: [["name", "in", some]],
    }, signal);
    for (const { name, decision } of rows) found.set(name, decision !== "");
  }
  return found;
}

/** Check-ins of these employees at these seconds. */
export async function checkinsAt(
  site: Site,
  posts: readonly { readonly employee: string; readonly time: string }[],
  signal?: AbortSignal,
): Promise<SameSecond[]> {
  if (posts.length === 0) return [];
  return await site.list(CHECKIN, secondRow, {
    fields: ["name", KEY_FIELD, "employee", "time", "log_type"],
    filters: [
      ["employee", "in", [...new Set(posts.map(({ employee }) => employee))]],
      ["time", "in", [...new Set(posts.map(({ time }) => time))]],
    ],
  }, signal);
}

/** `employee date` of days whose Attendance was made; null where the role may not read it. */
export async function attendanceMade(
  site: Site,
  posts: readonly { readonly employee: string; readonly time: string }[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  if (posts.length === 0) return new Set();
  try {
    const rows = await site.list(ATTENDANCE, attendanceRow, {
      fields: ["employee", "attendance_date"],
      filters: [
        ["employee", "in", [...new Set(posts.map(({ employee }) => employee))]],
        ["attendance_date", "in", [...new Set(posts.map(({ time }) => time.slice(0, 10)))]],
        ["docstatus", "=", 1],
      ],
    }, signal);
    return new Set(rows.map((row) => `${row.employee} ${row.attendance_date}`));
  } catch (error) {
    if (error instanceof Forbidden) return null;
    throw error;
  }
}

function chunks(names: readonly string[]): string[][] {
  return Array.from(
    { length: Math.ceil(names.length / KEYS_AT_ONCE) },
    (_, at) => names.slice(at * KEYS_AT_ONCE, (at + 1) * KEYS_AT_ONCE),
  );
}
