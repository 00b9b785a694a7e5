/** `erase`: what an agent holds of a company that left goes by its owner's word, and by nothing less. */
import assert from "node:assert/strict";
import { AgentProcess, until } from "../../sim/agent_process.ts";
import { FakeOdoo, refusal, verifyEd25519 } from "../../sim/fake_odoo.ts";

const SERIAL = "CKJF201960996";
const COMPANY = "Company";

interface Scene {
  readonly odoo: FakeOdoo;
  readonly agent: AgentProcess;
  readonly files: () => string[];
}

/** A paired agent that delivered one punch, whose company then left, and that holds two more. */
async function withAgent(use: (scene: Scene) => Promise<void>): Promise<void> {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  const files = () =>
    [...Deno.readDirSync(`${agent.directory}/data`)].map(({ name }) => name).sort();
  try {
    assert.equal((await agent.say("pair", odoo.url, "BCDF-GHJK", "--database", "db")).code, 0);
    await agent.start();
    await until(
      async () => JSON.stringify((await agent.health()).body["devices"]),
      (devices) => devices.includes(SERIAL),
    );
    await use({ odoo, agent, files });
  } finally {
    await agent.dispose();
    await odoo.stop();
  }
}

const line = (minute: number) => `7\t2026-03-02 08:0${minute}:00\t0\t1\t0\t0\t0`;

// Turns red when an agent that is told `gone` stops capturing, forgets what it holds, or says that it should
// be paired again; and when a company that stays after all is not delivered to.
Deno.test("C17 an agent that is told gone says so, goes on recording, and delivers once its company stays", () =>
  withAgent(async ({ odoo, agent }) => {
    odoo.answering = () => refusal(403, "gone");
    assert.match(await agent.upload(SERIAL, [line(1), line(2)]), /OK: ?2/);
    const said = await until(
      async () => (await agent.say("status")).out,
      (out) => /\bgone\b/.test(out),
    );
    assert.match(said, /the company has left its provider; punches stay here/);
    assert.doesNotMatch(said, /pair again/);
    assert.equal(odoo.books.punches.size, 0);
    await agent.stop();
    await agent.start();
    assert.match(await agent.upload(SERIAL, [line(3)]), /OK: ?1/);
    odoo.answering = null;
    await agent.stop();
    await agent.start();
    await until(() => odoo.books.punches.size, (count) => count === 3);
    await until(async () => (await agent.say("status")).out, (out) => !/\bgone\b/.test(out));
  }));

// Turns red when one of the conditions is dropped: the name, the agent at rest, Odoo's own word, the number of
// what was never delivered, what Odoo refused among it, the data directory to itself; when something of the company is left; or when no signed record is.
Deno.test("C17 erase asks for the name, rest, Odoo's word and the number undelivered, and leaves a signed record", () =>
  withAgent(async ({ odoo, agent, files }) => {
    const refused = async (...args: string[]) => {
      const { code, out, err } = await agent.say("erase", ...args);
      assert.equal(code === 1 || code === 2, true, out);
      return err;
    };
    assert.match(await refused(), /the company's name is needed/);
    assert.match(await refused("Somebody else"), /this agent is .+'s: type that name/);
    assert.match(await refused(COMPANY), /the agent is at work: stop it first/);
    odoo.rejects = () => true;
    await agent.upload(SERIAL, [line(3)]);
    await until(
      async () => (await agent.say("status")).out,
      (out) => /\b0 pending, 1 parked/.test(out),
    );
    odoo.answering = ({ route }) => route === "punches" ? refusal(403, "gone") : null;
    await agent.upload(SERIAL, [line(1), line(2)]);
    await agent.stop();
    assert.match(await refused(COMPANY), /knows this agent: its company has not left/);
    odoo.answering = () => refusal(401, "unauthorized");
    assert.match(await refused(COMPANY), /does not say that the company has left .*unauthorized/);
    odoo.answering = () => new Response("gone", { status: 403 });
    assert.match(await refused(COMPANY), /does not say that the company has left/);
    odoo.answering = () => refusal(403, "gone");
    assert.match(await refused(COMPANY), /3 sightings were never delivered: keep them/);
    assert.match(await refused(COMPANY, "--undelivered", "2"), /3 sightings were never delivered/);
    assert.match((await agent.say("export")).out, /08:02:00/, "nothing was erased");
    const lock = Deno.openSync(`${agent.directory}/data/agent.lock`, { write: true });
    lock.lockSync(true);
    assert.match(
      await refused(COMPANY, "--undelivered", "3"),
      /another command is at work on the data directory/,
    );
    lock.close();
    const key = JSON.parse(Deno.readTextFileSync(`${agent.directory}/data/identity.json`));
    const { code, out } = await agent.say("erase", COMPANY, "--undelivered", "3");
    assert.equal(code, 0, out);
    const left = files().filter((name) => !/^(agent\.lock|deno|update)$/.test(name));
    assert.equal(left.length, 1, left.join(" "));
    const kept = JSON.parse(Deno.readTextFileSync(`${agent.directory}/data/${left[0]}`));
    const record = JSON.parse(kept.record);
    assert.deepEqual(
      [record.company, record.undelivered, record.lane.seq, record.public_key],
      [COMPANY, 3, 3, key.publicKey],
    );
    assert.ok(verifyEd25519(key.publicKey, `v1\nerase\n${kept.record}`, kept.signature));
    assert.match(await refused(COMPANY), /is not paired: it holds no company's punches/);
  }));
