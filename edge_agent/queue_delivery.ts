/**
 * What leaves the queue: which sightings go next, what a receipt changes, what is parked.
 * A sighting stops waiting only by `settle`. Must not know HTTP, Odoo's address or time limits.
 */
import type { Sighting } from "./punch.ts";
import { laneGenesis } from "./punch.ts";
import { bareLeaf, DamagedRow, type FullSighting, sightingOf } from "./queue_rows.ts";
import {
  ANSWERED,
  DUPLICATE,
  hex,
  type Lane,
  PARKED,
  PARKED_OPEN,
  PENDING,
  QUARANTINED,
  RENUMBERED,
  type Row,
  type Store,
  STORED,
} from "./queue_store.ts";
import type {
  Batch,
  GivenVerdict,
  Head,
  HeadState,
  ParkedFilter,
  ParkedRow,
  Settlement,
  SettleResult,
} from "./queue_types.ts";

/** At most this share of a batch is live while a backlog waits, so that the backlog always moves. */
const LIVE_SHARE = 0.75;

const WAITING = `SELECT * FROM sighting WHERE state < ${ANSWERED}`;

/**
 * The next batch: what came at or after `liveFrom` (a sighting id) first, then the oldest of the
 * backlog; all of one lane, ascending. Throws DamagedRow for a row that fails its proof.
 */
export function take(store: Store, limit: number, liveFrom: number): Batch | null {
  const oldest = store.get(
    `SELECT min(id) AS id FROM sighting WHERE state < ${ANSWERED}`,
  );
  if (oldest === undefined || oldest["id"] === null) return null;
  const lane = laneOfId(store, Number(oldest["id"]));
  const isCurrent = lane.no === store.lane.no;
  const rows = isCurrent ? liveThenBacklog(store, limit, liveFrom) : store.all(
    `${WAITING} AND id <= ? ORDER BY id LIMIT ?`,
    store.endOf(lane),
    limit,
  );
  return { lane: lane.id, sightings: sightings(store, lane, rows) };
}

function liveThenBacklog(store: Store, limit: number, liveFrom: number): Row[] {
  const backlog = store.all(`${WAITING} AND id < ? ORDER BY id LIMIT ?`, liveFrom, limit);
  const room = Math.max(limit - backlog.length, Math.ceil(limit * LIVE_SHARE));
  const live = store.all(`${WAITING} AND id >= ? ORDER BY id DESC LIMIT ?`, liveFrom, room);
  return [...backlog.slice(0, limit - live.length), ...live.reverse()];
}

function sightings(store: Store, lane: Lane, rows: readonly Row[]): Sighting[] {
  let previous: { id: number; hash: string } | null = null;
  return rows.map((row) => {
    const id = Number(row["id"]);
    const previousHash: string = previous !== null && previous.id === id - 1
      ? previous.hash
      : hashAt(store, lane, id - 1);
    const sighting = prove(store, lane, row, previousHash);
    previous = { id, hash: sighting.hash };
    return Number(row["state"]) === PARKED_OPEN ? bareLeaf(sighting) : sighting;
  });
}

function prove(store: Store, lane: Lane, row: Row, previousHash: string): FullSighting {
  const serial = store.serialOf(Number(row["device"]));
  const seq = Number(row["id"]) - lane.base;
  return sightingOf(row, serial, { lane: lane.id, seq, previousHash });
}

function hashAt(store: Store, lane: Lane, id: number): string {
  if (id === lane.base) return laneGenesis(lane.id);
  const row = store.get("SELECT hash FROM sighting WHERE id = ?", id);
  if (row === undefined) throw new DamagedRow(`sighting ${id - lane.base} has gone from its lane`);
  return hex(row["hash"]);
}

function laneOfId(store: Store, id: number): Lane {
  if (id > store.lane.base) return store.lane;
  const lane = store.lanes().findLast((found) => found.base < id);
  if (lane === undefined) throw new DamagedRow(`no lane holds the row ${id}`);
  return lane;
}

const STATE_OF = { stored: STORED, duplicate: DUPLICATE, quarantined: QUARANTINED } as const;

