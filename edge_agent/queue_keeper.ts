/**
 * Keeps one store open over the life of the agent: opening, the lock, what a fault does, damage,
 * the witness, room on the disk. After any fault the connection is thrown away, because what a
 * failed commit left behind is unknown; nothing is acknowledged before the file was opened anew and
 * its log emptied into it (after a failed fsync the kernel calls lost pages clean: going on in the
 * same log would build on them). Must not know uploads or receipts.
 */
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findHash } from "./queue_chain.ts";
import { noteLoss } from "./queue_damage.ts";
import { recount } from "./queue_delivery.ts";
import { asUnavailable, faultReason, hopeless, setAside, syncDirectory } from "./queue_faults.ts";
import type { RandomBytes } from "./queue_ingest.ts";
import { leaveLane, newLaneId } from "./queue_lanes.ts";
import { type Disk, measureDisk } from "./queue_reads.ts";
import { salvage } from "./queue_salvage.ts";
import { migrate, type OpenDatabase, openOnFullDisk, QUEUE_FILE } from "./queue_schema.ts";
import { DamagedRow, FROM_WAITING, PARKED_OPEN, Store } from "./queue_store.ts";
import {
  type DamageKind,
  type LaneHead,
  type QueueClock,
  type QueueStats,
  StoreRefused,
  StoreUnavailable,
} from "./queue_types.ts";
import { scrub } from "./queue_upkeep.ts";
import { Witness, WITNESS_FILE } from "./queue_witness.ts";

