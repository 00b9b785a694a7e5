/**
 * The queue file's tables, their versions, and how a connection to it is opened.
 * Must not know what a punch means, how it arrived or where it goes.
 */
import { DatabaseSync } from "node:sqlite";
import { StoreRefused } from "../base/store_fault.ts";

export const QUEUE_FILE = "queue.sqlite";

/** Older versions can lose a checkpointed commit when two connections meet (WAL-reset bug). */
const OLDEST_SQLITE = "3.51.3";

/**
 * Versions of the file. A migration adds and never renames or drops, so that the program of one
 * version back still reads and writes the file after an upgrade was taken back.
 * `sighting.id` is the lane's `base` + `seq`: lanes follow one another in one numbering, so one
 * integer orders the file and a commit that is rolled back leaves no hole.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE lane (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    base INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    rewound_to INTEGER NOT NULL DEFAULT -1
  ) STRICT;
  CREATE TABLE device (
    no INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    pending INTEGER NOT NULL DEFAULT 0,
    parked INTEGER NOT NULL DEFAULT 0,
    rejects INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    repeated INTEGER NOT NULL DEFAULT 0,
    last_id INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE sighting (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    device INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    wall INTEGER,
    pin TEXT,
    status TEXT,
    verify TEXT,
    work_code TEXT,
    extra TEXT,
    reason TEXT,
    raw TEXT,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX sighting_waiting ON sighting (id) WHERE state < 4;
  CREATE TABLE known (id INTEGER PRIMARY KEY, body TEXT NOT NULL, seen_day INTEGER NOT NULL) STRICT;
  CREATE TABLE known_reject (
    digest BLOB NOT NULL PRIMARY KEY,
    channels INTEGER NOT NULL,
    seen_day INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE anchor (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
  CREATE TABLE parked (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    parked_at INTEGER NOT NULL,
    refused INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE answered_mark (
    day INTEGER PRIMARY KEY,
    through INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE damage (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    aside TEXT NOT NULL,
    salvaged INTEGER NOT NULL,
    healed_at INTEGER
  ) STRICT;
  CREATE TABLE reread (
    damage INTEGER NOT NULL,
    serial TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    PRIMARY KEY (damage, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE stamp (
    serial TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (serial, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE device_row (
    serial TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    time_zone TEXT,
    dialect TEXT,
    facts TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE command (
    id INTEGER PRIMARY KEY,
    serial TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    sent_at INTEGER,
    sent_count INTEGER NOT NULL DEFAULT 0,
    return INTEGER,
    message TEXT NOT NULL DEFAULT '',
    forgotten INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE run (id TEXT NOT NULL PRIMARY KEY, ended_at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE loss (
    id TEXT NOT NULL PRIMARY KEY,
    lane TEXT NOT NULL,
    cause TEXT NOT NULL,
    from_at INTEGER,
    to_at INTEGER NOT NULL,
    first_seq INTEGER,
    last_seq INTEGER,
    lost INTEGER,
    after_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    told TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** Compares dotted versions by number: `3.9.0` is older than `3.51.3`. */
function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const left = parts(version);
  const right = parts(than);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

export function refuseOldSqlite(version: string): void {
  if (!isOlder(version, OLDEST_SQLITE)) return;
  throw new StoreRefused(
    `SQLite ${version} can lose committed punches (fixed in ${OLDEST_SQLITE}); ` +
      `start the agent with the Deno version it was released for`,
  );
}

export function sqliteVersion(): string {
  const db = new DatabaseSync(":memory:");
  try {
    const row = db.prepare("SELECT sqlite_version() AS version").get();
    return String(row?.["version"]);
  } finally {
    db.close();
  }
}

export interface OpenOptions {
  readonly maxPages: number;
}

/** The disk as the queue is handed it; a simulation hands in one that fails. */
export type OpenDatabase = (path: string, options: OpenOptions) => DatabaseSync;

/** Page cache in KiB: what is hot is the tail of the file and the newest hour of each device. */
const CACHE_KIB = 8_192;
export const PAGE_BYTES = 4_096;
/** A tool that reads beside the agent may hold a lock for a moment. */
const BUSY_MS = 5_000;

/** Opens for writing. Throws what SQLite throws; the caller tells damage from lack of space. */
export function openForWriting(path: string, options: OpenOptions): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(`
      PRAGMA busy_timeout = ${BUSY_MS};
      PRAGMA page_size = ${PAGE_BYTES};
      PRAGMA auto_vacuum = INCREMENTAL;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cell_size_check = ON;
      PRAGMA trusted_schema = OFF;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA max_page_count = ${options.maxPages};
    `);
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
}

/**
 * Opens where there is no room for the shared index beside the file (a full disk at start): the
 * index is kept in memory. For reading only; the lock file keeps other writers away.
 */
export function openOnFullDisk(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;",
    );
    return db;
  } catch (fault) {
    db.close();
    throw fault;
  }
}

/** Opens for a tool that looks at the queue of a running agent; it never writes. */
export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA trusted_schema = OFF;`);
  return db;
}

function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

/**
 * Brings the file to this program's version, one transaction per step. A file of one version
 * ahead is left as it is and used (migrations only add); further ahead is refused.
 */
export function migrate(db: DatabaseSync): void {
  const found = schemaVersion(db);
  if (found > SCHEMA_VERSION + 1) {
    throw new StoreRefused(
      `the queue file has version ${found}, this program knows ${SCHEMA_VERSION}; install the newer agent again`,
    );
  }
  for (let version = found; version < SCHEMA_VERSION; version++) {
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(MIGRATIONS[version] as string);
      db.exec(`PRAGMA user_version = ${version + 1}`);
      db.exec("COMMIT");
    } catch (fault) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw fault;
    }
  }
}
