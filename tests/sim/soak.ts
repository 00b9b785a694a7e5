/**
 * R52: a branch of five terminals and two agents, everything between them and Odoo failing at random, for
 * as long as asked. Three terminals push to one agent each, one pushes to both, one is only read; the
 * way to Odoo breaks in every manner the proxy knows, Odoo itself refuses for a while now and then, and
 * one of the agents is killed again and again. In the end every punch must be in Odoo once, nothing
 * else, and the agent that was never killed must not have grown.
 *
 *     deno run -A tests/sim/soak.ts [--minutes 720] [--seed 1]
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { AgentProcess, until } from "./agent_process.ts";
import { Dice } from "./dice.ts";
import { FakeOdoo } from "./fake_odoo.ts";
import { FAULTS, FaultyProxy } from "./faulty_proxy.ts";
import { FakeMemory } from "./pull/memory.ts";
import { FakePush } from "./pull/push.ts";
import { FakeTerminal } from "./pull/terminal.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Largest growth of resident memory of the agent that is never killed, from a third of the time on. */
  readonly growthMb: number;
  readonly say?: (line: string) => void;
}

export interface SoakResult {
  readonly punches: number;
  readonly requests: number;
  readonly faults: number;
  readonly kills: number;
  readonly rssMb: readonly [number, number];
  readonly descriptors: readonly [number, number];
  readonly logBytes: number;
  readonly drainSeconds: number;
}

const CODES = ["BCDFGHJK", "LMNPQRST"] as const;
const PUSHERS = ["SOAK1", "SOAK2", "SOAK3", "SOAK4"] as const;
const READ = "SOAK5";
/** Each second a fault of one kind may begin; it lasts some seconds. */
const STEP_MS = 250;
const BEGIN_FAULT = 0.15;
const LONGEST_FAULT_STEPS = 30;
/** Descriptors that come and go with connections in flight. */
const SPARE_DESCRIPTORS = 16;
/** Messages are counted after 30 a minute and kind, so a log cannot grow faster than this. */
const LOG_BYTES_A_MINUTE = 512 * 1024;
const DRAIN_SECONDS = 120;

class Branch {
  readonly odoo = new FakeOdoo();
  readonly random: Dice;
  readonly proxies: readonly FaultyProxy[];
  readonly agents: AgentProcess[] = [];
  readonly memories: FakeMemory[] = [];
  readonly pushes: FakePush[] = [];
  readonly read = new FakeTerminal({ serial: READ });
  requests = 0;
  faults = 0;
  kills = 0;
  logBytes = 0;
  #people = 0;

  constructor(seed: number) {
    this.random = new Dice(seed);
    this.proxies = [0, 1].map(() => new FaultyProxy(() => this.odoo.url));
  }

  async start(): Promise<void> {
    this.odoo.start();
    this.odoo.syncSeconds = 1;
    for (const serial of [...PUSHERS, READ]) this.odoo.devices.set(serial, "active");
    for (const code of CODES) this.odoo.codes.set(code, { state: "active", publicKey: null });
    await this.read.start();
    const terminals = [{
      serial: READ,
      host: "127.0.0.1",
      port: this.read.port,
      mode: "poll",
      intervalMinutes: 1,
    }];
    for (const [at, proxy] of this.proxies.entries()) {
      proxy.start();
      const more = at === 1 ? { polling: { terminals } } : {};
      const agent = new AgentProcess(proxy.url, more);
      this.agents.push(agent);
      const paired = await agent.say("pair", proxy.url, CODES[at] as string);
      assert.equal(paired.code, 0, paired.err);
      await agent.start();
    }
    await this.#connect();
  }

  /** Which terminal pushes where: the last one to both. */
  async #connect(): Promise<void> {
    const urls = this.agents.map((agent) => `http://127.0.0.1:${agent.devicePort}`);
    for (const [at, serial] of PUSHERS.entries()) {
      const memory = new FakeMemory({ serial });
      this.memories.push(memory);
      const to = at === 3 ? urls : [urls[at % 2] as string];
      for (const url of to) this.pushes.push(new FakePush(memory, url, { pollMs: 500 }));
    }
    this.memories.push(this.read.memory);
    for (const push of this.pushes) await push.start();
  }

  punch(): void {
    const memory = this.random.pick(this.memories);
    const pin = String(1_001 + this.#people++ % 500);
    if (!memory.users.some((user) => user.pin === pin)) memory.addUser(pin);
    memory.punch(pin, { state: this.random.below(2) });
  }

  breakWays(): void {
    for (const proxy of this.proxies) {
      if (!this.random.chance(BEGIN_FAULT)) continue;
      const fault = this.random.pick(FAULTS);
      const share = this.random.next();
      const until = performance.now() + this.random.below(LONGEST_FAULT_STEPS) * STEP_MS;
      proxy.fault = () => {
        if (performance.now() > until || !this.random.chance(share)) return null;
        this.faults++;
        return fault;
      };
    }
    const refuse = this.random.chance(0.02);
    if (refuse) {
      const until = performance.now() + this.random.below(LONGEST_FAULT_STEPS) * STEP_MS;
      this.odoo.answering = () =>
        performance.now() > until ? null : Response.json({ error: "unavailable" }, {
          status: 503,
          headers: { "retry-after": "1" },
        });
    }
    // The fake keeps every request; a long run must not fill this process's memory.
    this.requests += this.odoo.requests.length;
    this.odoo.requests.length = 0;
    this.odoo.reports.length = 0;
  }

  async kill(): Promise<void> {
    const [agent] = this.agents;
    assert.ok(agent);
    agent.signal("SIGKILL");
    this.logBytes += (await agent.wait()).err.length;
    this.kills++;
    await agent.start();
  }

  heal(): void {
    for (const proxy of this.proxies) proxy.fault = () => null;
    this.odoo.answering = null;
    const window = { from: "2000-01-01 00:00:00", to: "2099-12-31 23:59:59" };
    this.odoo.commands = [{ id: 1, serial: READ, name: "pull_window", arguments: window }];
  }

  /** Keys of everything the terminals recorded. */
  expected(): string[] {
    const keys = this.memories.flatMap((memory) =>
      memory.everything.map(({ pin, wallTime, state }) =>
        createHash("sha256").update(["v1", memory.serial, pin, wallTime, state].join("\n"))
          .digest("hex")
      )
    );
    return [...new Set(keys)].sort();
  }

  async stop(): Promise<void> {
    for (const push of this.pushes) await push.stop();
    for (const agent of this.agents) await agent.dispose();
    for (const proxy of this.proxies) proxy.stop();
    await this.read.stop();
    await this.odoo.stop();
  }
}

