// Owns: databases made in a second from templates: one with the modules we depend on, one with the
// addon installed and the assets built. Must not know: what is tested in them.

import { createHash } from "node:crypto";
import { onExit, type Undoing } from "./cleanup.ts";
import { openCache, repository, withLock } from "./cache.ts";
import { chromiumFolder } from "./chromium.ts";
import { mirrorFolder } from "./mirror.ts";
import { findOdoo } from "./odoo_program.ts";
import { openPostgres } from "./postgres.ts";
import { mustRun, run } from "./process.ts";
import { seconds, Trouble } from "./trouble.ts";

export const ADDON = "biometric_attendance";
/** What only a provider installs; its tests have a database of their own, with Odoo's accounting. */
export const SERVICE_ADDON = "biometric_attendance_service";
/** Templates of older addons stay for colleagues and branches; the rest is dropped, oldest first. */
const KEPT_TEMPLATES = 8;
const PREFIX = "bio_";

export interface OdooArguments {
  readonly db: string;
  readonly args?: readonly string[];
  /** Folder that holds our addon; default: that of this checkout. */
  readonly addons?: string;
}

export interface OdooCommand {
  readonly command: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

const digest = (text: string | Uint8Array): string =>
  createHash("sha256").update(text).digest("hex");

/** The command line, environment and folder that run Odoo on a database as the ordinary account. */
export async function odooCommand(asked: OdooArguments): Promise<OdooCommand> {
  const [cache, odoo, postgres] = [await openCache(), await findOdoo(), await openPostgres()];
  const addons = asked.addons ?? `${repository}/odoo_addon`;
  const command = cache.ordinary([
    ...odoo.command,
    ...(asked.args?.[0] === "shell" ? ["shell"] : []),
    `--config=${cache.path}/odoo.conf`,
    `--database=${asked.db}`,
    `--db_host=${postgres.host}`,
    `--db_port=${postgres.port}`,
    `--db_user=${postgres.user}`,
    `--data-dir=${cache.path}/data`,
    `--addons-path=${[...odoo.addons, addons].join(",")}`,
    "--http-interface=127.0.0.1",
    ...(asked.args?.[0] === "shell" ? asked.args.slice(1) : asked.args ?? []),
  ]);
  const folders = [await mirrorFolder(), await chromiumFolder(), Deno.env.get("PATH") ?? ""];
  const PATH = folders.filter((folder) => folder !== "").join(":");
  return { command, env: { ...cache.env, ...odoo.env, ...postgres.env, PATH }, cwd: cache.path };
}

/**
 * The folder with our addon as Odoo may read it: the checkout's own, or a copy when the ordinary
 * account cannot read it (a clone under root's home). `dispose` removes the copy.
 */
export async function readableAddons(
  checkout = repository,
): Promise<{ path: string; dispose(): Promise<void> }> {
  const cache = await openCache();
  const path = `${checkout}/odoo_addon`;
  const probe = await run(cache.ordinary(["ls", "-R", path]), { env: cache.env, cwd: "/" });
  if (probe.code === 0) return { path, dispose: () => Promise.resolve() };
  const copy = `${cache.path}/tmp/addons-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  // With their times: Odoo names a bundle by those of its files.
  await mustRun(["cp", "-r", "--preserve=timestamps", path, copy]);
  // The addon's tests read examples and run the second script from the folders above it.
  await mustRun(["mkdir", "-p", `${copy}/tests`]);
  for (const folder of ["contract", "independent"]) {
    await mustRun(["cp", "-r", `${checkout}/tests/${folder}`, `${copy}/tests/${folder}`]);
  }
  await mustRun(["chmod", "-R", "a+rX", copy]);
  return { path: copy, dispose: () => Deno.remove(copy, { recursive: true }) };
}

async function dependencies(checkout: string, addons: readonly string[]): Promise<string[]> {
  const manifests = addons.map((name) => `${checkout}/odoo_addon/${name}/__manifest__.py`);
  const read =
    "import ast,sys;print(','.join(n for p in sys.argv[1:] for n in ast.literal_eval(open(p).read())['depends']))";
  const found = (await mustRun(["/usr/bin/python3", "-c", read, ...manifests])).trim().split(",");
  const theirs = found.filter((name) => name !== ADDON);
  return [...new Set([...theirs, "hr_attendance", "hr_holidays"])].sort();
}

/** Hash of what an installed addon consists of; tests and screens do not change its database. */
async function addonDigest(checkout: string, addon = ADDON): Promise<string> {
  const root = `${checkout}/odoo_addon/${addon}`;
  const parts: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      const skipped = entry.name === "__pycache__" || path === `${root}/tests` ||
        path === `${root}/static`;
      if (skipped) continue;
      if (entry.isDirectory) await walk(path);
      else parts.push(`${path.slice(root.length)} ${digest(await Deno.readFile(path))}`);
    }
  };
  await walk(root);
  return digest(parts.sort().join("\n"));
}

async function databaseExists(name: string): Promise<boolean> {
  const postgres = await openPostgres();
  return await postgres.sql(`SELECT 1 FROM pg_database WHERE datname = '${name}'`) === "1";
}

/** Runs Odoo to its end on a database and throws with the end of its log when it fails. */
export async function odooOnce(asked: OdooArguments, input?: string): Promise<string> {
  const { command, env, cwd } = await odooCommand(asked);
  const result = await run(command, { env, cwd, ...(input === undefined ? {} : { input }) });
  const log = result.stdout + result.stderr;
  // A module that fails to load leaves Odoo with code 0 in some of its paths; the log does not lie.
  if (result.code === 0 && !/ (ERROR|CRITICAL) /.test(log)) return log;
  throw new Trouble(`Odoo failed on ${asked.db} (code ${result.code}):\n${logTail(log)}`);
}

export function logTail(log: string, lines = 60): string {
  return log.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Makes a template under its final name only when complete: a half-made one is never found. */
async function makeTemplate(
  name: string,
  what: string,
  fill: (db: string) => Promise<void>,
): Promise<void> {
  if (await databaseExists(name)) return;
  await withLock(`template-${name}`, async () => {
    if (await databaseExists(name)) return;
    const started = performance.now();
    console.error(`… Preparing ${what} (once)`);
    const half = `${name}_half`;
    await dropDatabase(half);
    await fill(half);
    const postgres = await openPostgres();
    await postgres.sql(`ALTER DATABASE "${half}" RENAME TO "${name}"`);
    await moveFilestore(half, name);
    console.error(`✓ Prepared ${what} (${seconds(performance.now() - started)})`);
  });
}

/** The folder where Odoo keeps the files of a database. */
export async function filestore(db: string): Promise<string> {
  return `${(await openCache()).path}/data/filestore/${db}`;
}

async function moveFilestore(from: string, to: string): Promise<void> {
  await Deno.remove(await filestore(to), { recursive: true }).catch(() => {});
  await Deno.rename(await filestore(from), await filestore(to)).catch(() => {});
}

/** A database with the modules that these addons of ours depend on. Returns its name. */
export async function baseTemplate(
  checkout = repository,
  addons: readonly string[] = [ADDON],
): Promise<string> {
  const [odoo, depends] = [await findOdoo(), await dependencies(checkout, addons)];
  const name = `${PREFIX}base_${digest(`${odoo.version} ${odoo.origin} ${depends}`).slice(0, 12)}`;
  await makeTemplate(name, "a database with the modules we depend on", async (db) => {
    await odooOnce({ db, args: ["-i", depends.join(","), "--stop-after-init", "--no-http"] });
  });
  return name;
}

const WARM_ASSETS = `
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
`;

/** A database with the addon of this checkout installed and its asset bundles built. */
export async function addonTemplate(checkout = repository): Promise<string> {
  return await warmTemplate(checkout, await installedTemplate(checkout, [ADDON]));
}

/** A provider's database: accounting, our addon and the provider's, with the bundles of the screens. */
export async function serviceTemplate(checkout = repository): Promise<string> {
  const beneath = await installedTemplate(checkout, [ADDON, SERVICE_ADDON]);
  return await warmTemplate(checkout, await installedOn(beneath, checkout, SERVICE_ADDON));
}

/** A database with what these addons of ours depend on, and the first of them installed. */
async function installedTemplate(checkout: string, addons: readonly string[]): Promise<string> {
  return await installedOn(await baseTemplate(checkout, addons), checkout, ADDON);
}

async function installedOn(beneath: string, checkout: string, addon: string): Promise<string> {
  const content = beneath + await addonDigest(checkout, addon);
  const name = `${PREFIX}addon_${digest(content).slice(0, 12)}`;
  await makeTemplate(name, `a database with ${addon} installed`, async (db) => {
    await copyDatabase(beneath, db);
    await odooOf(checkout, db, ["-i", addon, "--stop-after-init", "--no-http"]);
    await dropOldTemplates("addon");
  });
  return name;
}

/**
 * The same with the bundles of this checkout's screens. Odoo takes a bundle for another one when a file
 * of it was changed at another time: with those of another checkout each copy would build them anew, half
 * a minute of processor every time.
 */
async function warmTemplate(checkout: string, installed: string): Promise<string> {
  const name = `${PREFIX}warm_${digest(installed + await screensDigest(checkout)).slice(0, 12)}`;
  await makeTemplate(name, "the bundles of the screens", async (db) => {
    await copyDatabase(installed, db);
    await odooOf(checkout, db, ["shell", "--no-http"], WARM_ASSETS);
    await dropOldTemplates("warm");
  });
  return name;
}

/** Hash of the screens' files as Odoo tells them apart: by name and time. */
async function screensDigest(checkout: string): Promise<string> {
  const parts: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) await walk(path);
      else parts.push(`${path} ${(await Deno.stat(path)).mtime?.getTime()}`);
    }
  };
  await walk(`${checkout}/odoo_addon/${ADDON}/static`);
  return digest(parts.map((part) => part.slice(checkout.length)).sort().join("\n"));
}

async function odooOf(
  checkout: string,
  db: string,
  args: readonly string[],
  input?: string,
): Promise<void> {
  const addons = await readableAddons(checkout);
  try {
    await odooOnce({ db, addons: addons.path, args }, input);
  } finally {
    await addons.dispose();
  }
}

async function dropOldTemplates(kind: "addon" | "warm"): Promise<void> {
  const postgres = await openPostgres();
  const found = await postgres.sql(
    `SELECT datname FROM pg_database WHERE datname ~ '^${PREFIX}${kind}_[0-9a-f]+$' ORDER BY oid DESC`,
  );
  for (const name of found.split("\n").filter((line) => line).slice(KEPT_TEMPLATES)) {
    await dropDatabase(name);
  }
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const [cache, postgres] = [await openCache(), await openPostgres()];
  await postgres.sql(`CREATE DATABASE "${to}" TEMPLATE "${from}" STRATEGY FILE_COPY`);
  const source = await filestore(from);
  // Files of a filestore are named by their content and never changed in place: links are enough.
  if ((await run(["test", "-d", source])).code === 0) {
    await mustRun(cache.ordinary(["cp", "-al", source, await filestore(to)]), { cwd: cache.path });
  }
}

const dropping = new Map<string, Undoing>();

/**
 * A new database copied from a template, under a name no other script uses. It is dropped at the
 * latest when the script ends.
 */
export async function createDatabase(template: string, purpose = "run"): Promise<string> {
  const name = throwAwayName(purpose);
  await copyDatabase(template, name);
  return name;
}

/** A database without a table, for a dump to be read into. Dropped like one from a template. */
export async function createEmptyDatabase(purpose: string): Promise<string> {
  const name = throwAwayName(purpose);
  const postgres = await openPostgres();
  await postgres.sql(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING 'unicode'`);
  return name;
}

