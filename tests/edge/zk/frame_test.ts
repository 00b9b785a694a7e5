/** Frames, checksums, the comm key and the clock code of port 4370, from canned bytes and properties. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { authBytes } from "../../../edge_agent/zk/auth.ts";
import {
  checksum,
  checksumHolds,
  decodePacket,
  encodePacket,
  encodeTcp,
  hexOf,
  MAX_PACKET_BYTES,
  type Packet,
  TcpCutter,
  untilNul,
  ZkFault,
} from "../../../edge_agent/zk/frame.ts";
import { Session } from "../../../edge_agent/zk/talk.ts";
import { decodeEventTime, decodeTime, encodeTime } from "../../../edge_agent/zk/time.ts";
import { commKeyOf } from "../../sim/pull/comm_key.ts";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array((text.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));
}

const packets: fc.Arbitrary<Packet> = fc.record({
  code: fc.integer({ min: 0, max: 0xffff }),
  session: fc.integer({ min: 0, max: 0xffff }),
  replyId: fc.integer({ min: 0, max: 0xffff }),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
}, { noNullPrototype: true });

function isKind(kind: string) {
  return (fault: unknown) => fault instanceof ZkFault && fault.kind === kind;
}

function drain(cutter: TcpCutter): Packet[] {
  const found: Packet[] = [];
  for (let payload = cutter.take(); payload; payload = cutter.take()) {
    found.push(decodePacket(payload));
  }
  return found;
}

// Cutting one frame per read (what loses records in other clients) turns this red.
Deno.test("TcpCutter finds the same packets whole, byte by byte and with a tail", () => {
  fc.assert(fc.property(fc.array(packets, { maxLength: 5 }), fc.nat(7), (sent, tail) => {
    const stream = sent.flatMap((packet) => [...encodeTcp(packet)]);
    const partial = [...encodeTcp({ code: 1, session: 2, replyId: 3, data: bytesOf("") })].slice(
      0,
      tail,
    );
    const whole = new TcpCutter();
    whole.add(new Uint8Array([...stream, ...partial]));
    assert.deepEqual(drain(whole), sent);
    assert.equal(whole.pending, tail);
    const single = new TcpCutter();
    const found: Packet[] = [];
    for (const byte of stream) {
      single.add(new Uint8Array([byte]));
      found.push(...drain(single));
    }
    assert.deepEqual(found, sent);
  }));
});

Deno.test("decodePacket(encodePacket(p)) is p, and every flipped bit is noticed", () => {
  fc.assert(fc.property(packets, fc.nat(), (packet, where) => {
    const bytes = encodePacket(packet);
    assert.deepEqual(decodePacket(bytes), packet);
    const bit = where % (bytes.length * 8);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(checksumHolds(bytes), false);
    assert.throws(() => decodePacket(bytes), isKind("checksum"));
  }));
});

Deno.test("checksum() folds carries of long packets", () => {
  assert.equal(checksum(new Uint8Array(1 << 20).fill(0xff)), 0);
  assert.equal(checksum(bytesOf("d007296af38d0a0009")), 0x6a29);
});

// S50: removing the length limit lets a device make the agent wait for 4 GiB.
Deno.test("S50 TcpCutter refuses lengths no frame has", () => {
  for (const length of [0, 7, MAX_PACKET_BYTES + 1, 0xffffffff]) {
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    view.setUint32(0, 0x7d825050, true);
    view.setUint32(4, length, true);
    const cutter = new TcpCutter();
    cutter.add(head);
    assert.throws(() => cutter.take(), isKind("framing"));
  }
  const cutter = new TcpCutter();
  cutter.add(bytesOf("5051"));
  assert.throws(() => cutter.take(), isKind("framing"));
  assert.throws(() => decodePacket(bytesOf("d00700")), isKind("framing"));
});

Deno.test("authBytes() scrambles keys as real clients do, and commKeyOf() undoes it", () => {
  assert.equal(hexOf(authBytes(12, 0x45cf)), "614d323c");
  assert.equal(hexOf(authBytes(45, 0x45cf)), "61c9323c");
  fc.assert(fc.property(fc.nat(999_999), fc.nat(0xffff), (key, session) => {
    assert.equal(commKeyOf(authBytes(key, session), session), key);
  }));
});

const wallTimes = fc.record({
  year: fc.integer({ min: 2000, max: 2099 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  second: fc.integer({ min: 0, max: 86_399 }),
}).map(({ year, month, day, second }) =>
  new Date(Date.UTC(year, month - 1, day, 0, 0, second)).toISOString().slice(0, 19).replace(
    "T",
    " ",
  )
);

Deno.test("decodeTime() and encodeTime() are inverse and never invent a day", () => {
  fc.assert(fc.property(wallTimes, (wallTime) => {
    assert.equal(decodeTime(encodeTime(wallTime)), wallTime);
  }));
  assert.equal(decodeTime(594064235), "2018-06-25 17:50:35");
  const thirtiethOfFebruary = (25 * 372 + 31 + 29) * 86_400;
  assert.equal(decodeTime(thirtiethOfFebruary), null);
  assert.equal(encodeTime("2024-02-29 00:00:00") > 0, true);
  assert.throws(() => encodeTime("2023-02-29 00:00:00"), RangeError);
  assert.throws(() => encodeTime("1999-12-31 00:00:00"), RangeError);
  assert.throws(() => encodeTime("today"), RangeError);
  assert.equal(decodeTime(0), "2000-01-01 00:00:00");
  assert.equal(decodeTime(100 * 372 * 86_400 - 1), "2099-12-31 23:59:59");
  for (const code of [100 * 372 * 86_400, 0xffffffff]) assert.equal(decodeTime(code), null);
});

Deno.test("decodeTime() never throws and names real days only", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (code) => {
    const text = decodeTime(code);
    if (text !== null) assert.ok(!Number.isNaN(Date.parse(`${text.replace(" ", "T")}Z`)), text);
  }));
  assert.equal(decodeEventTime(bytesOf("120619112905")), "2018-06-25 17:41:05");
  assert.equal(decodeEventTime(bytesOf("12061911293c")), null);
  for (const impossible of ["120019112905", "120d19112905", "120600112905", "120619182905"]) {
    assert.equal(decodeEventTime(bytesOf(impossible)), null, impossible);
  }
  assert.equal(decodeEventTime(bytesOf("630c1f173b3b")), "2099-12-31 23:59:59");
  assert.equal(decodeEventTime(bytesOf("640101000000")), null, "a year of three digits");
});

Deno.test("reply ids go from 65,535 to 0", () => {
  const session = new Session();
  for (let id = 0; id < 0x10000; id++) assert.equal(session.takeReplyId(), id);
  assert.equal(session.takeReplyId(), 0);
});

Deno.test("untilNul() ignores the rubbish behind a NUL", () => {
  assert.equal(untilNul(bytesOf("4e656400ff41")), "Ned");
  assert.equal(untilNul(bytesOf("c391616e")), "Ñan");
  assert.equal(untilNul(bytesOf("d5c531")), "\ufffd\ufffd1", "no guess at another code page");
  assert.equal(untilNul(new Uint8Array(400_000).fill(65)).length, 400_000);
});
