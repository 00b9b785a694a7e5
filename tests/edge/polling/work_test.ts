/** Orders for terminals that are read: users written whole and read back, options, restart, clock. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { PollOrders } from "../../../edge_agent/polling/orders.ts";
import { decodeUser, type ZkUser } from "../../../edge_agent/zk/user.ts";
import { planWrite, type UserOrder } from "../../../edge_agent/zk/user_write.ts";
import type { FakeTerminalOptions } from "../../sim/pull/options.ts";
import type { FakeTerminal } from "../../sim/pull/terminal.ts";
import { readUser, writeUsers } from "../../sim/pull/wire.ts";
import { KeptLog } from "../port/port_kit.ts";
import { type Bench, withBench } from "./poller_kit.ts";

interface Told {
  readonly state: string;
  readonly return: number | null;
  readonly message: string;
}

/** Orders over a real poller and terminal; `say` resolves with the result as Odoo would get it. */
function kit(bench: Bench) {
  const seen: (readonly ZkUser[])[] = [], passedOn: string[] = [];
  const orders = new PollOrders({
    store: bench.queue,
    poller: bench.poller,
    polled: (serial) =>
      bench.devices.some(({ target }) => target.serial === serial)
        ? { pollOnly: bench.devices.find(({ target }) => target.serial === serial)?.push === null }
        : undefined,
    others: {
      order: ({ name }) => {
        passedOn.push(name);
        return "queued";
      },
      results: () => [],
      acknowledged: () => {},
    },
    usersSeen: (_serial, users) => seen.push(users),
    log: new KeptLog(),
    wake: () => finished(),
  });
  let finished = () => {};
  let id = 0;
  const say = async (name: string, given: Record<string, unknown> = {}): Promise<Told> => {
    id += 1;
    const done = new Promise<void>((resolve) => finished = resolve);
    orders.order({ id, serial: "A1", name, arguments: given });
    await done;
    const result = orders.results().find((one) => one.id === id);
    assert.ok(result);
    return result;
  };
  return { say, seen, passedOn, orders };
}

async function withTerminal(
  options: Partial<FakeTerminalOptions>,
  use: (at: ReturnType<typeof kit> & { terminal: FakeTerminal; bench: Bench }) => Promise<void>,
): Promise<void> {
  await withBench(async (bench) => {
    const terminal = await bench.terminal("A1", options);
    await use({ ...kit(bench), terminal, bench });
  });
}

/** A record as a terminal may hold it: zones, a card of five bytes, rubbish behind the NUL of a name. */
function richRecord(size: 28 | 72, given: Partial<{ privilege: number; pin: string }> = {}) {
  const record = writeUsers([{
    index: 9,
    pin: given.pin ?? "1009",
    name: "Old",
    privilege: given.privilege ?? 0,
    password: "4711",
    card: 123_456,
  }], size).slice(4);
  const [name, zones] = size === 72 ? [11, 40] : [8, 22];
  record.set([0, 0x80, 0x81], name + 3);
  record.set([1, 2], zones);
  return record;
}

for (const size of [72, 28] as const) {
  // Writing a fresh record with the ordered fields only turns this red: password, card and zones go.
  Deno.test(`push_user over 4370 changes what was ordered and nothing else (${size} bytes)`, async () => {
    await withTerminal({ userBytes: size }, async ({ terminal, say, seen }) => {
      for (let user = 1; user < 5; user++) terminal.memory.addUser(String(1000 + user));
      terminal.memory.putUser(readUser(richRecord(size)));
      const before = structuredClone(terminal.memory.users);
      const order = { pin: "1009", name: "New", was: "Old", disabled: true };
      const result = await say("push_user", order);
      assert.equal(result.state, "done", result.message);
      assert.match(result.message, /^written and read back: name, disabled; nothing else changed$/);
      const after = terminal.memory.users.find(({ pin }) => pin === "1009");
      assert.deepEqual(
        [after?.name, after?.password, after?.card, after?.privilege],
        ["New", "4711", 123_456, 1],
      );
      assert.deepEqual(
        after?.raw?.slice(size === 72 ? 39 : 21),
        richRecord(size).slice(size === 72 ? 39 : 21),
      );
      assert.deepEqual(terminal.memory.users.slice(0, 4), before.slice(0, 4));
      assert.equal(seen.at(-1)?.find(({ pin }) => pin === "1009")?.name, "New", "relayed at once");
      const again = await say("push_user", { ...order, was: "New" });
      assert.equal(again.message, "the terminal holds it already");
      assert.equal(terminal.count(8), 1, "nothing was written a second time");
      const enabled = await say("push_user", { pin: "1009", name: "New", disabled: false });
      assert.match(enabled.message, /: enabled;/);
    });
  });
}

