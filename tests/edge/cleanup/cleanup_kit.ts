/** A branch for the tests of clearing: simulated terminal, real queue, pretended Odoo, made-up time. */
import { randomBytes } from "node:crypto";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { Cleanup, type CleanupWorld } from "../../../edge_agent/cleanup/cleanup.ts";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { dialOf, type PollTarget, readWhole, storeRead } from "../../../edge_agent/zk/intake.ts";
import { withTerminal } from "../../../edge_agent/zk/socket.ts";
import { FakeHoldings } from "../../sim/fake_odoo_holdings.ts";
import type { FakeRecord } from "../../sim/pull/memory.ts";
import { FakeTerminal, type FakeTerminalOptions } from "../../sim/pull/terminal.ts";

export class SimulatedClock {
  at = Date.UTC(2026, 10, 20, 22, 0, 0);
  /** Runs while somebody sleeps. */
  whileSleeping: (() => void) | null = null;

  now(): number {
    return this.at;
  }

  monotonic(): number {
    return this.at;
  }

  trusted(): boolean {
    return true;
  }

  sleep(ms: number): Promise<void> {
    this.at += ms / 2;
    this.whileSleeping?.();
    this.at += ms / 2;
    return Promise.resolve();
  }
}

export class Branch {
  readonly clock = new SimulatedClock();
  readonly odoo = new FakeHoldings();
  readonly terminal: FakeTerminal;
  readonly directory = Deno.makeTempDirSync({ prefix: "cleanup-test-" });
  readonly kept: string[] = [];
  queue: Queue;
  notQuiet: string | null = null;
  resent: string[] = [];

  constructor(options: Partial<FakeTerminalOptions> = {}) {
    const { clock } = this;
    this.terminal = new FakeTerminal({ serial: "FAKE0001", now: () => clock.now(), ...options });
    this.queue = this.#openQueue();
  }

  #openQueue(): Queue {
    const { directory, clock } = this;
    const queue = new Queue({ directory, clock, randomBytes: (n) => randomBytes(n) });
    queue.start();
    return queue;
  }

  get target(): PollTarget {
    return {
      serial: "FAKE0001",
      host: "127.0.0.1",
      port: this.terminal.port,
      transport: "tcp",
      commKey: 0,
    };
  }

  world(replyMs = 1_500): CleanupWorld {
    return {
      sink: this.queue,
      holdings: new OdooHoldings(this.odoo),
      whyNotQuiet: () => this.notQuiet,
      resend: (keys) => {
        this.resent.push(...keys);
        this.queue.resend(keys);
      },
      keepRead: (name) => {
        this.kept.push(name);
        return Promise.resolve();
      },
      clock: this.clock,
      newId: () => crypto.randomUUID(),
      waits: { replyMs, dataMs: replyMs, factMs: replyMs },
    };
  }

  cleanup(replyMs?: number): Cleanup {
    return new Cleanup(this.world(replyMs));
  }

  async restartQueue(): Promise<void> {
    await this.queue.stop();
    this.queue = this.#openQueue();
  }

  deliver(): number {
    return this.odoo.deliver(this.queue);
  }

  /** Records the terminal destroyed that Odoo does not hold: the oracle. Must be empty. */
  lost(): FakeRecord[] {
    return this.terminal.memory.destroyed.map(({ record }) => record)
      .filter((record) => !this.odoo.keys.has(keyOf(record)));
  }
}

export function keyOf(record: FakeRecord): string {
  const { pin, wallTime, state } = record;
  return punchKey({ serial: "FAKE0001", pin, wallTime, status: String(state) });
}

export async function withBranch(
  use: (branch: Branch) => Promise<void>,
  options: Partial<FakeTerminalOptions> = {},
): Promise<void> {
  const branch = new Branch(options);
  await branch.terminal.start();
  try {
    await use(branch);
  } finally {
    await branch.terminal.stop();
    await branch.queue.stop();
    Deno.removeSync(branch.directory, { recursive: true });
  }
}

/** An ordinary read between two clears: everything into the queue, then to Odoo. */
export async function pollAndDeliver(branch: Branch): Promise<void> {
  const { target, queue, clock } = branch;
  await withTerminal(dialOf(target), async (terminal) => {
    const hints = { now: clock.now(), wallTime: null, sink: queue };
    await storeRead(queue, target.serial, await readWhole(terminal, target.serial, hints));
  });
  branch.deliver();
}

/** A full terminal whose log was read, delivered and receipted. */
export async function fillAndDeliver(branch: Branch, records: number): Promise<void> {
  branch.terminal.memory.fill(records);
  await pollAndDeliver(branch);
}
