/**
 * `node dev/bootstrap.mjs tests/bench/odoo_latency.ts [--punches 10000] [--per-second 60]`
 * From a punch acknowledged by a real agent process to the same punch visible in Odoo (two workers,
 * one cron thread), with five terminals. Prints JSON.
 */
import { AgentProcess } from "../../dev/agent_process.ts";
import { openCache, takePort } from "../../dev/cache.ts";
import { main } from "../../dev/trouble.ts";
import { client, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

const SERIALS = ["L0", "L1", "L2", "L3", "L4"];

const PREPARE = `
import json
from odoo.addons.biometric_attendance.tests.common import AddonCase
class Case(AddonCase):
    pass
Case.env = env
agent = env["biometric.agent"].create({"name": "Latency", "tz": "UTC"})
for serial in ${JSON.stringify(SERIALS)}:
    Case.make_device(agent, serial)
code = env["biometric.pairing"]._open(agent)
env.cr.commit()
print("FIGURE " + json.dumps({"code": code, "agent": agent.id}))
`;

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

/** Odoo's settings reach the agent with its first sync; until then the port refuses the terminals. */
async function untilOpen(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/iclock/getrequest?SN=${SERIALS[0]}`)
      .then(async (response) => (await response.body?.cancel(), response.status));
    if (answer === 200) return;
    if (tries > 300) throw new Error(`the device port still answers ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function latency(stage: Stage): Promise<void> {
  const { code, agent: id } = await shell(stage, PREPARE);
  const folder = `${(await openCache()).path}/tmp/latency-${stage.db}`;
  const [devicePort, healthPort] = [await takePort(), await takePort()];
  const agent = new AgentProcess({ folder, devicePort, healthPort });
  await Deno.mkdir(folder, { recursive: true });
  try {
    await withServer(stage, async (running) => {
      await agent.configure();
      await agent.pair(["pair", running.url, String(code), "--database", stage.db]);
      await stage.postgres.sql(
        `UPDATE biometric_agent SET state = 'active' WHERE id = ${id}`,
        stage.db,
      );
      await agent.start();
      try {
        await untilOpen(devicePort);
        report(
          await client("odoo_latency.py", {
            ...running,
            dsn: stage.dsn,
            device_port: devicePort,
            serials: SERIALS,
            punches: option("--punches", 10_000),
            per_second: option("--per-second", 60),
          }),
        );
      } finally {
        await agent.stop();
      }
    }, { crons: 1 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await main(async () => {
    await withStage(latency);
    return 0;
  });
}
