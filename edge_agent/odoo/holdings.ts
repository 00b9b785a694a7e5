/**
 * Asking Odoo about a log, now: whether it holds every punch (days by count and digest first, then the
 * keys of the days that differ), and whether a person has decided about every line nobody could read.
 * Pure but for the questions that are handed in.
 */
import { sha256Hex } from "../base/sha256.ts";
import type { Holdings, KeysByDay } from "../delivery/delivery.ts";

/** The three questions of the confirm route (docs/contract.md). */
export interface ConfirmQuestions {
  /** Days of wall time whose punches in Odoo are not exactly these. */
  confirmDays(
    serial: string,
    days: readonly { day: string; count: number; digest: string }[],
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /** Of at most 5,000 keys, those that Odoo does not hold. */
  confirmKeys(
    serial: string,
    keys: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /**
   * Of at most 1,000 unreadable lines, each named by the digest of its raw text, those that Odoo does not
   * hold or on which no named person has decided.
   */
  confirmRejects(serial: string, digests: readonly string[]): Promise<readonly string[]>;
}

const REJECTS_AT_ONCE = 1_000;
const KEYS_AT_ONCE = 5_000;
const DAYS_AT_ONCE = 500;

export class OdooHoldings implements Holdings {
  readonly #odoo: ConfirmQuestions;

  constructor(odoo: ConfirmQuestions) {
    this.#odoo = odoo;
  }

  async countUndecided(serial: string, raws: ReadonlySet<string>): Promise<number> {
    const digests = [...raws].map(sha256Hex);
    let undecided = 0;
    for (let at = 0; at < digests.length; at += REJECTS_AT_ONCE) {
      const asked = digests.slice(at, at + REJECTS_AT_ONCE);
      undecided += new Set(await this.#odoo.confirmRejects(serial, asked)).size;
    }
    return undecided;
  }

  /** A day that holds more than ours is asked key by key. */
  async findMissing(serial: string, keys: KeysByDay, signal?: AbortSignal): Promise<string[]> {
    const digests = [...keys].map(([day, ofDay]) => ({
      day,
      count: ofDay.length,
      digest: sha256Hex([...ofDay].sort().join("\n")),
    }));
    const differing: string[] = [];
    for (let at = 0; at < digests.length; at += DAYS_AT_ONCE) {
      const asked = digests.slice(at, at + DAYS_AT_ONCE);
      differing.push(...await this.#odoo.confirmDays(serial, asked, signal));
    }
    const doubtful = differing.flatMap((day) => keys.get(day) ?? []);
    const missing: string[] = [];
    for (let at = 0; at < doubtful.length; at += KEYS_AT_ONCE) {
      const asked = doubtful.slice(at, at + KEYS_AT_ONCE);
      missing.push(...await this.#odoo.confirmKeys(serial, asked, signal));
    }
    return missing;
  }
}
