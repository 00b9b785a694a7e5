/** Delivery hears of what is new, and of nothing else. */
import assert from "node:assert/strict";
import { waking } from "../../../edge_agent/base/waking.ts";

// Red when a reject alone wakes nobody, when a repeat wakes, or when a failed upload does.
Deno.test("waking() tells of new punches and of rejects, not of what was known", async () => {
  const told = async (added: { fresh: number; rejects: number; repeated: number }) => {
    let wakes = 0;
    const add = waking((_upload: string) => Promise.resolve(added), () => wakes++);
    assert.equal(await add("upload"), added);
    return wakes;
  };
  assert.equal(await told({ fresh: 1, rejects: 0, repeated: 0 }), 1);
  assert.equal(await told({ fresh: 0, rejects: 1, repeated: 0 }), 1);
  assert.equal(await told({ fresh: 0, rejects: 0, repeated: 9 }), 0);
  let wakes = 0;
  const failing = waking((_upload: string) => Promise.reject(new Error("full")), () => wakes++);
  await assert.rejects(failing("upload"), /full/);
  assert.equal(wakes, 0);
});
