/** Power cuts by replay of unsynced writes: what kill -9 cannot show. Full size: dev/campaign.ts. */
import assert from "node:assert/strict";
import { buildShim, cutPower, record } from "../../sim/powerloss/powerloss.ts";

const SEED = 20_260_302;

async function withShim(body: (shim: string) => Promise<void>): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "shim-" });
  try {
    await body(await buildShim(directory));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

// Red with PRAGMA synchronous = NORMAL in openForWriting (hundreds of acknowledged punches lost).
Deno.test("R01 R02 no power cut loses an acknowledged punch, while delivery goes on", async () => {
  await withShim(async (shim) => {
    const recording = await record(shim, { seed: SEED, punches: 1_500 });
    for (const strictDirectory of [false, true]) {
      const result = await cutPower(recording, { seed: SEED, points: 12, strictDirectory });
      assert.deepEqual(result.violations, []);
      assert.equal(result.images, 60);
      assert.ok(result.acknowledged > 500, `only ${result.acknowledged} acknowledged before cuts`);
    }
  });
});

// Red when Keeper.#afterFault keeps the store: the next commit builds on pages that were never written.
Deno.test("R06 a failed fsync is never acknowledged, and what follows it stands on the disk", async () => {
  await withShim(async (shim) => {
    const rules = ["fsync 5 60"];
    const recording = await record(shim, { seed: SEED + 1, punches: 400, rules });
    assert.ok(recording.operations.filter((o) => o.op === "F").length >= 5);
    const result = await cutPower(recording, {
      seed: SEED,
      points: 16,
      strictDirectory: false,
    });
    assert.deepEqual(result.violations, []);
  });
});

// Red when the schema is written outside one transaction, or a lane's row after its first sighting.
Deno.test("R07 death in the n-th write, sync, truncate, unlink or rename: starts and holds all", async () => {
  await withShim(async (shim) => {
    const recording = await record(shim, { seed: SEED + 3, punches: 120 });
    const points = Array.from({ length: 200 }, (_, n) => n + 1);
    assert.ok(recording.operations.length > 200, `${recording.operations.length} operations`);
    const result = await cutPower(recording, {
      seed: SEED,
      points,
      strictDirectory: false,
      modes: ["kept"],
    });
    assert.deepEqual(result.violations, []);
    assert.equal(result.images, 200);
    assert.ok(result.acknowledged > 0);
  });
});

// Red when a write that failed is answered as stored (drop the throw in Group.flush).
Deno.test("R08 full disk, short writes and too many open files now and then", async () => {
  await withShim(async (shim) => {
    const rules = ["write 28 40", "short 0 100", "open 24 100"];
    const recording = await record(shim, { seed: SEED + 2, punches: 300, rules });
    const result = await cutPower(recording, { seed: SEED, points: 12, strictDirectory: false });
    assert.deepEqual(result.violations, []);
  });
});
