/**
 * Which of the waiting sightings to send next, so that one that Odoo cannot take is found and set
 * aside without ever setting aside an innocent one. Pure: no clock, no network, no queue.
 *
 * A batch that fails twice is halved, and its halves are tried before anything else. One that is
 * alone and fails becomes a suspect; from then on it is tried alone, and only after some other
 * sighting got its receipt. So every failure that counts against it lies between two receipts: an
 * outage, which gives receipts to nobody, convicts nobody, and a line that loses a third of
 * everything takes ten losses in a row to do it. When nothing else waits, the sighting that was
 * delivered last goes once more as the other one: Odoo calls it a duplicate, and that is a receipt.
 */

/** Failures alone, each followed by a receipt for another, until a suspect is parked. */
export const FAILURES_TO_PARK = 10;

/** Failures of one batch until it is halved. */
const FAILURES_TO_HALVE = 2;

/** Batches stay small while a suspect is tried, so that there are others left to compare with. */
const BATCH_BESIDE_SUSPECTS = 50;

/** The queue gives the newest of what is live: whoever is sought has to be within what it gives. */
const WINDOW = 1_000;

/** How many new sightings, and how many suspects, are tried alone while nothing succeeds. */
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

export interface Numbered {
  readonly seq: number;
  readonly kind: "punch" | "reject" | "leaf";
}

export class Isolation<T extends Numbered> {
  readonly #largest: number;
  #size: number;
  #failures = 0;
  #probe = 0;
  /** Whether somebody became a suspect since the latest receipt. */
  #marked = false;
  /** Whether the latest choice was a candidate for the first receipt after that. */
  #probing = false;
  #lane = "";
  /** What is left of the batch that failed: the culprit, if there is one, is among them. */
  #hunted = new Set<number>();
  readonly #suspects = new Map<number, Suspect>();
  #lastDelivered: T | null = null;
  #comparisonFailed = false;

  constructor(largest: number) {
    this.#largest = largest;
    this.#size = largest;
  }

  /** How many sightings to ask the queue for. */
  get wanted(): number {
    const seeking = this.#suspects.size > 0 || this.#hunted.size > 0 || this.#size === 1;
    return seeking ? Math.max(WINDOW, this.#largest) : this.#size;
  }

  /**
   * Picks from what waits in `lane`, in the order given; empty only for an empty list. `all`: what waits beside
   * it and may not go now; who is hunted among that is hunted on.
   */
  choose(lane: string, waiting: readonly T[], all: readonly T[] = waiting): readonly T[] {
    if (lane !== this.#lane) this.#enter(lane);
    const due = waiting.find((one) => this.#isDue(this.#suspects.get(one.seq)));
    if (due !== undefined) return [due];
    const fresh = waiting.filter((one) => !this.#suspects.has(one.seq));
    const hunted = fresh.filter((one) => this.#hunted.has(one.seq));
    if (hunted.length > 0) return hunted.slice(0, this.#size);
    if (!all.some((one) => this.#hunted.has(one.seq))) this.#hunted.clear();
    this.#probing = this.#marked && fresh.length > 0;
    if (this.#probing) return [this.#candidate(waiting, fresh)];
    const chosen = fresh.slice(0, this.#size);
    if (chosen.length > 0) return chosen;
    const other = this.#comparisonFailed ? null : this.#lastDelivered;
    return other === null ? waiting.slice(0, 1) : [other];
  }

  /**
   * While nothing succeeds, one after another: an innocent suspect of an outage must have its turn
   * too, or a poison that is not yet a suspect would be tried for ever in its place.
   */
  #candidate(waiting: readonly T[], fresh: readonly T[]): T {
    const suspects = waiting.filter((one) => this.#suspects.has(one.seq));
    const candidates = [...fresh.slice(0, PROBE_SPAN), ...suspects.slice(0, PROBE_SPAN)];
    return candidates[this.#probe % candidates.length] as T;
  }

  /** Returns the numbers that are to be parked now. */
  succeeded(sent: readonly T[]): number[] {
    this.#failures = 0;
    this.#probe = 0;
    this.#marked = false;
    this.#comparisonFailed = false;
    this.#lastDelivered = sent.findLast((one) => one.kind !== "leaf") ?? this.#lastDelivered;
    for (const one of sent) {
      this.#suspects.delete(one.seq);
      this.#hunted.delete(one.seq);
    }
    const convicted = this.#convict();
    this.#grow(sent.length);
    return convicted;
  }

  /** `tooLarge`: halving is what was asked for. Failures that cannot be about content do not come here. */
  failed(sent: readonly T[], { tooLarge = false } = {}): void {
    this.#failures += 1;
    const enough = tooLarge || this.#failures >= FAILURES_TO_HALVE;
    const [alone] = sent;
    if (sent.length === 1 && alone !== undefined) return this.#failedAlone(alone, enough);
    if (!enough) return;
    this.#hunted = new Set(sent.map((one) => one.seq));
    this.#size = Math.floor(sent.length / 2);
    this.#failures = 0;
  }

  #enter(lane: string): void {
    this.#lane = lane;
    this.#suspects.clear();
    this.#hunted.clear();
    this.#lastDelivered = null;
  }

  #convict(): number[] {
    const convicted: number[] = [];
    for (const [seq, suspect] of this.#suspects) {
      suspect.receiptsSince += 1;
      suspect.rest = Math.max(0, suspect.rest - 1);
      if (suspect.failures >= FAILURES_TO_PARK && suspect.rest === 0) convicted.push(seq);
    }
    for (const seq of convicted) this.#suspects.delete(seq);
    return convicted;
  }

  #grow(sent: number): void {
    if (this.#hunted.size > 0) {
      this.#size = Math.ceil(this.#hunted.size / 2);
      return;
    }
    const most = this.#suspects.size > 0 ? BATCH_BESIDE_SUSPECTS : this.#largest;
    this.#size = Math.min(Math.max(this.#size, sent) * 2, most, this.#largest);
  }

  #failedAlone(alone: T, enough: boolean): void {
    this.#hunted.clear();
    const suspect = this.#suspects.get(alone.seq);
    if (suspect !== undefined) {
      this.#comparisonFailed = false;
      if (this.#probing) this.#probe += 1;
      this.#failedAgain(alone, suspect);
    } else if (alone === this.#lastDelivered) {
      this.#comparisonFailed = true;
    } else if (this.#marked) {
      // Nothing has succeeded since the last suspect: look for one that does.
      this.#probe += 1;
    } else if (enough) {
      this.#suspects.set(alone.seq, { failures: 1, receiptsSince: 0, rest: 0 });
      this.#marked = true;
      this.#failures = 0;
      this.#size = 1;
    }
  }

  #failedAgain(alone: T, suspect: Suspect): void {
    // Tried for want of others, in what may be an outage: that proves nothing.
    if (suspect.receiptsSince > 0) suspect.failures += 1;
    suspect.receiptsSince = 0;
    if (alone.kind === "leaf" && suspect.failures >= FAILURES_TO_PARK) {
      this.#suspects.set(alone.seq, { failures: 1, receiptsSince: 0, rest: RECEIPTS_OF_REST });
    }
  }

  #isDue(suspect: Suspect | undefined): boolean {
    return suspect !== undefined && suspect.receiptsSince > 0 && suspect.rest === 0;
  }
}
