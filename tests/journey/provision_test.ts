// An administrator provisions branches on a real Odoo through its external API; the printed line
// pairs a real agent; doctor sees the same real Odoo. Must not know: the addon's insides.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { prepareStage } from "../../dev/stage.ts";

const text = new TextDecoder();

/** The agent's program with something on its standard input. */
async function say(args: readonly string[], input = "", config?: string) {
  const child = new Deno.Command(`${repository}/node_modules/.bin/deno`, {
    args: [
      "run",
      "-A",
      "--quiet",
      `${repository}/edge_agent/main.ts`,
      ...(config === undefined ? [] : ["--config", config]),
      ...args,
    ],
    cwd: repository,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("P01 provision makes agents on a real Odoo, and the printed line pairs one", async () => {
  const stage = await prepareStage();
  try {
    await stage.odoo.start();
    const { url, db } = stage.odoo;
    const list = `${stage.folder}/branches.csv`;
    await Deno.writeTextFile(list, "name,place,time_zone\nCebu,Gate 2,Asia/Manila\nDavao,,\n");
    const ask = ["provision", url, list, "--database", db, "--login", "admin"];
    const wrong = await say(ask, "not the key\n");
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /log in/);
    const elsewhere = await say(ask.map((word) => word === db ? "nowhere" : word), "admin\n");
    assert.equal(elsewhere.code, 1);
    assert.match(
      elsewhere.err,
      /^http\S+, database nowhere: log in: Odoo has no database “nowhere”/,
    );
    const first = await say(ask, "admin\n");
    assert.equal(first.code, 0, first.err);
    const line = new RegExp(
      `^biometric-agent pair ${url} [B-Z]{4}-[B-Z]{4} --database ${db}$`,
      "gm",
    );
    const lines = first.out.match(line) ?? [];
    assert.equal(lines.length, 2, first.out);
    const config = `${stage.folder}/agent/config.json`;
    const nowhere = (lines[0] ?? "").split(" ").slice(1).map((word) =>
      word === db ? "nowhere" : word
    );
    const lost = await say(nowhere, "", config);
    assert.equal(lost.code, 1);
    assert.match(
      lost.err,
      /Odoo has no database “nowhere”, or Biometric Attendance is not installed/,
    );
    const paired = await say((lines[0] ?? "").split(" ").slice(1), "", config);
    assert.equal(paired.code, 0, paired.err);
    assert.match(paired.out, /Cebu/);
    assert.match(paired.out, /an administrator compares/);
    const again = await say(ask, "admin\n");
    assert.match(again.out, /# Cebu: paired already/);
    assert.match(
      again.out,
      /# Davao: the agent was there; this line replaces .*\nbiometric-agent pair /,
    );
    const doctor = await say(["doctor", "--json"], "", config);
    const found: { check: string; level: string; text: string }[] = JSON.parse(doctor.out);
    const token = found.find(({ check }) => check === "token");
    assert.deepEqual([token?.level, token?.text], ["warning", "the agent waits for approval"]);
  } finally {
    await stage.takeDown();
  }
});
