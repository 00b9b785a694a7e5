/**
 * node dev/bootstrap.mjs tests/bench/cto.ts [PEOPLE]
 * Time accounts: balances of ten times PEOPLE (default 1,000) accounts with three years of entries,
 * shown and added up; posting a month of overtime for PEOPLE; one panel. Seconds and queries, inside a
 * real Odoo on a throw-away database. Prints JSON.
 */
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { main } from "../../dev/trouble.ts";

async function measure(people: number): Promise<Readonly<Record<string, unknown>>> {
  const program = await Deno.readTextFile(new URL("cto_odoo.py", import.meta.url));
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `PEOPLE = ${people}\nexec(${JSON.stringify(program)})\n`,
    );
    const said = log.split("\n").find((line) => line.startsWith("FIGURE "));
    return { ...JSON.parse(said?.slice(7) ?? "{}"), load: Deno.loadavg() };
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) {
  await main(async () => {
    console.log(JSON.stringify(await measure(Number(Deno.args[0] ?? 1_000)), null, 1));
    return 0;
  });
}
