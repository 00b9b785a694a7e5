/**
 * A branch for the tests of clearing: simulated terminal, real queue, made-up time; a pretended Odoo, or an ERPNext
 * site that is asked over HTTP.
 */
import { randomBytes } from "node:crypto";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { Cleanup, type CleanupWorld } from "../../../edge_agent/cleanup/cleanup.ts";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { dialOf, type PollTarget, readWhole, storeRead } from "../../../edge_agent/zk/intake.ts";
import { withTerminal } from "../../../edge_agent/zk/socket.ts";
import { SiteEnd } from "../../sim/erpnext/site_end.ts";
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
  /** Runs when the destination is about to be asked what was decided of unreadable lines. */
  beforeDecidedAsked: () => void = () => {};

  constructor(options: Partial<FakeTerminalOptions> = {}, readonly site: SiteEnd | null = null) {
    const { clock } = this;
    if (site !== null) site.site.now = () => clock.now();
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
    const holdings = this.site?.holdings ?? new OdooHoldings(this.odoo);
    return {
      sink: this.queue,
      holdings: {
        findMissing: (serial, keys) => holdings.findMissing(serial, keys),
        countUndecided: (serial, raws) => {
          this.beforeDecidedAsked();
          return holdings.countUndecided(serial, raws);
        },
      },
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

  async deliver(): Promise<number> {
    if (this.site !== null) return await this.site.deliver(this.queue);
    return this.odoo.deliver(this.queue);
  }

  /** What the destination holds, as keys. */
  get held(): ReadonlySet<string> {
    return this.site?.keys ?? this.odoo.keys;
  }

  /** Raw texts of the unreadable lines that it was sent. */
  get rejects(): readonly string[] {
    return this.site?.rejects ?? [...this.odoo.rejects];
  }

  /** A person decides about one. */
  decide(raw: string): void {
    if (this.site === null) this.odoo.decided.add(raw);
    else this.site.decide(raw);
  }

  /** It was restored from a backup: these keys are gone. */
  forget(keys: Iterable<string>): void {
    (this.site ?? this.odoo).forget(keys);
  }

  set unreachable(isIt: boolean) {
    (this.site ?? this.odoo).unreachable = isIt;
  }

  /** Questions that found nobody. */
  get refusals(): number {
    return (this.site ?? this.odoo).refusals;
  }

  /** Records the terminal destroyed that the destination does not hold: the oracle. Must be empty. */
  lost(): FakeRecord[] {
    const { held } = this;
    return this.terminal.memory.destroyed.map(({ record }) => record)
      .filter((record) => !held.has(keyOf(record)));
  }
}

export function keyOf(record: FakeRecord): string {
  const { pin, wallTime, state } = record;
  return punchKey({ serial: "FAKE0001", pin, wallTime, status: String(state) });
}

export async function withBranch(
  use: (branch: Branch) => Promise<void>,
  options: Partial<FakeTerminalOptions> = {},
  site: SiteEnd | null = null,
): Promise<void> {
  const branch = new Branch(options, site);
  await branch.terminal.start();
  try {
    await use(branch);
  } finally {
    await branch.terminal.stop();
    await branch.queue.stop();
    await site?.stop();
    Deno.removeSync(branch.directory, { recursive: true });
  }
}

/** The same promise with either destination: the second test says so behind its numbers. */
export function clearTest(
  name: string,
  use: (branch: Branch) => Promise<void>,
  options: Partial<FakeTerminalOptions> = {},
): void {
  Deno.test(name, () => withBranch(use, options));
  const withSite = name.replace(/^((?:R\d\d(?:-R\d\d)? |S\d\d )*)/, "$1(ERPNext) ");
  Deno.test(withSite, async () => withBranch(use, options, await SiteEnd.make("FAKE0001")));
}

/** An ordinary read between two clears: everything into the queue, then to Odoo. */
export async function pollAndDeliver(branch: Branch): Promise<void> {
  const { target, queue, clock } = branch;
  await withTerminal(dialOf(target), async (terminal) => {
    const hints = { now: clock.now(), wallTime: null, sink: queue };
    await storeRead(queue, target.serial, await readWhole(terminal, target.serial, hints));
  });
  await branch.deliver();
}

/** A full terminal whose log was read, delivered and receipted. */
export async function fillAndDeliver(branch: Branch, records: number): Promise<void> {
  branch.terminal.memory.fill(records);
  await pollAndDeliver(branch);
}
