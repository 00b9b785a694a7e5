/**
 * Puts the polling half of the agent together: poller, clearing and the kept reads, from the books and
 * the door to Odoo. Owns no rule; agent.ts starts and stops it.
 */
import type { Clock } from "../base/clock.ts";
import type { TerminalSettings } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { DeviceUser } from "../base/terminal.ts";
import { waking } from "../base/waking.ts";
import { Cleanup, type CleanupWorld } from "../cleanup/cleanup.ts";
import type { PolledView } from "../fleet/fleet.ts";
import {
  dialOf,
  type PollTarget,
  readSerial,
  type Waits,
  withTerminal,
  ZkFault,
  type ZkUser,
} from "../zk/zk.ts";
import { type KnownDevice, pollDevices, terminalsOf } from "./devices.ts";
import { type OrderBooks, PollOrders } from "./orders.ts";
import { type HeardDevice, polledDevice, readsMissing, whyPushNotQuiet } from "./plan.ts";
import { Poller, type PollerOptions } from "./poller.ts";
import { ReadKeep } from "./read_keep.ts";
import { type SearchOptions, TerminalSearch } from "./search.ts";

export { ownAddresses } from "./own_addresses.ts";

export interface PollingParts {
  readonly terminals: readonly TerminalSettings[];
  /** Under which the kept reads get a folder of their own. */
  readonly dataDirectory: string;
  readonly queue: PollerOptions["queue"] & { resend(keys: readonly string[]): number };
  readonly devices: {
    lookup(serial: string): KnownDevice | undefined;
    all(): readonly { readonly serial: string; readonly settings: { readonly poll: unknown } }[];
    updateFacts(serial: string, facts: Readonly<Record<string, string | number>>): void;
  };
  readonly holdings: CleanupWorld["holdings"];
  readonly clock: Clock;
  readonly log: Log;
  /** Something new is in the queue. */
  readonly wake: () => void;
  /** Odoo's orders for terminals that are not polled. */
  readonly commands: OrderBooks;
  /** Relays device users from memory. */
  readonly usersSeen: (serial: string, users: readonly DeviceUser[]) => void;
  /** An order has a result. */
  readonly wakeSync: () => void;
  readonly waits?: Waits;
  /** Where terminals may be looked for; absent: nowhere. */
  readonly search?: Pick<SearchOptions, "interfaces" | "isAllowed">;
}

/** A terminal answers within milliseconds; more is not waited for at an address where hardly one is. */
const SEARCH_WAITS: Waits = { replyMs: 800, dataMs: 800, factMs: 800 };
const SEARCH_DIAL_MS = 700;
const SEARCH_TOTAL_MS = 4_000;

export class Polling {
  readonly poller: Poller;
  /** What the sync hands Odoo's orders to. */
  readonly orders: PollOrders;
  readonly #keep: ReadKeep;
  readonly #cleanup: Cleanup;
  readonly #stopper = new AbortController();
  readonly #parts: PollingParts;

