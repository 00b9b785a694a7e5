/** The pure plan of polling: schedules, fallback, quiet hours, clearing policy, storage levels. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { inSpans } from "../../../edge_agent/base/hours.ts";
import { pollDevices, readCleanupPolicy } from "../../../edge_agent/polling/devices.ts";
import {
  cleanupDue,
  decide,
  NEVER_CLEAN,
  type PollHistory,
  type PollPlan,
  storageLevel,
  whyPushNotQuiet,
} from "../../../edge_agent/polling/plan.ts";

const MINUTE = 60_000;
/** 2026-03-02 06:00 in Manila. */
const NOW = Date.UTC(2026, 2, 1, 22, 0);
const plan: PollPlan = {
  mode: "both",
  intervalMinutes: 60,
  times: [],
  quiet: [],
  utcOffsetMinutes: 480,
  live: false,
};
const fresh: PollHistory = {
  lastReadAt: null,
  lastTriedAt: null,
  failures: 0,
  notAvailable: false,
};
const read = (minutesAgo: number): PollHistory => ({
  ...fresh,
  lastReadAt: NOW - minutesAgo * MINUTE,
  lastTriedAt: NOW - minutesAgo * MINUTE,
});
const push = (minutesAgo: number) => ({
  lastHeardAt: NOW - minutesAgo * MINUTE,
  listeningSince: NOW - 600 * MINUTE,
  allowedSilenceMs: 2 * MINUTE,
});

Deno.test("decide() reads at once, then by interval", () => {
  assert.equal(decide(plan, push(0), fresh, NOW).poll, true);
  assert.equal(decide(plan, push(0), read(59), NOW).poll, false);
  assert.equal(decide(plan, push(0), read(60), NOW).poll, true);
  assert.equal(decide(plan, push(0), read(-30), NOW).poll, true, "the clock was set back");
});

Deno.test("decide() reads at named times of the device's zone", () => {
  const named = { ...plan, times: ["05:30", "21:00"] };
  assert.equal(decide(named, push(0), read(20), NOW).poll, false);
  assert.equal(decide(named, push(0), read(31), NOW).poll, true);
  const early = { ...plan, times: ["06:30", "21:00"] };
  assert.equal(decide(early, push(0), read(9 * 60 - 1), NOW).poll, false, "21:00 was 9 hours ago");
  assert.equal(decide(early, push(0), read(9 * 60 + 1), NOW).poll, true);
});

// Reading although push is alive, or not stepping back, turns this red.
Deno.test("decide() takes over while push is silent and steps back", () => {
  const only = { ...plan, mode: "push" as const };
  const alive = decide(only, push(1), fresh, NOW);
  assert.deepEqual(alive, { poll: false, why: "push is alive", channel: "push" });
  const silent = decide(only, push(3), read(10), NOW);
  assert.deepEqual(silent, { poll: true, why: "push is silent", channel: "poll" });
  assert.equal(decide(only, push(3), read(4), NOW).poll, false, "every five minutes");
  assert.equal(decide(only, push(0), read(10), NOW).channel, "push");
  const started = { lastHeardAt: null, listeningSince: NOW - MINUTE, allowedSilenceMs: 2 * MINUTE };
  assert.equal(decide(only, started, fresh, NOW).poll, false, "it gets time to call");
});

Deno.test("decide() leaves the terminal alone in quiet hours and after failures", () => {
  const quiet = { ...plan, quiet: ["05:00-07:00"] };
  assert.equal(decide(quiet, push(9), fresh, NOW).why, "quiet hours");
  const failed = (failures: number, minutesAgo: number, notAvailable = false) =>
    decide(plan, null, {
      ...fresh,
      failures,
      notAvailable,
      lastTriedAt: NOW - minutesAgo * MINUTE,
    }, NOW).poll;
  assert.equal(failed(1, 0.5), false);
  assert.equal(failed(1, 1), true);
  assert.equal(failed(4, 7), false);
  assert.equal(failed(4, 8), true);
  assert.equal(failed(40, 59), false);
  assert.equal(failed(40, 60), true);
  assert.equal(failed(1, 120, true), false, "a firmware without pull is asked once a day");
});

