/**
 * What becomes of an upload: the table decides which codec reads it, the queue makes its rows
 * durable, and only then is it acknowledged. Knows tables and their keepers; must not know sockets,
 * routes or how an answer is written.
 */
import { createHash } from "node:crypto";
import {
  attlogLines,
  bodyPieces,
  CLOCK_SET,
  countLines,
  dataAnswer,
  decodeLines,
  decodeText,
  isBiometricTable,
  isFormBody,
  isSetupTable,
  keepableStamp,
  MEMORY_LOST,
  type OplogEntry,
  parseAccessEvents,
  parseAttlog,
  parseDataRows,
  parseOperlog,
  parseOptions,
  PUNCH_EVENTS,
  type Query,
  rejectOfTable,
  type Rows,
  tableName,
} from "../adms/adms.ts";
import type { Clock } from "../base/clock.ts";
import { MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import type { Punch, Reject } from "../base/punch.ts";
import type { DeviceUser } from "../base/terminal.ts";
import { Turnstile } from "../base/turnstile.ts";
import { instantOf } from "../base/zone.ts";
import type { Commands, Device, Devices } from "../fleet/fleet.ts";
import type { Visit } from "./gate.ts";
import { type Piece, PIECE_LINES, piecesOf } from "./pieces.ts";

/** What the device port needs of the queue. */
export interface PunchStore {
  /** Resolves when all of it is durable; rejects when none of it may be acknowledged. */
  add(upload: {
    readonly serial: string;
    readonly channel: "push";
    readonly punches: readonly Punch[];
    readonly rejects: readonly Reject[];
    readonly receivedAt: number;
    readonly stamp?: { readonly table: string; readonly value: string };
  }): Promise<{ readonly fresh: number; readonly repeated: number; readonly rejects: number }>;
  stamp(serial: string, table: string): string | null;
  /** For the digests of lines that are withheld. */
  readonly lineSalt: string;
}

/** Takes device users on their way to Odoo; they are never written to this machine's disk. */
export interface UserSink {
  seen(serial: string, users: readonly DeviceUser[], complete: boolean): void;
}

export interface TablesOptions {
  readonly queue: PunchStore;
  readonly devices: Devices;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
  readonly users?: UserSink | undefined;
  /** Somebody set the terminal's clock or cleared its memory: rows may have been passed over. */
  readonly onDoubt: (serial: string) => void;
}

/** A punch that came alone and at once tells how the terminal's clock stands. */
const LIVE_LINES = 3;
/** After a silence a terminal may poll before it sends what it kept meanwhile. */
const CATCH_UP_MS = 2 * MINUTE_MS;
const MAX_TABLE_NAME = 64;
/** The length of a fact. */
const MAX_LISTED = 128;
/**
 * Bytes of tables that are read into rows and not yet durable, some 8,000 usual lines: rows take ten
 * times the room of the bytes they are read from, and whoever waits, waits as bytes.
 */
export const ROWS_BUDGET_BYTES = 256 * 1024;

export class Tables {
  readonly #options: TablesOptions;
  /** Serial -> digest of the data rows it sent last. Only allowed serials get here. */
  readonly #lastData = new Map<string, string>();
  readonly #plainAnswers = new Set<string>();
  readonly #turnstile = new Turnstile(ROWS_BUDGET_BYTES);

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  /** The body of the answer. Rejects with what the queue rejects with. */
  async receive(visit: Visit, device: Device, body: Uint8Array): Promise<string> {
    const table = (visit.query.get("table") ?? "").trim().toLowerCase();
    switch (table) {
      case "attlog":
      case "":
        return ok(await this.#keepAttlog(visit, device, body));
      case "rtlog":
      case "transaction":
        return ok(await this.#keepEvents(visit, device, body));
      case "tabledata":
        return await this.dataTable(visit, device, body);
      case "operlog":
      case "userinfo":
        return ok(await this.#readOperlog(visit, body));
      case "options":
        this.#options.devices.updateFacts(visit.serial, parseOptions(decodeText(body).text));
        return ok(countLines(body));
      case "rtstate":
      case "errorlog":
        return ok(countLines(body));
      default:
        return ok(await this.#otherTable(visit, device, table, body));
    }
  }

  /** Rows of a named data table of the access dialect, pushed or asked for. */
  async dataTable(visit: Visit, device: Device, body: Uint8Array): Promise<string> {
    const name = (visit.query.get("tablename") ?? "").trim().slice(0, MAX_TABLE_NAME);
    const plain = this.#wantsPlainAnswer(device, body);
    if (name.toLowerCase() === "transaction") {
      return dataAnswer(name, await this.#keepEvents(visit, device, body), plain);
    }
    const count = countLines(body);
    if (isBiometricTable(name)) this.#discard(visit, name, count);
    else if (!isSetupTable(name)) await this.#keepUnknown(visit, device, name, body, count);
    else {
      const { users } = parseDataRows(name, decodeLines(body));
      const { query } = visit;
      const whole = query.get("packcnt") === "1" && query.get("count") === String(users.length);
      this.#relay(visit.serial, users, visit.endpoint === "querydata" && whole);
    }
    return dataAnswer(name, count, plain);
  }

  /**
   * Documents want `user=<count>`, but firmware with push 3.0 repeats its rows for ever unless it hears
   * `OK`. Others do so too, unannounced: whoever sends the same rows again hears `OK` from then on.
   */
  #wantsPlainAnswer({ serial, facts }: Device, body: Uint8Array): boolean {
    const version = facts["pushver"];
    if (typeof version === "string" && /^3\.0(\.|$)/.test(version)) return true;
    if (this.#plainAnswers.has(serial)) return true;
    const digest = createHash("sha256").update(body).digest("hex");
    if (this.#lastData.get(serial) === digest) this.#plainAnswers.add(serial);
    this.#lastData.set(serial, digest);
    return this.#plainAnswers.has(serial);
  }

  /**
   * A door that some firmware uses beside `cdata`: the tables that are known are taken, of any other body,
   * door events mostly, it is noted that it came.
   */
  async beside(visit: Visit, device: Device, body: Uint8Array): Promise<string> {
    const table = (visit.query.get("table") ?? "").trim();
    if (table === "") {
      await this.#keepUnknown(visit, device, visit.endpoint, body, countLines(body));
      return "OK";
    }
    return await this.receive(visit, device, body);
  }

  /** A photo in an envelope of its own; never read. */
  async photo(visit: Visit, body: Uint8Array): Promise<string> {
    this.#discard(visit, "attphoto", recordsIn("attphoto", body));
    await this.#keepStamp(visit);
    return "OK";
  }

  /** Reads and keeps a body piece by piece; gives its number of lines. */
  async #keepBody(
    visit: Visit,
    device: Device,
    pieces: readonly Uint8Array[],
    read: (piece: Uint8Array) => Rows & { readonly lines: number },
  ): Promise<number> {
    const upload: UploadSoFar = { receivedAt: this.#options.clock.now(), rows: 0 };
    let lines = 0;
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await othersTurn();
      lines += await this.#turnstile.pass(piece.length, async () => {
        const rows = read(piece);
        await this.#keepRows(visit, device, rows, upload, at === pieces.length - 1);
        return rows.lines;
      });
    }
    return lines;
  }

  async #keepRows(
    visit: Visit,
    device: Device,
    rows: Rows,
    upload: UploadSoFar = { receivedAt: this.#options.clock.now(), rows: 0 },
    isEnd = true,
  ): Promise<void> {
    const { devices, commands } = this.#options;
    const { receivedAt } = upload;
    const { serial } = visit;
    // An answer to what was asked is old by nature.
    const isAnswer = commands.isAnswering(serial);
    let fresh = 0;
    for (const piece of piecesOf(rows, upload.rows > 0, isEnd)) {
      if (piece.at > 0) await othersTurn();
      const added = await this.#add(visit, piece, receivedAt);
      commands.noteRows(serial, piece.punches, added);
      fresh += added.fresh - added.rejects;
    }
    if (rows.punches.length > 0) devices.notePunches(serial, receivedAt);
    const isNew = fresh === rows.punches.length && !isAnswer;
    if (upload.rows === 0 && isEnd && isNew) this.#watchClock(device, rows.punches, receivedAt);
    upload.rows += rows.punches.length + rows.rejects.length;
  }

  /** The stamp goes with the last piece: it stands for all of them. */
  #add({ serial, query }: Visit, { punches, rejects, last }: Piece, receivedAt: number) {
    const stamp = last ? stampOf(query) : null;
    return this.#options.queue.add({
      serial,
      channel: "push",
      punches,
      rejects,
      receivedAt,
      ...(stamp === null ? {} : { stamp }),
    });
  }

  async #keepAttlog(visit: Visit, device: Device, body: Uint8Array): Promise<number> {
    const isForm = isFormBody(body);
    const pieces = isForm ? [body] : bodyPieces(body, PIECE_LINES);
    return await this.#keepBody(visit, device, pieces, (piece) => {
      const lines = decodeLines(piece);
      const salt = this.#options.queue.lineSalt;
      const rows = parseAttlog(visit.serial, isForm ? attlogLines(lines) : lines, salt);
      return { ...rows, lines: rows.punches.length + rows.rejects.length };
    });
  }

  async #keepEvents(visit: Visit, device: Device, body: Uint8Array): Promise<number> {
    const events = [...PUNCH_EVENTS, ...device.settings.punchEvents];
    return await this.#keepBody(visit, device, bodyPieces(body, PIECE_LINES), (piece) => {
      const lines = decodeLines(piece);
      const rows = parseAccessEvents(visit.serial, lines, this.#options.queue.lineSalt, events);
      if (rows.others > 0) {
        this.#options.devices.countFact(visit.serial, "other_events", rows.others);
      }
      return { ...rows, lines: lines.length };
    });
  }

  async #readOperlog(visit: Visit, body: Uint8Array): Promise<number> {
    const lines = decodeLines(body);
    const rows = parseOperlog(lines);
    if (rows.biometrics > 0) this.#discard(visit, "operlog", rows.biometrics);
    this.#relay(visit.serial, rows.users, false);
    this.#noteOperations(visit.serial, rows.operations);
    await this.#keepStamp(visit);
    return lines.length;
  }

  /** Templates and photos are dropped here; of another table it is kept that it came. */
  async #otherTable(
    visit: Visit,
    device: Device,
    table: string,
    body: Uint8Array,
  ): Promise<number> {
    if (isBiometricTable(table)) {
      const records = recordsIn(table, body);
      this.#discard(visit, table, records);
      await this.#keepStamp(visit);
      return records;
    }
    const lines = countLines(body);
    await this.#keepUnknown(visit, device, table, body, lines);
    return lines;
  }

  /**
   * Of a table nobody knows its name, and length and digest of what came first, are kept where a person sees
   * them: it might have been attendance. Later ones are counted, not listed again.
   */
  async #keepUnknown(
    visit: Visit,
    device: Device,
    table: string,
    body: Uint8Array,
    lines: number,
  ): Promise<void> {
    if (lines === 0) return;
    const { devices } = this.#options;
    const { serial } = visit;
    devices.countFact(serial, "other_table_rows", lines);
    const name = tableName(table);
    const listed = String(devices.lookup(serial)?.facts["other_tables"] ?? "");
    if (listed.split(" ").includes(name)) return;
    const { lineSalt } = this.#options.queue;
    const digest = createHash("sha256").update(`${lineSalt}\n`).update(body).digest("hex");
    const reject = rejectOfTable(serial, name, body, digest.slice(0, 16));
    await this.#keepRows(visit, device, { punches: [], rejects: [reject] });
    const longer = `${listed} ${name}`.trim();
    if (longer.length <= MAX_LISTED) devices.updateFacts(serial, { other_tables: longer });
  }

  #discard(visit: Visit, table: string, count: number): void {
    this.#options.devices.noteDiscarded(visit.serial, count);
    this.#options.log.debug("biometric rows dropped unread", {
      serial: visit.serial,
      table,
      rows: count,
    });
  }

  #relay(serial: string, users: readonly DeviceUser[], complete: boolean): void {
    if (users.length > 0 || complete) this.#options.users?.seen(serial, users, complete);
  }

  #noteOperations(serial: string, operations: readonly OplogEntry[]): void {
    const { devices, log } = this.#options;
    for (const { code, wallTime } of operations) {
      if (code === CLOCK_SET) {
        this.#options.onDoubt(serial);
        devices.countFact(serial, "clock_changes", 1);
        if (wallTime !== null) devices.updateFacts(serial, { clock_changed_at_wall: wallTime });
        log.warn("somebody set the clock of a terminal", { serial, wall_time: wallTime });
      } else if (MEMORY_LOST.has(code)) {
        this.#options.onDoubt(serial);
        devices.countFact(serial, "memory_clears", 1);
        log.warn("somebody cleared the memory of a terminal", { serial, code });
      }
    }
  }

  /** A stamp without rows in the queue: what it stands for was relayed or dropped on purpose. */
  async #keepStamp(visit: Visit): Promise<void> {
    const { queue, clock } = this.#options;
    const stamp = stampOf(visit.query);
    if (stamp === null || queue.stamp(visit.serial, stamp.table) === stamp.value) return;
    await this.#add(visit, { at: 0, punches: [], rejects: [], last: true }, clock.now());
  }

  /**
   * A few new punches on a session that did not just resume, from a terminal that had nothing left to send:
   * they were made now, so whatever their stamp is off by is the terminal's clock, ahead or behind.
   */
  #watchClock(device: Device, punches: readonly Punch[], receivedAt: number): void {
    const { clock, devices } = this.#options;
    const last = punches.at(-1);
    const live = device.uploadIdle && punches.length <= LIVE_LINES;
    if (last === undefined || !live || !clock.trusted()) return;
    const resumedAt = devices.lookup(device.serial)?.resumedAt ?? null;
    if (resumedAt !== null && receivedAt - resumedAt < CATCH_UP_MS) return;
    const stated = instantOf(device.timeZone, last.wallTime);
    devices.noteClock(device.serial, (stated - receivedAt) / 1000);
  }
}

/** What is already known of an upload of which a piece is kept. */
interface UploadSoFar {
  readonly receivedAt: number;
  /** Rows of earlier pieces. */
  rows: number;
}

/**
 * The runtime looks at its sockets when it has nothing to do; work that always has a next step
 * in hand would keep every other terminal waiting.
 */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

/** A photo comes alone in its envelope of text and bytes; templates come one a line. */
function recordsIn(table: string, body: Uint8Array): number {
  if (body.length === 0) return 0;
  return table === "attphoto" ? 1 : countLines(body);
}

function ok(count: number): string {
  return `OK: ${count}`;
}

function stampOf(query: Query): { table: string; value: string } | null {
  const given = query.get("stamp") ?? query.get("opstamp") ?? query.get("photostamp");
  const value = keepableStamp(given?.trim());
  const table = (query.get("table") ?? "").trim().toUpperCase();
  return value === null || !/^[A-Z0-9_]{1,32}$/.test(table) ? null : { table, value };
}
