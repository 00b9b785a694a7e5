/** Push and poll of one terminal over the agent's real parts: device port, registry, queue, poller. */
import assert from "node:assert/strict";
import type { TerminalSettings } from "../../../edge_agent/base/config.ts";
import type { DeviceUser } from "../../../edge_agent/base/terminal.ts";
import { reportDevices } from "../../../edge_agent/fleet/report.ts";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { terminalsOf } from "../../../edge_agent/polling/devices.ts";
import { Polling } from "../../../edge_agent/polling/polling.ts";
import { FakeHoldings } from "../../sim/fake_odoo_holdings.ts";
import { FakePush } from "../../sim/pull/push.ts";
import { FakeTerminal } from "../../sim/pull/terminal.ts";
import { CODE } from "../../sim/pull/wire.ts";
import { HOST, Port } from "../port/port_kit.ts";
import { until } from "../../sim/until.ts";

const SERIAL = "FAKE0001";
const WAITS = { replyMs: 1_500, dataMs: 1_500, factMs: 800 };
const MANILA_SECONDS = 8 * 3_600;

interface Site {
  readonly port: Port;
  readonly terminal: FakeTerminal;
  readonly push: FakePush;
  readonly odoo: FakeHoldings;
  readonly polling: Polling;
  readonly users: DeviceUser[];
  wakes: number;
}

async function withSite(
  mode: TerminalSettings["mode"],
  use: (site: Site) => Promise<void>,
  { cleanup = null, addressFrom = "file", allowed = () => true }: {
    cleanup?: unknown;
    addressFrom?: "file" | "odoo";
    allowed?: (address: string) => boolean;
  } = {},
): Promise<void> {
  const port = new Port();
  port.start();
  const terminal = new FakeTerminal({
    serial: SERIAL,
    capacity: 100,
    now: () => port.clock.now(),
    clockOffsetSeconds: MANILA_SECONDS,
  });
  await terminal.start();
  const poll = { host: HOST, port: terminal.port, mode, interval_minutes: 60 };
  port.devices.apply([{
    serial: SERIAL,
    state: "active",
    time_zone: "Asia/Manila",
    dialect: null,
    settings: { cleanup, ...(addressFrom === "odoo" && { poll }) },
  }]);
  const odoo = new FakeHoldings();
  const site = { port, terminal, odoo, wakes: 0, users: [] as DeviceUser[] } as Site;
  const polling = new Polling({
    terminals: addressFrom === "odoo" ? [] : [{
      serial: SERIAL,
      host: HOST,
      port: terminal.port,
      transport: "tcp",
      commKey: 0,
      mode,
      intervalMinutes: 60,
      times: [],
      quiet: [],
      live: false,
    }],
    dataDirectory: port.directory,
    queue: port.queue,
    devices: port.devices,
    holdings: new OdooHoldings(odoo),
    clock: port.clock,
    log: port.log,
    wake: () => site.wakes++,
    commands: port.commands,
    usersSeen: (_serial, users) => site.users.push(...users),
    wakeSync: () => {},
    waits: WAITS,
    search: {
      interfaces: () => [{ address: HOST, netmask: "255.255.255.0" }],
      isAllowed: allowed,
    },
  });
  const push = new FakePush(terminal.memory, `http://${HOST}:${port.server.port}`);
  try {
    await use(Object.assign(site, { polling, push }));
  } finally {
    await polling.stop();
    await terminal.stop();
    await port.stop();
  }
}

function turn(site: Site): Promise<unknown> {
  return Promise.all(site.polling.poller.turn());
}

function channels(site: Site): Map<string, string[]> {
  const seen = new Map<string, string[]>();
  for (const row of site.port.queue.punches({ serial: SERIAL, limit: 1_000 })) {
    seen.set(row.key, [...seen.get(row.key) ?? [], row.channel].sort());
  }
  return seen;
}

