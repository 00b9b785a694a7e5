// npm test, npm run test:PART, node dev/bootstrap.mjs dev/test.ts [PART …]
// Owns: running the suites, all or those of the parts named (static agent engine owl addon journey),
// and the last line `N passed, N failed`. Must not know: what a suite does.

import { dropLeftovers, logTail } from "./databases.ts";
import { failedOdooTests } from "./odoo_tests.ts";
import { openPostgres } from "./postgres.ts";
import { type Suite, type SuiteResult, suites } from "./suites.ts";
import { main, seconds, Trouble } from "./trouble.ts";

/** These wait for Odoo most of the time; the others use the processor. One lane each. */
const ODOO_PARTS = new Set(["addon", "journey"]);
const ODOO_SUITES = new Set(["screens in Chromium (HOOT)"]);
const needsOdoo = (suite: Suite): boolean =>
  ODOO_PARTS.has(suite.part) || ODOO_SUITES.has(suite.name);

const TAIL_LINES = 150;

interface Total {
  passed: number;
  failed: number;
}

async function runSuite(suite: Suite): Promise<SuiteResult> {
  try {
    const result = await suite.run();
    if (result.failed > 0 || result.passed >= suite.least) return result;
    const words = `only ${result.passed} tests ran; at least ${suite.least} belong to this suite`;
    return { passed: result.passed, failed: 1, log: `${result.log}\n${words}` };
  } catch (error) {
    const log = error instanceof Trouble ? error.message : String((error as Error).stack ?? error);
    return { passed: 0, failed: 1, log };
  }
}

async function runLane(lane: readonly Suite[], total: Total): Promise<void> {
  for (const suite of lane) {
    const started = performance.now();
    const { passed, failed, log, note } = await runSuite(suite);
    total.passed += passed;
    total.failed += failed;
    const time = seconds(performance.now() - started);
    const counts = failed > 0 ? `${passed} passed, ${failed} FAILED` : `${passed} passed`;
    console.log(`${failed > 0 ? "✗" : "✓"} ${suite.part}: ${suite.name}: ${counts} (${time})`);
    if (note) console.log(`  not tried: ${note}`);
    if (failed > 0) console.log(`${indent(reasons(log))}\n`);
  }
}

/**
 * What of a log says why. Deno lists every test before it says what went wrong, Odoo goes on for
 * thousands of lines after it: neither list is of help.
 */
function reasons(log: string): string {
  const odoo = failedOdooTests(log);
  if (odoo === "") return logTail(log.slice(Math.max(0, log.indexOf("\n ERRORS"))), TAIL_LINES);
  const names = odoo.match(/(?<=: )(?:FAIL|ERROR): .+/g) ?? [];
  return [...names, logTail(odoo, TAIL_LINES)].join("\n");
}

const indent = (text: string): string => text.split("\n").map((line) => `    ${line}`).join("\n");

function chosen(parts: readonly string[]): Suite[] {
  const known = new Set(suites.map((suite) => suite.part));
  const odd = parts.find((part) => !known.has(part));
  if (odd) throw new Trouble(`There is no part ${odd}; parts are ${[...known].join(", ")}.`);
  return suites.filter((suite) => parts.length === 0 || parts.includes(suite.part));
}

await main(async () => {
  const picked = chosen(Deno.args);
  const total: Total = { passed: 0, failed: 0 };
  if (picked.some(needsOdoo)) {
    await openPostgres();
    await dropLeftovers();
  }
  await Promise.all([
    runLane(picked.filter((suite) => !needsOdoo(suite)), total),
    runLane(picked.filter(needsOdoo), total),
  ]);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
});
