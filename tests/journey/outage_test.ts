// Journeys of a bad day: Odoo is away while people punch; Odoo comes back from an older copy.

import assert from "node:assert/strict";
import { dropDatabase, odooOnce, snapshotDatabase } from "../../dev/databases.ts";
import { openPostgres } from "../../dev/postgres.ts";
import { compare } from "../../dev/results.ts";
import { journeyTest, withScene } from "./scene.ts";

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
  "A42 Odoo is away while people punch and comes back: nothing is lost or rewritten unseen",
  async () => {
    await withScene(12, async ({ stage, terminal, play, branch, until, ...scene }) => {
      const half = Math.floor(play.records.length / 2);
      terminal.record(...play.records.slice(0, half));
      await until("the first half to be taken", () => nullUnless(terminal.pending === 0));
      const witnessed = () => branch.admin.count("biometric.audit.witness", []);
      await until("the agent to countersign a head", async () => nullUnless(await witnessed() > 0));
      await stage.odoo.stop();
      terminal.record(...play.records.slice(half));
      await until("the second half to be taken", () => nullUnless(terminal.pending === 0));
      assert.equal(await stage.odoo.answers(), false);
      const { db } = stage.odoo;
      await odooOnce({ db, addons: stage.addons, args: ["shell", "--no-http"] }, REWRITE);
      await stage.odoo.start();
      await branch.logIn();
      await scene.allDelivered();
      assert.deepEqual(compare(play.expected, await scene.allComputed()), []);
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
    });
  },
);

// Turns red when the agent forgets delivered sightings, or does not look at the lane head Odoo states.
journeyTest(
  "R35 Odoo's database is replaced by an older copy: the agent sends what it lost",
  async () => {
    await withScene(12, async ({ stage, terminal, play, branch, until, device, ...scene }) => {
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
    });
  },
);

const nullUnless = (condition: boolean): Promise<true | null> =>
  Promise.resolve(condition ? true : null);
