/** The verdict on a suspect, step by step: who is sent next, who is convicted, who never is. */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  FAILURES_TO_PARK,
  Isolation,
  type Numbered,
} from "../../../edge_agent/delivery/isolation.ts";

const LANE = "a";
const one = (seq: number): Numbered => ({ seq, kind: "punch" });

// Red when a failure counts although no other sighting got a receipt since the last one.
Deno.test("R36 Isolation convicts nobody for what happened in an outage", () => {
  const isolation = new Isolation<Numbered>(500);
  const lonely = one(1);
  for (let n = 0; n < 50; n++) isolation.failed(isolation.choose(LANE, [lonely]));
  const sent = isolation.choose(LANE, [lonely, one(2)]);
  assert.deepEqual(sent, [one(2)]);
  assert.deepEqual(isolation.succeeded(sent), []);
});

Deno.test("R36 Isolation convicts after ten failures, each between two receipts", () => {
  const isolation = new Isolation<Numbered>(1);
  let failures = 0;
  let waiting = Array.from({ length: 100 }, (_, n) => one(n + 1));
  for (let n = 0; n < 200; n++) {
    const sent = isolation.choose(LANE, waiting);
    if (sent.some((each) => each.seq === 1)) {
      failures += 1;
      isolation.failed(sent);
      continue;
    }
    waiting = waiting.filter((each) => !sent.includes(each));
    const convicted = isolation.succeeded(sent);
    if (convicted.length === 0) continue;
    assert.deepEqual(convicted, [1]);
    // One failure more than counts: the first made it a suspect only the second time.
    assert.equal(failures, FAILURES_TO_PARK + 1);
    return;
  }
  assert.fail("never convicted");
});

Deno.test("R36 Isolation compares with the sighting delivered last when nothing else waits", () => {
  const isolation = new Isolation<Numbered>(10);
  isolation.succeeded(isolation.choose(LANE, [one(1)]));
  const culprit = one(2);
  for (let n = 0; n < 2; n++) isolation.failed(isolation.choose(LANE, [culprit]));
  assert.deepEqual(isolation.choose(LANE, [culprit]).map((each) => each.seq), [1]);
});

/** An Odoo that takes everything but `poison`, and nothing at all while it is away. */
Deno.test("R36 Isolation delivers every innocent and parks only poison, whatever the outages", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 100 }),
      (count, poison, outages, batch) => {
        const isolation = new Isolation<Numbered>(batch);
        let waiting = Array.from({ length: count }, (_, n) => one(n + 1));
        let away = 0;
        for (let step = 0; step < 5_000 && waiting.length > 0; step++) {
          if (step % 40 === 0) away = outages[step / 40] ?? 0;
          const sent = isolation.choose(LANE, waiting);
          assert.ok(sent.length > 0 && sent.length <= batch);
          if (away-- > 0 || sent.some((each) => poison.includes(each.seq))) {
            isolation.failed(sent);
            continue;
          }
          const convicted = isolation.succeeded(sent);
          assert.ok(convicted.every((seq) => poison.includes(seq)), "an innocent was parked");
          waiting = waiting.filter((each) => !sent.includes(each) && !convicted.includes(each.seq));
        }
        const left = waiting.filter((each) => !poison.includes(each.seq));
        assert.deepEqual(left, [], "an innocent was not delivered");
      },
    ),
    // A poison that an outage kept from being a suspect, and an innocent that it made one.
    { numRuns: 300, examples: [[2, [2], [2], 1], [6, [5], [34, 2], 4]] },
  );
});
