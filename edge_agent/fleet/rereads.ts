/**
 * Asks terminals for what they hold: all of it after a loss, and the past when a queue begins. One
 * terminal at a time, so that live punches of the others do not wait behind years of history. Owns
 * whose turn it is and when a terminal counts as read; what a loss comes to is losses.ts.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { instantOf, wallTimeAt } from "../base/zone.ts";
import type { QueueStats } from "../queue/queue.ts";
import type { Fate } from "./fate.ts";

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

export interface RereadOptions {
  readonly queue: {
    needsReread(serial: string): boolean;
    rereadDone(serial: string): void;
  };
  readonly devices: {
    wantReread(serial: string, wanted: boolean): void;
    historyWish(serial: string): { readonly from: string | null } | null;
    historyAsked(serial: string): void;
  };
  readonly commands: {
    orderOwn(
      serial: string,
      name: "pull_window",
      given: Readonly<Record<string, unknown>>,
    ): number | null;
    fateOf(serial: string, id: number): Fate | null;
  };
  readonly clock: Clock;
  readonly log: Log;
}

/** A terminal that sent no more than live punches for this long has sent what it holds. */
const QUIET_MS = 5 * MINUTE_MS;
/** Lines within that time that people may punch; a history is thousands. */
const LIVE_LINES = 100;
/** A terminal that does not greet, or does not end, lets the next one have its turn. */
const GREETING_MS = 20 * MINUTE_MS;
const WHOLE_MS = 6 * HOUR_MS;
const PUT_OFF_MS = HOUR_MS;
/** Longest window that can be asked for, and how far back windows are asked for instead of everything. */
const WINDOW_MS = 30 * DAY_MS;
const WINDOWS_REACH_MS = 90 * DAY_MS;
/** Punches at the edge of what is proven may carry times of a clock that is a little off. */
const MARGIN_MS = 2 * MINUTE_MS;

/** All a terminal holds is on its way. */
interface Whole {
  readonly kind: "whole";
  /** Lines counted when the quiet time began; null until stamp 0 was handed out. */
  lines: number | null;
  /** Monotonic ms. */
  since: number;
}

/** Window after window, epoch ms. */
interface Windows {
  readonly kind: "windows";
  from: number;
  readonly to: number;
  id: number | null;
}

interface Turn {
  readonly serial: string;
  /** Monotonic ms. */
  readonly begunAt: number;
  way: Whole | Windows;
}

export class Rereads {
  readonly #options: RereadOptions;
  /** Monotonic ms until which others go first. */
  readonly #putOff = new Map<string, number>();
  #turn: Turn | null = null;

  constructor(options: RereadOptions) {
    this.#options = options;
  }

  /** True when a terminal was read to its end just now. `heard`: active, and heard by push. */
  tend(heard: readonly RecoveryDevice[], stats: QueueStats): boolean {
    const turn = this.#turn;
    if (turn === null) {
      this.#next(heard, stats);
      return false;
    }
    const device = heard.find(({ serial }) => serial === turn.serial);
    if (device === undefined) {
      this.#turn = null;
      return false;
    }
    return this.#goOn(turn, device, stats);
  }

  #next(heard: readonly RecoveryDevice[], stats: QueueStats): void {
    const { queue, devices, clock, log } = this.#options;
    const now = clock.monotonic();
    for (const device of heard) {
      const { serial } = device;
      if (device.silent || now < (this.#putOff.get(serial) ?? -Infinity)) continue;
      const lost = stats.damaged.length > 0 && queue.needsReread(serial);
      const wish = lost ? { from: null } : devices.historyWish(serial);
      if (wish === null) continue;
      this.#turn = { serial, begunAt: now, way: this.#wayOf(device, wish.from) };
      log.info("a device is asked for what it holds", { serial, from: wish.from });
      return;
    }
  }

  /** Old firmware knows no query and access terminals know no window: they send everything. */
  #wayOf(device: RecoveryDevice, from: string | null): Whole | Windows {
    const to = this.#options.clock.now();
    const begin = from === null ? null : instantOf(device.timeZone, from);
    const isFar = begin === null || begin > to || to - begin > WINDOWS_REACH_MS;
    if (isFar || device.dialect === "access") return this.#whole(device.serial);
    return { kind: "windows", from: begin - MARGIN_MS, to: to + MARGIN_MS, id: null };
  }

  #whole(serial: string): Whole {
    this.#options.devices.wantReread(serial, true);
    return { kind: "whole", lines: null, since: this.#options.clock.monotonic() };
  }

  #goOn(turn: Turn, device: RecoveryDevice, stats: QueueStats): boolean {
    const { clock, log, devices } = this.#options;
    const { serial } = turn;
    const isOver = turn.way.kind === "windows"
      ? this.#windows(turn, turn.way, device)
      : this.#isRead(turn.way, device, stats);
    if (isOver) {
      this.#done(serial);
      return true;
    }
    const passed = clock.monotonic() - turn.begunAt;
    if (passed < (device.rereadWanted ? GREETING_MS : WHOLE_MS)) return false;
    if (device.rereadWanted) devices.wantReread(serial, false);
    this.#putOff.set(serial, clock.monotonic() + PUT_OFF_MS);
    this.#turn = null;
    log.warn("a device does not send what it holds; asked again later", { serial });
    return false;
  }

  /** True after the last one. */
  #windows(turn: Turn, way: Windows, device: RecoveryDevice): boolean {
    const { commands } = this.#options;
    const { serial, timeZone } = device;
    if (way.id !== null) {
      const fate = commands.fateOf(serial, way.id);
      if (fate?.state === "queued" || fate?.state === "sent") return false;
      way.id = null;
      if (fate?.state !== "done") {
        turn.way = this.#whole(serial);
        return false;
      }
      way.from += WINDOW_MS;
    }
    if (way.from >= way.to) return true;
    const end = Math.min(way.from + WINDOW_MS, way.to);
    const window = { from: wallTimeAt(timeZone, way.from), to: wallTimeAt(timeZone, end) };
    way.id = commands.orderOwn(serial, "pull_window", window);
    return false;
  }

  #isRead(way: Whole, device: RecoveryDevice, stats: QueueStats): boolean {
    const now = this.#options.clock.monotonic();
    const counts = stats.perDevice.get(device.serial);
    const lines = counts?.lines ?? 0;
    const grew = way.lines === null ? Infinity : lines - way.lines;
    if (device.rereadWanted || !device.uploadIdle || grew > LIVE_LINES || grew < 0) {
      way.lines = device.rereadWanted ? null : lines;
      way.since = now;
      return false;
    }
    return now - way.since >= QUIET_MS;
  }

  #done(serial: string): void {
    const { queue, devices, log } = this.#options;
    if (queue.needsReread(serial)) queue.rereadDone(serial);
    if (devices.historyWish(serial) !== null) devices.historyAsked(serial);
    this.#turn = null;
    log.info("a device was read again", { serial });
  }
}
