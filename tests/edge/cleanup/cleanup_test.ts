/** Clearing without loss: each "no" of the procedure, and every fault around the clear itself. */
import assert from "node:assert/strict";
import { IntentBook } from "../../../edge_agent/cleanup/intent.ts";
import { ClearPermit } from "../../../edge_agent/zk/clear.ts";
import { dialOf, readWhole } from "../../../edge_agent/zk/intake.ts";
import { endOf } from "../../../edge_agent/zk/log_end.ts";
import { withTerminal } from "../../../edge_agent/zk/socket.ts";
import { Session } from "../../../edge_agent/zk/talk.ts";
import type { FaultName } from "../../sim/pull/terminal.ts";
import { CODE } from "../../sim/pull/wire.ts";
import { type Branch, clearTest, fillAndDeliver, keyOf, withBranch } from "./cleanup_kit.ts";

/** Nothing was destroyed, and people can punch. */
function assertUntouched(branch: Branch): void {
  const { memory } = branch.terminal;
  assert.equal(branch.terminal.count(CODE.clearLog), 0, "no CLEAR_ATTLOG");
  assert.deepEqual(memory.destroyed, []);
  assert.equal(memory.disabled, false);
}

clearTest(
  "Cleanup.clean() clears a log that Odoo holds, and enables the terminal",
  async (branch) => {
    await fillAndDeliver(branch, 300);
    const result = await branch.cleanup().clean(branch.target);
    assert.equal(result.outcome, "cleared", result.reason);
    assert.equal(branch.terminal.memory.records.length, 0);
    assert.deepEqual(branch.lost(), []);
    const { memory } = branch.terminal;
    assert.equal(memory.notes.includes("disabled 120"), true, "with a dead-man time");
    assert.equal(memory.disabled, false);
    assert.equal(branch.kept.length, 1);
    assert.equal(branch.cleanup().last("FAKE0001")?.outcome, "cleared");
    assert.ok(memory.destroyed.every(({ wasRead }) => wasRead));
  },
);

// Sending the clear before asking Odoo turns these red.
clearTest(
  "R42 one record of 3,000 without receipt: no clear, the reason is shown",
  async (branch) => {
    // Every record costs the site a transaction of its own making.
    await fillAndDeliver(branch, branch.site === null ? 2999 : 499);
    branch.terminal.memory.punch("1001");
    const result = await branch.cleanup().clean(branch.target);
    assert.equal(result.outcome, "not_cleared");
    assert.match(result.reason, /does not hold 1 of \d+ punches/);
    assertUntouched(branch);
  },
);

clearTest("R43 S44 Odoo was restored without 10 of them: no clear, sent again", async (branch) => {
  await fillAndDeliver(branch, 500);
  const gone = branch.terminal.memory.records.slice(40, 50).map(keyOf);
  branch.forget(gone);
  const result = await branch.cleanup().clean(branch.target);
  assert.equal(result.outcome, "not_cleared");
  assert.deepEqual(branch.resent.toSorted(), gone.toSorted());
  assertUntouched(branch);
  await branch.deliver();
  assert.equal((await branch.cleanup().clean(branch.target)).outcome, "cleared");
  assert.deepEqual(branch.lost(), []);
});

clearTest(
  "R44 a punch before the clear at a terminal that honours disable is not lost",
  async (branch) => {
    await fillAndDeliver(branch, 200);
    branch.clock.whileSleeping = () => branch.terminal.memory.punch("1001");
    branch.terminal.fault("append_before_clear");
    const result = await branch.cleanup().clean(branch.target);
    assert.equal(result.outcome, "cleared");
    assert.ok(branch.terminal.memory.refusedPunches >= 1, "the terminal refused it");
    assert.deepEqual(branch.lost(), []);
  },
);

