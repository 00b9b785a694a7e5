// generated from owl_src/device_board/board_data.ts, do not edit
import { parseInstant } from "../format";
const STATUSES = [
  "clone",
  "dead",
  "late",
  "clock",
  "storage",
  "gap",
  "waiting",
  "ok"
];
const TONES = {
  clone: "danger",
  dead: "danger",
  late: "warning",
  clock: "warning",
  storage: "warning",
  gap: "warning",
  waiting: "info",
  ok: "success"
};
class BoardShapeError extends Error {
  name = "BoardShapeError";
}
function isFields(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function record(value, path) {
  if (!isFields(value)) throw new BoardShapeError(`${path}: expected an object`);
  return value;
}
function list(value, path) {
  if (!Array.isArray(value)) throw new BoardShapeError(`${path}: expected a list`);
  return value;
}
function count(value, path) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new BoardShapeError(`${path}: expected a count`);
  }
  return value;
}
function countIfKnown(value, path) {
  return value === null ? null : count(value, path);
}
function text(value, path) {
  if (value === null || value === void 0 || value === false) return "";
  if (typeof value !== "string") throw new BoardShapeError(`${path}: expected text`);
  return value;
}
function instant(value, path) {
  if (value === null || value === void 0 || value === false) return null;
  const ms = parseInstant(value);
  if (ms === null) throw new BoardShapeError(`${path}: expected an instant`);
  return ms;
}
function percent(value, path) {
  if (value === null || value === void 0 || value === false) return null;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new BoardShapeError(`${path}: expected a percentage`);
  }
  return value;
}
function readAgent(value, path) {
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
    oldestPendingAt: instant(row["oldest_pending_at"], `${path}.oldest_pending_at`)
  };
}
function readDevice(value, path) {
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
    completeUntil: instant(row["complete_until"], `${path}.complete_until`)
  };
}
function readBoard(answer) {
  const board = record(answer, "answer");
  const given = record(board["counts"], "counts");
  const counts = Object.fromEntries(
    STATUSES.map((status) => [status, count(given[status], `counts.${status}`)])
  );
  const serverAt = instant(board["server_time"], "server_time");
  if (serverAt === null) throw new BoardShapeError("server_time: expected an instant");
  return {
    serverAt,
    total: count(board["total"], "total"),
    counts,
    agents: list(board["agents"], "agents").map((row, i) => readAgent(row, `agents[${i}]`)),
    devices: list(board["devices"], "devices").map((row, i) => readDevice(row, `devices[${i}]`))
  };
}
function toneOf(status) {
  return Object.hasOwn(TONES, status) ? TONES[status] : "unknown";
}
const STORAGE_HIGH = 80;
const STORAGE_FULL = 95;
function storageTone(percentUsed) {
  if (percentUsed >= STORAGE_FULL) return "danger";
  return percentUsed >= STORAGE_HIGH ? "warning" : "success";
}
function isFirstRun(board, search, status) {
  const known = Object.values(board.counts).reduce((sum, n) => sum + n, 0);
  return board.agents.length === 0 && board.total === 0 && known === 0 && search.trim() === "" && status === null;
}
const STALE_AFTER_MS = 15e4;
function isStale(readAtMs, nowMs) {
  return nowMs - readAtMs >= STALE_AFTER_MS;
}
function offsetWithin(offset, limit, total) {
  if (total === 0) return 0;
  return Math.min(offset, Math.floor((total - 1) / limit) * limit);
}
export {
  BoardShapeError,
  STALE_AFTER_MS,
  STATUSES,
  isFirstRun,
  isStale,
  offsetWithin,
  readBoard,
  storageTone,
  toneOf
};
