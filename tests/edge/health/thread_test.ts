/** The port of health is in a thread of its own: whatever holds up the agent holds up no monitor. */
import assert from "node:assert/strict";
import { SystemClock } from "../../../edge_agent/base/clock.ts";
import { Newest } from "../../../edge_agent/health/figures.ts";
import { Health } from "../../../edge_agent/health/health.ts";
import { HealthPort } from "../../../edge_agent/health/health_port.ts";
import { Metrics } from "../../../edge_agent/health/metrics.ts";
import { aged, healthBody, type Vitals } from "../../../edge_agent/health/vitals.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { openForWriting, type OpenOptions } from "../../../edge_agent/queue/schema.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { memoryDirectory, punch, queueOptions, upload } from "../../sim/queue_kit.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { until } from "../../sim/until.ts";

const NOW = Date.UTC(2026, 2, 2);
const LATE_MS = 180_000;
/** Of a worn card. */
const COMMIT_MS = 1_500;
/** In full: ten seconds, a hundred questions. */
const COMMITS = 4;
const ASK_EVERY_MS = 100;

const BARE: Vitals = {
  version: "test",
  startedMs: NOW,
  destination: "odoo",
  paired: true,
  state: "active",
  stats: null,
  alarms: [],
  devices: [],
  sinceAnswerMs: 5_000,
  uptimeMs: 3_600_000,
  clockTrusted: true,
  devicePortOpen: true,
  addresses: ["192.168.1.20"],
};

