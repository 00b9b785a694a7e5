// Owns: what the tests of this project are: every suite with the part of the project it belongs to, the
// pieces it runs in and the least number of tests it must hold. Must not know: how results are shown, or
// which piece runs when.

import { findChromium } from "./chromium.ts";
import { isRoot, repository } from "./cache.ts";
import { ensurePackages } from "./debian.ts";
import { ADDON, SERVICE_ADDON } from "./databases.ts";
import { learn, learnedSeconds } from "./learned.ts";
import { classSeconds, runHoot, runOdooTests, testShares } from "./odoo_tests.ts";
import { run, which } from "./process.ts";
import { ruff } from "./ruff.ts";
import { Trouble } from "./trouble.ts";

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  /** Shown when something failed. */
  readonly log: string;
  /** What this machine does not let the suite try. */
  readonly note?: string;
}

/** What of a suite runs by itself, beside the others. */
export interface Piece {
  /** "" where the suite is one piece. */
  readonly name: string;
  run(): Promise<SuiteResult>;
}

export interface Suite {
  readonly name: string;
  /** What `npm run test:PART` names. */
  readonly part: string;
  /** Fewer tests than this, all pieces together, is a failure: a runner that found nothing must not look green. */
  readonly least: number;
  /** Needs PostgreSQL and Odoo. */
  readonly needsOdoo?: boolean;
  /** Suites that must be over before: this one writes anew what they compare. */
  readonly after?: readonly string[];
  pieces(): Promise<readonly Piece[]>;
}

const whole = (run: () => Promise<SuiteResult>) => () => Promise.resolve([{ name: "", run }]);

