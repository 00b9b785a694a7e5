// Owns: laying a played branch aside (its database, its files in Odoo, the agent's queue and program) and
// bringing the database back under a name of its own: what upgrades are tested from. Must not know: what was
// played, or what a test compares.

import { bundle } from "./bundle.ts";
import { openCache } from "./cache.ts";
import { createEmptyDatabase, filestore } from "./databases.ts";
import { binaries, openPostgres } from "./postgres.ts";
import { mustRun } from "./process.ts";
import type { Stage } from "./stage.ts";

/** Built anew by any Odoo at the first page; they are two thirds of the files. */
const FORGET_ASSETS = "DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%'";

const DATABASE = "odoo.sql.gz";
const FILES = "filestore.tar.gz";
const QUEUE = "agent.tar.gz";
const PROGRAM = "biometric-agent.js.gz";

/** Writes one branch, stopped, into `folder`: four files, what is there is replaced. */
export async function keep(stage: Stage, folder: string): Promise<void> {
  await stage.agent.stop();
  await stage.odoo.stop();
  const [cache, postgres, db] = [await openCache(), await openPostgres(), stage.odoo.db];
  await postgres.sql(FORGET_ASSETS, db);
  await Deno.mkdir(folder, { recursive: true });
  const dump = [`${await binaries()}/pg_dump`, "--no-owner", "--no-privileges", db];
  await pipe(`${quote(dump)} | gzip -9n > ${quote([`${folder}/${DATABASE}`])}`, postgres.env);
  const named = await storedFiles(db);
  const list = `${stage.folder}/files.txt`;
  await Deno.writeTextFile(list, named.join("\n"));
  const pack = ["tar", "--create", "--owner=0", "--group=0", "-C", await filestore(db), "-T", list];
  await pipe(`${quote(pack)} | gzip -9n > ${quote([`${folder}/${FILES}`])}`, cache.env);
  const queue = ["tar", "--create", "--owner=0", "--group=0", "-C", stage.folder, "agent/data"];
  await pipe(`${quote(queue)} | gzip -9n > ${quote([`${folder}/${QUEUE}`])}`, cache.env);
  const { file } = await bundle(`${stage.folder}/biometric-agent.js`);
  await pipe(`gzip -9n < ${quote([file])} > ${quote([`${folder}/${PROGRAM}`])}`, cache.env);
}

/** A database made from what `keep` wrote; dropped when the script ends. Returns its name. */
export async function bringBack(folder: string, purpose: string): Promise<string> {
  const [cache, postgres] = [await openCache(), await openPostgres()];
  const db = await createEmptyDatabase(purpose);
  const psql = [`${await binaries()}/psql`, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", db];
  const unpack = `gunzip -c ${quote([`${folder}/${DATABASE}`])} | ${quote(psql)} >/dev/null`;
  await pipe(unpack, postgres.env);
  const store = await filestore(db);
  await mustRun(cache.ordinary(["mkdir", "-p", store]), { env: cache.env, cwd: cache.path });
  const extract = quote(cache.ordinary(["tar", "--extract", "-C", store]));
  await pipe(`gunzip -c ${quote([`${folder}/${FILES}`])} | ${extract}`, cache.env);
  return db;
}

/** The agent's folder (queue, key, pairing; no configuration) as `keep` found it, below `into`. */
export async function bringBackAgent(folder: string, into: string): Promise<string> {
  await Deno.mkdir(into, { recursive: true });
  await mustRun(["tar", "-xzf", `${folder}/${QUEUE}`, "-C", into]);
  return `${into}/agent`;
}

/** The agent's program as `keep` bundled it, below `into`. */
export async function bringBackProgram(folder: string, into: string): Promise<string> {
  await Deno.mkdir(into, { recursive: true });
  const file = `${into}/biometric-agent.js`;
  await pipe(`gunzip -c ${quote([`${folder}/${PROGRAM}`])} > ${quote([file])}`, {});
  return file;
}

async function storedFiles(db: string): Promise<string[]> {
  const postgres = await openPostgres();
  const rows = await postgres.sql(
    "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL ORDER BY 1",
    db,
  );
  return rows.split("\n").filter((line) => line !== "");
}

const quote = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");

async function pipe(line: string, env: Readonly<Record<string, string>>): Promise<void> {
  await mustRun(["bash", "-o", "pipefail", "-c", line], { env });
}
