/** What Odoo is told of terminals after a loss, and a new agent in the place of a dead one: real port and queue. */
import assert from "node:assert/strict";
import { Recovery } from "../../../edge_agent/fleet/recovery.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { Terminal } from "../../sim/push/terminal.ts";
import { HOST, Port, SN, withPort, ZONE } from "../port/port_kit.ts";

const handshake = `/iclock/cdata?SN=${SN}&options=all&pushver=2.4.1`;
const poll = `/iclock/getrequest?SN=${SN}`;

function recoveryOf(port: Port): Recovery {
  const { queue, devices, commands, clock } = port;
  return new Recovery({
    queue,
    devices,
    commands,
    clock,
    log: silentLog,
    completeReadAt: () => null,
  });
}

// Red when a session of before the loss is told as unbroken: Odoo takes its silence for a proof that nothing
// was punched, and judges days on it.
Deno.test("R64 a terminal that must be read again reports no unbroken session and no idle upload", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.get(handshake);
    await port.get(poll);
    const recovery = recoveryOf(port);
    recovery.tend();
    const told = () => {
      const [entry] = port.report();
      return [entry?.upload_idle, entry?.unbroken_since];
    };
    const before = new Date(port.clock.now()).toISOString();
    assert.deepEqual(told(), [true, before]);
    port.clock.advance(60_000);
    port.queue.leaveLane("older_copy", "test");
    assert.deepEqual(told(), [false, null], "at once, whoever tends what");
    recovery.tend();
    await port.get(poll);
    assert.deepEqual(told(), [false, null], "it was not read yet");
    port.queue.rereadDone(SN);
    const since = new Date(port.clock.now()).toISOString();
    assert.deepEqual(told(), [true, since], "anew, not from before the loss");
    await port.restart();
    assert.deepEqual(told(), [true, since]);
  });
});

// Red when a new agent hands out no stamp 0, asks before Odoo lists the terminal, or asks again at each sync.
Deno.test("R66 a new agent brings back what the terminal holds of what the dead one had acknowledged", async () => {
  const old = new Port();
  old.start();
  old.allow();
  const { port } = old.server;
  const terminal = new Terminal({ host: HOST, port, serial: SN });
  const minutes = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => ({
      pin: String(1 + n % 9),
      time: new Date(Date.UTC(2026, 1, 1) + (from + n) * 60_000).toISOString().slice(0, 19)
        .replace("T", " "),
      status: "0",
      verify: "1",
      workCode: "0",
    }));
  terminal.record(...minutes(0, 300));
  for (let n = 0; n < 5; n++) await terminal.round();
  assert.equal(terminal.pending, 0, "acknowledged by the old agent");
  await old.stop();

  const fresh = new Port({ port });
  fresh.start();
  const recovery = recoveryOf(fresh);
  const listed = { serial: SN, state: "active" as const, time_zone: ZONE, dialect: null };
  const tend = () => {
    fresh.devices.apply([{ ...listed, read_from: null }]);
    recovery.tend();
    fresh.clock.advance(10_000);
  };
  try {
    tend();
    await assert.doesNotReject(terminal.round());
    for (let n = 0; n < 6 && terminal.counters.handshakes < 3; n++) {
      fresh.clock.advance(61_000);
      tend();
      await terminal.round();
    }
    terminal.record(...minutes(300, 301));
    for (let n = 0; n < 5; n++) await terminal.round();
    assert.equal(fresh.punches().length, 301, "all it holds, and the live one");
    for (let n = 0; n < 60; n++) {
      tend();
      if (n % 6 === 0) await terminal.round();
    }
    const { handshakes } = terminal.counters;
    for (let n = 0; n < 120; n++) {
      tend();
      if (n % 6 === 0) await terminal.round();
    }
    assert.equal(terminal.counters.handshakes, handshakes, "asked once");
    assert.equal(fresh.devices.historyWish(SN), null);
    await fresh.restart();
    fresh.devices.apply([{ ...listed, read_from: null }]);
    assert.equal(fresh.devices.historyWish(SN), null, "over a restart too");
  } finally {
    await fresh.stop();
  }
});
