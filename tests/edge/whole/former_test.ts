/**
 * The program of the last release and the present one on one queue, turn by turn, each killed in the
 * middle of its work: whichever is installed, up or down, goes on with what the other left. The former
 * program is the bundle in tests/landed.
 */
import assert from "node:assert/strict";
import { AgentProcess, landedAgent, unsignedAgent } from "../../sim/agent_process.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import {
  GrowingTerminal,
  holdsEverything,
  LEG,
  takeTurns,
  TURNS_SERIAL as SERIAL,
} from "../../sim/turns.ts";
import { until } from "../../sim/until.ts";

const KILLS = 6;

// Turns red when the queue of the last release cannot be read, or a present one is written so that the
// last release, installed again, refuses it, loses what it holds or numbers it anew.
Deno.test("C10 the last release's program and the present one take turns on a queue, killed each time: 0 lost, 0 doubled", async () => {
  await takeTurns(landedAgent(), null, KILLS);
});

Deno.test("C10 the same, begun by the present program and taken over by the last release's", async () => {
  await takeTurns(null, landedAgent(), KILLS);
});

// Turns red when a program that was put back, whose batches a present Odoo refuses, stops capturing, says
// nothing, or leaves what the present program cannot deliver when it is there again.
Deno.test("C10 A40 a program from before the signatures put back: captured, refused aloud, delivered after the update", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  const terminal = new GrowingTerminal(agent);
  try {
    agent.program = unsignedAgent();
    const former = await agent.say("pair", odoo.url, "bcdf-ghjk", "--database", "db");
    assert.notEqual(former.code, 0);
    assert.match(former.err, /Odoo does not take the pairing: status 409 \(update_agent\)/);
    agent.program = null;
    const paired = await agent.say("pair", odoo.url, "bcdf-ghjk", "--database", "db");
    assert.equal(paired.code, 0, paired.err);
    terminal.start();
    await agent.start();
    await until(() => odoo.books.punches.size > LEG, "the present program delivers");
    await agent.stop();
    agent.program = unsignedAgent();
    const [acknowledged, delivered] = [terminal.acknowledged, odoo.books.punches.size];
    await agent.start();
    await until(() => terminal.acknowledged >= acknowledged + LEG, "the former program captures");
    const reasons = async () => (await agent.health()).body["reasons"] as { code: string }[];
    await until(
      async () => (await reasons()).some(({ code }) => code === "credential"),
      "it says that nothing is taken",
    );
    assert.equal(odoo.books.punches.size, delivered);
    await agent.stop();
    await terminal.stop();
    agent.program = null;
    await agent.start();
    await holdsEverything(agent, odoo, terminal.acknowledged);
    await agent.stop();
  } finally {
    await terminal.stop();
    await agent.dispose();
    await odoo.stop();
  }
});

/** Two stretches with eleven days between them: the present program names the hole in the run. */
const EXPORT = ["02", "03", "14", "15"].map((day) => `7\t2026-03-${day} 08:00:00\t1\t0\t1\t0\n`)
  .join("");

// Turns red when a field that the present program keeps in the queue stops the last release.
Deno.test("C10 a run that the present program left is told by the last release's", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  try {
    const paired = await agent.say("pair", odoo.url, "bcdf-ghjk", "--database", "db");
    assert.equal(paired.code, 0, paired.err);
    await agent.start();
    // The answer to the first sync says so; the second shows that it was heard.
    await until(() => odoo.reports.length > 1, "the terminal is known");
    await agent.stop();
    const file = `${agent.directory}/data/${SERIAL}_attlog.dat`;
    Deno.writeTextFileSync(file, EXPORT);
    const taken = await agent.say("import", file);
    assert.equal(taken.code, 0, taken.err);
    agent.program = landedAgent();
    await agent.start();
    const runs = () =>
      odoo.reports.flatMap((report) => report["runs"] as Record<string, unknown>[]);
    await until(() => runs().length > 0, "the run in Odoo");
    await until(() => odoo.books.punches.size === 4, "its punches in Odoo");
    const { channel, read, window_from, window_to } = runs()[0] ?? {};
    assert.deepEqual([channel, read, window_from, window_to], [
      "file",
      4,
      "2026-03-02 08:00:00",
      "2026-03-15 08:00:00",
    ]);
    const { code, err } = await agent.stop();
    assert.equal(code, 0, err);
  } finally {
    await agent.dispose();
    await odoo.stop();
  }
});
