/**
 * `node dev/bootstrap.mjs tests/bench/odoo.ts [ingest] [inside] [--entries N]` (default: both)
 * Measures ingest against its floor, and what Odoo itself takes, on a real Odoo with two workers;
 * prints JSON. Ratios are of one run; absolute figures are those of this machine. Tables that hold
 * millions of rows: odoo_size.ts. Sync: odoo_fleet.ts. Latency: odoo_latency.ts.
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

const AGENTS = 8;

/** Agents with a device and a token each; prints their tokens. */
const PREPARE = `
import json
from odoo.addons.biometric_attendance.tests.common import AddonCase
class Case(AddonCase):
    pass
Case.env = env
agents = []
for n in range(${AGENTS}):
    agent, token = Case.make_agent(f"Bench {n}")
    Case.make_device(agent, f"B{n}")
    agents.append({"token": token, "serial": f"B{n}"})
env.cr.commit()
print("FIGURE " + json.dumps({"agents": agents}))
`;

/** Punches a request, and how many of them in all. */
const SIZES = [[1, 150], [100, 6_000], [1000, 24_000]];

async function ingest(stage: Stage): Promise<void> {
  const { agents } = await shell(stage, PREPARE);
  const asked = { db: stage.db, dsn: stage.dsn, agents, start: 1, sizes: SIZES, together: 3_000 };
  report(await withServer(stage, (running) => client("odoo_client.py", { ...asked, ...running })));
}

/** Milliseconds of processor of one request: Odoo's workers, and PostgreSQL's processes for them. */
interface Spent {
  readonly workers: number;
  readonly postgresql: number;
}

/** A request with one punch, and one to the route that does nothing, by turns. */
export async function measureSingle(): Promise<{ punch: Spent; nothing: Spent; p50Ms: number }> {
  return await withStage((stage) =>
    withFloor(stage, async (stage) => {
      const { agents } = await shell(stage, PREPARE);
      const asked = { db: stage.db, dsn: stage.dsn, agents, start: 1, sizes: [SIZES[0]] };
      const found = await withServer(
        stage,
        (running) =>
          client("odoo_client.py", { ...asked, together: 0, beside_nothing: true, ...running }),
      );
      const { "1": one } = found["ingest"] as Record<string, {
        odoo_cpu_ms_per_request: Spent;
        nothing_cpu_ms_per_request: Spent;
        p50_ms: number;
      }>;
      if (one === undefined) throw new Error("no single punch was measured");
      return {
        punch: one.odoo_cpu_ms_per_request,
        nothing: one.nothing_cpu_ms_per_request,
        p50Ms: one.p50_ms,
      };
    })
  );
}

async function inside(stage: Stage, entries: number): Promise<void> {
  const scale = await read("odoo_scale.py");
  const parts = `orm(env)\ntrail(env, ${entries})\nlanes(env, 20000)\n`;
  await shell(stage, PREPARE);
  report({ inside: await shell(stage, `${scale}\n${parts}`) });
}

async function bench(): Promise<number> {
  const at = Deno.args.indexOf("--entries");
  const entries = at < 0 ? 100_000 : Number(Deno.args[at + 1]);
  const asked = (part: string) => Deno.args.includes(part) || !Deno.args.some((a) => /^i/.test(a));
  if (asked("ingest")) await withStage(ingest);
  if (asked("inside")) await withStage((stage) => inside(stage, entries));
  return 0;
}

if (import.meta.main) await main(bench);
