/**
 * Reads terminals over port 4370: by schedule, when push falls silent, and when somebody asks. One
 * operation at a time per terminal, a few terminals at once. What was read goes into the queue as
 * channel `poll`, and every read leaves a run that says what it proves. When a clear is due it asks
 * clearing.ts. Must not know SQL, HTTP, Odoo's URL or the bytes of the protocol.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import type { Cleanup, CleanupResult } from "../cleanup/cleanup.ts";
import type { Run } from "../queue/queue.ts";
import {
  dialOf,
  type PollTarget,
  type PunchSink,
  readWhole,
  requireFacts,
  type Session,
  storeRead,
  type Talk,
  type Terminal,
  type TerminalFacts,
  type Waits,
  whyIncomplete,
  withTerminal,
  ZkFault,
} from "../zk/zk.ts";
import { Clearing } from "./clearing.ts";
import { toldFacts } from "./facts.ts";
import { judgeRead } from "./judge.ts";
import { Listener } from "./listen.ts";
import { type DeviceMemory, PollMemory } from "./memory.ts";
import {
  type CleanupPolicy,
  decide,
  hintDue,
  listens,
  type PollPlan,
  type PushView,
} from "./plan.ts";
import { type Progress, ProgressBook } from "./progress.ts";
import { emptyRun, type PullOrder, wallTimeOf } from "./run.ts";
import type { TerminalSearch } from "./search.ts";
import { Whereabouts } from "./whereabouts.ts";

/** A conversation with a terminal that has stated who it is. */
export type PollTalk<T> = (session: Session, facts: TerminalFacts) => Talk<T>;

/** A terminal and how it is to be treated. */
export interface PollDevice {
  readonly target: PollTarget;
  readonly plan: PollPlan;
  readonly cleanup: CleanupPolicy;
  /** Null for a terminal that never pushes. */
  readonly push: PushView | null;
  /** Epoch ms since when push has had no gap, with nothing left to send; null or absent: it has. */
  readonly pushedSince?: number | null;
}

export interface PollerOptions {
  /** Asked again at every turn: settings change while the agent runs. */
  readonly devices: () => readonly PollDevice[];
  readonly queue: PunchSink & { addRun(run: Run): void };
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
  /** What a terminal said of itself; names as in docs/contract.md. */
  readonly updateFacts: (serial: string, facts: Record<string, string | number>) => void;
  /** Null: no terminal is ever cleared. */
  readonly cleanup: Cleanup | null;
  /** Absent: a terminal that does not answer at its address is not looked for. */
  readonly search?: Pick<TerminalSearch, "find">;
  /** Terminals read at the same time; default 2. */
  readonly atOnce?: number;
  readonly waits?: Waits;
}

const TICK_MS = 1_000;
const AT_ONCE = 2;

