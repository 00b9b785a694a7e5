/**
 * The address that terminals were told to call. Owns noticing that this machine no longer has it; must not know
 * terminals: one that still gets through (by another network, or by a name) proves nothing for the others.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import type { OwnNetwork } from "./network.ts";

const EVERY_MS = 30_000;
/** A lease that is renewed may leave an interface without an address for a moment. */
const LOOKS_BEFORE_ALARM = 2;
const STATE_NAME = "own_address";
const CODE = "own_address";

export interface AddressWatchOptions {
  readonly networks: () => readonly OwnNetwork[];
  /** Whether terminals may call from a network: such an address is preferred. */
  readonly isTerminalNetwork: (address: string) => boolean;
  readonly store: {
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
  readonly alarms: {
    raise(code: typeof CODE, message: string): void;
    acknowledge(code: string): boolean;
    list(): readonly { readonly code: string }[];
  };
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Log;
}

interface Known {
  readonly address: string;
  /** The alarm for its loss was raised. */
  readonly told: boolean;
}

export class AddressWatch {
  readonly #options: AddressWatchOptions;
  readonly #loop: Loop;
  #missing = 0;

  constructor(options: AddressWatchOptions) {
    this.#options = options;
    this.#loop = new Loop({
      clock: options.clock,
      log: options.log,
      turn: () => this.look(),
      everyMs: EVERY_MS,
      complaint: "the machine's own address could not be looked at",
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  look(): void {
    const { networks, isTerminalNetwork, alarms, store } = this.#options;
    const own = networks();
    const now = own.find(({ address }) => isTerminalNetwork(address)) ?? own[0];
    const known = readKnown(store.getState(STATE_NAME));
    if (known === null) {
      if (now !== undefined) this.#know(now.address);
      return;
    }
    if (own.some(({ address }) => address === known.address)) {
      this.#missing = 0;
      if (known.told) {
        alarms.acknowledge(CODE);
        this.#know(known.address);
      }
      return;
    }
    // A person has seen it: what is now counts from here on.
    if (known.told && !alarms.list().some(({ code }) => code === CODE)) {
      if (now !== undefined) this.#know(now.address);
      return;
    }
    this.#missing += 1;
    if (this.#missing < LOOKS_BEFORE_ALARM) return;
    store.setState(STATE_NAME, JSON.stringify({ address: known.address, told: true }));
    alarms.raise(
      CODE,
      `this machine had the address ${known.address} and has ${now?.address ?? "none"} now: ` +
        `terminals still call ${known.address}`,
    );
  }

  #know(address: string): void {
    this.#missing = 0;
    this.#options.store.setState(STATE_NAME, JSON.stringify({ address, told: false }));
  }
}

function readKnown(text: string | null): Known | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  const address: unknown = Reflect.get(Object(value), "address");
  return typeof address === "string"
    ? { address, told: Reflect.get(Object(value), "told") === true }
    : null;
}