// A different form of a field on one channel (a status, a PIN, a second) turns this red.
Deno.test("R21 push dies, poll takes over, push returns: every punch once, channels noted", async () => {
  await withSite("push", async (site) => {
    const { port, terminal, push } = site;
    const punch = (pin: string) => {
      port.clock.advance(30_000);
      assert.equal(terminal.memory.punch(pin, { state: Number(pin) % 2 }), true);
    };
    punch("1001");
    punch("0012");
    await push.turn();
    await turn(site);
    assert.equal(push.failures, 0);
    assert.deepEqual([...channels(site).values()], [["push"], ["push"]]);
    push.unplugged = true;
    punch("1003");
    port.clock.advance(180_000);
    await turn(site);
    assert.equal(site.polling.poller.channelOf(SERIAL), "poll");
    assert.deepEqual([...channels(site).values()].sort(), [
      ["poll"],
      ["poll", "push"],
      ["poll", "push"],
    ]);
    assert.ok(site.wakes > 0, "delivery was told");
    push.unplugged = false;
    await push.turn();
    await turn(site);
    assert.equal(site.polling.poller.channelOf(SERIAL), "push");
    assert.ok([...channels(site).values()].every((seen) => seen.length === 2));
    assert.equal(port.devices.lookup(SERIAL)?.facts["comm_key"], "none");
  });
});

function report({ port, polling }: Site) {
  const counts = port.queue.stats().perDevice;
  const [entry, ...others] = reportDevices({
    needsReread: (serial) => port.queue.needsReread(serial),
    devices: port.devices.all(),
    polled: polling.views(),
    counts,
  });
  assert.deepEqual(others, []);
  return entry;
}

// Red when a read counts as push (last_heard_at, unbroken_since), or a terminal that is only read is left out.
Deno.test("a terminal that is only read is reported as read, never as a heartbeat of push", async () => {
  await withSite("poll", async (site) => {
    const { port, terminal } = site;
    assert.equal(report(site), undefined, "neither heard nor read yet");
    port.clock.advance(30_000);
    terminal.memory.punch("1001");
    const readAt = new Date(port.clock.now()).toISOString();
    await turn(site);
    const entry = report(site);
    assert.deepEqual({ ...entry, facts: {} }, {
      serial: SERIAL,
      state: "heard",
      channels: ["poll"],
      peer: HOST,
      last_heard_at: null,
      last_punch_at: null,
      polled_at: readAt,
      complete_read_at: readAt,
      dialect: null,
      family: null,
      facts: {},
      clock_offset_seconds: null,
      pending: 1,
      oldest_pending_at: readAt,
      rejects: 0,
      discarded_biometrics: 0,
      upload_idle: true,
      unbroken_since: null,
    });
    assert.equal(entry?.facts["punches"], 1);
    assert.equal(entry?.facts["capacity"], 100);
    port.clock.advance(151 * 60_000);
    assert.equal(report(site)?.state, "silent", "two reads and half an hour are missing");
  });
});

// Red when a terminal that was never heard over push is silent for health although it is read in time, or
// when one that pushes is judged by its reads.
Deno.test("a terminal that is only read is judged by its reads, one that was heard by its push", async () => {
  await withSite("poll", async (site) => {
    const { port, polling } = site;
    const never = { serial: SERIAL, silent: true, lastHeardAt: null };
    port.clock.advance(30_000);
    const readAt = port.clock.now();
    await turn(site);
    assert.deepEqual(polling.judged(never), { ...never, silent: false, lastHeardAt: readAt });
    const heard = { ...never, lastHeardAt: 1 };
    assert.equal(polling.judged(heard), heard);
    const stranger = { ...never, serial: "OTHER" };
    assert.equal(polling.judged(stranger), stranger);
    port.clock.advance(151 * 60_000);
    assert.equal(polling.judged(never).silent, true);
  });
});

// Red when what a read found gone is only said in words: Odoo could not make a gap of it.
Deno.test("records that vanished unread are counted in the run of the read that found it out", async () => {
  await withSite("poll", async ({ port, terminal, polling }) => {
    const read = async () => {
      port.clock.advance(3_600_000);
      await Promise.all(polling.poller.turn());
      return port.queue.runs(10).at(-1);
    };
    for (const pin of ["1001", "1002", "1003"]) terminal.memory.punch(pin);
    assert.equal((await read())?.vanished, undefined);
    terminal.memory.records = [];
    terminal.memory.punch("1004");
    assert.equal((await read())?.vanished, 2);
    terminal.memory.records = [];
    for (let n = 0; n < 100; n++) terminal.memory.punch(String(2_000 + n));
    const run = await read();
    assert.equal(run?.outcome, "complete");
    assert.ok((run?.lostFrom ?? "~") < (run?.lostTo ?? ""), JSON.stringify(run));
  });
});

const MOVED = "127.0.0.77";

async function move(site: Site, to: string): Promise<void> {
  const { port } = site.terminal;
  await site.terminal.stop();
  await site.terminal.start(port, to);
}

