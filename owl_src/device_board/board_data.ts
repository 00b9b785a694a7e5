/**
 * What the device board shows, read from the answer of `biometric.device.get_board_data`.
 *
 * Pure. Owns the shape of the answer (docs/contract.md, "Device board"), the order of the statuses and
 * when a board may still be called fresh. Must not know OWL, the network or how anything looks.
 */
import { parseInstant } from "../format.ts";

/** The statuses a person can filter by, the one that most needs somebody first, as Odoo sorts them. */
export const STATUSES = [
  "clone",
  "dead",
  "late",
  "clock",
  "storage",
  "gap",
  "waiting",
  "ok",
] as const;
export type Status = typeof STATUSES[number];

/** How loudly a status speaks; `unknown` is for one this build has never heard of: never green. */
export type Tone = "danger" | "warning" | "info" | "success" | "unknown";

const TONES: Readonly<Record<Status, Tone>> = {
  clone: "danger",
  dead: "danger",
  late: "warning",
  clock: "warning",
  storage: "warning",
  gap: "warning",
  waiting: "info",
  ok: "success",
};

/** One agent of the strip. Instants are in milliseconds of UTC; null is "never" or "does not apply". */
export interface AgentFacts {
  readonly id: number;
  readonly name: string;
  /** Empty where the reader has one company on screen. */
  readonly companyName: string;
  readonly state: string;
  readonly status: string;
  readonly cause: string;
  readonly sinceAt: number | null;
  readonly lastSeenAt: number | null;
  /** Undelivered; null: not known, nobody hears its agent. */
  readonly pending: number | null;
  readonly oldestPendingAt: number | null;
}

/** One device. Instants as in `AgentFacts`. */
export interface DeviceFacts {
  readonly id: number;
  readonly name: string;
  readonly serial: string;
  readonly agentName: string;
  /** Empty where the reader has one company on screen. */
  readonly companyName: string;
  readonly place: string;
  readonly state: string;
  readonly status: string;
  readonly cause: string;
  readonly sinceAt: number | null;
  readonly lastHeardAt: number | null;
  readonly lastPunchAt: number | null;
  readonly punchesToday: number;
  readonly rejects: number;
  /** Undelivered; null: not known, nobody hears its agent. */
  readonly pending: number | null;
  readonly storagePercent: number | null;
  readonly completeUntil: number | null;
}

export interface Board {
  /** The server's clock when it answered, in milliseconds. */
  readonly serverAt: number;
  /** Devices that match search and status, on all pages. */
  readonly total: number;
  readonly counts: Readonly<Record<Status, number>>;
  readonly agents: readonly AgentFacts[];
  readonly devices: readonly DeviceFacts[];
}

/** The answer is not of the agreed shape; the message names the field. */
export class BoardShapeError extends Error {
  override name = "BoardShapeError";
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function record(value: unknown, path: string): Fields {
  if (!isFields(value)) throw new BoardShapeError(`${path}: expected an object`);
  return value;
}

function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new BoardShapeError(`${path}: expected a list`);
  return value;
}

function count(value: unknown, path: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new BoardShapeError(`${path}: expected a count`);
  }
  return value as number;
}

function countIfKnown(value: unknown, path: string): number | null {
  return value === null ? null : count(value, path);
}

/** Odoo writes an empty text as `false`. */
function text(value: unknown, path: string): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value !== "string") throw new BoardShapeError(`${path}: expected text`);
  return value;
}

/** An instant or nothing. One that cannot be read must not pass as "never": it is refused. */
function instant(value: unknown, path: string): number | null {
  if (value === null || value === undefined || value === false) return null;
  const ms = parseInstant(value);
  if (ms === null) throw new BoardShapeError(`${path}: expected an instant`);
  return ms;
}

function percent(value: unknown, path: string): number | null {
  if (value === null || value === undefined || value === false) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new BoardShapeError(`${path}: expected a percentage`);
  }
  return value;
}

