/**
 * `node dev/bootstrap.mjs tests/bench/odoo_rush.ts [--agents 1000] [--rate 100] [--seconds 300]`
 * The morning rush on an Odoo with two workers and one job thread: branches deliver single punches,
 * each punch timed from when it was due to its receipt (from then on everybody sees it), beside a
 * route that does nothing. Agents wait as their receipts ask. Prints JSON; asserts nothing. Without
 * options a scaled run of 20 s.
 */
import { main } from "../../dev/trouble.ts";
import { client, read, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function rush(stage: Stage): Promise<void> {
  const agents = option("--agents", 200);
  const script = await read("odoo_fleet_fill.py");
  const { key } = await shell(stage, `${script}\nfill(env, ${agents}, 1)\npeople(env, 100)\n`);
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    key,
    agents,
    rate: option("--rate", 20),
    seconds: option("--seconds", 20),
  };
  const work = (running: { url: string; pid: number }) =>
    client("odoo_rush.py", { ...asked, ...running });
  report(await withServer(stage, work, { crons: 1 }));
}

if (import.meta.main) {
  await main(async () => {
    await withStage(rush);
    return 0;
  });
}
