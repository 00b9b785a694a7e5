/**
 * Listens for live events of terminals that are read over port 4370: an event is a hint to read soon and
 * never itself a punch, for there is no replay and a connection falls silent unseen. One connection per
 * terminal, given up at once when somebody wants the terminal: most serve one client at a time. Must not
 * know schedules or the queue.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import {
  dialOf,
  nextEvents,
  type PollTarget,
  readTime,
  registerEvents,
  requireSerial,
  type Waits,
  withTerminal,
  ZkFault,
} from "../zk/zk.ts";

export interface ListenerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (serial: string) => void;
  readonly waits?: Waits;
}

/** Without an event for this long the terminal is asked its time: a restarted one is silent for ever. */
const PROOF_OF_LIFE_MS = 30_000;
/** One wait; who wants the terminal waits no longer than this, and it is told good-bye. */
const SLICE_MS = 500;
/** Whole life of one connection; a new one follows. */
const CONNECTION_MS = 10 * 60_000;
/** Pause after a fault, in ms; doubles up to the second. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

interface Ear {
  readonly leave: AbortController;
  readonly ended: Promise<void>;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #ears = new Map<string, Ear>();
  /** Faults in a row and the monotonic ms until which it is left alone. */
  readonly #faults = new Map<string, { readonly count: number; readonly until: number }>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Begins to listen, unless that goes on already or failed a short while ago. */
  attend(target: PollTarget): void {
    const { serial } = target;
    const { clock } = this.#options;
    if (this.#ears.has(serial)) return;
    if ((this.#faults.get(serial)?.until ?? -Infinity) > clock.monotonic()) return;
    const leave = new AbortController();
    const ended = this.#listen(target, leave.signal).finally(() => this.#ears.delete(serial));
    this.#ears.set(serial, { leave, ended });
  }

  /** Resolves when the terminal is free; at once when nobody listens to it. */
  async leave(serial: string): Promise<void> {
    const ear = this.#ears.get(serial);
    ear?.leave.abort();
    await ear?.ended;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#ears.keys()].map((serial) => this.leave(serial)));
  }

  async #listen(target: PollTarget, signal: AbortSignal): Promise<void> {
    const { serial } = target;
    const { log, waits, clock } = this.#options;
    try {
      const dial = { ...dialOf(target, waits), totalMs: CONNECTION_MS };
      await this.#hear(dial, serial, signal);
      this.#faults.delete(serial);
    } catch (fault) {
      if (signal.aborted) return;
      const count = (this.#faults.get(serial)?.count ?? 0) + 1;
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
      this.#faults.set(serial, { count, until: clock.monotonic() + pause });
      const kind = fault instanceof ZkFault ? fault.kind : String(fault);
      log.debug("not listening to a terminal", { serial, kind, pause });
    }
  }

  async #hear(dial: ReturnType<typeof dialOf>, serial: string, signal: AbortSignal): Promise<void> {
    await withTerminal(dial, async (terminal) => {
      const { session } = terminal;
      await requireSerial(terminal, serial);
      await terminal.run(registerEvents(session));
      this.#faults.delete(serial);
      for (let silentMs = 0; !signal.aborted;) {
        const events = await terminal.run(nextEvents(session, SLICE_MS));
        if (events.length > 0) this.#options.onEvent(serial);
        silentMs = events.length > 0 ? 0 : silentMs + SLICE_MS;
        if (silentMs < PROOF_OF_LIFE_MS) continue;
        await terminal.run(readTime(session));
        silentMs = 0;
      }
    });
  }
}
