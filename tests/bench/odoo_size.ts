/**
 * `node dev/bootstrap.mjs tests/bench/odoo_size.ts [ROWS …] [--partitions]`
 * Ingest against its floor, first pages with a person's rights, `confirm` and other reads at 0 and at
 * each number of punches (default 1,000,000 and 10,000,000), and with `--partitions` a punch table cut
 * by month beside the plain one. Prints JSON. Needs 1 GB of disk for a million rows, twice that with
 * `--partitions`.
 */
import { main } from "../../dev/trouble.ts";
import { client, read, report, shell, type Stage, withServer, withStage } from "./odoo_stage.ts";

/** Punches of one key range each, so that no two measures meet. */
const STEP = 40_000_000;

const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10;

async function size(stage: Stage, rows: number, round: number): Promise<void> {
  const scale = await read("odoo_size_fill.py");
  const began = performance.now();
  const filled = await shell(stage, `${scale}\nfill(env, ${rows})\n`);
  const fillSeconds = seconds(began);
  const asked = {
    db: stage.db,
    dsn: stage.dsn,
    agents: filled["agents"],
    start: 1 + round * STEP,
    sizes: [[1000, 12_000]],
    together: 0,
  };
  const http = await withServer(
    stage,
    (running) => client("odoo_client.py", { ...asked, ...running }),
  );
  const { agents: _agents, ...table } = filled;
  const reads = await shell(stage, `${scale}\nreads(env)\n`);
  report({ rows, fillSeconds, ...table, ...http, reads });
}

async function bench(stage: Stage): Promise<void> {
  const numbers = Deno.args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const sizes = numbers.length ? numbers : [1_000_000, 10_000_000];
  for (const [round, rows] of [0, ...sizes].entries()) await size(stage, rows, round);
  if (!Deno.args.includes("--partitions")) return;
  const script = await read("odoo_partitions.py");
  const began = performance.now();
  const figures = await shell(stage, `${script}\ncompare(env)\n`);
  report({ ...figures, seconds: seconds(began) });
}

if (import.meta.main) {
  await main(async () => {
    await withStage(bench);
    return 0;
  });
}
