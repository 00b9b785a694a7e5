// Journeys of a bad day: Odoo is away while people punch; Odoo comes back from an older copy.

import assert from "node:assert/strict";
import { dropDatabase, snapshotDatabase } from "../../dev/databases.ts";
import { openPostgres } from "../../dev/postgres.ts";
import { compare } from "../../dev/results.ts";
import { journeyTest, withScene } from "./scene.ts";

// Turns red when the agent settles on anything but a receipt, drops what it could not deliver, or
// answers OK to a terminal only while Odoo is there.
journeyTest("Odoo is away while people punch and comes back: nothing is lost", async () => {
  await withScene(12, async ({ stage, terminal, play, branch, until, ...scene }) => {
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
  });
});

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
