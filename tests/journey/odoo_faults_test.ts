// Journeys with Odoo's own troubles: its database crashes or is away, Odoo is restarted, upgraded, loses
// workers. Small here; `npm run campaign` runs them at full size.

import assert from "node:assert/strict";
import { odooDisturbed, postgresAway, postgresCrashes } from "./odoo_faults.ts";
import { journeyTest } from "./scene.ts";

// Turns red when the agent takes a status for an answer, or Odoo answers with a receipt before its
// transaction is committed.
journeyTest("R32 PostgreSQL is killed in the middle of batches: exactly once", async () => {
  const { punches } = await postgresCrashes({ people: 12, times: 6, seed: 32 });
  assert.ok(punches > 150);
});

// Turns red when the agent parks or drops what was answered 404, when its health page stays green
// behind an Odoo that answers, or when it needs a person to go on.
journeyTest("R33 R53 PostgreSQL is away: nothing changes but the health page", async () => {
  const { statuses, health, drainMs } = await postgresAway(12, 60_000);
  assert.ok(statuses.length > 10 && statuses.every((status) => status >= 400), String(statuses));
  assert.ok(health.length > 5, "samples after the alarm time");
  for (const said of health) {
    assert.match(said, /"status":"failing"/);
    assert.match(said, /"(late|odoo_silent)"/);
  }
  assert.ok(drainMs < 120_000, `delivered ${drainMs} ms after the database came back`);
});

// Turns red when an answer that was cut off counts, or an upgrade loses what came meanwhile.
journeyTest("R34 Odoo is restarted, upgraded and loses workers: exactly once", async () => {
  const { killed } = await odooDisturbed({ people: 12, times: 6, seed: 34 });
  assert.ok(killed >= 2, `${killed} workers killed`);
});
