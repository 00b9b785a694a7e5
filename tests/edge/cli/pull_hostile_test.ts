/**
 * The pull command against terminals that lie, stall, flood and break off: it always ends in time, says
 * why in one JSON object, exits non-zero, and hands on no record of a read that was not whole.
 */
import assert from "node:assert/strict";
import { pullCommand } from "../../../edge_agent/cli/pull.ts";
import {
  type Act,
  behindLength,
  type HostileOptions,
  HostileTerminal,
  prepared,
  sizes,
  text,
  u32,
  type Wire,
} from "../../sim/pull/hostile.ts";
import { FakeMemory } from "../../sim/pull/memory.ts";
import { CODE, withPrefix, writeLog, writePacket } from "../../sim/pull/wire.ts";

const WAITS = { replyMs: 250, dataMs: 300, factMs: 200 };

const memory = new FakeMemory({ serial: "EVIL0001" });
memory.fill(300);
const LOG = writeLog(memory, memory.records, 40);
const EMPTY = new Uint8Array(0);

interface Outcome {
  readonly code: number;
  readonly ms: number;
  readonly report: {
    readonly serial: string | null;
    readonly complete: boolean;
    readonly reason: string | null;
    readonly read: number;
    readonly punches: readonly { pin: string; wall_time: string; status: string }[];
    readonly rejects: readonly { reason: string; raw: string }[];
  };
}

async function pullFrom(options: HostileOptions): Promise<Outcome> {
  const terminal = new HostileTerminal({ log: LOG, count: 300, ...options }).start();
  const out: string[] = [];
  const begun = performance.now();
  try {
    const code = await pullCommand([`127.0.0.1:${terminal.port}`, "--json"], {
      write: (part) => out.push(part),
      writeError: () => assert.fail("nothing is said on standard error"),
      now: () => Date.now(),
      waits: WAITS,
    });
    const lines = out.join("").trimEnd().split("\n");
    assert.equal(lines.length, 1, "one line of JSON");
    return { code, ms: performance.now() - begun, report: JSON.parse(lines[0]!) };
  } finally {
    terminal.stop();
  }
}

/** The n-th time (from 1) a command comes, otherwise the given answer. */
function nth(turn: number, act: Act, otherwise: Act): Act {
  let seen = 0;
  return (asked, wire) => (++seen === turn ? act : otherwise)(asked, wire);
}

const say = (code: number, data?: Uint8Array): Act => (_, wire) => wire.answer(code, data);
const silent: Act = () => {};
const hangUp: Act = (_, wire) => wire.hangUp();
const raw = (bytes: Uint8Array): Act => (_, wire) => wire.raw(bytes);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function drip(bytes: Uint8Array, wire: Wire, everyMs: number): Promise<void> {
  for (const byte of bytes) {
    await wire.raw(new Uint8Array([byte]));
    await pause(everyMs);
  }
}

const frame = (claim: number) => withPrefix(writePacket(PACKET), claim);
const PACKET = { code: CODE.ok, session: 1, replyId: 0, data: EMPTY };
const numbered = (at: number[]): Act => async (asked, wire) => {
  const size = new DataView(asked.data.buffer, asked.data.byteOffset).getUint32(4, true);
  await wire.answer(CODE.prepare, u32(size, 1008));
  for (const number of at) {
    const data = wire.buffer.subarray(number * 1008, (number + 1) * 1008);
    await wire.answer(CODE.data, data, { session: number });
  }
};

/** Whichever bound is met first: on a busy machine the time is up before the count is. */
const FLOODED = /^(too_much|timeout): /;

