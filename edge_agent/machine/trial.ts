/**
 * A new version on trial: the service is started with it and watched; it is confirmed when it is well and
 * taken back when it is not within the time. Runs as root, out of the version that was confirmed before.
 * Owns what well means; must not know how a version came here.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Slots } from "./slots.ts";

/** What is seen of the service from outside. */
export interface ServiceView {
  readonly version: string;
  /** It takes punches in. */
  readonly ready: boolean;
  /** Odoo answered it since its start. */
  readonly heardOdoo: boolean;
}

export interface TrialOptions {
  readonly slots: Slots;
  /** Ends the running process and starts `current`. */
  readonly restart: () => Promise<void>;
  /** Null while it does not answer. */
  readonly look: () => Promise<ServiceView | null>;
  readonly clock: Pick<Clock, "now" | "monotonic" | "sleep">;
  readonly log: Log;
}

/** Together with the time to stop and start, the service is on a good version again within five minutes. */
const PATIENCE_MS = 4 * 60_000;
const LOOK_MS = 2_000;
/** One look is a moment; a version that crashes after its start is not well. */
const LOOKS_IN_A_ROW = 10;

export interface Candidate {
  readonly file: string;
  readonly version: string;
  readonly sha256: string;
}

export type TrialOutcome = "confirmed" | "reverted";

export class Trials {
  readonly #options: TrialOptions;

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  /** From the switch to the end of the trial. */
  async tryOut({ file, version, sha256 }: Candidate): Promise<TrialOutcome> {
    const { slots, clock, log, restart } = this.#options;
    await slots.begin(file, { version, sha256 }, clock.now());
    log.info("a new version is on trial", { version });
    try {
      await restart();
    } catch (error) {
      // The new version may be what fails there: the watch judges it, and takes it back.
      log.error("the service does not start with the new version", { version, error });
    }
    return await this.watch(version);
  }

  /** Also after a start of the machine in the middle of a trial. */
  async watch(version: string): Promise<TrialOutcome> {
    const { slots, clock, log, restart } = this.#options;
    const fault = await this.#fault(version);
    if (fault === null) {
      slots.confirm();
      log.info("the new version is confirmed", { version });
      return "confirmed";
    }
    slots.revert(fault, clock.now());
    log.error("the new version is taken back", { version, fault });
    await restart();
    return "reverted";
  }

  /** Null once it was well for a while; else what it lacked to the end. */
  async #fault(version: string): Promise<string | null> {
    const { clock, look } = this.#options;
    const from = clock.monotonic();
    let well = 0;
    let fault = "it does not answer";
    while (clock.monotonic() - from < PATIENCE_MS) {
      const found = faultOf(await look(), version);
      well = found === null ? well + 1 : 0;
      if (well >= LOOKS_IN_A_ROW) return null;
      if (found !== null) fault = found;
      await clock.sleep(LOOK_MS);
    }
    return fault;
  }
}

function faultOf(view: ServiceView | null, version: string): string | null {
  if (view === null) return "it does not answer";
  if (view.version !== version) return `version ${view.version} runs instead`;
  if (!view.ready) return "it does not take punches in";
  return view.heardOdoo ? null : "Odoo did not answer it";
}
