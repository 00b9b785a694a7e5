/**
 * Exports that somebody carried from a terminal on a USB stick and laid into the folder `usb` of the data
 * directory: each becomes sightings of channel `file` and a run, then it moves to `usb/done`, or to
 * `usb/refused` beside a note that says why. A file that is still being copied is left alone. Taking the
 * same file twice is harmless. Must not know the form of a line, nor Odoo.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Clock } from "../base/clock.ts";
import { DAY_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import type { Added, Run, Upload } from "../queue/queue.ts";
import { MAX_FILE_BYTES, readAttlog, readFileName, whyNoExport } from "./attlog_file.ts";

export interface UsbSpoolOptions {
  /** The folder `usb` is in it. */
  readonly dataDirectory: string;
  readonly queue: { add(upload: Upload): Promise<Added>; addRun(run: Run): void };
  /** Whether punches of this terminal are taken in at all. */
  readonly isWelcome: (serial: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** Something new is in the queue. */
  readonly wake: () => void;
}

/** What became of one file. */
export interface Imported {
  readonly name: string;
  /** Null: it was taken in. */
  readonly refused: string | null;
  readonly read: number;
  readonly new: number;
  readonly known: number;
  readonly badLines: readonly number[];
}

class Refused extends Error {}

const TEND_MS = 5_000;
const FILES_AT_ONCE = 20;
/** More lie in the folder by mistake alone. */
const FILES_LOOKED_AT = 500;
/** Numbers of bad lines that are named in a run. */
const NAMED_LINES = 12;
/** Files kept in `done` and in `refused`, and for how long. */
const KEPT_FILES = 200;
const KEPT_MS = 90 * DAY_MS;

export class UsbSpool {
  readonly #options: UsbSpoolOptions;
  readonly #folder: string;
  /** Size and time of change at the last look: what still grows is left alone. */
  #looked = new Map<string, string>();
  readonly #loop: Loop;
  /** One file after the other, whoever asked. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: UsbSpoolOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: async () => void await this.tend(),
      everyMs: TEND_MS,
      // The queue may be full or the card failing; the files stay where they are.
      complaint: "files carried by hand wait",
    });
    this.#folder = `${options.dataDirectory}/usb`;
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Takes in what did not change since the look before. */
  tend(): Promise<Imported[]> {
    return this.#inTurn(() => this.#tend());
  }

