/**
 * Two programs in turns on one queue, each killed in the middle of its work: a terminal with a log that grows for ever
 * uploads without a pause, an Odoo takes or refuses what is delivered. Owns the story and what must hold at its
 * end; must not know which programs they are.
 */
import assert from "node:assert/strict";
import { AgentProcess } from "./agent_process.ts";
import { FakeOdoo } from "./fake_odoo.ts";
import { until } from "./until.ts";

export const TURNS_SERIAL = "CKJF201960996";
/** Records in one upload of the terminal. */
const PIECE = 7;
/** Records that a program acknowledges before it is killed. */
export const LEG = 70;

/** A terminal with a log that grows for ever: it repeats a piece until it was told `OK`. */
export class GrowingTerminal {
  acknowledged = 0;
  #running: Promise<void> | null = null;
  #stopping = false;

  constructor(readonly agent: AgentProcess) {}

  static line(n: number): string {
    const at = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
    return `${n}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
  }

  start(): void {
    this.#running = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      const piece = Array.from(
        { length: PIECE },
        (_, n) => GrowingTerminal.line(this.acknowledged + n),
      );
      let answer = "";
      try {
        answer = await this.agent.upload(TURNS_SERIAL, piece);
      } catch {
        // Killed meanwhile, or not there yet: a terminal calls again.
      }
      if (new RegExp(`\\bOK: ${PIECE}\\b`).test(answer)) this.acknowledged += PIECE;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Odoo hears a batch and answers nothing of use: what is acknowledged waits for the next program. */
const away = () => new Response("<html>502</html>", { status: 502 });

/** A program's file; null: the present one. */
export type Program = string | null;

/** So many kills, in turns; how many records were acknowledged. Throws when one of them is lost or doubled. */
export async function takeTurns(first: Program, second: Program, kills: number): Promise<number> {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(TURNS_SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  const terminal = new GrowingTerminal(agent);
  try {
    agent.program = first;
    const paired = await agent.say("pair", odoo.url, "bcdf-ghjk", "--database", "db");
    assert.equal(paired.code, 0, paired.err);
    terminal.start();
    for (let leg = 0; leg < kills; leg++) {
      agent.program = leg % 2 === 0 ? first : second;
      const what = `leg ${leg}, ${agent.program === null ? "the present" : "the former"} program`;
      // Two legs each: delivered meanwhile, or left to the other.
      odoo.answering = leg % 4 < 2 ? ({ route }) => route === "punches" ? away() : null : null;
      const [acknowledged, delivered] = [terminal.acknowledged, odoo.books.punches.size];
      await agent.start();
      await until(() => terminal.acknowledged >= acknowledged + LEG, `${what} acknowledges`);
      if (odoo.answering === null) {
        await until(() => odoo.books.punches.size > delivered + LEG, `${what} delivers`);
      }
      agent.signal("SIGKILL");
      await agent.wait();
    }
    await terminal.stop();
    odoo.answering = null;
    for (const program of [second, first]) {
      agent.program = program;
      await agent.start();
      await holdsEverything(agent, odoo, terminal.acknowledged);
      const { code, err } = await agent.stop();
      assert.equal(code, 0, err);
    }
    return terminal.acknowledged;
  } finally {
    await terminal.stop();
    await agent.dispose();
    await odoo.stop();
  }
}

export async function holdsEverything(
  agent: AgentProcess,
  odoo: FakeOdoo,
  acknowledged: number,
): Promise<void> {
  const held = () => new Set([...odoo.books.punches.values()].map((punch) => String(punch["pin"])));
  const missing = () => {
    const there = held();
    return Array.from({ length: acknowledged }, (_, n) => `${n}`).filter((pin) => !there.has(pin));
  };
  await until(() => missing().length === 0, "every acknowledged punch is in Odoo");
  const pending = async () => ((await agent.health()).body["queue"] as { pending: number }).pending;
  await until(async () => await pending() === 0, "nothing is left to deliver");
  // The piece in flight at the last kill may be there or not; nothing else can.
  assert.ok(held().size - acknowledged <= PIECE, `${held().size} of ${acknowledged}`);
  const [lane, ...more] = odoo.books.lanes.values();
  assert.ok(lane && more.length === 0, "one queue is one lane, whoever writes it");
  assert.equal(lane.head.seq, lane.held.size, "the lane has no hole");
  const keys = [...lane.held.values()].map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, "no punch was numbered twice");
  assert.deepEqual(odoo.alarms, []);
}
