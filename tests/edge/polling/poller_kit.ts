/** The polling half of an agent for tests: real queue, simulated terminals, a clock by hand. */
import { randomBytes } from "node:crypto";
import { Cleanup } from "../../../edge_agent/cleanup/cleanup.ts";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { NEVER_CLEAN } from "../../../edge_agent/polling/plan.ts";
import { type PollDevice, Poller } from "../../../edge_agent/polling/poller.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import type { Run } from "../../../edge_agent/queue/types.ts";
import { FakeHoldings } from "../../sim/fake_odoo_holdings.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { FakeTerminal, type FakeTerminalOptions } from "../../sim/pull/terminal.ts";

const WAITS = { replyMs: 1_500, dataMs: 1_500, factMs: 800 };

interface Said {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One agent's polling half. */
export class Bench {
  readonly clock = new ManualClock();
  readonly directory = Deno.makeTempDirSync({ prefix: "poller-test-" });
  readonly queue = new Queue({
    directory: this.directory,
    clock: this.clock,
    randomBytes: (n) => randomBytes(n),
  });
  readonly said: Said[] = [];
  readonly facts = new Map<string, Record<string, string | number>>();
  readonly terminals: FakeTerminal[] = [];
  readonly odoo = new FakeHoldings();
  /** In the order they came. */
  readonly runs: Run[] = [];
  /** Something is durable. */
  whenAdded = () => {};
  devices: PollDevice[] = [];
  poller = this.makePoller();

  makePoller(): Poller {
    const say = (level: string) => (message: string, fields = {}) => {
      this.said.push({ level, message, fields });
    };
    const { queue, clock } = this;
    return new Poller({
      devices: () => this.devices,
      queue: {
        add: async (upload) => {
          const added = await queue.add(upload);
          this.whenAdded();
          return added;
        },
        getState: (name) => queue.getState(name),
        setState: (name, value) => queue.setState(name, value),
        addRun: (run) => {
          this.runs.push(run);
          queue.addRun(run);
        },
      },
      clock,
      log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
      newId: () => crypto.randomUUID(),
      updateFacts: (serial, facts) =>
        this.facts.set(serial, { ...this.facts.get(serial), ...facts }),
      cleanup: new Cleanup({
        sink: queue,
        holdings: new OdooHoldings(this.odoo),
        whyNotQuiet: () => null,
        resend: (keys) => queue.resend(keys),
        keepRead: () => Promise.resolve(),
        clock: {
          now: () => clock.now(),
          monotonic: () => clock.monotonic(),
          sleep: async () => {},
        },
        newId: () => crypto.randomUUID(),
        waits: WAITS,
      }),
      waits: WAITS,
    });
  }

  async terminal(
    serial: string,
    options: Partial<FakeTerminalOptions> = {},
  ): Promise<FakeTerminal> {
    const terminal = new FakeTerminal({ serial, now: () => this.clock.now(), ...options });
    await terminal.start();
    this.terminals.push(terminal);
    this.devices.push({
      target: { serial, host: "127.0.0.1", port: terminal.port, transport: "tcp", commKey: 0 },
      plan: {
        mode: "poll",
        intervalMinutes: 60,
        times: [],
        quiet: [],
        utcOffsetMinutes: 0,
        live: false,
      },
      cleanup: NEVER_CLEAN,
      push: null,
    });
    return terminal;
  }

  change(serial: string, change: Partial<PollDevice>): void {
    this.devices = this.devices.map((device) =>
      device.target.serial === serial ? { ...device, ...change } : device
    );
  }

  async turn(): Promise<void> {
    await Promise.all(this.poller.turn());
  }

  lastRun() {
    return this.runs.at(-1);
  }
}

export async function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = new Bench();
  bench.queue.start();
  try {
    await use(bench);
  } finally {
    await bench.poller.stop();
    for (const terminal of bench.terminals) await terminal.stop();
    await bench.queue.stop();
    Deno.removeSync(bench.directory, { recursive: true });
  }
}
