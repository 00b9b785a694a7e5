/**
 * `node dev/bootstrap.mjs tests/bench/odoo_fleet.ts [--agents 1000] [--seconds 120] [--interval 20]`
 * Syncs of a fleet of agents with three terminals each on an Odoo with two workers: how many a
 * second against a route that does nothing, the whole fleet at its interval, and the device board
 * over it. Prints JSON.
 */
import { main } from "../../dev/trouble.ts";
import {
  client,
  read,
  report,
  shell,
  type Stage,
  withFloor,
  withServer,
  withStage,
} from "./odoo_stage.ts";

const DEVICES = 3;

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function fleet(stage: Stage): Promise<void> {
  const agents = option("--agents", 1000);
  const script = await read("odoo_fleet_fill.py");
  const { key } = await shell(stage, `${script}\nfill(env, ${agents}, ${DEVICES})\n`);
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    key,
    agents,
    devices: DEVICES,
    restless_seconds: option("--restless", 45),
    fleet_seconds: option("--seconds", 120),
    interval: option("--interval", 20),
  };
  report(await withServer(stage, (running) => client("odoo_fleet.py", { ...asked, ...running })));
  const scale = await read("odoo_scale.py");
  report(await shell(stage, `${scale}\nboard(env)\n`));
}

if (import.meta.main) {
  await main(async () => {
    await withStage((stage) => withFloor(stage, fleet));
    return 0;
  });
}
