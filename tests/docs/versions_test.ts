// Tests that pages name the versions that the programs have: the series of Odoo, agent, addon, contract
// and queue.

import assert from "node:assert/strict";
import { projectPaths, read, root } from "./pages.ts";

const ADDON = "odoo_addon/biometric_attendance";
const { version } = JSON.parse(await read("package.json")) as { version: string };
const manifest = /"version": "([\d.]+)"/.exec(await read(`${ADDON}/__manifest__.py`))?.[1] ?? "";
const series = manifest.split(".").slice(0, 2).join(".");

/** The schema that a new queue file gets, wherever the queue keeps it. */
async function queueSchema(): Promise<number> {
  for (const path of await projectPaths("edge_agent/")) {
    if (!path.endsWith(".ts") || !/^export const SCHEMA_VERSION\b/m.test(await read(path))) {
      continue;
    }
    const found = await import(`file://${root}${path}`) as { SCHEMA_VERSION: number };
    return found.SCHEMA_VERSION;
  }
  throw new Error("no file of the agent exports SCHEMA_VERSION");
}

// Turns red when the manifest names another series, or a page forgets to warn of the older server.
Deno.test("versions: both READMEs name the manifest's series and warn of an 18.0 server", async () => {
  assert.match(series, /^\d+\.0$/);
  for (const page of ["README.md", `${ADDON}/README.rst`]) {
    const text = (await read(page)).replace(/\s+/g, " ");
    assert.ok(text.includes(`Odoo **${series}**`), `${page} does not say Odoo **${series}**`);
    assert.match(text, /must not lie on the addons path of an 18\.0 server/, page);
    const others = (text.match(/\b1[0-9]\.0\b|\b2[0-9]\.0\b/g) ?? []).filter((found) =>
      found !== series && found !== "18.0"
    );
    assert.deepEqual(others, [], `${page} names other series`);
  }
});

// Turns red when a version is raised and the sentence is not, or a schema is added.
Deno.test("versions: one sentence says which agent, addon, contract and queue go together", async () => {
  const text = (await read("docs/README.md")).replace(/\s+/g, " ");
  const said =
    /Agent ([\d.]+) speaks contract version (\d+) with addon ([\d.]+) and keeps its queue in schema (\d+);/
      .exec(text);
  assert.ok(said, "docs/README.md has lost its sentence on versions");
  const [, agent, contract, addon, schema] = said;
  const contractTitle = /^# .*, version (\d+)$/m.exec(await read("docs/contract.md"));
  assert.equal(agent, version.split(".").slice(0, 2).join("."));
  assert.equal(addon, manifest.split(".").slice(0, 4).join("."));
  assert.equal(contract, contractTitle?.[1]);
  assert.equal(Number(schema), await queueSchema());
});

// Turns red when a version is released without its heading, or the place for what comes next is gone.
Deno.test("versions: the changelog has what is to come and the version that is", async () => {
  const text = await read("CHANGELOG.md");
  const headings = [...text.matchAll(/^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$/gm)];
  assert.equal(headings[0]?.[1], "Unreleased");
  const released = headings.slice(1);
  assert.equal(released[0]?.[1], version);
  assert.ok(released.every(([, , date]) => date !== undefined), "a release without its date");
  assert.ok(text.includes(manifest), `addon ${manifest} is not named`);
});
