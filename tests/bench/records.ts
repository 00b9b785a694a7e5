/**
 * node dev/bootstrap.mjs tests/bench/records.ts [PEOPLE]
 * Monthly records of so many people (default 1,000) as PDF files, made in the background by a real Odoo
 * server on a throw-away database: how long it takes, what it costs, and what is there after the server
 * was killed in the middle of it. Prints figures, asserts nothing.
 */
import { loadavg } from "node:os";
import { takePort } from "../../dev/cache.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { OdooClient } from "../../dev/odoo_client.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { main } from "../../dev/trouble.ts";

const PEOPLE = 1_000;
const LOOK_MS = 2_000;
/** Where the server is killed: this part of the files is done. */
const KILLED_AT = 0.5;
/** Ticks of the processor in a second, as Linux tells them. */
const TICKS = 100;
const PAGE_MB = 4_096 / 1024 / 1024;

/** Asks for the files of the month before this one, as HR's dialog does. */
const ASK = `
hr = env["res.users"].search([("login", "=", "hr")])
records = env["biometric.month.record"].sudo()
first, last = FIRST, (FIRST + timedelta(days=32)).replace(day=1) - timedelta(days=1)
people = records._people(env.company, first, last)
rows = records._prepare(people, env.company, first, last)
run = env["biometric.month.run"].with_user(hr)._ask(rows, "plain")
env.cr.commit()
print("RUN", run.id, len(rows))
`;
const CHECK = `
run = env["biometric.month.run"].browse(RUN)
files = env["ir.attachment"].sudo().search([("res_model", "=", "biometric.month.record")])
print("FILES", len(run.record_ids), len(files), len(set(files.mapped("res_id"))),
      sum(files.mapped("file_size")) // len(files), min(files.mapped("file_size")))
`;

/** Processor seconds and memory of a process and of those below it, read from the kernel. */
class Tree {
  peakMb = 0;
  readonly #seconds = new Map<number, number>();

  look(root: number): void {
    let mb = 0;
    for (const pid of below(root)) {
      const found = looked(pid);
      if (!found) continue;
      this.#seconds.set(pid, found.seconds);
      mb += found.mb;
    }
    this.peakMb = Math.max(this.peakMb, mb);
  }

  /** What ended between two looks is counted by its parent. */
  get seconds(): number {
    return this.#seconds.values().reduce((all, one) => all + one, 0);
  }
}

function below(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    try {
      for (const task of Deno.readDirSync(`/proc/${pid}/task`)) {
        const text = Deno.readTextFileSync(`/proc/${pid}/task/${task.name}/children`);
        found.push(...text.split(" ").filter(Boolean).map(Number));
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

function looked(pid: number): { seconds: number; mb: number } | null {
  try {
    const parts = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ").map(Number);
    const [user, system, childUser, childSystem] = parts.slice(11, 15) as [
      number,
      number,
      number,
      number,
    ];
    const ticks = user + system + childUser + childSystem;
    return { seconds: ticks / TICKS, mb: (parts[21] ?? 0) * PAGE_MB };
  } catch {
    return null;
  }
}

interface Way {
  readonly wallSeconds: number;
  readonly first: number;
  readonly tree: Tree;
}

/** Watches a run as its screen does until `enough` of it is done. */
async function watch(server: OdooServer, run: number, enough: number): Promise<Way> {
  const tree = new Tree(), began = performance.now();
  const client = await OdooClient.login(server.url, server.db, "hr", "hr");
  let first = 0;
  while (true) {
    const rows = await client.call("biometric.month.run", "read", [[run], ["done", "total"]]);
    const [{ done, total }] = rows as unknown as [{ done: number; total: number }];
    tree.look(server.pid);
    if (done > 0 && first === 0) first = (performance.now() - began) / 1000;
    if (done >= total * enough) {
      return { wallSeconds: (performance.now() - began) / 1000, first, tree };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function row(what: string, { wallSeconds, first, tree }: Way): string {
  const load = loadavg()[0]?.toFixed(1);
  return `| ${what} | ${wallSeconds.toFixed(0)} | ${first.toFixed(0)} | ${
    tree.seconds.toFixed(0)
  } | ${tree.peakMb.toFixed(0)} | ${load} |`;
}

async function run(args: readonly string[]): Promise<number> {
  const people = Number(args[0] ?? PEOPLE);
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  const program = (await read("desk_odoo.py")).split("desk = env[")[0]!;
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench_records");
  const shell = ["shell", "--no-http", "--log-level=warn"];
  const server = new OdooServer({ db, port: await takePort(), addons: addons.path });
  try {
    const seed = await read("../../dev/screens_seed.py");
    const said = await odooOnce(
      { db, addons: addons.path, args: shell },
      `${seed}\nPEOPLE = ${people}\nexec(${JSON.stringify(program)})\n${ASK}`,
    );
    const told = /RUN (\d+) (\d+)/.exec(said);
    if (!told) throw new Error(said);
    console.log(`${told[2]} people, a month; killed when half of the files were there`);
    console.log(
      "| | seconds on the wall | first file after | of the processor | MB, peak | load |",
    );
    console.log("| --- | --- | --- | --- | --- | --- |");
    await server.start();
    console.log(row("the first half", await watch(server, Number(told[1]), KILLED_AT)));
    // Odoo's own process is killed, not only the one that started it.
    for (const pid of below(server.pid).reverse()) Deno.kill(pid, "SIGKILL");
    await server.stop();
    await server.start();
    console.log(row("the rest, after the kill", await watch(server, Number(told[1]), 1)));
    await server.stop();
    const after = await odooOnce(
      { db, addons: addons.path, args: shell },
      CHECK.replace("RUN", told[1]!),
    );
    const [, records, files, owners, bytes, least] = /FILES (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(
      after,
    ) ?? [];
    console.log(
      `${files} files of ${owners} of ${records} records, ${bytes} bytes each, ${least} the smallest`,
    );
    return 0;
  } finally {
    await server.stop();
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
