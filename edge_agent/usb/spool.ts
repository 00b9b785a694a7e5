/**
 * Exports that somebody carried from a terminal on a USB stick and laid into the folder `usb` of the data
 * directory: each becomes sightings of channel `file` and a run, then it moves to `usb/done`, or to
 * `usb/refused` beside a note that says why. A file whose name does not say of which terminal it is waits
 * beside the question; it is answered by laying it into a folder of the serial number. A file that is still
 * being copied is left alone. Taking the same file twice is harmless. Must not know the form of a line, nor
 * Odoo.
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
import { SERIAL } from "../base/terminal.ts";
import { wallText } from "../base/wall_time.ts";
import type { Added, Run, Upload } from "../queue/queue.ts";
import {
  type FileName,
  MAX_FILE_BYTES,
  readAttlog,
  readFileName,
  whyNoExport,
} from "./attlog_file.ts";
import { reachOf } from "./reach.ts";

export interface UsbSpoolOptions {
  /** The folder `usb` is in it. */
  readonly dataDirectory: string;
  readonly queue: {
    add(upload: Upload): Promise<Added>;
    addRun(run: Run): void;
    /** For the digests of lines that are withheld. */
    readonly lineSalt: string;
  };
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
  /** Null: it was taken in, or it waits. */
  readonly refused: string | null;
  /** What a person is asked before it can be taken in; null: nothing. */
  readonly asked: string | null;
  readonly read: number;
  readonly new: number;
  readonly known: number;
  readonly badLines: readonly number[];
}

class Refused extends Error {}

/** The export is good; nobody has said of which terminal it is. */
class Asked extends Error {}

