/**
 * Whose PIN is it: what is chosen, and what is asked of Odoo for it.
 */
import assert from "node:assert/strict";
import {
  choicesOf,
  type Draft,
  type Effect,
  effectOf,
  likelyLeft,
  type PinRow,
  refused,
  withChoice,
  withLikely,
} from "../../owl_src/registry_map/registry_data.ts";

function row(id: number, likely: boolean, ...people: number[]): PinRow {
  const fits = people.map((one) => ({ id: one, name: `P${one}`, percent: 95, reasons: "" }));
  return { id, likely, fits } as unknown as PinRow;
}

const ROWS = [row(1, true, 41), row(2, false, 42), row(3, true, 43), row(4, false)];

// Red when something that is not likely is chosen by the one click, or a choice is written over.
Deno.test("all likely ones are chosen, and what somebody chose stays", () => {
  const own: Draft = withChoice(new Map(), 3, { employee: 9, name: "Nina", first: "2026-03-01" });
  assert.equal(likelyLeft(own, ROWS), 1);
  const draft = withLikely(own, ROWS);
  assert.deepEqual(choicesOf(draft), [[3, 9, "2026-03-01"], [1, 41, false]]);
  assert.equal(likelyLeft(draft, ROWS), 0);
  assert.deepEqual(choicesOf(withChoice(draft, 3, null)), [[1, 41, false]]);
  assert.equal(own.size, 1, "a draft is never changed");
});

Deno.test("what Odoo would refuse is counted", () => {
  const effect: Effect = {
    days: 3,
    people: 1,
    rows: [
      { id: 1, days: 3, problem: "", notes: [], also: [] },
      { id: 2, days: 0, problem: "no", notes: [], also: [] },
    ],
  };
  assert.equal(refused(effect), 1);
  assert.equal(refused(null), 0);
  assert.equal(effectOf(effect, 1)?.days, 3);
  assert.equal(effectOf(effect, 7), null);
});
