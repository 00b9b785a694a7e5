// Journey: one Odoo with two databases; a token belongs to one of them, whatever a request claims.

import assert from "node:assert/strict";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { takePort } from "../../dev/cache.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { openPostgres } from "../../dev/postgres.ts";
import { journeyTest } from "./scene.ts";

/** An agent as if paired and approved; prints its token. */
const ISSUE = `
from odoo.addons.biometric_attendance.tests.common import AddonCase
class Case(AddonCase):
    pass
Case.env = env
_agent, token = Case.make_agent("Branch")
env.cr.commit()
print("TOKEN", token)
`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function sync(url: string, database: string, token: string): Promise<Answer> {
  const response = await fetch(`${url}/biometric/v1/sync`, {
    method: "POST",
    headers: {
      "Authorization": `Bearer ${token}`,
      "Content-Type": "application/json",
      "X-Odoo-Database": database,
    },
    body: JSON.stringify({ version: 1 }),
    redirect: "manual",
  });
  return { status: response.status, text: await response.text() };
}

// Turns red when the route takes its database from anywhere but the header, or a token of another
// database is answered otherwise than one that nobody ever gave out.
journeyTest("S47 a token of one database is an unknown one in the other", async () => {
  const template = await addonTemplate();
  const [one, two] = [await createDatabase(template), await createDatabase(template)];
  const addons = await readableAddons();
  const server = new OdooServer({
    db: one,
    port: await takePort(),
    addons: addons.path,
    args: [`--database=${one},${two}`],
  });
  try {
    const token = async (db: string) => {
      const log = await odooOnce({ db, addons: addons.path, args: ["shell", "--no-http"] }, ISSUE);
      return /^TOKEN (\S+)$/m.exec(log)?.[1] ?? "";
    };
    const tokens = { [one]: await token(one), [two]: await token(two) };
    await server.start();
    const unknown = await sync(server.url, two, "x".repeat(43));
    assert.equal(unknown.status, 401);
    for (const [mine, other] of [[one, two], [two, one]] as const) {
      const own = await sync(server.url, mine, tokens[mine] ?? "");
      assert.equal(own.status, 200, own.text);
      assert.deepEqual(await sync(server.url, other, tokens[mine] ?? ""), unknown);
    }
    assert.ok((await sync(server.url, "no_such_database", tokens[one] ?? "")).status >= 400);
    const postgres = await openPostgres();
    for (const db of [one, two]) {
      const seen = "SELECT count(*) FROM biometric_agent WHERE last_seen_at IS NOT NULL";
      assert.equal(await postgres.sql(seen, db), "1", "its own agent's sync and no other");
    }
  } finally {
    await server.stop();
    await addons.dispose();
    for (const db of [one, two]) await dropDatabase(db);
  }
});
