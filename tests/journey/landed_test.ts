// Journey: whoever ran the last release upgrades with one command and keeps data, rights, minutes and
// files; the agent of the branch, its queue as it was, goes on by itself.

import assert from "node:assert/strict";
import { AgentProcess } from "../../dev/agent_process.ts";
import { openCache, repository, takePort } from "../../dev/cache.ts";
import { onExit, undoAll } from "../../dev/cleanup.ts";
import { ADDON, odooOnce, readableAddons } from "../../dev/databases.ts";
import { bringBack, bringBackAgent, bringBackProgram } from "../../dev/keep.ts";
import { OdooClient } from "../../dev/odoo_client.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { SERIAL, terminalFor } from "../../dev/play.ts";
import { openPostgres, releasePostgres } from "../../dev/postgres.ts";
import { waiting } from "../../dev/waiting.ts";
import { contentOf, differences, type Snapshot, structureOf } from "./landed_snapshot.ts";
import { journeyTest } from "./scene.ts";

const LANDED = `${repository}/tests/landed`;

/**
 * What may differ after an upgrade from the last release, each with its reason; a line of
 * `differences` must match one. Of a release that only moves code: nothing but what time brings.
 */
const RIGHT: readonly (readonly [RegExp, string])[] = [
  [/^new day /, "days of people who are expected go on being made"],
  [/^changed rows biometric_day: /, "the same"],
  [/^new shown /, "a screen may gain a field or a button"],
  [/^changed rows biometric_audit_check: /, "this test has the trail verified"],
  [
    /^changed day [^:]+: at_work /,
    "time went on since that release: who was at work is waited for",
  ],
  [
    /^changed index biometric_day_company_date: .* INCLUDE \(/,
    "what needs attention is found without reading every day",
  ],
  [
    /^new external id (field_res_partner__(id|display_name)|model_res_partner)$/,
    "the zone of a company's address marks its holidays",
  ],
];

function unexplained(before: Snapshot, after: Snapshot): string[] {
  return differences(before, after).filter((line) => !RIGHT.some(([right]) => right.test(line)));
}

/** What the upgrade left: days that are settled and got no digests, files without an entry. */
const NOT_TAKEN_UP = `SELECT
  (SELECT count(*) FROM biometric_day WHERE inputs_digest IS NULL AND settles_at IS NULL),
  (SELECT count(*) FROM biometric_export e WHERE state = 'done' AND NOT EXISTS (
     SELECT 1 FROM biometric_audit a WHERE a.model = 'biometric.export' AND a.res_id = e.id))`;

/** All days compared as the upgrade left them. */
const COMPARE = `
from odoo.addons.biometric_attendance.models.day import biometric_audit_check
biometric_audit_check.NIGHTS = 1
check = env["biometric.audit.check"]._begin(env.company, "right after the upgrade")
while check._step():
    pass
for finding in env["biometric.audit.finding"].search([]):
    print("FINDING", finding.code, finding.place, finding.text)
print("STATE", check.state, check.row_count)
env.cr.commit()
`;

/** Every day of everybody computed again from the punches, as after a change of rules. */
const RECOMPUTE = `
env.cr.execute("SELECT employee_id, date FROM biometric_day")
env["biometric.stale.day"]._mark(env.cr.fetchall())
env.cr.commit()
while env["biometric.stale.day"].search_count([], limit=1):
    env.ref("biometric_attendance.ir_cron_biometric_day").method_direct_trigger()
    env.cr.commit()
check = env["biometric.audit.check"]._begin(env.company, "after the upgrade")
while check._step():
    pass
for finding in env["biometric.audit.finding"].search([]):
    print("FINDING", finding.code, finding.place, finding.text)
print("STATE", check.state, check.row_count)
env.cr.commit()
`;

const until = waiting(120_000);

interface Branch {
  readonly odoo: OdooServer;
  readonly agent: AgentProcess;
  /** The agent as the last release left it: program, queue and key. */
  readonly former: AgentProcess;
  readonly devicePort: number;
}

/** The branch after its upgrade: the same database and queue, other ports. */
async function startBranch(db: string, addons: string): Promise<Branch> {
  const folder = `${(await openCache()).path}/tmp/${db}`;
  onExit(() => Deno.remove(folder, { recursive: true }));
  const odoo = new OdooServer({ db, addons, port: await takePort() });
  await odoo.start();
  const home = await bringBackAgent(LANDED, folder);
  const pairing = JSON.parse(await Deno.readTextFile(`${home}/data/pairing.json`));
  await Deno.writeTextFile(
    `${home}/data/pairing.json`,
    JSON.stringify({ ...pairing, url: odoo.url, database: db }),
  );
  const devicePort = await takePort();
  const options = { folder: home, devicePort, healthPort: await takePort() };
  const program = await bringBackProgram(LANDED, `${folder}/program`);
  const former = new AgentProcess({ ...options, program });
  const agent = new AgentProcess(options);
  await agent.configure();
  return { odoo, agent, former, devicePort };
}

/** One person punches at the terminal the last release knew; the punch is in Odoo once. */
async function punchOnce({ odoo, devicePort }: Branch, time: string): Promise<void> {
  const client = await OdooClient.login(odoo.url, odoo.db, "admin", "admin");
  const here = [["device_id.serial", "=", SERIAL]];
  const before = await client.count("biometric.punch", here);
  const terminal = terminalFor(devicePort, [{ pin: "1", name: "Ada Albrecht" }]);
  terminal.start();
  try {
    terminal.record({ pin: "1", time, status: "0", verify: "1", workCode: "0" });
    const held = await until("the punch after the upgrade in Odoo", async () => {
      const now = await client.count("biometric.punch", here);
      return now > before ? now : null;
    });
    assert.equal(held, before + 1);
  } finally {
    await terminal.stop();
  }
}

// Turns red when a model, column, right, menu, field on a screen or row of the last release is lost or
// renamed without a line in RIGHT, when a day comes out otherwise, when the audit trail no longer
// verifies, when the agent that was not upgraded yet can no longer deliver, or when the present one
// cannot read its own queue of before.
journeyTest("the last release's branch is upgraded by one command and goes on", async () => {
  const addons = await readableAddons();
  try {
    const db = await bringBack(LANDED, "landed");
    const [structure, content] = [await structureOf(db), await contentOf(db)];
    assert.ok(structure.size > 2000, `${structure.size} things were read`);
    assert.ok(content.size > 400, `${content.size} rows were read`);
    const upgrade = ["-u", ADDON, "--stop-after-init", "--no-http"];
    await odooOnce({ db, addons: addons.path, args: upgrade });
    assert.deepEqual(unexplained(structure, await structureOf(db)), []);
    const shell = { db, addons: addons.path, args: ["shell", "--no-http"] };
    assert.equal(await (await openPostgres()).sql(NOT_TAKEN_UP, db), "0|0");
    assert.match(await odooOnce(shell, COMPARE), /STATE ok \d\d/);
    assert.match(await odooOnce(shell, RECOMPUTE), /STATE ok \d\d/);
    assert.deepEqual(unexplained(content, await contentOf(db)), []);
    const branch = await startBranch(db, addons.path);
    for (
      const [agent, time] of [[branch.former, "07:59:03"], [branch.agent, "17:00:07"]] as const
    ) {
      await agent.start();
      await punchOnce(branch, `2026-11-27 ${time}`);
      if (agent === branch.former) await agent.stop();
    }
    const sql = (await openPostgres()).sql("SELECT count(*) FROM biometric_lane", db);
    assert.equal(await sql, "1", "the queue went on in its own lane");
    const health = await branch.agent.health();
    assert.equal(health?.status, 200, JSON.stringify(health));
  } finally {
    await addons.dispose();
    await undoAll();
    await releasePostgres();
  }
});
