/**
 * The write-ahead log as a file, where SQLite trusts the kernel further than it may be trusted.
 * After a failed fsync the kernel calls pages clean that the disk never got, and the next fsync says
 * "done" without writing them. A connection that is opened then reads the lost commit from the
 * cache and moves it into the queue file, although the log on the disk ends before it. A power cut
 * while that goes on, or before the log is cut on the disk too, leaves a torn file. Hence: a
 * log that is found is written again whole before a connection may move it. A connection that
 * met the fault itself does not count the lost commit and may close. Must not know tables.
 */
import { Buffer } from "node:buffer";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";

const CHUNK_BYTES = 1024 ** 2;

/**
 * Writes the log's bytes over themselves, so that they are dirty again and the fsync is a true one.
 * In place: it needs no room, and a cut in between leaves each sector as it was. No log: nothing.
 */
export function rewriteLog(database: string): void {
  let fd: number;
  try {
    fd = openSync(`${database}-wal`, "r+");
  } catch (fault) {
    if ((fault as { code?: string }).code === "ENOENT") return;
    throw fault;
  }
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0;;) {
      const length = readSync(fd, chunk, 0, CHUNK_BYTES, at);
      if (length === 0) break;
      for (let done = 0; done < length;) {
        done += writeSync(fd, chunk, done, length - done, at + done);
      }
      at += length;
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