/** Inside a transaction. Verdicts for rows that do not wait are counted, never obeyed. */
export function settle(store: Store, receipt: Settlement, now: number): SettleResult {
  const lane = store.laneById(receipt.lane);
  const counts = { stored: 0, duplicate: 0, quarantined: 0, rejected: 0, unknown: 0 };
  if (lane === undefined) {
    return { ...counts, unknown: receipt.verdicts.length, head: "tampered", forked: false };
  }
  const tally = new Tally();
  let forked = false;
  for (const given of receipt.verdicts) {
    const row = waitingRow(store, lane, given.seq);
    if (row === undefined) {
      counts.unknown++;
      continue;
    }
    settleOne(store, row, given, tally, now);
    counts[given.verdict]++;
    forked ||= given.reason === "seq_conflict";
  }
  tally.write(store);
  const head = compareHead(store, { ...receipt.head, lane: lane.id });
  if (head === "same") rememberHeld(store, lane, receipt.head.seq);
  return { ...counts, head, forked };
}

function waitingRow(store: Store, lane: Lane, seq: number): Row | undefined {
  const id = lane.base + seq;
  if (!Number.isSafeInteger(seq) || seq < 1 || id > store.endOf(lane)) return undefined;
  return store.get(
    `SELECT id, device, state FROM sighting WHERE id = ? AND state < ${ANSWERED}`,
    id,
  );
}

function settleOne(store: Store, row: Row, given: GivenVerdict, tally: Tally, now: number): void {
  const id = Number(row["id"]);
  const device = Number(row["device"]);
  const wasParked = Number(row["state"]) === PARKED_OPEN;
  if (given.verdict !== "rejected") {
    setState(store, id, wasParked ? PARKED : STATE_OF[given.verdict]);
    if (!wasParked) tally.add(device, -1, 0, 1);
    return;
  }
  if (wasParked) {
    setState(store, id, PARKED);
    return;
  }
  parkRow(store, id, given.reason ?? "rejected", now);
  tally.add(device, -1, 1, 0);
}

function setState(store: Store, id: number, state: number): void {
  store.run("UPDATE sighting SET state = ? WHERE id = ?", state, id);
}

function parkRow(store: Store, id: number, reason: string, now: number): void {
  setState(store, id, PARKED_OPEN);
  store.run(
    "INSERT OR REPLACE INTO parked (id, reason, parked_at) VALUES (?, ?, ?)",
    id,
    reason.slice(0, 200),
    now,
  );
}

/** Changes of the device counters, gathered so that each device row is written once. */
class Tally {
  readonly #byDevice = new Map<number, [pending: number, parked: number, delivered: number]>();

  add(device: number, pending: number, parked: number, delivered: number): void {
    const sums = this.#byDevice.get(device) ?? [0, 0, 0];
    sums[0] += pending;
    sums[1] += parked;
    sums[2] += delivered;
    this.#byDevice.set(device, sums);
  }

  write(store: Store): void {
    for (const [device, [pending, parked, delivered]] of this.#byDevice) {
      store.run(
        `UPDATE device SET pending = pending + ?, parked = parked + ?, delivered = delivered + ?
         WHERE no = ?`,
        pending,
        parked,
        delivered,
        device,
      );
    }
  }
}

/** Odoo's head of a lane (the current one when not named) against ours. */
export function compareHead(store: Store, head: Head & { readonly lane?: string }): HeadState {
  const lane = head.lane === undefined ? store.lane : store.laneById(head.lane);
  if (lane === undefined) return "tampered";
  const last = store.endOf(lane) - lane.base;
  if (head.seq > last) return "ahead";
  if (head.seq < 0 || !Number.isSafeInteger(head.seq)) return "tampered";
  const hash = knownHash(store, lane, head.seq);
  if (hash !== null && hash !== head.hash) return "tampered";
  return head.seq < heldSeq(store, lane) ? "behind" : "same";
}

/** Null for a number whose row was purged after its retention. */
function knownHash(store: Store, lane: Lane, seq: number): string | null {
  if (seq === 0) return laneGenesis(lane.id);
  const row = store.get("SELECT hash FROM sighting WHERE id = ?", lane.base + seq);
  return row === undefined ? null : hex(row["hash"]);
}

function heldSeq(store: Store, lane: Lane): number {
  return store.number("SELECT held_seq FROM lane WHERE no = ?", lane.no);
}

function rememberHeld(store: Store, lane: Lane, seq: number): void {
  store.run("UPDATE lane SET held_seq = max(held_seq, ?) WHERE no = ?", seq, lane.no);
}

/**
 * Inside a transaction: everything above Odoo's head waits again (parked rows: their leaf). A head
 * of 0 says Odoo may have lost earlier lanes too, so what is kept of those waits again with it.
 */
