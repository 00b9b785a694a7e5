/** C08, C09, P14: two places for a program; whatever is cut short, one whole version starts. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DiskSlotFiles } from "../../../edge_agent/machine/slot_files.ts";
import { Slots } from "../../../edge_agent/machine/slots.ts";
import { type ServiceView, Trials } from "../../../edge_agent/machine/trial.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { cutUpdates } from "../../sim/update_cuts.ts";

const sha = (text: string) => createHash("sha256").update(text).digest("hex");

async function inFolder(use: (slots: Slots, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-slots-" });
  try {
    for (const text of ["one", "two", "three"]) await Deno.writeTextFile(`${folder}/${text}`, text);
    await use(new Slots(new DiskSlotFiles(`${folder}/programs`)), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const runs = (folder: string) => Deno.readTextFile(`${folder}/programs/current/biometric-agent`);

// Red when the switch is made before the file is whole, or `relink` removes the old link first.
Deno.test("C09 1,000 power cuts at random points of updates: always one whole version, and an end", async () => {
  const { cuts, onTrial, reverted } = await cutUpdates(1, 1_000);
  assert.equal(cuts, 1_000);
  assert.ok(onTrial > 50, `${onTrial} cuts fell into a trial`);
  console.log(`${cuts} power cuts: ${onTrial} in a trial, ${reverted} taken back at the start`);
});

Deno.test("slots: a version is laid, tried and confirmed on a real disk", async () => {
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    assert.equal(await runs(folder), "one");
    await slots.begin(`${folder}/two`, { version: "2.0.0", sha256: sha("two") }, 5);
    assert.equal(await runs(folder), "two");
    assert.equal(slots.trial?.version, "2.0.0");
    assert.notEqual(slots.current, slots.confirmed);
    slots.confirm();
    assert.equal(slots.confirmed, slots.current);
    assert.equal(slots.trial, null);
    assert.deepEqual(slots.refused, []);
  });
});

// Red when revert forgets why: the version would be tried again and again.
Deno.test("slots: a version that failed is taken back, with its reason", async () => {
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    await slots.begin(`${folder}/two`, { version: "2.0.0", sha256: sha("two") }, 5);
    slots.revert("it does not answer", 7);
    assert.equal(await runs(folder), "one");
    assert.deepEqual(slots.refused, [{ version: "2.0.0", reason: "it does not answer", at: 7 }]);
  });
});

Deno.test("slots: half a file, or another one, is not laid and nothing changes", async () => {
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    await assert.rejects(
      slots.begin(`${folder}/two`, { version: "2.0.0", sha256: sha("three") }, 5),
      /is not the file that was announced/,
    );
    assert.equal(await runs(folder), "one");
    assert.equal(slots.trial, null);
    assert.equal(slots.settle(9), "idle");
  });
});

// Red when a place whose program is gone, from a card that was mended, is started or fallen back to.
Deno.test("slots: a place without a program does not count", async () => {
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    await Deno.remove(`${folder}/programs/a/biometric-agent`);
    assert.deepEqual([slots.current, slots.confirmed], [null, null]);
    const candidate = { version: "2.0.0", sha256: sha("two") };
    await assert.rejects(
      slots.begin(`${folder}/two`, candidate, 5),
      /there is no confirmed version to fall back to/,
    );
  });
});

// Red when a copy that a full disk cut short stays there and keeps it full.
Deno.test("slots: a copy that fails leaves nothing behind", async () => {
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    // A folder opens and cannot be read, as a card that fails.
    await Deno.mkdir(`${folder}/card`);
    const candidate = { version: "2.0.0", sha256: sha("two") };
    await assert.rejects(slots.begin(`${folder}/card`, candidate, 5), /directory/);
    const left = [...Deno.readDirSync(`${folder}/programs/b`)];
    assert.deepEqual(left, []);
    assert.equal(await runs(folder), "one");
  });
});

interface Tried {
  readonly outcome: string;
  readonly running: string;
  readonly reason: string | undefined;
  readonly tookMs: number;
  readonly restarts: number;
}

/** Tries "two" out; `look` is asked with the ms since the start of the trial. */
async function tried(
  look: (ms: number) => ServiceView | null,
  restarting = (_count: number): void => {},
): Promise<Tried> {
  let result: Tried | null = null;
  await inFolder(async (slots, folder) => {
    await Deno.mkdir(`${folder}/programs`);
    await slots.lay(`${folder}/one`, sha("one"));
    const clock = new ManualClock();
    const from = clock.monotonic();
    let restarts = 0;
    const trials = new Trials({
      slots,
      restart: () => {
        restarts += 1;
        return Promise.try(restarting, restarts);
      },
      look: () => Promise.resolve(look(clock.monotonic() - from)),
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        sleep: (ms) => Promise.resolve(clock.advance(ms)).then(() => {}),
      },
      log: silentLog,
    });
    const candidate = { file: `${folder}/two`, version: "2.0.0", sha256: sha("two") };
    const outcome = await trials.tryOut(candidate);
    result = {
      outcome,
      running: await runs(folder),
      reason: slots.refused[0]?.reason,
      tookMs: clock.monotonic() - from,
      restarts,
    };
  });
  return result ?? assert.fail();
}

const well: ServiceView = { version: "2.0.0", ready: true, heardDestination: true };

Deno.test("C08 a version that gets well is confirmed", async () => {
  const { outcome, running, restarts } = await tried((ms) => ms < 20_000 ? null : well);
  assert.deepEqual([outcome, running, restarts], ["confirmed", "two", 1]);
});

const FAILURES: readonly (readonly [string, (ms: number) => ServiceView | null, RegExp])[] = [
  ["crashes at its start", () => null, /does not answer/],
  [
    "starts and crashes again and again",
    (ms) => ms % 16_000 < 8_000 ? well : null,
    /does not answer/,
  ],
  [
    "starts but cannot reach its destination",
    () => ({ ...well, heardDestination: false }),
    /the destination did not answer it/,
  ],
  ["cannot open the queue", () => ({ ...well, ready: false }), /does not take punches in/],
  ["is not what runs", () => ({ ...well, version: "1.0.0" }), /version 1\.0\.0 runs instead/],
];

for (const [name, look, words] of FAILURES) {
  // Red when a look that is well once is enough, or the patience is longer than five minutes.
  Deno.test(`C08 a version that ${name} is taken back within five minutes`, async () => {
    const { outcome, running, reason, tookMs, restarts } = await tried(look);
    assert.deepEqual([outcome, running, restarts], ["reverted", "one", 2]);
    assert.match(reason ?? "", words);
    assert.ok(tookMs <= 5 * 60_000 - 35_000, `${tookMs} ms, and a stop and a start`);
  });
}

// Red when a failing start ends the trial without an end: the machine stayed on the bad version.
Deno.test("C08 a version that systemd cannot even start is taken back too", async () => {
  const { outcome, running, restarts } = await tried(() => null, (count) => {
    if (count === 1) throw new Error("the control process exited with error code");
  });
  assert.deepEqual([outcome, running, restarts], ["reverted", "one", 2]);
});
