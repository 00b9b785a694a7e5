// generated from owl_src/refresher.ts, do not edit
class Refresher {
  /** `read` must not reject; it is told nothing and returns when the screen is up to date. */
  constructor(read, times, clock) {
    this.read = read;
    this.times = times;
    this.clock = clock;
  }
  read;
  times;
  clock;
  timer = null;
  dueAt = Infinity;
  reading = false;
  wanted = "no";
  running = false;
  lastStartAt = -Infinity;
  /** Reads at once, then keeps the beat. */
  start() {
    this.running = true;
    this.readNow();
  }
  stop() {
    this.running = false;
    this.clear();
  }
  /** Something changed: read soon. */
  request() {
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
  readNow() {
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
  finish() {
    this.reading = false;
    const wanted = this.wanted;
    this.wanted = "no";
    if (!this.running) return;
    if (wanted === "now") this.readNow();
    else if (wanted === "soon") this.request();
    else this.schedule(this.times.beatMs);
  }
  schedule(ms) {
    const dueAt = this.clock.now() + ms;
    if (this.timer !== null && this.dueAt <= dueAt) return;
    this.clear();
    this.dueAt = dueAt;
    this.timer = this.clock.setTimeout(() => {
      this.timer = null;
      this.readNow();
    }, ms);
  }
  clear() {
    if (this.timer !== null) this.clock.clearTimeout(this.timer);
    this.timer = null;
    this.dueAt = Infinity;
  }
}
async function withDeadline(promise, ms, clock) {
  let timer = null;
  const late = new Promise((_resolve, reject) => {
    timer = clock.setTimeout(() => reject(new Error("deadline")), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    if (timer !== null) clock.clearTimeout(timer);
  }
}
export {
  Refresher,
  withDeadline
};
