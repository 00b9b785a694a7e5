/**
 * Serials that knocked and that nobody has allowed. In memory only and bounded, so that a flood of
 * invented serials costs neither disk nor the sight of a real one.
 */
import { instant } from "../base/clock.ts";

export interface UnknownDevice {
  readonly serial: string;
  readonly peer: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly count: number;
  readonly family: string;
}

interface Stranger {
  peer: string;
  readonly family: string;
  readonly firstSeenAt: number;
  lastSeenAt: number;
  count: number;
}

const MAX_UNKNOWN = 100;

export class Strangers {
  readonly #known = new Map<string, Stranger>();

  /** True when it is new. At the limit whoever knocked least makes room. */
  note(
    serial: string,
    { peer, family, at }: { peer: string; family: string; at: number },
  ): boolean {
    const known = this.#known.get(serial);
    if (known !== undefined) {
      known.count += 1;
      known.lastSeenAt = at;
      known.peer = peer;
      return false;
    }
    if (this.#known.size >= MAX_UNKNOWN) this.#known.delete(this.#quietest());
    this.#known.set(serial, { peer, family, firstSeenAt: at, lastSeenAt: at, count: 1 });
    return true;
  }

  forget(serial: string): void {
    this.#known.delete(serial);
  }

  list(): UnknownDevice[] {
    return [...this.#known].map(([serial, stranger]) => ({
      serial,
      peer: stranger.peer,
      first_seen_at: instant(stranger.firstSeenAt),
      last_seen_at: instant(stranger.lastSeenAt),
      count: stranger.count,
      family: stranger.family,
    }));
  }

  /** Invented serials knock once each; a real terminal knocks again and stays listed. */
  #quietest(): string {
    let found = "";
    let least: Stranger | null = null;
    for (const [serial, stranger] of this.#known) {
      const quieter = least === null || stranger.count < least.count ||
        (stranger.count === least.count && stranger.lastSeenAt < least.lastSeenAt);
      if (quieter) [found, least] = [serial, stranger];
    }
    return found;
  }
}
