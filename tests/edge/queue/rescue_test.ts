/** A log with punches that nobody has yet, beside a file that is gone, or with a flipped bit of its own. */
import assert from "node:assert/strict";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { Dice } from "../../sim/dice.ts";
import { CASES, copyOf, COUNT, killed, mostLost, nothingLost } from "../../sim/log_damage.ts";
import { queueOptions } from "../../sim/queue_kit.ts";

// Red when SQLite opens first: it deletes a log beside an empty file and cuts one off at a flipped bit. Red
// for a kind when its line of log_frames.ts or rescue.ts is left out.
Deno.test("R67 18 kinds of damage around a log with 602 undelivered punches: none is lost", async (t) => {
  assert.equal(Object.keys(CASES).length, 18);
  const dice = new Dice(67);
  for (const before of [0, 3_000]) {
    const sound = await killed(before);
    for (const [name, harm] of Object.entries(CASES)) {
      await t.step(`${name}, ${before} delivered before`, async () => {
        for (let round = 0; round < 2; round++) {
          const directory = copyOf(sound);
          harm(directory, dice);
          await nothingLost(directory, before, mostLost(name, directory, sound));
          Deno.removeSync(directory, { recursive: true });
        }
      });
    }
    Deno.removeSync(sound, { recursive: true });
  }
});

// Red when the log is looked at more than once, or a sound one is called damaged.
Deno.test("R67 a log that a kill left behind is no damage", async () => {
  const directory = await killed(0);
  const queue = new Queue(queueOptions(directory, { timers: false }));
  try {
    queue.start();
    assert.deepEqual(queue.stats().damaged, []);
    assert.equal(queue.stats().pending, COUNT);
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});
