/**
 * Which of the waiting sightings to send next, so that one that Odoo cannot take is found and set
 * aside without ever setting aside an innocent one. Pure: no clock, no network, no queue.
 *
 * A batch that fails twice is halved. One that is alone and fails becomes a suspect; from then on
 * it is tried alone, and only after some other sighting got its receipt. So every failure that
 * counts against it lies between two receipts: an outage, which gives receipts to nobody, convicts
 * nobody, and a line that loses a third of everything takes ten losses in a row to do it.
 */

/** Failures alone, each followed by a receipt for another, until a suspect is parked. */
export const FAILURES_TO_PARK = 10;

/** Failures of one batch until it is halved. */
const FAILURES_TO_HALVE = 2;

/** Batches stay small while a suspect is tried, so that there are others left to compare with. */
const BATCH_BESIDE_SUSPECTS = 50;

/** How many different sightings are tried alone while nothing at all succeeds. */
const PROBE_SPAN = 20;

/** A bare leaf cannot be parked once more; it is left alone for this many receipts. */
const RECEIPTS_OF_REST = 500;

interface Suspect {
  failures: number;
  /** Receipts for others since its latest failure. */
  receiptsSince: number;
  /** Receipts until it is tried again. */
  rest: number;
}

export interface Waits {
  readonly seq: number;
  readonly kind: "punch" | "reject" | "leaf";
}

export class Isolation {
  readonly #largest: number;
  #size: number;
  #failures = 0;
  #probe = 0;
  /** Whether somebody became a suspect since the latest receipt. */
  #marked = false;
  #lane = "";
  readonly #suspects = new Map<number, Suspect>();

  constructor(largest: number) {
    this.#largest = largest;
    this.#size = largest;
  }

  /** How many sightings to ask the queue for. */
  get wanted(): number {
    return this.#size + this.#suspects.size + (this.#size === 1 ? PROBE_SPAN : 0);
  }

  get suspects(): number {
    return this.#suspects.size;
  }

  /** Picks from what waits in `lane`, in the order given; empty only for an empty list. */
  choose<T extends Waits>(lane: string, waiting: readonly T[]): readonly T[] {
    if (lane !== this.#lane) {
      this.#lane = lane;
      this.#suspects.clear();
    }
    const due = waiting.find((one) => this.#isDue(this.#suspects.get(one.seq)));
    if (due !== undefined) return [due];
    const fresh = waiting.filter((one) => !this.#suspects.has(one.seq));
    const from = this.#size === 1 ? this.#probe % Math.max(fresh.length, 1) : 0;
    const chosen = fresh.slice(from, from + this.#size);
    return chosen.length > 0 ? chosen : waiting.slice(0, 1);
  }

  /** Returns the numbers that are to be parked now. */
  succeeded(sent: readonly Waits[]): number[] {
    this.#failures = 0;
    this.#probe = 0;
    this.#marked = false;
    for (const one of sent) this.#suspects.delete(one.seq);
    const convicted: number[] = [];
    for (const [seq, suspect] of this.#suspects) {
      suspect.receiptsSince += 1;
      suspect.rest = Math.max(0, suspect.rest - 1);
      if (suspect.failures >= FAILURES_TO_PARK && suspect.rest === 0) convicted.push(seq);
    }
    for (const seq of convicted) this.#suspects.delete(seq);
    const most = this.#suspects.size > 0 ? BATCH_BESIDE_SUSPECTS : this.#largest;
    this.#size = Math.min(Math.max(this.#size, sent.length) * 2, most);
    return convicted;
  }

  /** `tooLarge`: halving is what was asked for. Failures that cannot be about content do not come here. */
  failed(sent: readonly Waits[], { tooLarge = false } = {}): void {
    this.#failures += 1;
    const enough = tooLarge || this.#failures >= FAILURES_TO_HALVE;
    if (sent.length > 1) {
      if (!enough) return;
      this.#size = Math.floor(sent.length / 2);
      this.#failures = 0;
      return;
    }
    const [alone] = sent;
    if (alone !== undefined) this.#failedAlone(alone, enough);
  }

  #failedAlone(alone: Waits, enough: boolean): void {
    const suspect = this.#suspects.get(alone.seq);
    if (suspect !== undefined) {
      // Tried for want of others, in what may be an outage: that proves nothing.
      if (suspect.receiptsSince > 0) suspect.failures += 1;
      suspect.receiptsSince = 0;
      if (alone.kind === "leaf" && suspect.failures >= FAILURES_TO_PARK) {
        this.#suspects.set(alone.seq, { failures: 1, receiptsSince: 0, rest: RECEIPTS_OF_REST });
      }
    } else if (this.#marked) {
      // Nothing has succeeded since the last suspect: look for one that does.
      this.#probe = (this.#probe + 1) % PROBE_SPAN;
    } else if (enough) {
      this.#suspects.set(alone.seq, { failures: 1, receiptsSince: 0, rest: 0 });
      this.#marked = true;
      this.#failures = 0;
      this.#size = 1;
    }
  }

  #isDue(suspect: Suspect | undefined): boolean {
    return suspect !== undefined && suspect.receiptsSince > 0 && suspect.rest === 0;
  }
}
