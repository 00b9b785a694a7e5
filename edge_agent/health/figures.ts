/**
 * What the agent's own thread tells the thread of the health port, and what is said on between them. Owns how
 * long an answer waits for newer figures: the agent's own thread stands still for as long as its card takes to
 * write, and a monitor must hear that, not wait for it. Must not know HTTP, nor how figures are made.
 */

/** As text, made once by who has them: the other thread reads it only when it is asked. */
export interface Figures {
  /** JSON of a HealthBody. */
  readonly health: string;
  readonly metrics: { readonly text: string; readonly contentType: string };
}

/** From the agent's own thread. */
export type ToThread =
  | {
    readonly kind: "open";
    readonly host: string;
    readonly port: number;
    readonly token: string | undefined;
    readonly figures: Figures;
  }
  | { readonly kind: "figures"; readonly figures: Figures }
  | { readonly kind: "close" };

/** From the thread of the port. */
export type FromThread =
  | { readonly kind: "opened"; readonly port: number }
  /** `name` of the error, among Deno.errors. */
  | { readonly kind: "refused"; readonly name: string; readonly message: string }
  /** Newer figures are wanted. */
  | { readonly kind: "ask"; readonly connections: number }
  | { readonly kind: "warn"; readonly message: string; readonly error: string }
  | { readonly kind: "closed" };

/** How long an answer waits for newer figures before it gives those it has, ms. */
const PATIENCE_MS = 50;

export interface NewestOptions {
  readonly first: Figures;
  /** Tells the agent's own thread that newer ones are wanted. */
  readonly ask: () => void;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** The newest figures there are. One question is on its way at a time, however many wait for its answer. */
export class Newest {
  readonly #options: NewestOptions;
  #figures: Figures;
  #toldAt: number;
  #asking: PromiseWithResolvers<void> | null = null;
  #askedAt = 0;

  constructor(options: NewestOptions) {
    this.#options = options;
    this.#figures = options.first;
    this.#toldAt = options.now();
  }

  told(figures: Figures): void {
    this.#figures = figures;
    this.#toldAt = this.#options.now();
    this.#asking?.resolve();
    this.#asking = null;
  }

  async get(): Promise<{ figures: Figures; ageMs: number }> {
    const { ask, now } = this.#options;
    if (this.#asking === null) {
      this.#asking = Promise.withResolvers();
      this.#askedAt = now();
      ask();
    }
    const left = PATIENCE_MS - (now() - this.#askedAt);
    if (left > 0) await within(left, this.#asking.promise);
    return { figures: this.#figures, ageMs: now() - this.#toldAt };
  }
}

async function within(ms: number, answered: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([answered, new Promise<void>((resolve) => timer = setTimeout(resolve, ms))]);
  clearTimeout(timer);
}
