/** Record and user layouts: choosing them, decoding them, resolving PINs. Logs are written here by hand. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { decodeEvents } from "../../../edge_agent/zk/event.ts";
import { ZkFault } from "../../../edge_agent/zk/frame.ts";
import {
  chooseLayout,
  decodeRecord,
  EMPTY_PIN_BOOK,
  type Layout,
  layoutBytes,
  LAYOUTS,
  makePinBook,
  readPunches,
} from "../../../edge_agent/zk/record.ts";
import { encodeTime } from "../../../edge_agent/zk/time.ts";
import {
  chooseUserBytes,
  decodeSizes,
  decodeUser,
  decodeUsers,
} from "../../../edge_agent/zk/user.ts";
import { Dice } from "../../sim/dice.ts";

interface Made {
  pin: number;
  wallTime: string;
  state: number;
  verify: number;
}

/** A log as a terminal of this layout would keep it; written here apart from the codec. */
function writeLog(records: Made[], layout: Layout): Uint8Array<ArrayBuffer> {
  const size = layoutBytes(layout);
  const body = new Uint8Array(records.length * size);
  records.forEach((record, at) => {
    const view = new DataView(body.buffer, at * size, size);
    const code = encodeTime(record.wallTime);
    if (layout === "16") {
      view.setUint32(0, record.pin, true);
      view.setUint32(4, code, true);
      view.setUint8(8, record.state);
      view.setUint8(9, record.verify);
    } else if (layout === "8") {
      view.setUint16(0, record.pin, true);
      view.setUint8(2, 0x20 | (record.verify & 3) << 3 | record.state & 7);
      view.setUint32(4, code, true);
    } else if (layout === "8p") {
      view.setUint16(0, record.pin, true);
      view.setUint8(2, record.verify);
      view.setUint32(3, code, true);
      view.setUint8(7, record.state);
    } else {
      view.setUint16(0, at, true);
      new Uint8Array(body.buffer, at * size + 2, 24).set(
        new TextEncoder().encode(String(record.pin)),
      );
      view.setUint8(26, record.verify);
      view.setUint32(27, code, true);
      view.setUint8(31, record.state);
      if (at % 2 === 0) view.setUint8(36, 0xff);
    }
  });
  return body;
}

function days(count: number, seed = 1): Made[] {
  const dice = new Dice(seed);
  let at = Date.UTC(2025, 0, 6, 8);
  return Array.from({ length: count }, () => {
    at += dice.below(1800) * 1000;
    return {
      pin: 1 + dice.below(900),
      wallTime: new Date(at).toISOString().slice(0, 19).replace("T", " "),
      state: dice.below(2),
      verify: [1, 0, 2, 1][dice.below(4)]!,
    };
  });
}

const LATEST = "2026-11-22 00:00:00";

function later(wallTime: string, wholeDays: number): string {
  const at = Date.parse(`${wallTime.replace(" ", "T")}Z`) + wholeDays * 86_400_000;
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

// Dividing the total by the count, as others do, or dropping the order of time from the score turns
// this red.
Deno.test("chooseLayout() finds every layout, counted exactly, stale or not at all", () => {
  for (const layout of LAYOUTS) {
    for (const count of [1, 2, 3, 5, 13, 49, 98, 250]) {
      const body = writeLog(days(count, count), layout);
      for (
        const counted of [count, count > 3 ? count - 1 : count, count > 12 ? count - 3 : count]
      ) {
        const found = chooseLayout(body, { count: counted, latest: LATEST });
        assert.equal(found, layout, `${layout}, ${count} records, ${counted} counted`);
      }
      assert.equal(chooseLayout(body, { count: null, latest: LATEST }), layout);
    }
  }
});

/** Short and long logs with all states, a clock that was reset and people who come in turn. */
const logs = fc.record({
  layout: fc.constantFrom<Layout>("8", "16", "40", "49"),
  count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(20, 40, 60, 100, 300)),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  states: fc.constantFrom([0, 1], [0, 1, 4, 5], [255], [3, 17, 40]),
  resetEvery: fc.constantFrom(0, 0, 2, 7),
  counted: fc.constantFrom("exact", "stale", "unsaid"),
});

// Ordering candidates by the count alone read an 8-byte log as a 16- or 40-byte one.
Deno.test("chooseLayout() property: never another layout than the log's, seldom none", () => {
  let refused = 0, runs = 0;
  fc.assert(
    fc.property(logs, ({ layout, count, seed, states, resetEvery, counted }) => {
      const log = days(count, seed).map((record, at) => ({
        ...record,
        state: states[at % states.length]!,
        wallTime: resetEvery > 0 && at % resetEvery === 0
          ? `2000-01-03 00:${String(at % 60).padStart(2, "0")}:09`
          : later(record.wallTime, seed % 600 - 300),
      }));
      const told = { exact: count, stale: Math.max(0, count - 2), unsaid: null }[counted];
      runs++;
      try {
        const found = chooseLayout(writeLog(log, layout), { count: told, latest: LATEST });
        assert.equal(found, layout);
      } catch (fault) {
        if (!(fault instanceof ZkFault)) throw fault;
        refused++;
      }
    }),
    { numRuns: 1_500, seed: 1 },
  );
  assert.ok(refused * 100 < runs, `${refused} of ${runs} refused`);
});