/** Resident MB and open descriptors of a process. */
function measure(pid: number): { rssMb: number; descriptors: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return {
    rssMb: Math.round(kb / 1024),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

/** Throws an AssertionError, with the seed, when a promise is broken. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const branch = new Branch(options.seed);
  try {
    await branch.start();
    return await run(branch, options);
  } finally {
    await branch.stop();
  }
}

async function run(branch: Branch, options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, growthMb, say } = options;
  const began = performance.now();
  const lasted = () => (performance.now() - began) / 60_000;
  const steady = branch.agents[1] as AgentProcess;
  const killEvery = Math.min(10, minutes / 3);
  let killAt = killEvery;
  let sayAt = 10;
  let warm: ReturnType<typeof measure> | null = null;
  while (lasted() < minutes) {
    for (let n = branch.random.below(4); n > 0; n--) branch.punch();
    branch.breakWays();
    if (lasted() > killAt) {
      killAt += killEvery;
      await branch.kill();
    }
    if (warm === null && lasted() > minutes / 3) warm = measure(steady.pid);
    if (lasted() > sayAt) {
      sayAt += 10;
      say?.(
        `${Math.round(lasted())} min: ${branch.expected().length} punches, ${branch.faults} faults`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  const healedAt = performance.now();
  branch.heal();
  const expected = branch.expected();
  const held = await until(
    () => branch.odoo.keys.length,
    (n) => n >= expected.length,
    DRAIN_SECONDS,
  );
  const drainSeconds = Math.round((performance.now() - healedAt) / 1000);
  const what = `seed ${seed}`;
  assert.equal(held, expected.length, `${what}: punches in Odoo`);
  assert.deepEqual(branch.odoo.keys, expected, `${what}: other punches than were made`);
  assert.deepEqual(branch.odoo.alarms, [], what);
  await requireWholeLanes(branch, what);
  const end = measure(steady.pid);
  assert.ok(warm !== null);
  const growth = end.rssMb - warm.rssMb;
  assert.ok(growth <= growthMb, `${what}: grew by ${growth} MB`);
  const more = end.descriptors - warm.descriptors;
  assert.ok(more <= SPARE_DESCRIPTORS, `${what}: ${more} more descriptors`);
  for (const agent of branch.agents) branch.logBytes += (await agent.stop()).err.length;
  const cap = 2 * LOG_BYTES_A_MINUTE * Math.max(1, lasted());
  assert.ok(branch.logBytes <= cap, `${what}: ${branch.logBytes} bytes of log`);
  return {
    punches: expected.length,
    requests: branch.requests + branch.odoo.requests.length,
    faults: branch.faults,
    kills: branch.kills,
    rssMb: [warm.rssMb, end.rssMb],
    descriptors: [warm.descriptors, end.descriptors],
    logBytes: branch.logBytes,
    drainSeconds,
  };
}

/** A hole in a lane's numbers is a loss, whatever the keys say. */
async function requireWholeLanes({ odoo, agents }: Branch, what: string): Promise<void> {
  const pending = async () => {
    const bodies = await Promise.all(agents.map((agent) => agent.health()));
    return bodies.map(({ body }) => (body["queue"] as { pending: number } | null)?.pending);
  };
  const left = await until(
    pending,
    (counts) => counts.every((count) => count === 0),
    DRAIN_SECONDS,
  );
  assert.deepEqual(left, [0, 0], `${what}: left in the queues`);
  for (const lane of odoo.books.lanes.values()) {
    assert.equal(lane.head.seq, lane.held.size, `${what}: a hole in a lane`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "720" },
      seed: { type: "string", default: "1" },
    },
  });
  const result = await soak({
    minutes: Number(values.minutes),
    seed: Number(values.seed),
    growthMb: 20,
    say: (line) => console.log(line),
  });
  console.log(JSON.stringify(result));
}
