/**
 * Decides when a screen reads again.
 *
 * Pure: timers and the clock are handed in. One reading at a time; a message that arrives during a
 * reading is answered by one more afterwards; a steady stream of messages (one per batch, from every
 * agent) neither starves the board, as a plain debounce would, nor makes it ask more than once per gap.
 * Without any message it still reads at a slow beat, because silence is what the board has to notice.
 */

export interface RefresherTimes {
  /** Wait after the first message, so that the messages of one moment cost one reading. */
  readonly delayMs: number;
  /** Least time from the start of one reading to the next. */
  readonly gapMs: number;
  /** Longest time without a reading. */
  readonly beatMs: number;
}

export interface RefresherClock {
  now(): number;
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(timer: number): void;
}

export class Refresher {
  private timer: number | null = null;
  private dueAt = Infinity;
  private reading = false;
  private wanted: "no" | "soon" | "now" = "no";
  private running = false;
  private lastStartAt = -Infinity;

  /** `read` must not reject; it is told nothing and returns when the screen is up to date. */
  constructor(
    private readonly read: () => Promise<void>,
    private readonly times: RefresherTimes,
    private readonly clock: RefresherClock,
  ) {}

  /** Reads at once, then keeps the beat. */
  start(): void {
    this.running = true;
    this.readNow();
  }

  stop(): void {
    this.running = false;
    this.clear();
  }

  /** Something changed: read soon. */
  request(): void {
    if (!this.running) return;
    if (this.reading) {
      if (this.wanted === "no") this.wanted = "soon";
      return;
    }
    const now = this.clock.now();
    const earliest = this.lastStartAt + this.times.gapMs;
    this.schedule(Math.max(now + this.times.delayMs, earliest) - now);
  }

  /** The person asked: read now, whatever the gap says; after the reading under way, if there is one. */
  readNow(): void {
    if (!this.running) return;
    if (this.reading) {
      this.wanted = "now";
      return;
    }
    this.clear();
    this.reading = true;
    this.lastStartAt = this.clock.now();
    this.read().finally(() => this.finish());
  }

  private finish(): void {
    this.reading = false;
    const wanted = this.wanted;
    this.wanted = "no";
    if (!this.running) return;
    if (wanted === "now") this.readNow();
    else if (wanted === "soon") this.request();
    else this.schedule(this.times.beatMs);
  }

  private schedule(ms: number): void {
    const dueAt = this.clock.now() + ms;
    if (this.timer !== null && this.dueAt <= dueAt) return;
    this.clear();
    this.dueAt = dueAt;
    this.timer = this.clock.setTimeout(() => {
      this.timer = null;
      this.readNow();
    }, ms);
  }

  private clear(): void {
    if (this.timer !== null) this.clock.clearTimeout(this.timer);
    this.timer = null;
    this.dueAt = Infinity;
  }
}

/** The value of `promise`, or a rejection after `ms`; what comes later is dropped. */
export async function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
  clock: Pick<RefresherClock, "setTimeout" | "clearTimeout">,
): Promise<T> {
  let timer: number | null = null;
  const late = new Promise<never>((_resolve, reject) => {
    timer = clock.setTimeout(() => reject(new Error("deadline")), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer !== null) clock.clearTimeout(timer);
  }
}
