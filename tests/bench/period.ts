/**
 * node dev/bootstrap.mjs tests/bench/period.ts [EMPLOYEES]
 * Figures of closing a pay period in a real Odoo, on a throw-away database; prints them, asserts
 * nothing. The month is that of tests/bench/days_odoo.py.
 */
import { addonTemplate, createDatabase, dropDatabase, readableAddons } from "../../dev/odoo.ts";
import { odooOnce } from "../../dev/databases.ts";
import { main } from "../../dev/trouble.ts";

const HERE = new URL("./", import.meta.url).pathname;

async function run(args: readonly string[]): Promise<number> {
  const employees = Number(args[0] ?? 1000);
  const library = (await Deno.readTextFile(`${HERE}days_odoo.py`)).split("# measured from here")[0];
  const program = await Deno.readTextFile(`${HERE}period_odoo.py`);
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `EMPLOYEES = ${employees}\nexec(${JSON.stringify(`${library}\n${program}`)})\n`,
    );
    console.log(log.split("\n").filter((line) => line.startsWith("|")).join("\n"));
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