function readAgent(value: unknown, path: string): AgentFacts {
  const row = record(value, path);
  return {
    id: count(row["id"], `${path}.id`),
    name: text(row["name"], `${path}.name`),
    companyName: text(row["company"], `${path}.company`),
    state: text(row["state"], `${path}.state`),
    status: text(row["status"], `${path}.status`),
    cause: text(row["cause"], `${path}.cause`),
    sinceAt: instant(row["since_at"], `${path}.since_at`),
    lastSeenAt: instant(row["last_seen_at"], `${path}.last_seen_at`),
    pending: countIfKnown(row["pending"], `${path}.pending`),
    oldestPendingAt: instant(row["oldest_pending_at"], `${path}.oldest_pending_at`),
  };
}

function readDevice(value: unknown, path: string): DeviceFacts {
  const row = record(value, path);
  return {
    id: count(row["id"], `${path}.id`),
    name: text(row["name"], `${path}.name`),
    serial: text(row["serial"], `${path}.serial`),
    agentName: text(row["agent_name"], `${path}.agent_name`),
    companyName: text(row["company"], `${path}.company`),
    place: text(row["place"], `${path}.place`),
    state: text(row["state"], `${path}.state`),
    status: text(row["status"], `${path}.status`),
    cause: text(row["cause"], `${path}.cause`),
    sinceAt: instant(row["since_at"], `${path}.since_at`),
    lastHeardAt: instant(row["last_heard_at"], `${path}.last_heard_at`),
    lastPunchAt: instant(row["last_punch_at"], `${path}.last_punch_at`),
    punchesToday: count(row["punches_today"], `${path}.punches_today`),
    rejects: count(row["rejects"], `${path}.rejects`),
    pending: countIfKnown(row["pending"], `${path}.pending`),
    storagePercent: percent(row["storage_percent"], `${path}.storage_percent`),
    completeUntil: instant(row["complete_until"], `${path}.complete_until`),
  };
}

/** The board in an answer; throws `BoardShapeError` rather than show a part of it as the whole. */
export function readBoard(answer: unknown): Board {
  const board = record(answer, "answer");
  const given = record(board["counts"], "counts");
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, count(given[status], `counts.${status}`)]),
  ) as Record<Status, number>;
  const serverAt = instant(board["server_time"], "server_time");
  if (serverAt === null) throw new BoardShapeError("server_time: expected an instant");
  return {
    serverAt,
    total: count(board["total"], "total"),
    counts,
    agents: list(board["agents"], "agents").map((row, i) => readAgent(row, `agents[${i}]`)),
    devices: list(board["devices"], "devices").map((row, i) => readDevice(row, `devices[${i}]`)),
  };
}

export function toneOf(status: string): Tone {
  return Object.hasOwn(TONES, status) ? TONES[status as Status] : "unknown";
}

/** Below this share of its memory in use a terminal's bar stays quiet; from `STORAGE_FULL` it alarms. */
const STORAGE_HIGH = 80;
const STORAGE_FULL = 95;

export function storageTone(percentUsed: number): Tone {
  if (percentUsed >= STORAGE_FULL) return "danger";
  return percentUsed >= STORAGE_HIGH ? "warning" : "success";
}

/** True when nothing has ever been set up: no agent, no device, and nothing filtered away. */
export function isFirstRun(board: Board, search: string, status: Status | null): boolean {
  const known = Object.values(board.counts).reduce((sum, n) => sum + n, 0);
  return board.agents.length === 0 && board.total === 0 && known === 0 &&
    search.trim() === "" && status === null;
}

/**
 * From this age on what is shown counts as old. Silence sends no message, so a board that cannot read
 * must not go on looking green: two of its readings have failed by then.
 */
export const STALE_AFTER_MS = 150_000;

export function isStale(readAtMs: number, nowMs: number): boolean {
  return nowMs - readAtMs >= STALE_AFTER_MS;
}

/** The offset of the page to show when `total` shrank under the one that was open. */
export function offsetWithin(offset: number, limit: number, total: number): number {
  if (total === 0) return 0;
  return Math.min(offset, Math.floor((total - 1) / limit) * limit);
}
