/**
 * At which address each terminal is: the one that is set, or the one at which it was found by its serial
 * number. What was found counts only while the setting it replaces stands, and is given up as soon as the
 * terminal no longer answers there. Must not know how a terminal is read.
 */
import type { PollTarget, ZkFault } from "../zk/zk.ts";
import type { PollMemory } from "./memory.ts";
import { seemsMoved, type TerminalSearch } from "./search.ts";

interface Located {
  readonly target: PollTarget;
}

export interface Moved<D> {
  readonly device: D;
  /** In words, empty when it is back at the address that is set. */
  readonly note: string;
}

export class Whereabouts {
  readonly #memory: PollMemory;
  readonly #search: Pick<TerminalSearch, "find"> | undefined;

  constructor(memory: PollMemory, search: Pick<TerminalSearch, "find"> | undefined) {
    this.#memory = memory;
    this.#search = search;
  }

  /** Each device at the address where it is. */
  located<D extends Located>(devices: readonly D[]): D[] {
    return devices.map((device) => {
      const { target } = device;
      const { found } = this.#memory.of(target.serial);
      const host = found?.configured === target.host ? found.host : target.host;
      return { ...device, target: { ...target, host } };
    });
  }

  /**
   * Looks for a device that could not be read: at once when somebody waits or another terminal answers in
   * its place, else after the second failure. `configured`: all devices as they are set. Null: not found.
   */
  async look<D extends Located>(
    device: D,
    fault: ZkFault,
    isAwaited: boolean,
    configured: readonly D[],
  ): Promise<Moved<D> | null> {
    const { target } = device;
    const { serial } = target;
    if (!seemsMoved(fault, target.transport)) return null;
    // What was found before is gone too: the address that is set has its turn again.
    this.#memory.change(serial, { found: null });
    const worth = fault.kind === "serial" || isAwaited || this.#memory.of(serial).failures > 1;
    if (!worth) return null;
    const host = await this.#search?.find(target, this.#taken(configured)) ?? null;
    if (host === null) return null;
    const set = configured.find((one) => one.target.serial === serial)?.target.host ?? "";
    this.#memory.change(serial, { found: host === set ? null : { configured: set, host } });
    const note = host === set ? "" : `found by its serial number at ${host}, no longer at ${set}`;
    return { device: { ...device, target: { ...target, host } }, note };
  }

  /** Where other terminals were read the last time they were tried. */
  #taken<D extends Located>(configured: readonly D[]): ReadonlySet<string> {
    const well = this.located(configured).filter(({ target }) => {
      const { lastReadAt, failures } = this.#memory.of(target.serial);
      return lastReadAt !== null && failures === 0;
    });
    return new Set(well.map(({ target }) => target.host));
  }
}