function makeHealth(vitals: () => Vitals, port = 0): Health {
  return new Health({
    host: "127.0.0.1",
    port,
    lateMs: LATE_MS,
    clock: new ManualClock(NOW),
    vitals,
    metrics: new Metrics({ vitals, now: () => NOW }),
    log: silentLog,
  });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
let isWorn = false;

/** As SQLite sees such a card: the commit returns late, and nothing else runs in between. */
function openSlowly(path: string, options: OpenOptions) {
  const db = openForWriting(path, options);
  const exec = db.exec.bind(db);
  db.exec = (sql: string) => {
    if (isWorn && sql === "COMMIT") Atomics.wait(sleeper, 0, 0, COMMIT_MS);
    return exec(sql);
  };
  return db;
}

interface Asked {
  /** Ms from question to answer. */
  readonly took: number;
  readonly age: number;
  readonly codes: readonly string[];
}

/** A monitor: asks in a thread of its own, because this one stands still. Says when it begins and when it has done. */
const MONITOR = `addEventListener("message", async ({ data: { url, times, everyMs, done } }) => {
  postMessage("begins");
  const asked = [];
  for (let n = 0; n < times; n++) {
    const from = performance.now();
    const body = await (await fetch(url)).json();
    const codes = body.reasons.map(({ code }) => code);
    asked.push({ took: performance.now() - from, age: body.figures_age_seconds, codes });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  Atomics.store(done, 0, 1);
  postMessage(asked);
});`;

class Monitor {
  readonly #code = URL.createObjectURL(new Blob([MONITOR], { type: "text/javascript" }));
  readonly #worker = new Worker(this.#code, { type: "module" });
  readonly #done = new Int32Array(new SharedArrayBuffer(4));

  async begin(url: string, times: number): Promise<void> {
    this.#worker.postMessage({ url, times, everyMs: ASK_EVERY_MS, done: this.#done });
    await this.#next();
  }

  get done(): boolean {
    return Atomics.load(this.#done, 0) === 1;
  }

  async asked(): Promise<readonly Asked[]> {
    return await this.#next() as Asked[];
  }

  end(): void {
    this.#worker.terminate();
    URL.revokeObjectURL(this.#code);
  }

  #next(): Promise<unknown> {
    return new Promise((resolve) => this.#worker.onmessage = ({ data }) => resolve(data));
  }
}

// Red when the port is served by the agent's own thread: two answers in ten seconds were seen.
Deno.test("R76 every commit takes 1.5 s: health answers within 100 ms, says how old it is and that the card is slow", async () => {
  const directory = memoryDirectory();
  const clock = new SystemClock();
  const queue = new Queue(queueOptions(directory, { openDatabase: openSlowly, clock }));
  const health = makeHealth(() => ({ ...BARE, stats: queue.stats() }));
  const monitor = new Monitor();
  try {
    queue.start();
    await health.start();
    const times = COMMITS * COMMIT_MS / ASK_EVERY_MS;
    await monitor.begin(`http://127.0.0.1:${health.port}/health`, times);
    isWorn = true;
    for (let n = 0; !monitor.done; n++) await queue.add(upload([punch(n)]));
    isWorn = false;
    const asked = await monitor.asked();
    const took = asked.map((one) => one.took).sort((one, other) => one - other);
    assert.equal(asked.length, times);
    // No time of a busy machine: most were answered while the agent stood still, and a quarter at once.
    const meanwhile = asked.filter(({ age }) => age > 0.1);
    assert.ok(meanwhile.length >= times / 2, `${meanwhile.length} of ${times} meanwhile`);
    assert.ok((took[times / 4] ?? Infinity) <= 100, `a quarter within ${took[times / 4]} ms`);
    assert.ok(asked.some(({ age }) => age >= 1), "an old answer is said as old");
    assert.ok(asked.at(-1)?.codes.includes("slow_storage"), JSON.stringify(asked.at(-1)));
  } finally {
    isWorn = false;
    monitor.end();
    await health.stop();
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

const WELL = healthBody({ ...BARE, stats: null }, NOW, LATE_MS);
const GREEN = { ...WELL, status: "ok" as const, ready: true, reasons: [] };

// Red when what was said is said on as if it were true now (I8).
Deno.test("R76 figures that nobody renews are said with their age, not green after ten seconds, dead after a minute", () => {
  assert.deepEqual(aged(GREEN, 0), { ...GREEN, figures_age_seconds: 0 });
  assert.deepEqual(aged(GREEN, 3_140), { ...GREEN, figures_age_seconds: 3.1 });
  const stalled = aged(GREEN, 10_001);
  assert.deepEqual(
    [stalled.status, stalled.ready, stalled.live, stalled.reasons],
    ["failing", false, true, [{
      code: "stalled",
      detail: "the agent stands still: what is said here is 10 s old",
    }]],
  );
  assert.equal(aged(GREEN, 60_000).live, true);
  assert.equal(aged(GREEN, 60_001).live, false);
});

Deno.test("R76 /health/live and /metrics say it too when the agent stands still", async () => {
  const figures = {
    health: JSON.stringify(GREEN),
    metrics: { text: "biometric_paired 1\n", contentType: "text/plain" },
  };
  const ask = async (path: string, ageMs: number) => {
    const port = new HealthPort({
      host: "127.0.0.1",
      port: 0,
      figures: () => Promise.resolve({ figures, ageMs }),
      log: silentLog,
    });
    const answer = await port.app().request(path, { headers: { host: "localhost" } }, {
      peer: "127.0.0.1",
    });
    return [answer.status, await answer.text()];
  };
  assert.deepEqual(await ask("/health/live", 60_000), [200, '{"live":true}']);
  assert.deepEqual(await ask("/health/live", 61_000), [503, '{"live":false}']);
  assert.deepEqual(await ask("/health/ready", 0), [200, '{"ready":true}']);
  assert.deepEqual(await ask("/health/ready", 11_000), [503, '{"ready":false}']);
  assert.equal((await ask("/health", 11_000))[0], 503);
  assert.match(
    String((await ask("/metrics", 2_500))[1]),
    /\nbiometric_figures_age_seconds 2\.5\n$/,
  );
});

// Red when figures are renewed by the beat alone: a monitor would hear what was true two seconds ago.
Deno.test("figures are asked for anew, one question at a time, and an answer waits for them no longer than it may", async () => {
  let now = 0;
  let asks = 0;
  const figures = (health: string) => ({ health, metrics: { text: "", contentType: "" } });
  const newest = new Newest({ first: figures("first"), ask: () => asks++, now: () => now });
  const waiting = [newest.get(), newest.get()];
  assert.equal(asks, 1);
  newest.told(figures("second"));
  for (const got of await Promise.all(waiting)) {
    assert.deepEqual([got.figures.health, got.ageMs], ["second", 0]);
  }
  const late = newest.get();
  assert.equal(asks, 2);
  now = 400;
  assert.deepEqual(await late, { figures: figures("second"), ageMs: 400 });
  now = 500;
  assert.equal((await newest.get()).ageMs, 500);
  assert.equal(asks, 2, "what nobody answers is not asked again and again");
});

// Red when the agent does not hear what its port asks: what came between two beats would be news of yesterday.
Deno.test("over a real port health says what is true now, not what was at the last beat", async () => {
  let n = 0;
  const health = makeHealth(() => ({ ...BARE, version: `after ${n}` }));
  try {
    await health.start();
    let fresh = 0;
    for (n = 1; n <= 10; n++) {
      const answer = await fetch(`http://127.0.0.1:${health.port}/health`);
      if ((await answer.json()).version === `after ${n}`) fresh++;
    }
    // An answer waits 50 ms for the newest figures, which a busy machine may miss; a beat is one in ten.
    assert.ok(fresh >= 3, `${fresh} of 10 were of the moment`);
  } finally {
    await health.stop();
  }
});

Deno.test("a port that is taken is said as it is where the agent starts, and nothing is left", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const health = makeHealth(() => BARE, other.addr.port);
  await assert.rejects(health.start(), Deno.errors.AddrInUse);
  await health.stop();
  other.close();
});

// Red when the fault is not taken up: Deno ends the whole process with its thread.
Deno.test("R76 a thread that ends by a fault begins anew on its port, and the agent goes on", async () => {
  const made: Worker[] = [];
  const Real = globalThis.Worker;
  globalThis.Worker = class extends Real {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      made.push(this);
    }
  };
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const health = makeHealth(() => BARE, port);
  try {
    await health.start();
    const fault = new ErrorEvent("error", { message: "out of memory", cancelable: true });
    made[0]?.dispatchEvent(fault);
    assert.ok(fault.defaultPrevented);
    await until(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => null);
      await answer?.body?.cancel();
      return answer?.status === 200;
    }, "it is not back");
    assert.equal(made.length, 2);
  } finally {
    globalThis.Worker = Real;
    await health.stop();
  }
});
