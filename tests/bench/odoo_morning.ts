/**
 * `node dev/bootstrap.mjs tests/bench/odoo_morning.ts [--tenants 1000] [--branches 3] [--rate 20]
 * [--interval 60] [--seconds 600]`
 * The busiest ten minutes of a provider: companies of some branches each on one Odoo with two workers
 * and one job thread. Every branch syncs at its interval and single punches fall due at a rate, all
 * through the real routes; each request timed from when it was due. Prints JSON; asserts nothing.
 * Without options a scaled run: 40 companies for a minute, at the same rhythm for each of them.
 */
import { main } from "../../dev/trouble.ts";
import { client, read, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

/** Terminals of a branch, and people of a company whose PINs they know. */
const DEVICES = 3;
const PEOPLE = 1;

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function morning(stage: Stage): Promise<void> {
  const [tenants, branches] = [option("--tenants", 40), option("--branches", 3)];
  const began = performance.now();
  const { key } = await shell(
    stage,
    `${await read("odoo_fleet_fill.py")}\nfill(env, ${tenants * branches}, ${DEVICES})\n` +
      `${await read("odoo_morning_fill.py")}\ncompanies(env, ${branches}, ${PEOPLE})\n`,
  );
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    key,
    agents: tenants * branches,
    devices: DEVICES,
    people: PEOPLE,
    rate: option("--rate", 20 * tenants / 1000),
    interval: option("--interval", 60),
    seconds: option("--seconds", 60),
  };
  const filled = Math.round((performance.now() - began) / 1000);
  const work = (running: { url: string; pid: number }) =>
    client("odoo_morning.py", { ...asked, ...running });
  const figures = await withServer(stage, work, { crons: 1 });
  report({ tenants, branches, filled_in_seconds: filled, ...figures });
}

if (import.meta.main) {
  await main(async () => {
    await withStage(morning);
    return 0;
  });
}
