// What the board accepts from Odoo, and when it may still be believed.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BoardShapeError,
  isFirstRun,
  isStale,
  offsetWithin,
  readBoard,
  STALE_AFTER_MS,
  STATUSES,
  storageTone,
  toneOf,
} from "../../owl_src/device_board/board_data.ts";

const COUNTS = { ok: 1, late: 0, dead: 0, clock: 0, storage: 0, clone: 0, gap: 0, waiting: 0 };

const DEVICE = {
  id: 7,
  name: "Main gate",
  serial: "BRM9203610001",
  agent_id: 1,
  agent_name: "Manila",
  place: false,
  state: "active",
  status: "ok",
  since_at: null,
  cause: false,
  last_heard_at: "2026-03-02T08:00:00.000Z",
  last_punch_at: null,
  punches_today: 12,
  rejects: 0,
  pending: 0,
  storage_percent: 41.5,
  complete_until: "2026-03-02T07:59:00.000Z",
};

const AGENT = {
  id: 1,
  name: "Manila",
  state: "active",
  last_seen_at: "2026-03-02T08:00:01.000Z",
  pending: 0,
  oldest_pending_at: null,
  status: "ok",
  since_at: null,
  cause: "",
};

const ANSWER = {
  server_time: "2026-03-02T08:00:05.000Z",
  total: 1,
  counts: COUNTS,
  agents: [AGENT],
  devices: [DEVICE],
};

Deno.test("readBoard() reads an answer of the contract", () => {
  const board = readBoard(ANSWER);
  assert.equal(board.serverAt, Date.UTC(2026, 2, 2, 8, 0, 5));
  assert.equal(board.devices[0]?.lastHeardAt, Date.UTC(2026, 2, 2, 8));
  assert.equal(board.devices[0]?.storagePercent, 41.5);
  assert.equal(board.agents[0]?.lastSeenAt, Date.UTC(2026, 2, 2, 8, 0, 1));
});

Deno.test("readBoard() takes Odoo's false for an empty text or instant", () => {
  const [device] = readBoard({
    ...ANSWER,
    devices: [{ ...DEVICE, complete_until: false, storage_percent: false }],
  }).devices;
  assert.equal(device?.place, "");
  assert.equal(device?.cause, "");
  assert.equal(device?.completeUntil, null);
  assert.equal(device?.storagePercent, null);
});

Deno.test("readBoard() refuses a wrong answer whole and names the field", () => {
  const wrong: [unknown, RegExp][] = [
    [null, /^answer: /],
    ["<html>", /^answer: /],
    [[], /^answer: /],
    [{ ...ANSWER, server_time: "08:00" }, /^server_time: /],
    [{ ...ANSWER, server_time: false }, /^server_time: /],
    [{ ...ANSWER, total: -1 }, /^total: /],
    [{ ...ANSWER, counts: { ...COUNTS, gap: undefined } }, /^counts\.gap: /],
    [{ ...ANSWER, counts: { ...COUNTS, ok: "1" } }, /^counts\.ok: /],
    [{ ...ANSWER, agents: {} }, /^agents: /],
    [{ ...ANSWER, devices: [DEVICE, null] }, /^devices\[1\]: /],
    [{ ...ANSWER, devices: [{ ...DEVICE, pending: 1.5 }] }, /^devices\[0\]\.pending: /],
    [{ ...ANSWER, devices: [{ ...DEVICE, cause: 3 }] }, /^devices\[0\]\.cause: /],
    [{ ...ANSWER, devices: [{ ...DEVICE, last_heard_at: "yesterday" }] }, /last_heard_at: /],
    [{ ...ANSWER, devices: [{ ...DEVICE, storage_percent: NaN }] }, /storage_percent: /],
  ];
  for (const [answer, message] of wrong) {
    assert.throws(() => readBoard(answer), (error) => {
      assert.ok(error instanceof BoardShapeError);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("readBoard() either reads or throws BoardShapeError, whatever comes", () => {
  fc.assert(fc.property(fc.anything(), (answer) => {
    try {
      readBoard(answer);
    } catch (error) {
      assert.ok(error instanceof BoardShapeError);
    }
  }));
});

Deno.test("toneOf() is green for ok alone (I8: never green while something is wrong)", () => {
  // Red when an unknown status falls back to success, or another status is given that tone.
  assert.deepEqual(STATUSES.filter((status) => toneOf(status) === "success"), ["ok"]);
  for (const status of ["", "fine", "toString", "OK"]) assert.equal(toneOf(status), "unknown");
});

Deno.test("isStale() holds from the age on at which two readings have failed", () => {
  assert.equal(isStale(1_000, 1_000 + STALE_AFTER_MS - 1), false);
  assert.equal(isStale(1_000, 1_000 + STALE_AFTER_MS), true);
});

Deno.test("isFirstRun() is true only where nothing was ever set up", () => {
  const none = { ...readBoard(ANSWER), total: 0, agents: [], devices: [] };
  const empty = { ...none, counts: { ...none.counts, ok: 0 } };
  assert.equal(isFirstRun(empty, " ", null), true);
  assert.equal(isFirstRun(empty, "gate", null), false);
  assert.equal(isFirstRun(empty, "", "ok"), false);
  assert.equal(isFirstRun(none, "", null), false);
  assert.equal(isFirstRun({ ...empty, agents: readBoard(ANSWER).agents }, "", null), false);
});

Deno.test("offsetWithin() goes back to the last page that has something on it", () => {
  assert.equal(offsetWithin(160, 80, 161), 160);
  assert.equal(offsetWithin(160, 80, 160), 80);
  assert.equal(offsetWithin(160, 80, 1), 0);
  assert.equal(offsetWithin(160, 80, 0), 0);
  assert.equal(offsetWithin(0, 80, 500), 0);
});

Deno.test("storageTone() alarms before the memory is full", () => {
  assert.deepEqual([0, 79.9, 80, 94.9, 95, 130].map(storageTone), [
    "success",
    "success",
    "warning",
    "warning",
    "danger",
    "danger",
  ]);
});
