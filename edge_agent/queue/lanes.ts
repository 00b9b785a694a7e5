/**
 * Leaving a lane: when its numbers can no longer be trusted to be ours alone, what still waits in it
 * is numbered again in a new one. Runs inside a transaction.
 */
import { chainHash, sightingLeaf } from "../base/punch.ts";
import { hashAt, laneOfId, prove } from "./chain.ts";
import { channelNumber, type FullSighting } from "./rows.ts";
import type { Row } from "./sql.ts";
import { bytes, FROM_WAITING, PENDING, RENUMBERED, type Store } from "./store.ts";
import type { RandomBytes } from "./types.ts";

const LANE_BYTES = 16;
const SALT_BYTES = 16;
/** Rows in memory at a time. */
const CHUNK = 1_000;

export function newLaneId(randomBytes: RandomBytes): string {
  return randomBytes(LANE_BYTES).toHex();
}

/** Number of sightings that were numbered again. */
export function leaveLane(
  store: Store,
  reason: string,
  at: number,
  randomBytes: RandomBytes,
): number {
  const end = store.lastId;
  store.beginLane(newLaneId(randomBytes), at, reason);
  let moved = 0;
  for (let after = 0;;) {
    const rows = store.all(
      `SELECT * ${FROM_WAITING} AND id > ? AND id <= ? ORDER BY id LIMIT ${CHUNK}`,
      after,
      end,
    );
    if (rows.length === 0) break;
    for (const row of rows) {
      after = Number(row["id"]);
      moved++;
      renumber(store, row, randomBytes);
    }
  }
  store.memory.write(0);
  return moved;
}

function renumber(store: Store, row: Row, randomBytes: RandomBytes): void {
  const id = Number(row["id"]);
  const lane = laneOfId(store, id);
  appendCopy(store, row, prove(store, lane, row, hashAt(store, lane, id - 1)), randomBytes);
  store.run("UPDATE sighting SET state = ? WHERE id = ?", RENUMBERED, id);
  store.run("UPDATE parked SET id = ? WHERE id = ?", store.lastId, id);
  if (row["reason"] !== null) return;
  store.memory.moved(Number(row["device"]), {
    wall: Number(row["wall"]),
    pin: String(row["pin"]),
    status: String(row["status"]),
    id: store.lastId,
  }, channelNumber(row["channel"]));
}

/** Puts the content of a proven sighting at the end of the current lane; `row` gives its columns. */
export function appendCopy(
  store: Store,
  row: Row,
  sighting: FullSighting,
  randomBytes: RandomBytes,
): void {
  const salt = randomBytes(SALT_BYTES);
  const id = store.lastId + 1;
  const fields = {
    ...sighting,
    lane: store.lane.id,
    seq: id - store.lane.base,
    salt: salt.toHex(),
  };
  store.lastHash = chainHash(store.lastHash, sightingLeaf(fields));
  store.lastId = id;
  const device = store.deviceNo(sighting.serial);
  store.run(
    `INSERT INTO sighting (id, state, device, channel, received_at, wall, pin, status, verify,
       work_code, extra, reason, raw, salt, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    row["state"] ?? PENDING,
    device,
    row["channel"] ?? 0,
    row["received_at"] ?? 0,
    row["wall"] ?? null,
    row["pin"] ?? null,
    row["status"] ?? null,
    row["verify"] ?? null,
    row["work_code"] ?? null,
    row["extra"] ?? null,
    row["reason"] ?? null,
    row["raw"] ?? null,
    salt,
    bytes(store.lastHash),
  );
  store.run("UPDATE device SET last_id = max(last_id, ?) WHERE no = ?", id, device);
}
