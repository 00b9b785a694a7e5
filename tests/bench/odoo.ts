/**
 * `node dev/bootstrap.mjs tests/bench/odoo.ts [ROWS …] [--entries N]`
 * Measures the addon on a real Odoo with two workers, at 0 and at ROWS punches in the table (default
 * 1,000,000), and prints JSON. Ratios are of one run; absolute figures are those of this machine.
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
import { openPostgres } from "../../dev/postgres.ts";
import { mustRun, start } from "../../dev/process.ts";
import { main } from "../../dev/trouble.ts";

const HERE = new URL(".", import.meta.url).pathname;
const AGENTS = 8;
const FLEET = 1000;

/** Agents with devices and tokens; prints their tokens. */
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
fleet = env["biometric.agent"].create([{"name": f"Fleet {n}", "tz": "UTC"} for n in range(${FLEET})])
fleet.write({"state": "active"})
tokens = [env["biometric.agent.token"]._issue(agent) for agent in fleet]
env.cr.commit()
print("FIGURE " + json.dumps({"agents": agents, "tokens": tokens}))
`;

function figures(log: string): Record<string, unknown> {
  const lines = log.split("\n").filter((line) => line.startsWith("FIGURE "));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line.slice(7))));
}

/** Rows as if they had come years ago: one lane, one device, nothing verified. */
function fillSql(rows: number): string {
  return `
INSERT INTO biometric_lane (company_id, agent_id, lane, started_at, head_seq, head_hash, max_seq)
SELECT company_id, id, 'f' || repeat('0', 31), now(), 0, repeat('0', 64), 0
  FROM biometric_agent ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING;
INSERT INTO biometric_punch (company_id, device_id, key, serial, pin, wall_time, wall_date, status,
       stored_at)
SELECT d.company_id, d.id, encode(sha256(n::text::bytea), 'hex'), d.serial, (n % 500)::text,
       to_char(t, 'YYYY-MM-DD HH24:MI:SS'), t::date, '0', now()
  FROM generate_series(1, ${rows}) n
  CROSS JOIN LATERAL (SELECT timestamp '2005-01-01' + n * interval '30 seconds' AS t) w
  CROSS JOIN (SELECT * FROM biometric_device ORDER BY id LIMIT 1) d;
INSERT INTO biometric_sighting (company_id, lane_id, seq, kind, punch_id, device_id, verify,
       work_code, extra, channel, received_at, clock, skew_seconds, salt, leaf, hash)
SELECT p.company_id, l.id, row_number() OVER (), 'punch', p.id, p.device_id, '1', '', '', 'push',
       p.stored_at, 'ok', 0, md5(p.id::text), p.key, p.key
  FROM biometric_punch p, biometric_lane l WHERE l.lane LIKE 'f0000%';
ANALYZE biometric_punch; ANALYZE biometric_sighting;`;
}

interface Bench {
  readonly db: string;
  readonly addons: string;
}

async function shell({ db, addons }: Bench, script: string): Promise<Record<string, unknown>> {
  return figures(await odooOnce({ db, addons, args: ["shell", "--no-http"] }, script));
}

async function withServer<T>(bench: Bench, work: (url: string) => Promise<T>): Promise<T> {
  const port = await takePort();
  const args = [
    `--http-port=${port}`,
    `--gevent-port=${await takePort()}`,
    "--workers=2",
    "--max-cron-threads=0",
    "--no-database-list",
  ];
  const { command, env, cwd } = await odooCommand({ db: bench.db, addons: bench.addons, args });
  const log = `${(await openCache()).path}/log/${bench.db}.log`;
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
    return await work(url);
  } finally {
    await server.stop();
  }
}

async function client(asked: Record<string, unknown>): Promise<unknown> {
  const script = ["/usr/bin/python3", `${HERE}odoo_client.py`];
  return JSON.parse(await mustRun(script, { input: JSON.stringify(asked) }));
}

async function bench(): Promise<number> {
  const numbers = Deno.args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const at = Deno.args.indexOf("--entries");
  const entries = at < 0 ? 100_000 : Number(numbers.pop());
  const sizes = numbers.length ? numbers : [1_000_000];
  const db = await createDatabase(await addonTemplate(), "bench");
  const addons = await readableAddons();
  const setup: Bench = { db, addons: addons.path };
  const postgres = await openPostgres();
  const dsn = `host=${postgres.host} port=${postgres.port} user=${postgres.user} dbname=${db}`;
  const scale = await Deno.readTextFile(`${HERE}odoo_scale.py`);
  try {
    const { agents, tokens } = await shell(setup, PREPARE);
    const inside = await shell(
      setup,
      `${scale}\norm(env)\ntrail(env, ${entries})\nlanes(env, 20000)\n`,
    );
    console.log(JSON.stringify({ inside, load: Deno.loadavg() }, null, 1));
    let held = 0;
    for (const rows of [0, ...sizes]) {
      const began = performance.now();
      if (rows > held) await postgres.sql(fillSql(rows), db);
      const fillSeconds = Math.round((performance.now() - began) / 1000);
      const asked = { db, dsn, agents, start: 1 + 400_000_000 * (held ? 1 : 0) };
      const http = await withServer(setup, (url) =>
        client({
          ...asked,
          url,
          sizes: held || rows ? [[1000, 10_000]] : [[1, 200], [100, 5_000], [1000, 20_000]],
          together: held || rows ? 0 : 3_000,
          tokens: held || rows ? [] : tokens,
        }));
      const lists = await shell(setup, `${scale}\nlists(env)\n`);
      const bytes = await postgres.sql(
        `SELECT pg_total_relation_size('biometric_punch') || ' ' || pg_total_relation_size('biometric_sighting')`,
        db,
      );
      console.log(
        JSON.stringify({ rows, fillSeconds, http, lists, bytes, load: Deno.loadavg() }, null, 1),
      );
      held = Math.max(held, rows);
    }
  } finally {
    await addons.dispose();
    await dropDatabase(db);
  }
  return 0;
}

if (import.meta.main) await main(bench);
