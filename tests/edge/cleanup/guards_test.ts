/** The guards of a clear one by one: in each test all others hold, so that only the named one stands in the way. */
import assert from "node:assert/strict";
import { Cleanup, type CleanupWorld } from "../../../edge_agent/cleanup/cleanup.ts";
import { IntentBook } from "../../../edge_agent/cleanup/intent.ts";
import { announced, without } from "../../../edge_agent/cleanup/log_keys.ts";
import { cleanupDue, NEVER_CLEAN } from "../../../edge_agent/polling/plan.ts";
import { SiteEnd } from "../../sim/erpnext/site_end.ts";
import { CODE } from "../../sim/pull/wire.ts";
import { type Branch, fillAndDeliver, withBranch } from "./cleanup_kit.ts";

/** With either destination: what stands in the way is the same. */
async function refusedBecause(
  reason: RegExp,
  spoil: (branch: Branch) => Partial<CleanupWorld>,
): Promise<void> {
  for (const site of [null, await SiteEnd.make("FAKE0001")]) {
    const refused = async (branch: Branch) => {
      await fillAndDeliver(branch, 200);
      const world = { ...branch.world(), ...spoil(branch) };
      const result = await new Cleanup(world).clean(branch.target);
      assert.equal(result.outcome, "not_cleared");
      assert.match(result.reason, reason);
      assert.equal(branch.terminal.count(CODE.clearLog), 0, "no CLEAR_ATTLOG");
      assert.deepEqual(branch.terminal.memory.destroyed, []);
      assert.equal(branch.terminal.memory.disabled, false, "people can punch");
    };
    await withBranch(refused, {}, site);
  }
}

// Red when `channelsQuiet` is not asked for when the clear is weighed: what push began to send after the
// terminal was disabled would be destroyed unsent.
Deno.test("R73 push that wakes up between disabling and clearing: no clear", async () => {
  await refusedBecause(/a channel of the device is not quiet/, (branch) => {
    branch.clock.whileSleeping = () => branch.notQuiet = "push is still uploading";
    return {};
  });
});

// Red when push is asked for before the long read alone: the terminal would be disabled for nothing.
Deno.test("R73 push that wakes up during the first read: the terminal is not even disabled", async () => {
  await refusedBecause(/^push is still uploading$/, () => {
    let asked = 0;
    return { whyNotQuiet: () => asked++ === 0 ? null : "push is still uploading" };
  });
  await withBranch(async (branch) => {
    await fillAndDeliver(branch, 50);
    let asked = 0;
    const whyNotQuiet = () => asked++ === 0 ? null : "push is still uploading";
    await new Cleanup({ ...branch.world(), whyNotQuiet }).clean(branch.target);
    assert.ok(!branch.terminal.memory.notes.some((note) => note.startsWith("disabled")));
  });
});

// Red when the count before the command is left out of clearLog: nothing else looks after the read is kept.
Deno.test("R73 a punch after the last look and before the command: the last count says no", async () => {
  await refusedBecause(/the count moved just before the clear/, ({ terminal: { memory } }) => ({
    keepRead: () => {
      memory.ignoresDisable = true;
      memory.punch("1001");
      return Promise.resolve();
    },
  }));
});

// Red when the time since disabling is not looked at, or as long as the dead-man time: the terminal would
// have enabled itself and people punched.
Deno.test("R73 no clear later than two thirds of the dead-man time after disabling", async () => {
  const waiting = (branch: Branch) => branch.clock.whileSleeping = () => branch.clock.at += 78_500;
  await refusedBecause(/reading and confirming took too long/, (branch) => {
    waiting(branch);
    return {};
  });
  await withBranch(async (branch) => {
    await fillAndDeliver(branch, 200);
    branch.clock.whileSleeping = () => branch.clock.at += 77_500;
    assert.equal((await branch.cleanup().clean(branch.target)).outcome, "cleared");
  });
});

// Red when only counts are looked at: a full log that deletes its oldest record for the newest counts as
// before, and the newest would be destroyed unread.
Deno.test("R73 a punch that was announced while disabled, at a full log whose count stands still: no clear", async () => {
  await withBranch(async (branch) => {
    const { memory } = branch.terminal;
    await fillAndDeliver(branch, 200);
    memory.ignoresDisable = true;
    branch.clock.whileSleeping = () => memory.punch("1001");
    const result = await branch.cleanup().clean(branch.target);
    assert.equal(memory.records.length, 200, "one came, one went");
    assert.equal(result.outcome, "not_cleared");
    assert.match(result.reason, /ignores disable: it recorded a punch; it is never cleared again/);
    assert.equal(branch.terminal.count(CODE.clearLog), 0, "no CLEAR_ATTLOG");
  }, { capacity: 200 });
});

