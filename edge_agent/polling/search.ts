/**
 * Finds a terminal again whose address changed: asks the addresses of the machine's own subnets for their
 * serial number, and believes only the number the protocol states. Private networks alone, no wider than a
 * /24 each, within the networks that terminals may call from; a few at once, seldom. Must not know the
 * queue, schedules or what is done with the answer.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { PollTarget, ZkFault } from "../zk/zk.ts";

/** An address of this machine. */
export interface OwnAddress {
  readonly address: string;
  readonly netmask: string;
}

export interface SearchOptions {
  /** Without those that only this machine reaches. */
  readonly interfaces: () => readonly OwnAddress[];
  /** Whether terminals may call from there: where they may not, nobody is looked for. */
  readonly isAllowed: (address: string) => boolean;
  /** The serial that is stated there by the protocol; null when none is. */
  readonly serialAt: (target: PollTarget) => Promise<string | null>;
  readonly clock: Clock;
  readonly log: Log;
}

/** One terminal is looked for at most this often. */
const SEARCH_MS = 30 * 60_000;
const AT_ONCE = 8;
/** Addresses of one search; two networks of 254. */
const MAX_ADDRESSES = 508;
const NARROWEST_BITS = 24;

export class TerminalSearch {
  readonly #options: SearchOptions;
  /** Monotonic ms of the latest search, by serial. */
  readonly #searched = new Map<string, number>();
  #busy = false;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /**
   * Where the terminal is now; null when it is nowhere, or it is too soon to look again. `taken`:
   * addresses at which other terminals answer.
   */
  async find(target: PollTarget, taken: ReadonlySet<string>): Promise<string | null> {
    const { clock, log, interfaces, isAllowed } = this.#options;
    const { serial } = target;
    const before = this.#searched.get(serial);
    if (this.#busy || (before !== undefined && clock.monotonic() - before < SEARCH_MS)) return null;
    this.#searched.set(serial, clock.monotonic());
    this.#busy = true;
    try {
      const addresses = searchedAddresses(interfaces(), target.host)
        .filter((address) => isAllowed(address) && !taken.has(address));
      const found = await this.#ask(target, addresses);
      log.info("a terminal was looked for", { serial, asked: addresses.length, found });
      return found;
    } finally {
      this.#busy = false;
    }
  }

  async #ask(target: PollTarget, addresses: readonly string[]): Promise<string | null> {
    let found: string | null = null;
    let next = 0;
    const worker = async () => {
      while (found === null && next < addresses.length) {
        const host = addresses[next++]!;
        if (await this.#options.serialAt({ ...target, host }) === target.serial) found = host;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return found;
  }
}

/** Nobody answers at the address, or somebody else does. */
export function seemsMoved(fault: ZkFault, transport: "tcp" | "udp"): boolean {
  if (fault.kind === "unreachable" || fault.kind === "serial") return true;
  return transport === "udp" && fault.kind === "timeout";
}

/**
 * The addresses to ask: of every private network of this machine the part around its own address and the
 * part around the address the terminal had, without both.
 */
export function searchedAddresses(own: readonly OwnAddress[], lost: string): string[] {
  const missing = numberOf(lost);
  const mine = new Set(own.map(({ address }) => numberOf(address)));
  const parts = new Map<number, number>();
  for (const { address, netmask } of own) {
    const here = numberOf(address), mask = numberOf(netmask);
    if (here === null || mask === null || !isPrivate(here)) continue;
    const narrow = Math.max(bitsOf(mask), NARROWEST_BITS);
    const sameNetwork = missing !== null && sameBits(here, missing, bitsOf(mask));
    for (const around of sameNetwork ? [missing, here] : [here]) {
      parts.set(firstOf(around, narrow), narrow);
    }
  }
  const found = [...parts].flatMap(([first, bits]) => hostsOf(first, bits))
    // A mask wider than the private network would reach beyond it.
    .filter((address) => isPrivate(address) && address !== missing && !mine.has(address));
  return found.slice(0, MAX_ADDRESSES).map(textOf);
}

/** Without the network's own address and its broadcast. */
function hostsOf(first: number, bits: number): number[] {
  const size = 2 ** (32 - bits);
  return Array.from({ length: Math.max(0, size - 2) }, (_, place) => first + 1 + place);
}

function firstOf(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}

function sameBits(one: number, other: number, bits: number): boolean {
  return firstOf(one, bits) === firstOf(other, bits);
}

/** Leading ones; a mask with holes counts up to the first. */
function bitsOf(mask: number): number {
  return /^1*/.exec(mask.toString(2).padStart(32, "0"))![0].length;
}

const PRIVATE: readonly (readonly [string, number])[] = [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["127.0.0.0", 8],
];

function isPrivate(address: number): boolean {
  return PRIVATE.some(([network, bits]) => sameBits(address, numberOf(network)!, bits));
}

/** Null for what is no IPv4 address. */
function numberOf(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function textOf(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
