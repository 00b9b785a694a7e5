/** The poller with real queues and simulated terminals over loopback. */
import assert from "node:assert/strict";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import type { PollDevice } from "../../../edge_agent/polling/poller.ts";
import type { Progress } from "../../../edge_agent/polling/progress.ts";
import { CODE } from "../../sim/pull/wire.ts";
import { withBench } from "./poller_kit.ts";
import { until } from "../../sim/until.ts";

// Disabling the terminal for a read, or storing before the read is whole, turns this red.
Deno.test("R40 a terminal with 3,000 records and a new agent: all of them once, usable meanwhile", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1");
    terminal.memory.fill(3000);
    const distinct = new Set(
      terminal.memory.records.map(({ pin, wallTime, state }) =>
        punchKey({ serial: "A1", pin, wallTime, status: String(state) })
      ),
    );
    await bench.turn();
    const run = bench.lastRun()!;
    assert.deepEqual(
      [run.outcome, run.read, run.deviceCount, run.new],
      ["complete", 3000, 3000, distinct.size],
    );
    assert.equal(bench.queue.stats().pending, distinct.size);
    assert.equal(terminal.count(CODE.disable), 0);
    assert.equal(terminal.count(CODE.clearLog), 0);
    bench.clock.advance(3_600_000);
    await bench.turn();
    assert.deepEqual([bench.lastRun()!.new, bench.lastRun()!.duplicate], [0, 3000]);
    assert.equal(bench.queue.runs(10).length, 2, "both runs wait for Odoo");
    assert.equal(bench.queue.stats().pending, distinct.size, "reading twice is harmless");
  });
});

// A key that knows the channel or the verify mode turns this red.
Deno.test("R21 the same punches by push and by poll: one key each, both channels noted", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1");
    terminal.memory.fill(40);
    const pushed = terminal.memory.records.map((record) => ({
      serial: "A1",
      pin: record.pin,
      wallTime: record.wallTime,
      status: String(record.state),
      verify: "15",
      workCode: "0",
      extra: "0\t0",
    }));
    const adding = bench.queue.add({
      serial: "A1",
      channel: "push",
      punches: pushed,
      rejects: [],
    });
    await Promise.all([adding, bench.turn()]);
    const rows = bench.queue.punches({ serial: "A1", limit: 1000 });
    const channels = new Map<string, Set<string>>();
    for (const row of rows) {
      channels.set(row.key, (channels.get(row.key) ?? new Set()).add(row.channel));
    }
    assert.ok(channels.size > 30);
    for (const seen of channels.values()) assert.deepEqual([...seen].sort(), ["poll", "push"]);
  });
});

Deno.test("R22 two punches in one second: alike is one, another state is two, counts are not fooled", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    const wallTime = "2026-03-02 08:00:00";
    memory.punch("7", { wallTime });
    memory.punch("7", { wallTime });
    memory.punch("7", { wallTime, verify: 4 });
    memory.punch("7", { wallTime, state: 1 });
    await bench.turn();
    const run = bench.lastRun()!;
    assert.deepEqual([run.outcome, run.read, run.new], ["complete", 4, 2]);
  });
});

// Storing before the serial was checked turns this red.
Deno.test("S51 two terminals swapped their addresses: nothing is stored under the wrong name", async () => {
  await withBench(async (bench) => {
    const a = await bench.terminal("A1"), b = await bench.terminal("B2");
    a.memory.fill(20);
    b.memory.fill(20);
    const [one, other] = bench.devices as [PollDevice, PollDevice];
    bench.change("A1", { target: { ...one.target, port: other.target.port } });
    bench.change("B2", { target: { ...other.target, port: one.target.port } });
    await bench.turn();
    const runs = bench.runs;
    assert.deepEqual(runs.map((run) => run.outcome), ["failed", "failed"]);
    assert.match(runs[0]!.message, /expected (A1|B2), (A1|B2) answers/);
    assert.equal(bench.queue.stats().pending, 0);
  });
});

