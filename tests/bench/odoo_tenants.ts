/**
 * `node dev/bootstrap.mjs tests/bench/odoo_tenants.ts [--quiet 50] [--seconds 60] [--agents 3]
 * [--rush | --circle] [--loud 200]`
 * One loud company beside quiet ones, on an Odoo with two workers: single punches of the quiet ones,
 * each timed from when it was due to its receipt, alone and then beside the loud one's agents, which
 * bring five hundred at a time as fast as they are served, or many single punches (`--rush`), or one
 * again and again without listening (`--circle`). Prints JSON; asserts nothing.
 */
import { main } from "../../dev/trouble.ts";
import { client, read, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function tenants(stage: Stage): Promise<void> {
  const [quiet, behind] = [option("--quiet", 50), option("--agents", 3)];
  const fleet = await read("odoo_fleet_fill.py");
  const apart = await read("odoo_tenants_fill.py");
  await shell(
    stage,
    `${fleet}\nfill(env, ${quiet + behind}, 1)\n${apart}\napart(env, ${behind})\n`,
  );
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    quiet,
    behind,
    shape: ["rush", "circle"].find((one) => Deno.args.includes(`--${one}`)) ?? "backlog",
    loud: option("--loud", 200),
    rate: option("--rate", 5),
    seconds: option("--seconds", 60),
  };
  const work = (running: { url: string; pid: number }) =>
    client("odoo_tenants.py", { ...asked, ...running });
  report(await withServer(stage, work, { crons: 1 }));
}

if (import.meta.main) {
  await main(async () => {
    await withStage(tenants);
    return 0;
  });
}
