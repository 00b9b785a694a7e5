// Journey: the demo, as a newcomer runs it, verifying itself.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { run } from "../../dev/process.ts";
import { exportLine } from "../sim/push/records.ts";
import { seededWeek } from "../sim/push/week.ts";
import { journeyTest } from "./scene.ts";

const deno = `${repository}/node_modules/.bin/deno`;

async function demo(...args: string[]): Promise<{ code: number; text: string }> {
  const command = [deno, "run", "-A", "--quiet", "dev/demo.ts", ...args];
  const { code, stdout, stderr } = await run(command, { cwd: repository });
  return { code, text: stdout + stderr };
}

// Turns red when any step fails, a punch is missing or doubled, or the yardstick's hours are not exact.
journeyTest("the demo ends in a payroll file and finds nothing wrong", async () => {
  const { code, text } = await demo("--once");
  assert.equal(code, 0, text);
  assert.doesNotMatch(text, /WRONG/);
  const path = /^Payroll: +(\S+)$/m.exec(text)?.[1] ?? "";
  const file = await Deno.readTextFile(path);
  assert.ok(file.trim().split("\n").length > 200, "one line per person and day");
  // Red when one of the three is not told; that each is true the demo checks itself, in Odoo.
  assert.match(text, /Odoo says “Reading: push is silent”; 5 of 5 records read/);
  assert.match(text, /4 punches came that Odoo did not have.*the gap is proven complete/);
  assert.match(text, /9 records cleared; every one of them is in Odoo/);
});

// Turns red when a real export is read otherwise than the terminal would send it.
journeyTest("a terminal's USB export runs through to the payroll file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const week = seededWeek({ seed: 7, monday: "2026-02-02", people: 12 });
    const lines = week.records.map((record) => exportLine(record).replace("\n", "\r\n"));
    const packed = new Blob(lines).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(`${folder}/attlog.dat.gz`, packed);
    const { code, text } = await demo("--once", "--attlog", `${folder}/attlog.dat.gz`);
    assert.equal(code, 0, text);
    assert.match(text, new RegExp(`^Terminal: +${week.records.length} lines read, 12 people`, "m"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

journeyTest("the demo says in a sentence what is wrong with its arguments", async () => {
  const missing = await demo("--attlog", "/nowhere/attlog.dat");
  assert.equal(missing.code, 1);
  assert.match(missing.text, /\/nowhere\/attlog\.dat cannot be read/);
  assert.match((await demo("--port", "many")).text, /--port needs a port number/);
  assert.match((await demo("--ones")).text, /does not know --ones/);
});

// Turns red when a port in use ends in a stack trace instead of what to do.
journeyTest("a port in use is said so, with what to do", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const { port } = listener.addr as Deno.NetAddr;
    const { code, text } = await demo("--once", "--port", String(port));
    assert.equal(code, 1);
    assert.match(text, new RegExp(`Port ${port} is used by another program. Stop it, or choose`));
    assert.doesNotMatch(text, /\n\s+at /);
  } finally {
    listener.close();
  }
});
