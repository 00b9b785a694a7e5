/** Thousands of small worlds, each out of one seed. Full size: dev/campaign.ts. */
import assert from "node:assert/strict";
import { simulate } from "../../sim/simulation.ts";

/** 10,000 others: dev/campaign.ts. */
const SEEDS = 500;
const LIMIT_MS = 60_000;
/** On a machine too slow for all seeds in a minute, fewer than this is a failure to be looked at. */
const FEWEST = 200;

// R53 counts what was late by the world's own book, not by the queue's.
// Red when the keeper keeps its store after a failed commit, or when compareHead takes a head that stopped
// for one that is the same; and when health is green after any step after which a punch is late.
Deno.test("R50 R53 seeded simulation of queue and delivery: no promise broken", async () => {
  const looks = { looked: 0, late: 0, green: 0 };
  const played = await simulate(1, SEEDS, LIMIT_MS, looks);
  console.log(`${played} seeds played, ${JSON.stringify(looks)}`);
  assert.ok(looks.late > played && looks.green > played, JSON.stringify(looks));
  assert.ok(played >= FEWEST, `only ${played} seeds in ${LIMIT_MS} ms`);
});