/** Name, what the terminal does, and how the reason begins. */
const LIES: [string, HostileOptions, RegExp][] = [
  ["says nothing at all", { acts: { [CODE.connect]: silent } }, /^timeout: /],
  ["greets like a web server", {
    greeting: (wire) => wire.raw(text("HTTP/1.1 400 Bad Request\r\n")),
  }, /^framing: /],
  ["hangs up at once", { greeting: (wire) => wire.hangUp() }, /^closed: /],
  ["hangs up on CONNECT", { acts: { [CODE.connect]: hangUp } }, /^closed: /],
  ["drips the answer to CONNECT", {
    acts: { [CODE.connect]: (_, wire) => drip(frame(8), wire, 40) },
  }, /^timeout: /],
  ["claims a frame of 4 GiB", { acts: { [CODE.connect]: raw(frame(0xffffffff)) } }, /^framing: /],
  ["claims a frame of 0 bytes", { acts: { [CODE.connect]: raw(frame(0)) } }, /^framing: /],
  ["claims a frame of 7 bytes", { acts: { [CODE.connect]: raw(frame(7)) } }, /^framing: /],
  ["never accepts a key", {
    acts: { [CODE.connect]: say(CODE.unauthorized), [CODE.auth]: say(CODE.unauthorized) },
  }, /^unauthorized: /],
  [
    "answers CONNECT with 6001",
    { acts: { [CODE.connect]: say(6001) } },
    /^pull_not_available: .*use push/,
  ],
  ["answers CONNECT with an error", { acts: { [CODE.connect]: say(CODE.error) } }, /^refused: /],
  [
    "answers every command UNAUTH",
    { acts: { [CODE.option]: say(CODE.unauthorized) } },
    /^unauthorized: /,
  ],
  ["answers the serial with 6001", { acts: { [CODE.option]: say(6001) } }, /^pull_not_available: /],
  ["answers with other reply ids", {
    acts: { [CODE.connect]: (_, wire) => wire.answer(CODE.ok, EMPTY, { replyId: 9 }) },
  }, /^timeout: /],
  ["floods with answers to nothing", {
    acts: { [CODE.connect]: (_, wire) => endless(wire, { replyId: 9 }) },
  }, FLOODED],
  ["floods with events", {
    acts: { [CODE.connect]: (_, wire) => endless(wire, { code: CODE.event }) },
  }, FLOODED],
  ["has a serial of 400,000 letters", {
    acts: { [CODE.option]: say(CODE.ok, text(`~SerialNumber=${"A".repeat(400_000)}`)) },
  }, /^serial: /],
  ["has a serial that breaks lines", { serial: "A\r\nB" }, /^serial: /],
  ["has no serial", { serial: "" }, /^serial: /],
  ["refuses the log", { acts: { [CODE.want]: say(CODE.error) } }, /^refused: /],
  ["answers the log with 4989", { acts: { [CODE.want]: say(4989) } }, /^pull_not_available: /],
  [
    "answers the log with UNAUTH",
    { acts: { [CODE.want]: say(CODE.unauthorized) } },
    /^unauthorized: /,
  ],
  ["does not know the command", { acts: { [CODE.want]: say(CODE.unknown) } }, /^refused: /],
  ["announces nothing", { acts: { [CODE.want]: say(CODE.ok) } }, /^length: /],
  ["announces 0 bytes", { acts: { [CODE.want]: say(CODE.ok, prepared(0)) } }, /^length: /],
  ["announces 4 GiB", { acts: { [CODE.want]: say(CODE.ok, prepared(0xffffffff)) } }, /^too_much: /],
  ["announces more than it sends", {
    log: LOG.slice(0, -40),
    acts: { [CODE.want]: announced(LOG.length) },
  }, /^(timeout|length): /],
  [
    "states a larger length than it announced",
    { log: behindLength(LOG.slice(4), LOG.length) },
    /^length: /,
  ],
  ["states a smaller length than it announced", {
    log: behindLength(LOG.slice(4), LOG.length - 44),
  }, /^length: /],
  ["states 0 before a full log", { log: behindLength(LOG.slice(4), 0) }, /^length: /],
  [
    "gives a small log cut short",
    { acts: { [CODE.want]: say(CODE.data, LOG.slice(0, 404)) } },
    /^length: /,
  ],
  [
    "gives a small log of 3 bytes",
    { acts: { [CODE.want]: say(CODE.data, new Uint8Array(3)) } },
    /^length: /,
  ],
  ["gives an empty log but counts 300", {
    acts: { [CODE.want]: say(CODE.data, new Uint8Array(4)) },
  }, /counts 300 records but gave 0/],
  ["answers a slice with a bare ACK", { acts: { [CODE.slice]: say(CODE.ok) } }, /^length: /],
  ["refuses a slice", { acts: { [CODE.slice]: say(CODE.error) } }, /^refused: /],
  [
    "forgets the session at a slice",
    { acts: { [CODE.slice]: say(CODE.unauthorized) } },
    /^unauthorized: /,
  ],
  ["announces another slice than asked", {
    acts: { [CODE.slice]: say(CODE.prepare, u32(1000, 1000)) },
  }, /^length: /],
  ["sends data frames without data", { acts: { [CODE.slice]: say(CODE.data) } }, /^length: /],
  ["sends too large a slice", {
    acts: { [CODE.slice]: say(CODE.data, new Uint8Array(LOG.length + 1)) },
  }, /^length: /],
  ["sends millions of one-byte frames", {
    acts: {
      [CODE.slice]: (_, wire) => endless(wire, { code: CODE.data, data: new Uint8Array(1) }),
    },
  }, FLOODED],
  ["sends one frame twice and leaves one out", {
    acts: { [CODE.slice]: numbered([0, 1, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11]) },
  }, /^unordered: /],
  [
    "swaps two frames",
    { acts: { [CODE.slice]: numbered([0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11]) } },
    /^unordered: /,
  ],
  ["sends PREPARE_DATA for ever", {
    acts: {
      [CODE.slice]: (_, wire) => endless(wire, { code: CODE.prepare, data: u32(LOG.length, 1) }),
    },
  }, FLOODED],
  ["hangs up in a slice", { acts: { [CODE.slice]: hangUp } }, /^closed: /],
  ["falls silent in a slice", { acts: { [CODE.slice]: silent } }, /^timeout: /],
  [
    "drips a slice",
    { acts: { [CODE.slice]: (_, wire) => drip(LOG, wire, 100) } },
    /^(framing|timeout): /,
  ],
  ["breaks a frame off", {
    acts: {
      [CODE.slice]: async (_, wire) => {
        await wire.raw(frame(5000));
        wire.hangUp();
      },
    },
  }, /^closed: /],
  [
    "logs rubbish",
    { log: behindLength(LOG.slice(4).map((byte, at) => byte ^ at * 37 & 0xff)) },
    /^layout: /,
  ],
  ["logs a length no record divides", { log: behindLength(LOG.slice(4, -1)) }, /^layout: /],
  [
    "counts -1 records",
    { acts: { [CODE.sizes]: say(CODE.ok, sizes(0xffffffff)) } },
    /does not say how many/,
  ],
  [
    "counts nothing at all",
    { acts: { [CODE.sizes]: say(CODE.ok, new Uint8Array(4)) } },
    /does not say how many/,
  ],
  ["refuses to count", { acts: { [CODE.sizes]: say(CODE.error) } }, /does not say how many/],
  ["counts 0 records", { count: 0 }, /counts 0 records but gave 300/],
  ["counts more than it gives", { count: 301 }, /counts 301 records but gave 300/],
  ["loses records while it is read", {
    acts: { [CODE.sizes]: nth(3, say(CODE.ok, sizes(5)), say(CODE.ok, sizes(300))) },
  }, /counts 5 records but gave 300/],
];