export class Poller {
  readonly #options: PollerOptions;
  readonly #memory: PollMemory;
  readonly #whereabouts: Whereabouts;
  readonly #clearing: Clearing;
  /** The last operation of each terminal; a new one waits for it. */
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #channels = new Map<string, string>();
  readonly #progress = new ProgressBook();
  readonly #listener: Listener;
  /** Terminals that announced a punch since they were read. */
  readonly #hinted = new Set<string>();
  readonly #loop: Loop;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#memory = new PollMemory(options.queue);
    this.#clearing = new Clearing({ ...options, memory: this.#memory });
    this.#listener = new Listener({
      ...options,
      onEvent: (serial) => this.#hinted.add(serial),
    });
    this.#whereabouts = new Whereabouts(this.#memory, options.search);
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: () => {
        for (const work of this.turn()) this.#watch(work);
      },
      everyMs: TICK_MS,
      complaint: "polling waits for the queue",
    });
  }

  /** Settles clears that were open when the agent stopped, then reads by plan. */
  start(): void {
    for (const device of this.#devices()) this.#watch(this.#settle(device));
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#listener.stop();
    await Promise.allSettled(this.#busy.values());
  }

  /** The store may be full or gone: said, and tried again when the plan says so. */
  #watch(work: Promise<unknown>): void {
    work.catch((fault) => {
      const reason = fault instanceof Error ? fault.message : String(fault);
      this.#options.log.error("polling could not be noted", { reason });
    });
  }

  /** Begins what is due now and returns it. */
  turn(): Promise<unknown>[] {
    const begun: Promise<unknown>[] = [];
    for (const device of this.#devices()) {
      const { serial } = device.target;
      if (this.#busy.has(serial)) continue;
      if (this.#busy.size >= (this.#options.atOnce ?? AT_ONCE)) break;
      const work = this.#due(device);
      if (work) begun.push(this.#inTurn(serial, work));
      else if (listens(device.plan, this.#memory.of(serial), this.#options.clock.now())) {
        this.#listener.attend(device.target);
      } else this.#watch(this.#listener.leave(serial));
    }
    return begun;
  }

  #due(device: PollDevice): (() => Promise<unknown>) | null {
    const { serial } = device.target;
    const memory = this.#memory.of(serial);
    const now = this.#options.clock.now();
    const decision = decide(device.plan, device.push, memory, now);
    this.#noteChannel(serial, decision.channel, decision.why);
    if (decision.poll) return () => this.#read(device, { askedBy: decision.why });
    if (this.#hinted.has(serial) && hintDue(device.plan, memory, now)) {
      return () => this.#read(device, { askedBy: "live event" });
    }
    if (!this.#clearing.isDue(device, now)) return null;
    return () => this.#clearing.clean(device.target, "schedule");
  }

  /** Each switch between channels is said once, with its reason. */
  #noteChannel(serial: string, channel: string, why: string): void {
    const before = this.#channels.get(serial);
    if (before === channel) return;
    this.#channels.set(serial, channel);
    if (before === undefined) return;
    const from = { serial, from: before, to: channel, why };
    if (channel === "push") this.#options.log.info("push is back, reading steps back", from);
    else this.#options.log.warn("reading takes over", from);
  }

  /** Whether it was read before and its firmware did not refuse. */
  isReadable(serial: string): boolean {
    const { lastReadAt, notAvailable } = this.#memory.of(serial);
    return lastReadAt !== null && !notAvailable;
  }

  channelOf(serial: string): string | null {
    return this.#channels.get(serial) ?? null;
  }

  async #inTurn<T>(serial: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(serial) ?? Promise.resolve();
    const alone = async () => {
      await this.#listener.leave(serial);
      return await work();
    };
    const mine = before.then(alone, alone);
    this.#busy.set(serial, mine);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(serial) === mine) this.#busy.delete(serial);
    }
  }

  /** Reads a terminal because somebody asked, as soon as it is free. Its run is in the queue then. */
  pull(serial: string, order: PullOrder): Promise<Run> {
    const device = this.#find(serial);
    return this.#inTurn(serial, () => this.#read(device, order));
  }

  /** Clears a terminal because somebody asked; every condition holds for them too. */
  clearNow(serial: string, askedBy: string): Promise<CleanupResult> {
    const device = this.#find(serial);
    return this.#inTurn(serial, () => this.#clearing.clean(device.target, askedBy));
  }

  /** Asks or orders something of the expected terminal as soon as it is free. Throws ZkFault. */
  converse<T>(serial: string, talk: PollTalk<T>): Promise<T> {
    const device = this.#find(serial);
    return this.#inTurn(serial, () =>
      this.#connected(device.target, async (terminal) => {
        const facts = await requireFacts(terminal, serial);
        this.#tellFacts(device, facts, terminal.session.keyAsked);
        return await terminal.run(talk(terminal.session, facts));
      }));
  }

  /** The terminal's wall time now, by its zone. Throws while the agent's own clock is not trusted. */
  wallTime(serial: string): string {
    const { clock } = this.#options;
    if (!clock.trusted()) throw new Error("the agent's own clock is not trusted");
    return wallTimeOf(clock.now(), this.#find(serial).plan);
  }

  #find(serial: string): PollDevice {
    const device = this.#devices().find(({ target }) => target.serial === serial);
    if (!device) throw new Error(`no address is known for terminal ${serial}`);
    return device;
  }

  #connected<T>(target: PollTarget, use: (terminal: Terminal) => Promise<T>): Promise<T> {
    return withTerminal(dialOf(target, this.#options.waits, this.#loop.signal), use);
  }

  async #read(device: PollDevice, order: PullOrder): Promise<Run> {
    const { serial } = device.target;
    const { clock, newId, queue } = this.#options;
    const run = emptyRun(serial, order, newId(), clock.now());
    this.#memory.change(serial, { lastTriedAt: clock.now() });
    this.#hinted.delete(serial);
    this.#progress.of(run.commandId, null);
    let finished = await this.#tryRead(device, run, []);
    if (finished instanceof ZkFault) {
      const { message } = finished;
      finished = await this.#readElsewhere(device, finished, run) ??
        { ...run, endedAt: clock.now(), message };
    }
    this.#progress.end(run.commandId);
    queue.addRun(finished);
    return finished;
  }

  /** The run, or the fault for which the terminal may have to be looked for. */
  async #tryRead(
    device: PollDevice,
    run: Run,
    notes: readonly string[],
  ): Promise<Run | ZkFault> {
    const { serial } = device.target;
    const { clock, log } = this.#options;
    try {
      return await this.#connected(
        device.target,
        (terminal) => this.#readConnected(terminal, device, run, notes),
      );
    } catch (fault) {
      const known = fault instanceof ZkFault ? fault : null;
      const message = known?.message ?? (fault instanceof Error ? fault.message : "unknown fault");
      const memory = this.#memory.of(serial);
      const notAvailable = known?.kind === "pull_not_available";
      this.#memory.change(serial, { failures: memory.failures + 1, notAvailable });
      log.warn("terminal not read", { serial, kind: known?.kind ?? "store", reason: message });
      return known ?? { ...run, endedAt: clock.now(), message };
    }
  }

  /** Once more where the terminal is now, if it can be found; null when not. */
  async #readElsewhere(
    device: PollDevice,
    fault: ZkFault,
    run: Run,
  ): Promise<Run | null> {
    const { clock, log, devices } = this.#options;
    const isAwaited = run.commandId !== null;
    const moved = await this.#whereabouts.look(device, fault, isAwaited, devices());
    if (moved === null) return null;
    const { serial, host } = moved.device.target;
    log.warn("a terminal has another address now", { serial, host });
    const notes = moved.note === "" ? [] : [moved.note];
    const read = await this.#tryRead(moved.device, run, notes);
    if (!(read instanceof ZkFault)) return read;
    return { ...run, endedAt: clock.now(), message: [...notes, read.message].join("; then: ") };
  }

  #devices(): PollDevice[] {
    return this.#whereabouts.located(this.#options.devices());
  }

  /** `notes`: what the message of its run begins with. */
  async #readConnected(
    terminal: Terminal,
    device: PollDevice,
    run: Run,
    notes: readonly string[],
  ): Promise<Run> {
    const { serial } = device.target;
    const { queue, clock, log } = this.#options;
    const facts = await requireFacts(terminal, serial);
    this.#tellFacts(device, facts, terminal.session.keyAsked);
    const progress = this.#progress.of(run.commandId, facts.sizes?.records ?? null);
    terminal.session.onBytes = (bytes, of) => progress.reading(bytes, of);
    const hints = { now: clock.now(), wallTime: facts.wallTime, sink: queue };
    const read = await readWhole(terminal, serial, hints);
    if (read.layout !== null) this.#options.updateFacts(serial, { record_layout: read.layout });
    const stored = await storeRead(queue, serial, read, (records) => progress.storing(records));
    const why = whyIncomplete(read);
    const capacity = read.after?.recordCapacity ?? null;
    const judged = {
      log: read,
      capacity,
      unread: stored.unread,
      beganAt: run.startedAt,
      complete: why === null,
    };
    const found = judgeRead(this.#memory.of(serial), judged, {
      now: clock.now(),
      clearedAt: this.#clearing.clearedAt(serial),
      pushedSince: device.pushedSince ?? null,
      wallTime: (at) => wallTimeOf(at, device.plan),
    });
    this.#memory.change(serial, found.change);
    for (const note of found.notes) log.warn("terminal needs a look", { serial, note });
    const message = [...notes, why ?? "complete", ...found.notes].join("; ");
    return {
      ...run,
      read: read.count,
      new: stored.fresh,
      duplicate: stored.repeated,
      rejected: stored.unread,
      deviceCount: read.after?.records ?? null,
      endedAt: clock.now(),
      outcome: why === null ? "complete" : "incomplete",
      message,
      ...found.losses,
    };
  }

  #tellFacts(device: PollDevice, facts: TerminalFacts, keyAsked: boolean): void {
    const { serial, commKey } = device.target;
    const { clock } = this.#options;
    const expected = clock.trusted() ? wallTimeOf(clock.now(), device.plan) : null;
    const told = toldFacts(facts, { keyAsked, commKey, expected });
    this.#memory.change(serial, { facts: told });
    this.#options.updateFacts(serial, told);
  }

  /** At start: what became of a clear that the last agent did not finish. */
  async #settle({ target }: PollDevice): Promise<void> {
    if (!this.#clearing.isOpen(target.serial)) return;
    await this.#inTurn(target.serial, () => this.#clearing.settle(target));
  }

  /** How far the read is that was ordered under this id; null when none is under way. */
  progressOf(commandId: number): Progress | null {
    return this.#progress.get(commandId);
  }

  memoryOf(serial: string): DeviceMemory {
    return this.#memory.of(serial);
  }
}
