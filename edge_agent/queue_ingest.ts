/**
 * What one group commit writes: numbering, chain, key memory, device counters, stamps.
 * Runs inside a transaction of the store and waits for nothing.
 */
import { chainHash, punchKey, sha256Hex, sightingLeaf } from "./punch.ts";
import type { Punch, Reject } from "./punch.ts";
import {
  asReject,
  channelBit,
  channelCode,
  fittingReject,
  packWallTime,
  punchFault,
  requireSerial,
} from "./queue_rows.ts";
import { bytes, PENDING, type Store } from "./queue_store.ts";
import type { Added, QueueClock, Upload } from "./queue_types.ts";

export type RandomBytes = (length: number) => Uint8Array;

/** An upload brought into the contract's limits, before any transaction is open. */
export interface Intake {
  readonly upload: Upload;
  readonly punches: readonly Punch[];
  readonly rejects: readonly Reject[];
}

const SALT_BYTES = 16;
const DAY_MS = 86_400_000;

/** Throws TypeError for an upload no codec should hand over (serial, foreign rows). */
export function intake(upload: Upload): Intake {
  requireSerial(upload.serial);
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
  return { upload, punches, rejects };
}

function requireOwn(upload: Upload, serial: string): void {
  if (serial !== upload.serial) throw new TypeError("an upload holds lines of one terminal only");
}

const KNOW_PUNCH = `
  INSERT INTO known (device, wall, pin, status, channels, id, seen_day) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET channels = channels | excluded.channels
  WHERE channels & excluded.channels = 0`;
const KNOW_REJECT = `
  INSERT INTO known_reject (digest, channels, seen_day) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET channels = channels | excluded.channels
  WHERE channels & excluded.channels = 0`;
const ADD_PUNCH = `
  INSERT INTO sighting (id, state, device, channel, received_at, wall, pin, status, verify,
    work_code, extra, salt, hash) VALUES (?, ${PENDING}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const ADD_REJECT = `
  INSERT INTO sighting (id, state, device, channel, received_at, reason, raw, salt, hash)
  VALUES (?, ${PENDING}, ?, ?, ?, ?, ?, ?, ?)`;
const COUNT = `
  UPDATE device SET pending = pending + ?, rejects = rejects + ?, repeated = repeated + ?,
    last_id = max(last_id, ?) WHERE no = ?`;
const KEEP_STAMP = `
  INSERT INTO stamp (serial, name, value) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET value = excluded.value`;

/** Writes one upload at the end of the lane. */
export class Writer {
  readonly #store: Store;
  readonly #salts: Uint8Array;
  readonly #now: number;
  readonly #trusted: boolean;
  #salted = 0;

  constructor(store: Store, clock: QueueClock, randomBytes: RandomBytes, lines: number) {
    this.#store = store;
    this.#salts = lines === 0 ? new Uint8Array() : randomBytes(lines * SALT_BYTES);
    this.#now = clock.now();
    this.#trusted = clock.trusted();
  }

  write(job: Intake): Added {
    const { upload } = job;
    const device = this.#store.deviceNo(upload.serial);
    const at = {
      device,
      receivedAt: upload.receivedAt ?? this.#now,
      channel: channelCode(upload.channel, this.#trusted),
      bit: channelBit(upload.channel),
    };
    const before = this.#store.lastId;
    for (const punch of job.punches) this.#punch(upload, punch, at);
    const afterPunches = this.#store.lastId;
    for (const reject of job.rejects) this.#reject(upload, reject, at);
    const fresh = this.#store.lastId - before;
    const lines = job.punches.length + job.rejects.length;
    const rejects = this.#store.lastId - afterPunches;
    this.#store.run(COUNT, fresh, rejects, lines - fresh, fresh ? this.#store.lastId : 0, device);
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

  #punch(upload: Upload, punch: Punch, at: At): void {
    const id = this.#store.lastId + 1;
    const wall = packWallTime(punch.wallTime);
    const isNew = this.#store.run(
      KNOW_PUNCH,
      at.device,
      wall,
      punch.pin,
      punch.status,
      at.bit,
      id,
      this.#day(),
    );
    if (isNew === 0) return;
    const salt = this.#salt();
    const hash = this.#chain({
      kind: "punch",
      ...punch,
      key: punchKey(punch),
      ...this.#numbered(upload, at, id, salt),
    });
    this.#store.run(
      ADD_PUNCH,
      id,
      at.device,
      at.channel,
      at.receivedAt,
      wall,
      punch.pin,
      punch.status,
      punch.verify,
      punch.workCode,
      punch.extra,
      salt,
      hash,
    );
  }

  #reject(upload: Upload, reject: Reject, at: At): void {
    const digest = sha256Hex(["reject", reject.serial, reject.reason, reject.raw].join("\n"));
    const isNew = this.#store.run(KNOW_REJECT, bytes(digest.slice(0, 32)), at.bit, this.#day());
    if (isNew === 0) return;
    const id = this.#store.lastId + 1;
    const salt = this.#salt();
    const hash = this.#chain({
      kind: "reject",
      ...reject,
      ...this.#numbered(upload, at, id, salt),
    });
    this.#store.run(
      ADD_REJECT,
      id,
      at.device,
      at.channel,
      at.receivedAt,
      reject.reason,
      reject.raw,
      salt,
      hash,
    );
  }

  #numbered(upload: Upload, at: At, id: number, salt: Uint8Array) {
    return {
      lane: this.#store.lane.id,
      seq: id - this.#store.lane.base,
      channel: upload.channel,
      receivedAt: new Date(at.receivedAt).toISOString(),
      clock: this.#trusted ? "ok" as const : "unsure" as const,
      salt: salt.toHex(),
    };
  }

  /** Moves the lane's head over one more sighting; gives the new hash as bytes. */
  #chain(fields: Parameters<typeof sightingLeaf>[0]): Uint8Array {
    this.#store.lastHash = chainHash(this.#store.lastHash, sightingLeaf(fields));
    this.#store.lastId++;
    return bytes(this.#store.lastHash);
  }

  #salt(): Uint8Array {
    const start = this.#salted++ * SALT_BYTES;
    return this.#salts.subarray(start, start + SALT_BYTES);
  }

  /** 0 while the clock cannot be believed: the walk through the key memory dates it later. */
  #day(): number {
    return this.#trusted ? Math.floor(this.#now / DAY_MS) : 0;
  }
}

interface At {
  readonly device: number;
  readonly receivedAt: number;
  readonly channel: number;
  readonly bit: number;
}
