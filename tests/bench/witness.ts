/**
 * node dev/bootstrap.mjs tests/bench/witness.ts [ENTRIES]
 * What the agent's signatures cost an ingest in Odoo (ms of a batch of 1, 100 and 1,000, without and with;
 * the ratio is without by with), and 400 remembered heads a sync, in a trail of ENTRIES (default 200,000).
 * On a throw-away database. Prints JSON.
 */
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { main } from "../../dev/trouble.ts";

async function measureWitness(entries: number): Promise<unknown> {
  const program = await Deno.readTextFile(new URL("witness_odoo.py", import.meta.url));
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `ARGUMENTS = [${entries}]\nexec(${JSON.stringify(program)})\n`,
    );
    return JSON.parse(log.split("\n").find((line) => line.startsWith("FIGURE "))?.slice(7) ?? "{}");
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) {
  await main(async () => {
    const figures = await measureWitness(Number(Deno.args[0] ?? 200_000));
    console.log(JSON.stringify(figures, null, 1));
    return 0;
  });
}