Deno.test("chooseLayout() keeps a log with a few odd clocks and refuses rubbish", () => {
  const log = days(50);
  log[10]!.wallTime = "2000-01-01 00:00:07";
  log[11]!.wallTime = "2099-01-01 00:00:07";
  for (const layout of LAYOUTS) {
    assert.equal(chooseLayout(writeLog(log, layout), { count: 50, latest: LATEST }), layout);
  }
  const rubbish = new Uint8Array(1960).map((_, at) => (at * 151 + 77) & 0xff);
  const isLayout = (fault: unknown) => fault instanceof ZkFault && fault.kind === "layout";
  assert.throws(() => chooseLayout(rubbish, { count: 49, latest: LATEST }), isLayout);
  // Two records of 8 bytes, the second in an unusual state; or one of 16 with a large work code.
  const twins = new Uint8Array([5, 0, 0x28, 0, 0, 0, 0, 0, 3, 0, 0x2f, 0, 0, 0, 0, 0]);
  new DataView(twins.buffer).setUint32(4, 40_000_000, true);
  new DataView(twins.buffer).setUint32(12, 50_000_000, true);
  assert.throws(() => chooseLayout(twins, { count: null, latest: LATEST }), isLayout);
  assert.throws(() => chooseLayout(new Uint8Array(41), { count: 1, latest: LATEST }), isLayout);
  assert.throws(() => chooseLayout(new Uint8Array(400), { count: null, latest: LATEST }), isLayout);
  assert.throws(() => chooseLayout(new Uint8Array(5200), { count: 100, latest: LATEST }), isLayout);
});

/** Two fifths of a log are left; the rest is what `blank` writes over each record. */
function mostlyBad(layout: Layout, count: number, blank: (record: Uint8Array) => void) {
  const body = writeLog(days(count), layout);
  const size = layoutBytes(layout);
  for (let at = 0; at < count; at++) {
    if (at % 5 > 1) blank(body.subarray(at * size, (at + 1) * size));
  }
  return body;
}

const pinsOfAll = makePinBook(
  Array.from({ length: 901 }, (_, at) => ({ index: at + 1, pin: `${at + 1}` })),
);

// Turns red when most of the records must make sense: forty punches waited for ever behind sixty blanks.
Deno.test("chooseLayout() reads a log of which more than half is bad, whatever the bad half holds", () => {
  const bad: Record<string, (record: Uint8Array) => void> = {
    zeros: (record) => record.fill(0),
    ones: (record) => record.fill(0xff),
    "a pattern": (record) => record.fill(0x5a),
    // Of short records the first bytes are somebody's number, and the time then is that of a reset clock.
    "an index before zeros": (record) => record.fill(0, record.length >= 40 ? 2 : 0),
    rubbish: (record) => record.forEach((_, at) => record[at] = (at * 151 + 77) & 0xff),
    "no time": (record) => {
      if (record.length >= 40) record.fill(0xff, 27, 31);
      else record.fill(0xff, 3, 8);
    },
  };
  for (const [name, blank] of Object.entries(bad)) {
    for (const layout of ["8", "16", "40", "49"] as const) {
      const body = mostlyBad(layout, 100, blank);
      const why = `${layout} with ${name}`;
      const counts = { count: 99, countAfter: 100, latest: LATEST };
      assert.equal(chooseLayout(body, counts), layout, why);
      if (["zeros", "ones", "a pattern"].includes(name)) {
        assert.equal(
          chooseLayout(body, { count: null, latest: LATEST }),
          layout,
          `${why}, uncounted`,
        );
      }
      const known = { count: 0, latest: LATEST, remembered: layout };
      assert.equal(chooseLayout(body, known), layout, `${why}, the count lies`);
      const read = readPunches(body, { serial: "A", layout, pins: pinsOfAll });
      assert.equal(read.punches.length, 40, why);
      assert.equal(read.rejects.length, 60, why);
    }
  }
});

