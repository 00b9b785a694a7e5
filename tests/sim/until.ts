/** Waiting for a fact: a test that waits for a time instead fails when the machine is busy. */
import assert from "node:assert/strict";

/** Far beyond what any fact takes on a busy machine; only a test that is red waits so long. */
const PATIENCE_MS = 30_000;

/** Resolves as soon as it holds; fails with `what` when it never does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = "what was waited for never came",
): Promise<void> {
  const from = performance.now();
  while (!await holds()) {
    if (performance.now() - from > PATIENCE_MS) assert.fail(what);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
