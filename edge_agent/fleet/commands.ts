/**
 * The command book: what terminals were asked, by whom, and what became of it. Owns ids, retries and
 * the evidence of a window that was asked for. Every id is executed once; the words themselves come
 * from the codec that is handed in. Must not know HTTP, SQL or Odoo's URL.
 */
import type { Clock } from "../base/clock.ts";
import { type Order, readOrder, type Refusal } from "../base/order.ts";
import type { Punch } from "../base/punch.ts";
import type { Dialect } from "../base/terminal.ts";
import type { CommandOutcome, CommandRow, NewCommand, Run } from "../queue/queue.ts";
import type { Device } from "./devices.ts";
import { Ended, type Fate } from "./fate.ts";
import { type HandedOut, oneWindowAtATime, rebootLast, withinOneReply } from "./reply.ts";

export interface CommandStore {
  addCommand(row: NewCommand): boolean;
  openCommands(serial: string): CommandRow[];
  markCommandSent(id: number, at: number): void;
  settleCommand(id: number, outcome: CommandOutcome): boolean;
  commandResults(): CommandRow[];
  forgetCommand(id: number): void;
  addRun(run: Run): void;
  getState(name: string): string | null;
  setState(name: string, value: string): void;
}

/** The codec's part: what a proven order is in words. */
export interface CommandLanguage {
  commandText(order: Order, dialect: Dialect): string | Refusal;
  returnMessage(returned: number | null): string;
  /** The count that answers a `count_window`. */
  windowCount(fields: ReadonlyMap<string, string>): number | null;
}

export interface OrderRequest {
  readonly id: number;
  readonly serial: string;
  readonly name: string;
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
}

export interface PostedResult {
  readonly id: string;
  readonly returned: number | null;
  readonly fields: ReadonlyMap<string, string>;
}

/** `commands` of a sync. */
export interface CommandReport {
  readonly id: number;
  readonly state: "sent" | "done" | "failed";
  readonly return: number | null;
  readonly message: string;
  /** Of one that is under way over port 4370. */
  readonly progress?: {
    readonly step: string;
    readonly done: number;
    readonly total: number | null;
  };
}

export interface CommandsOptions {
  readonly store: CommandStore;
  readonly clock: Clock;
  readonly devices: { lookup(serial: string): Device | undefined };
  readonly language: CommandLanguage;
  readonly randomUuid?: () => string;
  /** A command without a result is handed out again after this long. */
  readonly retryMs?: number;
}

/** Ids from here on are the agent's own; Odoo's stay far below, and both fit 32 bits. */
const OWN_IDS_FROM = 1_900_000_000;
const LAST_ID = 2_147_483_647;
const OWN_COUNTER = "own_command_id";

const RETRY_MS = 300_000;
const MAX_HAND_OUTS = 5;
const MAX_REPORTED = 100;

export class Commands {
  readonly #store: CommandStore;
  readonly #clock: Clock;
  readonly #devices: CommandsOptions["devices"];
  readonly #language: CommandLanguage;
  readonly #randomUuid: () => string;
  readonly #retryMs: number;
  readonly #windows = new Map<string, OpenWindow>();
  /** Own orders that were answered, for the person who still looks. */
  readonly #ended = new Ended();

  constructor(options: CommandsOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#devices = options.devices;
    this.#language = options.language;
    this.#randomUuid = options.randomUuid ?? (() => crypto.randomUUID());
    this.#retryMs = options.retryMs ?? RETRY_MS;
  }

