/** Thousands of small worlds, each out of one seed. Full size: dev/campaign.ts. */
import assert from "node:assert/strict";
import { simulate } from "../../sim/simulation.ts";

const SEEDS = 2_000;
const LIMIT_MS = 60_000;
/** On a machine too slow for all seeds in a minute, fewer than this is a failure to be looked at. */
const FEWEST = 200;

// Red when the keeper keeps its store after a failed commit, when settle ignores the row's state, or
// when compareHead takes a head that stopped for one that is the same.
Deno.test("R50 seeded simulation of queue and delivery: no promise broken", async () => {
  const played = await simulate(1, SEEDS, LIMIT_MS);
  console.log(`${played} seeds played`);
  assert.ok(played >= FEWEST, `only ${played} seeds in ${LIMIT_MS} ms`);
});
