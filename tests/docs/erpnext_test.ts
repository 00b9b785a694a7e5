// Tests docs/erpnext.md against the program: the promises that `doctor` prints, the DocTypes and states that a site
// gets, the flags of provision-erpnext.

import assert from "node:assert/strict";
import { DOCTYPES } from "../../edge_agent/erpnext/doctypes.ts";
import { PROMISES } from "../../edge_agent/erpnext/erpnext.ts";
import { STATES } from "../../edge_agent/erpnext/names.ts";
import { provisionErpnext } from "../../edge_agent/cli/provision_erpnext.ts";
import { read, rowsOf } from "./pages.ts";

const page = await read("docs/erpnext.md");
const rows = rowsOf(page);

// Turns red when a promise is worded anew on one side alone.
Deno.test("erpnext.md: what is promised with each destination is what doctor prints", () => {
  const onPage = rows.filter(([number = ""]) => /^I\d+$/.test(number));
  assert.deepEqual(
    onPage,
    PROMISES.map(({ number, promise, odoo, erpnext }) => [number, promise, odoo, erpnext]),
  );
});

// Turns red when a DocType or a state is added that the page says nothing of.
Deno.test("erpnext.md: every DocType with documents of its own and every state has its row", () => {
  const named = new Set(rows.map(([first = ""]) => first.replaceAll("`", "")));
  const missing = [
    ...DOCTYPES.filter(({ isTable }) => !isTable).map(({ name }) => name),
    ...STATES,
  ].filter((name) => !named.has(name));
  assert.deepEqual(missing, []);
});

// Turns red when a flag is added or renamed and the page is not.
Deno.test("erpnext.md: every flag of provision-erpnext is explained", () => {
  const flags = [...provisionErpnext.usage.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);
  assert.ok(flags.length >= 6);
  // `--yes` answers the question that the page's own line answers.
  assert.deepEqual(flags.filter((flag) => flag !== "--yes" && !page.includes(flag)), []);
});
