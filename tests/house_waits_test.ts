// The house's rule that no test waits for a time instead of a fact: one that slept "long enough" failed in
// four runs on a busy machine. Real time may pass where it is the subject, or between two looks at a
// fact; each such place is counted here with its reason. The list may only shrink.

import assert from "node:assert/strict";

const root = new URL("..", import.meta.url).pathname;

/** Files of tests, simulators and journeys that let real time pass: how often, and why. */
const REAL_TIME: Readonly<Record<string, readonly [number, string]>> = {
  // A terminal's pace is the subject.
  "tests/edge/cli/pull_hostile_test.ts": [2, "a terminal that drips its bytes"],
  "tests/edge/cli/pull_process_test.ts": [1, "a terminal that sends one byte a second"],
  "tests/edge/health/thread_test.ts": [
    2,
    "a disk that takes 1.5 s, a monitor that asks ten times a second",
  ],
  "tests/edge/http1/listen_test.ts": [1, "half a request that lies there while others are read"],
  "tests/edge/queue/slow_disk_test.ts": [2, "a disk that takes 200 ms, punches that keep coming"],
  "tests/sim/turns.ts": [1, "a terminal that calls again"],
  "tests/edge/whole/outage_test.ts": [2, "a line of so many bytes a second"],
  "tests/edge/whole/stalled_agent.ts": [1, "an agent that hangs after it has started"],
  "tests/sim/pull/peer.ts": [2, "a gap between two frames"],
  "tests/sim/pull/push.ts": [1, "a terminal's pause between two calls"],
  "tests/sim/pull/terminal.ts": [1, "an answer that comes late"],
  "tests/sim/push/terminal.ts": [2, "a terminal's pause between two calls"],
  "tests/sim/push/wire.ts": [1, "a terminal's own timeout"],
  "tests/sim/erpnext/site.ts": [1, "a transaction that holds its locks for a while"],
  "tests/sim/erpnext/store.ts": [2, "a lock that somebody else holds"],
  // When a process is killed is the subject: a moment nobody chose.
  "tests/sim/kill_loop.ts": [4, "a moment at random in which to kill"],
  "tests/sim/powerloss/worker.ts": [5, "writes go on until the power is cut"],
  "tests/journey/odoo_faults.ts": [3, "a moment at random in which to kill; a minute without Odoo"],
  "tests/journey/hostile_names_test.ts": [
    1,
    "a page draws what it read; nothing tells when it has",
  ],
  "tests/journey/roles_test.ts": [1, "data that must not come: nothing tells that it will not"],
  // Between two looks at a fact.
  "tests/sim/agent_process.ts": [2, "looks again whether it has started, or become so"],
  "tests/sim/until.ts": [1, "looks again whether it has become so"],
  "tests/sim/soak.ts": [1, "looks again whether the hours are over"],
  "tests/journey/demo_test.ts": [1, "looks again what the demo has said"],
};

/** Figures are measured in time; what runs on a machine for figures waits for no fact. */
const OTHERS = /^tests\/(bench|cases)\//;

async function tests(folder = "tests"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await tests(path));
    else if (/\.(ts|py)$/.test(name)) found.push(path);
  }
  return found;
}

/**
 * How often real time passes: timers but those of 0 ms, which are a turn of the event loop; calls of a
 * helper named for it, but a clock's own (`clock.sleep`), which tests turn by hand.
 */
function waits(text: string): number {
  const timers = text.match(/(?<![.\w])setTimeout\((?!\w+, 0\))(?!\(\) => \w+\(\w*\), 0\))/g) ?? [];
  const blocking = text.match(/\bAtomics\.wait\(|\btime\.sleep\(|\.waitForTimeout\(/g) ?? [];
  const helpers = text.match(/(?<![.#\w]|function )(?:pause|sleep|delay)\((?!\w+: )/g) ?? [];
  return timers.length + blocking.length + helpers.length;
}

// Turns red when a test begins to sleep, or a place that no longer does is left in the list.
Deno.test("house: no test waits for a time instead of a fact", async () => {
  const files = [...await tests(), ...await tests("odoo_addon/biometric_attendance/tests")];
  assert.ok(files.length > 250, `${files.length} files`);
  const found: Record<string, number> = {};
  for (
    const file of files.filter((name) => !OTHERS.test(name) && name !== "tests/house_waits_test.ts")
  ) {
    const count = waits(await Deno.readTextFile(root + file));
    if (count > 0) found[file] = count;
  }
  const allowed = Object.fromEntries(
    Object.entries(REAL_TIME).map(([file, [count]]) => [file, count]),
  );
  assert.deepEqual(found, allowed, "wait for the fact: tests/sim/until.ts");
});

Deno.test("house: a wait is recognised however it is written, a turn of the loop is none", () => {
  assert.equal(waits("await new Promise((resolve) => setTimeout(resolve, 50));"), 1);
  assert.equal(waits("setTimeout(() => {\n  stop();\n}, 300);"), 1);
  assert.equal(waits("await pause(5); Atomics.wait(cell, 0, 0, 9); time.sleep(1)"), 3);
  assert.equal(waits("await page.waitForTimeout(3_000);"), 1);
  assert.equal(waits("setTimeout(resolve, 0); clock.setTimeout(run, 50); clock.sleep(9);"), 0);
});
