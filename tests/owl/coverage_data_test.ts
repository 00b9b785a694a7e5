/**
 * The coverage map: what a cell looks like, where a key leads, when an order has news.
 */
import assert from "node:assert/strict";
import {
  type CoverageMapData,
  dateAfter,
  hasEnded,
  markOf,
  type Order,
  stepFrom,
} from "../../owl_src/coverage_map/coverage_data.ts";

const MAP = { devices: Array(3), days: Array(31) } as unknown as CoverageMapData;

function order(id: number, isOpen: boolean): Order {
  const rest = { window: "", state: "", numbers: "", share: false as const, message: "" };
  return { id, is_open: isOpen, ...rest };
}

// Red when two states look the same to who sees no colours.
Deno.test("each state that asks for somebody has a sign of its own", () => {
  assert.equal(markOf(null), "");
  assert.equal(markOf(["complete", 0, 0]), "");
  assert.equal(markOf(["complete", 0, 1]), "✓");
  assert.equal(markOf(["partial", 90, 0]), "!");
  assert.equal(markOf(["unknown", 0, 0]), "?");
});

// Red when a key leaves the map.
Deno.test("keys walk within the map", () => {
  assert.deepEqual(stepFrom(MAP, [1, 5], "ArrowDown"), [2, 5]);
  assert.deepEqual(stepFrom(MAP, [2, 30], "ArrowDown"), [2, 30]);
  assert.deepEqual(stepFrom(MAP, [2, 30], "ArrowRight"), [2, 30]);
  assert.deepEqual(stepFrom(MAP, [0, 0], "ArrowLeft"), [0, 0]);
  assert.deepEqual(stepFrom(MAP, [1, 5], "Home"), [1, 0]);
  assert.deepEqual(stepFrom(MAP, [1, 5], "End"), [1, 30]);
  assert.deepEqual(stepFrom(MAP, [1, 5], "PageDown"), [2, 5]);
  assert.deepEqual(stepFrom(MAP, [1, 5], "PageUp"), [0, 5]);
  assert.equal(stepFrom(MAP, [1, 5], "a"), null);
});

Deno.test("dates are counted across months, years and leap days", () => {
  assert.equal(dateAfter("2026-03-01", -1), "2026-02-28");
  assert.equal(dateAfter("2028-02-28", 1), "2028-02-29");
  assert.equal(dateAfter("2026-12-31", 31), "2027-01-31");
});

// Red when an order that is gone from the list counts as on its way, or each reading as news.
Deno.test("there is news when an order that was on its way no longer is", () => {
  assert.equal(hasEnded([order(1, true)], [order(1, true)]), false);
  assert.equal(hasEnded([order(1, true)], [order(1, false)]), true);
  assert.equal(hasEnded([order(1, true)], []), true);
  assert.equal(hasEnded([order(1, false)], [order(2, true)]), false);
});
