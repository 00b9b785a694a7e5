/** Odoo collects a terminal's redacted report: what an order of it brings, and how often. */
import assert from "node:assert/strict";
import { Devices } from "../../../edge_agent/fleet/devices.ts";
import type { CommandReport, OrderRequest } from "../../../edge_agent/fleet/commands.ts";
import { terminalReport } from "../../../edge_agent/health/terminal_report.ts";
import { ReportOrders } from "../../../edge_agent/local/report_orders.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { LaneKit, SERIAL } from "../queue/lane_kit.ts";

async function withOrders(
  use: (
    orders: ReportOrders,
    passedOn: OrderRequest[],
    forgotten: number[],
  ) => Promise<void> | void,
): Promise<void> {
  const clock = new ManualClock();
  const lane = new LaneKit(clock);
  const passedOn: OrderRequest[] = [];
  const forgotten: number[] = [];
  const other: CommandReport = { id: 9, state: "done", return: 0, message: "" };
  try {
    await lane.add(0, 3);
    const devices = new Devices({ store: lane.queue, clock, log: silentLog });
    devices.start();
    devices.allow(SERIAL, { timeZone: "Asia/Manila", dialect: null });
    const orders = new ReportOrders({ queue: lane.queue, devices, redacted: terminalReport }, {
      order: (request) => {
        passedOn.push(request);
        return "queued";
      },
      results: () => [other],
      acknowledged: (ids) => void forgotten.push(...ids),
    });
    await use(orders, passedOn, forgotten);
    devices.stop();
  } finally {
    await lane.stop();
  }
}

const order = (id: number, serial = SERIAL, name = "report"): OrderRequest => ({
  id,
  serial,
  name,
  arguments: {},
});

// Red when a report is made twice, outlives its receipt, or holds back other results.
Deno.test("report: an order of Odoo brings the redacted points once, until Odoo has them", async () => {
  await withOrders((orders, passedOn, forgotten) => {
    assert.equal(orders.order(order(1)), "queued");
    assert.equal(orders.order(order(1)), "queued", "listed again");
    const [made, other] = orders.results();
    assert.equal(orders.results().length, 2);
    assert.deepEqual([made?.id, made?.state, other?.id], [1, "done", 9]);
    const points = new Map(made?.report?.map(({ point, found }) => [point, found]));
    assert.ok(points.size >= 25, `${points.size} points`);
    assert.equal(points.get("time zone set in Odoo"), "yes");
    assert.equal(JSON.stringify(made).includes(SERIAL), false);
    assert.deepEqual(passedOn, []);
    orders.acknowledged([1]);
    assert.deepEqual(orders.results().map(({ id }) => id), [9]);
    assert.deepEqual(forgotten, [1]);
  });
});

Deno.test("report: of a terminal nobody knows it is refused, and every other order goes on", async () => {
  await withOrders((orders, passedOn) => {
    assert.deepEqual(orders.order(order(2, "NOBODY")), {
      refused: "that terminal is not known here",
    });
    assert.equal(orders.order(order(3, SERIAL, "info")), "queued");
    assert.deepEqual(passedOn.map(({ id }) => id), [3]);
  });
});

Deno.test("report: a hundred wait at most", async () => {
  await withOrders((orders) => {
    for (let id = 1; id <= 100; id++) assert.equal(orders.order(order(id)), "queued");
    assert.deepEqual(orders.order(order(101)), { refused: "too many reports wait to be told" });
  });
});
