/**
 * Reading what can still be proven out of a damaged queue file that was set aside: undelivered
 * sightings that give the hash they were committed with, and the small facts beside them.
 * Never writes to the damaged file; must not know why it is damaged.
 */
import type { DatabaseSync } from "node:sqlite";
import { laneGenesis } from "../base/punch.ts";
import { recount } from "./delivery.ts";
import { appendCopy } from "./lanes.ts";
import { channelNumber, type FullSighting, sightingOf } from "./rows.ts";
import { openForReading } from "./schema.ts";
import type { Row } from "./sql.ts";
import { ANSWERED, DAMAGED, hex, type Lane, PENDING, type Store } from "./store.ts";
import type { LaneHead, RandomBytes } from "./types.ts";

/** Rows read in one query; a query that meets a damaged page is repeated row by row. */
const CHUNK = 200;
/** The witness is written up to 50 ms after a commit. */
const WITNESS_LAG = 20_000;
/** Longer than this nobody waits for capture to go on. */
const BUDGET_MS = 10_000;

interface Ruin {
  readonly db: DatabaseSync;
  readonly lanes: readonly Lane[];
  readonly serials: ReadonlyMap<number, string>;
}

export interface SalvageOptions {
  readonly randomBytes: RandomBytes;
  readonly monotonic: () => number;
  /** How far the lane had come; null when nothing says so. */
  readonly witnessed: LaneHead | null;
}

/** Numbers of the witnessed lane that were neither answered nor rescued. */
export interface Missing {
  readonly lane: string;
  /** When the newest row that could be read was received, epoch ms. */
  readonly from: number | null;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly lost: number | null;
}

interface Salvaged {
  /** Sightings that wait again. */
  readonly count: number;
  /** Null: nothing can be said. */
  readonly missing: Missing | null;
}

/** Inside a transaction of the new store. */
export function salvage(store: Store, aside: string, options: SalvageOptions): Salvaged {
  const { witnessed } = options;
  const unread = witnessed && { ...NOT_KNOWN, lane: witnessed.lane, lastSeq: witnessed.seq };
  const db = attempt(() => openForReading(aside));
  if (db === null) return { count: 0, missing: unread };
  try {
    copySmallTables(store, db);
    const ruin = readRuin(db, witnessed);
    if (ruin === null) return { count: 0, missing: unread };
    const seen = copySightings(store, ruin, options);
    recount(store);
    const missing = witnessed && seen.isWhole ? missingOf(ruin, witnessed, seen) : unread;
    return { count: seen.rescued, missing };
  } finally {
    db.close();
  }
}

const NOT_KNOWN = { from: null, firstSeq: null, lost: null } as const;

/**
 * The device counters were committed with the rows, so they say how many waited up to the newest row that
 * is left; what the witness has seen beyond it is gone as well. Where a page of rows is older than theirs they
 * count that already: the numbers that are gone tell.
 */
function missingOf(ruin: Ruin, witnessed: LaneHead, seen: Seen): Missing | null {
  const { lane: id, seq } = witnessed;
  const lane = ruin.lanes.find((known) => known.id === id);
  const waited = rows(ruin.db, "SELECT total(pending + parked) AS count FROM device")?.[0];
  if (lane === undefined || seen.from === null || waited === undefined) {
    return { ...NOT_KNOWN, lane: id, lastSeq: seq };
  }
  const beyond = Math.max(0, lane.base + seq - seen.newestId);
  const counted = Math.max(0, Number(waited["count"]) - seen.rescued);
  const numbers = numbersIn(seen, { from: lane.base + 1, to: lane.base + seq });
  const lost = numbers.length === counted ? counted : counted + beyond;
  const isExact = numbers.length === lost;
  return {
    lane: id,
    from: seen.from,
    firstSeq: isExact && numbers[0] !== undefined ? numbers[0] - lane.base : null,
    lastSeq: isExact && lost > 0 ? (numbers.at(-1) ?? 0) - lane.base : lost > 0 ? seq : null,
    lost,
  };
}

/** Ids within the rows that were looked at of which nothing is left. */
function numbersIn(seen: Seen, { from, to }: { from: number; to: number }): number[] {
  const gone: number[] = [];
  for (let id = Math.max(from, seen.oldestId); id <= to; id++) {
    if (!seen.safe.has(id)) gone.push(id);
  }
  return gone;
}

/** What was read of the ruin. */
interface Seen {
  readonly rescued: number;
  /** Ids of rows that were answered or rescued. */
  readonly safe: ReadonlySet<number>;
  readonly oldestId: number;
  readonly newestId: number;
  readonly from: number | null;
  /** False: there was no time to look at all of it. */
  readonly isWhole: boolean;
}

/** Damage shows as any error here, and each says the same: this part cannot be had. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function rows(db: DatabaseSync, sql: string, ...cells: number[]): Row[] | null {
  return attempt(() => db.prepare(sql).all(...cells) as Row[]);
}

/** Tables are read without their indexes: a page of one may be gone where the other's is not. */
function readRuin(db: DatabaseSync, witnessed: LaneHead | null): Ruin | null {
  const lanes = rows(db, "SELECT no, id, base FROM lane NOT INDEXED ORDER BY no");
  const devices = rows(db, "SELECT no, serial FROM device NOT INDEXED");
  if (lanes === null || devices === null) return null;
  const kept = lanes.map((row) => ({
    no: Number(row["no"]),
    id: String(row["id"]),
    base: Number(row["base"]),
  }));
  const isKnown = witnessed === null || kept.some(({ id }) => id === witnessed.lane);
  return {
    db,
    lanes: isKnown ? kept : witnessedLane(db, witnessed),
    serials: new Map(devices.map((row) => [Number(row["no"]), String(row["serial"])])),
  };
}

