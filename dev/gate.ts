// Owns: the second terminal of a play, the one that has trouble: it pushes and can be read over port
// 4370, its lines can be cut, and it keeps a list of every record it ever destroyed. Imports nothing
// of the agent. Must not know: Odoo, or what the trouble is told for.

import { FakeTerminal } from "../tests/sim/pull/terminal.ts";
import type { FakeRecord } from "../tests/sim/pull/memory.ts";
import { FakePush } from "../tests/sim/pull/push.ts";
import type { TerminalUser } from "../tests/sim/push/terminal.ts";
import { EVERY_ADDRESS } from "./own_host.ts";

export const GATE_SERIAL = "DEMOGATE0002";

export interface GateOptions {
  readonly serial: string;
  /** The agent's port for terminals. */
  readonly devicePort: number;
  readonly people: readonly TerminalUser[];
  /** Minutes that the terminal's clock is ahead of UTC. */
  readonly utcOffsetMinutes: number;
  /** Records in its memory from before, counted back from now; not pushed. */
  readonly records?: number;
}

export class Gate {
  readonly terminal: FakeTerminal;
  readonly push: FakePush;
  readonly #people: readonly TerminalUser[];
  #next = 0;

  constructor({ serial, devicePort, people, utcOffsetMinutes, records = 0 }: GateOptions) {
    const clockOffsetSeconds = utcOffsetMinutes * 60;
    this.terminal = new FakeTerminal({ serial, clockOffsetSeconds, capacity: 10_000 });
    for (const { pin, name } of people) this.terminal.memory.addUser(pin, name);
    if (records > 0) this.terminal.memory.fill(records, { people: people.length });
    this.push = new FakePush(this.terminal.memory, `http://127.0.0.1:${devicePort}`, {
      pollMs: 300,
    });
    this.#people = people;
  }

  async start(): Promise<void> {
    await this.terminal.start(0, EVERY_ADDRESS);
    await this.push.start();
  }

  async stop(): Promise<void> {
    await this.push.stop();
    await this.terminal.stop();
  }

  /** So many people punch, one after the other. */
  punch(count: number): void {
    for (let left = count; left > 0; left--) {
      const { pin } = this.#people[this.#next++ % this.#people.length]!;
      this.terminal.memory.punch(pin, { state: this.#next % 2 });
    }
  }

  /** Every record it ever took, whether it still has it or not. */
  get everything(): readonly FakeRecord[] {
    return this.terminal.memory.everything;
  }

  /** Its calls to the agent fail; it can still be read. */
  cutPush(): void {
    this.push.unplugged = true;
  }

  /** The cable is out: no calls, no reads. */
  cutAll(): void {
    this.cutPush();
    this.terminal.deaf = true;
  }

  /**
   * The line is back. The terminal believes that it has sent everything, as some firmware does after
   * an outage, and is too busy for the first question.
   */
  comeBackForgetful(): void {
    this.push.acknowledged = this.everything.at(-1)?.number ?? 0;
    this.push.refusesQueries = 1;
    this.terminal.deaf = false;
    this.push.unplugged = false;
  }
}
