// Tests that a step of a script which says nothing for long says what it waits for. Its time is turned by
// hand: no test of silence may hang on how busy the machine is.

import assert from "node:assert/strict";
import { run } from "../../dev/process.ts";
import { say, SILENCE_MS, step, type StepClock } from "../../dev/trouble.ts";
import { waiting } from "../../dev/waiting.ts";

class HandClock implements StepClock {
  #now = 1_000_000;
  readonly #repeated = new Set<{ ms: number; due: number; work: () => void }>();

  now(): number {
    return this.#now;
  }

  every(ms: number, work: () => void): () => void {
    const one = { ms, due: this.#now + ms, work };
    this.#repeated.add(one);
    return () => this.#repeated.delete(one);
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#repeated].sort((one, other) => one.due - other.due);
      if (next === undefined || next.due > end) break;
      this.#now = next.due;
      next.due += next.ms;
      next.work();
    }
    this.#now = end;
  }
}

/** What a step prints. */
async function printed(work: (clock: HandClock) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const log = console.log;
  const clock = new HandClock();
  console.log = (line: string) => lines.push(line);
  try {
    await step("A step", () => work(clock), undefined, clock);
    clock.advance(2 * SILENCE_MS);
  } finally {
    console.log = log;
  }
  return lines;
}

// Turns red when silence is not explained, or the words do not name what is waited for.
Deno.test("a step that is silent says what it waits for: a fact, a program, or its own end", async () => {
  const fact = await printed((clock) =>
    waiting(10_000, 0)("the gap in Odoo", () => {
      clock.advance(SILENCE_MS);
      return Promise.resolve(true);
    })
  );
  assert.equal(fact[1], "    still at it after 20 s: waiting for the gap in Odoo");
  const program = await printed(async (clock) => {
    const ended = run(["true"]);
    clock.advance(SILENCE_MS);
    await ended;
  });
  assert.equal(program[1], "    still at it after 20 s: waiting for true");
  const itself = await printed((clock) => Promise.resolve(clock.advance(3 * SILENCE_MS)));
  assert.deepEqual(
    itself.slice(1, -1),
    [20, 40, 60].map((s) => `    still at it after ${s} s: waiting for “A step” to end`),
  );
});

// Turns red when a step that speaks is interrupted, or the reminder outlives the step.
Deno.test("a step that speaks is not interrupted, nor is one that is over", async () => {
  const lines = await printed((clock) => {
    for (let n = 0; n < 20; n++) {
      clock.advance(SILENCE_MS * 0.9);
      say("a line");
    }
    return Promise.resolve();
  });
  assert.equal(lines.length, 22);
  assert.equal(lines.filter((line) => line.includes("still at it")).length, 0);
});
