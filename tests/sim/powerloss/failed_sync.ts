/**
 * Judges lives in which fsyncs fail (lives.ts): nothing acknowledged is lost, nothing torn, whenever
 * the power goes afterwards. Knows no SQL.
 */
import assert from "node:assert/strict";
import { momentsAfter, purpose, recordLives } from "./lives.ts";
import { type CutOptions, cutPower } from "./powerloss.ts";
import type { Operation } from "./replay.ts";

/** As many as a short life needs when none fails. */
export const FSYNCS_OF_A_LIFE = 40;
/** The first ones make the file; what goes wrong there may show some commits later. */
const MAKING = 8;
const SYNCS_AFTER_MAKING = 24;
/** The failure, the way back, the next commits and a checkpoint of their log. */
const SYNCS_AFTER = 9;

/** Judges one life with a failed fsync; gives what that fsync was for. */
export async function surviveFailure(
  position: number,
  operations: readonly Operation[],
  how: Omit<CutOptions, "seed" | "points">,
): Promise<string> {
  const failed = operations.findIndex(({ op }) => op === "F");
  assert.notEqual(failed, -1, `a life has fewer than ${position} fsyncs`);
  const syncs = position <= MAKING ? SYNCS_AFTER_MAKING : SYNCS_AFTER;
  const points = momentsAfter(operations, syncs);
  const result = await cutPower({ operations }, { seed: position, points, ...how });
  assert.deepEqual(result.violations, [], `fsync ${position}`);
  assert.ok(result.images >= 10, `${result.images} images after fsync ${position}`);
  return purpose(operations, failed);
}

/** Every fsync of a life fails once and, in a second life, the one after it too. Returns the lives. */
export async function failEachSync(shim: string): Promise<number> {
  const positions = { from: 1, to: FSYNCS_OF_A_LIFE };
  let count = 0;
  for (const failing of [1, 2]) {
    for (const [position, operations] of await recordLives(shim, { positions, failing })) {
      const failedInPart = failing === 2 && position % 2 === 0;
      await surviveFailure(position, operations, { strictDirectory: failing === 1, failedInPart });
      count++;
    }
  }
  return count;
}
