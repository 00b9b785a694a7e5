/**
 * Power cuts out of a recording: what a disk may hold when the power goes at one point of it. A
 * write counts as safe once its file was synced; anything later may be there, missing, torn or out
 * of order. Knows nothing of what is in the files.
 */
import { Buffer } from "node:buffer";
import type { Dice } from "../dice.ts";

export interface Operation {
  readonly op: "W" | "T" | "S" | "F" | "C" | "U" | "R";
  readonly name: string;
  readonly offset: number;
  readonly data: Uint8Array;
}

export function readRecording(path: string): Operation[] {
  const bytes = Buffer.from(Deno.readFileSync(path));
  const operations: Operation[] = [];
  for (let at = 0; at < bytes.length;) {
    const op = String.fromCharCode(bytes.readUInt8(at)) as Operation["op"];
    const nameLength = bytes.readUInt16LE(at + 1);
    const name = bytes.toString("utf8", at + 3, at + 3 + nameLength);
    at += 3 + nameLength;
    const offset = Number(bytes.readBigUInt64LE(at));
    const length = bytes.readUInt32LE(at + 8);
    const data = bytes.subarray(at + 12, at + 12 + length);
    at += 12 + length;
    operations.push({ op, name, offset, data });
  }
  return operations;
}

/** What becomes of the writes that were not synced. */
export const MODES = ["lost", "kept", "prefix", "reordered", "torn"] as const;
export type Mode = (typeof MODES)[number];

export interface CrashOptions {
  readonly mode: Mode;
  readonly random: Dice;
  /** Names made, renamed or removed are safe only once their directory was synced. */
  readonly strictDirectory: boolean;
}

const SECTOR = 512;

/** A file whatever its name: its safe bytes and what was written since its last sync. */
class Inode {
  safe: Uint8Array = new Uint8Array();
  open: Operation[] = [];

  sync(): void {
    this.safe = applied(this.safe, this.open);
    this.open = [];
  }

  /** A failed sync: the kernel forgets that these pages are dirty; the disk has none or some. */
  failSync(some: Dice | null): void {
    if (some !== null) {
      this.safe = applied(this.safe, survivors(this.open, { mode: "torn", random: some }));
    }
    this.open = [];
  }

  after(options: CrashOptions): Uint8Array {
    return applied(this.safe, survivors(this.open, options));
  }
}

/** One copy for all of them: a file of some hundred kilobytes is written page by page. */
function applied(bytes: Uint8Array, operations: readonly Operation[]): Uint8Array {
  if (operations.length === 0) return bytes;
  const ends = operations.map(({ offset, data }) => offset + data.length);
  const room = new Uint8Array(ends.reduce((most, end) => Math.max(most, end), bytes.length));
  room.set(bytes);
  let length = bytes.length;
  for (const { op, offset, data } of operations) {
    if (op === "T") {
      // What was cut off reads as zeros when the file grows again.
      if (offset < length) room.fill(0, offset, length);
      length = offset;
    } else {
      room.set(data, offset);
      length = Math.max(length, offset + data.length);
    }
  }
  return room.subarray(0, length);
}

function survivors(
  open: readonly Operation[],
  { mode, random }: Pick<CrashOptions, "mode" | "random">,
): Operation[] {
  switch (mode) {
    case "lost":
      return [];
    case "kept":
      return [...open];
    case "prefix":
      return open.slice(0, random.below(open.length + 1));
    case "reordered":
      return open.filter(() => random.chance(0.5));
    case "torn":
      return open.filter(() => random.chance(0.6)).map((operation) => torn(operation, random));
  }
}

function torn(operation: Operation, random: Dice): Operation {
  if (operation.op !== "W" || random.chance(0.5)) return operation;
  const sectors = Math.ceil(operation.data.length / SECTOR);
  const from = random.below(sectors) * SECTOR;
  const data = random.chance(0.5)
    ? operation.data.subarray(0, from)
    : operation.data.subarray(from);
  const offset = data.byteOffset === operation.data.byteOffset
    ? operation.offset
    : operation.offset + from;
  return { ...operation, offset, data };
}

/** Names as the running system sees them and as the disk has them. */
export class Disk {
  readonly #names = new Map<string, Inode>();
  #safeNames = new Map<string, Inode>();
  #nameChanges: ((names: Map<string, Inode>) => void)[] = [];
  readonly #some: Dice | null;

  /** `some`: of what was written before a failed sync some reached the disk; null: nothing. */
  constructor(some: Dice | null = null) {
    this.#some = some;
  }

  play(operation: Operation): void {
    switch (operation.op) {
      case "C":
        return this.#change((names, inode) => names.set(operation.name, inode), new Inode());
      case "U":
        return this.#change((names) => names.delete(operation.name), null);
      case "R": {
        const to = Buffer.from(operation.data).toString("utf8");
        const inode = this.#names.get(operation.name);
        return this.#change((names) => {
          names.delete(operation.name);
          if (inode !== undefined) names.set(to, inode);
        }, null);
      }
      case "S":
        if (operation.name === "") this.#syncNames();
        else this.#inode(operation.name).sync();
        return;
      case "F":
        if (operation.name === "") return;
        this.#inode(operation.name).failSync(this.#some);
        return;
      default:
        this.#inode(operation.name).open.push(operation);
    }
  }

  /** What a start after a power cut at this moment finds. */
  image(options: CrashOptions): Map<string, Uint8Array> {
    const names = new Map(this.#safeNames);
    const changes = options.strictDirectory
      ? this.#nameChanges.slice(0, options.random.below(this.#nameChanges.length + 1))
      : this.#nameChanges;
    for (const change of changes) change(names);
    return new Map([...names].map(([name, inode]) => [name, inode.after(options)]));
  }

  #inode(name: string): Inode {
    let inode = this.#names.get(name);
    if (inode === undefined) {
      inode = new Inode();
      this.#names.set(name, inode);
      this.#safeNames.set(name, inode);
    }
    return inode;
  }

  #change<T extends Inode | null>(
    change: (names: Map<string, Inode>, inode: T) => void,
    inode: T,
  ): void {
    change(this.#names, inode);
    this.#nameChanges.push((names) => change(names, inode));
  }

  #syncNames(): void {
    for (const change of this.#nameChanges) change(this.#safeNames);
    this.#nameChanges = [];
  }
}
