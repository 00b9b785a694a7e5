/**
 * The queue that loses nothing: one SQLite file in which every sighting is numbered, chained and
 * durable before anybody is told that it is safe. Owns the connection, the group commit and what
 * happens when the disk fails. The SQL of each subject has a file of its own; must not know HTTP,
 * terminals or Odoo.
 */
import { HOUR_MS } from "../base/duration.ts";
import { StoreUnavailable } from "../base/store_fault.ts";
import * as damage from "./damage.ts";
import { compareHead, park, parked, rewind, settle, take, unpark } from "./delivery.ts";
import { Group } from "./group.ts";
import { Keeper } from "./keeper.ts";
import { leaveLane } from "./lanes.ts";
import * as loss from "./loss.ts";
import { headOf, newestReceipt } from "./open.ts";
import {
  DEFAULT_KEY_MEMORY_DAYS,
  DEFAULT_MAX_BYTES,
  DEFAULT_MIN_FREE_BYTES,
  DEFAULT_RETENTION_DAYS,
  type QueueOptions,
  SILENT,
  wholeMs,
} from "./defaults.ts";
import { counts, keysOfDay, NO_COUNTS, punches, rejects, resend } from "./reads.ts";
import { openForWriting, refuseOldSqlite, sqliteVersion } from "./schema.ts";
import * as small from "./state.ts";
import type { Store } from "./store.ts";
import type {
  Added,
  CommandOutcome,
  CommandRow,
  DeviceRow,
  Head,
  HeadState,
  LaneHead,
  Loss,
  LossState,
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
  Taken,
  Upload,
} from "./types.ts";
import { Upkeep } from "./upkeeper.ts";

export { refuseOldSqlite, sqliteVersion } from "./schema.ts";

export type {
  Added,
  CommandOutcome,
  CommandRow,
  DeviceRow,
  HeadState,
  LaneHead,
  Loss,
  LossState,
  NewCommand,
  ParkedRow,
  PunchRow,
  QueueStats,
  RejectRow,
  Run,
  Settlement,
  SettleResult,
  Taken,
  Upload,
} from "./types.ts";

const WITNESS_DELAY_MS = 50;
const TEND_MS = 5_000;
/**
 * One new lane an hour: an Odoo whose head is always beyond us, or that calls every number taken,
 * does not make us renumber for ever.
 */
const LEAVE_MS = HOUR_MS;

export class Queue {
  readonly #options: QueueOptions;
  readonly #clock: QueueClock;
  readonly #keeper: Keeper;
  readonly #group: Group;
  readonly #upkeep: Upkeep;
  #started = false;
  #timer: ReturnType<typeof setInterval> | null = null;
  #leftAt = -Infinity;
  #lineSalt: string | null = null;