/** Of a file that was made again of its log the page with the lanes may be missing. */
function witnessedLane(db: DatabaseSync, { lane, seq, hash }: LaneHead): Lane[] {
  const newest = newestId(db);
  for (let to = newest; to > Math.max(0, newest - WITNESS_LAG); to -= CHUNK) {
    const head = chunk(db, Math.max(0, to - CHUNK), to)
      .find((row) => attempt(() => hex(row["hash"])) === hash);
    if (head !== undefined) return [{ no: 1, id: lane, base: Number(head["id"]) - seq }];
  }
  return [];
}

/** Newest first in chunks, because what waits is mostly new; the order of reading is kept within. */
function copySightings(
  store: Store,
  ruin: Ruin,
  { randomBytes, monotonic }: SalvageOptions,
): Seen {
  const until = monotonic() + BUDGET_MS;
  const found: { row: Row; sighting: FullSighting }[] = [];
  const safe = new Set<number>();
  let oldestId = Infinity;
  let from: number | null = null;
  const newest = newestId(ruin.db);
  let to = newest;
  for (; to > 0 && monotonic() < until; to -= CHUNK) {
    for (const row of chunk(ruin.db, Math.max(0, to - CHUNK), to)) {
      const id = Number(row["id"]);
      // A page that lies in another one's place has its rows twice.
      if (safe.has(id)) continue;
      oldestId = Math.min(oldestId, id);
      from = Math.max(from ?? 0, Number(row["received_at"]));
      const state = Number(row["state"]);
      const isAnswered = state >= ANSWERED && state <= DAMAGED;
      const sighting = isAnswered ? null : attempt(() => proven(ruin, row));
      if (sighting !== null) found.push({ row, sighting });
      if (isAnswered || sighting !== null) safe.add(id);
    }
  }
  found.sort((a, b) => Number(a.row["id"]) - Number(b.row["id"]));
  for (const { row, sighting } of found) {
    appendCopy(store, { ...row, state: PENDING }, sighting, randomBytes);
    remember(store, row, sighting);
  }
  store.memory.write(0);
  return { rescued: found.length, safe, oldestId, newestId: newest, from, isWhole: to <= 0 };
}

function newestId(db: DatabaseSync): number {
  const newest = rows(db, "SELECT max(id) AS id FROM sighting") ??
    rows(db, "SELECT max(last_id) AS id FROM device");
  return Number(newest?.[0]?.["id"] ?? 0);
}

/**
 * Rows of so many numbers. A number that a flipped bit made too high or too low ends a walk over the page as if
 * nothing came behind it: where some are missing they are looked for from the other end as well, and where an
 * error ends a walk, one by one.
 */
function chunk(db: DatabaseSync, above: number, to: number): Row[] {
  const walk = (order: "ASC" | "DESC") =>
    rows(db, `SELECT * FROM sighting WHERE id > ? AND id <= ? ORDER BY id ${order}`, above, to);
  const up = walk("ASC");
  if (up !== null && up.length === to - above) return up;
  const down = walk("DESC");
  const found = new Map([...up ?? [], ...down ?? []].map((row) => [Number(row["id"]), row]));
  if (up !== null && down !== null) return [...found.values()];
  for (let id = above + 1; id <= to; id++) {
    if (found.has(id)) continue;
    for (const row of rows(db, "SELECT * FROM sighting WHERE id = ?", id) ?? []) found.set(id, row);
  }
  return [...found.values()];
}

function proven(ruin: Ruin, row: Row): FullSighting {
  const id = Number(row["id"]);
  const lane = ruin.lanes.findLast((found) => found.base < id);
  const serial = ruin.serials.get(Number(row["device"]));
  if (lane === undefined || serial === undefined) throw new Error("no lane or no device");
  const before = id - 1 === lane.base
    ? laneGenesis(lane.id)
    : hex(rows(ruin.db, "SELECT hash FROM sighting WHERE id = ?", id - 1)?.[0]?.["hash"]);
  return sightingOf(row, serial, { lane: lane.id, seq: id - lane.base, previousHash: before });
}

/** The key memory of the new file begins with what it holds. */
function remember(store: Store, row: Row, sighting: FullSighting): void {
  if (sighting.kind !== "punch") return;
  store.memory.learn(store.deviceNo(sighting.serial), {
    wall: Number(row["wall"]),
    pin: sighting.pin,
    status: sighting.status,
    id: store.lastId,
  }, channelNumber(row["channel"]));
}

const SMALL_TABLES: readonly { readonly name: string; readonly columns: string }[] = [
  { name: "state", columns: "name, value" },
  { name: "device_row", columns: "serial, state, time_zone, dialect, facts" },
  {
    name: "command",
    columns:
      "id, serial, name, text, state, queued_at, sent_at, sent_count, return, message, forgotten",
  },
  { name: "run", columns: "id, ended_at, body" },
  { name: "damage", columns: "id, at, kind, detail, aside, salvaged, healed_at" },
  {
    name: "loss",
    columns: "id, lane, cause, from_at, to_at, first_seq, last_seq, lost, after_id, state, told",
  },
];

/**
 * Settings are sent again by Odoo and checked by their owners; what matters is that a command that
 * was executed keeps its id and that an unhealed note is not lost.
 */
function copySmallTables(store: Store, db: DatabaseSync): void {
  for (const { name, columns } of SMALL_TABLES) {
    const marks = columns.split(", ").map(() => "?").join(", ");
    for (const row of rows(db, `SELECT ${columns} FROM ${name}`) ?? []) {
      attempt(() =>
        store.run(
          `INSERT OR IGNORE INTO ${name} (${columns}) VALUES (${marks})`,
          ...Object.values(row),
        )
      );
    }
  }
}
