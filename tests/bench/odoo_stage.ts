/**
 * What the benches of the addon share: a database with agents, a running Odoo, a shell in it, and
 * Python programs beside it. Must not know what is measured.
 */
import { openCache, takePort } from "../../dev/cache.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooCommand,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { openPostgres, type Postgres } from "../../dev/postgres.ts";
import { mustRun, start } from "../../dev/process.ts";

const HERE = new URL(".", import.meta.url).pathname;

const FLOOR = "biometric_floor";

export interface Stage {
  readonly db: string;
  readonly addons: string;
  readonly dsn: string;
  readonly postgres: Postgres;
}

export interface Running {
  readonly url: string;
  readonly pid: number;
}

/** A database of its own for the time of `work`. */
export async function withStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const db = await createDatabase(await addonTemplate(), "bench");
  const addons = await readableAddons();
  const postgres = await openPostgres();
  const dsn = `host=${postgres.host} port=${postgres.port} user=${postgres.user} dbname=${db}`;
  try {
    return await work({ db, addons: addons.path, dsn, postgres });
  } finally {
    await addons.dispose();
    await dropDatabase(db);
  }
}

/** The stage with the route installed that does nothing; its folder is copied to where Odoo may read it. */
export async function withFloor<T>(stage: Stage, work: (stage: Stage) => Promise<T>): Promise<T> {
  const copy = `${(await openCache()).path}/tmp/floor-${stage.db}`;
  await mustRun(["cp", "-r", `${HERE}floor`, copy]);
  await mustRun(["chmod", "-R", "a+rX", copy]);
  try {
    const addons = `${stage.addons},${copy}`;
    await odooOnce({ db: stage.db, addons, args: ["-i", FLOOR, "--stop-after-init", "--no-http"] });
    return await work({ ...stage, addons });
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** What a script run by `odoo shell` printed on lines of `FIGURE {…}`. */
export async function shell(
  { db, addons }: Stage,
  script: string,
): Promise<Record<string, unknown>> {
  return figuresOf(await odooOnce({ db, addons, args: ["shell", "--no-http"] }, script));
}

function figuresOf(log: string): Record<string, unknown> {
  const lines = log.split("\n").filter((line) => line.startsWith("FIGURE "));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line.slice(7))));
}

export interface Spent {
  readonly count: number;
  readonly seconds: number;
  /** Processor seconds of Odoo's process, and of PostgreSQL's that serves it. */
  readonly cpu: number;
  readonly base_cpu: number;
  readonly queries: number;
}

/** What a script measured: the rows it printed for people, and what it named for programs. */
export class Figures {
  readonly #found: Record<string, unknown>;

  constructor(readonly table: string, found: Record<string, unknown>) {
    this.#found = found;
  }

  of<More = unknown>(what: string): Spent & More {
    const found = this.#found[what];
    if (found === undefined) throw new Error(`nothing was measured as ${what}:\n${this.table}`);
    return found as Spent & More;
  }
}

/** Runs a script that measures in the shell of a database of its own. */
export async function inShell(script: string): Promise<Figures> {
  return await withStage(async ({ db, addons }) => {
    const args = ["shell", "--no-http", "--log-level=warn"];
    const log = await odooOnce({ db, addons, args }, script);
    const table = log.split("\n").filter((line) => line.startsWith("|")).join("\n");
    return new Figures(table, figuresOf(log));
  });
}

/** Odoo with two workers for the time of `work`; `crons`: threads for them. */
export async function withServer<T>(
  stage: Stage,
  work: (running: Running) => Promise<T>,
  { crons = 0, more = [] as readonly string[] } = {},
): Promise<T> {
  const port = await takePort();
  const args = [
    `--http-port=${port}`,
    `--gevent-port=${await takePort()}`,
    "--workers=2",
    `--max-cron-threads=${crons}`,
    "--no-database-list",
    ...more,
  ];
  const { command, env, cwd } = await odooCommand({ db: stage.db, addons: stage.addons, args });
  const log = `${(await openCache()).path}/log/${stage.db}.log`;
  const server = start(command, log, { env, cwd });
  const url = `http://127.0.0.1:${port}`;
  try {
    for (let tries = 0;; tries++) {
      const ready = await fetch(`${url}/web/health`).then((r) => r.body?.cancel().then(() => r.ok))
        .catch(() => false);
      if (ready) break;
      if (tries > 300) throw new Error(`Odoo does not answer: ${await Deno.readTextFile(log)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return await work({ url, pid: server.pid });
  } finally {
    await server.stop();
  }
}

/** Runs a Python program of this folder with `asked` as JSON; returns the JSON it prints. */
export async function client(
  program: string,
  asked: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const script = ["/usr/bin/python3", `${HERE}${program}`];
  return JSON.parse(await mustRun(script, { input: JSON.stringify(asked) }));
}

export async function read(name: string): Promise<string> {
  return await Deno.readTextFile(`${HERE}${name}`);
}

export function report(figures: Record<string, unknown>): void {
  const load = Deno.loadavg().map((one) => Math.round(one * 10) / 10);
  console.log(JSON.stringify({ ...figures, load }, null, 1));
}
