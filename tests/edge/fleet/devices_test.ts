/** The registry of terminals over a real queue, time by hand. */
import assert from "node:assert/strict";
import { type Device, Devices } from "../../../edge_agent/fleet/devices.ts";
import { KeptLog, SN, withPort, ZONE } from "../port/port_kit.ts";

const poll = { peer: "10.0.0.9", visit: "poll" as const, dialect: null };

function known(devices: Devices, serial = SN): Device {
  const device = devices.lookup(serial);
  assert.ok(device !== undefined);
  return device;
}

Deno.test("devices: what was learnt outlives a restart", async () => {
  await withPort(async (port) => {
    port.allow();
    port.devices.heard(SN, { ...poll, visit: "handshake", dialect: "access" });
    port.devices.updateFacts(SN, { firmware: "ZAM170", users: 3 });
    port.devices.noteDiscarded(SN, 7);
    port.devices.noteTold(SN, 480);
    port.devices.setRegistryCode(SN, "c0de");
    port.devices.wantReread(SN, true);
    await port.restart();
    const device = known(port.devices);
    assert.equal(device.state, "active");
    assert.equal(device.timeZone, ZONE);
    assert.equal(device.dialect, "access");
    assert.deepEqual(device.facts, { firmware: "ZAM170", users: 3 });
    assert.equal(device.discardedBiometrics, 7);
    assert.equal(device.toldOffset, 480);
    assert.equal(device.registryCode, "c0de");
    assert.equal(device.rereadWanted, true);
    assert.equal(device.peer, "10.0.0.9");
    assert.equal(device.handshakeAt, null);
  });
});

Deno.test("devices: a row of another version is read with what it holds", async () => {
  await withPort(async (port) => {
    port.queue.putDevice({
      serial: "OLD1",
      state: "active",
      timeZone: "Not/AZone",
      dialect: "klingon",
      facts: { facts: { users: 3, odd: [1] }, told_offset: "x", peer: 5, settings: [] },
    });
    await port.restart();
    const device = known(port.devices, "OLD1");
    assert.equal(device.timeZone, "UTC");
    assert.equal(device.dialect, "attendance");
    assert.deepEqual(device.facts, { users: 3 });
    assert.equal(device.toldOffset, null);
  });
});

// Red when a stranger's file is taken in, or that of a terminal somebody refused.
Deno.test("devices: what is brought of a terminal is taken in when it is known and not refused", async () => {
  await withPort((port) => {
    const states = ["waiting", "active", "refused"] as const;
    port.devices.apply(
      states.map((state) => ({ serial: `T-${state}`, state, time_zone: ZONE, dialect: null })),
    );
    const letIn = [...states.map((state) => `T-${state}`), "NOBODY"]
      .map((serial) => port.devices.isLetIn(serial));
    assert.deepEqual(letIn, [true, true, false, false]);
    return Promise.resolve();
  });
});

Deno.test("devices: an override of the dialect wins over what is heard, and can be taken back", async () => {
  await withPort((port) => {
    const apply = (dialect: string | null) =>
      port.devices.apply([{ serial: SN, state: "active", time_zone: ZONE, dialect }]);
    apply("us");
    port.devices.heard(SN, { ...poll, dialect: "access" });
    assert.equal(known(port.devices).dialect, "us");
    apply(null);
    assert.equal(known(port.devices).dialect, "access");
    return Promise.resolve();
  });
});

