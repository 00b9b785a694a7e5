// Journeys of a bad day: Odoo is away while people punch; Odoo comes back from an older copy.

import assert from "node:assert/strict";
import { dropDatabase, odooOnce, snapshotDatabase } from "../../dev/databases.ts";
import { openPostgres } from "../../dev/postgres.ts";
import type { OdooClient, Row } from "../../dev/odoo_client.ts";
import { compare } from "../../dev/results.ts";
import { DELETES_AT_ONCE, ReadOnly } from "./read_only.ts";
import { GOAL_S, ReplacedMachine } from "./replaced_machine.ts";
import { journeyTest, type Scene, withScene } from "./scene.ts";

/**
 * What an administrator of the database can do while Odoo is down: every entry of the trail anew, with the
 * addon's own code, and so many more that the newest number is beyond what any witness saw.
 */
const REWRITE = `
from odoo import fields
cr = env.cr
cr.execute("ALTER TABLE biometric_audit DISABLE TRIGGER USER")
cr.execute("UPDATE biometric_audit SET seq = NULL, hash = NULL, previous_hash = NULL, sealed_at = NULL")
cr.execute("UPDATE biometric_audit SET user_id = 2 WHERE id = (SELECT min(id) FROM biometric_audit)")
cr.execute("UPDATE biometric_audit_witness SET seq = 1")
device = env["biometric.device"].search([], limit=1)
for n in range(20):
    env["biometric.audit"]._record("test.more", device, reason="grown past the last witness")
while env["biometric.audit"]._seal(1000):
    pass
cr.execute("UPDATE biometric_audit_witness w SET hash = a.hash FROM biometric_audit a"
           " WHERE a.company_id = w.company_id AND a.seq = 1")
cr.execute("ALTER TABLE biometric_audit ENABLE TRIGGER USER")
cr.commit()
`;

interface Reason {
  readonly code: string;
  readonly detail: string;
}

// Turns red when the agent settles on anything but a receipt, drops what it could not deliver, or
// answers OK to a terminal only while Odoo is there. A42: and when a trail that was rewritten and grew
// meanwhile is countersigned without a word, or the finding does not reach Odoo by the agent.
journeyTest(
  "A42 Odoo is away while people punch: nothing is lost, or rewritten unseen",
  async () => {
    await withScene(12, async (all) => {
      const { stage, terminal, play, branch, until, ...scene } = all;
      const half = Math.floor(play.records.length / 2);
      terminal.record(...play.records.slice(0, half));
      await until("the first half to be taken", () => nullUnless(terminal.pending === 0));
      await stage.odoo.stop();
      terminal.record(...play.records.slice(half));
      await until("the second half to be taken", () => nullUnless(terminal.pending === 0));
      assert.equal(await stage.odoo.answers(), false);
      await stage.odoo.start();
      await branch.logIn();
      await scene.allDelivered();
      assert.deepEqual(compare(play.expected, await scene.allComputed()), []);
      const readOnly = await ReadOnly.enter(branch, until);
      try {
        await deletesItsOldest(readOnly);
        await holdsErasedMemory(readOnly, await branch.as("officer"));
      } finally {
        await readOnly.stop();
      }
      await rewrittenBehindTheHead(all);
    });
  },
);

/** The newest number is beyond what the agent saw last, so only its own questions can tell. */
async function rewrittenBehindTheHead({ stage, branch, until }: Scene): Promise<void> {
  const { db } = stage.odoo;
  const witnessed = () => branch.admin.count("biometric.audit.witness", []);
  await until("the agent to countersign a head", async () => nullUnless(await witnessed() > 0));
  await stage.odoo.stop();
  await odooOnce({ db, addons: stage.addons, args: ["shell", "--no-http"] }, REWRITE);
  await stage.odoo.start();
  await branch.logIn();
  const told = [["code", "=", "audit_tamper"]];
  const findings = () => branch.admin.count("biometric.audit.finding", told);
  await until("the agent's word in Odoo", async () => nullUnless(await findings() === 1));
  const health = await stage.agent.health();
  const { reasons } = health?.body as { reasons: Reason[] };
  const [reason] = reasons.filter(({ code }) => code === "audit_tamper");
  assert.match(reason?.detail ?? "", /^company \d+: entry \d+ has changed/);
  const [kept = ""] = (await stage.agent.say("heads")).split("\n");
  const { seq, hash } = JSON.parse(kept);
  const sql = `SELECT hash FROM biometric_audit WHERE seq = ${Number(seq)} AND company_id = 1`;
  assert.notEqual(await (await openPostgres()).sql(sql, db), hash, "heads keeps the old one");
}

