/** The files of the two places on a real disk: every change is flushed, file and folder, before it counts. */
import { createHash } from "node:crypto";
import { NotWhole } from "./packed_file.ts";
import type { SlotFiles } from "./slots.ts";

const PIECE_BYTES = 1024 * 1024;

export class DiskSlotFiles implements SlotFiles {
  constructor(readonly folder: string) {}

  readText(name: string): string | null {
    return orNull(() => Deno.readTextFileSync(this.#path(name)));
  }

  writeText(name: string, text: string): void {
    const path = this.#path(name);
    const part = `${path}.part`;
    const file = Deno.openSync(part, { write: true, create: true, truncate: true, mode: 0o644 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    file.syncSync();
    file.close();
    Deno.renameSync(part, path);
    syncFolder(path);
  }

  target(name: string): string | null {
    return orNull(() => Deno.readLinkSync(this.#path(name)));
  }

  relink(name: string, target: string): void {
    const path = this.#path(name);
    this.removeIfThere(`${name}.part`);
    Deno.symlinkSync(target, `${path}.part`);
    Deno.renameSync(`${path}.part`, path);
    syncFolder(path);
  }

  async place(source: string, name: string, sha256: string): Promise<void> {
    const path = this.#path(name);
    Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o755 });
    const part = `${path}.part`;
    this.removeIfThere(`${name}.part`);
    const digest = await copyInto(source, part).catch((error: unknown) => {
      // What a full disk left of it would keep the disk full.
      this.removeIfThere(`${name}.part`);
      throw error;
    });
    if (digest !== sha256) {
      Deno.removeSync(part);
      throw new NotWhole(`${source} is not the file that was announced (SHA-256 ${digest})`);
    }
    Deno.chmodSync(part, 0o755);
    Deno.renameSync(part, path);
    syncFolder(path);
    syncFolder(path.replace(/\/[^/]*$/, ""));
  }

  isFile(name: string): boolean {
    return orNull(() => Deno.statSync(this.#path(name)).isFile) ?? false;
  }

  removeIfThere(name: string): void {
    if (orNull(() => Deno.lstatSync(this.#path(name))) === null) return;
    Deno.removeSync(this.#path(name));
    syncFolder(this.#path(name));
  }

  #path(name: string): string {
    return `${this.folder}/${name}`;
  }
}

/** Copies, flushes, and returns the SHA-256 (hex) of what was written. */
async function copyInto(source: string, to: string): Promise<string> {
  const hash = createHash("sha256");
  using from = await Deno.open(source);
  using file = await Deno.open(to, { write: true, createNew: true, mode: 0o755 });
  const piece = new Uint8Array(PIECE_BYTES);
  for (let count = await from.read(piece); count !== null; count = await from.read(piece)) {
    const read = piece.subarray(0, count);
    hash.update(read);
    for (let at = 0; at < read.length;) at += await file.write(read.subarray(at));
  }
  await file.sync();
  return hash.digest("hex");
}

/** Names are safe only once the folder that holds them was flushed. */
function syncFolder(path: string): void {
  const folder = Deno.openSync(path.replace(/\/[^/]*$/, ""));
  folder.syncSync();
  folder.close();
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