/** Time for a failed read to be tried again, and its run. */
async function readAgain(site: Site) {
  site.port.clock.advance(3_600_000);
  await turn(site);
  return site.port.queue.runs(50).at(-1);
}

// Adopting an address before the protocol stated the serial, or keeping it when it is dead, turns this red.
Deno.test("S51 a terminal that moved is found by its serial number, read there, and told to Odoo", async () => {
  await withSite("poll", async (site) => {
    const { terminal, port } = site;
    terminal.memory.fill(5);
    assert.equal((await readAgain(site))?.outcome, "complete");
    // Another terminal that is asked first: same protocol, another serial.
    const other = new FakeTerminal({ serial: "OTHER0002", now: () => port.clock.now() });
    other.memory.fill(9);
    await other.start(terminal.port, "127.0.0.3");
    await move(site, MOVED);
    terminal.memory.punch("1001");
    assert.equal((await readAgain(site))?.outcome, "failed", "one failure may be a cable");
    const run = await readAgain(site);
    assert.equal(run?.outcome, "complete", run?.message);
    assert.match(
      run?.message ?? "",
      /found by its serial number at 127.0.0.77, no longer at 127.0.0.1/,
    );
    assert.equal(run?.new, 1);
    const told = report(site);
    assert.deepEqual([told?.peer, told?.facts["found_at"], told?.facts["configured_at"]], [
      MOVED,
      MOVED,
      HOST,
    ]);
    const next = await readAgain(site);
    assert.deepEqual([next?.outcome, next?.message], ["complete", "complete"], "kept");
    assert.equal(other.count(CODE.want), 0, "the other one was asked for its number only");
    const serials = new Set(port.queue.punches({ limit: 100 }).map(({ serial }) => serial));
    assert.deepEqual([...serials], [SERIAL]);
    await other.stop();
    await move(site, HOST);
    assert.equal((await readAgain(site))?.outcome, "failed", "gone from where it was found");
    const back = await readAgain(site);
    assert.deepEqual([back?.outcome, back?.message], ["complete", "complete"]);
    assert.equal(report(site)?.facts["found_at"], undefined);
  });
});

// Looking at every failure turns this red: 254 addresses would be asked every few minutes.
Deno.test("a terminal is looked for seldom, and only where terminals may call from", async () => {
  await withSite("poll", async (site) => {
    const { terminal, port } = site;
    const looked = () => port.log.lines.filter((line) => line.message.includes("looked for"));
    await move(site, MOVED);
    for (let minute = 0; minute < 50; minute++) {
      port.clock.advance(60_000);
      await turn(site);
    }
    assert.equal(looked().length, 2);
    assert.deepEqual(looked().map(({ fields }) => fields?.["found"]), [null, null]);
    assert.equal(terminal.commands.length, 0);
  }, { allowed: (address) => address !== MOVED });
});

// Red when the agent knows that a terminal ignores "disable" and keeps it to itself.
Deno.test("a terminal that is never cleared again says so among its facts", async () => {
  await withSite("poll", async (site) => {
    const { port, terminal, polling, odoo } = site;
    terminal.memory.ignoresDisable = true;
    for (let pin = 1001; pin < 1061; pin++) terminal.memory.punch(String(pin));
    await turn(site);
    assert.equal(report(site)?.facts["unsafe_to_clear"], undefined);
    odoo.deliver(port.queue);
    const settled = setInterval(() => {
      if (terminal.memory.disabled) terminal.memory.punch("1001");
      odoo.deliver(port.queue);
      port.clock.advance(500);
    }, 20);
    const result = await polling.poller.clearNow(SERIAL, "test");
    clearInterval(settled);
    assert.equal(result.outcome, "not_cleared");
    assert.match(result.reason, /ignores disable/);
    assert.match(String(report(site)?.facts["unsafe_to_clear"]), /recorded a punch while disabled/);
    assert.equal(terminal.count(CODE.clearLog), 0);
  });
});

const POLICY = { when: "above", percent: 50, days: 30, hours: ["00:00-23:59"] };

