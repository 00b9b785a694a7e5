/** Processes that are killed at any moment. Full size: dev/campaign.ts. */
import assert from "node:assert/strict";
import { killLoop } from "../../sim/kill_loop.ts";

// Red when add resolves before the commit, or the key memory is not written in the same transaction.
Deno.test("R03 R04 killed at random, frozen or not: nothing acknowledged is lost or doubled", async () => {
  const result = await killLoop(10, 3);
  assert.ok(result.acknowledged > 20, `only ${result.acknowledged} acknowledged`);
  assert.ok(result.slowestStartMs < 10_000, `a start took ${result.slowestStartMs} ms`);
});
