// A language that is written from right to left needs mirrored styles: Odoo finds the program that makes them.

import assert from "node:assert/strict";
import { odooCommand } from "../../dev/databases.ts";
import { openCache } from "../../dev/cache.ts";
import { mustRun } from "../../dev/process.ts";

// Red when Odoo's environment no longer leads to the program: every Arabic screen is laid out from the left.
Deno.test("styles: the account that runs Odoo turns them round by the program's name", async () => {
  const { env, cwd } = await odooCommand({ db: "none" });
  const cache = await openCache();
  const style = ".a{margin-left:1px;text-align:right}";
  const turned = await mustRun(cache.ordinary(["rtlcss", "-"]), { env, cwd, input: style });
  assert.equal(turned.trim(), ".a{margin-right:1px;text-align:left}");
});
