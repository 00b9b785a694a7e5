/**
 * The raw bytes of reads that were cleared afterwards, kept on disk for the day somebody doubts a
 * clear. One gzip file each, 0600, written and synced before the clear. Knows nothing of their form.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DAY_MS } from "../base/duration.ts";

const NAME = /^[A-Za-z0-9._-]{1,128}$/;

export interface ReadKeepOptions {
  readonly directory: string;
  readonly now: () => number;
  /** Default 90. */
  readonly days?: number;
  /** Oldest files go first above this; default 256 MiB. */
  readonly maxBytes?: number;
}

export class ReadKeep {
  readonly #options: ReadKeepOptions;

  constructor(options: ReadKeepOptions) {
    this.#options = options;
  }

  /** Resolves when the bytes and their directory entry are on disk. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    if (!NAME.test(name)) throw new Error("not a name for a kept read");
    const { directory } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, `${name}.gz`);
    const file = await open(`${path}.part`, "w", 0o600);
    try {
      await file.writeFile(gzipSync(bytes));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
    const folder = await open(directory, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Removes what is too old or too much; returns how many files went. */
  purge(): number {
    const { directory, now, days = 90, maxBytes = 256 << 20 } = this.#options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const files = readdirSync(directory).map((name) => {
      const path = join(directory, name);
      const { mtimeMs, size } = statSync(path);
      return { path, at: mtimeMs, size };
    }).sort((one, other) => other.at - one.at);
    let bytes = 0, removed = 0;
    for (const file of files) {
      bytes += file.size;
      if (bytes <= maxBytes && now() - file.at <= days * DAY_MS) continue;
      rmSync(file.path);
      removed++;
    }
    return removed;
  }
}
