/**
 * The life of a one-file program as an agent: paired, pushed to, killed with the punch undelivered where asked, and
 * delivered. Owns what is asserted of it; must not know how the file was made.
 */
import assert from "node:assert/strict";
import { MEMORY_FLAG } from "../../edge_agent/machine/permissions.ts";
import { AgentProcess, onePackedFile, until } from "./agent_process.ts";
import { FakeOdoo } from "./fake_odoo.ts";

const SERIAL = "CKJF201960996";
/** An emulated machine takes its time. */
const PATIENCE_MS = { own: 30_000, emulated: 600_000 };

/** `emulator`: words in front of a program of another machine. Returns ms to each start. */
export async function livePacked(
  file: string,
  emulator: readonly string[],
  { killed }: { killed: boolean },
): Promise<number[]> {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url, {}, onePackedFile(file, emulator));
  try {
    const patienceMs = emulator.length > 0 ? PATIENCE_MS.emulated : PATIENCE_MS.own;
    return await live(agent, odoo, { patienceMs, killed });
  } finally {
    await agent.dispose();
    await odoo.stop();
  }
}

async function live(
  agent: AgentProcess,
  odoo: FakeOdoo,
  { patienceMs, killed }: { patienceMs: number; killed: boolean },
): Promise<number[]> {
  const pairing = JSON.stringify({ url: odoo.url, code: "BCDFGHJK" });
  await Deno.writeTextFile(`${agent.directory}/biometric-pairing.json`, pairing);
  odoo.answering = ({ route }) => route === "punches" ? new Response("", { status: 502 }) : null;
  const starts: number[] = [];
  const start = async () => {
    const from = performance.now();
    await agent.start({}, patienceMs);
    starts.push(Math.round(performance.now() - from));
  };
  await start();
  const commandLine = await Deno.readTextFile(`/proc/${agent.pid}/cmdline`);
  assert.match(commandLine, /\0--permit\0/);
  assert.ok(commandLine.includes(`\0${MEMORY_FLAG}\0`), commandLine);
  assert.match(commandLine, /\0--allow-write=[^\0]*\0/);
  assert.doesNotMatch(commandLine, /--allow-(run|ffi|all)|\0-A\0/);
  const upload = () => agent.upload(SERIAL, ["1\t2026-03-02 08:00:00\t0\t1\t0\t0\t0"]);
  const patience = patienceMs / 1000;
  const answer = await until(upload, (text) => text.includes("OK: 1"), patience);
  assert.match(answer, /OK: 1/);
  assert.equal(odoo.keys.length, 0, "undelivered");
  if (killed) {
    agent.signal("SIGKILL");
    await agent.wait();
    odoo.answering = null;
    await start();
  }
  odoo.answering = null;
  await until(() => odoo.keys.length, (count) => count === 1, patience);
  assert.equal(odoo.keys.length, 1);
  assert.equal((await agent.stop()).code, 0);
  return starts;
}