Deno.test("devices: settings that cannot be used are told and skipped, the rest is applied", () => {
  const log = new KeptLog();
  const rows: unknown[] = [];
  const store = { deviceRows: () => [], putDevice: (row: unknown) => void rows.push(row) };
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    trusted: () => true,
    sleep: () => Promise.resolve(),
  };
  const devices = new Devices({ store, clock, log });
  devices.apply([
    { serial: "../x", state: "active", time_zone: ZONE, dialect: null },
    { serial: "A1", state: "active", time_zone: "Mars/Base", dialect: null },
    {
      serial: "A2",
      state: "waiting",
      time_zone: ZONE,
      dialect: null,
      settings: { poll_seconds: 1, comm_key: 7, punch_events: [77, "x"] },
    },
  ]);
  assert.equal(log.lines.length, 2);
  assert.deepEqual(devices.all().map((device) => device.serial), ["A2"]);
  assert.deepEqual(known(devices, "A2").settings, {
    pollSeconds: 10,
    silenceSeconds: 120,
    commKey: "",
    punchEvents: [77],
    ownSummerTime: false,
    backFillMinutes: 60,
    cleanup: null,
    poll: null,
  });
  assert.equal(known(devices, "A2").allowedSilenceMs, 120_000);
  const before = rows.length;
  devices.apply([{
    serial: "A2",
    state: "waiting",
    time_zone: ZONE,
    dialect: null,
    settings: { poll_seconds: 1, comm_key: 7, punch_events: [77, "x"] },
  }]);
  assert.equal(rows.length, before, "an unchanged answer of every sync must not write");
  // Three calls of the terminal are the least that a silence is.
  for (
    const [silence_seconds, poll_seconds, ms] of [[15, 5, 15_000], [15, 20, 60_000], [
      9,
      5,
      120_000,
    ]]
  ) {
    const settings = { silence_seconds, poll_seconds };
    devices.apply([{ serial: "A2", state: "waiting", time_zone: ZONE, dialect: null, settings }]);
    assert.equal(known(devices, "A2").allowedSilenceMs, ms);
  }
  assert.throws(() => devices.allow("A3", { timeZone: "Mars/Base" }), TypeError);
  assert.throws(() => devices.allow("A3", { timeZone: ZONE, dialect: "x" }), TypeError);
  assert.throws(() => devices.allow("a b", { timeZone: ZONE }), TypeError);
});

// Red when silence is judged by the wall clock alone: a jump would break every session.
Deno.test("devices: an unbroken session ends with silence, not with a jump of the clock", async () => {
  await withPort((port) => {
    port.allow();
    const beganAt = port.clock.now();
    for (let n = 0; n < 30; n++) {
      port.devices.heard(SN, poll);
      port.clock.advance(10_000);
    }
    port.clock.jump(86_400_000);
    port.devices.heard(SN, poll);
    assert.equal(known(port.devices).unbrokenSince, beganAt);
    assert.equal(port.devices.silenceOf(SN), null);
    assert.equal(known(port.devices).silent, false);
    port.clock.advance(121_000);
    assert.equal(known(port.devices).silent, true);
    assert.equal(port.report()[0]?.state, "silent");
    port.devices.heard(SN, poll);
    assert.equal(known(port.devices).unbrokenSince, port.clock.now());
    const silence = port.devices.silenceOf(SN);
    assert.ok(silence);
    assert.equal(silence.to - silence.from, 121_000);
    port.devices.silenceAsked(SN, { from: silence.from, to: silence.to - 1 });
    assert.notEqual(port.devices.silenceOf(SN), null, "it has grown since it was asked for");
    port.devices.silenceAsked(SN, silence);
    assert.equal(port.devices.silenceOf(SN), null);
    return Promise.resolve();
  });
});

Deno.test("devices: a restart within the heartbeat does not break the session, a longer one does", async () => {
  await withPort(async (port) => {
    port.allow();
    const beganAt = port.clock.now();
    port.devices.heard(SN, poll);
    port.clock.advance(30_000);
    await port.restart();
    port.devices.heard(SN, poll);
    assert.equal(known(port.devices).unbrokenSince, beganAt);
    port.clock.advance(3_600_000);
    await port.restart();
    port.devices.heard(SN, poll);
    assert.equal(known(port.devices).unbrokenSince, port.clock.now());
    const silence = port.devices.silenceOf(SN);
    assert.notEqual(silence, null);
    await port.restart();
    assert.deepEqual(port.devices.silenceOf(SN), silence, "not asked for yet");
  });
});

Deno.test("devices: the report has the shape of a sync, without terminals never heard", async () => {
  await withPort(async (port) => {
    port.allow();
    port.allow("NEVER1");
    await port.get(`/iclock/cdata?SN=${SN}&options=all&pushver=2.4.1`);
    await port.upload("ATTLOG", "1\t2026-03-02 08:58:13\t0\t1\n");
    const [entry, ...others] = port.report();
    assert.deepEqual(others, []);
    assert.deepEqual(entry, {
      serial: SN,
      state: "heard",
      peer: "127.0.0.1",
      last_heard_at: "2026-03-02T01:00:00.000Z",
      last_punch_at: "2026-03-02T01:00:00.000Z",
      polled_at: null,
      complete_read_at: null,
      channels: ["push"],
      dialect: "attendance",
      family: "attendance",
      facts: { pushver: "2.4.1" },
      clock_offset_seconds: -107,
      pending: 1,
      oldest_pending_at: "2026-03-02T01:00:00.000Z",
      rejects: 0,
      discarded_biometrics: 0,
      upload_idle: false,
      unbroken_since: "2026-03-02T01:00:00.000Z",
    });
    await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.equal(port.report()[0]?.upload_idle, true);
  });
});