  /**
   * Takes an order of Odoo or of a person. A refusal is written into the book as a failed command,
   * so that whoever asked is told by the same way as of any result. The same id again changes nothing.
   */
  order(request: OrderRequest): "queued" | Refusal {
    if (!Number.isSafeInteger(request.id) || request.id < 1 || request.id > LAST_ID) {
      return { refused: "bad command id" };
    }
    const text = this.#textOf(request);
    const refused = typeof text === "string" ? null : text.refused;
    const fresh = this.#store.addCommand({
      id: request.id,
      serial: request.serial,
      name: request.name.slice(0, 32),
      text: typeof text === "string" ? text : "",
    });
    if (refused === null) return "queued";
    if (fresh) this.#fail(request.id, refused);
    return { refused };
  }

  /** An order of the agent itself; its result is not reported to Odoo. Null when it was refused. */
  orderOwn(
    serial: string,
    name: Order["name"],
    given: Readonly<Record<string, unknown>> = {},
  ): number | null {
    const id = this.orderByHand(serial, name, given);
    return typeof id === "number" ? id : null;
  }

  /** An order of a person at this machine: its id, or why it was refused. See `fateOf`. */
  orderByHand(
    serial: string,
    name: string,
    given: Readonly<Record<string, unknown>> = {},
  ): number | Refusal {
    const last = Number(this.#store.getState(OWN_COUNTER) ?? OWN_IDS_FROM);
    const id = last >= LAST_ID ? OWN_IDS_FROM + 1 : last + 1;
    this.#store.setState(OWN_COUNTER, String(id));
    const outcome = this.order({ id, serial, name, arguments: given });
    if (outcome === "queued") return id;
    this.#store.forgetCommand(id);
    return outcome;
  }

  /** What has become of an order that this agent gave. Null: it is long over. */
  fateOf(serial: string, id: number): Fate | null {
    const ended = this.#ended.get(id);
    if (ended !== undefined) return ended;
    const row = this.#store.openCommands(serial).find((open) => open.id === id);
    if (row === undefined) return null;
    return row.sentAt === null ? { state: "queued" } : { state: "sent", at: row.sentAt };
  }

  /** Whether a command of that name waits for this terminal or for its answer. */
  isOpen(serial: string, name: Order["name"]): boolean {
    return this.#store.openCommands(serial).some((row) => row.name === name);
  }

  /**
   * What to hand out on this poll. Nothing counts as sent before `markSent` was called, that is
   * before the reply was written in full.
   */
  nextFor(serial: string): HandedOut[] {
    this.#finishWindow(serial);
    if (this.#devices.lookup(serial)?.state !== "active") return [];
    const open = this.#store.openCommands(serial);
    const due = open.filter((row) => this.#isDue(row));
    return withinOneReply(
      oneWindowAtATime(rebootLast(due), open).map((row) => ({
        id: row.id,
        wireId: this.wireId(row.id),
        text: row.text,
      })),
    );
  }

  markSent(serial: string, handedOut: readonly HandedOut[]): void {
    const now = this.#clock.now();
    const open = new Map(this.#store.openCommands(serial).map((row) => [row.id, row]));
    for (const { id } of handedOut) {
      const row = open.get(id);
      if (row === undefined) continue;
      this.#store.markCommandSent(id, now);
      if (row.name === "pull_window") this.#openWindow(row, now);
    }
  }

  /** A posted result. False when no open command of this terminal has that id. */
  result(serial: string, posted: PostedResult): boolean {
    const id = this.idOfWire(posted.id);
    const row = this.#store.openCommands(serial).find((open) => open.id === id);
    if (row === undefined) return false;
    const done = posted.returned !== null && posted.returned >= 0;
    const counted = row.name === "count_window" ? this.#language.windowCount(posted.fields) : null;
    const settled = this.#store.settleCommand(row.id, {
      state: done ? "done" : "failed",
      return: counted ?? posted.returned,
      message: this.#language.returnMessage(posted.returned),
    });
    const window = this.#windows.get(serial);
    if (window?.commandId === row.id) window.answered = { returned: posted.returned, done };
    if (row.id > OWN_IDS_FROM) {
      const message = this.#language.returnMessage(posted.returned);
      this.#ended.remember(row.id, { state: done ? "done" : "failed", message });
      this.#store.forgetCommand(row.id);
    }
    return settled;
  }

  /** Counts the rows of an upload that lie in the window that is being asked for. */
  noteRows(
    serial: string,
    punches: readonly Pick<Punch, "wallTime">[],
    added: { readonly fresh: number; readonly repeated: number; readonly rejects: number },
  ): void {
    const window = this.#windows.get(serial);
    if (window === undefined) return;
    const inside =
      punches.filter((punch) => punch.wallTime >= window.from && punch.wallTime <= window.to)
        .length;
    const fresh = Math.min(inside, added.fresh);
    window.read += inside;
    window.fresh += fresh;
    window.duplicate += inside - fresh;
    window.rejected += added.rejects;
  }

  /** For the next sync; own commands are not Odoo's business. */
  results(): CommandReport[] {
    return this.#store.commandResults().filter((row) => row.id < OWN_IDS_FROM)
      .slice(0, MAX_REPORTED).map((row) => ({
        id: row.id,
        state: row.state === "done" || row.state === "failed" ? row.state : "sent",
        return: row.return,
        message: row.message,
      }));
  }

  /** Odoo has taken note of these results. */
  acknowledged(ids: readonly number[]): void {
    for (const id of ids) this.#store.forgetCommand(id);
  }

  /** How an id looks on the wire and back. */
  protected wireId(id: number): string {
    return String(id);
  }

  protected idOfWire(text: string): number | null {
    return /^\d{1,10}$/.test(text) ? Number(text) : null;
  }

  #textOf({ serial, name, arguments: given }: OrderRequest): string | Refusal {
    const device = this.#devices.lookup(serial);
    if (device === undefined) return { refused: "unknown device" };
    if (device.state !== "active") return { refused: `the device is ${device.state}` };
    const order = readOrder(name, given ?? {});
    return "refused" in order ? order : this.#language.commandText(order, device.dialect);
  }

  #fail(id: number, message: string): void {
    this.#store.settleCommand(id, { state: "failed", return: null, message });
  }

  #isDue(row: CommandRow): boolean {
    if (row.text === "") {
      this.#fail(row.id, "refused before the agent stopped");
      return false;
    }
    if (row.state === "queued" || row.sentAt === null) return true;
    // A clock that was set back must not hold a command for ever.
    const waited = Math.abs(this.#clock.now() - row.sentAt);
    if (waited < this.#retryMs) return false;
    if (row.name === "reboot") return this.#settleReboot(row, row.sentAt);
    if (row.sentCount < MAX_HAND_OUTS) return true;
    this.#fail(row.id, `no result after ${row.sentCount} hand-outs`);
    return false;
  }

  /** A terminal that restarts may forget to answer; asking again would restart it again. */
  #settleReboot(row: CommandRow, sentAt: number): false {
    const greeted = (this.#devices.lookup(row.serial)?.handshakeAt ?? 0) >= sentAt;
    this.#store.settleCommand(row.id, {
      state: greeted ? "done" : "failed",
      return: null,
      message: greeted ? "the terminal came back" : "no result",
    });
    return false;
  }

  #openWindow(row: CommandRow, now: number): void {
    const match = /StartTime=(\S+[ T]\S+)\tEndTime=(\S+[ T]\S+)$/.exec(row.text);
    const [, from, to] = match ?? [];
    if (from === undefined || to === undefined) return;
    this.#windows.set(row.serial, {
      commandId: row.id,
      from: from.replace("T", " "),
      to: to.replace("T", " "),
      startedAt: now,
      read: 0,
      fresh: 0,
      duplicate: 0,
      rejected: 0,
      answered: null,
    });
  }

  /** Whether a window was asked of this terminal whose rows may still come. */
  isAnswering(serial: string): boolean {
    return this.#windows.has(serial);
  }

  /** Rows may come before or after the result, but before the next poll. */
  #finishWindow(serial: string): void {
    const window = this.#windows.get(serial);
    if (window === undefined || window.answered === null) return;
    this.#windows.delete(serial);
    const { returned, done } = window.answered;
    const deviceCount = returned !== null && returned > 0 ? returned : null;
    const complete = done && window.read >= (deviceCount ?? 0);
    this.#store.addRun({
      id: this.#randomUuid(),
      serial,
      channel: "push",
      askedBy: window.commandId > OWN_IDS_FROM ? "agent" : "command",
      windowFrom: window.from,
      windowTo: window.to,
      read: window.read,
      new: window.fresh,
      duplicate: window.duplicate,
      rejected: window.rejected,
      deviceCount,
      startedAt: window.startedAt,
      endedAt: this.#clock.now(),
      outcome: complete ? "complete" : done ? "incomplete" : "failed",
      message: this.#language.returnMessage(returned),
      commandId: window.commandId > OWN_IDS_FROM ? null : window.commandId,
    });
  }
}

interface OpenWindow {
  readonly commandId: number;
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  read: number;
  fresh: number;
  duplicate: number;
  rejected: number;
  answered: { readonly returned: number | null; readonly done: boolean } | null;
}
