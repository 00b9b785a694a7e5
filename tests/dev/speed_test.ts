// Tests that the one run of all figures says what it found: every part, each beside its goal, and no failure
// hidden. Must not know: how anything is measured; nothing is measured here.

import assert from "node:assert/strict";
import { goalsOf, ratioOf } from "../bench/goals.ts";
import type { Cell } from "../bench/ingest.ts";
import { isMet, MOST_REQUESTS, SCREENS, screensNamed } from "../bench/screens.ts";
import { HEAD, isGood, measureSpeed, PARTS, partsOf, type Row, rowText } from "../bench/speed.ts";

const README = new URL("../bench/README.md", import.meta.url);
const ASKED = { scale: 1, minutes: 5, ms: 2000 };
const row = (what: string, more: Partial<Row> = {}): Row => ({
  what,
  floor: "1 ms",
  measured: "2 ms",
  goal: "3 ms",
  met: true,
  ...more,
});

// Turns red when an error of one part ends the run, or is swallowed.
Deno.test("speed: a part that fails is a row, hides no other, and the run does not end well", async () => {
  const said: number[] = [];
  const rows = await measureSpeed(
    [
      ["one", () => Promise.resolve([row("one")])],
      ["two", () => Promise.reject(new Error("Odoo | does not answer\nits log"))],
      ["three", () => Promise.resolve([row("three", { met: false })])],
    ],
    ASKED,
    (rows) => said.push(rows.length),
  );
  assert.deepEqual(said, [1, 2, 3]);
  assert.deepEqual(rows.map(({ what, met }) => [what, met]), [
    ["one", true],
    ["two", false],
    ["three", false],
  ]);
  assert.equal(
    rowText(rows[1]!),
    "| two |  | not measured: Error: Odoo / does not answer |  | **no** |",
  );
  assert.equal(isGood(rows), false);
});

// Turns red when any goal that is missed fails the run, or the agent's memory does not.
Deno.test("speed: only what must be met fails the run", () => {
  assert.equal(isGood([row("a", { met: false }), row("b", { met: null })]), true);
  assert.equal(isGood([row("a"), row("memory", { met: true, must: true })]), true);
  assert.equal(isGood([row("a"), row("memory", { met: false, must: true })]), false);
});

// Turns red when a part is left out of "all", its order changes, or a wrong name measures nothing.
Deno.test("speed: parts by name, all where none is named", () => {
  const all = ["agent", "punch", "rush", "days", "many", "screens", "month"];
  assert.deepEqual(partsOf(undefined).map(([name]) => name), all);
  assert.deepEqual(partsOf("month,rush").map(([, part]) => part), [PARTS["month"], PARTS["rush"]]);
  assert.throws(() => partsOf("rush,weeks"), {
    message: `there is no part weeks; there are ${all.join(", ")}`,
  });
});

// Turns red when a part or the marks are missing from the page that the table is written into.
Deno.test("speed: the page has its marks, and names every part", async () => {
  const text = await Deno.readTextFile(README);
  for (const end of ["begin", "end"]) {
    assert.equal(text.split(`<!-- speed figures: ${end} -->`).length, 2, end);
  }
  const [, section = ""] = text.split("## Every goal of speed in one run");
  for (const name of Object.keys(PARTS)) assert.ok(section.includes(`\`${name}\` (`), name);
  assert.equal(HEAD.split("\n")[0]?.split("|").length, rowText(row("a")).split("|").length);
});

function cell(devices: number, lines: number, agentMicros: number): Cell {
  const measured = (cpuMicros: number) => ({ punchesPerSecond: 1, p50: 1, p99: 8, cpuMicros });
  return {
    devices,
    lines,
    floor: measured(10),
    agent: measured(agentMicros),
    keylessPerSecond: 1,
    rssMb: 100,
  };
}

// Turns red when cells of 100 lines get a goal, or the goal's row forgets its floor.
Deno.test("speed: a cell of the agent beside its floor", () => {
  const [small, large] = [cell(50, 1, 19), cell(50, 100, 30)];
  assert.deepEqual(ratioOf(small), { ratio: 1.9, goal: 1.9, met: true });
  assert.deepEqual(ratioOf(large), { ratio: 3, goal: null, met: null });
  const pinned = { floor: small.floor, agent: { ...small.agent, p99: 1001 } };
  const goals = goalsOf({ cells: [small, cell(200, 10, 20), large], pinned });
  assert.deepEqual(goals.map(({ floor, measured, met }) => [floor, measured, met]), [
    ["10 µs (200 × 10)", "missed in 1 of 2: 200 × 10 2.00", false],
    ["8 ms", "1.00", true],
    ["", "100 MB (50 × 1)", true],
    ["8 ms", "1001 ms", false],
  ]);
});

// Turns red when requests do not count, or a screen without a goal is judged.
Deno.test("speed: a screen is met by its time and its requests", () => {
  const opened = { name: "days", goalMs: 1000, judgedMs: 1000, shownMs: 9, medianMs: 9 };
  const one = { ...opened, longestMs: 9, requests: MOST_REQUESTS };
  assert.equal(isMet(one), true);
  assert.equal(isMet({ ...one, judgedMs: 1001 }), false);
  assert.equal(isMet({ ...one, requests: MOST_REQUESTS + 1 }), false);
  assert.equal(isMet({ ...one, goalMs: null }), null);
});

// Turns red when a choice of screens loses the floor, or a wrong name measures nothing.
Deno.test("speed: screens by a part of their name, the floor always", () => {
  const [floor] = SCREENS;
  assert.equal(screensNamed(undefined), SCREENS);
  const some = screensNamed("coverage,today").map(({ name }) => name);
  assert.deepEqual(some, [floor?.name, "days of today", "coverage", "coverage map", "today"]);
  assert.throws(() => screensNamed("kitchen"), { message: "no screen is named kitchen" });
});
