/**
 * What the queue takes on the disk and what is left. Owns the measuring; must not know what follows.
 */
import { statfsSync, statSync } from "node:fs";

export interface Disk {
  readonly bytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What the file takes and what the file system still has. */
export function measureDisk(directory: string, file: string): Disk {
  const fs = statfsSync(directory);
  return {
    bytes: sizeOf(file) + sizeOf(`${file}-wal`),
    freeBytes: fs.bavail * fs.bsize,
    totalBytes: fs.blocks * fs.bsize,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
