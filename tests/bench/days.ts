/**
 * node dev/bootstrap.mjs tests/bench/days.ts [EMPLOYEES] [--only] [--growth [--budget=SECONDS]]
 * Figures of days in a real Odoo, on a throw-away database, and of the engine alone, which is their
 * floor; prints them, asserts nothing.
 * `--only`: the days, first and again, and nothing beside them, for many people. `--growth`: instead of the comparison with Odoo's own, month by month to 300,000 employee-days, or
 * until the budget is spent.
 */
import { addonTemplate, createDatabase, dropDatabase, readableAddons } from "../../dev/odoo.ts";
import { odooOnce } from "../../dev/databases.ts";
import { mustRun } from "../../dev/process.ts";
import { main } from "../../dev/trouble.ts";

async function engineAlone(): Promise<string> {
  const program = new URL("engine.py", import.meta.url).pathname;
  const said = await mustRun(["/usr/bin/python3", program, "500"]);
  return `| the engine alone (goal 10,000 a processor second) | ${
    said.trim().split("\n").at(-1)
  } |`;
}

const python = (value: boolean): string => value ? "True" : "False";

async function run(args: readonly string[]): Promise<number> {
  const employees = Number(args.find((arg) => !arg.startsWith("--")) ?? 1000);
  const growth = args.includes("--growth");
  const budget = args.find((arg) => arg.startsWith("--budget="))?.slice(9) ?? "1e9";
  const program = await Deno.readTextFile(new URL("days_odoo.py", import.meta.url));
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `EMPLOYEES, ONLY, GROWTH, BUDGET_SECONDS = ${employees}, ${
        python(args.includes("--only"))
      }, ${python(growth)}, ${Number(budget)}\nexec(${JSON.stringify(program)})\n`,
    );
    console.log(log.split("\n").filter((line) => line.startsWith("|")).join("\n"));
    console.log(await engineAlone());
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