  constructor(parts: PollingParts) {
    const { clock, dataDirectory, log, devices } = parts;
    this.#parts = parts;
    this.#keep = new ReadKeep({ directory: `${dataDirectory}/cleared`, now: () => clock.now() });
    const listeningSince = clock.now();
    const queue = wakingQueue(parts);
    this.#cleanup = this.#makeCleanup(queue);
    this.poller = new Poller({
      devices: () =>
        pollDevices({
          terminals: this.terminals(),
          lookup: (serial) => devices.lookup(serial),
          listeningSince,
          now: clock.now(),
        }),
      queue,
      clock,
      log,
      newId: () => crypto.randomUUID(),
      updateFacts: (serial, facts) => devices.updateFacts(serial, facts),
      cleanup: this.#cleanup,
      ...(parts.search && { search: this.#makeSearch(parts.search) }),
      ...(parts.waits && { waits: parts.waits }),
    });
    this.orders = new PollOrders({
      store: parts.queue,
      poller: this.poller,
      polled: (serial) => {
        const terminal = this.terminals().find((known) => known.serial === serial);
        return terminal && { pollOnly: terminal.mode === "poll" };
      },
      others: parts.commands,
      usersSeen: (serial, users) => parts.usersSeen(serial, users.map(relayed)),
      log,
      wake: parts.wakeSync,
    });
  }

  /** What reading knows of each terminal with an address. */
  views(): PolledView[] {
    const now = this.#parts.clock.now();
    return this.terminals().map((terminal) => {
      const { serial } = terminal;
      const { lastReadAt, completeReadAt, facts, found } = this.poller.memoryOf(serial);
      const silent = readsMissing(terminal, lastReadAt, now);
      const moved = found?.configured === terminal.host ? found : null;
      const unsafe = this.#cleanup.unsafe(serial);
      const told = {
        ...facts,
        ...(moved && { found_at: moved.host, configured_at: moved.configured }),
        ...(unsafe !== null && { unsafe_to_clear: unsafe }),
      };
      const host = moved?.host ?? terminal.host;
      return { serial, host, silent, lastReadAt, completeReadAt, facts: told };
    });
  }

  /** When the last read began that got every record the terminal counts; epoch ms. */
  completeReadAt(serial: string): number | null {
    return this.poller.memoryOf(serial).completeReadAt;
  }

  /** The device as its reads show it, where it never pushes: heard when it was read. */
  judged<T extends HeardDevice>(device: T): T {
    const terminal = this.terminals().find(({ serial }) => serial === device.serial);
    if (terminal?.mode !== "poll" || device.lastHeardAt !== null) return device;
    const { lastReadAt } = this.poller.memoryOf(device.serial);
    return polledDevice(device, { ...terminal, lastReadAt }, this.#parts.clock.now());
  }

  /** Those of the branch's file and those that Odoo gave an address, which may change any time. */
  terminals(): TerminalSettings[] {
    return terminalsOf(this.#parts.terminals, this.#parts.devices.all());
  }

  start(): void {
    try {
      this.#keep.purge();
    } catch (error) {
      // A full or failing disk: reading and capture go on without.
      this.#parts.log.warn("kept reads could not be tidied up", { error });
    }
    this.poller.start();
  }

  stop(): Promise<void> {
    this.#stopper.abort();
    return this.poller.stop();
  }

  #makeSearch(where: Pick<SearchOptions, "interfaces" | "isAllowed">): TerminalSearch {
    const { clock, log } = this.#parts;
    return new TerminalSearch({
      ...where,
      clock,
      log,
      serialAt: (target) => this.#serialAt(target),
    });
  }

  async #serialAt(target: PollTarget): Promise<string | null> {
    const dial = dialOf(target, SEARCH_WAITS, this.#stopper.signal);
    if (this.#stopper.signal.aborted) return null;
    const brief = { ...dial, dialMs: SEARCH_DIAL_MS, totalMs: SEARCH_TOTAL_MS };
    try {
      return await withTerminal(brief, (terminal) => terminal.run(readSerial(terminal.session)));
    } catch (fault) {
      if (fault instanceof ZkFault) return null;
      throw fault;
    }
  }

  #makeCleanup(sink: PollerOptions["queue"]): Cleanup {
    const { queue, devices, holdings, clock, waits } = this.#parts;
    const pushes = (serial: string) =>
      this.terminals().some((terminal) => terminal.serial === serial && terminal.mode !== "poll");
    return new Cleanup({
      sink,
      holdings,
      whyNotQuiet: (serial) => {
        const device = devices.lookup(serial);
        if (device === undefined) return "nobody has let this terminal in yet";
        // A terminal that was ever heard pushes, whatever the settings say.
        const usesPush = pushes(serial) || device.lastHeardAt !== null;
        return whyPushNotQuiet(usesPush ? device : null);
      },
      resend: (keys) => {
        queue.resend(keys);
        this.#parts.wake();
      },
      keepRead: (name, bytes) => this.#keep.write(name, bytes),
      clock,
      newId: () => crypto.randomUUID(),
      ...(waits && { waits }),
    });
  }
}

/** Delivery begins as soon as a read has brought something new. */
function wakingQueue({ queue, wake }: PollingParts): PollerOptions["queue"] {
  return {
    add: waking((upload) => queue.add(upload), wake),
    getState: (name) => queue.getState(name),
    setState: (name, value) => queue.setState(name, value),
    addRun: (run) => queue.addRun(run),
  };
}

/** The contract's form of a device user. Credentials are not asked for over this port. */
function relayed(user: ZkUser): DeviceUser {
  return {
    pin: user.pin,
    name: user.name,
    privilege: user.privilege,
    card: user.card,
    group: String(user.group),
    has_password: user.hasPassword,
    credentials: { finger: 0, face: 0, palm: 0 },
  };
}