clearTest("R45 a terminal that ignores disable is not cleared, ever again", async (branch) => {
  await fillAndDeliver(branch, 200);
  branch.terminal.memory.ignoresDisable = true;
  branch.clock.whileSleeping = () => branch.terminal.memory.punch("1001");
  const result = await branch.cleanup().clean(branch.target);
  assert.match(result.reason, /ignores disable/);
  assertUntouched(branch);
  branch.clock.whileSleeping = null;
  branch.terminal.memory.ignoresDisable = false;
  await branch.deliver();
  const later = await branch.cleanup().clean(branch.target);
  assert.match(later.reason, /^unsafe to clear/);
  assertUntouched(branch);
});

// Dropping the live events turns this red: nobody else sees the punch that falls into the window.
for (const fault of [null, "clear_no_ack", "clear_drop_after"] as const) {
  clearTest(
    `R45 a punch in the last milliseconds of a terminal that ignores disable is kept (${
      fault ?? "no fault"
    })`,
    async (branch) => {
      await fillAndDeliver(branch, 200);
      branch.terminal.memory.ignoresDisable = true;
      branch.terminal.fault("append_before_clear", 1);
      if (fault) branch.terminal.fault(fault, 1);
      const result = await branch.cleanup().clean(branch.target);
      assert.equal(result.outcome, "cleared", result.reason);
      assert.equal(branch.terminal.memory.destroyed.length, 201);
      await branch.deliver();
      assert.deepEqual(branch.lost(), []);
      if (fault === null) assert.match(branch.cleanup().whyNot("FAKE0001") ?? "", /^unsafe/);
    },
  );
}

clearTest("R45 no clear while push is down or catching up", async (branch) => {
  await fillAndDeliver(branch, 200);
  branch.notQuiet = "push has been silent for 11 minutes";
  const result = await branch.cleanup().clean(branch.target);
  assert.deepEqual([result.outcome, result.reason], ["not_cleared", branch.notQuiet]);
  assertUntouched(branch);
});

clearTest("R47 no clear while Odoo cannot be reached", async (branch) => {
  await fillAndDeliver(branch, 200);
  branch.unreachable = true;
  const result = await branch.cleanup().clean(branch.target);
  assert.match(result.reason, branch.site === null ? /Odoo is unreachable/ : /status 500/);
  assertUntouched(branch);
});

const READ_FAULTS: FaultName[] = [
  "truncate",
  "short_log",
  "bad_checksum",
  "drop_midway",
  "stall",
  "garbage_length",
  "lying_header",
  "huge_announcement",
  "sizes_zero",
  "sizes_short",
  "sizes_long",
  "want_error",
  "want_silent",
  "connect_6001",
];

// R41: accepting a read that is not proven turns these red.
for (const fault of READ_FAULTS) {
  Deno.test(`R41 S50 ${fault}: stored if whole, never cleared`, async () => {
    await withBranch(async (branch) => {
      await fillAndDeliver(branch, 300);
      branch.terminal.fault(fault);
      const result = await branch.cleanup(600).clean(branch.target);
      assert.equal(result.outcome, "not_cleared");
      assertUntouched(branch);
      branch.terminal.healed();
      assert.equal((await branch.cleanup().clean(branch.target)).outcome, "cleared", "later");
      assert.deepEqual(branch.lost(), []);
    });
  });
}

Deno.test("S51 another terminal at the address is neither stored nor cleared", async () => {
  await withBranch(async (branch) => {
    branch.terminal.memory.fill(50);
    const target = { ...branch.target, serial: "OTHER0002" };
    const result = await branch.cleanup().clean(target);
    assert.match(result.reason, /expected OTHER0002, FAKE0001 answers/);
    assertUntouched(branch);
    assert.equal(branch.queue.stats().pending, 0);
  });
});

/** Gives a record an impossible day; the number of the last one tells the terminal to write anew. */
function spoil(branch: Branch, place: number, wallTime: string): void {
  const { records } = branch.terminal.memory;
  const last = records.length - 1;
  records[place] = { ...records[place]!, wallTime };
  records[last] = { ...records[last]!, number: records[last]!.number + 1_000 };
}

