// Owns: one run of Odoo's tests on a throw-away database, how the addon's test classes are shared out among
// several, and reading from a log how many ran and how long. Must not know: what they are about.

import { openCache, repository, takePort } from "./cache.ts";
import {
  ADDON,
  addonTemplate,
  baseTemplate,
  createDatabase,
  dropDatabase,
  odooCommand,
  readableAddons,
  SERVICE_ADDON,
  serviceTemplate,
} from "./databases.ts";
import { shared } from "./lanes.ts";
import { ensurePrinter } from "./odoo_program.ts";
import { run } from "./process.ts";

export interface OdooTestRun {
  /** As Odoo's --test-tags takes them. */
  readonly tags: string;
  /** Without a web server: seconds faster, but HttpCase, tours and HOOT cannot run. */
  readonly noHttp?: boolean;
  /** False runs the tests of other modules too (HOOT is one of web's); at_install tests do not run. */
  readonly update?: boolean;
  readonly checkout?: string;
  /** Another addon of the checkout, to be installed beside ours; the provider's lies in a template with Odoo's accounting. */
  readonly addon?: string;
  /** A database made before, of an addon with the same tables; else one of the checkout's own addon. */
  readonly template?: string;
  readonly timeoutMs?: number;
  /** A folder of Python packages that Odoo finds beside its own. */
  readonly packages?: string;
}

export interface OdooTestResult {
  readonly passed: number;
  readonly failed: number;
  /** True only when Odoo ended well, tests ran and none failed or was skipped. */
  readonly ok: boolean;
  /** Why not, in one sentence; "" when ok. */
  readonly trouble: string;
  readonly log: string;
}

/** All of the addon takes ten minutes on two quiet cores; a share of it may, on a busy machine. */
const TIMEOUT_MS = 1_800_000;

/** Runs Odoo tests of a checkout's addon. Any number of these may run at once. */
export async function runOdooTests(asked: OdooTestRun): Promise<OdooTestResult> {
  const checkout = asked.checkout ?? repository;
  if (!asked.noHttp) await ensurePrinter();
  const db = await createDatabase(asked.template ?? await templateOf(asked, checkout), "test");
  const addons = await readableAddons(checkout);
  try {
    const args = [
      ...installation(asked),
      `--http-port=${await takePort()}`,
      `--test-tags=${asked.tags}`,
      "--stop-after-init",
      "--max-cron-threads=0",
      "--log-handler=odoo.tools.convert:WARNING",
    ];
    const { command, env, cwd } = await odooCommand({ db, args, addons: addons.path });
    const { path } = await openCache();
    const python = [env["PYTHONPATH"], asked.packages].filter(Boolean).join(":");
    const result = await run(command, {
      env: { ...env, PYTHONPATH: python, TMPDIR: `${path}/tmp` },
      cwd,
      timeoutMs: asked.timeoutMs ?? TIMEOUT_MS,
    });
    return readLog(result.code, result.stdout + result.stderr);
  } finally {
    await addons.dispose();
    await dropDatabase(db);
  }
}

/** A class that was never timed is taken for one of this length. */
const UNKNOWN_SECONDS = 4;
const TEST_CLASS = /^class (Test\w*)\(/gm;

/** Names of the classes in the addon's test files. */
async function testClasses(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^test_\w+\.py$/.test(name)) continue;
    const text = await Deno.readTextFile(`${folder}/${name}`);
    found.push(...[...text.matchAll(TEST_CLASS)].map(([, one = ""]) => one));
  }
  return [...new Set(found)].sort();
}

/**
 * Test tags of so many runs which together run each of the addon's tests once. The last share is what
 * the others leave: a class that no file names so that it is found here runs there, and none is dropped.
 */
export async function testShares(
  shares: number,
  seconds: ReadonlyMap<string, number>,
): Promise<string[]> {
  const classes = await testClasses(`${repository}/odoo_addon/${ADDON}/tests`);
  return shareTags(
    new Map(classes.map((one) => [one, seconds.get(one) ?? UNKNOWN_SECONDS])),
    shares,
  );
}

export function shareTags(classes: ReadonlyMap<string, number>, shares: number): string[] {
  const all = shared(classes, shares).filter((names) => names.length > 0);
  const named = all.slice(0, -1);
  const tag = (name: string): string => `/${ADDON}:${name}`;
  const rest = [`/${ADDON}`, ...named.flat().map((name) => `-${tag(name)}`)];
  return [...named.map((names) => names.map(tag).join(",")), rest.join(",")];
}

const STARTING = /: Starting (\w+)\.\w+ \.\.\. *$/;
const AT = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) /;

