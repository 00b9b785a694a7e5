/**
 * The queue that loses nothing: one SQLite file in which every sighting is numbered, chained and
 * durable before anybody is told that it is safe. Owns the connection, the group commit and what
 * happens when the disk fails. The SQL of each subject is in queue_*.ts; must not know HTTP,
 * terminals or Odoo.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compareHead, park, parked, rewind, settle, take, unpark } from "./queue_delivery.ts";
import { asUnavailable } from "./queue_faults.ts";
import { type Intake, intake, type RandomBytes, Writer } from "./queue_ingest.ts";
import {
  counts,
  dayDigests,
  type Disk,
  keysOfDay,
  measureDisk,
  punches,
  rejects,
  resend,
} from "./queue_reads.ts";
import {
  migrate,
  openForWriting,
  QUEUE_FILE,
  refuseOldSqlite,
  sqliteVersion,
} from "./queue_schema.ts";
import * as small from "./queue_state.ts";
import { Store } from "./queue_store.ts";
import type {
  Added,
  Batch,
  CommandOutcome,
  CommandRow,
  DayDigest,
  DeviceRow,
  Head,
  HeadState,
  LaneHead,
  NewCommand,
  ParkedFilter,
  ParkedRow,
  PunchFilter,
  PunchRow,
  QueueClock,
  QueueStats,
  RejectRow,
  Run,
  Settlement,
  SettleResult,
  Upload,
} from "./queue_types.ts";
import { StoreUnavailable } from "./queue_types.ts";

export * from "./queue_types.ts";

export interface QueueOptions {
  readonly directory: string;
  readonly clock: QueueClock;
  readonly randomBytes: RandomBytes;
  /** Days that delivered sightings are kept for a restored Odoo. */
  readonly retentionDays?: number;
  /** Days that keys are remembered, so that a re-upload is counted and not sent again. */
  readonly keyMemoryDays?: number;
  /** The database stops growing here (its log may add some MiB). */
  readonly maxBytes?: number;
  /** Nothing is taken in while the file system has less. */
  readonly minFreeBytes?: number;
  /** Runs after the sockets that are ready now have been served. */
  readonly defer?: (work: () => void) => void;
}

interface Job {
  readonly intake: Intake;
  readonly resolve: (added: Added) => void;
  readonly reject: (fault: Error) => void;
}

const PAGE_BYTES = 4_096;
const DEFAULT_MAX_BYTES = 8 * 1024 ** 3;
const LANE_BYTES = 16;
/** A group is committed at the latest after this many lines, or this long after its first. */
const GROUP_LINES = 5_000;
const GROUP_MS = 10;
/** How long a sighting counts as live, so that it goes out before a backlog. */
const LIVE_MS = 60_000;
const CHECKPOINT_PAGES = 8_192;

