/**
 * What leaves the queue: which sightings go next, what a receipt changes, what is parked.
 * A sighting stops waiting only by `settle`. Must not know HTTP, Odoo's address or time limits.
 */
import { HOUR_MS } from "../base/duration.ts";
import type { Sighting } from "../base/punch.ts";
import { wallText } from "../base/wall_time.ts";
import { findHash, hashAt, laneOfId, prove } from "./chain.ts";
import { bareLeaf, packWallTime } from "./rows.ts";
import type { Row } from "./sql.ts";
import {
  ANSWERED,
  DamagedRow,
  DUPLICATE,
  FROM_WAITING,
  type Lane,
  PARKED,
  PARKED_OPEN,
  PENDING,
  QUARANTINED,
  RENUMBERED,
  type Store,
  STORED,
} from "./store.ts";
import type {
  GivenVerdict,
  Head,
  HeadState,
  ParkedFilter,
  ParkedRow,
  Settlement,
  SettleResult,
  Taken,
} from "./types.ts";

/** At most this share of a batch is live while a backlog waits, so that the backlog always moves. */
const LIVE_SHARE = 0.75;

const WAITING = `SELECT * ${FROM_WAITING}`;

/**
 * The next batch: what came at or after `liveFrom` (a sighting id) first, then the oldest of the
 * backlog; all of one lane, ascending. Throws DamagedRow for a row that fails its proof.
 */
export function take(
  store: Store,
  limit: number,
  { liveFrom, now }: { liveFrom: number; now: number },
): Taken | null {
  const oldest = store.get(`SELECT min(id) AS id ${FROM_WAITING}`);
  if (oldest === undefined || oldest["id"] === null) return null;
  const lane = laneOfId(store, Number(oldest["id"]));
  const isCurrent = lane.no === store.lane.no;
  const rows = isCurrent ? liveThenBacklog(store, limit, { liveFrom, now }) : store.all(
    `${WAITING} AND id <= ? ORDER BY id LIMIT ?`,
    store.endOf(lane),
    limit,
  );
  return { lane: lane.id, sightings: sightings(store, lane, rows) };
}

function liveThenBacklog(
  store: Store,
  limit: number,
  { liveFrom, now }: { liveFrom: number; now: number },
): Row[] {
  const backlog = store.all(`${WAITING} AND id < ? ORDER BY id LIMIT ?`, liveFrom, limit);
  const room = Math.max(limit - backlog.length, Math.ceil(limit * LIVE_SHARE));
  const live = store.all(`${WAITING} AND id >= ? ORDER BY id LIMIT ?`, liveFrom, room);
  const first = live.length < room ? live : todayFirst(store, live, { liveFrom, now });
  return [...backlog.slice(0, limit - first.length), ...first];
}

/** Whatever its zone, a wall time of this age at least is not of a punch that was just made. */
const OLD_MS = 26 * HOUR_MS;
/** The newest rows, among which what people punch now is looked for. */
const LOOKED_AT = 10_000;

/** A terminal that sends its history fills what is live: what was punched today goes before it. */
function todayFirst(
  store: Store,
  live: readonly Row[],
  { liveFrom, now }: { liveFrom: number; now: number },
): Row[] {
  const today = store.all(
    `${WAITING} AND id >= ? AND wall >= ? ORDER BY id LIMIT ?`,
    Math.max(liveFrom, store.lastId - LOOKED_AT),
    packWallTime(wallText(now - OLD_MS)),
    live.length,
  );
  const known = new Set(today.map((row) => row["id"]));
  const rest = live.filter((row) => !known.has(row["id"])).slice(0, live.length - today.length);
  return [...rest, ...today].sort((a, b) => Number(a["id"]) - Number(b["id"]));
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
    if (Number(row["state"]) !== PARKED_OPEN) return sighting;
    return bareLeaf(sighting, parkedFor(store, id));
  });
}

function parkedFor(store: Store, id: number): string {
  const row = store.get("SELECT reason FROM parked WHERE id = ?", id);
  if (row === undefined) throw new DamagedRow(`sighting ${id} is parked and nothing says why`);
  return String(row["reason"]);
}

const STATE_OF = { stored: STORED, duplicate: DUPLICATE, quarantined: QUARANTINED } as const;

/** Odoo's word for a number that another leaf has: somebody else numbers in our lane. */
const NUMBER_TAKEN = "seq_conflict";

/**
 * Inside a transaction. Verdicts for rows that do not wait are counted, never obeyed. A row whose
 * number was taken stays pending when the lane may be left for a new one (`mayFork`); else it is
 * parked like any other that was refused.
 */
