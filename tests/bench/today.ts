/**
 * node dev/bootstrap.mjs tests/bench/today.ts [PEOPLE]
 * What Today and the roster grid cost for so many people (default 5,000) and eight weeks, on a throw-away
 * database; prints figures, asserts nothing.
 */
import { addonTemplate, createDatabase, dropDatabase, readableAddons } from "../../dev/odoo.ts";
import { odooOnce } from "../../dev/databases.ts";
import { main } from "../../dev/trouble.ts";

async function run(args: readonly string[]): Promise<number> {
  const people = Number(args[0] ?? 5000);
  if (!Number.isInteger(people) || people < 1) {
    throw new Error("PEOPLE is a whole number from 1 on");
  }
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  const seed = await read("../../dev/screens_seed.py");
  const program = await read("today_odoo.py");
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench_today");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `${seed}\nPEOPLE = ${people}\nexec(${JSON.stringify(program)})\n`,
    );
    console.log(log.split("\n").filter((line) => line.startsWith("|")).join("\n"));
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
