/**
 * What people and the confirm question read out of the queue: rejects, punches, the keys of a day,
 * counts. Changes nothing but in `resend`. Must not know who asks.
 */
import { punchKey, type RejectReason } from "../base/punch.ts";
import { openDamage } from "./damage.ts";
import { openedAgain, recount } from "./delivery.ts";
import type { Disk } from "./disk.ts";
import type { KnownPunch } from "./memory.ts";
import { channelOf, clockOf, punchFields, stateName, unpackWallTime } from "./rows.ts";
import type { Row } from "./sql.ts";
import { FROM_WAITING, hex, PENDING, QUARANTINED, type Store, STORED } from "./store.ts";
import type { DeviceCount, PunchFilter, PunchRow, QueueStats, RejectRow } from "./types.ts";

const DEFAULT_LIMIT = 1_000;

/** Newest first. */
export function rejects(store: Store, limit: number): RejectRow[] {
  const place = placer(store);
  return store.all(
    "SELECT * FROM sighting WHERE reason IS NOT NULL ORDER BY id DESC LIMIT ?",
    limit,
  ).map((row) => ({
    ...place(row),
    serial: store.serialOf(Number(row["device"])),
    channel: channelOf(row["channel"]),
    reason: String(row["reason"]) as RejectReason,
    raw: String(row["raw"]),
    receivedAt: Number(row["received_at"]),
    state: stateName(row["state"]),
  }));
}

/** Oldest first; of more than `limit` the newest. */
export function punches(store: Store, filter: PunchFilter): PunchRow[] {
  const device = filter.serial === undefined ? null : store.findDeviceNo(filter.serial) ?? -1;
  const rows = store.all(
    `SELECT * FROM sighting WHERE reason IS NULL AND (?1 IS NULL OR device = ?1) AND received_at >= ?2
       AND id > ?4 ORDER BY id ${filter.after === undefined ? "DESC" : "ASC"} LIMIT ?3`,
    device,
    filter.since ?? 0,
    filter.limit ?? DEFAULT_LIMIT,
    idBefore(store, filter.after),
  );
  const place = placer(store);
  return (filter.after === undefined ? rows.reverse() : rows).map((row) => ({
    ...place(row),
    ...punchFields(row, store.serialOf(Number(row["device"]))),
    channel: channelOf(row["channel"]),
    receivedAt: Number(row["received_at"]),
    state: stateName(row["state"]),
    clock: clockOf(row["channel"]),
    salt: hex(row["salt"]),
    hash: hex(row["hash"]),
  }));
}

function idBefore(store: Store, after: PunchFilter["after"]): number {
  if (after === undefined || after === "start") return 0;
  const lane = store.laneById(after.lane);
  return lane === undefined ? 0 : lane.base + after.seq;
}

/** Tells of any row its lane and number; the lanes are read once, not for each row of a page. */
function placer(store: Store): (row: Row) => { lane: string; seq: number } {
  const lanes = store.lanes();
  return (row) => {
    const id = Number(row["id"]);
    const lane = lanes.findLast((found) => found.base < id) ?? store.lane;
    return { lane: lane.id, seq: id - lane.base };
  };
}

const DAY_UNITS = 1_000_000;

/** Sorted. */
export function keysOfDay(store: Store, serial: string, day: string): string[] {
  const device = store.findDeviceNo(serial);
  if (device === undefined) return [];
  const from = dayNumber(day);
  return [...knownRows(store, device, serial, from, from + DAY_UNITS)].map((row) => row.key).sort();
}

function dayNumber(day: string | undefined): number {
  return day === undefined ? 0 : Number(day.replaceAll("-", "")) * DAY_UNITS;
}

interface Named extends KnownPunch {
  readonly key: string;
}

function* knownRows(
  store: Store,
  device: number,
  serial: string,
  from: number,
  below: number,
): Generator<Named> {
  for (const punch of store.memory.entries(device, from, below)) {
    const wallTime = unpackWallTime(punch.wall);
    const key = punchKey({ serial, pin: punch.pin, wallTime, status: punch.status });
    yield { ...punch, key };
  }
}

/**
 * Inside a transaction: sightings of these keys wait again. A key whose sighting was purged is
 * forgotten instead, so that the next full read of the device brings it anew; it is not counted.
 */
