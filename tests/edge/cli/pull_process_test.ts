/**
 * `pull` as a person runs it: a process of its own against terminals that misbehave. Exit code, one JSON
 * line, nothing on standard error, an end in time and a bounded memory.
 */
import assert from "node:assert/strict";
import {
  behindLength,
  type HostileOptions,
  HostileTerminal,
  text,
  u32,
} from "../../sim/pull/hostile.ts";
import { FakeTerminal } from "../../sim/pull/terminal.ts";
import { CODE, timeCode } from "../../sim/pull/wire.ts";

const MAIN = new URL("../../../edge_agent/main.ts", import.meta.url).pathname;
const MB = 1024;

interface Run {
  readonly code: number;
  readonly report: Record<string, unknown> & { punches: unknown[]; complete: boolean };
  readonly seconds: number;
  /** The highest resident set seen, in KB. */
  readonly peakKb: number;
}

async function run(port: number, ...more: string[]): Promise<Run> {
  const begun = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, "pull", `127.0.0.1:${port}`, "--json", ...more],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let peakKb = 0;
  const watch = setInterval(() => peakKb = Math.max(peakKb, highWaterKb(child.pid)), 25);
  const { code, stdout, stderr } = await child.output();
  clearInterval(watch);
  const out = new TextDecoder().decode(stdout);
  assert.equal(new TextDecoder().decode(stderr), "", "nothing on standard error");
  assert.equal(out.split("\n").length, 2, "one line");
  return { code, report: JSON.parse(out), seconds: (performance.now() - begun) / 1000, peakKb };
}

function highWaterKb(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0; // gone already
  }
}

async function withHostile(options: HostileOptions, use: (port: number) => Promise<void>) {
  const terminal = new HostileTerminal(options).start();
  try {
    await use(terminal.port);
  } finally {
    terminal.stop();
  }
}

Deno.test("S50 pull as a process reads a healthy terminal and exits 0", async () => {
  const fake = await new FakeTerminal({ serial: "FAKE0001", commKey: 4711 }).start();
  try {
    fake.memory.fill(3_000);
    const { code, report } = await run(fake.port, "--commkey", "4711");
    assert.equal(code, 0);
    assert.equal(report.complete, true);
    assert.equal(report.punches.length, 3_000);
    const wrong = await run(fake.port, "--commkey", "4712");
    assert.equal(wrong.code, 1);
    assert.match(String(wrong.report["reason"]), /^unauthorized: /);
  } finally {
    await fake.stop();
  }
});

// Holding every record as an object took 3 GB for four million of them.
Deno.test("S50 pull as a process: half a million records in less than 300 MB", async () => {
  const count = 500_000;
  const body = new Uint8Array(count * 8), view = new DataView(body.buffer);
  const first = timeCode("2024-03-01 00:00:00");
  for (let at = 0; at < count; at++) {
    view.setUint16(at * 8, 1 + at % 9, true);
    view.setUint8(at * 8 + 2, 0x28);
    view.setUint32(at * 8 + 4, first + at, true);
  }
  const users = new Uint8Array(9 * 28);
  for (let index = 1; index <= 9; index++) {
    users[(index - 1) * 28] = index;
    users[(index - 1) * 28 + 24] = 100 + index;
  }
  const options = {
    log: behindLength(body),
    users: behindLength(users),
    count,
    userCount: 9,
  };
  await withHostile(options, async (port) => {
    const { code, report, peakKb } = await run(port);
    assert.equal(code, 0);
    assert.equal(report.punches.length, count);
    assert.ok(peakKb > 0 && peakKb < 300 * MB, `${peakKb} KB`);
  });
});

const EMPTY = new Uint8Array(0);

/** Name, behaviour, seconds at most. Waits are the command's own. */
const PEERS: [string, HostileOptions, RegExp, number][] = [
  [
    "a serial of 400,000 letters",
    {
      acts: {
        [CODE.option]: (_, wire) => wire.answer(CODE.ok, text("~SerialNumber=" + "A".repeat(4e5))),
      },
    },
    /^serial: /,
    10,
  ],
  [
    "one-byte frames without end",
    {
      acts: {
        [CODE.want]: async (_, wire) => {
          await wire.answer(CODE.prepare, u32(30 << 20, 1));
          for (;;) await wire.answer(CODE.data, new Uint8Array(1));
        },
      },
    },
    /^too_much: /,
    40,
  ],
  [
    "one byte a second",
    {
      greeting: async (wire) => {
        for (const byte of [0x50, 0x50, 0x82, 0x7d, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) {
          await wire.raw(new Uint8Array([byte]));
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
      },
    },
    /^timeout: /,
    40,
  ],
  [
    "a line that stays open in silence",
    {
      acts: { [CODE.connect]: () => {} },
    },
    /^timeout: /,
    40,
  ],
  ["6001", { acts: { [CODE.connect]: (_, wire) => wire.answer(6001, EMPTY) } }, /use push/, 30],
];

Deno.test("S50 pull as a process ends in time, small and with a reason", async (t) => {
  const runs = PEERS.map(([name, options, reason, seconds]) => () =>
    withHostile(options, async (port) => {
      const ended = await run(port);
      assert.equal(ended.code, 1, name);
      assert.equal(ended.report.complete, false, name);
      assert.deepEqual(ended.report.punches, [], name);
      assert.match(String(ended.report["reason"]), reason, name);
      assert.ok(ended.seconds < seconds, `${name}: ${ended.seconds} s`);
      assert.ok(ended.peakKb < 250 * MB, `${name}: ${ended.peakKb} KB`);
    })
  );
  // Those that only wait, wait together.
  await t.step("busy ones", async () => {
    for (const one of [runs[0], runs[1], runs[4]]) await one?.();
  });
  await t.step("slow ones", async () => {
    await Promise.all([runs[2]?.(), runs[3]?.()]);
  });
});
