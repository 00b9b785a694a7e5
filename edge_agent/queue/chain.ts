/**
 * The lane as evidence: which lane a row belongs to, what it is chained to, whether it still is
 * what was committed. Reads only.
 */
import { laneGenesis } from "../base/punch.ts";
import { type FullSighting, sightingOf } from "./rows.ts";
import type { Row } from "./sql.ts";
import { DamagedRow, hex, type Lane, type Store } from "./store.ts";

export function prove(store: Store, lane: Lane, row: Row, previousHash: string): FullSighting {
  const serial = store.serialOf(Number(row["device"]));
  const seq = Number(row["id"]) - lane.base;
  return sightingOf(row, serial, { lane: lane.id, seq, previousHash });
}

/** Hash of a sighting of the lane, or the lane's genesis below its first. */
export function hashAt(store: Store, lane: Lane, id: number): string {
  const hash = findHash(store, lane, id);
  if (hash === null) throw new DamagedRow(`sighting ${id - lane.base} has gone from its lane`);
  return hash;
}

/** Null for a row that was purged, unless what follows it is still kept. */
export function findHash(store: Store, lane: Lane, id: number): string | null {
  if (id === lane.base) return laneGenesis(lane.id);
  const row = store.get("SELECT hash FROM sighting WHERE id = ?", id) ??
    store.get("SELECT hash FROM anchor WHERE id = ?", id);
  return row === undefined ? null : hex(row["hash"]);
}

export function laneOfId(store: Store, id: number): Lane {
  if (id > store.lane.base) return store.lane;
  const lane = store.lanes().findLast((found) => found.base < id);
  if (lane === undefined) throw new DamagedRow(`no lane holds the row ${id}`);
  return lane;
}