Deno.test("R41 fewer records than counted: stored, incomplete; a broken read: nothing, and again", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1", { tcpPacketBytes: 1008 });
    terminal.memory.fill(600);
    terminal.fault("short_log", 1);
    await bench.turn();
    assert.deepEqual([bench.lastRun()!.outcome, bench.lastRun()!.read], ["incomplete", 400]);
    assert.match(bench.lastRun()!.message, /counts 600 records but gave 400/);
    const pending = bench.queue.stats().pending;
    terminal.fault("bad_checksum", 1);
    bench.clock.advance(3_600_000);
    await bench.turn();
    assert.equal(bench.lastRun()!.outcome, "failed");
    assert.equal(bench.queue.stats().pending, pending);
    await bench.turn();
    assert.equal(bench.runs.length, 2, "not at once");
    bench.clock.advance(61_000);
    await bench.turn();
    assert.deepEqual([bench.lastRun()!.outcome, bench.lastRun()!.read], ["complete", 600]);
  });
});

Deno.test("S50 a hostile terminal does not keep others from being read", async () => {
  await withBench(async (bench) => {
    const bad = await bench.terminal("A1"), good = await bench.terminal("B2");
    bad.memory.fill(2000);
    good.memory.fill(30);
    bad.fault("endless");
    await bench.turn();
    const outcomes = new Map(bench.runs.map((run) => [run.serial, run.outcome]));
    assert.deepEqual([outcomes.get("A1"), outcomes.get("B2")], ["failed", "complete"]);
    assert.equal(bench.poller.memoryOf("A1").failures, 1);
  });
});

Deno.test("push falls silent: reading takes over, says so once, and steps back", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1");
    terminal.memory.fill(10);
    const [device] = bench.devices as [PollDevice];
    const allowedSilenceMs = 120_000, listeningSince = 0;
    const heard = (lastHeardAt: number) =>
      bench.change("A1", {
        plan: { ...device.plan, mode: "push" },
        push: { lastHeardAt, allowedSilenceMs, listeningSince },
      });
    heard(bench.clock.now());
    await bench.turn();
    assert.equal(bench.runs.length, 0);
    assert.equal(bench.poller.channelOf("A1"), "push");
    bench.clock.advance(121_000);
    await bench.turn();
    await bench.turn();
    assert.equal(bench.poller.channelOf("A1"), "poll");
    assert.deepEqual(bench.runs.map((run) => run.askedBy), ["push is silent"]);
    heard(bench.clock.now());
    await bench.turn();
    assert.equal(bench.poller.channelOf("A1"), "push");
    assert.deepEqual(bench.said.map((line) => line.message), [
      "reading takes over",
      "push is back, reading steps back",
    ]);
  });
});

Deno.test("S07 S08 what only one channel saw can be told from the sightings", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    memory.punch("1", { wallTime: "2026-03-02 08:00:00" });
    memory.insertSilently("2", "2026-03-02 08:01:00");
    const push = (pin: string) => ({
      serial: "A1",
      pin,
      wallTime: "2026-03-02 08:00:00",
      status: "0",
      verify: "1",
      workCode: "0",
      extra: "",
    });
    const punches = [push("1"), push("9")];
    await bench.queue.add({ serial: "A1", channel: "push", punches, rejects: [] });
    await bench.turn();
    const channels = (pin: string) =>
      bench.queue.punches({ serial: "A1" }).filter((row) => row.pin === pin)
        .map((row) => row.channel).sort();
    assert.deepEqual([channels("1"), channels("2"), channels("9")], [
      ["poll", "push"],
      ["poll"],
      ["push"],
    ]);
  });
});

Deno.test("R47 a full terminal: levels once each, the overflowed window named, nothing cleared", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1", { capacity: 100 });
    const { memory } = terminal;
    const notes = async (punches: number) => {
      for (let left = punches; left > 0; left--) {
        bench.clock.advance(60_000);
        memory.punch("1");
      }
      bench.clock.advance(3_600_000);
      await bench.turn();
      return bench.lastRun()!.message;
    };
    assert.equal(await notes(69), "complete");
    assert.equal(await notes(1), "complete; storage is more than 70 % full");
    assert.equal(await notes(1), "complete");
    assert.equal(await notes(15), "complete; storage is more than 85 % full");
    assert.equal(await notes(10), "complete; storage is more than 95 % full");
    const before = bench.lastRun()!.startedAt;
    assert.match(await notes(150), /the terminal overflowed: records from .* to .* are lost/);
    const run = bench.lastRun()!;
    assert.equal(run.lostFrom, new Date(before).toISOString().slice(0, 19).replace("T", " "));
    assert.ok(run.lostTo! > memory.records.at(-1)!.wallTime, "up to this read");
    assert.equal(terminal.count(CODE.clearLog), 0);
  });
});