/** Each test file of a folder and of those in it, by itself. */
async function filesOf(
  folder: string,
  runFile: (path: string) => Promise<SuiteResult>,
): Promise<Piece[]> {
  const found: Piece[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(`${repository}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesOf(path, runFile));
    if (isFile && name.endsWith("_test.ts")) found.push({ name: path, run: () => runFile(path) });
  }
  return found.sort((one, other) => one.name < other.name ? -1 : 1);
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

/** What `types of agent, tests and scripts` checks: every file that a suite runs lies in one of them. */
const CHECKED = ["edge_agent", "tests", "dev"];

/** One check of all types, for all that runs. */
export const checkOfTypes = (): string[] => [bin("deno"), "check", "--quiet", ...CHECKED];

/** Without types: each of some forty processes would check again what that suite checks once. */
export function denoTest(...args: string[]): string[] {
  const paths = args.filter((arg) => !arg.startsWith("-"));
  const unchecked = paths.find((path) => !CHECKED.some((folder) => path.startsWith(`${folder}/`)));
  if (paths.length === 0 || unchecked !== undefined) {
    throw new Trouble(`${unchecked ?? "everything"}: no suite checks the types of it.`);
  }
  return [bin("deno"), "test", "-A", "--quiet", "--no-check", ...args];
}

async function denoUnder(prefix: readonly string[], ...args: string[]): Promise<SuiteResult> {
  const result = await run([...prefix, ...denoTest(...args)], {
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

/** Of the scripts' tests these need root for a part of what they try. */
const ROOT_SCRIPTS = /\/(machine|image|pack)_test\.ts$/;

async function script(path: string): Promise<SuiteResult> {
  const result = await deno(path);
  if (isRoot || !ROOT_SCRIPTS.test(path)) return result;
  return { ...result, note: "only root can try the lines that install an agent" };
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

/** Each has an Odoo, a port and a database of its own. More cost a start of Odoo each and balance better. */
const ODOO_SHARES = 4;

/** The addon's test classes, shared out so that each share takes as long as the others did last time. */
async function odooShares(): Promise<Piece[]> {
  const shares = await testShares(ODOO_SHARES, await learnedSeconds());
  return shares.map((tags, at) => ({
    name: `share ${at + 1} of ${shares.length}`,
    run: async () => {
      const result = await odoo(tags);
      // The last share holds every class that is there; this one is where paramiko is installed.
      const missing = at === shares.length - 1 && !result.log.includes("TestDeliverySftpMachine.");
      return missing ? { ...result, note: WITHOUT_PARAMIKO } : result;
    },
  }));
}

const WITHOUT_PARAMIKO =
  "a machine that speaks SFTP: python3-paramiko is not installed; npm run campaign -- sftp tries it";

async function odoo(tags: string): Promise<SuiteResult> {
  await findChromium();
  const result = await runOdooTests({ tags, update: false });
  await learn(classSeconds(result.log));
  const log = `${result.log}\n${result.trouble}`;
  return { passed: result.passed, failed: result.failed, log };
}

/** Another addon of the checkout, installed beside ours or with it. */
async function beside(addon: string, noHttp: boolean): Promise<SuiteResult> {
  const result = await runOdooTests({ tags: `/${addon}`, addon, noHttp });
  return { passed: result.passed, failed: result.failed, log: `${result.log}\n${result.trouble}` };
}

async function hoot(): Promise<SuiteResult> {
  await findChromium();
  const { passed, failed, log, trouble } = await runHoot();
  return { passed, failed, log: `${log}\n${trouble}` };
}

/** What runs longest stands first: so it is begun where nothing was learned yet (dev/lanes.ts). */
export const suites: readonly Suite[] = [
  {
    name: "addon on Odoo 19",
    part: "addon",
    least: 350,
    needsOdoo: true,
    pieces: odooShares,
  },
  {
    name: "work entries on Odoo 19",
    part: "addon",
    least: 7,
    needsOdoo: true,
    pieces: whole(() => beside(`${ADDON}_work_entry`, true)),
  },
  {
    name: "provider's addon on Odoo 19",
    part: "addon",
    least: 25,
    needsOdoo: true,
    pieces: whole(() => beside(SERVICE_ADDON, false)),
  },
  {
    name: "journeys",
    part: "journey",
    least: 15,
    needsOdoo: true,
    pieces: () => filesOf("tests/journey", (path) => deno(path)),
  },
  { name: "agent", part: "agent", least: 600, pieces: whole(agent) },
  {
    name: "screens in Chromium (HOOT)",
    part: "owl",
    least: 45,
    needsOdoo: true,
    pieces: whole(hoot),
  },
  {
    name: "the scripts themselves",
    part: "static",
    least: 14,
    // They run the scripts that format, build and draw, and would hide what is stale.
    after: ["pages say what is so", "deno fmt", "committed screens equal a fresh build"],
    pieces: () => filesOf("tests/dev", script),
  },
  {
    name: "types of agent, tests and scripts",
    part: "static",
    least: 1,
    pieces: whole(() => check(checkOfTypes())),
  },
  {
    name: "types of the screens",
    part: "static",
    least: 1,
    pieces: whole(() => check([bin("tsc"), "-p", "tsconfig.json"])),
  },
  {
    name: "deno lint",
    part: "static",
    least: 1,
    pieces: whole(() => check([bin("deno"), "lint"])),
  },
  {
    name: "deno fmt",
    part: "static",
    least: 1,
    pieces: whole(() => check([bin("deno"), "fmt", "--check"])),
  },
  { name: "ruff: lint and format", part: "static", least: 90, pieces: whole(python) },
  {
    name: "house rules",
    part: "static",
    least: 13,
    pieces: whole(() => deno("tests/house_test.ts", "tests/house_waits_test.ts")),
  },
  {
    name: "house rules of the addon",
    part: "static",
    least: 28,
    pieces: whole(() => unittest("tests/house")),
  },
  {
    name: "pages say what is so",
    part: "static",
    least: 20,
    pieces: whole(() => deno("tests/docs")),
  },
  {
    name: "simulated terminal",
    part: "agent",
    least: 8,
    pieces: whole(() => deno("tests/sim/push")),
  },
  {
    name: "types of the day engine",
    part: "engine",
    least: 1,
    pieces: whole(() => check([bin("pyright")])),
  },
  { name: "day engine", part: "engine", least: 280, pieces: whole(() => unittest("tests/engine")) },
  {
    name: "helpers of the screens",
    part: "owl",
    least: 40,
    pieces: whole(() => deno("tests/owl")),
  },
  {
    name: "committed screens equal a fresh build",
    part: "owl",
    least: 1,
    pieces: whole(() => check([bin("deno"), "run", "-A", "--quiet", "dev/build.ts", "--check"])),
  },
];
