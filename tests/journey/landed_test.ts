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
    /^new .*biometric[_.](hearing|agent[_.]approve|device biometric_device\.hearing)/,
    "which agents tell a terminal, and what was answered",
  ],
  [
    /^new .*biometric_(gap|incident|agent|company).*(loss|cause|facts|found_at|gone_at|contact)/,
    "what a queue lost; what a mail about an incident says",
  ],
  [/^new .*biometric_statement_(weekday|hour)/, "when the weekly statement goes out"],
  [/^changed cron ir_cron_biometric_statement: /, "it looks every hour for the company's own"],
  [/^changed index biometric_gap_one_lane_gap: /, "one hole a lane, beside what a queue lost"],
  [/^new (view|external id) incident_mail$/, "the mail about an incident"],
  [
    /^(gone shown biometric_agent_view_(form|list) queue_pending|new .*queue_pending_text)$/,
    "what a silent agent keeps is not known: shown as text",
  ],
  [
    /^new external id selection__biometric_(gap__kind__lost|\w+__(kind|reason)__foreign\w*)$/,
    "words for what a queue lost and for who tells a terminal",
  ],
  [
    /^new .*(cto|hr_leave|certificate|flex|day__state__payout|rule__preset__)/,
    "time accounts, the time off that is taken out of them, presets with a bank",
  ],
  [
    /^new .*(adjustment|approval|deputy|biometric_period|biometric_reason|personal_(link|page)|biometric_review|day_evidence|period_reminder)/,
    "requests, who decides about them, approved days, pay periods, personal links",
  ],
  [
    /^new .*(biometric_correct|biometric_remind|reason_(forgot|device|outside|meeting|mistake|ordered|other))/,
    "the dialog of a correction, reminders, the reasons to begin with",
  ],
  [
    /^new .*biometric_(needs_yes|yes_days|answer_days|yield_minutes|remind_days)/,
    "settings of the review",
  ],
  [
    /^new .*biometric_day(\.|__| biometric_day_)(review_|open_request|is_day_approved|is_disputed)/,
    "what a day is for whoever reviews it",
  ],
  [
    /^new .*(attestation|consent|registry_work__kind__feature|biometric[._]work|ask_missing_out)/,
    "questions to people, consent and what is used instead, work lists",
  ],
  [
    /^new .*(month[._](record|step|run|sign|prepare)|afd[._]line|secret_link|labour[._]file|late[._]record|inspection|evidence|(view|external id) (public_style|record_page))/,
    "signed monthly records, files for labour offices, an inspector's link, what was recorded late",
  ],
  [
    /^new .*(deliver|ir_cron_biometric_gate)/,
    "where payroll files are delivered, and the receipts",
  ],
  [
    /^gone shown biometric_device_view_(form|list) pending$/,
    "what a silent agent keeps is not known",
  ],
  [
    /^changed \w+ biometric_erase[. ].*employee_id/,
    "a dialog of erasure may name no employee any more",
  ],
  [/^new .*biometric_audit_took_out$/, "what removals took out, asked at each computation"],
  [/^new .*retention_confirm/, "a shorter retention needs a second person"],
  [/^new .*payroll_(number|profile)/, "numbers of people and codes for payroll programs"],
  [
    /^new .*biometric_export(\.|__| biometric_export_)(held_minutes|profile_id|program_\w+)/,
    "the payroll program's file, and what a rule set holds back",
  ],
  [
    /^new .*biometric[._](adjustment|approval[._]level|day[._]approval|deputy|period|personal[._]link)/,
    "review: requests, who decides them, approved days, periods, links to answer by",
  ],
  [/^new .*biometric[._](reason|correct|flag)/, "review: reasons, the dialog, flags"],
  [
    /^new .*(ir_cron_biometric_(remind|review)|adjustment_(told|waits)|period_reminder)/,
    "review: its jobs and mails",
  ],
  [/^new .*(personal_(link_mail|page)|external id reason_\w+)$/, "review: pages and first reasons"],
  [
    /^new .*biometric_day__(adjustment_ids|is_day_approved|is_disputed|open_request_count|review_)/,
    "review: what is derived of a day",
  ],
  [
    /^new (menu|external id) (menu_)?biometric_(desk|my_time)(_action)?$/,
    "review: its two screens",
  ],
  [
    /^new .*biometric_(answer_days|needs_yes|remind_days|yes_days|yield_minutes)$/,
    "review: a company's settings",
  ],
  [
    /^new .*(biometric[._](erase|erasure|leave)|retention_wanted|biometric_person_export_action)/,
    "erasure, a person's data, what is asked before uninstalling and before a shorter retention",
  ],
  [
    /^new .*biometric_incident(\.|__| biometric_incident_|_)(job|retry_at|subject|one_aside|kind__set)/,
    "what a job sets aside",
  ],
  [
    /^(gone external id biometric_company_export_action|new external id biometric_company_export_download|changed menu menu_biometric_company_export: .*)$/,
    "the export of a company is an act of the server, no address that anything may call",
  ],
  [
    /^new .*(requests_signed_since|pairing_try_by_aim|alarm__kind__(bad|unsigned)_request)$/,
    "requests that an agent signs, how often an address may try to pair",
  ],
  [/^new .*access_biometric_(checklist(_line)?|device_zone)_support$/, "what support may read"],
  [
    /^new external id (model|field)_(biometric_\w+?|ir_\w+?)(__(display_name|id))?$/,
    "models without a table; columns are lines of their own",
  ],
  [
    /^changed rows biometric_audit: /,
    "the trail says its list and takes up what that says more of; COMPARE below proves them",
  ],
  [
    /^new external id model_inherit__/,
    "what a model shares with others; columns are lines of their own",
  ],
  [
    /^changed index biometric_erasure_one_person: /,
    "an erasure has a request in each company a person was in",
  ],
  [/^new .*biometric_export_day_payout_once$/, "a day's payout stands in one file"],
  [
    /^new .*biometric_export(_day)?(\.|__|_view_\w+ | biometric_export_(day_)?).*(period_id|rule_name)/,
    "which period a file closed, which rule set computed a day in it",
  ],
  [/^new .*(period_not_exported|ir_cron_biometric_gate)$/, "periods that close by themselves"],
  [/^changed menu menu_biometric_payroll: /, "HR officers see what blocks a period"],
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
