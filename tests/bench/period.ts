/**
 * node dev/bootstrap.mjs tests/bench/period.ts [EMPLOYEES]
 * Figures of closing a pay period in a real Odoo, on a throw-away database; prints them, asserts
 * nothing. The month is that of tests/bench/days_odoo.py.
 */
import { main } from "../../dev/trouble.ts";
import { type Figures, inShell, read } from "./odoo_stage.ts";

/** The table of period_odoo.py, and its figures. */
export async function measurePeriod(employees: number): Promise<Figures> {
  const library = (await read("days_odoo.py")).split("# measured from here")[0];
  const program = `${library}\n${await read("period_odoo.py")}`;
  return await inShell(`EMPLOYEES = ${employees}\nexec(${JSON.stringify(program)})\n`);
}

async function run(args: readonly string[]): Promise<number> {
  const { table } = await measurePeriod(Number(args[0] ?? 1000));
  console.log(table);
  return 0;
}

if (import.meta.main) await main(() => run(Deno.args));
