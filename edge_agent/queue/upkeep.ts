/**
 * What the queue does to itself while nobody waits: forgetting what was delivered long ago, giving
 * pages back, reading old rows again to find damage before it matters. Each function is one short
 * step inside a transaction.
 */
import { DAY_MS } from "../base/duration.ts";
import { hashAt, laneOfId, prove } from "./chain.ts";
import { noteDamage } from "./damage.ts";
import { waitAgain } from "./delivery.ts";
import { stateName } from "./rows.ts";
import type { Cell, Row } from "./sql.ts";
import {
  ANSWERED,
  DAMAGED,
  DamagedRow,
  FROM_WAITING,
  PARKED,
  QUARANTINED,
  type Store,
  STORED,
} from "./store.ts";

/** Rows of one step: some ten ms on a small machine. */
export const STEP_ROWS = 2_000;

/**
 * Remembers how far every sighting is answered today and gives how far it was `days` ago: what is
 * below that was delivered at least so long ago, whatever its own clock said.
 */
export function answeredDaysAgo(store: Store, now: number, days: number): number {
  const today = Math.floor(now / DAY_MS);
  const through = answeredNow(store);
  store.run(
    "INSERT INTO answered_mark (day, through) VALUES (?, ?) ON CONFLICT DO NOTHING",
    today,
    through,
  );
  const since = store.number(
    "SELECT max(through) FROM answered_mark WHERE day <= ?",
    today - days,
  );
  store.run("DELETE FROM answered_mark WHERE day < ?", today - days - 1);
  return Math.min(since, through);
}

/** The id below the first sighting that waits for a receipt. */
export function answeredNow(store: Store): number {
  const row = store.get(`SELECT min(id) AS id ${FROM_WAITING}`);
  return row === undefined || row["id"] === null ? store.lastId : Number(row["id"]) - 1;
}

/**
 * Deletes delivered sightings up to an id; parked ones and the newest of all stay. The hash before
 * a row that stays is kept as its anchor, so that the row can still be proven.
 */
export function purgeSightings(store: Store, through: number): number {
  const rows = store.all(
    `SELECT id, hash, device, state, reason IS NOT NULL AS reject FROM sighting
     WHERE id <= ? AND id < ? AND state BETWEEN ${STORED} AND ${DAMAGED}
     ORDER BY id LIMIT ${STEP_ROWS}`,
    through,
    store.lastId,
  );
  for (const row of rows) deleteRow(store, row);
  dropIdleAnchors(store);
  return rows.length;
}

function deleteRow(store: Store, row: Row): void {
  const id = row["id"] as Cell;
  store.run("INSERT OR REPLACE INTO anchor (id, hash) VALUES (?, ?)", id, row["hash"] as Cell);
  store.run("DELETE FROM sighting WHERE id = ?", id);
  store.run("DELETE FROM anchor WHERE id = ?", Number(id) - 1);
  const wasDelivered = Number(row["state"]) <= QUARANTINED;
  store.run(
    "UPDATE device SET delivered = delivered - ?, rejects = rejects - ? WHERE no = ?",
    wasDelivered ? 1 : 0,
    wasDelivered ? Number(row["reject"]) : 0,
    row["device"] as Cell,
  );
}

/** An anchor is of use only before a row. */
function dropIdleAnchors(store: Store): void {
  store.run(
    "DELETE FROM anchor WHERE NOT EXISTS (SELECT 1 FROM sighting WHERE sighting.id = anchor.id + 1)",
  );
}

/**
 * One step of forgetting spans whose last new key came before `day`; spans without a day get `today`.
 * Gives the id to go on after, null when the walk is through.
 */
export function purgeKeys(store: Store, day: number, today: number, after: number): number | null {
  const rows = store.all(
    `SELECT id, seen_day FROM known WHERE id > ? ORDER BY id LIMIT ${STEP_ROWS}`,
    after,
  );
  for (const row of rows) {
    const id = Number(row["id"]);
    const seenDay = Number(row["seen_day"]);
    if (seenDay === 0) store.run("UPDATE known SET seen_day = ? WHERE id = ?", today, id);
    else if (seenDay < day) store.memory.drop(id);
  }
  const last = rows.at(-1);
  if (last !== undefined && rows.length === STEP_ROWS) return Number(last["id"]);
  store.run("UPDATE known_reject SET seen_day = ? WHERE seen_day = 0", today);
  store.run("DELETE FROM known_reject WHERE seen_day < ?", day);
  store.run("DELETE FROM command WHERE forgotten = 1 AND queued_at < ?", day * DAY_MS);
  return null;
}

/** Share of the file that may lie free before pages are given back to the file system. */
const FREE_SHARE = 0.25;

/** Outside a transaction. */
export function giveBackPages(store: Store): void {
  const free = store.number("PRAGMA freelist_count");
  if (free < STEP_ROWS || free < store.number("PRAGMA page_count") * FREE_SHARE) return;
  store.db.exec(`PRAGMA incremental_vacuum(${STEP_ROWS})`);
}

/**
 * Proves one step of rows from an id on; gives where to go on, 0 at the end. A damaged row that was
 * answered is marked and noted; one that still waits throws DamagedRow: the file cannot be trusted.
 */
export function scrub(store: Store, after: number, rows: number, now: number): number {
  const found = store.all("SELECT * FROM sighting WHERE id > ? ORDER BY id LIMIT ?", after, rows);
  for (const row of found) scrubRow(store, row, now);
  compareWaiting(store, found, now);
  const last = found.at(-1);
  return last === undefined || found.length < rows ? 0 : Number(last["id"]);
}

/**
 * A row's state is in no hash, and a flipped bit of it is answered for by nobody; but the index of what waits says
 * it as well. One that waits by the index alone would be sent with each batch, and no answer end it; by its
 * state alone it would count as waiting and never be sent. Either is sent (again): Odoo holds it once.
 */
function compareWaiting(store: Store, rows: readonly Row[], now: number): void {
  const [from, to] = [Number(rows[0]?.["id"] ?? 0), Number(rows.at(-1)?.["id"] ?? 0)];
  const listed = store.all(`SELECT id ${FROM_WAITING} AND id BETWEEN ? AND ?`, from, to);
  const waiting = new Set(listed.map((row) => Number(row["id"])));
  const odd = rows.filter((row) =>
    (Number(row["state"]) < ANSWERED) !== waiting.has(Number(row["id"]))
  );
  if (odd.length === 0) return;
  waitAgain(store, odd.map((row) => Number(row["id"])));
  const detail = `whether ${odd.length} sightings wait was damaged: they are sent (again)`;
  noteDamage(store, { at: now, kind: "damaged_row", detail, aside: "", salvaged: 0 });
}

function scrubRow(store: Store, row: Row, now: number): void {
  const id = Number(row["id"]);
  // A state that is none says nothing of whether the row was answered: then it is sent again.
  if (stateName(row["state"]) === "damaged") return;
  try {
    const lane = laneOfId(store, id);
    prove(store, lane, row, hashAt(store, lane, id - 1));
  } catch (fault) {
    if (!(fault instanceof DamagedRow) || Number(row["state"]) <= PARKED) throw fault;
    store.run(`UPDATE sighting SET state = ${DAMAGED} WHERE id = ?`, id);
    noteDamage(store, {
      at: now,
      kind: "damaged_row",
      detail: fault.message,
      aside: "",
      salvaged: 0,
    });
  }
}
