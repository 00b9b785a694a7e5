/**
 * What one group commit writes: numbering, chain, key memory, device counters, stamps.
 * Runs inside a transaction of the store and waits for nothing.
 */
import { DAY_MS } from "../base/duration.ts";
import {
  chainHash,
  type Channel,
  type ClockTrust,
  type Punch,
  punchKey,
  type Reject,
  sightingLeaf,
} from "../base/punch.ts";
import { sha256Hex } from "../base/sha256.ts";
import {
  asReject,
  channelBit,
  channelCode,
  channelNumber,
  fittingReject,
  packWallTime,
  punchFault,
  requireName,
} from "./rows.ts";
import type { Cell } from "./sql.ts";
import { bytes, PENDING, type Store } from "./store.ts";
import type { Added, QueueClock, RandomBytes, Upload } from "./types.ts";

/** An upload brought into the contract's limits, before any transaction is open. */
export interface Intake {
  readonly upload: Upload;
  readonly punches: readonly Punch[];
  readonly rejects: readonly Reject[];
}

const SALT_BYTES = 16;

/** Throws TypeError for an upload no codec should hand over (serial, foreign rows). */
export function intake(upload: Upload): Intake {
  requireName(upload.serial);
  const punches: Punch[] = [];
  const rejects: Reject[] = [];
  for (const punch of upload.punches) {
    requireOwn(upload, punch.serial);
    const fault = punchFault(punch);
    if (fault === null) punches.push(punch);
    else rejects.push(fittingReject(asReject(punch, fault)));
  }
  for (const reject of upload.rejects) {
    requireOwn(upload, reject.serial);
    rejects.push(fittingReject(reject));
  }
  if (upload.receivedAt !== undefined && !Number.isSafeInteger(upload.receivedAt)) {
    throw new TypeError("receivedAt is whole milliseconds");
  }
  return { upload, punches, rejects };
}

function requireOwn(upload: Upload, serial: string): void {
  if (serial !== upload.serial) throw new TypeError("an upload holds lines of one terminal only");
}

const KNOW_REJECT = `
  INSERT INTO known_reject (digest, channels, seen_day) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET channels = channels | excluded.channels
  WHERE channels & excluded.channels = 0`;
/** Rows of one statement: each call of SQLite costs as much as four columns. */
const ROWS_AT_ONCE = 16;
const PUNCH_ROW = `(?, ${PENDING}, ?, ?, ?, ?, ?, ?, ?, ?, ?, unhex(?), unhex(?))`;
const PUNCH_CELLS = 12;
const addPunches = (rows: number) =>
  `INSERT INTO sighting (id, state, device, channel, received_at, wall, pin, status, verify,
    work_code, extra, salt, hash) VALUES ${Array(rows).fill(PUNCH_ROW).join(", ")}`;
/** Rows and statement, largest first. */
const ADD_PUNCHES = [ROWS_AT_ONCE, 4, 1].map((rows) => [rows, addPunches(rows)] as const);
const ADD_REJECT = `
  INSERT INTO sighting (id, state, device, channel, received_at, reason, raw, salt, hash)
  VALUES (?, ${PENDING}, ?, ?, ?, ?, ?, unhex(?), unhex(?))`;
const COUNT = `
  UPDATE device SET pending = pending + ?, rejects = rejects + ?, repeated = repeated + ?,
    last_id = max(last_id, ?) WHERE no = ?`;
const KEEP_STAMP = `
  INSERT INTO stamp (serial, name, value) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value`;

/** Writes the uploads of one group at the end of the lane; `finish` before the commit. */
export class Writer {
  readonly #store: Store;
  /** Hex digits, one salt after the other. */
  readonly #salts: string;
  readonly #now: number;
  readonly #trusted: boolean;
  #salted = 0;
  /** Cells of punches that are not inserted yet. */
  #cells: Cell[] = [];

  constructor(store: Store, clock: QueueClock, randomBytes: RandomBytes, lines: number) {
    this.#store = store;
    this.#salts = lines === 0 ? "" : randomBytes(lines * SALT_BYTES).toHex();
    this.#now = clock.now();
    this.#trusted = clock.trusted();
  }