export function settle(
  store: Store,
  receipt: Settlement,
  now: number,
  mayFork: boolean,
): SettleResult {
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
    counts[given.verdict]++;
    if (mayFork && given.reason === NUMBER_TAKEN && Number(row["state"]) === PENDING) forked = true;
    else settleOne(store, row, given, tally, now);
  }
  tally.write(store);
  if (receipt.head === null) return { ...counts, head: "same", forked };
  const head = compareHead(store, { ...receipt.head, lane: lane.id });
  if (receipt.head.seq > rewoundTo(store, lane)) {
    store.run("UPDATE lane SET rewound_to = -1 WHERE no = ?", lane.no);
  }
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
    store.run("UPDATE parked SET refused = 1 WHERE id = ?", id);
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
export function compareHead(store: Store, head: LaneNamed): HeadState {
  const lane = head.lane === undefined ? store.lane : store.laneById(head.lane);
  if (lane === undefined || !Number.isSafeInteger(head.seq) || head.seq < 0) return "tampered";
  if (head.seq > store.endOf(lane) - lane.base) return "ahead";
  const hash = findHash(store, lane, lane.base + head.seq);
  if (hash !== null && hash !== head.hash) {
    const undelivered = waitingRow(store, lane, head.seq) !== undefined;
    return undelivered && rewoundTo(store, lane) < 0 ? "taken" : "tampered";
  }
  if (head.seq >= answeredThrough(store, lane) - lane.base) return "same";
  return head.seq === rewoundTo(store, lane) ? "tampered" : "behind";
}

export type LaneNamed = Head & { readonly lane?: string };

/**
 * The id up to which every sighting of the lane had a verdict that made Odoo keep it: so far must
 * Odoo's head reach. A row marked answered by a flipped bit shows here, because Odoo's head stops
 * below it.
 */
function answeredThrough(store: Store, lane: Lane): number {
  const open = store.get(
    `SELECT min(id) AS id FROM (
       SELECT min(id) AS id ${FROM_WAITING} AND id > ?1 AND id <= ?2
       UNION ALL
       SELECT min(id) FROM parked WHERE refused = 1 AND id > ?1 AND id <= ?2)`,
    lane.base,
    store.endOf(lane),
  );
  return open === undefined || open["id"] === null ? store.endOf(lane) : Number(open["id"]) - 1;
}

/** The head of the last rewind of this lane; the same head once more says sending does not help. */
function rewoundTo(store: Store, lane: Lane): number {
  return store.number("SELECT rewound_to FROM lane WHERE no = ?", lane.no);
}

/**
 * Inside a transaction: everything above Odoo's head waits again (parked rows: their leaf). A head
 * of 0 says Odoo may have lost earlier lanes too, so what is kept of those waits again with it.
 */
export function rewind(store: Store, head: LaneNamed): number {
  const lane = head.lane === undefined ? store.lane : store.laneById(head.lane);
  if (lane === undefined) return 0;
  const above = head.seq === 0 ? 0 : lane.base + head.seq;
  const to = store.endOf(lane);
  const again = store.run(
    `UPDATE sighting SET state = ${PENDING}
     WHERE id > ? AND id <= ? AND state BETWEEN ${STORED} AND ${QUARANTINED}`,
    above,
    to,
  );
  const leaves = store.run(
    `UPDATE sighting SET state = ${PARKED_OPEN} WHERE id > ? AND id <= ? AND state = ${PARKED}`,
    above,
    to,
  );
  store.run("UPDATE parked SET refused = 0 WHERE id > ? AND id <= ?", above, to);
  store.run("UPDATE lane SET rewound_to = ? WHERE no = ?", head.seq, lane.no);
  openedAgain(store, above + 1);
  if (again > 0) recount(store);
  return again + leaves;
}

/** A row that waits again has not been delivered for any number of days. */
export function openedAgain(store: Store, id: number): void {
  store.run("UPDATE answered_mark SET through = min(through, ?)", id - 1);
}

function wholeAgain(store: Store, id: number): void {
  setState(store, id, PENDING);
  store.run("DELETE FROM parked WHERE id = ?", id);
  openedAgain(store, id);
}

/** Inside a transaction: sightings of which a state is not to be believed wait again, whole. */
export function waitAgain(store: Store, ids: readonly number[]): void {
  // First: SQLite refuses to change a row that its index misses.
  store.run("REINDEX sighting_waiting");
  for (const id of ids) wholeAgain(store, id);
  recount(store);
}

/** Inside a transaction: the device counters from the rows. */
export function recount(store: Store): void {
  store.run("UPDATE device SET pending = 0, parked = 0, delivered = 0, rejects = 0");
  const rows = store.all(
    `SELECT device, sum(state = ${PENDING}) AS pending,
       sum(state IN (${PARKED_OPEN}, ${PARKED})) AS parked,
       sum(state BETWEEN ${STORED} AND ${QUARANTINED}) AS delivered,
       sum(reason IS NOT NULL AND state < ${RENUMBERED}) AS rejects
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
    wholeAgain(store, Number(row["id"]));
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
