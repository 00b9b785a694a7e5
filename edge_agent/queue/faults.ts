/**
 * What a fault of SQLite or of the file system means for the queue, and setting a damaged file
 * aside. Must not know what the file holds.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
} from "node:fs";
import { StoreUnavailable, type UnavailableReason } from "../base/store_fault.ts";
import { DamagedRow } from "./store.ts";

/**
 * The runtime hands over SQLite's text only, no result code; these are sqlite3_errstr's words,
 * unchanged since 2013.
 */
const FAULT_TEXTS: readonly (readonly [RegExp, UnavailableReason])[] = [
  [/database or disk is full|no space left|disk quota|ENOSPC|EDQUOT/i, "full"],
  [/malformed|not a database|database corruption|malformed database schema/i, "damaged"],
];

export function faultReason(fault: unknown): UnavailableReason {
  if (fault instanceof StoreUnavailable) return fault.reason;
  if (fault instanceof DamagedRow) return "damaged";
  const text = fault instanceof Error ? fault.message : String(fault);
  return FAULT_TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? "io";
}

const FORBIDDEN =
  /readonly database|read-only file system|EROFS|EACCES|EPERM|ENOTDIR|EISDIR|PermissionDenied|NotCapable/i;

/** A directory that may not be written is mended by a person, not by waiting. */
export function hopeless(fault: unknown, directory: string): boolean {
  if (FORBIDDEN.test(textOf(fault))) return true;
  if (!existsSync(directory)) return false;
  try {
    accessSync(directory, constants.W_OK);
    return false;
  } catch (refused) {
    return FORBIDDEN.test(textOf(refused));
  }
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? `${fault.name} ${fault.message}` : String(fault);
}

export function asUnavailable(fault: unknown): StoreUnavailable {
  if (fault instanceof StoreUnavailable) return fault;
  const text = fault instanceof Error ? fault.message : String(fault);
  return new StoreUnavailable(faultReason(fault), text, { cause: fault });
}

const COMPANIONS = ["", "-wal", "-shm"] as const;

/** A name beside `path` that nothing has. */
export function companionAside(path: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[:.]/g, "-");
  let aside = `${path}.damaged-${stamp}`;
  for (let again = 2; existsSync(aside); again++) aside = `${path}.damaged-${stamp}-${again}`;
  return aside;
}

/** Renames file, log and index together; gives the new name of the file. */
export function setAside(path: string, at: number): string {
  const aside = companionAside(path, at);
  for (const companion of COMPANIONS) {
    if (existsSync(path + companion)) renameSync(path + companion, aside + companion);
  }
  return aside;
}

/** New names are safe on the disk only after this. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
