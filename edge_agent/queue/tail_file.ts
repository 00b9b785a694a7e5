/**
 * The tail file: small, beside the queue, it says how far the lane had come. It is written
 * after the commit's fsync and never fsynced itself, so it can be behind the queue but not ahead of
 * it: a queue that is behind it has lost committed rows, however sound it looks (a flipped
 * bit in the write-ahead log cuts off everything after it without an error).
 * Must not know SQL.
 */
import { Buffer } from "node:buffer";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { sha256Hex } from "../base/sha256.ts";
import type { LaneHead } from "./types.ts";

/** Its name on the disk since the first version. */
export const TAIL_FILE = "queue.witness";

const SEQ_DIGITS = 16;
const CHECK_DIGITS = 16;

export interface Witnessed extends LaneHead {
  /** Epoch ms: when the lane had come so far, by this machine's clock of then. */
  readonly at: number;
}

export class TailFile {
  readonly #path: string;
  #fd: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Null when there is none or it was torn: then it says nothing. */
  read(): Witnessed | null {
    let text: string;
    let at: number;
    try {
      text = readFileSync(this.#path, "utf8");
      at = Math.floor(statSync(this.#path).mtimeMs);
    } catch (fault) {
      if ((fault as { code?: string }).code === "ENOENT") return null;
      throw fault;
    }
    const [version, lane, seq, hash, check] = text.trimEnd().split(" ");
    if (version !== "v1" || lane === undefined || seq === undefined || hash === undefined) {
      return null;
    }
    if (check !== checkOf(`v1 ${lane} ${seq} ${hash}`)) return null;
    return { lane, seq: Number(seq), hash, at };
  }

  /** Always the same length, so that it is overwritten in place and needs no space. */
  write(head: LaneHead): void {
    if (!this.#isOurs()) this.close();
    this.#fd ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const text = `v1 ${head.lane} ${String(head.seq).padStart(SEQ_DIGITS, "0")} ${head.hash}`;
    const line = Buffer.from(`${text} ${checkOf(text)}\n`);
    writeSync(this.#fd, line, 0, line.length, 0);
  }

  /** A file that somebody removed or replaced is written to in vain. */
  #isOurs(): boolean {
    if (this.#fd === null) return true;
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found?.ino === fstatSync(this.#fd).ino;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function checkOf(text: string): string {
  return sha256Hex(text).slice(0, CHECK_DIGITS);
}
