// Owns: what the tests of this project are: every suite with the part of the project it belongs to, how
// it runs and the least number of tests it must hold. Must not know: how results are shown.

import { findChromium } from "./chromium.ts";
import { isRoot, repository } from "./cache.ts";
import { ensurePackages } from "./debian.ts";
import { SERVICE_ADDON } from "./databases.ts";
import { runHoot, runOdooTests } from "./odoo_tests.ts";
import { run, which } from "./process.ts";
import { ruff } from "./ruff.ts";

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  /** Shown when something failed. */
  readonly log: string;
  /** What this machine does not let the suite try. */
  readonly note?: string;
}

export interface Suite {
  readonly name: string;
  /** What `npm run test:PART` names. */
  readonly part: string;
  /** Fewer tests than this is a failure: a runner that found nothing must not look green. */
  readonly least: number;
  run(): Promise<SuiteResult>;
}

const bin = (name: string): string => `${repository}/node_modules/.bin/${name}`;

/** A check that either holds or does not counts as one test. */
async function check(command: readonly string[]): Promise<SuiteResult> {
  const result = await run(command, { cwd: repository, env: { NO_COLOR: "1" } });
  const log = result.stdout + result.stderr;
  return result.code === 0 ? { passed: 1, failed: 0, log } : { passed: 0, failed: 1, log };
}

async function python(): Promise<SuiteResult> {
  const { files, findings } = await ruff();
  const log = findings.join("\n");
  const failed = Math.min(files, findings.length);
  return { passed: files - failed, failed, log };
}

const DENO_SUMMARY =
  /(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \| (\d+) ignored)?/g;

/** Reads Deno's summary. A test that was left out counts as failed: none may be. */
export function readDenoLog(code: number, log: string): SuiteResult {
  const summary = [...log.matchAll(DENO_SUMMARY)].at(-1);
  const [passed, failed, ignored] = [1, 2, 3].map((group) => Number(summary?.[group] ?? 0));
  const bad = (failed ?? 0) + (ignored ?? 0);
  return { passed: passed ?? 0, failed: code === 0 ? bad : Math.max(1, bad), log };
}

/**
 * Files that run side by side where a suite allows it. Most of the agent's tests wait (for a disk, a
 * process, a timeout of the far end), so more than there are processors; never so many that a test
 * which measures time starves.
 */
const SIDE_BY_SIDE = "4";

async function deno(...args: string[]): Promise<SuiteResult> {
  return await denoUnder([], ...args);
}

async function denoUnder(prefix: readonly string[], ...args: string[]): Promise<SuiteResult> {
  const result = await run([...prefix, bin("deno"), "test", "-A", "--quiet", ...args], {
    cwd: repository,
    env: { NO_COLOR: "1", DENO_JOBS: SIDE_BY_SIDE },
  });
  return readDenoLog(result.code, result.stdout + result.stderr);
}

/** An ordinary account is root of a namespace of its own, where it may mount and nothing else. */
const NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"];

/** The simulated power cuts compile a small shim that sees every write of the agent. */
async function agent(): Promise<SuiteResult> {
  if (!await which("gcc")) await ensurePackages(["gcc", "libc6-dev"]);
  const tests = ["--parallel", "tests/edge"];
  if (isRoot) return await deno(...tests);
  const other = "what another user of the machine is told";
  if (await which("unshare") && (await run([...NAMESPACE, "true"])).code === 0) {
    return { ...await denoUnder(NAMESPACE, ...tests), note: `only root can try ${other}` };
  }
  const note = `only root can try full and read-only disks and ${other}: this machine gives ` +
    "ordinary accounts no user namespaces";
  return { ...await deno(...tests), note };
}

async function scripts(): Promise<SuiteResult> {
  const result = await deno("tests/dev");
  return isRoot ? result : { ...result, note: "only root can try the lines that install an agent" };
}