// Turns red when a log without one good record is refused although its size is proven.
Deno.test("chooseLayout() takes the size that the terminal's own counts prove", () => {
  const told = { count: 10, countAfter: 10, latest: LATEST };
  assert.equal(chooseLayout(new Uint8Array(400).fill(0xff), told), "40");
  const future = days(10).map((made) => ({ ...made, wallTime: later(made.wallTime, 18_000) }));
  assert.equal(chooseLayout(writeLog(future, "40"), told), "40", "a clock half a century ahead");
  const isLayout = (fault: unknown) => fault instanceof ZkFault && fault.kind === "layout";
  const rubbish = (records: number) =>
    new Uint8Array(records * 40).map((_, at) => (at * at * 151 + 77) >> 3 & 0xff);
  const counts = { ...told, count: 100, countAfter: 100 };
  assert.throws(() => chooseLayout(rubbish(100), counts), isLayout, "nobody is named at all");
  const few = rubbish(100);
  few.set(writeLog(days(3), "40"), 40 * 50);
  assert.equal(chooseLayout(few, counts), "40", "three of a hundred");
  const read = readPunches(few, { serial: "A", layout: "40", pins: EMPTY_PIN_BOOK });
  assert.deepEqual([read.punches.length, read.rejects.length], [3, 97]);
  const short = { ...told, count: 500, countAfter: 500 };
  assert.throws(() => chooseLayout(few, short), isLayout, "records of 8 bytes are told by sense");
});

// Swapping state and verify, or reading the user id as u16, turns this red.
Deno.test("decodeRecord() keeps every field of every layout", () => {
  const [made] = days(1, 7);
  for (const layout of LAYOUTS) {
    const record = decodeRecord(writeLog([{ ...made!, verify: 2 }], layout), layout);
    assert.equal(record.wallTime, made!.wallTime);
    assert.equal(record.state, made!.state);
    assert.equal(record.verify, 2);
  }
  const large = writeLog([{ ...made!, pin: 70_001 }], "16");
  assert.equal(decodeRecord(large, "16").userId, "70001");
  const text = writeLog([made!], "40");
  new Uint8Array(text.buffer, 2, 24).set(new TextEncoder().encode("12345678901234"));
  assert.equal(decodeRecord(text, "40").userId, "12345678901234");
});

// Falling back to the number itself when the list does not name one PIN turns this red.
Deno.test("readPunches() resolves short PINs by the user list or rejects them", () => {
  const log = days(3).map((record, at) => ({ ...record, pin: at + 5 }));
  const pins = makePinBook([
    { index: 5, pin: "005" },
    { index: 6, pin: "6" },
    { index: 60, pin: "06" },
  ]);
  const read16 = readPunches(writeLog(log, "16"), { serial: "A", layout: "16", pins });
  assert.deepEqual(read16.punches.map((punch) => punch.pin), ["005"]);
  assert.deepEqual(read16.rejects.map((reject) => reject.reason), [
    "ambiguous_pin",
    "ambiguous_pin",
  ]);
  const read8 = readPunches(writeLog(log, "8"), { serial: "A", layout: "8", pins });
  assert.deepEqual(read8.punches.map((punch) => punch.pin), ["005", "6"]);
  assert.equal(read8.rejects[0]?.raw.startsWith("zk8 0700"), true);
});

// The push side takes PINs as UTF-8 and trims them: the same punch must get the same key here.
Deno.test("readPunches() reads PINs as the push side does, up to the NUL", () => {
  const made = days(6);
  const body = writeLog(made, "40");
  const pins = [
    [...new TextEncoder().encode("Ñandú7")],
    [0x20, 0x34, 0x32, 0x20, 0x20],
    [0xd5, 0xc5, 0x31],
    [0x30, 0x30, 0x37, 0, 0xff, 0x41, 0x42],
    Array.from({ length: 24 }, (_, at) => 0x41 + at),
    [0x31, 0x20, 0x32],
  ];
  pins.forEach((pin, at) => {
    body.fill(0, at * 40 + 2, at * 40 + 26);
    body.set(pin, at * 40 + 2);
  });
  const read = readPunches(body, { serial: "A", layout: "40", pins: EMPTY_PIN_BOOK });
  assert.deepEqual(read.punches.map((punch) => punch.pin), [
    "Ñandú7",
    "42",
    "007",
    "ABCDEFGHIJKLMNOPQRSTUVWX",
  ]);
  assert.deepEqual(read.rejects.map((reject) => reject.reason), ["bad_pin", "bad_pin"]);
  const odd = writeLog(made, "40");
  for (let at = 0; at < odd.length; at += 40) odd.set([0x23, 0x2f], at + 2);
  assert.equal(chooseLayout(odd, { count: null, latest: LATEST }), "40", "PINs such as #/7");
  const users = new Uint8Array(72 * 2);
  users.set([1, 0], 0);
  users.set(pins[0]!, 48);
  users.set([2, 0], 72);
  users.set(pins[3]!, 72 + 48);
  assert.deepEqual(decodeUsers(users, 72).map((user) => user.pin), ["Ñandú7", "007"]);
});

