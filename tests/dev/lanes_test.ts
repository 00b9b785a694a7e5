// Tests the order in which npm test does its work: the longest first, nothing before what it waits for,
// and shares of Odoo's tests that together hold each class once.

import assert from "node:assert/strict";
import { inLanes, type Queued, shared } from "../../dev/lanes.ts";
import { classSeconds, shareTags } from "../../dev/odoo_tests.ts";
import { suites } from "../../dev/suites.ts";

interface Turn {
  /** Names in the order they were begun. */
  readonly begun: string[];
  /** How many ran at once, at most. */
  most: number;
}

/** Works a queue off with a clock of its own: the piece that has least left ends next. */
async function turn(queue: readonly (Queued & { ms: number })[], lanes: number): Promise<Turn> {
  const seen: Turn = { begun: [], most: 0 };
  const running: { ends: number; end: () => void }[] = [];
  let now = 0;
  const work = inLanes(queue, lanes, ({ group, ms }) =>
    new Promise<void>((end) => {
      seen.begun.push(group);
      running.push({ ends: now + ms, end });
      seen.most = Math.max(seen.most, running.length);
    }));
  let over = false;
  work.then(() => over = true, () => over = true);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (over) break;
    running.sort((one, other) => one.ends - other.ends);
    const next = running.shift();
    if (!next) continue;
    now = next.ends;
    next.end();
  }
  await work;
  return seen;
}

const piece = (group: string, length: number, after: string[] = []) => ({
  group,
  length,
  after,
  ms: Number.isFinite(length) ? length : 5,
});

// Turns red when a short piece is begun before a long one, an unknown one is left for the end, or more run
// at once than there are lanes.
Deno.test("lanes: what is unknown and what is longest is begun first, never too many at once", async () => {
  const queue = [piece("b", 2), piece("d", 9), piece("new", Infinity), piece("c", 7)];
  assert.deepEqual(await turn(queue, 2), { begun: ["new", "d", "c", "b"], most: 2 });
  assert.deepEqual((await turn(queue, 1)).most, 1);
});

// Turns red when a piece is begun although one piece of what it waits for still runs, or when what others
// wait for is left for the end because it is short itself.
Deno.test("lanes: a piece begins when all it waits for is over, and what it waits for begins early", async () => {
  const queue = [
    piece("late", 8, ["first", "nowhere"]),
    piece("other", 5),
    piece("first", 1),
    piece("first", 6),
  ];
  const { begun } = await turn(queue, 2);
  assert.deepEqual(begun, ["first", "first", "other", "late"]);
});

Deno.test("lanes: pieces that wait for each other are named, and a failure is not lost", async () => {
  const circle = [piece("a", 1, ["b"]), piece("b", 1, ["a"])];
  await assert.rejects(inLanes(circle, 2, () => Promise.resolve()), /wait for each other: a,b/);
  const broken = inLanes([piece("a", 1)], 2, () => Promise.reject(new Error("the piece broke")));
  await assert.rejects(broken, /the piece broke/);
});

Deno.test("lanes: shares are about equal, and hold everything once", () => {
  const lengths = new Map([["a", 9], ["b", 8], ["c", 5], ["d", 4], ["e", 4], ["f", 0]]);
  const shares = shared(lengths, 2);
  assert.deepEqual(shares.flat().sort(), [...lengths.keys()]);
  const sums = shares.map((names) => names.reduce((sum, name) => sum + lengths.get(name)!, 0));
  assert.ok(Math.abs(sums[0]! - sums[1]!) <= 4, sums.join());
});

// Turns red when a class that is not found by its file's words runs nowhere, or one runs in two shares.
Deno.test("lanes: the last share of Odoo's tests is all that the others do not name", () => {
  const tags = shareTags(new Map([["TestA", 3], ["TestB", 2], ["TestC", 1]]), 2);
  assert.deepEqual(tags, [
    "/biometric_attendance:TestA",
    "/biometric_attendance,-/biometric_attendance:TestA",
  ]);
  assert.deepEqual(shareTags(new Map([["TestA", 3]]), 4), ["/biometric_attendance"]);
  assert.deepEqual(shareTags(new Map(), 4), ["/biometric_attendance"]);
});

Deno.test("lanes: seconds of a test class are read from Odoo's log", () => {
  const at = (time: string, words: string) => `2026-03-02 ${time} 7 INFO db ${words}`;
  const log = [
    at("07:00:01,500", "odoo.addons.x.tests.test_a: Starting TestA.test_one ... "),
    at("07:00:02,000", "odoo.addons.x.tests.test_a: Starting TestA.test_two ... "),
    "a line of a traceback: Starting TestZ.test_no ...",
    at("07:00:04,000", "odoo.addons.x.tests.test_b: Starting TestB.test_one ... "),
    at("07:00:04,250", "odoo.tests.result: 0 failed, 0 error(s) of 3 tests when loading database"),
    at("07:09:00,000", "odoo.service.server: Hit CTRL-C again"),
  ].join("\n");
  assert.deepEqual([...classSeconds(log)], [["TestA", 2.5], ["TestB", 0.25]]);
});

// Turns red when a suite that another waits for is renamed: nothing would be waited for.
Deno.test("lanes: every suite that another waits for is there", () => {
  const names = new Set(suites.map(({ name }) => name));
  assert.equal(names.size, suites.length);
  for (const { after = [] } of suites) {
    for (const name of after) assert.ok(names.has(name), name);
  }
});