// Leaving push out of the conditions destroys the punch that was never pushed.
Deno.test("R45 a clear waits until push is alive and idle", async () => {
  await withSite("both", async (site) => {
    const { port, terminal, push, odoo } = site;
    for (let pin = 1001; pin < 1061; pin++) {
      port.clock.advance(1_000);
      terminal.memory.punch(String(pin));
    }
    await push.turn();
    await turn(site);
    odoo.deliver(port.queue);
    push.unplugged = true;
    port.clock.advance(25 * 3_600_000);
    await turn(site); // reads
    await turn(site); // tries to clear
    assert.equal(terminal.count(CODE.clearLog), 0);
    assert.match(port.queue.runs(50).map((run) => run.message).join("\n"), /push is silent/);
    push.unplugged = false;
    port.clock.advance(25 * 3_600_000);
    await push.turn();
    await turn(site);
    odoo.deliver(port.queue);
    await push.turn();
    const settled = setInterval(() => port.clock.advance(5_000), 50);
    await turn(site);
    clearInterval(settled);
    const messages = port.queue.runs(50).map((run) => run.message).join("\n");
    assert.equal(terminal.count(CODE.clearLog), 1, messages);
    assert.equal(terminal.memory.records.length, 0);
    assert.equal(Deno.statSync(`${port.directory}/cleared`).isDirectory, true);
  }, { cleanup: POLICY });
});

Deno.test("Odoo's orders for a polled terminal are carried out, its users relayed without secrets", async () => {
  await withSite("poll", async (site) => {
    const { polling, terminal, port } = site;
    terminal.memory.addUser("0042", "Ana", { password: "1234", privilege: 14, card: 77 });
    terminal.memory.punch("0042");
    const window = { from: "2026-03-02 00:00:00", to: "2026-03-03 00:00:00" };
    const order = { serial: SERIAL, arguments: window };
    polling.orders.order({ ...order, id: 1, name: "pull_window" });
    polling.orders.order({ ...order, id: 2, name: "refresh_users" });
    const finished = () => polling.orders.results().every(({ state }) => state !== "sent");
    await until(finished);
    assert.deepEqual(
      polling.orders.results().map(({ id, state, return: value }) => [id, state, value]),
      [[1, "done", 1], [2, "done", 1]],
    );
    assert.equal(port.queue.runs(5)[0]?.commandId, 1);
    assert.equal(JSON.stringify(site.users).includes("1234"), false);
    assert.deepEqual([site.users[0]?.pin, site.users[0]?.has_password], ["0042", true]);
  });
});

Deno.test("start() reads by itself", async () => {
  await withSite("poll", async (site) => {
    site.terminal.memory.fill(5);
    site.polling.start();
    await until(() => site.port.queue.runs(5).length > 0);
    assert.equal(site.port.queue.runs(5)[0]?.outcome, "complete");
  });
});

// Red when the address that Odoo sends is not read, or the branch's own file does not win over it.
Deno.test("a terminal whose address Odoo sends is read, ordered and reported, without a restart", async () => {
  await withSite("poll", async (site) => {
    const { port, polling, terminal } = site;
    terminal.memory.fill(5);
    await turn(site);
    assert.equal(port.queue.runs(5)[0]?.outcome, "complete");
    const told = report(site);
    assert.deepEqual([told?.serial, told?.last_heard_at, told?.facts["punches"]], [
      SERIAL,
      null,
      5,
    ]);
    const order = { id: 7, serial: SERIAL, name: "refresh_users", arguments: {} };
    assert.equal(polling.orders.order(order), "queued");
    port.devices.apply([{
      serial: SERIAL,
      state: "active",
      time_zone: "Asia/Manila",
      dialect: null,
      settings: {},
    }]);
    assert.deepEqual(polling.terminals(), []);
  }, { addressFrom: "odoo" });
});

Deno.test("poll settings from Odoo: what is unclear is no address, the branch's file wins", () => {
  const settings = { poll: { host: "192.168.1.9", mode: "both", comm_key: 5, times: ["06:00"] } };
  const device = { serial: SERIAL, settings };
  const [read] = terminalsOf([], [device]);
  assert.deepEqual([read?.host, read?.port, read?.commKey, read?.mode], [
    "192.168.1.9",
    4370,
    5,
    "both",
  ]);
  for (
    const poll of [null, {}, { host: "a b" }, { host: "x", port: 0 }, { host: "x", quiet: [1] }]
  ) {
    assert.deepEqual(terminalsOf([], [{ serial: SERIAL, settings: { poll } }]), []);
  }
  assert.deepEqual(terminalsOf([{ ...read!, host: "10.0.0.1" }], [device]).map((t) => t.host), [
    "10.0.0.1",
  ]);
});