export function rewind(store: Store, head: Head & { readonly lane?: string }): number {
  const lane = head.lane === undefined ? store.lane : store.laneById(head.lane);
  if (lane === undefined) return 0;
  const above = head.seq === 0 ? 0 : lane.base + head.seq;
  const to = store.endOf(lane);
  const again = store.run(
    `UPDATE sighting SET state = ${PENDING} WHERE id > ? AND id <= ? AND state BETWEEN ${STORED} AND ${QUARANTINED}`,
    above,
    to,
  );
  const leaves = store.run(
    `UPDATE sighting SET state = ${PARKED_OPEN} WHERE id > ? AND id <= ? AND state = ${PARKED}`,
    above,
    to,
  );
  store.run("UPDATE lane SET held_seq = min(held_seq, ?) WHERE no = ?", head.seq, lane.no);
  if (head.seq === 0) store.run("UPDATE lane SET held_seq = 0 WHERE no < ?", lane.no);
  if (again > 0) recount(store);
  return again + leaves;
}

/** Inside a transaction: the device counters from the rows. */
export function recount(store: Store): void {
  store.run("UPDATE device SET pending = 0, parked = 0, delivered = 0, rejects = 0");
  const rows = store.all(
    `SELECT device, sum(state = ${PENDING}) AS pending,
       sum(state IN (${PARKED_OPEN}, ${PARKED})) AS parked,
       sum(state BETWEEN ${STORED} AND ${QUARANTINED}) AS delivered,
       sum(reason IS NOT NULL AND state <> ${RENUMBERED}) AS rejects
     FROM sighting GROUP BY device`,
  );
  for (const row of rows) {
    store.run(
      "UPDATE device SET pending = ?, parked = ?, delivered = ?, rejects = ? WHERE no = ?",
      Number(row["pending"]),
      Number(row["parked"]),
      Number(row["delivered"]),
      Number(row["rejects"]),
      Number(row["device"]),
    );
  }
}

/** Inside a transaction: takes one waiting sighting of the lane aside; its bare leaf goes instead. */
export function park(
  store: Store,
  seq: number,
  reason: string,
  now: number,
  laneId?: string,
): boolean {
  const lane = laneId === undefined ? store.lane : store.laneById(laneId);
  const row = lane === undefined ? undefined : waitingRow(store, lane, seq);
  if (row === undefined || Number(row["state"]) !== PENDING) return false;
  parkRow(store, Number(row["id"]), reason, now);
  const tally = new Tally();
  tally.add(Number(row["device"]), -1, 1, 0);
  tally.write(store);
  return true;
}

/** Inside a transaction: parked sightings that fit the filter wait again, whole. */
export function unpark(store: Store, filter: ParkedFilter): number {
  const tally = new Tally();
  let count = 0;
  for (const row of parkedRows(store, filter)) {
    const id = Number(row["id"]);
    setState(store, id, PENDING);
    store.run("DELETE FROM parked WHERE id = ?", id);
    tally.add(Number(row["device"]), 1, -1, 0);
    count++;
  }
  tally.write(store);
  return count;
}

export function parked(store: Store, limit: number): ParkedRow[] {
  return parkedRows(store, {}).slice(0, limit).map((row) => {
    const lane = laneOfId(store, Number(row["id"]));
    return {
      lane: lane.id,
      seq: Number(row["id"]) - lane.base,
      serial: String(row["serial"]),
      reason: String(row["parked_reason"]),
      parkedAt: Number(row["parked_at"]),
      kind: row["reason"] === null ? "punch" : "reject",
    };
  });
}

function parkedRows(store: Store, filter: ParkedFilter): Row[] {
  const rows = store.all(
    `SELECT parked.id, parked.reason AS parked_reason, parked.parked_at, sighting.device,
       sighting.reason, device.serial
     FROM parked JOIN sighting ON sighting.id = parked.id
       JOIN device ON device.no = sighting.device
     WHERE sighting.state IN (${PARKED_OPEN}, ${PARKED}) ORDER BY parked.id`,
  );
  const lane = filter.lane === undefined ? undefined : store.laneById(filter.lane);
  const seqs = filter.seqs === undefined ? undefined : new Set(filter.seqs);
  return rows.filter((row) => {
    const id = Number(row["id"]);
    if (filter.lane !== undefined && (lane === undefined || laneOfId(store, id).no !== lane.no)) {
      return false;
    }
    if (seqs !== undefined && !seqs.has(id - laneOfId(store, id).base)) return false;
    if (filter.serial !== undefined && row["serial"] !== filter.serial) return false;
    return filter.reason === undefined || row["parked_reason"] === filter.reason;
  });
}