// Taking the lowest free place turns this red: an 8-byte record of somebody gone would become theirs.
Deno.test("push_user over 4370 makes a new user behind all others, as an ordinary one", async () => {
  await withTerminal({}, async ({ terminal, say }) => {
    terminal.memory.addUser("1001", "Boss", { index: 3, privilege: 14, password: "1" });
    terminal.memory.addUser("1002", "Other", { index: 7 });
    const result = await say("push_user", {
      pin: "0042",
      name: "Ana-María del Carmen Núñez",
      was: "",
    });
    assert.equal(result.state, "done", result.message);
    const made = terminal.memory.users.at(-1);
    assert.deepEqual([made?.index, made?.pin, made?.privilege, made?.card, made?.password], [
      8,
      "0042",
      0,
      0,
      "",
    ]);
    assert.equal(made?.name, "Ana-María del Carmen N", "cut between characters, 24 bytes at most");
    assert.doesNotMatch(result.message, /Ana/, "results are kept on disk: no names");
  });
});

const REFUSALS: readonly [string, Record<string, unknown>, RegExp][] = [
  [
    "an administrator",
    { pin: "1001", name: "Mallory" },
    /administrator of the terminal is left alone/,
  ],
  ["a new administrator", { pin: "5", name: "Mallory", privilege: 14 }, /made at the terminal/],
  [
    "what was not shown",
    { pin: "1002", name: "X", was: "Somebody" },
    /something else than was shown/,
  ],
  [
    "somebody who was not there",
    { pin: "1002", name: "X", was: "" },
    /something else than was shown/,
  ],
  ["a PIN that is there twice", { pin: "1003", name: "X" }, /lists this PIN twice/],
  ["disabling nobody", { pin: "77", name: "X", disabled: true }, /does not know this PIN/],
  ["a card that does not fit", { pin: "1002", name: "X", card: "99999999999" }, /card number/],
  ["a PIN with a line feed", { pin: "1\n2", name: "X" }, /bad pin/],
];

// Asking for the level 14 alone turns the first red: 3 is a registrar, 6 a manager.
Deno.test("push_user over 4370 refuses without writing", async () => {
  await withTerminal({}, async ({ terminal, say }) => {
    terminal.memory.addUser("1001", "Boss", { privilege: 6 });
    terminal.memory.addUser("1002", "Plain");
    terminal.memory.addUser("1003", "One");
    terminal.memory.addUser("1003", "Other");
    for (const [what, order, why] of REFUSALS) {
      const result = await say("push_user", order);
      assert.equal(result.state, "failed", what);
      assert.match(result.message, why, what);
    }
    assert.equal(terminal.count(8), 0);
  });
});

Deno.test("push_user over 4370 keeps to what a 28-byte record can say", async () => {
  await withTerminal({ userBytes: 28 }, async ({ terminal, say }) => {
    const empty = await say("push_user", { pin: "5", name: "First" });
    assert.match(empty.message, /enrol the first one at the terminal/);
    terminal.memory.addUser("1001", "Plain");
    assert.match(
      (await say("push_user", { pin: "007", name: "X" })).message,
      /without leading zeros/,
    );
    assert.equal((await say("push_user", { pin: "7", name: "Wilhelmina" })).state, "done");
    assert.equal(terminal.memory.users.at(-1)?.name, "Wilhelmi");
    const bytes = writeUsers([{
      index: 2,
      pin: "8",
      name: "",
      privilege: 0,
      password: "",
      card: 0,
    }], 28)
      .slice(4);
    bytes.set([0xd5, 0xc5], 8);
    terminal.memory.putUser(readUser(bytes));
    const other = await say("push_user", { pin: "1001", name: "José" });
    assert.match(other.message, /another code page/);
  });
});

// Believing the ACK turns this red.
Deno.test("push_user over 4370 is proven by reading back, else it failed", async () => {
  await withTerminal({}, async ({ terminal, say }) => {
    terminal.memory.addUser("1001", "Plain", { password: "4711" });
    terminal.fault("user_wiped", 1);
    const wiped = await say("push_user", { pin: "1001", name: "Other" });
    assert.equal(wiped.state, "failed");
    assert.match(wiped.message, /written, but not proven: the terminal holds something else/);
    terminal.healed().fault("user_refused", 1);
    const refused = await say("push_user", { pin: "1001", name: "Third" });
    assert.match(refused.message, /answered 2001 to USER_WRQ/);
  });
});