  write(job: Intake): Added {
    const { upload } = job;
    const device = this.#store.deviceNo(upload.serial);
    const receivedAt = upload.receivedAt ?? this.#now;
    const at = {
      device,
      channel: upload.channel,
      code: channelCode(upload.channel, this.#trusted),
      bit: channelBit(upload.channel),
      receivedAt,
      instant: new Date(receivedAt).toISOString(),
      clock: this.#trusted ? "ok" as const : "unsure" as const,
    };
    const before = this.#store.lastId;
    for (const punch of job.punches) this.#punch(punch, at);
    const afterPunches = this.#store.lastId;
    for (const reject of job.rejects) this.#reject(reject, at);
    const fresh = this.#store.lastId - before;
    const lines = job.punches.length + job.rejects.length;
    const rejects = this.#store.lastId - afterPunches;
    if (lines > 0) {
      this.#store.run(COUNT, fresh, rejects, lines - fresh, fresh ? this.#store.lastId : 0, device);
    }
    if (upload.stamp !== undefined) {
      this.#store.run(KEEP_STAMP, upload.serial, upload.stamp.table, upload.stamp.value);
    }
    const base = this.#store.lane.base;
    return {
      lines,
      fresh,
      repeated: lines - fresh,
      rejects,
      firstSeq: fresh ? before + 1 - base : null,
      lastSeq: fresh ? this.#store.lastId - base : null,
    };
  }

  finish(): void {
    this.#insert();
    this.#store.memory.write(this.#day());
  }

  #punch(punch: Punch, at: At): void {
    const id = this.#store.lastId + 1;
    const { pin, status, verify, workCode, extra } = punch;
    const wall = packWallTime(punch.wallTime);
    const channel = channelNumber(at.code);
    if (!this.#store.memory.learn(at.device, { wall, pin, status, id }, channel)) return;
    const salt = this.#salt();
    const hash = this.#chain({
      kind: "punch",
      lane: this.#store.lane.id,
      seq: id - this.#store.lane.base,
      key: punchKey(punch),
      serial: punch.serial,
      pin,
      wallTime: punch.wallTime,
      status,
      verify,
      workCode,
      extra,
      channel: at.channel,
      receivedAt: at.instant,
      clock: at.clock,
      salt,
    });
    const { device, code, receivedAt } = at;
    const cells = this.#cells;
    cells.push(id, device, code, receivedAt, wall, pin, status, verify, workCode, extra);
    cells.push(salt, hash);
    if (cells.length === ROWS_AT_ONCE * PUNCH_CELLS) this.#insert();
  }

  #insert(): void {
    let from = 0;
    for (const [rows, sql] of ADD_PUNCHES) {
      const count = rows * PUNCH_CELLS;
      for (; from + count <= this.#cells.length; from += count) {
        this.#store.run(sql, ...this.#cells.slice(from, from + count));
      }
    }
    this.#cells = [];
  }

  #reject(reject: Reject, at: At): void {
    const digest = sha256Hex(["reject", reject.serial, reject.reason, reject.raw].join("\n"));
    const isNew = this.#store.run(KNOW_REJECT, bytes(digest.slice(0, 32)), at.bit, this.#day());
    if (isNew === 0) return;
    const id = this.#store.lastId + 1;
    const salt = this.#salt();
    const hash = this.#chain({
      kind: "reject",
      ...reject,
      lane: this.#store.lane.id,
      seq: id - this.#store.lane.base,
      channel: at.channel,
      receivedAt: at.instant,
      clock: at.clock,
      salt,
    });
    const { device, code, receivedAt } = at;
    this.#store.run(
      ADD_REJECT,
      id,
      device,
      code,
      receivedAt,
      reject.reason,
      reject.raw,
      salt,
      hash,
    );
  }

  /** Moves the lane's head over one more sighting; gives the new hash. */
  #chain(fields: Parameters<typeof sightingLeaf>[0]): string {
    this.#store.lastHash = chainHash(this.#store.lastHash, sightingLeaf(fields));
    this.#store.lastId++;
    return this.#store.lastHash;
  }

  #salt(): string {
    const start = this.#salted++ * SALT_BYTES * 2;
    return this.#salts.slice(start, start + SALT_BYTES * 2);
  }

  /** 0 while the clock cannot be believed: the walk through the key memory dates it later. */
  #day(): number {
    return this.#trusted ? Math.floor(this.#now / DAY_MS) : 0;
  }
}

interface At {
  readonly device: number;
  readonly channel: Channel;
  readonly code: number;
  readonly bit: number;
  readonly receivedAt: number;
  readonly instant: string;
  readonly clock: ClockTrust;
}