Deno.test("a log that somebody else cleared is noticed; an impossible day is a reject", async () => {
  await withBench(async (bench) => {
    const { memory } = await bench.terminal("A1");
    memory.fill(50);
    await bench.turn();
    memory.clear();
    memory.fill(20);
    memory.records[4] = { ...memory.records[4]!, wallTime: "2026-02-30 08:00:00" };
    bench.clock.advance(3_600_000);
    await bench.turn();
    const run = bench.lastRun()!;
    assert.match(run.message, /somebody else cleared the terminal.*are lost/);
    assert.deepEqual([run.vanished, run.lostFrom !== undefined], [30, true]);
    assert.deepEqual([run.read, run.rejected], [20, 1]);
    assert.equal(bench.queue.rejects(10)[0]?.reason, "bad_time");
  });
});

Deno.test("S49 facts tell of a terminal without a comm key; 6001 is asked once a day", async () => {
  await withBench(async (bench) => {
    (await bench.terminal("A1")).memory.fill(3);
    const locked = await bench.terminal("B2", { commKey: 0 });
    await bench.turn();
    assert.equal(bench.facts.get("A1")?.["comm_key"], "none");
    assert.equal(bench.facts.get("B2")?.["comm_key"], "default");
    assert.equal(bench.facts.get("A1")?.["capacity"], 100_000);
    assert.equal(bench.facts.get("A1")?.["record_layout"], "40");
    assert.ok(Math.abs(Number(bench.facts.get("A1")?.["poll_clock_offset_seconds"])) <= 1);
    locked.fault("connect_6001");
    bench.clock.advance(3_600_000);
    await bench.turn();
    const refused = bench.runs.findLast((run) => run.serial === "B2");
    assert.match(refused?.message ?? "", /pull not available, use push/);
    bench.clock.advance(23 * 3_600_000);
    const before = locked.count(CODE.connect);
    await bench.turn();
    assert.equal(locked.count(CODE.connect), before);
  });
});

Deno.test("pull() on demand waits its turn, carries the command, and reads in quiet hours too", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1");
    terminal.memory.fill(30);
    const [device] = bench.devices as [PollDevice];
    bench.change("A1", { plan: { ...device.plan, quiet: ["00:00-23:59"] } });
    await bench.turn();
    assert.equal(bench.runs.length, 0);
    const order = {
      askedBy: "operator",
      commandId: 41,
      from: "2026-03-01 00:00:00",
      to: "2026-03-02 00:00:00",
    };
    const [one, other] = await Promise.all([
      bench.poller.pull("A1", order),
      bench.poller.pull("A1", { askedBy: "second" }),
    ]);
    assert.deepEqual([one.outcome, one.commandId, one.windowFrom], ["complete", 41, order.from]);
    assert.deepEqual([other.outcome, other.new], ["complete", 0]);
    await assert.rejects(async () => await bench.poller.pull("Z9", order), /no address is known/);
  });
});

// Telling only the end turns this red: whoever clicked would look at nothing for a minute.
Deno.test("an ordered read tells how far it is, in records, and nothing once it is done", async () => {
  await withBench(async (bench) => {
    const seen: Progress[] = [];
    const look = () => {
      const progress = bench.poller.progressOf(41);
      if (progress) seen.push(progress);
    };
    // Whenever the terminal says something, and whenever something is durable.
    const tamper = (payload: Uint8Array<ArrayBuffer>) => {
      look();
      return [payload];
    };
    const terminal = await bench.terminal("A1", { tamper });
    terminal.memory.fill(8_000);
    bench.whenAdded = look;
    await bench.poller.pull("A1", { askedBy: "operator", commandId: 41 });
    const steps = [...new Set(seen.map(({ step }) => step))];
    assert.deepEqual(steps, ["connecting", "reading", "storing"]);
    const reading = seen.filter(({ step }) => step === "reading");
    assert.ok(reading.some(({ done }) => done > 0 && done < 8_000), "between the ends");
    assert.ok(
      reading.every(({ done, total }, at) =>
        total === 8_000 && done <= 8_000 && done >= (reading[at - 1]?.done ?? 0)
      ),
    );
    assert.equal(bench.poller.progressOf(41), null);
  });
});