Deno.test("inSpans() knows spans over midnight", () => {
  assert.equal(inSpans(["22:00-06:01"], 480, NOW), true);
  assert.equal(inSpans(["22:00-06:00"], 480, NOW), false);
  assert.equal(inSpans(["06:00-06:00"], 480, NOW), false);
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
    assert.notEqual(inSpans(["03:00-15:00"], -300, at), inSpans(["15:00-03:00"], -300, at));
  }));
});

Deno.test("cleanupDue() is never the default, once a day, in the named hours only", () => {
  const policy = { when: "above" as const, percent: 80, days: 30, hours: ["05:00-07:00"] };
  const fill = { count: 80_000, capacity: 100_000, lastTriedAt: null, lastClearedAt: null };
  assert.equal(cleanupDue(NEVER_CLEAN, fill, 480, NOW), false);
  assert.equal(cleanupDue(policy, fill, 480, NOW), true);
  assert.equal(cleanupDue(policy, fill, 0, NOW), false, "22:00 there");
  assert.equal(cleanupDue(policy, { ...fill, count: 79_999 }, 480, NOW), false);
  assert.equal(cleanupDue(policy, { ...fill, count: null }, 480, NOW), false);
  const tried = { ...fill, lastTriedAt: NOW - 600 * MINUTE };
  assert.equal(cleanupDue(policy, tried, 480, NOW), false);
  const every = { ...policy, when: "every" as const, days: 7 };
  assert.equal(cleanupDue(every, { ...fill, count: 5 }, 480, NOW), true);
  const cleared = { ...fill, lastClearedAt: NOW - 6 * 1_440 * MINUTE };
  assert.equal(cleanupDue(every, cleared, 480, NOW), false);
});

Deno.test("readCleanupPolicy() takes anything unclear for never", () => {
  const good = { when: "above", percent: 70, days: 9, hours: ["01:00-04:00"] };
  assert.deepEqual(readCleanupPolicy(good), good);
  for (const bad of [undefined, null, {}, { ...good, hours: [] }, { ...good, percent: 0 }, "x"]) {
    assert.deepEqual(readCleanupPolicy(bad), NEVER_CLEAN);
  }
});

Deno.test("R47 storageLevel() names the threshold that is passed", () => {
  const level = (count: number) => storageLevel({ count, capacity: 1_000 });
  assert.deepEqual([699, 700, 850, 950, 1_000].map(level), [0, 70, 85, 95, 95]);
  assert.equal(storageLevel({ count: 5, capacity: null }), 0);
});

Deno.test("whyPushNotQuiet() forbids a clear while push is down or uploading", () => {
  assert.equal(whyPushNotQuiet(null), null);
  assert.equal(whyPushNotQuiet({ silent: false, uploadIdle: true }), null);
  assert.match(whyPushNotQuiet({ silent: true, uploadIdle: true }) ?? "", /silent/);
  assert.match(whyPushNotQuiet({ silent: false, uploadIdle: false }) ?? "", /uploading/);
});

Deno.test("pollDevices() joins settings, registry and policy, and leaves refused ones out", () => {
  const terminal = {
    serial: "A1",
    host: "192.0.2.7",
    port: 4370,
    transport: "tcp" as const,
    commKey: 0,
    mode: "both" as const,
    intervalMinutes: 30,
    times: [],
    quiet: [],
    live: false,
  };
  const sources = {
    terminals: [terminal, { ...terminal, serial: "B2", mode: "poll" as const }, {
      ...terminal,
      serial: "C3",
    }],
    lookup: (serial: string) => ({
      state: serial === "C3" ? "refused" as const : "active" as const,
      timeZone: "Asia/Manila",
      lastHeardAt: NOW,
      silent: false,
      uploadIdle: true,
      allowedSilenceMs: 180_000,
      settings: { cleanup: null },
    }),
    listeningSince: 0,
    now: NOW,
  };
  const devices = pollDevices(sources);
  assert.deepEqual(devices.map(({ target }) => target.serial), ["A1", "B2"]);
  assert.equal(devices[0]?.plan.utcOffsetMinutes, 480);
  assert.equal(devices[0]?.push?.lastHeardAt, NOW);
  assert.equal(devices[0]?.push?.allowedSilenceMs, 180_000);
  assert.equal(devices[1]?.push, null);
  assert.deepEqual(devices[0]?.cleanup, NEVER_CLEAN);
});
