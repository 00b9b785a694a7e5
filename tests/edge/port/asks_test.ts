/** Time told to terminals, and what they are asked for again when something may be missing. */
import assert from "node:assert/strict";
import { encodeVendorTime } from "../../../edge_agent/adms/text.ts";
import { SN, withPort } from "./port_kit.ts";

const LINE = "1\t2026-03-02 08:58:13\t0\t1\t0\t0\t0\n";
const hello = (serial = SN, more = "") =>
  `/iclock/cdata?SN=${serial}&options=all&pushver=2.4.1${more}`;

// Red when the clock's trust is not asked: a terminal would be set to 2020.
Deno.test("server: Date, zone and time only while our own clock is trusted", async () => {
  await withPort(async (port) => {
    port.allow();
    const told = await port.get(hello());
    assert.equal(told.headers.get("Date"), "Mon, 02 Mar 2026 01:00:00 GMT");
    assert.match(told.body, /\nTimeZone=8\n/);
    assert.equal(
      (await port.get(`/iclock/rtdata?SN=${SN}&type=time`)).body,
      `DateTime=${encodeVendorTime("2026-03-02 09:00:00")},ServerTZ=+0800`,
    );
    assert.equal(
      (await port.get(`/iclock/cdata?SN=${SN}&type=time`)).body,
      "Time=2026-03-02T09:00:00+08:00",
    );
    port.clock.believed = false;
    const silent = await port.get(hello());
    assert.equal(silent.headers.has("Date"), false);
    assert.equal(silent.headers.has("date"), false);
    assert.equal((await port.get(`/iclock/rtdata?SN=${SN}&type=time`)).status, 503);
    assert.equal((await port.get(`/iclock/cdata?SN=${SN}&type=time`)).status, 503);
  });
});

Deno.test("server: without trust the zone last told stays, a summer time of 2020 is not told", async () => {
  await withPort(async (port) => {
    port.devices.allow(SN, { timeZone: "Europe/Berlin" });
    assert.match((await port.get(hello())).body, /\nTimeZone=1\n/);
    port.clock.believed = false;
    port.clock.jump(Date.UTC(2020, 6, 1) - port.clock.now());
    assert.match((await port.get(hello())).body, /\nTimeZone=1\n/);
  });
});

Deno.test("server: a terminal that keeps summer time itself is told the standard offset all year", async () => {
  await withPort(async (port) => {
    port.devices.apply([{
      serial: SN,
      state: "active",
      time_zone: "Europe/Berlin",
      dialect: null,
      settings: { own_summer_time: true },
    }]);
    port.clock.advance(120 * 86_400_000);
    assert.match((await port.get(hello())).body, /\nTimeZone=1\n/);
  });
});

// Red when the new offset waits for the terminal to greet by itself.
Deno.test("server: when summer time begins the terminal is asked to greet again", async () => {
  await withPort(async (port) => {
    port.devices.allow(SN, { timeZone: "Europe/Berlin" });
    await port.get(hello());
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    port.clock.advance(28 * 86_400_000);
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.match(poll.body, /^C:\d+:CHECK\n/);
    assert.match((await port.get(hello())).body, /\nTimeZone=2\n/);
  });
});

Deno.test("server: an unheard terminal may upload and poll; it is asked to greet after a minute", async () => {
  await withPort(async (port) => {
    port.allow();
    assert.equal((await port.upload("ATTLOG", LINE)).body, "OK: 1");
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    port.clock.advance(61_000);
    assert.match((await port.get(`/iclock/getrequest?SN=${SN}`)).body, /^C:\d+:CHECK\n$/);
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
  });
});

Deno.test("server: a terminal whose clock was set is asked for its last days, once an hour", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello());
    const oplog = "OPLOG 21\t0\t2026-03-02 09:00:00\t0\t0\t0\t0\n";
    assert.equal((await port.upload("OPERLOG", oplog)).body, "OK: 1");
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.match(poll.body, /DATA QUERY ATTLOG StartTime=2026-02-27 09:00:00\t/);
    assert.equal(port.devices.lookup(SN)?.facts["clock_changes"], 1);
    const id = /^C:(\d+):/.exec(poll.body)?.[1];
    await port.say({
      method: "POST",
      path: `/iclock/devicecmd?SN=${SN}`,
      body: `ID=${id}&Return=0&CMD=DATA`,
    });
    await port.upload("OPERLOG", oplog);
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
  });
});

// Sorting punches by their stamp before they are numbered turns this red: the break is the evidence.
Deno.test("S10 a clock set back and forward: stored as stated, in the order they came, both changes told", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello());
    const set = (at: string) =>
      port.upload("OPERLOG", `OPLOG 21\t0\t2026-03-02 ${at}\t0\t0\t0\t0\n`);
    const punch = (at: string) => port.upload("ATTLOG", `1\t2026-03-02 ${at}\t0\t1\n`);
    await punch("09:00:00");
    await set("07:55:00");
    await punch("07:58:00");
    await set("09:06:00");
    await punch("09:06:30");
    const stored = port.queue.punches().map(({ seq, wallTime }) => [seq, wallTime.slice(11)]);
    assert.deepEqual(stored, [[1, "09:00:00"], [2, "07:58:00"], [3, "09:06:30"]]);
    assert.equal(port.report()[0]?.facts["clock_changes"], 2);
  });
});

// Red when the wish is forgotten before the handshake that carries it was written.
Deno.test("server: a wish for the whole history: asked to greet, stamp 0 once, then none", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(hello());
    port.devices.wantReread(SN, true);
    assert.match((await port.get(`/iclock/getrequest?SN=${SN}`)).body, /^C:\d+:CHECK\n$/);
    assert.match((await port.get(hello())).body, /\nATTLOGStamp=0\n/);
    assert.doesNotMatch((await port.get(hello())).body, /Stamp=0\n/);
    assert.equal(port.devices.lookup(SN)?.rereadWanted, false);
  });
});

Deno.test("server: an access terminal is asked for all its events instead", async () => {
  await withPort(async (port) => {
    port.allow(SN, "access");
    await port.get(hello());
    port.devices.wantReread(SN, true);
    const poll = await port.get(`/iclock/getrequest?SN=${SN}`);
    assert.match(poll.body, /^C:\d+:DATA QUERY tablename=transaction,fielddesc=\*,filter=\*\n/);
    assert.equal(port.devices.lookup(SN)?.rereadWanted, false);
  });
});