/** Behind the name of a file that waits: the question. */
const QUESTION = ".which-terminal.txt";
const OWN_FOLDERS = new Set(["done", "refused"]);

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
  /** Files that wait for an answer, as they were when it was asked for. */
  readonly #asked = new Map<string, string>();
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
      const isStill = this.#looked.get(name) === mark;
      if (isStill && this.#asked.get(name) !== mark) ready.push(name);
      looked.set(name, mark);
    }
    this.#looked = looked;
    this.#withdrawQuestions(looked);
    const imported: Imported[] = [];
    for (const name of ready.slice(0, FILES_AT_ONCE)) {
      if (this.#loop.signal.aborted) break;
      imported.push(await this.#settle(name));
    }
    return imported;
  }

  /** Of the folder and of the folders in it that are named like a terminal; paths from the folder. */
  #names(): string[] {
    const folders = readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !OWN_FOLDERS.has(entry.name))
      .map((entry) => entry.name).filter((name) => SERIAL.test(name)).sort();
    const names = folders.flatMap((name) => this.#filesIn(name).map((file) => `${name}/${file}`));
    return [...this.#filesIn("").filter((name) => !name.endsWith(QUESTION)), ...names];
  }

  /** Plain files alone: what a link points to is none of ours. */
  #filesIn(folder: string): string[] {
    return readdirSync(`${this.#folder}/${folder}`, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name).sort();
  }

  /** A question whose file is no longer there was answered. */
  #withdrawQuestions(present: ReadonlyMap<string, string>): void {
    for (const note of this.#filesIn("").filter((name) => name.endsWith(QUESTION))) {
      const name = note.slice(0, -QUESTION.length);
      if (present.has(name)) continue;
      rmSync(`${this.#folder}/${note}`);
      this.#asked.delete(name);
    }
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
      if (fault instanceof Asked) return this.#ask(name, fault.message);
      if (!(fault instanceof Refused)) throw fault;
      const moved = this.#move(name, "refused");
      writeFileSync(`${moved}.why.txt`, `${fault.message}\n`, { mode: 0o600 });
      log.warn("a file carried by hand was refused", { reason: fault.message });
      return { ...NOTHING, name, refused: fault.message };
    }
  }

  /** The file stays where it is, the question beside it. */
  #ask(name: string, question: string): Imported {
    const path = `${this.#folder}/${name}`;
    const { size, mtimeMs } = lstatSync(path);
    this.#asked.set(name, `${size} ${mtimeMs}`);
    writeFileSync(`${path}${QUESTION}`, `${question}\n`, { mode: 0o600 });
    this.#options.log.warn("a file carried by hand waits: which terminal is it of?", { name });
    return { ...NOTHING, name, asked: question };
  }

  async #import(name: string): Promise<Imported> {
    const { queue, clock, newId, wake } = this.#options;
    const startedAt = clock.now();
    const { serial, body } = this.#open(name);
    const counts = { read: 0, new: 0, known: 0 };
    const badLines: number[] = [];
    const unread = new Set<string>();
    const wallTimes: string[] = [];
    for (const { punches, rejects, badLines: bad } of readAttlog(serial, body, queue.lineSalt)) {
      const added = await queue.add({ serial, channel: "file", punches, rejects });
      counts.read += punches.length + rejects.length;
      counts.new += added.fresh - added.rejects;
      counts.known += punches.length - (added.fresh - added.rejects);
      badLines.push(...bad);
      for (const { raw } of rejects) unread.add(raw);
      for (const { wallTime } of punches) wallTimes.push(wallTime);
    }
    const window = reachOf(wallTimes, wallText(startedAt + DAY_MS));
    queue.addRun({
      id: newId(),
      serial,
      channel: "file",
      askedBy: "usb",
      windowFrom: window?.from ?? null,
      windowTo: window?.to ?? null,
      ...(window?.holes.length ? { holes: window.holes } : {}),
      read: counts.read,
      new: counts.new,
      duplicate: counts.known,
      // Different lines: each is kept and decided once.
      rejected: unread.size,
      deviceCount: null,
      startedAt,
      endedAt: clock.now(),
      outcome: badLines.length === 0 ? "complete" : "incomplete",
      message: [fileOf(name).slice(0, 80), ...badLinesInWords(badLines)].join("; "),
      commandId: null,
    });
    wake();
    return { ...NOTHING, name, ...counts, badLines };
  }

  /** Whose export it is and its bytes. Throws Refused or Asked. */
  #open(name: string): { serial: string; body: Uint8Array } {
    const said = readFileName(fileOf(name));
    const serial = this.#serialOf(name, said);
    if (serial !== null && !this.#options.isWelcome(serial)) {
      throw new Refused("nobody has let this terminal in: approve it in Odoo first");
    }
    const path = `${this.#folder}/${name}`;
    if (lstatSync(path).size > MAX_FILE_BYTES) {
      throw new Refused(`it is larger than ${MAX_FILE_BYTES >> 20} MiB`);
    }
    const bytes = readFileSync(path);
    const isPacked = said?.packed || (bytes[0] === 0x1f && bytes[1] === 0x8b);
    const body = isPacked ? inflate(bytes) : bytes;
    const why = whyNoExport(serial ?? NOBODY, body);
    if (why !== null) throw new Refused(why);
    if (serial === null) throw new Asked(WHICH);
    return { serial, body };
  }

  /** The folder it was laid into wins: a person named it. Null: nothing says it. */
  #serialOf(name: string, said: FileName | null): string | null {
    const file = fileOf(name);
    if (file !== name) return name.slice(0, -file.length - 1);
    if (said === null || said.serial !== null) return said?.serial ?? null;
    return said.word !== null && this.#options.isWelcome(said.word) ? said.word : null;
  }

  /** Where it is now. */
  #move(name: string, to: "done" | "refused"): string {
    const at = new Date(this.#options.clock.now()).toISOString().replace(/[-:]|\.\d+Z/g, "");
    const moved = `${this.#folder}/${to}/${at}-${name.replaceAll("/", "_").slice(-120)}`;
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

const NOTHING = { refused: null, asked: null, read: 0, new: 0, known: 0, badLines: [] };

/** Stands in a punch that is only looked at. */
const NOBODY = "-";

const WHICH =
  "Which terminal is this file of? Its name does not say it: a short number such as 1 is what the " +
  "terminal is called in its own menu, not its serial number. Lay the file into a folder here that is named " +
  "like the serial number of the terminal, or take it in with: import FILE --serial SN";

/** The name without the folder. */
function fileOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
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
