/** Odoo's orders for polled terminals: once each, results kept, clears by the procedure only. */
import assert from "node:assert/strict";
import { PollOrders, type PollOrdersOptions } from "../../../edge_agent/polling/orders.ts";
import type { Run } from "../../../edge_agent/queue/types.ts";
import { KeptLog } from "../port/port_kit.ts";

/** A poller that answers when told to, books of the device port, durable state. */
function kit(channel: "push" | "poll" = "poll", { readable = true, fault = "" } = {}) {
  const state = new Map<string, string>();
  const asked: string[] = [], passedOn: number[] = [], users: unknown[] = [];
  const acknowledged: number[] = [];
  let answer: () => void = () => {};
  const waiting = () => new Promise<void>((resolve) => answer = resolve);
  const options: PollOrdersOptions = {
    store: {
      getState: (name) => state.get(name) ?? null,
      setState: (name, value) => void state.set(name, value),
    },
    poller: {
      pull: async (serial, order) => {
        asked.push(`pull ${serial} ${order.from} ${order.commandId}`);
        await waiting();
        if (fault) throw new Error(fault);
        return { outcome: "complete", read: 12, message: "complete" } as Run;
      },
      clearNow: (serial, askedBy) => {
        asked.push(`clear ${serial} ${askedBy}`);
        return Promise.resolve({
          outcome: "not_cleared",
          reason: "Odoo does not hold 3 of 9 punches yet",
          read: 0,
          stored: { fresh: 0, repeated: 0, unread: 0 },
          deviceCount: 9,
          alarm: false,
        });
      },
      converse: <T>() => Promise.resolve([] as T),
      wallTime: () => "2026-03-02 08:00:00",
      isReadable: () => readable,
      progressOf: () => ({ step: "reading", done: 40, total: 100 }),
      channelOf: () => channel,
    },
    polled: (serial) =>
      new Map([["A1", { pollOnly: true }], ["B2", { pollOnly: false }]]).get(serial),
    others: {
      order: ({ id }) => {
        passedOn.push(id);
        return "queued";
      },
      results: () => [],
      acknowledged: (ids) => void acknowledged.push(...ids),
    },
    usersSeen: (serial, seen) => users.push([serial, seen.length]),
    log: new KeptLog(),
    wake: () => {},
  };
  return {
    options,
    asked,
    passedOn,
    acknowledged,
    users,
    settle: async () => {
      answer();
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    },
  };
}

const window = { from: "2026-03-01 00:00:00", to: "2026-03-02 00:00:00" };

// Forgetting ids that were carried out turns this red.
Deno.test("PollOrders carries an order out once and keeps its result until Odoo has it", async () => {
  const { options, asked, settle } = kit();
  const orders = new PollOrders(options);
  const request = { id: 7, serial: "A1", name: "pull_window", arguments: window };
  assert.equal(orders.order(request), "queued");
  assert.equal(orders.order(request), "queued");
  assert.deepEqual(asked, ["pull A1 2026-03-01 00:00:00 7"]);
  const [going] = orders.results();
  assert.equal(going?.state, "sent");
  assert.deepEqual(going?.progress, { step: "reading", done: 40, total: 100 });
  await settle();
  const done = { id: 7, state: "done", return: 12, message: "complete" };
  assert.deepEqual(orders.results(), [done]);
  assert.deepEqual(new PollOrders(options).results(), [done], "over a restart");
  orders.acknowledged([7]);
  assert.deepEqual(orders.results(), []);
  orders.order(request);
  assert.equal(asked.length, 1, "an id is executed once");
});

Deno.test("PollOrders: an order that a restart cut short has failed and is not begun again", () => {
  const { options, asked } = kit();
  new PollOrders(options).order({ id: 8, serial: "A1", name: "pull_window", arguments: window });
  const restarted = new PollOrders(options);
  assert.deepEqual(restarted.results(), [
    { id: 8, state: "failed", return: null, message: "the agent restarted" },
  ]);
  restarted.order({ id: 8, serial: "A1", name: "pull_window", arguments: window });
  assert.equal(asked.length, 1);
});

// S44: passing the clear on to the device port, which cannot read first, turns this red.
Deno.test("R42 S44 an ordered clear goes through the procedure and tells why not", async () => {
  const { options, asked, passedOn, settle } = kit("push");
  const orders = new PollOrders(options);
  orders.order({ id: 9, serial: "B2", name: "clear_log" });
  await settle();
  assert.deepEqual(asked, ["clear B2 odoo"]);
  assert.deepEqual(passedOn, []);
  const [result] = orders.results();
  assert.deepEqual([result?.state, result?.message], [
    "failed",
    "Odoo does not hold 3 of 9 punches yet",
  ]);
});

Deno.test("PollOrders passes on what push carries better, and what is no terminal of its own", async () => {
  const pushing = kit("push", { readable: false });
  const orders = new PollOrders(pushing.options);
  orders.order({ id: 1, serial: "B2", name: "pull_window", arguments: window });
  orders.order({ id: 2, serial: "Z9", name: "clear_log" });
  orders.order({ id: 3, serial: "B2", name: "reboot" });
  assert.deepEqual(pushing.passedOn, [1, 2, 3]);
  const silent = kit("poll");
  const fallback = new PollOrders(silent.options);
  fallback.order({ id: 4, serial: "B2", name: "refresh_users" });
  fallback.order({ id: 5, serial: "B2", name: "reboot" });
  await silent.settle();
  assert.deepEqual(silent.users, [["B2", 0]]);
  const results = new Map(fallback.results().map(({ id, state }) => [id, state]));
  assert.deepEqual(results, new Map([[5, "done"], [4, "done"]]));
});

// Red when a window goes over push although the whole log can be read, or is lost when it cannot.
Deno.test("PollOrders reads for a window while push is alive, and asks over push when reading fails", async () => {
  const alive = kit("push");
  const orders = new PollOrders(alive.options);
  orders.order({ id: 1, serial: "B2", name: "pull_window", arguments: window });
  await alive.settle();
  assert.deepEqual(alive.passedOn, []);
  assert.deepEqual(orders.results().map(({ id, state }) => [id, state]), [[1, "done"]]);

  const dark = kit("push", { fault: "unreachable" });
  const falling = new PollOrders(dark.options);
  const request = { id: 2, serial: "B2", name: "pull_window", arguments: window };
  falling.order(request);
  await dark.settle();
  assert.deepEqual(dark.passedOn, [2]);
  assert.deepEqual(falling.results(), [], "the device port's books report it");
  for (const again of [falling, new PollOrders(dark.options)]) {
    again.order(request);
    assert.deepEqual([again.results(), dark.asked.length], [[], 1], "also over a restart");
  }
  falling.acknowledged([2]);
  assert.deepEqual(dark.acknowledged, [2]);
});
