/**
 * What the running agent does for its machine: it watches the machine's own address and looks for newer versions.
 * Owns putting the two together; must not know terminals, punches or how a destination is asked.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { PeerList } from "../base/peers.ts";
import { AddressWatch, type AddressWatchOptions } from "./address_watch.ts";
import { PROGRAM_FOLDER } from "./layout.ts";
import { rootOf } from "./metadata.ts";
import { networkInterfaces, ownNetworks } from "./network.ts";
import { DiskSlotFiles } from "./slot_files.ts";
import { Slots } from "./slots.ts";
import { type UpdateAlarm, Updates, type UpdatesOptions, type UpdateState } from "./updates.ts";

export interface MachineCareOptions
  extends Pick<UpdatesOptions, "dataDirectory" | "version" | "minFreeBytes" | "random"> {
  /** Null: nobody offers newer versions over the network. */
  readonly source: UpdatesOptions["source"] | null;
  readonly queue: AddressWatchOptions["store"] & {
    stats(): { readonly pending: number; readonly freeBytes: number };
  };
  /** Addresses and networks of terminals. */
  readonly callers: readonly string[];
  /** The one-file program; null under a Deno of its own, which never updates itself. */
  readonly program: { readonly architecture: string; readonly updateRoot: unknown } | null;
  readonly alarms: {
    raise(code: UpdateAlarm | "own_address", message: string): void;
    clear(code: UpdateAlarm): void;
    acknowledge(code: string): boolean;
    list(): readonly { readonly code: string }[];
  };
  readonly clock: Clock;
  readonly log: Log;
}

export class MachineCare {
  readonly #log: Log;
  readonly #address: AddressWatch;
  readonly #updates: Updates | null;

  constructor(options: MachineCareOptions) {
    const { program, source, queue, log } = options;
    const callers = new PeerList(options.callers);
    this.#log = log;
    this.#address = new AddressWatch({
      ...options,
      store: queue,
      isTerminalNetwork: (address) => callers.has(address),
      networks: () => this.#networks(),
    });
    this.#updates = source && new Updates({
      ...options,
      source,
      pending: () => queue.stats().pending,
      freeBytes: () => queue.stats().freeBytes,
      architecture: program?.architecture ?? "",
      root: program === null ? null : rootOf(program.updateRoot),
      slots: () => new Slots(new DiskSlotFiles(PROGRAM_FOLDER)),
    });
  }

  /** Null: this machine never updates itself, or cannot say. The sync that carries it must not end by that. */
  updateState(): UpdateState | null {
    try {
      return this.#updates?.state() ?? null;
    } catch (error) {
      this.#log.error("how updates stand cannot be read", { error });
      return null;
    }
  }

  updateOffered(version: string): void {
    this.#updates?.offered(version);
  }

  /** That terminals can call. */
  addresses(): readonly string[] {
    return this.#networks().map(({ address }) => address);
  }

  start(): void {
    this.#address.start();
    this.#updates?.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#address.stop(), this.#updates?.stop()]);
  }

  #networks() {
    return ownNetworks(networkInterfaces(this.#log));
  }
}
