/** The strict client against the simulated terminal: complete reads, and faults that must be errors. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { ZkFault } from "../../../edge_agent/zk/frame.ts";
import { readLog, readUsers, whyIncomplete } from "../../../edge_agent/zk/read.ts";
import { readPunches } from "../../../edge_agent/zk/record.ts";
import { type Dial, withTerminal } from "../../../edge_agent/zk/socket.ts";
import {
  nextEvents,
  readFacts,
  readSizes,
  readTime,
  registerEvents,
  setTime,
  type Waits,
} from "../../../edge_agent/zk/talk.ts";
import { type Act, HostileTerminal, text } from "../../sim/pull/hostile.ts";
import type { FakeRecord } from "../../sim/pull/memory.ts";
import { FakeTerminal, type FakeTerminalOptions, type FaultName } from "../../sim/pull/terminal.ts";
import { CODE, writePacket } from "../../sim/pull/wire.ts";
import { until } from "../../sim/until.ts";

const LATEST = "2100-01-01 00:00:00";
const WAITS: Waits = { replyMs: 400, dataMs: 600, factMs: 300 };

async function withFake<T>(
  options: Partial<FakeTerminalOptions>,
  use: (fake: FakeTerminal, dial: Dial) => Promise<T>,
): Promise<T> {
  const fake = await new FakeTerminal({ serial: "FAKE0001", ...options }).start();
  try {
    return await use(fake, { host: "127.0.0.1", port: fake.port, waits: WAITS, totalMs: 20_000 });
  } finally {
    await fake.stop();
  }
}

async function readAll(dial: Dial) {
  return await withTerminal(dial, async (terminal) => {
    const read = await terminal.run(readLog(terminal.session, { latest: LATEST }));
    const layout = read.layout ?? "40";
    const found = readPunches(read.body, { serial: "FAKE0001", layout, pins: read.pins });
    return { ...found, read, why: whyIncomplete(read) };
  });
}

function linesOf(records: readonly FakeRecord[]): string[] {
  return records.map((record) =>
    [record.pin, record.wallTime, record.state, record.verify].join(" ")
  );
}

function punchLines(read: Awaited<ReturnType<typeof readAll>>): string[] {
  return read.punches.map((punch) =>
    [punch.pin, punch.wallTime, punch.status, punch.verify].join(" ")
  );
}

const WAYS: [string, Partial<FakeTerminalOptions>, "tcp" | "udp"][] = [
  ["one frame per slice", {}, "tcp"],
  ["1,008-byte packets", { tcpPacketBytes: 1008 }, "tcp"],
  ["segments of 7 bytes", { segmentBytes: 7, tcpPacketBytes: 1008 }, "tcp"],
  ["bare slices", { bareSlices: true }, "tcp"],
  ["UDP", {}, "udp"],
  ["UDP that loses every fifth datagram both ways", { udpLossPercent: 20 }, "udp"],
  ["UDP with lost, doubled and swapped datagrams", { udpTroubleEvery: 9 }, "udp"],
];

// Taking one frame per socket read, or the next frame as the answer, turns these red.
for (const [name, options, transport] of WAYS) {
  for (const recordBytes of [8, 16, 40, 49] as const) {
    Deno.test(`readLog() reads ${recordBytes}-byte records whole over ${name}`, async () => {
      await withFake({ ...options, recordBytes }, async (fake, dial) => {
        fake.memory.fill(transport === "udp" ? 700 : 1500);
        const read = await readAll({ ...dial, transport });
        assert.deepEqual(punchLines(read), linesOf(fake.memory.records));
        assert.equal(read.rejects.length, 0);
        assert.equal(read.why, null);
      });
    });
  }
}

Deno.test("readLog() reads small, tiny and empty logs", async () => {
  for (const recordBytes of [8, 16, 40, 49] as const) {
    for (const count of [0, 1, 2, 3, 20, 26]) {
      await withFake({ recordBytes }, async (fake, dial) => {
        fake.memory.fill(count);
        const read = await readAll(dial);
        assert.deepEqual(punchLines(read), linesOf(fake.memory.records));
        assert.equal(read.why, null, `${count} of ${recordBytes}`);
      });
    }
  }
});

Deno.test("openTerminal() authenticates with the comm key and reports a wrong one", async () => {
  await withFake({ commKey: 123456 }, async (_fake, dial) => {
    const facts = await withTerminal(
      { ...dial, commKey: 123456 },
      (terminal) => terminal.run(readFacts(terminal.session)),
    );
    assert.equal(facts.serial, "FAKE0001");
    await assert.rejects(withTerminal(dial, async () => {}), isKind("unauthorized"));
  });
  await withFake({ commKey: 0 }, async (_fake, dial) => {
    await withTerminal(dial, async () => {}); // asks although no key is set
  });
});

function isKind(...kinds: string[]) {
  return (fault: unknown) => {
    assert.ok(fault instanceof ZkFault, String(fault));
    assert.ok(kinds.includes(fault.kind), `${fault.kind}: ${fault.message}`);
    return true;
  };
}

Deno.test("readFacts() states serial, firmware, time, counts and capacity", async () => {
  await withFake({ capacity: 50_000, clockOffsetSeconds: -3600 }, async (fake, dial) => {
    fake.memory.fill(30);
    const facts = await withTerminal(dial, (t) => t.run(readFacts(t.session)));
    assert.equal(facts.firmware, "Ver 6.60 Apr 28 2017");
    assert.equal(facts.sizes?.records, 30);
    assert.equal(facts.sizes?.recordCapacity, 50_000);
    assert.equal(facts.platform, "ZMM220_TFT");
    assert.equal(facts.wallTime?.slice(0, 15), fake.memory.wallTime().slice(0, 15));
  });
});

Deno.test("readUsers() reads both sizes; setTime() sets the clock", async () => {
  for (const userBytes of [28, 72] as const) {
    await withFake({ userBytes }, async (fake, dial) => {
      for (let pin = 1; pin <= 60; pin++) fake.memory.addUser(String(pin * 37), `Nome ${pin}é`);
      await withTerminal(dial, async (terminal) => {
        const users = await terminal.run(readUsers(terminal.session, { count: 60 }));
        assert.deepEqual(users.map((user) => user.pin), fake.memory.users.map((user) => user.pin));
        const shown = await terminal.run(setTime(terminal.session, "2026-03-02 08:00:00"));
        assert.match(shown ?? "", /^2026-03-02 08:00:0[01]$/);
      });
    });
  }
});

Deno.test("nextEvents() hands on live punches", async () => {
  await withFake({}, async (fake, dial) => {
    await withTerminal(dial, async (terminal) => {
      await terminal.run(registerEvents(terminal.session));
      assert.deepEqual(await terminal.run(nextEvents(terminal.session, 30)), []);
      fake.memory.punch("1042", { wallTime: "2026-03-02 08:58:13" });
      const [event] = await terminal.run(nextEvents(terminal.session, 400));
      assert.deepEqual(event, {
        userId: "1042",
        exactId: true,
        verify: 1,
        state: 0,
        wallTime: "2026-03-02 08:58:13",
      });
      assert.notEqual(await terminal.run(readTime(terminal.session)), null);
    });
  });
});

const FATAL: [FaultName, string[]][] = [
  ["truncate", ["length"]],
  ["bad_checksum", ["checksum"]],
  ["drop_midway", ["closed"]],
  ["stall", ["timeout"]],
  ["garbage_length", ["framing"]],
  ["garbage_bytes", ["framing"]],
  ["lying_header", ["length"]],
  ["huge_announcement", ["too_much"]],
  // Whichever bound is met first: on a busy machine the time is up before the count is.
  ["endless", ["length", "too_much", "timeout"]],
  ["stray_flood", ["too_much", "timeout"]],
  ["want_error", ["refused"]],
  ["want_silent", ["timeout"]],
  ["connect_6001", ["pull_not_available"]],
  ["connect_silent", ["timeout"]],
];

// R41, S50: parsing the part that came, or waiting without an end, turns these red.
for (const [fault, kinds] of FATAL) {
  Deno.test(`R41 S50 a read with ${fault} is an error and hands on nothing`, async () => {
    await withFake({ tcpPacketBytes: 1008 }, async (fake, dial) => {
      fake.memory.fill(2000);
      fake.fault(fault, 1);
      const begun = performance.now();
      await assert.rejects(readAll(dial), isKind(...kinds));
      assert.equal(fake.shown(fault), 1);
      assert.ok(performance.now() - begun < 3_000, "bounded");
      const again = await readAll(dial);
      assert.deepEqual(punchLines(again), linesOf(fake.memory.records), "healed");
    });
  });
}

Deno.test("S50 a damaged small log is an error too", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(9);
    await assert.rejects(readAll((fake.fault("bad_checksum", 1), dial)), isKind("checksum"));
    await assert.rejects(readAll((fake.fault("lying_header", 1), dial)), isKind("length"));
  });
});

// The count before and after the read is the proof; dropping either side turns this red.
Deno.test("R41 whyIncomplete() names what the count does not prove", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(300);
    const why = async (fault: FaultName) => {
      fake.fault(fault);
      const read = await readAll(dial);
      fake.healed();
      return [read.punches.length, read.why];
    };
    assert.deepEqual(await why("short_log"), [
      200,
      "the terminal counts 300 records but gave 200",
    ]);
    assert.deepEqual(await why("sizes_zero"), [300, "the terminal counts 0 records but gave 300"]);
    assert.deepEqual(await why("sizes_short"), [
      300,
      "the terminal counts 150 records but gave 300",
    ]);
    assert.deepEqual(await why("sizes_long"), [
      300,
      "the terminal counts 305 records but gave 300",
    ]);
    assert.deepEqual(await why("events_between"), [300, null]);
    fake.fault("append_during_read", 1);
    assert.equal((await readAll(dial)).why, null, "a punch after the snapshot is not missing");
  });
});

// Taking the next frame as the answer makes the sizes answer the late ACK.
Deno.test("an answer that comes late is not taken for the next one", async () => {
  await withFake({ tcpPacketBytes: 1008, frameGapMs: 1 }, async (fake, dial) => {
    fake.memory.fill(200);
    fake.fault("late_ack");
    await withTerminal(dial, async (terminal) => {
      for (let round = 0; round < 5; round++) {
        const read = await terminal.run(readLog(terminal.session, { latest: LATEST }));
        assert.equal(read.count, 200);
        const sizes = await terminal.run(readSizes(terminal.session));
        assert.equal(sizes?.records, 200);
      }
    });
  });
});

Deno.test("UDP frames without numbers are read one datagram at a time", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(300);
    fake.fault("unnumbered");
    const read = await readAll({ ...dial, transport: "udp" });
    assert.deepEqual(punchLines(read), linesOf(fake.memory.records));
  });
});

// Each slice leaves an ACK that nobody waits for; counting them over the whole connection ended here.
Deno.test("UDP frames without numbers: a log of 2,200 datagrams is read", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(56_000);
    fake.fault("unnumbered");
    const read = await readAll({ ...dial, transport: "udp", totalMs: 60_000 });
    assert.equal(read.punches.length, 56_000);
    assert.equal(read.why, null);
  });
});

// A stranger who guesses the port could end a read or answer in the terminal's place.
Deno.test("UDP: datagrams of another sender are not heard", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(200);
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => stranger.bind(0, "127.0.0.1", resolve));
    const udp = createSocket("udp4");
    await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
    // In the middle between client and terminal: learns the client's port, and lets a stranger use it.
    let client = 0;
    udp.on("message", (bytes, from) => {
      if (from.port === fake.port) return udp.send(bytes, client, "127.0.0.1");
      client = from.port;
      const forged = bytes.slice();
      const no = writePacket({
        code: 2001,
        session: 0,
        replyId: forged[6]! | forged[7]! << 8,
        data: new Uint8Array(0),
      });
      stranger.send(no, client, "127.0.0.1", () => udp.send(bytes, fake.port, "127.0.0.1"));
    });
    try {
      const read = await readAll({ ...dial, port: udp.address().port, transport: "udp" });
      assert.equal(read.why, null);
      assert.equal(read.punches.length, 200);
    } finally {
      udp.close();
      stranger.close();
    }
  });
});

// Giving up at the third silence left a terminal unread that answers all that matters.
Deno.test("readFacts() asks no more after two silences, and the log is read all the same", async () => {
  const silent: Act = () => {};
  const terminal = new HostileTerminal({
    serial: "MUTE0001",
    acts: { [CODE.version]: silent, [CODE.getTime]: silent },
  });
  terminal.start();
  try {
    const dial = { host: "127.0.0.1", port: terminal.port, waits: { ...WAITS, factMs: 60 } };
    await withTerminal(dial, async (t) => {
      const facts = await t.run(readFacts(t.session));
      assert.equal(facts.serial, "MUTE0001");
      assert.equal(facts.firmware, null);
      assert.equal(facts.sizes, null, "not asked any more");
      const read = await t.run(readLog(t.session, { latest: LATEST }));
      assert.deepEqual([read.count, whyIncomplete(read)], [0, null]);
    });
  } finally {
    terminal.stop();
  }
});

Deno.test("readFacts() knows an option by its name without the tilde, in any case", async () => {
  const option: Act = (asked, wire) =>
    wire.answer(CODE.ok, text(asked.data[1] === 0x53 ? "SERIALNUMBER=OLD1\0rubbish" : "Other=1"));
  const terminal = new HostileTerminal({ acts: { [CODE.option]: option } }).start();
  try {
    const dial = { host: "127.0.0.1", port: terminal.port, waits: WAITS };
    const facts = await withTerminal(dial, (t) => t.run(readFacts(t.session)));
    assert.deepEqual([facts.serial, facts.name, facts.mac], ["OLD1", null, null]);
  } finally {
    terminal.stop();
  }
});

Deno.test("nothing listens, or nobody answers: unreachable or timeout, never a hang", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const dial = { host: "127.0.0.1", port, waits: WAITS, dialMs: 300 };
  await assert.rejects(withTerminal(dial, async () => {}), isKind("timeout"));
  const waiting = await listener.accept();
  waiting.close();
  listener.close();
  await assert.rejects(withTerminal(dial, async () => {}), isKind("unreachable"));
  const udp = { ...dial, transport: "udp" as const };
  await assert.rejects(withTerminal(udp, async () => {}), isKind("unreachable", "timeout"));
});

Deno.test("an abort signal ends a read at once", async () => {
  await withFake({}, async (fake, dial) => {
    fake.memory.fill(2000);
    fake.fault("stall", 1);
    const stopper = new AbortController();
    const waits = { replyMs: 90_000, dataMs: 90_000, factMs: 90_000 };
    const read = readAll({ ...dial, waits, signal: stopper.signal });
    const ends = assert.rejects(read, isKind("closed"));
    await until(() => fake.shown("stall") === 1, "the terminal falls silent");
    const begun = performance.now();
    stopper.abort();
    await ends;
    assert.ok(performance.now() - begun < 5_000, "of ninety seconds");
  });
});

Deno.test("the whole conversation has an end, however slowly frames drip", async () => {
  await withFake({ tcpPacketBytes: 1008, frameGapMs: 40 }, async (fake, dial) => {
    fake.memory.fill(2000);
    await assert.rejects(readAll({ ...dial, totalMs: 600 }), isKind("timeout"));
  });
});