  constructor(options: QueueOptions) {
    const { directory, randomBytes } = options;
    const clock = wholeMs(options.clock);
    this.#options = options;
    this.#clock = clock;
    this.#keeper = new Keeper({
      directory,
      clock,
      randomBytes,
      maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
      minFreeBytes: options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES,
      log: options.log ?? SILENT,
      openDatabase: options.openDatabase ?? openForWriting,
      tailDelayMs: options.timers === false ? 0 : WITNESS_DELAY_MS,
    });
    this.#group = new Group({
      keeper: this.#keeper,
      clock,
      randomBytes,
      defer: options.defer ?? setImmediate,
    });
    this.#upkeep = new Upkeep({
      keeper: this.#keeper,
      clock,
      retentionDays: options.retentionDays ?? DEFAULT_RETENTION_DAYS,
      keyMemoryDays: options.keyMemoryDays ?? DEFAULT_KEY_MEMORY_DAYS,
    });
  }

  /**
   * Opens, migrates and checks the file; a damaged one is set aside. Throws StoreRefused when waiting
   * would not mend the cause; on a full disk it starts and `add` says so until there is room.
   */
  start(): void {
    if (this.#started) return;
    refuseOldSqlite((this.#options.sqliteVersion ?? sqliteVersion)());
    this.#keeper.start();
    this.#started = true;
    if (this.#options.timers === false) return;
    this.#timer = setInterval(() => this.tend(), TEND_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Commits what is waiting, empties the log into the database and closes. */
  stop(): Promise<void> {
    if (!this.#started) return Promise.resolve();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#group.flush();
    this.#started = false;
    this.#keeper.close();
    return Promise.resolve();
  }

  /** Resolves when every line is durable; rejects with StoreUnavailable when none may be assumed. */
  add(upload: Upload): Promise<Added> {
    if (!this.#started) {
      return Promise.reject(new StoreUnavailable("closed", "the queue is closed"));
    }
    return this.#group.add(upload);
  }

  take(limit: number): Taken | null {
    const now = this.#clock.now();
    return this.#use((store) => take(store, limit, { liveFrom: this.#group.liveFrom(store), now }));
  }

  settle(receipt: Settlement): SettleResult {
    const mayFork = this.#mayLeave();
    const result = this.#write((store) => settle(store, receipt, this.#clock.now(), mayFork));
    if (result.forked) {
      this.leaveLane("forked_lane", `a number of lane ${receipt.lane} was taken by another leaf`);
    }
    return result;
  }

  compareHead(head: Head & { readonly lane?: string }): HeadState {
    return this.#use((store) => compareHead(store, head));
  }

  /** How many sightings wait again. */
  rewind(head: Head & { readonly lane?: string }): number {
    return this.#write((store) => rewind(store, head));
  }

  /**
   * Odoo's head is `ahead`: this file is an older copy of itself. Goes on in a new lane, asks for every
   * device to be read again; how many wait there. Null, and nothing done, within an hour of the last time.
   */
  leaveLane(kind: "older_copy" | "forked_lane", detail: string): number | null {
    if (!this.#mayLeave()) return null;
    const at = this.#clock.now();
    const moved = this.#write((store) => {
      const { lane, seq } = headOf(store);
      const from = newestReceipt(store);
      damage.noteLoss(store, { at, kind, detail, aside: "", salvaged: 0 });
      const waiting = leaveLane(store, kind, at, this.#options.randomBytes);
      if (kind === "older_copy") {
        const numbers = { lane, firstSeq: seq + 1, lastSeq: null, lost: null };
        loss.addLoss(store, { ...numbers, from, to: at, cause: kind }, this.#options.randomBytes);
      }
      return waiting;
    });
    this.#leftAt = this.#clock.monotonic();
    this.#keeper.noteTail();
    return moved;
  }

  #mayLeave(): boolean {
    return this.#clock.monotonic() - this.#leftAt > LEAVE_MS;
  }

  /** True until the device was read whole after the newest loss: ask stamp 0 or DATA QUERY. */
  needsReread(serial: string): boolean {
    return this.#use((store) => damage.needsReread(store, serial));
  }

  rereadDone(serial: string): void {
    this.#write((store) => damage.rereadDone(store, serial, this.#clock.now()));
  }

  /** False when there is no such open note. */
  heal(id: number): boolean {
    return this.#write((store) => damage.heal(store, id, this.#clock.now()));
  }

  /** Those that Odoo does not know in their state, and those whose state may still change. */
  losses(): Loss[] {
    return this.#use(loss.losses);
  }

  cameAgain(id: string, serial: string, window: { from: string; to: string }): number {
    return this.#use((store) => loss.cameAgain(store, id, serial, window));
  }

  setLossState(id: string, state: LossState): void {
    this.#write((store) => loss.setLossState(store, id, state));
  }

  lossTold(id: string, state: LossState): void {
    this.#write((store) => loss.lossTold(store, id, state));
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

  keysOfDay(serial: string, day: string): string[] {
    return this.#use((store) => keysOfDay(store, serial, day));
  }

  /** `where` spares a search through all keys; give it whenever it is known. */
  resend(keys: readonly string[], where?: { serial: string; day: string }): number {
    return this.#write((store) => resend(store, keys, where));
  }

  laneHead(): LaneHead {
    return this.#use(headOf);
  }

  /** Never throws for a disk that fails: then the counts are what can be known. */
  stats(): QueueStats {
    if (this.#started) this.#keeper.probe();
    const known = this.#countsIfAny();
    const { fallen, state } = this.#keeper;
    const { commitMs, slow } = this.#group;
    const standing = [...fallen, ...slow];
    return { ...known, ...this.#keeper.disk(), standing, commitMs, state };
  }

  /** Deletes what was delivered longer ago than the retention; one bounded step, number of rows. */
  purge(now: number = this.#clock.now()): number {
    return this.#upkeep.purge(now);
  }

  /** Checkpoint, scrub, purge as they fall due; runs by itself unless `timers` is false. */
  tend(): void {
    if (this.#started) this.#upkeep.tend();
  }

  /** From now on, over restarts: what was delivered stays for as long as there is room, or goes after its days. */
  keepAll(keeps: boolean): void {
    if (this.#use(small.keepsAll) !== keeps) {
      this.#write((store) => small.setKeepsAll(store, keeps));
    }
  }

  getState(name: string): string | null {
    return this.#use((store) => small.getState(store, name));
  }

  setState(name: string, value: string): void {
    this.#write((store) => small.setState(store, name, value));
  }

  /**
   * For the digests of lines that are withheld: drawn once and never sent, so that nobody who reads a digest
   * elsewhere can try PINs and passwords against it, and the same line keeps its digest.
   */
  get lineSalt(): string {
    return this.#lineSalt ??= small.lineSalt(this, this.#options.randomBytes);
  }

  stamp(serial: string, table: string): string | null {
    return this.#use((store) => small.stamp(store, serial, table));
  }

  deviceRows(): DeviceRow[] {
    return this.#use(small.deviceRows);
  }

  putDevice(row: DeviceRow): void {
    this.#write((store) => small.putDevice(store, row));
    this.#keeper.noteDevice(row);
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

  #countsIfAny(): ReturnType<typeof counts> {
    try {
      return this.#use(counts);
    } catch (fault) {
      if (fault instanceof StoreUnavailable) return NO_COUNTS;
      throw fault;
    }
  }

  #write<T>(work: (store: Store) => T): T {
    this.#requireStarted();
    return this.#keeper.write(work);
  }

  #use<T>(work: (store: Store) => T): T {
    this.#requireStarted();
    return this.#keeper.read(work);
  }

  #requireStarted(): void {
    if (!this.#started) throw new StoreUnavailable("closed", "the queue is closed");
  }
}