export interface QueueLog {
  warn(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}

export interface KeeperOptions {
  readonly directory: string;
  readonly clock: QueueClock;
  readonly randomBytes: RandomBytes;
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  readonly log: QueueLog;
  readonly openDatabase: OpenDatabase;
  /** 0: within the commit. */
  readonly witnessDelayMs: number;
}

const PAGE_BYTES = 4_096;
/** What the file may grow beyond its limit by receipts, parking and purging. */
const RESERVE = 0.05;
const RESERVE_PAGES = 64;
/** With less free than this, an I/O error is want of room. */
const NO_ROOM_BYTES = 64 * 1024;
const LOCK_FILE = "queue.lock";
/** After a fault the disk is tried again at most this often. */
const RETRY_MS = 200;
/** 8 MiB of log: some hundred ms of writing on a memory card. */
const CHECKPOINT_PAGES = 2_048;
const PAGES_PER_COMMIT = 5;
const LINES_PER_PAGE = 8;
const DISK_LOOK_MS = 1_000;
/** Up to this size the whole structure is checked at start (about 0.3 s a 64 MiB). */
const QUICK_CHECK_BYTES = 64 * 1024 ** 2;
/** Newest rows proven at start; all others are proven when they are sent, and by and by. */
const PROVE_AT_START = 2_000;

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #file: string;
  readonly #witness: Witness;
  #lock: Deno.FsFile | null = null;
  #store: Store | null = null;
  /** The store can only be read: there was no room to open it for writing. */
  #readOnly = false;
  #started = false;
  /** The file has reached its limit. */
  #atLimit = false;
  #checked = false;
  #witnessTimer: ReturnType<typeof setTimeout> | null = null;
  #logPages = 0;
  #guessedPages = 0;
  #fault: StoreUnavailable | null = null;
  #retryAt = 0;
  #disk: { readonly at: number; readonly value: Disk } | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#file = join(options.directory, QUEUE_FILE);
    this.#witness = new Witness(join(options.directory, WITNESS_FILE));
  }

  /** Throws StoreRefused for what waiting does not mend; a full disk is waited for. */
  start(): void {
    this.#started = true;
    try {
      mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
      this.#takeLock();
      this.write(() => undefined);
    } catch (fault) {
      if (fault instanceof StoreRefused || hopeless(fault, this.#options.directory)) {
        this.close();
        throw refusal(fault, this.#options.directory);
      }
      this.#options.log.error("queue.start_without_store", { fault: String(fault) });
    }
  }

  close(): void {
    this.#started = false;
    this.#witnessNow();
    this.#emptyLogAtEnd();
    this.#drop();
    this.#witness.close();
    this.#lock?.close();
    this.#lock = null;
  }

  /** What is in the log is safe there; the next start reads it. */
  #emptyLogAtEnd(): void {
    if (this.#store === null || this.#readOnly) return;
    try {
      emptyLog(this.#store.db, false);
    } catch (fault) {
      this.#options.log.warn("queue.log_not_emptied", { fault: String(fault) });
    }
  }

  get state(): QueueStats["state"] {
    if (this.disk().freeBytes < this.#options.minFreeBytes) return "full";
    if (this.#atLimit) return "full";
    if (this.#fault === null) return "ok";
    return this.#fault.reason === "full" ? "full" : "io";
  }

  /** Looked up at most once a second. */
  disk(): Disk {
    const now = this.#options.clock.monotonic();
    if (this.#disk === null || now - this.#disk.at >= DISK_LOOK_MS) {
      this.#disk = { at: now, value: measureDisk(this.#options.directory, this.#file) };
    }
    return this.#disk.value;
  }

  /** Room that is left for what follows from what was taken in: receipts, parking, purging. */
  requireRoom(): void {
    if (this.disk().freeBytes < this.#options.minFreeBytes) {
      throw new StoreUnavailable(
        "full",
        "the file system is nearly full: nothing more is taken in",
      );
    }
    this.#atLimit = this.#overLimit();
    if (this.#atLimit) {
      throw new StoreUnavailable(
        "full",
        "the queue has reached its limit: nothing more is taken in",
      );
    }
  }

  #overLimit(): boolean {
    const pages = this.direct((store) =>
      store.number("PRAGMA page_count") - store.number("PRAGMA freelist_count")
    );
    return pages * PAGE_BYTES >= this.#options.maxBytes;
  }

  /** True when the space set aside for the queue is nearly used up. */
  cramped(): boolean {
    const { bytes, freeBytes } = this.disk();
    return bytes > this.#options.maxBytes * 0.9 || freeBytes < this.#options.minFreeBytes * 2;
  }

  read<T>(work: (store: Store) => T): T {
    return this.#guard(() => work(this.#store ?? this.#openForReading()));
  }

  /** One transaction; when it throws, none of it may be assumed. */
  write<T>(work: (store: Store) => T): T {
    return this.#guard(() => {
      const store = this.#writable();
      const result = store.transaction(() => work(store));
      this.#fault = null;
      return result;
    });
  }

  /** Outside a transaction, on a store that can be written (checkpoints). */
  direct<T>(work: (store: Store) => T): T {
    return this.#guard(() => work(this.#writable()));
  }

  /** Moves the log into the file when it has grown, or when nothing came since the last call. */
  checkpoint(): void {
    const row = this.read((store) => store.get("PRAGMA wal_checkpoint(NOOP)"));
    const log = Number(row?.["log"]);
    const idle = log > 0 && log === this.#logPages && Number(row?.["checkpointed"]) < log;
    this.#logPages = log;
    this.#guessedPages = log;
    if (log < CHECKPOINT_PAGES && !idle) return;
    this.direct((store) => store.db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
    this.#guessedPages = 0;
  }

  /** After a group was answered: a checkpoint under load, without asking for the log's size each time. */
  checkpointAfter(lines: number): void {
    this.#guessedPages += PAGES_PER_COMMIT + lines / LINES_PER_PAGE;
    if (this.#guessedPages >= CHECKPOINT_PAGES) this.checkpoint();
  }

  /**
   * After a commit: soon tells the witness how far the lane has come. Not at once, because touching a
   * second file makes the next fsync on it twice as long; a crash in between leaves it behind, which
   * it may be.
   */
  bearWitness(): void {
    if (this.#options.witnessDelayMs === 0) return this.#witnessNow();
    if (this.#witnessTimer !== null) return;
    this.#witnessTimer = setTimeout(() => this.#witnessNow(), this.#options.witnessDelayMs);
    Deno.unrefTimer(this.#witnessTimer);
  }

  #witnessNow(): void {
    if (this.#witnessTimer !== null) clearTimeout(this.#witnessTimer);
    this.#witnessTimer = null;
    if (this.#store === null || this.#readOnly) return;
    try {
      this.#witness.write(headOf(this.#store));
    } catch (fault) {
      this.#options.log.warn("queue.witness_not_written", { fault: String(fault) });
    }
  }

  /** While the last write failed: whether the disk takes one again. */
  probe(): void {
    if (this.#atLimit) this.#atLimit = this.#overLimit();
    if (this.#fault === null && !this.#readOnly) return;
    try {
      this.write((store) =>
        store.run("INSERT OR REPLACE INTO state (name, value) VALUES ('probe', '1')")
      );
    } catch (fault) {
      if (!(fault instanceof StoreUnavailable)) throw fault;
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (fault) {
      if (fault instanceof StoreRefused) throw fault;
      const unavailable = this.#named(fault);
      if (unavailable !== this.#fault && this.#started) this.#afterFault(unavailable);
      throw unavailable;
    }
  }

  /** SQLite calls it an I/O error when the index beside the file finds no room. */
  #named(fault: unknown): StoreUnavailable {
    const named = asUnavailable(fault);
    if (named.reason !== "io" || named === this.#fault) return named;
    this.#disk = null;
    if (this.disk().freeBytes >= NO_ROOM_BYTES) return named;
    return new StoreUnavailable("full", named.message, { cause: fault });
  }

  #afterFault(fault: StoreUnavailable): void {
    if (fault.reason !== this.#fault?.reason) {
      this.#options.log.error("queue.fault", { reason: fault.reason, message: fault.message });
    }
    this.#fault = fault;
    this.#retryAt = this.#options.clock.monotonic() + RETRY_MS;
    this.#disk = null;
    this.#drop();
    if (fault.reason !== "damaged") return;
    try {
      this.#store = this.#replace(fault);
      this.#fault = null;
    } catch (second) {
      this.#drop();
      this.#fault = asUnavailable(second);
    }
  }

  #drop(): void {
    const store = this.#store;
    this.#store = null;
    this.#readOnly = false;
    if (store === null) return;
    try {
      store.close();
    } catch (fault) {
      this.#options.log.warn("queue.close_failed", { fault: String(fault) });
    }
  }

  #writable(): Store {
    if (this.#store !== null && !this.#readOnly) return this.#store;
    if (!this.#started) throw new StoreUnavailable("closed", "the queue is closed");
    if (this.#fault !== null && this.#options.clock.monotonic() < this.#retryAt) throw this.#fault;
    this.#retryAt = this.#options.clock.monotonic() + RETRY_MS;
    this.#drop();
    this.#takeLock();
    this.#store = this.#open();
    return this.#store;
  }

  #openForReading(): Store {
    try {
      return this.#writable();
    } catch (fault) {
      if (faultReason(fault) === "damaged" || !existsSync(this.#file)) throw fault;
      const db = openOnFullDisk(this.#file);
      try {
        this.#store = new Store(db);
      } catch {
        db.close();
        throw fault;
      }
      this.#fault ??= asUnavailable(fault);
      this.#readOnly = true;
      return this.#store;
    }
  }

  #takeLock(): void {
    if (this.#lock !== null) return;
    const path = join(this.#options.directory, LOCK_FILE);
    const file = Deno.openSync(path, { create: true, write: true, mode: 0o600 });
    if (file.tryLockSync(true)) {
      this.#lock = file;
      return;
    }
    file.close();
    throw new StoreRefused(
      `another agent works on ${this.#options.directory}; stop it, or give this one its own data directory`,
    );
  }

  #open(): Store {
    const witnessed = this.#witness.read();
    const existed = existsSync(this.#file);
    try {
      const store = this.#connect();
      try {
        this.#inspect(store);
        this.#hear(store, witnessed, existed);
        return store;
      } catch (fault) {
        store.close();
        throw fault;
      }
    } catch (fault) {
      if (faultReason(fault) !== "damaged") throw fault;
      return this.#replace(asUnavailable(fault));
    }
  }

  #connect(): Store {
    const maxPages = Math.ceil(this.#options.maxBytes / PAGE_BYTES * (1 + RESERVE)) + RESERVE_PAGES;
    const isNew = !existsSync(this.#file);
    const db = this.#options.openDatabase(this.#file, { maxPages });
    try {
      chmodSync(this.#file, 0o600);
      emptyLog(db, this.#fault !== null);
      migrate(db);
      if (db.prepare("SELECT 1 FROM lane LIMIT 1").get() === undefined) {
        db.prepare("INSERT INTO lane (id, base, begun_at, reason) VALUES (?, 0, ?, 'new file')")
          .run(newLaneId(this.#options.randomBytes), this.#options.clock.now());
      }
      if (isNew) syncDirectory(this.#options.directory);
      return new Store(db);
    } catch (fault) {
      db.close();
      throw fault;
    }
  }

  /** Once per start: structure of a small file, counters, the newest rows. */
  #inspect(store: Store): void {
    if (this.#checked) return;
    this.#disk = null;
    if (this.disk().bytes <= QUICK_CHECK_BYTES) {
      const verdict = String(Object.values(store.get("PRAGMA quick_check(1)") ?? {})[0]);
      if (verdict !== "ok") throw new DamagedRow(verdict);
    }
    const waiting = store.number(`SELECT count(*) ${FROM_WAITING}`);
    const counted = store.number(
      `SELECT (SELECT total(pending) FROM device) + (SELECT count(*) FROM parked
         JOIN sighting ON sighting.id = parked.id WHERE sighting.state = ${PARKED_OPEN})`,
    );
    store.transaction(() => {
      if (waiting !== counted) recount(store);
      const from = Math.max(0, store.lastId - PROVE_AT_START);
      scrub(store, from, PROVE_AT_START, this.#options.clock.now());
    });
    this.#checked = true;
  }

  /** What the witness knows that the file does not is lost. */
  #hear(store: Store, witnessed: LaneHead | null, existed: boolean): void {
    const loss = witnessed === null ? null : lossAgainst(store, witnessed, existed);
    if (loss === null) return;
    const { clock, randomBytes, log } = this.#options;
    store.transaction(() => {
      noteLoss(store, { at: clock.now(), ...loss, aside: "", salvaged: 0 });
      if (existed) leaveLane(store, loss.kind, clock.now(), randomBytes);
    });
    this.#witness.write(headOf(store));
    log.error("queue.loss_noticed", loss);
  }

  /** Sets the file aside and goes on in a new one, with what could be proven of the old. */
  #replace(fault: StoreUnavailable): Store {
    const { clock, randomBytes, log } = this.#options;
    const aside = setAside(this.#file, clock.now());
    const store = this.#connect();
    const salvaged = store.transaction(() => {
      const count = salvage(store, aside, randomBytes, () => clock.monotonic());
      noteLoss(store, {
        at: clock.now(),
        kind: "damaged_file",
        detail: fault.message,
        aside: aside.slice(this.#options.directory.length + 1),
        salvaged: count,
      });
      return count;
    });
    this.#checked = true;
    this.#witness.write(headOf(store));
    log.error("queue.damaged_file_set_aside", { aside, salvaged, fault: fault.message });
    return store;
  }
}

function headOf(store: Store): LaneHead {
  return {
    lane: store.lane.id,
    seq: store.lastId - store.lane.base,
    hash: store.lastHash,
  };
}

/**
 * Moves the whole log into the file and cuts it. `must` after a fault: then a log that a reader
 * keeps from being cut may end in pages the disk never got.
 */
function emptyLog(db: Store["db"], must: boolean): void {
  const row = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  if (must && Number(row?.["busy"]) !== 0) {
    throw new StoreUnavailable("io", "a reader keeps the queue's log from being emptied");
  }
}

function lossAgainst(
  store: Store,
  witnessed: LaneHead,
  existed: boolean,
): { kind: DamageKind; detail: string } | null {
  const known = `the witness has number ${witnessed.seq} of lane ${witnessed.lane}`;
  if (!existed) return { kind: "missing_file", detail: `${known}, the file is gone` };
  const lane = store.laneById(witnessed.lane);
  if (lane === undefined) return { kind: "older_copy", detail: `${known}, the file not the lane` };
  const last = store.endOf(lane) - lane.base;
  if (last < witnessed.seq) {
    return { kind: "lost_tail", detail: `${known}, the file ends at ${last}` };
  }
  const hash = findHash(store, lane, lane.base + witnessed.seq);
  if (hash === null || hash === witnessed.hash) return null;
  return { kind: "older_copy", detail: `${known}, the file has it with another hash` };
}

function refusal(fault: unknown, directory: string): StoreRefused {
  if (fault instanceof StoreRefused) return fault;
  const text = fault instanceof Error ? fault.message : String(fault);
  return new StoreRefused(
    `the data directory ${directory} cannot be written (${text}); ` +
      `mount it for writing and give it to the user the agent runs as`,
    { cause: fault },
  );
}