Deno.test("readPunches() makes a reject of an impossible day and stores the rest", () => {
  const body = writeLog(days(4), "40");
  const thirtiethOfFebruary = (25 * 372 + 31 + 29) * 86_400;
  new DataView(body.buffer).setUint32(40 + 27, thirtiethOfFebruary, true);
  body.fill(0, 82, 106);
  const read = readPunches(body, { serial: "A", layout: "40", pins: EMPTY_PIN_BOOK });
  assert.equal(read.punches.length, 2);
  assert.deepEqual(read.rejects.map((reject) => reject.reason), ["bad_time", "empty_pin"]);
  assert.equal(read.punches[0]?.workCode, "");
  assert.match(read.punches[0]?.extra ?? "", /^00000000ff000000$/);
});

Deno.test("decodeUsers() reads both sizes and never hands out a password", () => {
  const user72 = new Uint8Array(72);
  user72.set([0x0d, 0, 14, 0x34, 0x34]);
  user72.set(new TextEncoder().encode("José Núñez"), 11);
  user72.set([0xde], 35);
  user72.set([2], 39);
  user72.set(new TextEncoder().encode("00555"), 48);
  const user = decodeUser(user72, 72);
  assert.deepEqual(user, {
    index: 13,
    pin: "00555",
    name: "José Núñez",
    privilege: 14,
    card: "222",
    group: 2,
    hasPassword: true,
  });
  const user28 = new Uint8Array(28);
  user28.set([7, 0, 0, 0, 0, 0, 0, 0]);
  user28.set(new TextEncoder().encode("Ann"), 8);
  user28[21] = 1;
  new DataView(user28.buffer).setUint32(24, 70_001, true);
  assert.equal(decodeUser(user28, 28).pin, "70001");
  assert.equal(chooseUserBytes(user28, 1), 28);
  const seven = new Uint8Array(504);
  for (let at = 0; at < 7; at++) seven.set(user72, at * 72);
  assert.equal(chooseUserBytes(seven, null), 72);
  assert.equal(decodeUsers(seven, 72).length, 7);
  assert.throws(() => chooseUserBytes(new Uint8Array(30), 1), ZkFault);
});

// Decoding as UTF-8 alone gave people of Chinese and western firmware other names than their push.
Deno.test("decodeUser() reads names of all code pages, cut ones too", () => {
  const named = (name: number[], size: 28 | 72) => {
    const user = new Uint8Array(size);
    user.set(name.slice(0, size === 72 ? 24 : 8), size === 72 ? 11 : 8);
    user.set([0x35], size === 72 ? 48 : 24);
    return decodeUser(user, size).name;
  };
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  assert.equal(named(utf8("José Núñez"), 72), "José Núñez");
  assert.equal(named([0xd5, 0xc5, 0xc8, 0xfd], 72), "张三");
  assert.equal(named([0x4a, 0x6f, 0x73, 0xe9], 72), "José");
  assert.equal(named([0x4a, 0x6f, 0x73, 0xe9, 0, 0x41, 0xff], 72), "José");
  assert.equal(named(utf8("Anna-Lé"), 28), "Anna-Lé");
  assert.equal(named(utf8("Anne-Mé"), 28), "Anne-Mé");
  assert.equal(named(utf8("Marie-Élise"), 28), "Marie-É");
  assert.equal(named(utf8("Johanné"), 28), "Johanné");
  assert.equal(named(utf8("Johannaé"), 28), "Johanna", "half a character at the end");
  assert.equal(named([0x41, 0xd5, 0xc5, 0xd5, 0xc5, 0xd5, 0xc5, 0xc8, 0xfd], 28), "A张张张");
});

Deno.test("decodeSizes() takes no answer that is none", () => {
  assert.equal(decodeSizes(new Uint8Array(4)), null);
  assert.equal(decodeSizes(new Uint8Array(80).fill(0xff)), null);
  assert.equal(decodeSizes(new Uint8Array(112))?.records, 0);
});

Deno.test("decodeEvents() takes all lengths seen and several events of one frame", () => {
  const time = [25, 3, 2, 8, 58, 13];
  const text = [...new TextEncoder().encode("1042"), ...new Array(20).fill(0)];
  const tails: [number[], number][] = [
    [[0x12, 4], 0],
    [[0x12, 4], 4],
    [[0x12, 4, 0, 0], 0],
    [text, 0],
    [text, 4],
    [text, 5],
    [text, 20],
  ];
  for (const [id, tail] of tails) {
    const one = [...id, 1, 0, ...time, ...new Array(tail).fill(0)];
    for (const copies of [1, 2, 3]) {
      const events = decodeEvents(new Uint8Array(Array(copies).fill(one).flat()));
      assert.equal(events.length, copies, `${one.length} bytes, ${copies} times`);
      assert.equal(events[0]?.wallTime, "2025-03-02 08:58:13");
      assert.equal(events[0]?.userId, "1042");
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
    decodeEvents(bytes);
  }));
});
