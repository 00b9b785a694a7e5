/** The campaign of the ERPNext destination in small; `npm run campaign -- erpnext` runs it at length. */
import assert from "node:assert/strict";
import { siteCampaign } from "../../sim/erpnext/campaign.ts";

// Red when any answer counts that was not read back, when a unique key is missing, or a restore is not healed.
Deno.test("R52 (ERPNext) faults, restarts, a backup put back, two agents on one terminal: exactly once", async () => {
  const result = await siteCampaign({ seed: 7, punches: 300 });
  assert.ok(result.punches >= 300);
  assert.ok(result.checkins > 200);
  assert.ok(result.faults > 20, `${result.faults} faults`);
});