Deno.test("set_option, reboot, info and set_clock over 4370, each with its proof", async () => {
  await withTerminal({ options: { VOLUME: "60" } }, async ({ terminal, say, bench }) => {
    assert.deepEqual(
      (await say("set_option", { option: "VOLUME", value: "20" })).message,
      "VOLUME is 20",
    );
    terminal.fault("option_ignored", 1);
    const ignored = await say("set_option", { option: "VOLUME", value: "90" });
    assert.deepEqual([ignored.state, ignored.message], [
      "failed",
      "not proven: the terminal states 20 for VOLUME",
    ]);
    const foreign = await say("set_option", { option: "ServerIP", value: "10.0.0.1" });
    assert.match(foreign.message, /option not allowed/);
    assert.equal((await say("info")).state, "done");
    assert.equal(bench.facts.get("A1")?.["firmware"], "Ver 6.60 Apr 28 2017");
    terminal.memory.clockOffsetSeconds = -5_000;
    assert.equal((await say("set_clock")).state, "done");
    assert.ok(Math.abs(terminal.memory.clockOffsetSeconds) <= 1);
    bench.clock.believed = false;
    assert.match((await say("set_clock")).message, /own clock is not trusted/);
    assert.deepEqual((await say("reboot")).message, "the terminal restarts");
    assert.equal(terminal.memory.notes.filter((note) => note === "restarted").length, 1);
  });
});

// Leaving them to the device port turns this red: they would wait there until they expire.
Deno.test("no order for a terminal that never pushes waits for a push", async () => {
  await withTerminal({}, async ({ terminal, say, passedOn }) => {
    terminal.memory.fill(20);
    const window = { from: "2026-03-01 00:00:00", to: "2026-03-02 00:00:00" };
    assert.match((await say("count_window", window)).message, /not counted but read/);
    assert.match((await say("open_door")).message, /unknown command/);
    assert.equal((await say("check")).return, 20);
    assert.equal((await say("upload_new")).return, 20);
    assert.equal((await say("refresh_users")).return, 100);
    assert.deepEqual(passedOn, []);
  });
});

// Sending it over push where a read is possible turns this red: push cannot read first.
Deno.test("push_user goes over 4370 wherever the terminal is read, else over push", async () => {
  await withTerminal({}, async ({ terminal, bench, orders, passedOn }) => {
    terminal.memory.addUser("1001", "Plain");
    const now = bench.clock.now();
    bench.change("A1", {
      plan: { ...bench.devices[0]!.plan, mode: "push" },
      push: { lastHeardAt: now, listeningSince: now, allowedSilenceMs: 120_000 },
    });
    await bench.turn();
    orders.order({
      id: 900,
      serial: "A1",
      name: "push_user",
      arguments: { pin: "1001", name: "B" },
    });
    assert.deepEqual(passedOn, ["push_user"], "it was never read");
    await bench.poller.pull("A1", { askedBy: "test" });
    orders.order({
      id: 901,
      serial: "A1",
      name: "push_user",
      arguments: { pin: "1001", name: "B" },
    });
    orders.order({ id: 902, serial: "A1", name: "info" });
    assert.deepEqual(passedOn, ["push_user", "info"]);
  });
});

// Clearing the whole name field although the name stays, or touching any other byte, turns this red.
Deno.test("a planned user write changes only the bytes that were ordered", () => {
  const record = fc.uint8Array({ minLength: 72, maxLength: 72 }).map((bytes) => {
    bytes.set([5, 0, (bytes[2] ?? 0) & 1], 0);
    bytes.set(new TextEncoder().encode("1001\0"), 48);
    bytes.set([0x41, 0], 11);
    return bytes;
  });
  const order = fc.record<UserOrder>({
    pin: fc.constant("1001"),
    name: fc.stringMatching(/^[A-Za-z]{1,20}$/),
    card: fc.option(fc.nat().map(String)),
    disabled: fc.option(fc.boolean()),
    was: fc.constant(null),
  });
  fc.assert(
    fc.property(record, order, (bytes, asked) => {
      const write = planWrite({ body: bytes, size: 72 }, asked);
      assert.ok(!("refused" in write), "refused" in write ? write.refused : "");
      const changed = [...write.record].flatMap((byte, at) => byte === bytes[at] ? [] : [at]);
      const allowed = (at: number) =>
        (at === 2 && asked.disabled !== null) || (at >= 11 && at < 35) ||
        (at >= 35 && at < 39 && asked.card !== null);
      assert.ok(changed.every(allowed), `${changed}`);
      const user = decodeUser(write.record, 72);
      assert.equal(user.name, asked.name);
      if (asked.disabled !== null) assert.equal((user.privilege & 1) === 1, asked.disabled);
    }),
    { numRuns: 300 },
  );
});
