// An addon that holds data is upgraded to a version with new columns in its append-only tables.

import assert from "node:assert/strict";
import {
  ADDON,
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { openCache } from "../../dev/cache.ts";
import { openPostgres } from "../../dev/postgres.ts";
import { journeyTest } from "./scene.ts";

/** Stores punches and entries as agents and people do, seals and verifies. */
const FILL = `
from odoo.addons.${ADDON}.tests.common import AddonCase, Lane
class Fill(AddonCase):
    pass
Fill.env = env
agent, _token = Fill.make_agent("Upgraded")
Fill.make_device(agent)
lane = Lane()
Fill.store(Fill, agent, lane, *[lane.punch(pin=str(n)) for n in range(20)], lane.reject())
punch = env["biometric.punch"].search([], limit=1)
env["biometric.decision"].with_user(env.ref("base.user_admin"))._decide(
    punch, "discard", "tried the terminal before opening")
env["biometric.audit.night"]._night(env.company, "-1 second")
env.cr.commit()
`;

const CHECK = `
check = env["biometric.audit.check"]._begin(env.company, "upgrade test")
while check._step():
    pass
for finding in env["biometric.audit.finding"].search([]):
    print("FINDING", finding.code, finding.place, finding.text)
print("STATE", check.state, check.row_count)
env.cr.commit()
`;

/** What a later version might bring: a column with a default in every ledger. */
const LATER = `
from odoo import fields, models


class LaterPunch(models.Model):
    _inherit = "biometric.punch"
    later = fields.Char(default="new")


class LaterSighting(models.Model):
    _inherit = "biometric.sighting"
    later = fields.Char(default="new")


class LaterDecision(models.Model):
    _inherit = "biometric.decision"
    later = fields.Char(default="new")


class LaterAudit(models.Model):
    _inherit = "biometric.audit"
    later = fields.Char(default="new")
`;

interface Later {
  readonly path: string;
  dispose(): Promise<void>;
}

/** A copy of the addon as its next version. `careful`: with the project's migrations. */
async function laterVersion(careful: boolean): Promise<Later> {
  const cache = await openCache();
  const path = `${cache.path}/tmp/later-${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const addons = await readableAddons();
  try {
    const copy = new Deno.Command("cp", { args: ["-r", addons.path, path] });
    assert.equal((await copy.output()).code, 0);
  } finally {
    await addons.dispose();
  }
  const root = `${path}/${ADDON}`;
  const edit = async (name: string, change: (text: string) => string) =>
    await Deno.writeTextFile(`${root}/${name}`, change(await Deno.readTextFile(`${root}/${name}`)));
  await edit("__manifest__.py", (text) => text.replace(/"19\.0\.[\d.]+"/, '"19.0.99.0.0"'));
  await edit("models/__init__.py", (text) => `${text}\nfrom . import later  # noqa: E402\n`);
  await Deno.writeTextFile(`${root}/models/later.py`, LATER);
  if (!careful) await Deno.remove(`${root}/migrations`, { recursive: true });
  await new Deno.Command("chmod", { args: ["-R", "a+rX", path] }).output();
  return { path, dispose: () => Deno.remove(path, { recursive: true }) };
}

async function shell(db: string, addons: string, script: string): Promise<string> {
  return await odooOnce({ db, addons, args: ["shell", "--no-http"] }, script);
}

const TABLES = ["punch", "sighting", "decision", "audit"];

// Turns red when the migration that lifts the triggers goes, or init() does not put them back.
journeyTest("an upgrade that adds columns to ledgers survives their triggers", async () => {
  const db = await createDatabase(await addonTemplate(), "upgrade");
  const now = await readableAddons();
  const [careless, careful] = [await laterVersion(false), await laterVersion(true)];
  try {
    await shell(db, now.path, FILL);
    const upgrade = (addons: string) =>
      odooOnce({ db, addons, args: ["-u", ADDON, "--stop-after-init", "--no-http"] });
    await assert.rejects(upgrade(careless.path), /never changed or removed/);
    await upgrade(careful.path);
    assert.match(await shell(db, careful.path, CHECK), /STATE ok \d\d/);
    const postgres = await openPostgres();
    for (const table of TABLES) {
      const sql = (text: string) => postgres.sql(text, db);
      const named = `biometric_${table}`;
      assert.equal(
        await sql(`SELECT count(*) FROM ${named} WHERE later IS DISTINCT FROM 'new'`),
        "0",
      );
      assert.notEqual(await sql(`SELECT count(*) FROM ${named}`), "0");
      await assert.rejects(sql(`UPDATE ${named} SET later = 'x'`), /never changed or removed/);
      await assert.rejects(sql(`TRUNCATE ${named} CASCADE`), /never changed or removed/);
    }
  } finally {
    await Promise.all([now.dispose(), careless.dispose(), careful.dispose()]);
    await dropDatabase(db);
  }
});