// Asking before the terminal is disabled only, or taking "Odoo holds it" for a decision, turns this red.
clearTest(
  "R42 a log with unreadable records is cleared only once a person decided on every one",
  async (branch) => {
    branch.terminal.memory.fill(100);
    const { records } = branch.terminal.memory;
    spoil(branch, 50, "2026-02-30 08:00:00");
    spoil(branch, 60, "2026-02-30 09:00:00");
    // The same record twice is one line to decide about.
    records[61] = { ...records[60]! };
    await branch.cleanup().clean(branch.target);
    await branch.deliver();
    const refused = await branch.cleanup().clean(branch.target);
    assert.match(refused.reason, /cannot be read/);
    assertUntouched(branch);
    const [one = "", other = ""] = branch.rejects;
    assert.match(refused.reason, /release or discard 2 first/);
    branch.decide(one);
    assert.match((await branch.cleanup().clean(branch.target)).reason, /discard 1 first/);
    assertUntouched(branch);
    branch.decide(other);
    const third = "2026-02-30 10:00:00";
    let times = 0;
    branch.beforeDecidedAsked = () => {
      // A line that came between the bulk and the disabling.
      if (++times === 1) spoil(branch, 70, third);
    };
    assert.match((await branch.cleanup().clean(branch.target)).reason, /discard 1 first/);
    assertUntouched(branch);
    await branch.deliver();
    for (const raw of branch.rejects) branch.decide(raw);
    const cleared = await branch.cleanup().clean(branch.target);
    assert.equal(cleared.outcome, "cleared", cleared.reason);
    assert.deepEqual(
      branch.lost().filter(({ wallTime }) => !wallTime.startsWith("2026-02-30")),
      [],
    );
  },
);

Deno.test("an Odoo that does not know the question about unreadable lines forbids the clear", async () => {
  await withBranch(async (branch) => {
    await fillAndDeliver(branch, 50);
    spoil(branch, 5, "2026-02-30 08:00:00");
    branch.odoo.confirmRejects = () => Promise.reject(new Error("status 400 (bad_request)"));
    const refused = await branch.cleanup().clean(branch.target);
    assert.match(refused.reason, /bad_request/);
    assertUntouched(branch);
  });
});

// Resending the command after a timeout turns the first two red.
for (
  const [fault, outcome] of [
    ["clear_no_ack", "cleared"],
    ["clear_drop_after", "cleared"],
    ["clear_drop_before", "not_cleared"],
    ["clear_refused", "not_cleared"],
  ] as const
) {
  clearTest(
    `R46 ${fault}: one CLEAR_ATTLOG, the terminal is asked what became of it`,
    async (branch) => {
      await fillAndDeliver(branch, 200);
      branch.terminal.fault(fault, 1);
      const result = await branch.cleanup(600).clean(branch.target);
      assert.equal(result.outcome, outcome, result.reason);
      assert.equal(branch.terminal.count(CODE.clearLog), 1);
      assert.deepEqual(branch.lost(), []);
      assert.equal(branch.terminal.memory.disabled, false);
      assert.equal(result.alarm, false);
    },
  );
}

// Not closing the intent by reading, or clearing again for it, turns this red.
clearTest(
  "R46 killed between the clear and its bookkeeping: never a second clear for it",
  async (branch) => {
    await fillAndDeliver(branch, 200);
    const { setState } = branch.queue;
    let killed = false;
    branch.queue.setState = (name: string, value: string) => {
      if (name.startsWith("clear_last")) killed = true;
      if (killed) throw new Error("killed");
      setState.call(branch.queue, name, value);
    };
    await branch.cleanup().clean(branch.target);
    assert.equal(branch.terminal.memory.records.length, 0);
    await branch.restartQueue();
    for (let newer = 0; newer < 3; newer++) branch.terminal.memory.punch("1002");
    const settled = await branch.cleanup().clean(branch.target);
    assert.equal(settled.outcome, "cleared");
    assert.match(settled.reason, /its answer was lost/);
    assert.equal(branch.terminal.count(CODE.clearLog), 1, "the newer ones stay");
    assert.equal(branch.terminal.memory.records.length, 3);
    await branch.deliver();
    assert.deepEqual(branch.lost(), []);
  },
);