Deno.test("a due clear leaves a run with its reason, and is tried once a day", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1", { capacity: 100 });
    const policy = { when: "above" as const, percent: 80, days: 30, hours: ["00:00-23:59"] };
    bench.change("A1", { cleanup: policy });
    terminal.memory.fill(90);
    await bench.turn();
    await bench.turn();
    assert.equal(bench.lastRun()!.outcome, "not_cleared");
    assert.match(bench.lastRun()!.message, /Odoo does not hold 90 of 90/);
    bench.odoo.deliver(bench.queue);
    await bench.turn();
    assert.equal(bench.runs.length, 2, "not twice a day");
    bench.clock.advance(24 * 3_600_000);
    await bench.turn();
    await bench.turn();
    assert.equal(bench.lastRun()!.outcome, "cleared");
    assert.equal(bench.lastRun()!.askedBy, "cleanup: schedule");
    assert.equal(terminal.memory.records.length, 0);
    bench.clock.advance(3_600_000);
    await bench.turn();
    assert.equal(bench.lastRun()!.message, "complete", "our own clear is no alarm");
  });
});

Deno.test("start() reads by itself and stop() ends everything at once", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1", { tcpPacketBytes: 1008, frameGapMs: 20 });
    terminal.memory.fill(3000);
    bench.poller.start();
    await until(() => terminal.count(CODE.slice) > 0);
    const begun = performance.now();
    await bench.poller.stop();
    assert.ok(performance.now() - begun < 1_500);
    assert.equal(bench.queue.stats().pending, 0, "a part is never stored");
  });
});

// Storing what was announced, reading at each event, or keeping the line while a read wants it turns this red.
Deno.test("a terminal that is listened to is read soon after a punch, by its log alone", async () => {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1");
    terminal.memory.fill(20);
    bench.change("A1", { plan: { ...bench.devices[0]!.plan, live: true } });
    await bench.turn();
    const runs = () => bench.runs.map(({ askedBy, read }) => [askedBy, read]);
    assert.deepEqual(runs(), [["first read", 20]]);
    await bench.turn();
    await until(() => terminal.count(CODE.event) === 1);
    const pending = bench.queue.stats().pending;
    for (let n = 0; n < 5; n++) terminal.memory.punch("1001", { state: n });
    await until(() => terminal.count(CODE.ok) > 0);
    await bench.turn();
    assert.equal(runs().length, 1, "within a minute of the last read");
    assert.equal(bench.queue.stats().pending, pending, "an announcement is no punch");
    bench.clock.advance(61_000);
    await bench.turn();
    assert.deepEqual(runs().at(-1), ["live event", 25]);
    assert.equal(terminal.count(CODE.exit) > 1, true, "it had hung up before it read");
    await bench.turn();
    await until(() => terminal.count(CODE.event) === 2);
    bench.clock.advance(61_000);
    await bench.turn();
    assert.equal(runs().length, 2, "nobody punched");
    const quiet = ["00:00-23:59"];
    bench.change("A1", { plan: { ...bench.devices[0]!.plan, quiet } });
    const exits = terminal.count(CODE.exit);
    await bench.turn();
    await until(() => terminal.count(CODE.exit) > exits);
    terminal.deaf = true;
    bench.change("A1", { plan: { ...bench.devices[0]!.plan, quiet: [] } });
    const commands = terminal.commands.length;
    for (let second = 0; second < 50; second++) {
      await bench.turn();
      bench.clock.advance(1_000);
    }
    assert.equal(terminal.commands.length, commands);
    terminal.deaf = false;
    bench.clock.advance(61_000);
    await bench.turn();
    await until(() => terminal.count(CODE.event) === 3);
  });
});
