/**
 * Bounds how much is in hand at once: who wants more waits, first come first served, until others have
 * put theirs down. Pure; must not know what is weighed.
 */

interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

export class Turnstile {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #inHand = 0;

  /** `limit`: in the unit of the weights. What alone weighs more goes alone. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get inHand(): number {
    return this.#inHand;
  }

  /** Runs the work when its weight fits beside what is in hand. Rejects with what the work rejects with. */
  async pass<T>(weight: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(weight)) {
      await new Promise<void>((enter) => this.#waiting.push({ weight, enter }));
    } else {
      this.#inHand += weight;
    }
    try {
      return await work();
    } finally {
      this.#inHand -= weight;
      this.#letIn();
    }
  }

  #fits(weight: number): boolean {
    return this.#inHand === 0 || this.#inHand + weight <= this.#limit;
  }

  /** Weighs those let in at once, before they run: what they free cannot be given away twice. */
  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#fits(next.weight)) return;
      this.#waiting.shift();
      this.#inHand += next.weight;
      next.enter();
    }
  }
}
