/** The pull command over UDP against terminals that lie, flood or say nothing: bounded, and never half. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { pullCommand } from "../../../edge_agent/cli/pull.ts";
import { prepared, sizes, text, u32 } from "../../sim/pull/hostile.ts";
import { FakeMemory } from "../../sim/pull/memory.ts";
import { CODE, readPacket, type WirePacket, writeLog, writePacket } from "../../sim/pull/wire.ts";

const WAITS = { replyMs: 160, dataMs: 320, factMs: 160 };
const memory = new FakeMemory({ serial: "EVIL0001" });
memory.fill(120);
const LOG = writeLog(memory, memory.records, 40);
const EMPTY = new Uint8Array(0);

type Say = (code: number, data?: Uint8Array, forged?: Partial<WirePacket>) => void;
type Act = (asked: WirePacket, say: Say, raw: (bytes: Uint8Array) => void) => void;

const HONEST: Record<number, Act> = {
  [CODE.option]: (asked, say) =>
    asked.data[1] === 0x53 ? say(CODE.ok, text("~SerialNumber=EVIL0001\0")) : say(CODE.error),
  [CODE.sizes]: (_, say) => say(CODE.ok, sizes(120)),
  [CODE.want]: (_, say) => say(CODE.ok, prepared(LOG.length)),
  [CODE.slice]: (asked, say) => {
    for (const [number, data] of slices(asked).entries()) {
      say(CODE.data, data, { session: number });
    }
    say(CODE.ok);
  },
};

function slices(asked: WirePacket): Uint8Array[] {
  const view = new DataView(asked.data.buffer, asked.data.byteOffset);
  const start = view.getUint32(0, true), end = start + view.getUint32(4, true);
  const found: Uint8Array[] = [];
  for (let at = start; at < end; at += 1024) found.push(LOG.subarray(at, Math.min(end, at + 1024)));
  return found;
}

async function pullFrom(acts: Record<number, Act>) {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  socket.on("message", (bytes, from) => {
    const asked = readPacket(bytes);
    if (asked === null) return;
    const raw = (payload: Uint8Array) => socket.send(payload, from.port, from.address, () => {});
    const say: Say = (code, data = EMPTY, forged = {}) =>
      raw(writePacket({ code, session: 7, replyId: asked.replyId, data, ...forged }));
    (acts[asked.code] ?? HONEST[asked.code] ?? ((_: WirePacket, answer: Say) => answer(CODE.ok)))(
      asked,
      say,
      raw,
    );
  });
  const out: string[] = [];
  const begun = performance.now();
  try {
    const code = await pullCommand([`127.0.0.1:${socket.address().port}`, "--udp", "--json"], {
      write: (part) => out.push(part),
      writeError: (part) => assert.fail(part),
      now: () => Date.now(),
      waits: WAITS,
    });
    return { code, ms: performance.now() - begun, report: JSON.parse(out.join("")) };
  } finally {
    socket.close();
  }
}

/** Many times over; whether the flood or the wait ends it depends on who is quicker. */
function often(send: () => void): void {
  for (let turn = 0; turn < 5_000; turn++) send();
}

const LIES: [string, Record<number, Act>, RegExp][] = [
  ["says nothing", { [CODE.connect]: () => {} }, /^timeout: /],
  ["sends damaged datagrams only", {
    [CODE.connect]: (_, __, raw) => often(() => raw(new Uint8Array([0xd0, 7, 1, 1, 0, 0, 0, 0]))),
  }, /^timeout: /],
  [
    "sends datagrams of three bytes",
    { [CODE.connect]: (_, __, raw) => raw(new Uint8Array(3)) },
    /^timeout: /,
  ],
  [
    "acknowledges a slice for ever",
    { [CODE.slice]: (_, say) => often(() => say(CODE.ok)) },
    /^(too_much|timeout|unreachable): /,
  ],
  ["repeats one datagram for ever", {
    [CODE.slice]: (asked, say) => often(() => say(CODE.data, slices(asked)[0], { session: 0 })),
  }, /^(too_much|timeout|unreachable): /],
  ["leaves one datagram out, always", {
    [CODE.slice]: (asked, say) => {
      slices(asked).forEach((data, number) =>
        number === 2 || say(CODE.data, data, { session: number })
      );
    },
  }, /^timeout: /],
  ["sends two contents under one number", {
    [CODE.slice]: (asked, say) => {
      say(CODE.data, slices(asked)[0]!.slice(0, -1), { session: 0 });
      say(CODE.data, slices(asked)[0]!.slice(1), { session: 0 });
    },
  }, /^unordered: /],
  [
    "announces another size",
    { [CODE.slice]: (_, say) => say(CODE.prepare, u32(9, 9)) },
    /^length: /,
  ],
  [
    "announces 4 GiB",
    { [CODE.want]: (_, say) => say(CODE.ok, prepared(0xffffffff)) },
    /^too_much: /,
  ],
];

for (const [name, acts, reason] of LIES) {
  Deno.test(`S50 pull over UDP is not complete and says why when a terminal ${name}`, async () => {
    const { code, ms, report } = await pullFrom(acts);
    assert.match(report.reason, reason);
    assert.equal(code, 1);
    assert.deepEqual([report.complete, report.punches, report.rejects], [false, [], []]);
    assert.ok(ms < 10_000, `${ms} ms`);
  });
}

Deno.test("pull over UDP is complete when datagrams come late, twice and after the ACK", async () => {
  const { code, report } = await pullFrom({
    [CODE.slice]: (asked, say) => {
      const frames = slices(asked).map((data, number) => [number, data] as const);
      say(CODE.ok);
      for (const [session, data] of [...frames, ...frames].reverse()) {
        say(CODE.data, data, { session });
      }
    },
  });
  assert.deepEqual([code, report.reason, report.punches.length], [0, null, 120]);
});
