/**
 * Heals losses by asking the terminals again: after damage of the queue, and when it begins, for what each
 * holds (rereads.ts), after a silence for the window of the silence, and every hour for the time since the
 * last asking, for what a terminal that seemed well kept to itself. Ends every session when something was
 * lost. Must not know protocol or SQL.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { QueueStats } from "../queue/queue.ts";
import { LossBook, type LossOptions } from "./losses.ts";
import { type RecoveryDevice, type RereadOptions, Rereads } from "./rereads.ts";

interface Silence {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

export interface RecoveryOptions {
  readonly queue: RereadOptions["queue"] & LossOptions["queue"] & {
    stats(): QueueStats;
    laneHead(): { readonly lane: string };
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
  readonly devices: RereadOptions["devices"] & {
    all(): readonly RecoveryDevice[];
    endSessions(): void;
    silenceOf(serial: string): Silence | null;
    silenceAsked(serial: string, asked: Silence): void;
  };
  readonly commands: RereadOptions["commands"] & {
    isOpen(serial: string, name: "pull_window"): boolean;
  };
  /** When the last read over port 4370 began that got every record; epoch ms, null for never. */
  readonly completeReadAt: (serial: string) => number | null;
  readonly clock: Clock;
  readonly log: Log;
}

const TEND_MS = 10_000;
/** The lane for which every session has begun anew. */
const SESSIONS_LANE = "sessions_lane";
/** Punches at the edges of a silence may carry times of a clock that is a little off. */
const MARGIN_MS = 120_000;
/** Longest window that can be asked for. */
const MAX_WINDOW_MS = 30 * DAY_MS;

export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #rereads: Rereads;
  readonly #losses: LossBook;
  /** Epoch ms up to which each terminal was asked by the hour. */
  readonly #filledTo = new Map<string, number>();
  readonly #loop: Loop;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#rereads = new Rereads(options);
    this.#losses = new LossBook(options);
    this.#loop = new Loop({
      clock,
      log,
      turn: () => this.tend(),
      everyMs: TEND_MS,
      complaint: "recovery waits for the queue",
    });
  }

  start(): void {
    this.#endSessions();
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  tend(): void {
    const { devices, queue } = this.#options;
    this.#endSessions();
    const stats = queue.stats();
    const active = devices.all().filter((device) => device.state === "active");
    const heard = active.filter((device) => device.lastHeardAt !== null);
    for (const device of heard) {
      this.#fillSilence(device);
      this.#fillHour(device);
    }
    const read = this.#readOverPort(active, stats);
    const sent = this.#rereads.tend(heard, stats);
    // Who was neither heard nor read yet may still come with what it holds, whenever that is.
    this.#losses.tend(active, stats, read || sent);
  }

  /**
   * Every loss begins a lane. Sessions end before anything is told of it, so that no silence since before
   * the loss is ever taken for a proof. The first lane of all ends none: there is nothing before it.
   */
  #endSessions(): void {
    const { queue, devices } = this.#options;
    const { lane } = queue.laneHead();
    const before = queue.getState(SESSIONS_LANE);
    if (before === lane) return;
    const lost = queue.stats().damaged.some(({ kind }) => kind !== "damaged_row");
    if (before !== null || lost) devices.endSessions();
    queue.setState(SESSIONS_LANE, lane);
  }

  /** A whole read over port 4370 that began after the loss brings what the terminal holds as well. */
  #readOverPort(active: readonly RecoveryDevice[], stats: QueueStats): boolean {
    const { queue, completeReadAt } = this.#options;
    const notes = stats.damaged.filter(({ kind }) => kind !== "damaged_row");
    if (notes.length === 0) return false;
    const lostAt = Math.max(...notes.map(({ at }) => at));
    let read = false;
    for (const { serial } of active) {
      const readAt = completeReadAt(serial);
      if (readAt === null || readAt <= lostAt || !queue.needsReread(serial)) continue;
      queue.rereadDone(serial);
      read = true;
    }
    return read;
  }

  /** The silence is forgotten only once it is ordered: the books may be full, or the disk. */
  #fillSilence({ serial, timeZone }: RecoveryDevice): void {
    const { devices, commands, log } = this.#options;
    const silence = devices.silenceOf(serial);
    if (silence === null) return;
    const to = silence.to + MARGIN_MS;
    const from = Math.max(silence.from - MARGIN_MS, to - MAX_WINDOW_MS);
    const window = { from: wallTimeAt(timeZone, from), to: wallTimeAt(timeZone, to) };
    const id = commands.orderOwn(serial, "pull_window", window);
    if (id === null) {
      log.warn("a silence could not be asked for yet", { serial, ...window });
      return;
    }
    devices.silenceAsked(serial, silence);
    log.info("a silence is asked for", { serial, ...window });
  }

  /**
   * An hour without a punch waits for the next one with a punch: firmware answers an empty window as it
   * answers a fault. No window begins after the end of the one before.
   */
  #fillHour(device: RecoveryDevice): void {
    const { commands, clock, log } = this.#options;
    const { serial, timeZone, lastPunchAt, settings } = device;
    const now = clock.now();
    const filledTo = Math.min(this.#filledTo.get(serial) ?? now, now);
    this.#filledTo.set(serial, filledTo);
    if (settings.backFillMinutes === 0 || device.silent || device.dialect === "access") return;
    if (now - filledTo < settings.backFillMinutes * MINUTE_MS) return;
    if (lastPunchAt === null || lastPunchAt <= filledTo) return;
    if (commands.isOpen(serial, "pull_window")) return;
    const to = now + MARGIN_MS;
    const from = Math.max(filledTo - MARGIN_MS, to - MAX_WINDOW_MS);
    const window = { from: wallTimeAt(timeZone, from), to: wallTimeAt(timeZone, to) };
    if (commands.orderOwn(serial, "pull_window", window) === null) {
      log.warn("an hour could not be asked for again yet", { serial, ...window });
      return;
    }
    this.#filledTo.set(serial, now);
  }
}
