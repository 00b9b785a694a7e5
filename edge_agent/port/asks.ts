/**
 * What a terminal is asked at its poll because of what it said or did not say: a fresh handshake, or
 * the days around a clock that was set or a memory that was cleared. Repetition costs nothing but
 * time: keys make it harmless. Must not know bytes or routes; silences and damage to the queue are
 * recovery's business.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { Commands, Device, Devices } from "../fleet/fleet.ts";

export interface AsksOptions {
  readonly devices: Devices;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly log: Log;
}

/** A terminal that polls without a handshake is asked for one, unless it just lost its network. */
const HANDSHAKE_PATIENCE_MS = 60_000;
/** After a clock was set, records of the last days may have been passed over by the terminal. */
const DOUBT_MS = 3 * DAY_MS;
const DOUBT_PAUSE_MS = 60 * 60_000;
/** Some firmware answers CHECK without greeting: it must not be asked at every poll. */
const CHECK_PAUSE_MS = 10 * 60_000;

export class Asks {
  readonly #options: AsksOptions;
  readonly #doubts = new Set<string>();
  readonly #doubtAsked = new Map<string, number>();
  readonly #checkAsked = new Map<string, number>();
  #startedAt = 0;

  constructor(options: AsksOptions) {
    this.#options = options;
  }

  start(): void {
    this.#startedAt = this.#options.clock.monotonic();
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
      this.#askForHandshake(device);
      if (this.#options.clock.trusted()) this.#askForDoubtedDays(device);
    } catch (fault) {
      this.#options.log.warn("a terminal could not be asked for what may be missing", {
        serial,
        fault,
      });
    }
  }

  #askForHandshake(device: Device): void {
    const { devices, commands, clock } = this.#options;
    const { serial, handshakeAt, toldOffset, rereadWanted, dialect } = device;
    const sinceStart = clock.monotonic() - this.#startedAt;
    const unheard = handshakeAt === null && sinceStart > HANDSHAKE_PATIENCE_MS;
    const moved = clock.trusted() && toldOffset !== null &&
      toldOffset !== devices.offsetFor(serial);
    if (rereadWanted && dialect === "access") this.#askForAllEvents(device);
    else if (!unheard && !moved && !rereadWanted) return;
    if (!this.#isOver(this.#checkAsked, serial, CHECK_PAUSE_MS)) return;
    if (commands.isOpen(serial, "check")) return;
    commands.orderOwn(serial, "check");
    this.#checkAsked.set(serial, clock.monotonic());
  }

  /** Access terminals know no stamp that means everything; their query does. */
  #askForAllEvents({ serial }: Device): void {
    const { commands, devices, clock } = this.#options;
    const at = wallTimeAt("UTC", clock.now());
    if (commands.orderOwn(serial, "pull_window", { from: at, to: at }) !== null) {
      devices.wantReread(serial, false);
    }
  }

  #askForDoubtedDays({ serial, dialect, timeZone }: Device): void {
    const { commands, clock } = this.#options;
    if (!this.#doubts.has(serial)) return;
    if (!this.#isOver(this.#doubtAsked, serial, DOUBT_PAUSE_MS)) return;
    // Access terminals send again by themselves what was not acknowledged.
    if (dialect !== "access") {
      commands.orderOwn(serial, "pull_window", {
        from: wallTimeAt(timeZone, clock.now() - DOUBT_MS),
        to: wallTimeAt(timeZone, clock.now()),
      });
    }
    this.#doubts.delete(serial);
    this.#doubtAsked.set(serial, clock.monotonic());
  }

  /** Whether the pause since a question was last asked is over. */
  #isOver(asked: ReadonlyMap<string, number>, serial: string, pauseMs: number): boolean {
    const at = asked.get(serial);
    return at === undefined || this.#options.clock.monotonic() - at > pauseMs;
  }
}
