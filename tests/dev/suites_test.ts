// Tests what the test runner itself must never get wrong: a run that found nothing, skipped something
// or died is not green.

import assert from "node:assert/strict";
import { failedOdooNames, failedOdooTests, hootCount, readLog } from "../../dev/odoo_tests.ts";
import { repository } from "../../dev/cache.ts";
import { checkOfTypes, denoTest, readDenoLog, readUnittestLog, suites } from "../../dev/suites.ts";

const summary = (failed: number, errors: number, tests: number) =>
  `2026-03-02 INFO db odoo.tests.result: ${failed} failed, ${errors} error(s) of ${tests} tests when loading database 'db'\n`;

Deno.test("runner: Odoo ends with code 0 when no test matched; that is a failure", () => {
  assert.deepEqual([readLog(0, summary(0, 0, 0)).ok, readLog(0, summary(0, 0, 0)).failed], [
    false,
    1,
  ]);
  assert.equal(readLog(0, "").ok, false);
});

Deno.test("runner: failures and errors of Odoo are counted, and a bad exit code is one", () => {
  const red = readLog(1, summary(2, 1, 10));
  assert.deepEqual([red.passed, red.failed, red.ok], [7, 3, false]);
  assert.equal(readLog(0, summary(0, 0, 10)).passed, 10);
  assert.deepEqual([readLog(137, summary(0, 0, 10)).ok, readLog(137, summary(0, 0, 10)).failed], [
    false,
    1,
  ]);
});

Deno.test("runner: what failed in Odoo stands with its traceback, however long the log goes on", () => {
  const at = (second: string, words: string) => `2026-03-02 07:00:${second},123 7 ${words}\n`;
  const why = "Traceback (most recent call last):\n  …\nAssertionError: 7 != 8\n";
  const log = at("01", "INFO db odoo.addons.x: Starting TestDays.test_a ...") +
    at("02", `ERROR db odoo.addons.x: FAIL: TestDays.test_a\n${why}`.trimEnd()) +
    at("03", "INFO db odoo.addons.x: Starting TestDays.test_b ...") +
    at("04", "ERROR db odoo.addons.x: ERROR: TestDays.test_b") +
    at("05", "ERROR db odoo.service: a job said ERROR and no test failed").repeat(500);
  const found = failedOdooTests(log);
  assert.deepEqual(found.match(/TestDays\.\w+/g), ["TestDays.test_a", "TestDays.test_b"]);
  assert.ok(found.includes("AssertionError: 7 != 8"));
  assert.deepEqual(failedOdooNames(log), ["FAIL: TestDays.test_a", "ERROR: TestDays.test_b"]);
  assert.equal(failedOdooTests(at("05", "INFO db odoo: quiet")), "");
});

Deno.test("runner: a failed test of HOOT is named, with what was expected", () => {
  const at = (words: string) =>
    `2026-03-02 07:00:01,123 7 ${
      words.replace(":", " db odoo.addons.web.tests.test_js.browser:")
    }\n`;
  const why = "\nFailed assertion:\n\n4. [toHaveLength] expected value\n> Received: 2 ";
  const log =
    at('INFO: [HOOT] Test "@x/board/a failed reading keeps what stood" passed (time: 9 ms)') +
    at(`ERROR: [HOOT] Test "@x/board// goes to the search" failed:\n${why}`) +
    at('INFO: [HOOT] "@x/board" ended (failed: 1 / passed: 1 / time: 12 ms)') +
    at("ERROR: Some tests failed: see above for details") +
    at("ERROR: FAIL: WebSuite.test_unit_desktop\nTraceback (most recent call last):");
  assert.deepEqual(failedOdooNames(log), [
    '[HOOT] Test "@x/board// goes to the search" failed',
    "FAIL: WebSuite.test_unit_desktop",
  ]);
  assert.match(failedOdooTests(log), /goes to the search" failed:[^]*> Received: 2/);
  assert.doesNotMatch(failedOdooTests(log), /keeps what stood|ended/);
});

Deno.test("runner: a skipped Odoo test is a failure", () => {
  const log = `INFO db odoo.addons.x: skipped 'no Chromium'\n${summary(0, 0, 3)}`;
  assert.equal(readLog(0, log).ok, false);
});

Deno.test("runner: tests inside the browser are counted by Odoo's own line", () => {
  assert.equal(hootCount("[HOOT] Passed 12 tests (34 assertions, total time: 1s)"), 12);
  assert.equal(hootCount("nothing"), null);
});

Deno.test("runner: an ignored Deno test is a failure, steps are not counted twice", () => {
  assert.deepEqual(
    readDenoLog(0, "ok | 3 passed (4 steps) | 0 failed (10ms)").passed,
    3,
  );
  assert.equal(readDenoLog(0, "ok | 3 passed | 0 failed | 1 ignored (10ms)").failed, 1);
  assert.equal(readDenoLog(1, "error: Module not found").failed, 1);
});

Deno.test("runner: unittest's failures and skips are counted", () => {
  const green = readUnittestLog(0, "Ran 5 tests in 0.1s\n\nOK\n");
  assert.deepEqual([green.passed, green.failed], [5, 0]);
  const red = readUnittestLog(1, "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1)\n");
  assert.deepEqual([red.passed, red.failed], [3, 2]);
  assert.equal(readUnittestLog(0, "Ran 5 tests in 0.1s\n\nOK (skipped=2)\n").failed, 2);
});

Deno.test("runner: every suite asks for at least one test", () => {
  for (const suite of suites) assert.ok(suite.least > 0, suite.name);
});

// Red when a folder is left out of the check, by its command or by deno.json, or when it looks at names of tests only.
Deno.test("runner: the one check of types sees every file of every folder that is run", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "biometric-" });
  const wrong = [
    "edge_agent/room/a.ts",
    "tests/deep/er/b_test.ts",
    "tests/kit.ts",
    "dev/pack/c.ts",
  ];
  try {
    Deno.copyFileSync(`${repository}/deno.json`, `${directory}/deno.json`);
    for (const path of wrong) {
      Deno.mkdirSync(`${directory}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
      Deno.writeTextFileSync(`${directory}/${path}`, 'export const n: number = "";\n');
    }
    const [command = "", ...args] = checkOfTypes();
    const { code, stderr } = await new Deno.Command(command, {
      args,
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 1, said);
    for (const path of wrong) assert.ok(said.includes(`${directory}/${path}`), `${path}: ${said}`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

// Red when a suite runs, unchecked, what lies outside.
Deno.test("runner: what no suite checks the types of is not run", () => {
  assert.ok(denoTest("--parallel", "tests/edge").includes("--no-check"));
  const refused = { message: "owl_src/a_test.ts: no suite checks the types of it." };
  assert.throws(() => denoTest("tests/edge", "owl_src/a_test.ts"), refused);
  assert.throws(() => denoTest("tests_of_mine/a_test.ts"), /no suite checks the types of it/);
  assert.throws(() => denoTest(), { message: "everything: no suite checks the types of it." });
});