export function resend(
  store: Store,
  keys: readonly string[],
  where?: { readonly serial: string; readonly day: string },
): number {
  const wanted = new Set(keys);
  const serials = where === undefined
    ? store.all("SELECT serial FROM device").map((row) => String(row["serial"]))
    : [where.serial];
  let again = 0;
  for (const serial of serials) {
    const device = store.findDeviceNo(serial);
    if (device === undefined) continue;
    const from = dayNumber(where?.day);
    const below = where === undefined ? Number.MAX_SAFE_INTEGER : from + DAY_UNITS;
    const found = [...knownRows(store, device, serial, from, below)]
      .filter((row) => wanted.has(row.key));
    for (const row of found) again += resendOne(store, device, row);
  }
  if (again > 0) recount(store);
  return again;
}

function resendOne(store: Store, device: number, row: KnownPunch): number {
  const held = store.get(
    "SELECT 1 FROM sighting WHERE id = ? AND device = ? AND wall = ? AND pin = ? AND status = ?",
    row.id,
    device,
    row.wall,
    row.pin,
    row.status,
  );
  if (held === undefined) {
    store.memory.forget(device, row);
    return 0;
  }
  openedAgain(store, row.id);
  return store.run(
    `UPDATE sighting SET state = ${PENDING} WHERE id = ? AND state BETWEEN ${STORED} AND ${QUARANTINED}`,
    row.id,
  );
}

export type Counts = Omit<QueueStats, keyof Disk | "state" | "standing" | "commitMs">;

export const NO_COUNTS: Counts = {
  pending: 0,
  parked: 0,
  rejects: 0,
  delivered: 0,
  oldestPendingAt: null,
  perDevice: new Map(),
  damaged: [],
};

export function counts(store: Store): Counts {
  const perDevice = new Map<string, DeviceCount>();
  const sums = { pending: 0, parked: 0, rejects: 0, delivered: 0 };
  const oldestOf = oldestPending(store);
  for (const row of store.all("SELECT * FROM device ORDER BY serial")) {
    const lastId = Number(row["last_id"]);
    const count = {
      pending: Number(row["pending"]),
      oldestPendingAt: oldestOf(Number(row["no"]), Number(row["pending"])),
      rejects: Number(row["rejects"]),
      parked: Number(row["parked"]),
      repeated: Number(row["repeated"]),
      lines: ["pending", "parked", "delivered", "repeated"].reduce(
        (sum, name) => sum + Number(row[name]),
        0,
      ),
      lastSeq: Math.max(0, lastId - store.lane.base),
    };
    perDevice.set(String(row["serial"]), count);
    sums.pending += count.pending;
    sums.parked += count.parked;
    sums.rejects += count.rejects;
    sums.delivered += Number(row["delivered"]);
  }
  return {
    ...sums,
    oldestPendingAt: oldestOf(null, sums.pending + sums.parked),
    perDevice,
    damaged: openDamage(store),
  };
}

/** Rows looked at from each end of what waits, so that a long backlog costs the same as a short one. */
const LOOKED_AT = 2_000;

interface Ends {
  readonly oldest: Map<number, number>;
  readonly seen: Map<number, number>;
}

/**
 * When what waits was received, per device (null: at all), from both ends of the index of waiting rows. A
 * device first met at the old end is exact, and so is one whose waiting rows are all at the new end;
 * of one in between it is known only that its oldest came after the last row of the old end.
 */
function oldestPending(store: Store): (device: number | null, pending: number) => number | null {
  const old = store.all(
    `SELECT device, received_at ${FROM_WAITING} ORDER BY id LIMIT ${LOOKED_AT}`,
  );
  const last = old.at(-1);
  if (last === undefined) return () => null;
  const atOldEnd = endsOf(old);
  const atNewEnd = old.length < LOOKED_AT ? null : endsOf(
    store.all(`SELECT device, received_at ${FROM_WAITING} ORDER BY id DESC LIMIT ${LOOKED_AT}`)
      .reverse(),
  );
  return (device, pending) => {
    if (device === null) return Math.min(...atOldEnd.oldest.values());
    if (pending === 0) return null;
    const exact = atOldEnd.oldest.get(device);
    if (exact !== undefined) return exact;
    const allSeen = atNewEnd !== null && (atNewEnd.seen.get(device) ?? 0) >= pending;
    return allSeen ? atNewEnd.oldest.get(device) ?? null : Number(last["received_at"]);
  };
}

function endsOf(rows: readonly Row[]): Ends {
  const oldest = new Map<number, number>();
  const seen = new Map<number, number>();
  for (const row of rows) {
    const device = Number(row["device"]);
    // Not simply the first one's: the clock may have been set back since.
    const at = Number(row["received_at"]);
    oldest.set(device, Math.min(oldest.get(device) ?? at, at));
    seen.set(device, (seen.get(device) ?? 0) + 1);
  }
  return { oldest, seen };
}
