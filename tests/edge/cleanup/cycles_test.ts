/**
 * Randomised clear cycles from one seed: people punch at any moment, the terminal shows a fault in
 * most cycles, the agent is killed at random steps, Odoo is unreachable or restored from a backup.
 * The terminal's own list of destroyed records is the oracle: whatever it destroyed must be in Odoo
 * in the end, once. CLEAR_CYCLES and CLEAR_SEED change the length (default 60) and the seed.
 */
import assert from "node:assert/strict";
import { Cleanup, type CleanupWorld } from "../../../edge_agent/cleanup/cleanup.ts";
import { OdooHoldings } from "../../../edge_agent/odoo/holdings.ts";
import { Dice } from "../../sim/dice.ts";
import { SiteEnd } from "../../sim/erpnext/site_end.ts";
import type { FaultName } from "../../sim/pull/terminal.ts";
import { CODE } from "../../sim/pull/wire.ts";
import { type Branch, keyOf, pollAndDeliver, withBranch } from "./cleanup_kit.ts";

const CYCLES = Number(Deno.env.get("CLEAR_CYCLES") ?? 60);
const SEED = Number(Deno.env.get("CLEAR_SEED") ?? 20261121);
/** Milliseconds a pretended terminal may take; short, so that lost answers cost little. */
const REPLY_MS = 400;

const FAULTS: FaultName[] = [
  "truncate",
  "short_log",
  "bad_checksum",
  "drop_midway",
  "stall",
  "garbage_length",
  "lying_header",
  "late_ack",
  "events_between",
  "append_during_read",
  "append_before_clear",
  "sizes_zero",
  "sizes_short",
  "clear_no_ack",
  "clear_drop_before",
  "clear_drop_after",
  "clear_refused",
  "want_error",
  "enable_silent",
];
type Trouble = FaultName | "none" | "ignores_disable" | "killed" | "odoo_away" | "odoo_restored";

const TROUBLES: Trouble[] = [
  "none",
  "none",
  ...FAULTS,
  ...FAULTS.filter((name) => name.startsWith("clear_")),
  "append_before_clear",
  "ignores_disable",
  "ignores_disable",
  "killed",
  "killed",
  "killed",
  "odoo_away",
  "odoo_restored",
];

class Killed extends Error {}

/** After `steps` uses of any door every door is dead: what a kill looks like from outside. */
function killable(world: CleanupWorld, branch: Branch, steps: number): CleanupWorld {
  let left = steps;
  const door = <A extends unknown[], T>(use: (...args: A) => T) => (...args: A): T => {
    if (left-- <= 0) {
      branch.terminal.deaf = true;
      throw new Killed();
    }
    return use(...args);
  };
  const { sink, clock } = world;
  const { odoo, site } = branch;
  return {
    ...world,
    sink: {
      add: door((upload) => sink.add(upload)),
      getState: door((name) => sink.getState(name)),
      setState: door((name, value) => sink.setState(name, value)),
    },
    holdings: site === null
      ? new OdooHoldings({
        confirmDays: door((serial, days) => odoo.confirmDays(serial, days)),
        confirmKeys: door((serial, keys) => odoo.confirmKeys(serial, keys)),
        confirmRejects: door((serial, digests) => odoo.confirmRejects(serial, digests)),
      })
      : {
        findMissing: door((serial, keys) => site.holdings.findMissing(serial, keys)),
        countUndecided: door((serial, raws) => site.holdings.countUndecided(serial, raws)),
      },
    keepRead: door((name, bytes) => world.keepRead(name, bytes)),
    clock: {
      now: door(() => clock.now()),
      monotonic: door(() => clock.monotonic()),
      sleep: door((ms, signal) => clock.sleep(ms, signal)),
    },
  };
}

interface Tally {
  readonly shown: Map<Trouble, number>;
  cleared: number;
  destroyed: number;
}

function rarest(tally: Tally): Trouble {
  const seen = (trouble: Trouble) => tally.shown.get(trouble) ?? 0;
  return TROUBLES.reduce((least, trouble) => seen(trouble) < seen(least) ? trouble : least);
}

