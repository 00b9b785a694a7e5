/**
 * `node dev/bootstrap.mjs tests/bench/odoo_rush.ts [--agents 1000] [--rate 100] [--seconds 300]`
 * The morning rush on an Odoo with two workers and one job thread: branches deliver single punches,
 * each punch timed from when it was due to its receipt (from then on everybody sees it), beside a
 * route that does nothing. Agents wait as their receipts ask. Prints JSON; asserts nothing. Without
 * options a scaled run of 20 s.
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

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

export interface Rush {
  readonly agents: number;
  /** Single punches a second, of all of them. */
  readonly rate: number;
  readonly seconds: number;
}

/** Figures by name; those that speed.ts reads. */
export interface RushFigures extends Record<string, unknown> {
  /** One request after the other, an Odoo that has nothing else to do. */
  readonly idle: { readonly p50_ms: number; readonly nothing_p50_ms: number };
  readonly rush: {
    readonly punches: number;
    readonly punches_a_second: number;
    readonly errors: number;
    readonly visible_p50_ms: number;
    readonly visible_p99_ms: number;
    readonly cpu_ms_a_request: number;
    readonly busy_cores: number;
  };
}

async function rush(stage: Stage, { agents, rate, seconds }: Rush): Promise<RushFigures> {
  const script = await read("odoo_fleet_fill.py");
  const { key } = await shell(stage, `${script}\nfill(env, ${agents}, 1)\npeople(env, 100)\n`);
  const asked = { db: stage.db, dsn: stage.dsn, key, agents, rate, seconds };
  const work = (running: { url: string; pid: number }) =>
    client("odoo_rush.py", { ...asked, ...running });
  return await withServer(stage, work, { crons: 1 }) as RushFigures;
}

export async function measureRush(asked: Rush): Promise<RushFigures> {
  return await withStage((stage) => withFloor(stage, (stage) => rush(stage, asked)));
}

if (import.meta.main) {
  await main(async () => {
    report(
      await measureRush({
        agents: option("--agents", 200),
        rate: option("--rate", 20),
        seconds: option("--seconds", 20),
      }),
    );
    return 0;
  });
}
