// The comparison of Odoo's own tests without and with the addon: what counts as broken.

import assert from "node:assert/strict";
import { type Baseline, compare, readOutcomes, tagOf } from "../odoo_suites/outcomes.ts";

const line = (test: string, outcome: string, reason = "") =>
  JSON.stringify({ test, outcome, reason }).replace('"test":', '"test": ');

const baseline: Baseline = {
  odoo: "19",
  modules: ["hr_holidays"],
  passed: 2,
  others: [{ test: "/hr_holidays/tests/a.py:A.test_slow", outcome: "failed", reason: "5 > 4" }],
};

Deno.test("odoo suites: only what passes without the addon can be broken by it", () => {
  const found = readOutcomes([
    "Odoo says something",
    line("/hr_holidays/tests/a.py:A.test_one", "passed"),
    line("/hr_holidays/tests/a.py:A.test_two", "failed", "AssertionError"),
    line("/hr_holidays/tests/a.py:A.test_slow", "failed", "6 > 4"),
  ].join("\n"));
  const { broken, missing } = compare(baseline, found, ["hr_holidays"]);
  assert.deepEqual(broken.map((one) => one.test), ["/hr_holidays/tests/a.py:A.test_two"]);
  assert.equal(missing, 0);
});

Deno.test("odoo suites: tests that did not run are missed, unless fewer were asked for", () => {
  const found = readOutcomes(line("/hr_holidays/tests/a.py:A.test_one", "passed"));
  assert.equal(compare(baseline, found, ["hr_holidays"]).missing, 2);
  assert.equal(compare(baseline, found, ["hr_holidays:A"]).missing, 0);
});

Deno.test("odoo suites: a test is named as Odoo's command line takes it", () => {
  assert.equal(tagOf("/hr_holidays/tests/a.py:A.test_one"), "/hr_holidays:A.test_one");
  assert.equal(tagOf("setUpClass (odoo.addons.hr_holidays.tests.a.A)"), null);
});