// Red when a backlog is taken for a slow clock.
Deno.test("devices: the clock is judged by punches that came alone and at once", async () => {
  await withPort(async (port) => {
    port.allow();
    const line = (time: string) => `1\t2026-03-02 ${time}\t0\t1\n`;
    const offset = () => known(port.devices).clockOffsetSeconds;
    await port.get(`/iclock/getrequest?SN=${SN}`);
    await port.upload("ATTLOG", line("09:00:07"));
    assert.equal(offset(), 7);
    await port.upload("ATTLOG", line("03:00:00"));
    assert.equal(offset(), 7, "it had not polled since: this is backlog");
    await port.get(`/iclock/getrequest?SN=${SN}`);
    await port.upload("ATTLOG", Array.from({ length: 9 }, (_, n) => line(`04:00:0${n}`)).join(""));
    assert.equal(offset(), 7, "nine at once are backlog");
    port.clock.believed = false;
    await port.get(`/iclock/getrequest?SN=${SN}`);
    await port.upload("ATTLOG", line("05:00:00"));
    assert.equal(offset(), 7, "an untrusted clock judges nobody");
  });
});

// Red when only a clock that is ahead is seen, or a repeat, an answer or a backlog is taken for a slow one.
Deno.test("devices: a live punch tells a clock that is ahead or behind; what is old by nature does not", async () => {
  await withPort(async (port) => {
    port.allow();
    const line = (time: string) => `1\t2026-03-02 ${time}\t0\t1\n`;
    const offset = () => known(port.devices).clockOffsetSeconds;
    const poll = async () => {
      port.clock.advance(10_000);
      return await port.get(`/iclock/getrequest?SN=${SN}`);
    };
    await poll();
    await port.upload("ATTLOG", line("10:00:10"));
    assert.equal(offset(), 3_600, "an hour ahead");
    await poll();
    await port.upload("ATTLOG", line("08:00:20"));
    assert.equal(offset(), -3_600, "an hour behind");
    await poll();
    await port.upload("ATTLOG", line("09:00:30"));
    assert.equal(offset(), 0);
    await poll();
    await port.upload("ATTLOG", line("08:00:20"));
    assert.equal(offset(), 0, "it is known: the terminal repeats");
    const window = { from: "2026-03-02 00:00:00", to: "2026-03-02 09:00:00" };
    port.commands.order({ id: 5, serial: SN, name: "pull_window", arguments: window });
    await poll();
    await port.upload("ATTLOG", line("03:00:00"));
    assert.equal(offset(), 0, "it was asked for what is old");
    await port.say({
      method: "POST",
      path: `/iclock/devicecmd?SN=${SN}`,
      body: "ID=5&Return=1&CMD=DATA",
    });
    await poll();
    port.clock.advance(4 * 3_600_000);
    await poll();
    await port.upload("ATTLOG", line("10:30:00"));
    assert.equal(offset(), 0, "it was away and kept this meanwhile");
    for (let n = 0; n < 13; n++) await poll();
    await port.upload("ATTLOG", line("12:03:20"));
    assert.equal(offset(), -3_600, "it has been back for two minutes");
  });
});

// Mending the stamp, or judging it and keeping that from Odoo, turns this red.
Deno.test("S09 a punch of a clock that is 45 minutes slow is stored unchanged and the clock is told", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(`/iclock/getrequest?SN=${SN}`);
    await port.upload("ATTLOG", "1\t2026-03-02 08:15:00\t0\t1\n");
    const [stored] = port.queue.punches();
    assert.equal(stored?.wallTime, "2026-03-02 08:15:00");
    assert.equal(port.report()[0]?.clock_offset_seconds, -2_700);
    assert.equal(known(port.devices).clockOffsetSeconds, -2_700);
  });
});

Deno.test("devices: a store that cannot write costs no terminal its answer", () => {
  const log = new KeptLog();
  let broken = false;
  const store = {
    deviceRows: () => [],
    putDevice: () => {
      if (broken) throw new Error("full");
    },
  };
  let mono = 0;
  const clock = {
    now: () => mono,
    monotonic: () => mono,
    trusted: () => true,
    sleep: () => Promise.resolve(),
  };
  const devices = new Devices({ store, clock, log });
  devices.allow(SN, { timeZone: ZONE });
  broken = true;
  mono += 400_000;
  devices.heard(SN, poll);
  devices.noteTold(SN, 60);
  assert.equal(known(devices).toldOffset, 60);
  assert.ok(log.lines.length >= 1);
  assert.throws(() => devices.allow("B2", { timeZone: ZONE }), /full/);
});
