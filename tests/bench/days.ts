/**
 * node dev/bootstrap.mjs tests/bench/days.ts [EMPLOYEES] [--only] [--growth [--budget=SECONDS]]
 * Figures of days in a real Odoo, on a throw-away database, and of the engine alone, which is their
 * floor; prints them, asserts nothing.
 * `--only`: the days, first and again, and nothing beside them, for many people. `--growth`: instead of the comparison with Odoo's own, month by month to 300,000 employee-days, or
 * until the budget is spent.
 */
import { mustRun } from "../../dev/process.ts";
import { main } from "../../dev/trouble.ts";
import { type Figures, inShell, read } from "./odoo_stage.ts";

/** The last line of what engine.py says, and the employee-days a processor second in it. */
export async function measureEngine(): Promise<{ said: string; perSecond: number }> {
  const program = new URL("engine.py", import.meta.url).pathname;
  const text = await mustRun(["/usr/bin/python3", program, "500"]);
  const said = text.trim().split("\n").at(-1) ?? "";
  const perSecond = Number(/(\d+) per second of processor time/.exec(said)?.[1] ?? NaN);
  return { said, perSecond };
}

const python = (value: boolean): string => value ? "True" : "False";

interface Days {
  readonly employees: number;
  /** Nothing beside the days. */
  readonly isAlone?: boolean;
  readonly growth?: boolean;
  readonly budgetSeconds?: number;
}

/** The table of days_odoo.py, and its figures. */
export async function measureDays(
  { employees, isAlone = false, growth = false, budgetSeconds = 1e9 }: Days,
): Promise<Figures> {
  const program = await read("days_odoo.py");
  return await inShell(
    `EMPLOYEES, ONLY, GROWTH, BUDGET_SECONDS = ${employees}, ${python(isAlone)}, ${
      python(growth)
    }, ${budgetSeconds}\nexec(${JSON.stringify(program)})\n`,
  );
}

async function run(args: readonly string[]): Promise<number> {
  const budget = args.find((arg) => arg.startsWith("--budget="))?.slice(9) ?? "1e9";
  const { table } = await measureDays({
    employees: Number(args.find((arg) => !arg.startsWith("--")) ?? 1000),
    isAlone: args.includes("--only"),
    growth: args.includes("--growth"),
    budgetSeconds: Number(budget),
  });
  console.log(table);
  const { said } = await measureEngine();
  console.log(`| the engine alone (goal 10,000 a processor second) | ${said} |`);
  return 0;
}

if (import.meta.main) await main(() => run(Deno.args));
