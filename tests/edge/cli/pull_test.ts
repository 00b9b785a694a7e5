/** The pull command against a simulated terminal: what it prints and how it exits. */
import assert from "node:assert/strict";
import { pullCommand } from "../../../edge_agent/cli/pull.ts";
import { FakeTerminal, type FakeTerminalOptions } from "../../sim/pull/terminal.ts";

const WAITS = { replyMs: 400, dataMs: 500, factMs: 300 };

async function pull(args: string[]) {
  const out: string[] = [], errors: string[] = [];
  const code = await pullCommand(args, {
    write: (text) => out.push(text),
    writeError: (text) => errors.push(text),
    now: () => Date.now(),
    waits: WAITS,
  });
  return { code, out: out.join(""), errors: errors.join("") };
}

async function withFake(
  options: Partial<FakeTerminalOptions>,
  use: (fake: FakeTerminal) => Promise<void>,
): Promise<void> {
  const fake = await new FakeTerminal({ serial: "FAKE0001", ...options }).start();
  try {
    await use(fake);
  } finally {
    await fake.stop();
  }
}

Deno.test("pull --json states facts, counts, punches and that the read is complete", async () => {
  await withFake({ commKey: 77, capacity: 10_000 }, async (fake) => {
    fake.memory.fill(250);
    const { code, out } = await pull([`127.0.0.1:${fake.port}`, "--commkey", "77", "--json"]);
    const report = JSON.parse(out);
    assert.equal(code, 0);
    assert.equal(report.complete, true);
    assert.equal(report.serial, "FAKE0001");
    assert.equal(report.device_count, 250);
    assert.equal(report.capacity, 10_000);
    assert.equal(report.punches.length, 250);
    const [first] = fake.memory.records;
    assert.equal(report.punches[0].pin, first!.pin);
    assert.equal(report.punches[0].wall_time, first!.wallTime);
    assert.ok(Math.abs(report.utc_offset_seconds) <= 2);
    assert.equal(fake.count(15), 0, "never clears");
    assert.equal(fake.count(1003), 0, "never disables");
  });
});

// Returning 0 whenever something was read turns these red.
Deno.test("pull exits non-zero and says why when the read is not proven complete", async () => {
  await withFake({}, async (fake) => {
    fake.memory.fill(250);
    const target = `127.0.0.1:${fake.port}`;
    fake.fault("short_log", 1);
    const short = await pull([target, "--json"]);
    assert.equal(short.code, 1);
    assert.equal(JSON.parse(short.out).reason, "the terminal counts 250 records but gave 166");
    fake.healed().fault("bad_checksum", 1);
    const spoilt = JSON.parse((await pull([target, "--json"])).out);
    assert.equal(spoilt.complete, false);
    assert.equal(spoilt.serial, "FAKE0001", "facts are shown all the same");
    assert.deepEqual(spoilt.punches, []);
    assert.match(spoilt.reason, /^checksum: /);
    fake.healed().fault("connect_6001", 1);
    const refused = await pull([target]);
    assert.equal(refused.code, 1);
    assert.match(refused.out, /pull not available, use push/);
  });
});

Deno.test("pull reads over UDP and prints for people", async () => {
  await withFake(
    { recordBytes: 16, options: { "~DeviceName": "Fun\x1b[2J\u202eyppah" } },
    async (fake) => {
      fake.memory.fill(30);
      const { code, out } = await pull([`127.0.0.1:${fake.port}`, "--udp"]);
      assert.equal(code, 0);
      assert.match(out, /^complete +true$/m);
      assert.match(out, /^transport +udp$/m);
      assert.match(out, /^name +Fun·\[2J·yppah$/m);
    },
  );
});

Deno.test("pull explains wrong arguments", async () => {
  for (
    const args of [[], ["a", "b"], ["host:70000"], ["h", "--commkey", "x"], ["h", "--what"], [":1"]]
  ) {
    const { code, errors } = await pull(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(errors, /HOST\[:PORT\]/);
  }
});
