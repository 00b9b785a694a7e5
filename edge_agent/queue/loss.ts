/**
 * What the queue lost: which numbers of which lane, as far as that can be known, and what has come of
 * it. SQL only; must not know how terminals are asked, nor what Odoo makes of it.
 */
import { packWallTime } from "./rows.ts";
import type { Store } from "./store.ts";
import type { Loss, LossCause, LossState, RandomBytes } from "./types.ts";

/** `at`: what is after it in the file came after the loss. */
export interface NewLoss {
  readonly lane: string;
  readonly cause: LossCause;
  readonly from: number | null;
  readonly to: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  /** How many numbers of these; null: nobody knows. */
  readonly lost: number | null;
}

const UUID_BYTES = 16;

/** Inside a transaction, after what was rescued was numbered again. */
export function addLoss(store: Store, loss: NewLoss, randomBytes: RandomBytes): void {
  store.run(
    `INSERT INTO loss (id, lane, cause, from_at, to_at, first_seq, last_seq, lost, after_id, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
    uuid(randomBytes(UUID_BYTES)),
    loss.lane,
    loss.cause,
    loss.from,
    loss.to,
    loss.firstSeq,
    loss.lastSeq,
    loss.lost,
    store.lastId,
  );
}

/** Those that Odoo does not know in their state, and those whose state may still change. */
export function losses(store: Store): Loss[] {
  return store.all(
    "SELECT * FROM loss WHERE told <> state OR state <> 'read_again' ORDER BY to_at, id LIMIT 100",
  ).map((row) => ({
    id: String(row["id"]),
    lane: String(row["lane"]),
    cause: String(row["cause"]) as LossCause,
    from: row["from_at"] === null ? null : Number(row["from_at"]),
    to: Number(row["to_at"]),
    firstSeq: row["first_seq"] === null ? null : Number(row["first_seq"]),
    lastSeq: row["last_seq"] === null ? null : Number(row["last_seq"]),
    lost: row["lost"] === null ? null : Number(row["lost"]),
    state: String(row["state"]) as LossState,
    told: String(row["told"]) === String(row["state"]),
  }));
}

/**
 * Different punches of a device that came for the first time after the loss and bear a wall time up to `to`
 * (and from `from`, where the names of earlier punches were lost too, so that those come as new).
 */
export function cameAgain(
  store: Store,
  id: string,
  serial: string,
  { from, to }: { from: string; to: string },
): number {
  const device = store.findDeviceNo(serial);
  if (device === undefined) return 0;
  return store.number(
    `SELECT count(*) FROM (SELECT DISTINCT wall, pin, status FROM sighting
       WHERE id > (SELECT after_id FROM loss WHERE id = ?) AND device = ? AND wall BETWEEN ? AND ?)`,
    id,
    device,
    packWallTime(from),
    packWallTime(to),
  );
}

/** Inside a transaction. */
export function setLossState(store: Store, id: string, state: LossState): void {
  store.run("UPDATE loss SET state = ? WHERE id = ? AND state <> 'read_again'", state, id);
}

/** Inside a transaction: Odoo knows the loss in this state. */
export function lossTold(store: Store, id: string, state: LossState): void {
  store.run("UPDATE loss SET told = ? WHERE id = ?", state, id);
}

/** RFC 9562, version 4. */
function uuid(random: Uint8Array): string {
  const made = random.slice();
  made[6] = ((made[6] ?? 0) & 0x0f) | 0x40;
  made[8] = ((made[8] ?? 0) & 0x3f) | 0x80;
  return made.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
