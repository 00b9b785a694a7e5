/**
 * Heals losses by asking the terminals again: after damage of the queue every one of them from the
 * start, after a silence the window of the silence, and every hour the time since the last asking, for what
 * a terminal that seemed well kept to itself. Owns the order of asking and when a note of damage is closed;
 * must not know protocol or SQL.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { QueueStats } from "../queue/queue.ts";

export interface RecoveryDevice {
  readonly serial: string;
  readonly state: "waiting" | "active" | "refused";
  readonly timeZone: string;
  /** Epoch ms, null for never. */
  readonly lastHeardAt: number | null;
  readonly uploadIdle: boolean;
  /** True until its next handshake was answered with stamp 0. */
  readonly rereadWanted: boolean;
  readonly silent: boolean;
  /** Epoch ms, null for never. */
  readonly lastPunchAt: number | null;
  /** Of these the access dialect cannot be asked for a window, only for everything. */
  readonly dialect: string;
  readonly settings: { readonly backFillMinutes: number };
}

interface Silence {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

export interface RecoveryOptions {
  readonly queue: {
    needsReread(serial: string): boolean;
    rereadDone(serial: string): void;
    heal(id: number): boolean;
    stats(): QueueStats;
  };
  readonly devices: {
    all(): readonly RecoveryDevice[];
    wantReread(serial: string, wanted: boolean): void;
    silenceOf(serial: string): Silence | null;
    silenceAsked(serial: string, asked: Silence): void;
  };
  readonly commands: {
    orderOwn(
      serial: string,
      name: "pull_window",
      given: Readonly<Record<string, unknown>>,
    ): number | null;
    isOpen(serial: string, name: "pull_window"): boolean;
  };
  readonly clock: Clock;
  readonly log: Log;
}

const TEND_MS = 10_000;
/** A terminal that sent nothing for this long after its handshake has sent what it holds. */
const QUIET_MS = 300_000;
/** Punches at the edges of a silence may carry times of a clock that is a little off. */
const MARGIN_MS = 120_000;
/** Longest window that can be asked for. */
const MAX_WINDOW_MS = 30 * DAY_MS;

interface Reread {
  /** Lines counted when the quiet time began; null until stamp 0 was handed out. */
  lines: number | null;
  /** Monotonic ms. */
  since: number;
}

export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #rereads = new Map<string, Reread>();
  /** Epoch ms up to which each terminal was asked by the hour. */
  readonly #filledTo = new Map<string, number>();
  readonly #loop: Loop;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    const { clock, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: () => this.tend(),
      everyMs: TEND_MS,
      complaint: "recovery waits for the queue",
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  tend(): void {
    const { devices, queue } = this.#options;
    const stats = queue.stats();
    const heard = devices.all().filter((device) =>
      device.state === "active" && device.lastHeardAt !== null
    );
    for (const device of heard) {
      this.#fillSilence(device);
      this.#fillHour(device);
      if (stats.damaged.length > 0) this.#reread(device, stats);
    }
    this.#closeNotes(heard, stats);
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

  #reread(device: RecoveryDevice, stats: QueueStats): void {
    const { queue, devices, clock, log } = this.#options;
    const { serial } = device;
    if (!queue.needsReread(serial)) return;
    const reread = this.#rereads.get(serial);
    if (reread === undefined) {
      devices.wantReread(serial, true);
      this.#rereads.set(serial, { lines: null, since: clock.monotonic() });
      log.info("a device is asked for everything it holds", { serial });
      return;
    }
    const counts = stats.perDevice.get(serial);
    const lines = (counts?.lastSeq ?? 0) + (counts?.repeated ?? 0);
    if (device.rereadWanted || !device.uploadIdle || reread.lines !== lines) {
      reread.lines = device.rereadWanted ? null : lines;
      reread.since = clock.monotonic();
      return;
    }
    if (clock.monotonic() - reread.since < QUIET_MS) return;
    queue.rereadDone(serial);
    this.#rereads.delete(serial);
    log.info("a device was read again", { serial });
  }

  /** A damaged row of its own is not healed by reading again: a person looks at it. */
  #closeNotes(heard: readonly RecoveryDevice[], stats: QueueStats): void {
    const { queue } = this.#options;
    const open = stats.damaged.filter((note) => note.kind !== "damaged_row");
    if (open.length === 0 || heard.length === 0) return;
    if (heard.some((device) => queue.needsReread(device.serial))) return;
    for (const note of open) queue.heal(note.id);
  }
}
