/**
 * `node dev/bootstrap.mjs tests/bench/updates.ts [--agents 1000] [--seconds 10] [--turns 3]`
 * What updates cost an Odoo with two workers: single punches by turns alone and beside two agents that fetch a release of
 * 87 MB, and what a release on offer adds to the sync of an agent whose turn it is not. Prints JSON; asserts nothing.
 */
import { main } from "../../dev/trouble.ts";
import { client, read, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

const LENGTH = 87_000_000;
const ASKED = 200;

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function updates(stage: Stage): Promise<void> {
  const agents = option("--agents", 1000);
  const fleet = await read("odoo_fleet_fill.py");
  const filled = await shell(stage, `${fleet}\nfill(env, ${agents}, 1)\npeople(env, 100)\n`);
  const told = await shell(
    stage,
    `${await read("updates_fill.py")}
import json
print("FIGURE " + json.dumps({"sha256": offer(env)}))
print("FIGURE " + json.dumps({"asks": ask(env, ${ASKED})}))
`,
  );
  report({ "a sync of an agent whose turn it is not: statements, ms": told["asks"] });
  // The two that fetch are the first of the order.
  await stage.postgres.sql(
    `UPDATE biometric_update u SET place = 0 FROM biometric_agent a
      WHERE a.id = u.agent_id AND a.name IN ('Fleet 1', 'Fleet 2')`,
    stage.db,
  );
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    key: filled["key"],
    sha256: told["sha256"],
    length: LENGTH,
    seconds: option("--seconds", 10),
    turns: option("--turns", 3),
  };
  const work = (running: { url: string; pid: number }) =>
    client("updates_client.py", { ...asked, ...running });
  report(await withServer(stage, work, { crons: 1 }));
}

if (import.meta.main) {
  await main(async () => {
    await withStage(updates);
    return 0;
  });
}
