// Journey: whoever ran the last release upgrades with one command and keeps data, rights, minutes and
// files; the agent of the branch, its queue as it was, goes on by itself.

import assert from "node:assert/strict";
import { AgentProcess } from "../../dev/agent_process.ts";
import { openCache, repository, takePort } from "../../dev/cache.ts";
import { onExit, undoAll } from "../../dev/cleanup.ts";
import { ADDON, odooOnce, readableAddons } from "../../dev/databases.ts";
import { bringBack, bringBackAgent } from "../../dev/keep.ts";
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
  [/^new (column biometric_device\.|external id field_biometric_device__)poll_live$/, "a field"],
  [/^changed rows biometric_audit_check: /, "this test has the trail verified"],
  [
    /^new .*biometric_device_(approve|move)/,
    "dialogs: an approval offers since when a terminal serves; it goes to another place",
  ],
  [
    /^new column biometric_device\.(in_service_said|moved_at|back_at|clock_off_since|verify_(map|preset))$/,
    "since when a terminal serves, that it moved or its clock is off, what its verify codes mean",
  ],
  [
    /^new (column|index|constraint|external id) .*biometric_decision[._](counts_(at|date)|counted|has_time)$/,
    "a person says when a punch of a wrong clock was made",
  ],
  [/^new column biometric_decide\.(counts_at|warning)$/, "the dialog for it"],
  [/^new column biometric_flag\.offset_seconds$/, "by how much a clock was off"],
  [
    /^new external id field_biometric_(device__(in_service_said|moved_at|back_at|clock_off_since|verify_(map|preset)|elsewhere_note)|decision__counts_(at|date)|decide__(counts_at|warning|evidence|is_off|offset_seconds)|flag__offset_seconds|(punch|sighting)__verify_word|roster_import__sheet(_name)?)$/,
    "the fields of these",
  ],
  [
    /^new external id selection__biometric_.*__(count_as|moved|skew|before_service|after_service|unread|newer|classic|us320|none)$/,
    "the values of these; a leaver whose terminal was not read stays on the list",
  ],
  [/^new (external id|view) paper(_layout|_page|_style|_table)?$/, "what all printed pages share"],
  [/^new external id paperformat_(a4|letter)$/, "margins of printed pages"],
  [/^new external id biometric_enrolment_print$/, "the print menu asks first whether it can"],
  [
    /^new external id (field|model|model_inherit_)_(biometric_paper|report_biometric_attendance_|ir_actions_report)/,
    "reports are laid out by models of their own, without tables",
  ],
  [/^changed day .*: pending t( 0){9} \d+ → pending t$/, "what is not judged has no number"],
  [
    /^changed day .*: incomplete t missing_out .* → pending t /,
    "a check-out may be on its way from a terminal that has not told all",
  ],
  [
    /^changed day .*: present f \d+ \d .* → present f \d+ 6\d /,
    "a lunch tapped for less than ten minutes is no lunch: the planned hour counts",
  ],
  [/^new [a-z ]+ \S*biometric_export_day/, "which days a file holds, so that none is paid twice"],
  [/^new [a-z ]+ \S*biometric_export__(kind|earlier_text|day_ids)/, "the same"],
  [/^new column biometric_export\.kind$/, "the same"],
  [
    /^new [a-z ]+ \S*biometric_day_*(\S*waits_for|due_at|waiting_text|presence|not_here|action_today)/,
    "who is at work, and what a day waits for",
  ],
  [/^new column biometric_day\.(due_at|waits_for)$/, "the same"],
  [/^new external id selection__biometric_day__(status__at_work|presence__)/, "the same"],
  [/^changed menu menu_biometric_day: /, "Days opens on today by where people are"],
  [/^new [a-z ]+ \S*(outside_employment|archived_on)$/, "punches while nobody is employed"],
  [
    /^new [a-z ]+ \S*(not_in_effect|single|single_counts(__\w+)?|punched_break_min_minutes|filled_days)$/,
    "parameters of a rule set, and what its trial says",
  ],
  [/^new [a-z ]+ \S*(status|verify)_meanings$/, "a device's own codes are typed on its form"],
  [
    /^new [a-z ]+ \S*(statement_(sent_on|period)|usage_counted_at)$/,
    "how far statements and usage came in a turn",
  ],
  [
    /^new [a-z ]+ \S*biometric_(import_csv\S*run\S*|trial_line\S*dates|sighting_view_rejects)/,
    "numbers of a result open what they count",
  ],
];

function unexplained(before: Snapshot, after: Snapshot): string[] {
  return differences(before, after).filter((line) => !RIGHT.some(([right]) => right.test(line)));
}

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
  const agent = new AgentProcess({ folder: home, devicePort, healthPort: await takePort() });
  await agent.configure();
  await agent.start();
  return { odoo, agent, devicePort };
}

/** One person punches at the terminal the last release knew; the punch is in Odoo once. */
async function punchOnce({ odoo, devicePort }: Branch): Promise<void> {
  const client = await OdooClient.login(odoo.url, odoo.db, "admin", "admin");
  const here = [["device_id.serial", "=", SERIAL]];
  const before = await client.count("biometric.punch", here);
  const terminal = terminalFor(devicePort, [{ pin: "1", name: "Ada Albrecht" }]);
  terminal.start();
  try {
    const [pin, time] = ["1", "2026-11-27 08:00:07"];
    terminal.record({ pin, time, status: "0", verify: "1", workCode: "0" });
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
// verifies, or when the agent cannot read its own queue of before.
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
    assert.match(await odooOnce(shell, RECOMPUTE), /STATE ok \d\d/);
    assert.deepEqual(unexplained(content, await contentOf(db)), []);
    const branch = await startBranch(db, addons.path);
    await punchOnce(branch);
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
