/**
 * Opening the queue file so that it can be trusted: migration, checks, what the tail file says, and a
 * new file in place of a damaged one. Must not know what happens while the file is open.
 */
import { chmodSync, existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../base/store_fault.ts";
import { findHash } from "./chain.ts";
import { noteDamage, noteLoss } from "./damage.ts";
import { recount } from "./delivery.ts";
import { measureDisk } from "./disk.ts";
import { asUnavailable, faultReason, setAside, syncDirectory } from "./faults.ts";
import type { KeptDevices } from "./kept_devices.ts";
import { leaveLane, newLaneId } from "./lanes.ts";
import { addLoss, type NewLoss } from "./loss.ts";
import { rewriteLog } from "./log_file.ts";
import { salvage } from "./salvage.ts";
import { type Rescued, rescueLog } from "./rescue.ts";
import {
  migrate,
  type OpenDatabase,
  openForReading,
  openOnFullDisk,
  PAGE_BYTES,
} from "./schema.ts";
import { deviceRows, putDevice } from "./state.ts";
import { DamagedRow, FROM_WAITING, PARKED_OPEN, Store } from "./store.ts";
import type { TailFile, Witnessed } from "./tail_file.ts";
import { type LaneHead, type QueueClock, type QueueLog, type RandomBytes } from "./types.ts";
import { scrub } from "./upkeep.ts";

export interface OpenerOptions {
  readonly directory: string;
  readonly file: string;
  readonly clock: QueueClock;
  readonly randomBytes: RandomBytes;
  readonly maxBytes: number;
  readonly log: QueueLog;
  readonly openDatabase: OpenDatabase;
  readonly tail: Pick<TailFile, "read">;
  /** Tells the tail file; what keeps it from being written is health's to say and stops nothing. */
  readonly witness: (head: LaneHead) => void;
  readonly kept: KeptDevices;
}

/** SQLite's answer to a checkpoint of a file that keeps a rollback journal instead. */
const NO_LOG = -1;
/** What the file may grow beyond its limit by receipts, parking and purging. */
const RESERVE = 0.05;
const RESERVE_PAGES = 64;
/** Up to this size the whole structure is checked at start (about 0.3 s a 64 MiB). */
const QUICK_CHECK_BYTES = 64 * 1024 ** 2;
/** Newest rows proven at start; all others are proven when they are sent, and by and by. */
const PROVE_AT_START = 2_000;

export class Opener {
  readonly #options: OpenerOptions;
  #checked = false;

  constructor(options: OpenerOptions) {
    this.#options = options;
  }

  /** `afterFault`: the log must be emptied whole before anything may be acknowledged. */
  open(afterFault: boolean): Store {
    const { tail } = this.#options;
    const witnessed = tail.read();
    const rescued = this.#rescue();
    const existed = existsSync(this.#options.file);
    try {
      const store = this.#connect(afterFault);
      try {
        this.#inspect(store, rescued?.rebuilt ?? false);
        if (!existed) this.#letIn(store);
        this.#hear(store, witnessed, existed);
        if (rescued !== null) this.#noteRescue(store, rescued);
        return store;
      } catch (fault) {
        store.close();
        throw fault;
      }
    } catch (fault) {
      if (faultReason(fault) !== "damaged") throw fault;
      return this.replace(asUnavailable(fault));
    }
  }

  /** A new file knows who was let in before: terminals are not refused while Odoo is away. */
  #letIn(store: Store): void {
    store.transaction(() => this.#putKept(store));
  }

  #putKept(store: Store): void {
    const known = new Set(deviceRows(store).map(({ serial }) => serial));
    for (const row of this.#options.kept.read()) if (!known.has(row.serial)) putDevice(store, row);
  }

  /** Once per start: afterwards the log is SQLite's, and what it made of it is known. */
  #rescue(): Rescued | null {
    if (this.#checked) return null;
    const { file, clock, openDatabase, log } = this.#options;
    const rescued = rescueLog(file, { at: clock.now(), openDatabase });
    if (rescued !== null) log.error("queue.log_rescued", { ...rescued });
    return rescued;
  }

  /** Nothing is lost by it: a person is to see that the card rots. */
  #noteRescue(store: Store, { aside, detail }: Rescued): void {
    store.transaction(() =>
      noteDamage(store, {
        at: this.#options.clock.now(),
        kind: "damaged_row",
        detail,
        aside: aside.slice(this.#options.directory.length + 1),
        salvaged: 0,
      })
    );
  }

  #connect(afterFault: boolean): Store {
    const maxPages = Math.ceil(this.#options.maxBytes / PAGE_BYTES * (1 + RESERVE)) + RESERVE_PAGES;
    const { file, directory } = this.#options;
    rewriteLog(file);
    const db = this.#options.openDatabase(file, { maxPages });
    try {
      chmodSync(file, 0o600);
      emptyLog(db, afterFault);
      migrate(db);
      if (db.prepare("SELECT 1 FROM lane LIMIT 1").get() === undefined) {
        db.prepare("INSERT INTO lane (id, base, begun_at, reason) VALUES (?, 0, ?, 'new file')")
          .run(newLaneId(this.#options.randomBytes), this.#options.clock.now());
      }
      // SQLite syncs the names of file and log too, and goes on when that fails.
      syncDirectory(directory);
      return new Store(db);
    } catch (fault) {
      db.close();
      throw fault;
    }
  }

  /** Once per start: structure of a small file, counters, the newest rows. */
  #inspect(store: Store, rebuilt: boolean): void {
    if (this.#checked) return;
    const { directory, file, clock } = this.#options;
    if (rebuilt || measureDisk(directory, file).bytes <= QUICK_CHECK_BYTES) {
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
      scrub(store, from, PROVE_AT_START, clock.now());
    });
    this.#checked = true;
  }

  /** What the tail file knows that the file does not is lost. */
  #hear(store: Store, witnessed: Witnessed | null, existed: boolean): void {
    const found = witnessed === null ? null : lossAgainst(store, witnessed, existed);
    if (found === null) return;
    const { kind, detail, ...numbers } = found;
    const { clock, randomBytes, log } = this.#options;
    store.transaction(() => {
      noteLoss(store, { at: clock.now(), kind, detail, aside: "", salvaged: 0 });
      if (existed) leaveLane(store, kind, clock.now(), randomBytes);
      addLoss(store, { ...numbers, cause: kind }, randomBytes);
    });
    this.#options.witness(headOf(store));
    log.error("queue.loss_noticed", { kind, detail });
  }

  /** Sets the file aside and goes on in a new one, with what could be proven of the old. */
  replace(fault: StoreUnavailable): Store {
    const { clock, randomBytes, log, tail } = this.#options;
    const witnessed = tail.read();
    const aside = setAside(this.#options.file, clock.now());
    const store = this.#connect(false);
    const salvaged = store.transaction(() => {
      const { count, missing } = salvage(store, aside, {
        randomBytes,
        monotonic: () => clock.monotonic(),
        witnessed,
      });
      noteLoss(store, {
        at: clock.now(),
        kind: "damaged_file",
        detail: fault.message,
        aside: aside.slice(this.#options.directory.length + 1),
        salvaged: count,
      });
      this.#putKept(store);
      const numbers = { lane: store.lane.id, ...UNKNOWN, ...missing };
      const to = witnessed?.at ?? clock.now();
      addLoss(store, { ...numbers, to, cause: "damaged_file" }, randomBytes);
      return count;
    });
    this.#checked = true;
    this.#options.witness(headOf(store));
    log.error("queue.damaged_file_set_aside", { aside, salvaged, fault: fault.message });
    return store;
  }
}

/**
 * Where nothing can be written. With room for the shared index the connection only reads; without,
 * it needs the file for itself and moves the log when it closes, so that the log has to be sure.
 */
export function openReadable(file: string): Store {
  try {
    return asStore(openForReading(file));
  } catch {
    rewriteLog(file);
    return asStore(openOnFullDisk(file));
  }
}

function asStore(db: DatabaseSync): Store {
  try {
    return new Store(db);
  } catch (fault) {
    db.close();
    throw fault;
  }
}

export function headOf(store: Store): LaneHead {
  return {
    lane: store.lane.id,
    seq: store.lastId - store.lane.base,
    hash: store.lastHash,
  };
}

/**
 * Moves the whole log into the file and cuts it. `must` after a fault: then a log that a reader
 * keeps from being cut may end in pages the disk never got. Throws when the file has no log: a disk
 * that fails `journal_mode = WAL` is not reported by it, and without the log a commit ends with a
 * name removed, which is safe only once the directory was synced, which SQLite leaves out.
 */
export function emptyLog(db: Store["db"], must: boolean): void {
  const row = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  if (Number(row?.["log"]) === NO_LOG) {
    throw new StoreUnavailable("io", "the queue file could not be switched to its log");
  }
  if (must && Number(row?.["busy"]) !== 0) {
    throw new StoreUnavailable("io", "a reader keeps the queue's log from being emptied");
  }
}

const UNKNOWN = { from: null, firstSeq: null, lastSeq: null, lost: null } as const;

type FoundLoss = Omit<NewLoss, "cause"> & {
  readonly kind: "missing_file" | "older_copy" | "lost_tail";
  readonly detail: string;
};

function lossAgainst(store: Store, witnessed: Witnessed, existed: boolean): FoundLoss | null {
  const known = `the witness has number ${witnessed.seq} of lane ${witnessed.lane}`;
  const unknown = { ...UNKNOWN, lane: witnessed.lane, lastSeq: witnessed.seq, to: witnessed.at };
  if (!existed) return { ...unknown, kind: "missing_file", detail: `${known}, the file is gone` };
  const lane = store.laneById(witnessed.lane);
  if (lane === undefined) {
    return { ...unknown, kind: "older_copy", detail: `${known}, the file not the lane` };
  }
  const last = store.endOf(lane) - lane.base;
  if (last < witnessed.seq) {
    return {
      ...unknown,
      kind: "lost_tail",
      detail: `${known}, the file ends at ${last}`,
      from: newestReceipt(store),
      firstSeq: last + 1,
      lost: witnessed.seq - last,
    };
  }
  const hash = findHash(store, lane, lane.base + witnessed.seq);
  if (hash === null || hash === witnessed.hash) return null;
  return { ...unknown, kind: "older_copy", detail: `${known}, the file has it with another hash` };
}

/** When the newest sighting that is left was received, epoch ms; null for none. */
export function newestReceipt(store: Store): number | null {
  const row = store.get("SELECT received_at FROM sighting ORDER BY id DESC LIMIT 1");
  return row === undefined ? null : Number(row["received_at"]);
}
