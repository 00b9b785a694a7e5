/**
 * Device users on their way from terminals to Odoo. They live in memory only: after a restart the
 * terminals are asked again. Owns what waits and its bound; must not know HTTP, and never writes or
 * logs a user.
 */
import { fullJitter } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import { DAY_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop, type Rest } from "../base/loop.ts";
import type { DeviceUser } from "../base/terminal.ts";
import type { UserList } from "./destination.ts";

export interface UserRelayOptions {
  readonly post: (
    serial: string,
    users: UserList,
    signal: AbortSignal,
  ) => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Names a list that travels in several posts. */
  readonly newId: () => string;
}

/** What a terminal said of its users, in the order in which it must arrive. */
interface Waiting {
  /** All users of the terminal. One PIN is taken out when Odoo has it. */
  whole: { readonly byPin: Map<string, DeviceUser>; readonly upload: UserList["upload"] } | null;
  /** Changes that came after that list, or without one. */
  readonly changes: Map<string, DeviceUser>;
}

const MAX_USERS = 50_000;
/** What Odoo takes at once; the terminals' short names keep it far below the limit in bytes. */
const USERS_PER_POST = 1_000;
const BACKOFF = { baseMs: 2_000, capMs: 120_000 };
/** Terminals send users in many small uploads: wait for the rest. */
const GATHER_MS = 2_000;
/** Ended by `seen`. */
const IDLE_MS = DAY_MS;

export class UserRelay {
  readonly #options: UserRelayOptions;
  readonly #waiting = new Map<string, Waiting>();
  #size = 0;
  readonly #loop: Loop;

  constructor(options: UserRelayOptions) {
    this.#options = options;
    const { clock, random, log } = options;
    this.#loop = new Loop({
      clock,
      log,
      turn: (signal) => this.#turn(signal),
      everyMs: 0,
      complaint: "device users not relayed yet",
      retryMs: (failures) => fullJitter(failures, BACKOFF, random()),
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** `complete`: these are all users of the terminal. */
  seen(serial: string, users: readonly DeviceUser[], complete: boolean): void {
    if (this.#size + users.length > MAX_USERS) {
      this.#options.log.warn("device users dropped; refresh them later", { serial });
      return;
    }
    const waiting = this.#waiting.get(serial) ?? { whole: null, changes: new Map() };
    this.#size -= sizeOf(waiting);
    if (complete) {
      const byPin = new Map(users.map((user) => [user.pin, user]));
      const upload = byPin.size > USERS_PER_POST
        ? { id: this.#options.newId(), total: byPin.size }
        : undefined;
      waiting.whole = { byPin, upload };
      waiting.changes.clear();
    } else {
      for (const user of users) waiting.changes.set(user.pin, user);
    }
    this.#size += sizeOf(waiting);
    this.#waiting.set(serial, waiting);
    this.#loop.wake();
  }

  async #turn(signal: AbortSignal): Promise<Rest | void> {
    if (this.#waiting.size === 0) return { ms: IDLE_MS, idle: true };
    await this.#options.clock.sleep(GATHER_MS, signal);
    await this.#postOne(signal);
  }

  async #postOne(signal: AbortSignal): Promise<void> {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [serial, waiting] = first;
    const { whole } = waiting;
    const byPin = whole?.byPin ?? waiting.changes;
    const users = [...byPin.values()].slice(0, USERS_PER_POST);
    const list = {
      users,
      complete: whole !== null,
      ...(whole?.upload && { upload: whole.upload }),
    };
    await this.#options.post(serial, list, signal);
    for (const user of users) {
      if (byPin.get(user.pin) === user && byPin.delete(user.pin)) this.#size -= 1;
    }
    // A newer list may have come meanwhile: the rest of the older one is of no interest.
    if (waiting.whole !== whole) this.#size = this.#recount();
    else if (byPin.size === 0) waiting.whole = null;
    if (waiting.whole === null && waiting.changes.size === 0) this.#waiting.delete(serial);
  }

  #recount(): number {
    return [...this.#waiting.values()].reduce((sum, waiting) => sum + sizeOf(waiting), 0);
  }
}

function sizeOf({ whole, changes }: Waiting): number {
  return (whole?.byPin.size ?? 0) + changes.size;
}
