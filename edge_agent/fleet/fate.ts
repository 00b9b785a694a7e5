/**
 * What becomes of an order that a person gave at this machine. Owns how long an answer is remembered for
 * who still looks; must not know orders or terminals.
 */

/** How far it has come; null elsewhere: it is long over. */
export type Fate =
  | { readonly state: "queued" }
  /** Handed out, without an answer; `at` in epoch ms. */
  | { readonly state: "sent"; readonly at: number }
  | { readonly state: "done" | "failed"; readonly message: string };

const MAX_ENDED = 100;

/** The latest orders that were answered. */
export class Ended {
  readonly #fates = new Map<number, Fate>();

  get(id: number): Fate | undefined {
    return this.#fates.get(id);
  }

  remember(id: number, fate: Fate): void {
    this.#fates.set(id, fate);
    const [oldest] = this.#fates.keys();
    if (this.#fates.size > MAX_ENDED && oldest !== undefined) this.#fates.delete(oldest);
  }
}