function announced(size: number): Act {
  return (_, wire) => {
    wire.buffer = LOG.slice(0, -40);
    return wire.answer(CODE.ok, prepared(size));
  };
}

async function endless(
  wire: Wire,
  forged: { code?: number; replyId?: number; data?: Uint8Array },
): Promise<void> {
  for (;;) await wire.answer(forged.code ?? CODE.ok, forged.data ?? EMPTY, forged);
}

const WHOLE = /records|does not say/;

/** The log in one go behind PREPARE_DATA, without being asked slice by slice. */
const atOnce = (width: number, numbers: (frame: number) => number): Act => async (asked, wire) => {
  const bytes = asked.data[1] === 0x0d ? LOG : new Uint8Array(4);
  await wire.answer(CODE.prepare, u32(bytes.length, width));
  for (let at = 0; at < bytes.length; at += width) {
    const data = bytes.subarray(at, at + width);
    await wire.answer(CODE.data, data, { session: numbers(at / width) });
  }
  await wire.answer(CODE.ok);
};

/** Ways that are all right: the read is complete. */
const WAYS: [string, HostileOptions][] = [
  ["answers slices with bare frames", {}],
  ["sends the log at once", { acts: { [CODE.want]: atOnce(1008, (frame) => frame) } }],
  ["numbers no frame", { acts: { [CODE.want]: atOnce(1008, () => 0x1234) } }],
  ["numbers frames past 65,535", { acts: { [CODE.want]: atOnce(1008, (n) => n + 0xfffa) } }],
  ["sends one large frame", { acts: { [CODE.want]: say(CODE.data, LOG) } }],
  ["has an option with an equals sign", {
    acts: { [CODE.option]: say(CODE.ok, text("~SerialNumber=EVIL0001\0=X")) },
  }],
  ["asks for a key and takes any", { acts: { [CODE.connect]: say(CODE.unauthorized) } }],
  ["answers twice", {
    acts: {
      [CODE.free]: async (_, wire) => {
        await wire.answer(CODE.ok);
        await wire.answer(CODE.ok);
      },
    },
  }],
];

for (const [name, options] of WAYS) {
  Deno.test(`pull is complete when a terminal ${name}`, async () => {
    const { code, report } = await pullFrom(options);
    assert.equal(report.reason, null);
    assert.equal(code, 0);
    assert.deepEqual(
      report.punches.map((punch) => `${punch.pin} ${punch.wall_time}`),
      memory.records.map((record) => `${record.pin} ${record.wallTime}`),
    );
  });
}

// Taking out any one check of frame.ts, talk.ts or read.ts of edge_agent/zk/ turns its line red.
for (const [name, options, reason] of LIES) {
  Deno.test(`S50 pull is not complete and says why when a terminal ${name}`, async () => {
    const { code, report, ms } = await pullFrom(options);
    assert.match(report.reason ?? "", reason);
    assert.equal(code, 1);
    assert.equal(report.complete, false);
    if (!WHOLE.test(report.reason ?? "")) {
      assert.deepEqual([report.punches, report.rejects], [[], []]);
    }
    assert.ok(ms < 4_000, `${ms} ms`);
  });
}
