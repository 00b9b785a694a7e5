// Tests that a step of a script which says nothing for long says what it waits for.

import assert from "node:assert/strict";
import { run } from "../../dev/process.ts";
import { say, step } from "../../dev/trouble.ts";
import { waiting } from "../../dev/waiting.ts";

const SILENCE_MS = 200;

/** What a step prints. */
async function printed(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => lines.push(line);
  try {
    await step("A step", work, undefined, SILENCE_MS);
  } finally {
    console.log = log;
  }
  return lines;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Turns red when silence is not explained, or the words do not name what is waited for.
Deno.test("a step that is silent says what it waits for: a fact, a program, or its own end", async () => {
  const fact = await printed(async () => {
    const from = performance.now();
    const past = () => Promise.resolve(performance.now() - from > 3 * SILENCE_MS ? true : null);
    await waiting(10_000, 20)("the gap in Odoo", past);
  });
  assert.match(fact[1] ?? "", /^ {4}still at it after \d+ s: waiting for the gap in Odoo$/);
  const program = await printed(() => run(["sleep", String(3 * SILENCE_MS / 1000)]));
  assert.match(program[1] ?? "", /waiting for sleep 0\.6$/);
  const itself = await printed(() => pause(3 * SILENCE_MS));
  assert.match(itself[1] ?? "", /waiting for “A step” to end$/);
});

// Turns red when a step that speaks is interrupted, or the reminder outlives the step.
Deno.test("a step that speaks is not interrupted, nor is one that is over", async () => {
  const lines = await printed(async () => {
    for (let n = 0; n < 20; n++) {
      await pause(SILENCE_MS / 10);
      say("a line");
    }
  });
  assert.equal(lines.filter((line) => line.includes("still at it")).length, 0);
  const before = lines.length;
  await pause(2 * SILENCE_MS);
  assert.equal(lines.length, before);
});
