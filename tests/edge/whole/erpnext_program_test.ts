/** The agent of an ERPNext branch as a program: told to stop, exchanged for another version, what it leaves on its card. */
import assert from "node:assert/strict";
import { AgentProcess, landedAgent, until } from "../../sim/agent_process.ts";
import { BRANCH, managerOf } from "../../sim/erpnext/set_up.ts";
import { FakeSite } from "../../sim/erpnext/site.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";
import { SERIAL } from "../queue/lane_kit.ts";

const PEOPLE = 200;

interface Branch {
  readonly site: FakeSite;
  readonly proxy: FaultyProxy;
  readonly agent: AgentProcess;
  /** Set up by the program that the agent is now; one terminal approved. */
  readonly setUp: () => Promise<void>;
}

async function withBranch(use: (branch: Branch) => Promise<void>): Promise<void> {
  const site = new FakeSite();
  site.start();
  const proxy = new FaultyProxy(() => site.url);
  proxy.start();
  const agent = new AgentProcess(proxy.url, {
    destination: "erpnext",
    erpnext: { pollSeconds: 5, timeoutSeconds: 5 },
  });
  const setUp = async () => {
    const { key, secret } = managerOf(site);
    const words = ["provision-erpnext", proxy.url, "--agent", BRANCH];
    const made = await agent.tell(`${key}:${secret}\nyes\n`, ...words);
    assert.equal(made.code, 0, made.err);
    for (let n = 0; n < PEOPLE; n++) site.addEmployee(`Zenaida ${n}`, String(n));
    await site.put("Biometric Device", { serial: SERIAL, agent: BRANCH, approval: "Approved" });
  };
  try {
    await use({ site, proxy, agent, setUp });
  } finally {
    await agent.dispose();
    proxy.stop();
    await site.stop();
  }
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => {
    const at = new Date(Date.UTC(2026, 2, 2) + (from + n) * 1000).toISOString();
    return `${from + n}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
  });

async function knows(agent: AgentProcess): Promise<void> {
  const devices = async () => JSON.stringify((await agent.health()).body["devices"]);
  await until(devices, (text) => text.includes(SERIAL));
}

/** Raw punches and check-ins, each punch once. */
async function arrived(site: FakeSite, count: number): Promise<void> {
  await until(() => site.rows("Employee Checkin").length, (found) => found >= count, 60);
  const keys = site.rows("Employee Checkin").map((row) => row["biometric_key"]);
  assert.equal(new Set(keys).size, keys.length, "none is doubled");
  assert.deepEqual([keys.length, site.rows("Biometric Punch").length], [count, count]);
}

// Red when the request in flight is awaited on SIGTERM, unsettled rows are marked, a name or the key is kept beside
// erpnext.json, or the start flags name any address beside the site's, its own ports and the terminals'.
Deno.test("R05 S40 C11 (ERPNext) SIGTERM during a pending insert: code 0, exactly once; no name or key on the card; one address", () =>
  withBranch(async ({ site, proxy, agent, setUp }) => {
    await setUp();
    const named = agent.flags.filter((flag) => flag.startsWith("--allow-net="));
    const own = [agent.devicePort, agent.healthPort].map((port) => `127.0.0.1:${port}`);
    const addresses = named.flatMap((flag) => flag.slice("--allow-net=".length).split(","))
      .filter((one) => !one.startsWith("unix:") && ![...own, "0.0.0.0:8083"].includes(one));
    assert.deepEqual(
      addresses.sort(),
      [new URL(proxy.url).host, "127.0.0.1:4370", "0.0.0.0:0"].sort(),
    );
    await agent.start();
    await knows(agent);
    proxy.fault = (route) => route.endsWith("insert_many") ? "hang" : null;
    assert.match(await agent.upload(SERIAL, lines(0, 50)), /OK: 50/);
    await until(() => proxy.counts.get("hang") ?? 0, (count) => count > 0);
    const from = performance.now();
    const stopped = await agent.stop();
    assert.equal(stopped.code, 0, stopped.err);
    assert.ok(performance.now() - from < 15_000);
    proxy.fault = () => null;
    await agent.start();
    await arrived(site, 50);
    const { code, err } = await agent.stop();
    assert.equal(code, 0, err);
    const { secret } = JSON.parse(Deno.readTextFileSync(`${agent.directory}/data/erpnext.json`));
    for (const text of [stopped.err, err]) {
      assert.ok(!text.includes(secret) && !text.includes("Zenaida"));
    }
    for (const file of Deno.readDirSync(`${agent.directory}/data`)) {
      if (!file.isFile || file.name === "erpnext.json") continue;
      const text = Deno.readTextFileSync(`${agent.directory}/data/${file.name}`);
      assert.ok(!text.includes("Zenaida"), `${file.name} holds a name`);
      assert.ok(!text.includes(secret), `${file.name} holds the key`);
    }
  }));

// Red when a version cannot go on from what the other left in the queue or on the site.
Deno.test("C10 (ERPNext) the last release's program and the present one take turns on one site: 0 lost, 0 doubled", () =>
  withBranch(async ({ site, agent, setUp }) => {
    agent.program = landedAgent();
    await setUp();
    for (let turn = 0; turn < 4; turn++) {
      agent.program = turn % 2 === 0 ? landedAgent() : null;
      await agent.start();
      await knows(agent);
      assert.match(await agent.upload(SERIAL, lines(turn * 40, turn * 40 + 40)), /OK: 40/);
      // The one before it is killed with what it has not delivered.
      if (turn === 3) break;
      agent.signal("SIGKILL");
      await agent.wait();
    }
    await arrived(site, 160);
    const { body } = await agent.health();
    assert.doesNotMatch(JSON.stringify(body["reasons"]), /clone|old_copy|credential|went_back/);
    await agent.stop();
  }));
