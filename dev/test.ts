// npm test, npm run test:PART, node dev/bootstrap.mjs dev/test.ts [PART …]
// Owns: running the suites, all or those of the parts named (static agent engine owl addon journey),
// their pieces side by side, and the last line `N passed, N failed`. Must not know: what a suite does.

import { dropLeftovers, logTail } from "./databases.ts";
import { inLanes, type Queued } from "./lanes.ts";
import { learn, learnedSeconds } from "./learned.ts";
import { failedOdooNames, failedOdooTests } from "./odoo_tests.ts";
import { openPostgres } from "./postgres.ts";
import { type Piece, type Suite, type SuiteResult, suites } from "./suites.ts";
import { main, seconds, Trouble } from "./trouble.ts";

/**
 * One more than processors: some piece always waits for a disk, a browser or a far end. No more than six:
 * an Odoo with its browser takes up to a gigabyte.
 */
const LANES = Math.min(navigator.hardwareConcurrency + 1, 6);
const TAIL_LINES = 150;

interface Work extends Queued {
  readonly suite: Suite;
  readonly piece: Piece;
}

interface Counts {
  passed: number;
  failed: number;
}

const title = ({ suite, piece }: Work): string =>
  [suite.part, suite.name, piece.name].filter((word) => word !== "").join(": ");

async function runPiece(piece: Piece): Promise<SuiteResult> {
  try {
    return await piece.run();
  } catch (error) {
    const log = error instanceof Trouble ? error.message : String((error as Error).stack ?? error);
    return { passed: 0, failed: 1, log };
  }
}

/** Runs a piece, says how it went, adds it to its suite's counts; its seconds, NaN where it failed. */
async function work(one: Work, counts: Counts): Promise<number> {
  const started = performance.now();
  const { passed, failed, log, note } = await runPiece(one.piece);
  counts.passed += passed;
  counts.failed += failed;
  const ms = performance.now() - started;
  const said = failed > 0 ? `${passed} passed, ${failed} FAILED` : `${passed} passed`;
  console.log(`${failed > 0 ? "✗" : "✓"} ${title(one)}: ${said} (${seconds(ms)})`);
  if (note) console.log(`  not tried: ${note}`);
  if (failed > 0) console.log(`${indent(reasons(log))}\n`);
  return failed > 0 ? NaN : ms / 1000;
}

/**
 * What of a log says why. Deno lists every test before it says what went wrong, Odoo goes on for
 * thousands of lines after it: neither list is of help.
 */
function reasons(log: string): string {
  const odoo = failedOdooTests(log);
  if (odoo === "") return logTail(log.slice(Math.max(0, log.indexOf("\n ERRORS"))), TAIL_LINES);
  return [...failedOdooNames(log), logTail(odoo, TAIL_LINES)].join("\n");
}

const indent = (text: string): string => text.split("\n").map((line) => `    ${line}`).join("\n");

function chosen(parts: readonly string[]): Suite[] {
  const known = new Set(suites.map((suite) => suite.part));
  const odd = parts.find((part) => !known.has(part));
  if (odd) throw new Trouble(`There is no part ${odd}; parts are ${[...known].join(", ")}.`);
  return suites.filter((suite) => parts.length === 0 || parts.includes(suite.part));
}

async function queueOf(picked: readonly Suite[]): Promise<Work[]> {
  const known = await learnedSeconds();
  const queue: Work[] = [];
  for (const suite of picked) {
    for (const piece of await suite.pieces()) {
      const one = { suite, piece, group: suite.name, after: suite.after ?? [], length: 0 };
      queue.push({ ...one, length: known.get(title(one)) ?? Infinity });
    }
  }
  return queue;
}

/** A suite that ran fewer tests than belong to it is one failure more. */
function missing(counts: ReadonlyMap<Suite, Counts>): number {
  const short = [...counts].filter(([{ least }, { passed, failed }]) =>
    failed === 0 && passed < least
  );
  for (const [{ part, name, least }, { passed }] of short) {
    const words = `only ${passed} tests ran; at least ${least} belong to this suite`;
    console.log(`✗ ${part}: ${name}: ${words}`);
  }
  return short.length;
}

await main(async () => {
  const picked = chosen(Deno.args);
  if (picked.some((suite) => suite.needsOdoo)) {
    await openPostgres();
    await dropLeftovers();
  }
  const began = performance.now();
  const queue = await queueOf(picked);
  const counts = new Map(picked.map((suite) => [suite, { passed: 0, failed: 0 }]));
  const took = new Map<string, number>();
  await inLanes(queue, LANES, async (one) => {
    took.set(title(one), await work(one, counts.get(one.suite)!));
  });
  await learn(new Map([...took].filter(([, length]) => length > 0)));
  const all = [...counts.values()];
  const sum = (key: keyof Counts) => all.reduce((total, one) => total + one[key], 0);
  const failed = sum("failed") + missing(counts);
  const worked = [...took.values()].reduce((total, length) => total + (length || 0), 0);
  const lanes = `${LANES} lanes, ${seconds(worked * 1000)} one after the other`;
  console.log(`${seconds(performance.now() - began)} (${lanes})`);
  console.log(`${sum("passed")} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
