/**
 * What has to happen before SQLite touches the queue file, because its first open throws away what it does
 * not understand: a log beside an empty or missing file is deleted, one with a flipped bit is cut off.
 * The log is copied first, mended where it proves itself, and a file that is gone is made again of the
 * pages in it. Must not know sightings.
 */
import {
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { closeSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { companionAside, syncDirectory } from "./faults.ts";
import { type LogRepair, repairLog } from "./log_frames.ts";
import { migrate, type OpenDatabase, PAGE_BYTES } from "./schema.ts";

export interface Rescued {
  /** The log as it was found. */
  readonly aside: string;
  readonly detail: string;
  /** The file itself was made again: its structure has to be looked at whatever its size. */
  readonly rebuilt: boolean;
}

const MAGIC = "SQLite format 3\0";
/** A log is moved into the file at 8 MiB; one that a reader held open may be some times that. */
const LONGEST_LOG_BYTES = 256 * 1024 ** 2;

/** Null when there is nothing to rescue. */
export function rescueLog(
  file: string,
  { at, openDatabase }: { at: number; openDatabase: OpenDatabase },
): Rescued | null {
  const log = `${file}-wal`;
  const bytes = sizeOf(log);
  if (bytes === 0 || bytes > LONGEST_LOG_BYTES) return null;
  const isGone = !isDatabase(file);
  const found = new Uint8Array(readFileSync(log));
  const repair = repairLog(found, PAGE_BYTES);
  if (repair === null || (!isGone && repair.mended.length === 0)) return null;
  const aside = companionAside(log, at);
  put(aside, found);
  const mended = repair.mended.length > 0 ? `mended: ${repair.mended.join("; ")}` : "it is sound";
  if (!isGone) {
    put(log, repair.bytes);
    return {
      aside,
      detail: `the log beside the queue file was damaged; ${mended}`,
      rebuilt: false,
    };
  }
  if (existsSync(file)) renameSync(file, companionAside(file, at));
  put(file, rebuilt(file, repair, openDatabase));
  rmSync(log);
  syncDirectory(dirname(file));
  return {
    aside,
    detail: `the queue file was gone, made again of its log; ${mended}`,
    rebuilt: true,
  };
}

/** An empty queue of this version, and over it every page that the log holds. */
function rebuilt(file: string, repair: LogRepair, openDatabase: OpenDatabase): Uint8Array {
  const draft = `${file}.draft`;
  for (const companion of ["", "-wal", "-shm"]) rmSync(draft + companion, { force: true });
  const db = openDatabase(draft, { maxPages: 0xfffffffe });
  try {
    migrate(db);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
  const image = new Uint8Array(repair.size * PAGE_BYTES);
  image.set(new Uint8Array(readFileSync(draft)).subarray(0, image.length));
  rmSync(draft);
  for (const [page, data] of repair.pages) {
    if (page >= 1 && page <= repair.size) image.set(data, (page - 1) * PAGE_BYTES);
  }
  return image;
}

function isDatabase(file: string): boolean {
  if (sizeOf(file) < PAGE_BYTES) return false;
  const fd = openSync(file, "r");
  try {
    const head = new Uint8Array(MAGIC.length);
    readSync(fd, head, 0, head.length, 0);
    return new TextDecoder().decode(head) === MAGIC;
  } finally {
    closeSync(fd);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Whole or not at all. */
function put(path: string, bytes: Uint8Array): void {
  const draft = `${path}.new`;
  const fd = openSync(draft, "w", 0o600);
  try {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(fd, bytes, done, bytes.length - done, done);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
  syncDirectory(dirname(path));
}