export class Queue {
  readonly #options: QueueOptions;
  readonly #clock: QueueClock;
  readonly #file: string;
  #store: Store | null = null;
  #started = false;
  #state: QueueStats["state"] = "ok";
  #waiting: Job[] = [];
  #waitingLines = 0;
  #firstWaitingAt = 0;
  /** When a sighting id was the newest: which ids are live. */
  #live: { readonly at: number; readonly id: number }[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#file = join(options.directory, QUEUE_FILE);
  }

  /** Opens and migrates the file. Throws StoreRefused when waiting would not mend the cause. */
  start(): void {
    if (this.#started) return;
    refuseOldSqlite(sqliteVersion());
    mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    this.#started = true;
    this.#ready();
  }

  /** Commits what is waiting, empties the log into the database and closes. */
  stop(): Promise<void> {
    if (!this.#started) return Promise.resolve();
    this.#flush();
    this.#started = false;
    const store = this.#store;
    this.#store = null;
    if (store !== null) {
      store.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      store.close();
    }
    return Promise.resolve();
  }

  /** Resolves when every line is durable; rejects with StoreUnavailable when none may be assumed. */
  add(upload: Upload): Promise<Added> {
    if (!this.#started) {
      return Promise.reject(new StoreUnavailable("closed", "the queue is closed"));
    }
    return new Promise((resolve, reject) => {
      const job = { intake: intake(upload), resolve, reject };
      if (this.#waiting.length === 0) {
        this.#firstWaitingAt = this.#clock.monotonic();
        this.#deferFlush(1);
      }
      this.#waiting.push(job);
      this.#waitingLines += job.intake.punches.length + job.intake.rejects.length;
    });
  }

  take(limit: number): Batch | null {
    return this.#use((store) => take(store, limit, this.#liveFrom(store)));
  }

  settle(receipt: Settlement): SettleResult {
    return this.#write((store) => settle(store, receipt, this.#clock.now()));
  }

  compareHead(head: Head & { readonly lane?: string }): HeadState {
    return this.#use((store) => compareHead(store, head));
  }

  /** How many sightings wait again. */
  rewind(head: Head & { readonly lane?: string }): number {
    return this.#write((store) => rewind(store, head));
  }

  /** `lane` is the current one when not named. False when the number does not wait. */
  park(seq: number, reason: string, lane?: string): boolean {
    return this.#write((store) => park(store, seq, reason, this.#clock.now(), lane));
  }

  unpark(filter: ParkedFilter = {}): number {
    return this.#write((store) => unpark(store, filter));
  }

  parked(limit: number): ParkedRow[] {
    return this.#use((store) => parked(store, limit));
  }

  rejects(limit: number): RejectRow[] {
    return this.#use((store) => rejects(store, limit));
  }

  punches(filter: PunchFilter = {}): PunchRow[] {
    return this.#use((store) => punches(store, filter));
  }

  dayDigests(serial: string, fromDay?: string): DayDigest[] {
    return this.#use((store) => dayDigests(store, serial, fromDay));
  }

  keysOfDay(serial: string, day: string): string[] {
    return this.#use((store) => keysOfDay(store, serial, day));
  }

  /** `where` spares a search through all keys; give it whenever it is known. */
  resend(keys: readonly string[], where?: { serial: string; day: string }): number {
    return this.#write((store) => resend(store, keys, where));
  }

  laneHead(): LaneHead {
    return this.#use((store) => ({
      lane: store.lane.id,
      seq: store.lastId - store.lane.base,
      hash: store.lastHash,
    }));
  }

  stats(): QueueStats {
    const disk = this.#disk();
    return { ...this.#use(counts), ...disk, state: this.#state };
  }

  getState(name: string): string | null {
    return this.#use((store) => small.getState(store, name));
  }

  setState(name: string, value: string): void {
    this.#write((store) => small.setState(store, name, value));
  }

  stamp(serial: string, table: string): string | null {
    return this.#use((store) => small.stamp(store, serial, table));
  }

  deviceRows(): DeviceRow[] {
    return this.#use(small.deviceRows);
  }

  putDevice(row: DeviceRow): void {
    this.#write((store) => small.putDevice(store, row));
  }

  /** False when the id was seen before: it is executed once. */
  addCommand(command: NewCommand): boolean {
    return this.#write((store) => small.addCommand(store, command, this.#clock.now()));
  }

  openCommands(serial: string): CommandRow[] {
    return this.#use((store) => small.openCommands(store, serial));
  }

  markCommandSent(id: number, at: number): void {
    this.#write((store) => small.markCommandSent(store, id, at));
  }

  /** False when the command is unknown or was settled before. */
  settleCommand(id: number, outcome: CommandOutcome): boolean {
    return this.#write((store) => small.settleCommand(store, id, outcome));
  }

  commandResults(): CommandRow[] {
    return this.#use(small.commandResults);
  }

  forgetCommand(id: number): void {
    this.#write((store) => small.forgetCommand(store, id));
  }

  addRun(run: Run): void {
    this.#write((store) => small.addRun(store, run));
  }

  runs(limit: number): Run[] {
    return this.#use((store) => small.runs(store, limit));
  }

  forgetRuns(ids: readonly string[]): void {
    this.#write((store) => small.forgetRuns(store, ids));
  }

  /** Waits turn by turn while more uploads come in, so that they share one fsync. */
  #deferFlush(seen: number): void {
    (this.#options.defer ?? setImmediate)(() => {
      const grown = this.#waiting.length > seen;
      const early = this.#clock.monotonic() - this.#firstWaitingAt < GROUP_MS;
      if (grown && early && this.#waitingLines < GROUP_LINES) {
        this.#deferFlush(this.#waiting.length);
      } else this.#flush();
    });
  }

  #flush(): void {
    const jobs = this.#waiting;
    if (jobs.length === 0) return;
    this.#waiting = [];
    const lines = this.#waitingLines;
    this.#waitingLines = 0;
    let added: Added[];
    let newest = 0;
    try {
      added = this.#write((store) => {
        newest = store.lastId;
        const writer = new Writer(store, this.#clock, this.#options.randomBytes, lines);
        return jobs.map((job) => writer.write(job.intake));
      });
    } catch (fault) {
      for (const job of jobs) job.reject(fault as Error);
      return;
    }
    this.#markLive(newest);
    jobs.forEach((job, at) => job.resolve(added[at] as Added));
    this.#checkpoint();
  }

  /** `id`: the newest sighting before the group that was just committed. */
  #markLive(id: number): void {
    const now = this.#clock.monotonic();
    const newest = this.#live.at(-1);
    if (newest === undefined || now - newest.at >= 1_000) this.#live.push({ at: now, id });
    while (this.#live.length > 1 && now - (this.#live[1]?.at ?? now) > LIVE_MS) this.#live.shift();
  }

  /** The first sighting id that is live. */
  #liveFrom(store: Store): number {
    const now = this.#clock.monotonic();
    const oldest = this.#live.find((mark) => now - mark.at <= LIVE_MS);
    return (oldest?.id ?? store.lastId) + 1;
  }

  #checkpoint(): void {
    const store = this.#store;
    if (store === null) return;
    const { bytes } = this.#disk();
    if (bytes === 0) return;
    const log = store.get("PRAGMA wal_checkpoint(NOOP)");
    if (Number(log?.["log"] ?? 0) < CHECKPOINT_PAGES) return;
    this.#use((open) => open.db.exec("PRAGMA wal_checkpoint(PASSIVE)"));
  }

  #disk(): Disk {
    return measureDisk(this.#options.directory, this.#file);
  }

  #write<T>(work: (store: Store) => T): T {
    return this.#use((store) => store.transaction(() => work(store)));
  }

  /** After any fault the connection is dropped: the next use opens the file anew. */
  #use<T>(work: (store: Store) => T): T {
    try {
      const result = work(this.#ready());
      this.#state = "ok";
      return result;
    } catch (fault) {
      const unavailable = asUnavailable(fault);
      this.#state = unavailable.reason === "full" ? "full" : "io";
      const store = this.#store;
      this.#store = null;
      store?.close();
      throw unavailable;
    }
  }

  #ready(): Store {
    if (!this.#started) throw new StoreUnavailable("closed", "the queue is closed");
    if (this.#store !== null) return this.#store;
    const maxPages = Math.floor((this.#options.maxBytes ?? DEFAULT_MAX_BYTES) / PAGE_BYTES);
    const db = openForWriting(this.#file, { maxPages });
    try {
      migrate(db);
      const empty = db.prepare("SELECT 1 FROM lane LIMIT 1").get() === undefined;
      if (empty) {
        db.prepare("INSERT INTO lane (id, base, begun_at, reason) VALUES (?, 0, ?, 'new file')")
          .run(this.#options.randomBytes(LANE_BYTES).toHex(), this.#clock.now());
      }
      this.#store = new Store(db);
    } catch (fault) {
      db.close();
      throw fault;
    }
    return this.#store;
  }
}