// Red when the second connection believes the first: another terminal took the address in between, and
// its log would be cleared for what Odoo holds of this one.
Deno.test("R73 another terminal at the address of the second connection is not cleared", async () => {
  await refusedBecause(/expected FAKE0001, OTHER0002 answers/, (branch) => {
    const { holdings } = branch.world();
    const findMissing: typeof holdings.findMissing = async (serial, keys) => {
      const missing = await holdings.findMissing(serial, keys);
      Object.assign(branch.terminal.memory, { serial: "OTHER0002" });
      return missing;
    };
    const countUndecided: typeof holdings.countUndecided = (serial, raws) =>
      holdings.countUndecided(serial, raws);
    return { holdings: { findMissing, countUndecided } };
  });
});

// Red when a log that is as it was counts as changed: nobody would be told that nothing happened, and the
// book would keep an open question.
Deno.test("R73 a clear that was interrupted before it took place is said to be that", async () => {
  await withBranch(async (branch) => {
    await fillAndDeliver(branch, 200);
    branch.terminal.fault("clear_drop_before", 1);
    const cleanup = branch.cleanup(600);
    const result = await cleanup.clean(branch.target);
    assert.equal(result.outcome, "not_cleared");
    assert.equal(result.reason, "the clear was interrupted before it took place");
    assert.equal(cleanup.last(branch.target.serial)?.outcome, "not done");
  });
});

// Red when a read that cannot be kept is cleared all the same: what was destroyed could not be shown.
Deno.test("R73 a read that cannot be kept: no clear", async () => {
  await refusedBecause(/no space left/, () => ({
    keepRead: () => Promise.reject(new Error("no space left on the disk")),
  }));
});

// Red when the policy's first word is passed over: a full terminal would be cleared without anybody's order.
Deno.test("R73 the policy never clears nothing, however full and whatever the hour", () => {
  const full = { count: 99, capacity: 100, lastTriedAt: null, lastClearedAt: null };
  const always = { ...NEVER_CLEAN, percent: 1, hours: ["00:00-12:00", "12:00-00:00"] };
  for (let hour = 0; hour < 24; hour++) {
    assert.equal(cleanupDue(always, full, 0, hour * 3_600_000), false);
    assert.equal(cleanupDue({ ...always, when: "above" }, full, 0, hour * 3_600_000), true);
  }
});

// Red when a number is taken for a PIN: 7 would be paid for what 007 punched.
Deno.test("R73 a PIN that was announced as a number is kept for a person, never guessed", () => {
  const event = { verify: 1, state: 0, wallTime: "2026-11-20 08:00:00" };
  const { punches, rejects } = announced(
    [{ ...event, userId: "7", exactId: false }, { ...event, userId: "007", exactId: true }],
    "FAKE0001",
    new Set(),
  );
  assert.deepEqual(punches.map(({ pin }) => pin), ["007"]);
  assert.deepEqual(rejects.map(({ reason }) => reason), ["ambiguous_pin"]);
  assert.match(rejects[0]?.raw ?? "", /^zkevent .*"userId":"7"/);
});

// Red when what was read since the first asking is not asked for: it would be destroyed unconfirmed.
Deno.test("R73 of a second read all is asked for that was not confirmed at the first", () => {
  const keys = new Map([["2026-11-19", ["a", "b"]], ["2026-11-20", ["c", "d"]]]);
  assert.deepEqual([...without(keys, new Set(["a", "b", "c"]))], [["2026-11-20", ["d"]]]);
  assert.deepEqual([...without(keys, new Set())], [...keys]);
});

// Red when a second intent replaces the first: what became of that clear would never be asked.
Deno.test("R73 while it is not known what became of a clear no other is begun", () => {
  const kept = new Map<string, string>();
  const book = new IntentBook({
    getState: (name) => kept.get(name) ?? null,
    setState: (name, value) => void kept.set(name, value),
  });
  const intent = { id: "x", at: 0, count: 1, digest: "d", end: { tail: [], at: 0 } as never };
  book.write("A", intent);
  assert.throws(() => book.write("A", { ...intent, id: "y" }), /an intent is open already/);
  assert.equal(book.open("A")?.id, "x");
  book.close("A", "refused");
  book.write("A", { ...intent, id: "y" });
  assert.equal(book.open("A")?.id, "y");
});
