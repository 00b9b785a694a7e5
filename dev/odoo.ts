// Owns: the door to a real Odoo 19 for everything in dev/ and tests/, and its command line (`--help`).
// Must not know: what is tested or shown on it.

import { openCache } from "./cache.ts";
import { findChromium } from "./chromium.ts";
import {
  ADDON,
  addonTemplate,
  baseTemplate,
  dropLeftovers,
  logTail,
  odooCommand,
  readableAddons,
} from "./databases.ts";
import { failedOdooNames, type OdooTestResult, runHoot, runOdooTests } from "./odoo_tests.ts";
import { findOdoo } from "./odoo_program.ts";
import { writePots } from "./pot.ts";
import { keepRunning, openPostgres, releasePostgres, stopPostgres } from "./postgres.ts";
import { main, step, Trouble } from "./trouble.ts";

export {
  ADDON,
  addonTemplate,
  baseTemplate,
  createDatabase,
  dropDatabase,
  odooCommand,
  readableAddons,
  snapshotDatabase,
} from "./databases.ts";
export { openPostgres, releasePostgres } from "./postgres.ts";
export { runOdooTests } from "./odoo_tests.ts";

const HELP = `A real Odoo 19 for development, cached outside git.

  node dev/bootstrap.mjs dev/odoo.ts COMMAND

  setup                 fetch and prepare everything: Odoo, PostgreSQL, Chromium, template databases
  run-tests             run the addon's Odoo tests of this checkout in a throw-away database
      --tags TAGS       as Odoo's --test-tags; default /biometric_attendance
      --addon ADDON     another addon of this checkout, installed beside ours
      --no-http         seconds faster; for tests that need no web server (no HttpCase, tour, HOOT)
      --log             print the whole log, not only after a failure
  hoot                  run the screens' HOOT tests in Chromium
  pot                   write i18n/*.pot anew from the terms of every addon
  command DB            print the command line that runs Odoo on a database
  psql-env              print the PG… settings of the private PostgreSQL, for a shell's eval
  start                 keep PostgreSQL running between scripts
  stop                  stop it; drop what killed scripts left behind

Cache: BIOMETRIC_CACHE, else /var/cache/biometric-attendance for root, else
~/.cache/biometric-attendance. An installed Odoo 19 is used when ODOO_BIN names it or PATH has it;
a PostgreSQL of your own when PGHOST names it.`;

async function setup(): Promise<number> {
  await step("Odoo 19", findOdoo, (odoo) => `${odoo.version}, ${odoo.origin}`);
  await step("PostgreSQL", openPostgres, (postgres) => postgres.host);
  await step("Chromium", findChromium, (path) => path);
  await step("Template with our dependencies", baseTemplate, (name) => name);
  return 0;
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

async function runTests(args: readonly string[]): Promise<number> {
  const known = ["--addon", "--tags", "--no-http", "--log", "--install"];
  const odd = args.find((arg) => arg.startsWith("--") && !known.includes(arg));
  if (odd) throw new Trouble(`run-tests does not know ${odd}; see --help.`);
  const addon = option(args, "--addon");
  const tags = option(args, "--tags") ?? `/${addon ?? ADDON}`;
  const noHttp = args.includes("--no-http");
  if (!noHttp) await findChromium();
  return report(
    await runOdooTests({ tags, noHttp, ...(addon ? { addon } : {}) }),
    args.includes("--log"),
  );
}

async function hoot(): Promise<number> {
  await findChromium();
  return report(await runHoot(), false);
}

function report(result: OdooTestResult, always: boolean): number {
  if (!result.ok || always) console.log(logTail(result.log, 400));
  if (!result.ok) console.log(["", ...failedOdooNames(result.log), result.trouble].join("\n"));
  console.log(`${result.passed} passed, ${result.failed} failed`);
  return result.ok ? 0 : 1;
}

async function printCommand(db: string | undefined): Promise<number> {
  if (!db) throw new Trouble("usage: command DB");
  const addons = await readableAddons();
  const { command, env } = await odooCommand({ db, addons: addons.path });
  const settings = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  console.log(["env", ...settings, ...command].join(" "));
  return 0;
}

async function psqlEnv(): Promise<number> {
  const postgres = await openPostgres();
  for (const [name, value] of Object.entries(postgres.env)) {
    console.log(`export ${name}='${value}'`);
  }
  return 0;
}

async function stop(): Promise<number> {
  await openPostgres();
  const dropped = await dropLeftovers();
  await releasePostgres();
  console.log(`PostgreSQL ${await stopPostgres()}; ${dropped} left-over databases dropped`);
  return 0;
}

async function command(args: readonly string[]): Promise<number> {
  await openCache();
  switch (args[0]) {
    case "setup":
      return await setup();
    case "run-tests":
      return await runTests(args.slice(1));
    case "hoot":
      return await hoot();
    case "pot":
      await step(
        "Terms to translate",
        writePots,
        (files) => files.map(({ path, terms }) => `${terms} in ${path}`).join(", "),
      );
      return 0;
    case "command":
      return await printCommand(args[1]);
    case "psql-env":
      return await psqlEnv();
    case "start":
      await openPostgres();
      await keepRunning();
      return 0;
    case "stop":
      return await stop();
    case "template":
      console.log(await addonTemplate());
      return 0;
    default:
      console.log(HELP);
      return args.length === 0 || args[0] === "--help" ? 0 : 2;
  }
}

if (import.meta.main) await main(() => command(Deno.args));