// Turns red when fewer records are taken for a clear: the terminal deleted its oldest by itself.
clearTest(
  "R46 a clear that did not take place is not noted because a full terminal deleted some",
  async (branch) => {
    await fillAndDeliver(branch, 200);
    const { target, queue, clock, terminal } = branch;
    await withTerminal(dialOf(target), async (open) => {
      const hints = { now: clock.now(), wallTime: null, sink: queue };
      const read = await readWhole(open, target.serial, hints);
      const intent = { id: "one", at: clock.now(), count: 200, digest: "of it", end: endOf(read) };
      new IntentBook(queue).write(target.serial, intent);
    });
    terminal.memory.punch("1002");
    assert.equal(terminal.memory.records.length, 151);
    const settled = await branch.cleanup().settle(target);
    assert.equal(settled?.outcome, "not_cleared", settled?.reason);
    assert.equal(branch.cleanup().last(target.serial)?.outcome, "unclear");
    await branch.deliver();
    assert.deepEqual(branch.lost(), []);
  },
  { capacity: 200, deletesAtOnce: 50 },
);

clearTest(
  "an enable that is lost is repeated on a new connection; else a person is called",
  async (branch) => {
    await fillAndDeliver(branch, 100);
    branch.terminal.fault("enable_silent", 1);
    const repeated = await branch.cleanup(500).clean(branch.target);
    assert.deepEqual([repeated.outcome, repeated.alarm], ["cleared", false]);
    branch.terminal.memory.punch("1001");
    branch.cleanup();
    branch.terminal.fault("enable_silent");
    const lost = await branch.cleanup(500).clean(branch.target);
    await branch.deliver();
    assert.equal(lost.alarm, false, "nothing was disabled");
    const stuck = await branch.cleanup(500).clean(branch.target);
    assert.equal(stuck.alarm, true);
    branch.clock.at += 121_000;
    assert.equal(branch.terminal.memory.disabled, false, "the dead-man time enables it");
  },
);

Deno.test("ClearPermit.weigh() refuses every single missing proof, and a permit works once", () => {
  const session = new Session();
  session.disabled = true;
  const good = {
    expectedSerial: "A",
    serial: "A",
    countBefore: 9,
    countAfter: 9,
    read: 9,
    unreleasedRejects: 0,
    distinct: 8,
    confirmed: 8,
    channelsQuiet: true,
    intentId: "x",
  };
  const permit = ClearPermit.weigh(session, good);
  assert.ok(permit instanceof ClearPermit);
  assert.throws(() => permit.spend(new Session()), /this permit is for another connection/);
  permit.spend(session);
  assert.throws(() => permit.spend(session), /used/);
  const bad: Partial<typeof good>[] = [
    { serial: "B" },
    { countBefore: 0 },
    { countBefore: 8 },
    { countAfter: 10 },
    { read: 8 },
    { unreleasedRejects: 1 },
    { confirmed: 7 },
    { distinct: 0, confirmed: 0 },
    { channelsQuiet: false },
    { intentId: "" },
  ];
  for (const change of bad) {
    const refused = ClearPermit.weigh(session, { ...good, ...change });
    assert.ok(!(refused instanceof ClearPermit), JSON.stringify(change));
  }
  session.disabled = false;
  assert.ok(!(ClearPermit.weigh(session, good) instanceof ClearPermit), "not disabled");
});
