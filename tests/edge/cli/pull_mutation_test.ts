/**
 * Conversations with every kind of accident: whatever happens to the frames on their way, a read is
 * either complete with exactly the terminal's records, or not complete with a reason and no record.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { pullCommand } from "../../../edge_agent/cli/pull.ts";
import { FakeTerminal, type FakeTerminalOptions } from "../../sim/pull/terminal.ts";
import { readPacket, writePacket } from "../../sim/pull/wire.ts";

type Payload = Uint8Array<ArrayBuffer>;
/** Null: the connection ends here. */
type Fate = (payload: Payload, held: Payload[]) => Payload[] | null;

/** The same packet under another header, with a checksum that holds. */
function forged(payload: Payload, change: { code?: number; replyId?: number }): Payload {
  const packet = readPacket(payload);
  assert.ok(packet !== null);
  return writePacket({ ...packet, ...change });
}

const byte = fc.nat(0xffff);
const fates: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant<Fate>(() => []),
  fc.constant<Fate>((payload) => [payload, payload]),
  fc.constant<Fate>((payload, held) => {
    held.push(payload);
    return [];
  }),
  fc.constant<Fate>(() => null),
  byte.map((at): Fate => (payload) => {
    const spoilt = payload.slice();
    spoilt[at % spoilt.length]! ^= 1 << (at & 7);
    return [spoilt];
  }),
  byte.map((at): Fate => (payload) => [payload.slice(0, at % payload.length)]),
  byte.map((at): Fate => (payload) => [new Uint8Array([...payload, at & 0xff])]),
  byte.map((replyId): Fate => (payload) => [forged(payload, { replyId })]),
  fc.constantFrom(2000, 2001, 2005, 1500, 1501, 500, 4989, 6001, 65535).map(
    (code): Fate => (payload) => [forged(payload, { code })],
  ),
  byte.map((replyId): Fate => (payload) => [forged(payload, { replyId }), payload]),
  fc.uint8Array({ maxLength: 40 }).map((rubbish): Fate => (payload) => [
    new Uint8Array(rubbish),
    payload,
  ]),
);

const accidents = fc.array(fc.record({ at: fc.nat(45), fate: fates }), { maxLength: 3 });
const conversations = fc.record({
  accidents,
  udp: fc.boolean(),
  recordBytes: fc.constantFrom(8 as const, 16 as const, 40 as const, 49 as const),
  count: fc.constantFrom(0, 1, 7, 25, 26, 160),
  tcpPacketBytes: fc.constantFrom(1008, 65_536),
  bareSlices: fc.boolean(),
  segmentBytes: fc.constantFrom(0, 0, 5),
});

/** Plays fates by the number of the frame; frames held back come after the next one. */
function tamperWith(
  planned: readonly { at: number; fate: Fate }[],
): NonNullable<FakeTerminalOptions["tamper"]> {
  const held: Payload[] = [];
  let number = 0;
  return (payload) => {
    const late = held.splice(0);
    const fate = planned.find(({ at }) => at === number)?.fate;
    number++;
    const sent = fate === undefined ? [payload] : fate(payload, held);
    return sent === null ? null : [...sent, ...late];
  };
}

const WAITS = { replyMs: 60, dataMs: 80, factMs: 50 };

// Parsing what came of a broken read, or taking any frame for an answer, turns this red.
Deno.test("S50 property: a tampered conversation is complete and right, or incomplete and empty", async () => {
  let complete = 0, failed = 0;
  await fc.assert(
    fc.asyncProperty(conversations, async ({ accidents, udp, count, ...options }) => {
      const fake = await new FakeTerminal({
        serial: "FAKE0001",
        ...options,
        tamper: tamperWith(accidents),
      }).start();
      fake.memory.fill(count, { people: 20 });
      const wanted = fake.memory.records.map(({ pin, wallTime, state }) =>
        `${pin} ${wallTime} ${state}`
      );
      const out: string[] = [];
      const begun = performance.now();
      try {
        const target = `127.0.0.1:${fake.port}`;
        const code = await pullCommand([target, "--json", ...(udp ? ["--udp"] : [])], {
          write: (text) => out.push(text),
          writeError: (text) => out.push(text),
          now: () => Date.now(),
          waits: WAITS,
        });
        const report = JSON.parse(out.join(""));
        assert.equal(code, report.complete ? 0 : 1);
        assert.ok(performance.now() - begun < 5_000, "bounded in time");
        const seen = report.punches.map((punch: Record<string, string>) =>
          `${punch["pin"]} ${punch["wall_time"]} ${punch["status"]}`
        );
        if (report.complete) {
          complete++;
          assert.equal(report.reason, null);
          assert.deepEqual(report.rejects, []);
          assert.deepEqual(seen, wanted);
        } else {
          failed++;
          assert.match(report.reason, /./);
          // A whole read that the counts do not prove is shown; it is right all the same.
          if (seen.length > 0) assert.deepEqual(seen, wanted);
        }
      } finally {
        await fake.stop();
      }
    }),
    {
      numRuns: Number(Deno.env.get("ZK_RUNS") ?? 150),
      seed: Number(Deno.env.get("ZK_SEED") ?? 20261121),
    },
  );
  assert.ok(complete > 15 && failed > 15, `${complete} complete, ${failed} failed`);
});
