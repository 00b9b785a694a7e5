/**
 * node dev/bootstrap.mjs tests/bench/foreign.ts [PEOPLE]
 * What it costs to ask, of every sighting, whether its agent may speak for the terminal: ingest and what days are
 * computed from, with the question and without it, in processor seconds of Python and of PostgreSQL. On a
 * throw-away database; prints a table, asserts nothing.
 */
import { addonTemplate, createDatabase, dropDatabase, readableAddons } from "../../dev/odoo.ts";
import { odooOnce } from "../../dev/databases.ts";
import { main } from "../../dev/trouble.ts";

async function run([people = "100"]: readonly string[]): Promise<number> {
  const program = await Deno.readTextFile(new URL("foreign_odoo.py", import.meta.url));
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `PEOPLE = ${Number(people)}\nexec(${JSON.stringify(program)})\n`,
    );
    console.log(log.split("\n").filter((line) => line.startsWith("|")).join("\n"));
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
