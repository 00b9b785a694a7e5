// Owns: the promise that the addon breaks nothing of Odoo's: Odoo's own tests of the modules it extends
// are run without and with it, and compared test by test. Must not know: what any of them asserts.
//
//   node dev/bootstrap.mjs tests/odoo_suites/odoo_suites.ts [--modules A,B] [--write]
//
// `--write` runs them without the addon first and keeps what does not pass there in baseline.json; without
// it only the run with the addon is made and judged by that file. A quarter of an hour each way.

import { parseArgs } from "node:util";
import { openCache, repository, takePort } from "../../dev/cache.ts";
import { findChromium } from "../../dev/chromium.ts";
import {
  addonTemplate,
  baseTemplate,
  createDatabase,
  dropDatabase,
  odooCommand,
  readableAddons,
} from "../../dev/databases.ts";
import { findOdoo } from "../../dev/odoo_program.ts";
import { run } from "../../dev/process.ts";
import { main, step, Trouble } from "../../dev/trouble.ts";
import {
  type Baseline,
  compare,
  type Outcome,
  type Outcomes,
  readOutcomes,
  tagOf,
} from "./outcomes.ts";

/** The modules whose models the addon extends or whose crons it steers, and the bridge between them. */
export const MODULES = ["resource", "hr_attendance", "hr_holidays", "hr_holidays_attendance"];
const HERE = `${repository}/tests/odoo_suites`;
/** Half an hour on a busy machine; a tour that hangs is given up by Odoo itself much earlier. */
const TIMEOUT_MS = 90 * 60_000;

/** Runs the tests that Odoo's tags name, on a database of their own. */
async function outcomesOn(template: string, tags: readonly string[]): Promise<Outcomes> {
  const db = await createDatabase(template, "suites");
  const addons = await readableAddons();
  try {
    const { command, env, cwd } = await odooCommand({
      db,
      addons: addons.path,
      args: [
        `--http-port=${await takePort()}`,
        `--test-tags=${tags.join(",")}`,
        "--stop-after-init",
        "--max-cron-threads=0",
      ],
    });
    const odoo = (await findOdoo()).command.at(-1) ?? "";
    const program = await Deno.readTextFile(`${HERE}/every_position.py`);
    const at = command.indexOf(odoo);
    if (at < 0) throw new Trouble(`Odoo's program ${odoo} is not in its own command line.`);
    const { path } = await openCache();
    const result = await run(
      ["nice", ...command.slice(0, at), "-c", program, ...command.slice(at + 1)],
      { env: { ...env, TMPDIR: `${path}/tmp` }, cwd, timeoutMs: TIMEOUT_MS },
    );
    const log = `${path}/log/odoo_suites_${template}.log`;
    await Deno.writeTextFile(log, result.stdout + result.stderr);
    const outcomes = readOutcomes(result.stdout);
    if (outcomes.size === 0) throw new Trouble(`No test ran; the log is ${log}`);
    return outcomes;
  } finally {
    await addons.dispose();
    await dropDatabase(db);
  }
}

const said = (outcomes: Outcomes): string => {
  const count = (outcome: Outcome["outcome"]) =>
    [...outcomes.values()].filter((one) => one.outcome === outcome).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
};

/** Prints what the addon breaks; returns the number of tests. Used by the campaign too. */
export async function judgeOdooSuites(
  modules: readonly string[] = MODULES,
  write = false,
): Promise<number> {
  await findChromium();
  const tags = modules.map((name) => `/${name}`);
  const file = `${HERE}/baseline.json`;
  if (write) {
    const without = await step(
      "Odoo's own tests, without the addon",
      async () => await outcomesOn(await baseTemplate(), tags),
      said,
    );
    const { version } = await findOdoo();
    const baseline: Baseline = {
      odoo: version,
      modules: [...modules],
      passed: [...without.values()].filter((one) => one.outcome === "passed").length,
      others: [...without.values()].filter((one) => one.outcome !== "passed")
        .sort((one, other) => one.test < other.test ? -1 : 1),
    };
    await Deno.writeTextFile(file, `${JSON.stringify(baseline, null, 2)}\n`);
  }
  const baseline = JSON.parse(await Deno.readTextFile(file)) as Baseline;
  const found = await step(
    "Odoo's own tests, with the addon",
    async () => await outcomesOn(await addonTemplate(), tags),
    said,
  );
  const { broken, missing } = compare(baseline, found, modules);
  const again = broken.length === 0 ? [] : await alone(broken);
  for (const { test, outcome, reason } of again) console.log(`✗ ${test}: ${outcome}, ${reason}`);
  if (missing > 0) console.log(`✗ ${missing} tests that run without the addon did not run with it`);
  return again.length + missing;
}

/**
 * A browser on a busy machine runs out of time, with or without the addon: what did not pass is tried
 * once more, by itself. Returns what still does not pass.
 */
async function alone(broken: readonly Outcome[]): Promise<readonly Outcome[]> {
  const tags = broken.map((one) => tagOf(one.test));
  if (tags.includes(null)) return broken;
  const found = await step(
    `${broken.length} that did not pass, alone`,
    async () => await outcomesOn(await addonTemplate(), tags as string[]),
    said,
  );
  return broken.filter((one) => found.get(one.test)?.outcome !== "passed");
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: { modules: { type: "string" }, write: { type: "boolean", default: false } },
  });
  await main(async () => {
    const broken = await judgeOdooSuites(values.modules?.split(","), values.write);
    console.log(broken === 0 ? "The addon breaks none of Odoo's tests." : `${broken} broken`);
    return broken === 0 ? 0 : 1;
  });
}
