/** R52 scaled to seconds; in full: `deno run -A tests/sim/soak.ts --minutes 720 --seed N`. */
import assert from "node:assert/strict";
import { soak } from "../../sim/soak.ts";

// Red when a receipt is believed that is none, a killed agent forgets what it acknowledged, or a batch
// counts twice. Memory of a process this young still grows by itself: the 20 MB are the long run's.
Deno.test("R52 five terminals, two agents, random faults and kills: exactly once, nothing leaks", async () => {
  const result = await soak({ minutes: 0.2, seed: 20261121, growthMb: 80 });
  assert.ok(result.punches > 20 && result.faults > 0 && result.kills >= 2, JSON.stringify(result));
});
