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
/** Who punch at the last agent's terminal, by the PINs from 0 on; the others' PINs mean nobody. */
const PEOPLE = 100;

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

async function against(stage: Stage, load: { sizes: readonly number[][]; together: number }) {
  const fill = await read("odoo_fleet_fill.py");
  const { agents } = await shell(
    stage,
    `${PREPARE}\n${fill}\npeople(env, ${PEOPLE}, "B${AGENTS - 1}")\n`,
  );
  const { db, dsn } = stage;
  const asked = { db, dsn, agents, start: 1, people: PEOPLE, ...load };
  return await withServer(stage, (running) => client("odoo_client.py", { ...asked, ...running }));
}

async function ingest(stage: Stage): Promise<void> {
  report(await against(stage, { sizes: SIZES, together: 3_000 }));
}

/** Milliseconds of processor of one request, and of it by whom; how long it took. */
export interface Spent {
  readonly cpu_ms_a_request: number;
  readonly of_it: Readonly<Record<"workers" | "postgresql", number>>;
  readonly p50_ms: number;
}

/** A request with one punch of a known person, and one to the route that does nothing, by turns. */
export async function measureSingle(): Promise<{ punch: Spent; nothing: Spent }> {
  const sizes: readonly number[][] = [];
  const found = await withStage((stage) =>
    withFloor(stage, (stage) => against(stage, { sizes, together: 0 }))
  );
  const { punch, "empty route": nothing } = found["one_punch"] as Record<string, Spent>;
  if (!punch || !nothing) throw new Error("no single punch was measured");
  return { punch, nothing };
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
  if (asked("ingest")) await withStage((stage) => withFloor(stage, ingest));
  if (asked("inside")) await withStage((stage) => inside(stage, entries));
  return 0;
}

if (import.meta.main) await main(bench);