/** Different punches that the terminal ever took. */
const taken = ({ terminal }: ReadOnly): number =>
  new Set(
    terminal.memory.everything.filter(({ blank }) => blank === undefined)
      .map(({ pin, wallTime, state }) => `${pin} ${wallTime} ${state}`),
  ).size;

// F10, terminal to Odoo. Turns red when a smaller count is called a loss although the newest record of the
// last read is still there: a gap that nothing closes, and the terminal complete never again.
async function deletesItsOldest(one: ReadOnly): Promise<void> {
  const { memory } = one.terminal;
  memory.fill(990, { people: 12 });
  const first = await one.read();
  assert.deepEqual(
    [first["outcome"], first["read_count"]],
    ["complete", 990],
    String(first["message"]),
  );
  const before = await one.completeUntil();
  assert.notEqual(before, "");
  memory.fill(30, { people: 12, seed: 2 });
  assert.equal(memory.destroyed.length, DELETES_AT_ONCE);
  const second = await one.read();
  const { outcome, read_count, device_count, lost_from, vanished_count } = second;
  assert.deepEqual(
    [outcome, read_count, device_count, lost_from, vanished_count],
    ["complete", 620, 620, false, 0],
    String(second["message"]),
  );
  assert.equal(await one.count("biometric.punch"), taken(one));
  assert.equal(await one.count("biometric.gap"), 0);
  assert.ok(await one.completeUntil() > before, "complete until moves on");
}

// F13, terminal to Odoo. Turns red when 329 copies of one line are held against the one line that is kept:
// after a person has decided about it no read would ever prove again.
async function holdsErasedMemory(one: ReadOnly, officer: OdooClient): Promise<void> {
  const { memory } = one.terminal;
  memory.insertBlank(329, 0x5a);
  const before = await one.completeUntil();
  const run = await one.read();
  assert.deepEqual([run["read_count"], run["rejected_count"]], [949, 1], String(run["message"]));
  assert.equal(await one.completeUntil(), before, "nobody has decided about the line");
  const lines = await officer.rows("biometric.quarantine", [one.here, ["reason", "=", "reject"]], [
    "raw",
  ]);
  assert.equal(lines.length, 1, "329 copies are one line of work");
  const action = await officer.call("biometric.quarantine", "action_discard", [[
    lines[0]?.["id"] ?? 0,
  ]]);
  const context = (action as Row)["context"] as Row;
  const [dialog = 0] = await officer.create("biometric.decide", [{
    verdict: context["default_verdict"] ?? null,
    sighting_ids: context["default_sighting_ids"] ?? null,
    reason: "erased memory of the terminal",
  }]);
  await officer.call("biometric.decide", "action_confirm", [[dialog]]);
  assert.equal((await one.read())["rejected_count"], 1);
  assert.ok(await one.completeUntil() > before, "the next whole read proves");
}

// Turns red when the agent forgets delivered sightings, or does not look at the lane head Odoo states. P09: and
// when what a dead machine had acknowledged and terminals still hold stays away after another was approved in
// its place, waits for a person, or is not proven complete.
journeyTest(
  "R35 P09 Odoo's database is replaced by an older copy, then the machine of the branch: all comes back",
  async () => {
    await withScene(12, async (all) => {
      const { stage, terminal, play, branch, until, device, ...scene } = all;
      const older = `${stage.odoo.db}_older`;
      const half = Math.floor(play.records.length / 2);
      terminal.record(...play.records.slice(0, half));
      await until("the first half to be taken", () => nullUnless(terminal.pending === 0));
      const held = () => branch.admin.count("biometric.sighting", [["device_id", "=", device]]);
      await until("the first punches in Odoo", async () => await held() > 0 ? true : null);
      await stage.odoo.stop();
      await snapshotDatabase(stage.odoo.db, older);
      await stage.odoo.start();
      await branch.logIn();
      terminal.record(...play.records.slice(half));
      await scene.allDelivered();
      await stage.odoo.stop();
      await snapshotDatabase(older, stage.odoo.db);
      // Asked of the database itself: a second after its start the agent has noticed and sent.
      const kept = await (await openPostgres()).sql(
        "SELECT count(*) FROM biometric_sighting",
        older,
      );
      assert.ok(Number(kept) < play.expected.punches, "the older copy must lack something");
      await dropDatabase(older);
      await stage.odoo.start();
      await branch.logIn();
      await scene.allDelivered();
      assert.deepEqual(compare(play.expected, await scene.allComputed()), []);
      const machine = new ReplacedMachine(all);
      await machine.settles();
      await machine.dies();
      const seconds = await machine.isReplaced();
      console.log(`    a dead machine was replaced in ${seconds.toFixed(1)} s, people left out`);
      assert.ok(seconds < GOAL_S);
    });
  },
);

const nullUnless = (condition: boolean): Promise<true | null> =>
  Promise.resolve(condition ? true : null);