async function cycle(branch: Branch, dice: Dice, tally: Tally): Promise<void> {
  const { terminal, clock } = branch;
  const { memory } = terminal;
  const punch = () => memory.punch(String(1001 + dice.below(20)), { state: dice.below(2) });
  for (let count = dice.below(25); count > 0; count--) {
    clock.at += 1_000 + dice.below(60_000);
    punch();
  }
  if (dice.below(5) > 0) await pollAndDeliver(branch);
  if (dice.below(5) === 0) punch();
  // One cycle in three shows what was seen least, so that nothing stays rare.
  const trouble = dice.below(3) > 0 ? dice.pick(TROUBLES) : rarest(tally);
  const forgotten = [...branch.held].filter(() => dice.below(40) === 0);
  if (trouble === "odoo_away") branch.unreachable = true;
  else if (trouble === "odoo_restored") branch.forget(forgotten);
  else if (trouble === "ignores_disable") memory.ignoresDisable = true;
  else if (trouble !== "none" && trouble !== "killed") terminal.fault(trouble, 1 + dice.below(2));
  // Someone may be at the terminal at any time; one that ignores disable then records.
  const busy = trouble === "ignores_disable" || dice.below(3) === 0;
  clock.whileSleeping = busy ? punch : null;
  if (trouble === "ignores_disable" && dice.below(2) === 0) {
    clock.whileSleeping = null;
    terminal.fault("append_before_clear", 1);
  }
  let world = branch.world(REPLY_MS);
  if (trouble === "killed") world = killable(world, branch, dice.below(60));
  const clears = terminal.count(CODE.clearLog);
  const ignored = memory.ignoredDisable;
  const asked = branch.refusals;
  const shownBefore = FAULTS.map((name) => terminal.shown(name));
  const result = await new Cleanup(world).clean(branch.target).catch((error) => {
    if (!(error instanceof Killed)) throw error;
    return null;
  });
  assert.ok(terminal.count(CODE.clearLog) - clears <= 1, "never two clears in one attempt");
  const happened: Trouble[] = FAULTS.filter((name, at) => terminal.shown(name) > shownBefore[at]!);
  if (memory.ignoredDisable > ignored) happened.push("ignores_disable");
  if (result === null || terminal.deaf) happened.push("killed");
  if (branch.refusals > asked) happened.push("odoo_away");
  if (trouble === "odoo_restored" && forgotten.length > 0) happened.push("odoo_restored");
  if (happened.length === 0) happened.push("none");
  for (const name of happened) tally.shown.set(name, (tally.shown.get(name) ?? 0) + 1);
  if (result?.outcome === "cleared") tally.cleared++;
  if (trouble === "killed") {
    await branch.restartQueue();
    terminal.deaf = false;
  }
  terminal.healed();
  clock.whileSleeping = null;
  branch.unreachable = false;
  memory.ignoresDisable = false;
  clock.at += 125_000; // the dead-man time
  assert.equal(memory.disabled, false, "people can punch again");
  branch.queue.resend(forgotten);
  await branch.deliver();
  // A restored Odoo lacks what only the agent still has: it was sent again above.
  const lost = branch.lost();
  assert.deepEqual(lost, [], `lost after ${trouble}: ${result?.outcome} ${result?.reason}`);
  if (memory.destroyed.length > tally.destroyed) tally.destroyed = memory.destroyed.length;
  // The next cycle is another day with a repaired terminal.
  branch.queue.setState("clear_unsafe:FAKE0001", "");
}

async function cycles(count: number, site: SiteEnd | null): Promise<void> {
  const dice = new Dice(SEED);
  const tally: Tally = { shown: new Map(), cleared: 0, destroyed: 0 };
  await withBranch(
    async (branch) => {
      branch.terminal.memory.fill(20, { people: 20 });
      for (let number = 0; number < count; number++) await cycle(branch, dice, tally);
      // In the end everything ever recorded is at the destination, and nothing else.
      await new Cleanup(branch.world()).clean(branch.target);
      await branch.deliver();
      const recorded = new Set(branch.terminal.memory.everything.map(keyOf));
      assert.deepEqual(branch.held, recorded);
    },
    { tcpPacketBytes: 1008, inlineBytes: 200 },
    site,
  );
  assert.ok(tally.cleared >= count / 10, `${tally.cleared} clears took place`);
  const shown = [...tally.shown].sort(([one], [other]) => one < other ? -1 : 1);
  console.log(`    cleared ${tally.cleared}, destroyed ${tally.destroyed}, ${shown.join(" ")}`);
  if (count < 1000) return;
  for (const trouble of TROUBLES) {
    assert.ok((tally.shown.get(trouble) ?? 0) >= 20, `${trouble} happened too rarely`);
  }
}

Deno.test(`R41-R46 no punch is lost in ${CYCLES} randomised clear cycles (seed ${SEED})`, () =>
  cycles(CYCLES, null));

Deno.test(`R41-R46 (ERPNext) no punch is lost in ${CYCLES / 3} randomised clear cycles (seed ${SEED})`, async () =>
  cycles(CYCLES / 3, await SiteEnd.make("FAKE0001")));
