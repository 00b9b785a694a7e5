/** Power cuts by replay of unsynced writes: what kill -9 cannot show. Full size: dev/campaign.ts. */
import assert from "node:assert/strict";
import { FSYNCS_OF_A_LIFE, surviveFailure } from "../../sim/powerloss/failed_sync.ts";
import { recordLives } from "../../sim/powerloss/lives.ts";
import { buildShim, cutPower, record } from "../../sim/powerloss/powerloss.ts";

const SEED = 20_260_302;
/** Fsyncs of commits that change several pages of a tree. */
const COMMITS = [11, 20, 26];
/** Of the first failures these, and one in three of the others; all of them: dev/campaign.ts. */
const NAMED = [10, 24];
const ONE_IN = 3;
/** Of the second failures one in so many, 39 among them; all of them: dev/campaign.ts. */
const [EVERY, FIRST] = [7, 4];

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

// Red when Opener.#connect leaves out syncDirectory (fsync 10: acknowledged punches lost), or emptyLog its
// look for the log (fsync 5: lost too), or when Keeper.#afterFault keeps the store (fsync 20).
Deno.test("R06 whichever fsync fails, of commit, checkpoint, file or directory: nothing acknowledged is lost, nothing torn", async () => {
  await withShim(async (shim) => {
    const purposes = new Set<string>();
    const positions = { from: 1, to: FSYNCS_OF_A_LIFE };
    const lives = await recordLives(shim, { positions, failing: 1 });
    assert.equal(lives.size, FSYNCS_OF_A_LIFE);
    for (const [position, operations] of lives) {
      if (position % ONE_IN !== 2 && !NAMED.includes(position)) continue;
      const how = { strictDirectory: true };
      purposes.add(await surviveFailure(position, operations, how));
    }
    assert.deepEqual([...purposes].sort(), [
      "directory",
      "file",
      "journal",
      "log of a checkpoint",
      "log of a commit",
    ]);
  });
});

// The second failure strikes the way back: the close, the log written again. Red when openReadable goes
// straight to openOnFullDisk (fsync 39), or Keeper.#afterFault keeps the store.
Deno.test("R06 the fsync after the failed one fails too, with none or some of the pages on the disk", async () => {
  await withShim(async (shim) => {
    const positions = { from: 1, to: FSYNCS_OF_A_LIFE };
    const lives = await recordLives(shim, { positions, failing: 2 });
    assert.equal(lives.size, FSYNCS_OF_A_LIFE);
    for (let position = FIRST; position <= FSYNCS_OF_A_LIFE; position += EVERY) {
      const operations = lives.get(position) ?? [];
      const how = { strictDirectory: false, failedInPart: position % 2 === 0 };
      await surviveFailure(position, operations, how);
    }
  });
});

// Red when Opener.#connect leaves out rewriteLog, or calls it after a fault only (fsync 11: torn file).
Deno.test("R06 an fsync fails and the process dies of it: the next one trusts nothing that is only in the cache", async () => {
  await withShim(async (shim) => {
    for (const position of COMMITS) {
      const positions = { from: position, to: position };
      const lives = await recordLives(shim, { positions, failing: 1, dies: true });
      const operations = lives.get(position) ?? [];
      const failed = await surviveFailure(position, operations, { strictDirectory: false });
      assert.equal(failed, "log of a commit");
    }
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