/** Seconds of each test class, from the start of its tests to that of the next, by Odoo's log. */
export function classSeconds(log: string): Map<string, number> {
  const found = new Map<string, number>();
  let name = "";
  let since = 0;
  for (const line of log.split("\n")) {
    const at = AT.exec(line);
    if (!at) continue;
    const now = Date.parse(`${at[1]!.replace(" ", "T")}.${at[2]}Z`) / 1000;
    const next = STARTING.exec(line)?.[1] ?? (SUMMARY_LINE.test(line) ? "" : undefined);
    if (next === undefined) continue;
    if (name) found.set(name, (found.get(name) ?? 0) + now - since);
    [name, since] = [next, now];
  }
  return found;
}

/** The provider's addon needs Odoo's accounting beneath it; another one is installed beside ours. */
async function templateOf(asked: OdooTestRun, checkout: string): Promise<string> {
  if (asked.addon === SERVICE_ADDON) return await serviceTemplate(checkout);
  const isBare = asked.noHttp && !asked.addon;
  return await (isBare ? baseTemplate(checkout) : addonTemplate(checkout));
}

/** With -u Odoo considers the tests of the updated modules only. */
function installation({ noHttp, update, addon }: OdooTestRun): string[] {
  if (addon === SERVICE_ADDON) return [];
  if (addon) return ["-i", addon, ...(noHttp ? ["--no-http"] : [])];
  if (noHttp) return ["-i", ADDON, "--no-http"];
  return update === false ? [] : ["-u", ADDON];
}

/**
 * HOOT, Odoo's runner of browser tests, filtered to the suite of our screens. Where that suite does
 * not exist, the runner forgets the filter and runs every test of Odoo's own web client.
 */
const HOOT_RUN: OdooTestRun = {
  tags: "/web:WebSuite.test_unit_desktop[@biometric_attendance]",
  update: false,
  timeoutMs: 300_000,
};

async function holdsScreenTests(folder: string): Promise<boolean> {
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".test.js")) return true;
    if (entry.isDirectory && await holdsScreenTests(`${folder}/${entry.name}`)) return true;
  }
  return false;
}

/** Runs the screens' HOOT tests in Chromium; `passed` counts tests inside the browser. */
export async function runHoot(): Promise<OdooTestResult> {
  const folder = `${repository}/odoo_addon/${ADDON}/static/tests`;
  if (!await holdsScreenTests(folder).catch(() => false)) {
    return { passed: 0, failed: 1, ok: false, trouble: `no *.test.js under ${folder}`, log: "" };
  }
  const result = await runOdooTests(HOOT_RUN);
  return { ...result, passed: hootCount(result.log) ?? 0 };
}

const SUMMARY = /(\d+) failed, (\d+) error\(s\) of (\d+) tests/g;
const SUMMARY_LINE = /\d+ failed, \d+ error\(s\) of \d+ tests/;
const HOOT_PASSED = /\[HOOT\] (?:Test suite succeeded|Passed (\d+) tests)/;
const SKIPPED = /^.* (skipped .*)$/m;

/** What a log says. Odoo ends with code 0 when no test matched, so the count decides. */
export function readLog(code: number, log: string): OdooTestResult {
  const summaries = [...log.matchAll(SUMMARY)];
  const sum = (group: number) => summaries.reduce((all, found) => all + Number(found[group]), 0);
  const failed = sum(1) + sum(2);
  const ran = sum(3);
  const trouble = whyNot(code, ran, failed, log);
  return {
    passed: Math.max(0, ran - failed),
    failed: trouble === "" ? 0 : Math.max(1, failed),
    ok: trouble === "",
    trouble,
    log,
  };
}

const BETWEEN_RECORDS = /^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} )/m;

/** A failed test of Odoo, or of HOOT, which Odoo's own log calls one test however many ran in the browser. */
const FAILED = /: ((?:FAIL|ERROR): (?:Subtest )?\w+\.\w.*|\[HOOT\] Test ".+" failed)/;

/** The failed tests of Odoo's log, each with its traceback; "" when it names none. */
export function failedOdooTests(log: string): string {
  return log.split(BETWEEN_RECORDS).filter((record) => FAILED.test(record)).join("");
}

/** What failed, by name: `FAIL: TestDays.test_a`, `[HOOT] Test "…" failed`. */
export function failedOdooNames(log: string): string[] {
  return log.split(BETWEEN_RECORDS).flatMap((record) => FAILED.exec(record)?.[1] ?? []);
}

function whyNot(code: number, ran: number, failed: number, log: string): string {
  if (failed > 0) return `${failed} of ${ran} Odoo tests failed`;
  if (ran === 0) return "no Odoo test ran: nothing matched the tags, or Odoo stopped before";
  if (code !== 0) return `Odoo ended with code ${code}`;
  const skipped = SKIPPED.exec(log);
  return skipped ? `a test was skipped: ${skipped[1]}` : "";
}

/** Tests that ran inside the browser in a HOOT run, by Odoo's own line; null when there is none. */
export function hootCount(log: string): number | null {
  const found = HOOT_PASSED.exec(log);
  return found?.[1] === undefined ? null : Number(found[1]);
}