function throwAwayName(purpose: string): string {
  const name = `${PREFIX}${purpose}_${Deno.pid}_${crypto.randomUUID().slice(0, 8)}`;
  dropping.set(name, onExit(() => dropDatabase(name)));
  return name;
}

/** A snapshot of a database that nobody is connected to, under another name. */
export async function snapshotDatabase(from: string, to: string): Promise<void> {
  await dropDatabase(to);
  await copyDatabase(from, to);
}

export async function dropDatabase(name: string): Promise<void> {
  dropping.get(name)?.forget();
  dropping.delete(name);
  const postgres = await openPostgres();
  await postgres.sql(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await Deno.remove(await filestore(name), { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Throw-away databases of scripts that were killed: their process is gone, their name stayed. */
export async function dropLeftovers(): Promise<number> {
  const postgres = await openPostgres();
  if (!postgres.isPrivate) return 0;
  const names = new Set((await postgres.sql("SELECT datname FROM pg_database")).split("\n"));
  for await (const entry of Deno.readDir(await filestore(""))) names.add(entry.name);
  let dropped = 0;
  for (const name of names) {
    const pid = new RegExp(`^${PREFIX}[a-z]+_(\\d+)_[0-9a-f]{8}$`).exec(name)?.[1];
    if (!pid || (await run(["test", "-d", `/proc/${pid}`])).code === 0) continue;
    await dropDatabase(name);
    dropped++;
  }
  return dropped;
}