/** Reads unittest's summary; a skipped test counts as failed. */
export function readUnittestLog(code: number, log: string): SuiteResult {
  const ran = Number(/^Ran (\d+) tests? in/m.exec(log)?.[1] ?? 0);
  const outcome = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(log)?.[1] ?? "";
  const counts = [...outcome.matchAll(/(?:failures|errors|skipped)=(\d+)/g)];
  const bad = counts.reduce((sum, found) => sum + Number(found[1]), 0);
  const failed = code === 0 ? bad : Math.max(1, bad);
  return { passed: Math.max(0, ran - failed), failed, log };
}

async function unittest(folder: string): Promise<SuiteResult> {
  const command = ["/usr/bin/python3", "-m", "unittest", "discover", "-s", folder, "-t", "."];
  const result = await run(command, {
    cwd: repository,
    env: { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: "" },
  });
  return readUnittestLog(result.code, result.stdout + result.stderr);
}

async function odoo(): Promise<SuiteResult> {
  await findChromium();
  const result = await runOdooTests({ tags: "/biometric_attendance" });
  const log = `${result.log}\n${result.trouble}`;
  return { passed: result.passed, failed: result.failed, log };
}

async function service(): Promise<SuiteResult> {
  const tags = `/${SERVICE_ADDON}`;
  const result = await runOdooTests({ tags, addon: SERVICE_ADDON });
  return {
    passed: result.passed,
    failed: result.failed,
    log: `${result.log}\n${result.trouble}`,
  };
}

async function hoot(): Promise<SuiteResult> {
  await findChromium();
  const { passed, failed, log, trouble } = await runHoot();
  return { passed, failed, log: `${log}\n${trouble}` };
}

/** In the order they are shown. Two lanes run side by side; see dev/test.ts. */
export const suites: readonly Suite[] = [
  {
    name: "types of agent, tests and scripts",
    part: "static",
    least: 1,
    run: () => check([bin("deno"), "check", "--quiet", "edge_agent", "tests", "dev"]),
  },
  {
    name: "types of the screens",
    part: "static",
    least: 1,
    run: () => check([bin("tsc"), "-p", "tsconfig.json"]),
  },
  { name: "deno lint", part: "static", least: 1, run: () => check([bin("deno"), "lint"]) },
  {
    name: "deno fmt",
    part: "static",
    least: 1,
    run: () => check([bin("deno"), "fmt", "--check"]),
  },
  { name: "ruff: lint and format", part: "static", least: 90, run: python },
  {
    name: "house rules",
    part: "static",
    least: 13,
    run: () => deno("tests/house_test.ts", "tests/house_waits_test.ts"),
  },
  {
    name: "house rules of the addon",
    part: "static",
    least: 28,
    run: () => unittest("tests/house"),
  },
  // Before the scripts: their tests run the one that draws the pages, and would hide a stale one.
  { name: "pages say what is so", part: "static", least: 20, run: () => deno("tests/docs") },
  { name: "the scripts themselves", part: "static", least: 14, run: scripts },
  { name: "agent", part: "agent", least: 600, run: agent },
  { name: "simulated terminal", part: "agent", least: 8, run: () => deno("tests/sim/push") },
  {
    name: "types of the day engine",
    part: "engine",
    least: 1,
    run: () => check([bin("pyright")]),
  },
  { name: "day engine", part: "engine", least: 280, run: () => unittest("tests/engine") },
  { name: "helpers of the screens", part: "owl", least: 40, run: () => deno("tests/owl") },
  {
    name: "committed screens equal a fresh build",
    part: "owl",
    least: 1,
    run: () => check([bin("deno"), "run", "-A", "--quiet", "dev/build.ts", "--check"]),
  },
  { name: "screens in Chromium (HOOT)", part: "owl", least: 45, run: hoot },
  { name: "addon on Odoo 19", part: "addon", least: 350, run: odoo },
  { name: "provider's addon on Odoo 19", part: "addon", least: 25, run: service },
  { name: "journeys", part: "journey", least: 15, run: () => deno("tests/journey") },
];