  /** Takes in one file that is known to be whole. Throws when there is none of that name. */
  take(name: string): Promise<Imported> {
    return this.#inTurn(async () => {
      this.#makeFolders();
      // One of the folder's own names, so that nothing else can be taken or moved.
      if (this.#names().includes(name)) return await this.#settle(name);
      throw new Error(`there is no file ${name} in ${this.#folder}`);
    });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine;
    return await mine;
  }

  async #tend(): Promise<Imported[]> {
    this.#makeFolders();
    const looked = new Map<string, string>();
    const ready: string[] = [];
    for (const name of this.#names().slice(0, FILES_LOOKED_AT)) {
      const { size, mtimeMs } = lstatSync(`${this.#folder}/${name}`);
      const mark = `${size} ${mtimeMs}`;
      if (this.#looked.get(name) === mark) ready.push(name);
      looked.set(name, mark);
    }
    this.#looked = looked;
    const imported: Imported[] = [];
    for (const name of ready.slice(0, FILES_AT_ONCE)) {
      if (this.#loop.signal.aborted) break;
      imported.push(await this.#settle(name));
    }
    return imported;
  }

  /** Plain files alone: what a link points to is none of ours. */
  #names(): string[] {
    return readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name).sort();
  }

  #makeFolders(): void {
    for (const folder of [this.#folder, `${this.#folder}/done`, `${this.#folder}/refused`]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
  }

  async #settle(name: string): Promise<Imported> {
    const { log } = this.#options;
    try {
      const imported = await this.#import(name);
      this.#move(name, "done");
      const { read, badLines } = imported;
      log.info("a file carried by hand was taken in", { read, bad: badLines.length });
      return imported;
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      const moved = this.#move(name, "refused");
      writeFileSync(`${moved}.why.txt`, `${fault.message}\n`, { mode: 0o600 });
      log.warn("a file carried by hand was refused", { reason: fault.message });
      return { name, refused: fault.message, read: 0, new: 0, known: 0, badLines: [] };
    }
  }

  async #import(name: string): Promise<Imported> {
    const { queue, clock, newId, wake } = this.#options;
    const startedAt = clock.now();
    const { serial, body } = this.#open(name);
    const counts = { read: 0, new: 0, known: 0 };
    const badLines: number[] = [];
    let first: string | null = null, last: string | null = null;
    for (const { punches, rejects, badLines: bad } of readAttlog(serial, body)) {
      const added = await queue.add({ serial, channel: "file", punches, rejects });
      counts.read += punches.length + rejects.length;
      counts.new += added.fresh - added.rejects;
      counts.known += punches.length - (added.fresh - added.rejects);
      badLines.push(...bad);
      for (const { wallTime } of punches) {
        if (first === null || wallTime < first) first = wallTime;
        if (last === null || wallTime > last) last = wallTime;
      }
    }
    queue.addRun({
      id: newId(),
      serial,
      channel: "file",
      askedBy: "usb",
      windowFrom: first,
      windowTo: last,
      read: counts.read,
      new: counts.new,
      duplicate: counts.known,
      rejected: badLines.length,
      deviceCount: null,
      startedAt,
      endedAt: clock.now(),
      outcome: badLines.length === 0 ? "complete" : "incomplete",
      message: [name.slice(0, 80), ...badLinesInWords(badLines)].join("; "),
      commandId: null,
    });
    wake();
    return { name, refused: null, ...counts, badLines };
  }

  /** Whose export it is and its bytes. Throws Refused. */
  #open(name: string): { serial: string; body: Uint8Array } {
    const said = readFileName(name);
    if (said === null) throw new Refused("its name is not SERIAL_attlog.dat");
    const { serial, packed } = said;
    if (serial === null) {
      throw new Refused("its name does not say which terminal it is of: name it SERIAL_attlog.dat");
    }
    if (!this.#options.isWelcome(serial)) {
      throw new Refused("nobody has let this terminal in: approve it in Odoo first");
    }
    const path = `${this.#folder}/${name}`;
    if (lstatSync(path).size > MAX_FILE_BYTES) {
      throw new Refused(`it is larger than ${MAX_FILE_BYTES >> 20} MiB`);
    }
    const bytes = readFileSync(path);
    const body = packed || (bytes[0] === 0x1f && bytes[1] === 0x8b) ? inflate(bytes) : bytes;
    const why = whyNoExport(serial, body);
    if (why !== null) throw new Refused(why);
    return { serial, body };
  }

  /** Where it is now. */
  #move(name: string, to: "done" | "refused"): string {
    const at = new Date(this.#options.clock.now()).toISOString().replace(/[-:]|\.\d+Z/g, "");
    const moved = `${this.#folder}/${to}/${at}-${name.slice(-120)}`;
    renameSync(`${this.#folder}/${name}`, moved);
    this.#purge(`${this.#folder}/${to}`);
    return moved;
  }

  #purge(folder: string): void {
    const files = readdirSync(folder).map((name) => {
      const path = `${folder}/${name}`;
      return { path, at: lstatSync(path).ctimeMs };
    }).sort((one, other) => other.at - one.at);
    const oldest = this.#options.clock.now() - KEPT_MS;
    files.forEach(({ path, at }, place) => {
      if (place >= 2 * KEPT_FILES || at < oldest) rmSync(path);
    });
  }
}

function inflate(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch {
    throw new Refused(`it is damaged, or larger than ${MAX_FILE_BYTES >> 20} MiB inflated`);
  }
}

function badLinesInWords(lines: readonly number[]): string[] {
  if (lines.length === 0) return [];
  const named = lines.slice(0, NAMED_LINES).join(", ");
  const more = lines.length > NAMED_LINES ? ` and ${lines.length - NAMED_LINES} more` : "";
  return [`lines that could not be read: ${named}${more}`];
}
