/**
 * Asks terminals again for what may be missing: after a silence, after somebody set a clock or cleared
 * a memory, after damage to the queue, after a change of the zone's offset. All of it is a repetition
 * that costs nothing but time: keys make it harmless. Must not know bytes or routes.
 */
import type { Clock } from "./clock.ts";
import type { Commands } from "./commands.ts";
import type { Device, Devices } from "./devices.ts";
import type { Log } from "./log.ts";
import { wallTimeAt } from "./zone.ts";

export interface RecoveryOptions {
  readonly devices: Devices;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
  /** Which terminals must be read again because the queue lost something. */
  readonly queue: {
    needsReread?(serial: string): boolean;
    rereadDone?(serial: string): void;
  };
}

/** A terminal that polls without a handshake is asked for one, unless it just lost its network. */
const HANDSHAKE_PATIENCE_MS = 60_000;
/** A silence is asked for with this much of what was before it. */
const OVERLAP_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** What one query may span, and how far back silences are filled. */
const PIECE_MS = 31 * DAY_MS;
const MAX_PIECES = 6;
/** After a clock was set, records of the last days may have been passed over by the terminal. */
const DOUBT_MS = 3 * DAY_MS;
const DOUBT_PAUSE_MS = 60 * 60_000;
/** A terminal sends its history in one go; this long without an upload means it is through. */
const HISTORY_IDLE_MS = 60_000;

export class Recovery {
  readonly #options: RecoveryOptions;
  /** Serial -> monotonic ms of its last upload since it was told to send everything. */
  readonly #rereading = new Map<string, number>();
  readonly #doubts = new Set<string>();
  readonly #doubtAsked = new Map<string, number>();
  #startedAt = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedAt = this.#options.clock.monotonic();
  }

  /** The whole history is to be asked for at this handshake. */
  wantsHistory(device: Device): boolean {
    return device.rereadWanted || this.#lost(device.serial);
  }

  /** The handshake that asks for the whole history is out. */
  historyAsked(serial: string): void {
    this.#options.devices.wantReread(serial, false);
    this.#rereading.set(serial, this.#options.clock.monotonic());
  }

  onUpload(serial: string): void {
    if (this.#rereading.has(serial)) this.#rereading.set(serial, this.#options.clock.monotonic());
  }

  /** Somebody set the terminal's clock or cleared its memory. */
  onDoubt(serial: string): void {
    this.#doubts.add(serial);
  }

  /** To be called before commands are handed out. What fails now is tried at the next poll. */
  onPoll(serial: string): void {
    const device = this.#options.devices.lookup(serial);
    if (device === undefined || device.state !== "active") return;
    try {
      this.#finishHistory(device);
      this.#askForHandshake(device);
      if (this.#options.clock.trusted()) this.#askForWindows(device);
    } catch (fault) {
      this.#options.log.warn("a terminal could not be asked for what may be missing", {
        serial,
        fault,
      });
    }
  }

  #lost(serial: string): boolean {
    return !this.#rereading.has(serial) && this.#options.queue.needsReread?.(serial) === true;
  }

  #finishHistory({ serial }: Device): void {
    const since = this.#rereading.get(serial);
    if (since === undefined) return;
    if (this.#options.clock.monotonic() - since < HISTORY_IDLE_MS) return;
    this.#options.queue.rereadDone?.(serial);
    this.#rereading.delete(serial);
  }

  #askForHandshake(device: Device): void {
    const { devices, commands, clock } = this.#options;
    const { serial, handshakeAt, toldOffset } = device;
    const sinceStart = clock.monotonic() - this.#startedAt;
    const unheard = handshakeAt === null && sinceStart > HANDSHAKE_PATIENCE_MS;
    const moved = clock.trusted() && toldOffset !== null &&
      toldOffset !== devices.offsetFor(serial);
    if (this.wantsHistory(device) && device.dialect === "access") this.#askForAllEvents(device);
    else if (!unheard && !moved && !this.wantsHistory(device)) return;
    if (!commands.isOpen(serial, "check")) commands.orderOwn(serial, "check");
  }

  /** Access terminals know no stamp that means everything; their query does. */
  #askForAllEvents({ serial }: Device): void {
    const { commands, clock } = this.#options;
    const at = wallTimeAt("UTC", clock.now());
    if (commands.orderOwn(serial, "pull_window", { from: at, to: at }) !== null) {
      this.historyAsked(serial);
    }
  }

  #askForWindows(device: Device): void {
    const { devices, commands, clock } = this.#options;
    const { serial, dialect } = device;
    const silence = devices.silence(serial);
    const doubted = this.#doubts.has(serial) && this.#doubtIsDue(serial);
    if ((silence === null && !doubted) || commands.isOpen(serial, "pull_window")) return;
    const now = clock.now();
    // Access terminals send again by themselves what was not acknowledged.
    if (dialect !== "access") {
      const from = Math.min(
        silence === null ? now : silence.from - OVERLAP_MS,
        doubted ? now - DOUBT_MS : now,
      );
      this.#askPieces(device, from, now);
    }
    devices.forgetSilence(serial);
    if (doubted) {
      this.#doubts.delete(serial);
      this.#doubtAsked.set(serial, clock.monotonic());
    }
  }

  #doubtIsDue(serial: string): boolean {
    const asked = this.#doubtAsked.get(serial);
    return asked === undefined || this.#options.clock.monotonic() - asked > DOUBT_PAUSE_MS;
  }

  #askPieces({ serial, timeZone }: Device, from: number, to: number): void {
    let start = Math.max(from, to - MAX_PIECES * PIECE_MS);
    while (start < to) {
      const end = Math.min(start + PIECE_MS - DAY_MS / 24, to);
      this.#options.commands.orderOwn(serial, "pull_window", {
        from: wallTimeAt(timeZone, start),
        to: wallTimeAt(timeZone, end),
      });
      start = end + 1;
    }
  }
}
