/**
 * Keeps one store open over the life of the agent: opening, the lock, what a fault does, damage,
 * the tail file, room on the disk. After any fault the connection is thrown away, because what a
 * failed commit left behind is unknown; nothing is acknowledged before its log was written again, the
 * file opened anew and the log emptied into it (log_file.ts says why). Must not know uploads or
 * receipts.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { StoreRefused, StoreUnavailable } from "../base/store_fault.ts";
import { type Disk, measureDisk } from "./disk.ts";
import { asUnavailable, faultReason, hopeless } from "./faults.ts";
import { emptyLog, headOf, Opener, type OpenerOptions, openReadable } from "./open.ts";
import { DEVICES_FILE, KeptDevices } from "./kept_devices.ts";
import { PAGE_BYTES, QUEUE_FILE } from "./schema.ts";
import type { Store } from "./store.ts";
import { TAIL_FILE, TailFile } from "./tail_file.ts";
import type { DeviceRow, LaneHead, QueueStats, StandingFault } from "./types.ts";

export interface KeeperOptions extends Omit<OpenerOptions, "file" | "tail" | "kept" | "witness"> {
  readonly minFreeBytes: number;
  /** 0: within the commit. */
  readonly tailDelayMs: number;
}

/** With less free than this, an I/O error is want of room. */
const NO_ROOM_BYTES = 64 * 1024;
const LOCK_FILE = "queue.lock";
/**
 * A lock that was just given up can be held for some ms yet, by a program that was being started at that
 * moment and has the file open until it runs: so it is asked for again, a tenth of a second in all.
 */
const LOCK_TRIES = 6;
const LOCK_WAIT_MS = 20;
/** After a fault the disk is tried again at most this often. */
const RETRY_MS = 200;
/** 8 MiB of log: some hundred ms of writing on a memory card. */
const CHECKPOINT_PAGES = 2_048;
const PAGES_PER_COMMIT = 5;
const LINES_PER_PAGE = 8;
/**
 * More pages than a commit and a line can add: a reject with its longest text takes one page, key memory, index and
 * the pages above them take parts of others. To ask the file for its size costs a commit of one line a fifth more.
 */
const MOST_PAGES_PER_COMMIT = 16;
const MOST_PAGES_PER_LINE = 4;
const DISK_LOOK_MS = 1_000;
const WITNESS_GUARD = "the witness of the lane (queue.witness)";
const DEVICES_GUARD = "who was let in (queue.devices)";

export class Keeper {
  readonly #options: KeeperOptions;
  readonly #file: string;
  readonly #tail: TailFile;
  readonly #kept: KeptDevices;
  /** Guards that do not stand now, by what they are, and why. */
  readonly #fallen = new Map<string, string>();
  readonly #opener: Opener;
  #lock: Deno.FsFile | null = null;
  #store: Store | null = null;
  /** The store can only be read: there was no room to open it for writing. */
  #readOnly = false;
  #started = false;
  /** The file has reached its limit. */
  #atLimit = false;
  /** Pages that can surely still be added below the limit, from when the file was last asked. */
  #roomPages = 0;
  #tailTimer: ReturnType<typeof setTimeout> | null = null;
  #logPages = 0;
  #guessedPages = 0;
  #fault: StoreUnavailable | null = null;
  #retryAt = 0;
  #disk: { readonly at: number; readonly value: Disk } | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#file = join(options.directory, QUEUE_FILE);
    this.#tail = new TailFile(join(options.directory, TAIL_FILE));
    this.#kept = new KeptDevices(join(options.directory, DEVICES_FILE));
    this.#opener = new Opener({
      ...options,
      file: this.#file,
      tail: this.#tail,
      kept: this.#kept,
      witness: (head) => this.#witness(head),
    });
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
    this.keepDevices();
    this.#tailNow();
    this.#emptyLogAtEnd();
    this.#drop();
    this.#tail.close();
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

  /** Room for so many lines more, and for what follows from them: receipts, parking, purging. */
  requireRoom(lines: number): void {
    if (this.disk().freeBytes < this.#options.minFreeBytes) {
      throw new StoreUnavailable(
        "full",
        "the file system is nearly full: nothing more is taken in",
      );
    }
    this.#roomPages -= MOST_PAGES_PER_COMMIT + lines * MOST_PAGES_PER_LINE;
    if (this.#roomPages < 0) this.#atLimit = this.#overLimit();
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
    const left = this.#options.maxBytes / PAGE_BYTES - pages;
    // The other half is for what is written without being taken in: settings, runs, commands.
    this.#roomPages = left / 2;
    return left <= 0;
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

  /** After a group of so many lines: whether a checkpoint is due, without asking for the log's size each time. */
  isCheckpointDue(lines: number): boolean {
    this.#guessedPages += PAGES_PER_COMMIT + lines / LINES_PER_PAGE;
    return this.#guessedPages >= CHECKPOINT_PAGES;
  }

  /**
   * After a commit: soon tells the tail file how far the lane has come. Not at once, because touching a
   * second file makes the next fsync on it twice as long; a crash in between leaves it behind, which
   * it may be.
   */
  noteTail(): void {
    if (this.#options.tailDelayMs === 0) return this.#tailNow();
    if (this.#tailTimer !== null) return;
    this.#tailTimer = setTimeout(() => this.#tailNow(), this.#options.tailDelayMs);
    Deno.unrefTimer(this.#tailTimer);
  }

  #tailNow(): void {
    if (this.#tailTimer !== null) clearTimeout(this.#tailTimer);
    this.#tailTimer = null;
    if (this.#store === null || this.#readOnly) return;
    this.#witness(headOf(this.#store));
  }

  #witness(head: LaneHead): void {
    this.#stand(WITNESS_GUARD, () => this.#tail.write(head));
  }

  /** A terminal's row was written: kept beside the queue by the next `keepDevices`. */
  noteDevice(row: DeviceRow): void {
    this.#stand(DEVICES_GUARD, () => this.#kept.note(row));
  }

  keepDevices(): void {
    this.#stand(DEVICES_GUARD, () => this.#kept.flush());
  }

  /** What stands beside the queue so that a loss is noticed and healed, and cannot be written now. */
  get fallen(): readonly StandingFault[] {
    return [...this.#fallen].map(([guard, why]) => ({
      code: "guard",
      detail: `${guard} cannot be kept: ${why}`,
    }));
  }

  /** A guard whose failure is only logged is none: health says it until it stands again. */
  #stand(guard: string, keep: () => void): void {
    try {
      keep();
      this.#fallen.delete(guard);
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault);
      if (!this.#fallen.has(guard)) this.#options.log.error("queue.guard_fallen", { guard, why });
      this.#fallen.set(guard, why);
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
      this.#store = this.#opener.replace(fault);
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
    this.#roomPages = 0;
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
    this.#store = this.#opener.open(this.#fault !== null);
    this.#tailNow();
    return this.#store;
  }

  #openForReading(): Store {
    try {
      return this.#writable();
    } catch (fault) {
      if (faultReason(fault) === "damaged" || !existsSync(this.#file)) throw fault;
      try {
        this.#store = openReadable(this.#file);
      } catch {
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
    for (let tries = 0; tries < LOCK_TRIES; tries++) {
      if (file.tryLockSync(true)) {
        this.#lock = file;
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
    }
    file.close();
    throw new StoreRefused(
      `another agent works on ${this.#options.directory}; stop it, or give this one its own data directory`,
    );
  }
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
