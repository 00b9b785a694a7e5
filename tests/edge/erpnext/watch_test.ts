/** What the agent's own document tells it: another machine of its name, an older copy of its queue. */
import assert from "node:assert/strict";
import { BRANCH } from "../../sim/erpnext/set_up.ts";
import { withControl, type World } from "./control_kit.ts";

async function reported({ kit, look }: World): Promise<void> {
  await kit.add(0, 10);
  await kit.drain();
  await look();
  assert.equal(kit.site.rows("Biometric Agent")[0]?.["seq"], 10);
}

/** What somebody else writes there, and what the agent makes of it. */
async function found({ kit, look }: World, values: Record<string, unknown>): Promise<string[]> {
  kit.site.set("Biometric Agent", BRANCH, values);
  kit.clock.advance(61_000);
  await look();
  return kit.alarms.list().map(({ code, message }) => `${code}: ${message}`);
}

// Red when the key that wrote the document is not looked at, or its mark is taken for a restored site.
Deno.test("a second machine under the same name is told, and is no restored site", () =>
  withControl({}, async (world) => {
    await reported(world);
    assert.deepEqual(await found(world, { public_key: "ANOTHER", mark: 0 }), [
      "clone: another machine speaks to the site as Cebu, too",
    ]);
    assert.equal(world.restored, 0);
  }));

Deno.test("a machine that took over a name that another one had is not told of it", () =>
  withControl({}, async (world) => {
    world.kit.site.set("Biometric Agent", BRANCH, { public_key: "THE ONE BEFORE" });
    await world.look();
    world.kit.clock.advance(61_000);
    await world.look();
    assert.deepEqual(world.kit.alarmCodes(), []);
  }));

// Red when a copied card is found by its key alone: a copy has the same one.
Deno.test("a copy of this machine is told by a number of the lane that holds something else", () =>
  withControl({}, async (world) => {
    await reported(world);
    const { lane } = world.kit.queue.laneHead();
    const [said] = await found(world, { seq: 9, hash: "ab".repeat(32) });
    assert.equal(
      said,
      "clone: another machine speaks to the site as Cebu, too: number 9 of this lane is another one on the site",
    );
    assert.notEqual(world.kit.queue.laneHead().lane, lane, "it goes on in a lane of its own");
    assert.equal(world.restored, 1, "what waits in it is told to delivery");
    await world.kit.drain();
    world.kit.assertExactlyOnce(10);
  }));

// Red when a head beyond the queue's own is not looked at: what was captured after the copy is asked of nobody.
Deno.test("R16 R61 (ERPNext) a queue that is an older copy is told once an hour, and terminals are read again", () =>
  withControl({}, async (world) => {
    const { kit } = world;
    await reported(world);
    const lanes = new Set([kit.queue.laneHead().lane]);
    for (let n = 0; n < 8; n++) {
      const { lane } = kit.queue.laneHead();
      lanes.add(lane);
      const [said] = await found(world, { lane, seq: 50 + n, hash: "cd".repeat(32) });
      assert.match(
        said ?? "",
        /^old_copy: the site was told of number \d+, beyond what this queue gave/,
      );
    }
    lanes.add(kit.queue.laneHead().lane);
    assert.equal(lanes.size, 2, "one lane an hour");
    assert.equal(world.restored, 1, "read again with the new lane, and not each minute");
    assert.deepEqual(kit.queue.stats().damaged.map(({ kind }) => kind), ["older_copy"]);
    await kit.add(10, 20);
    await kit.drain();
    kit.assertExactlyOnce(20);
  }));

// Red when a head that stays where everything went again is taken for another machine's.
Deno.test("a restored site whose document cannot be written yet is no second machine", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await reported(world);
    const backup = kit.site.backup();
    await kit.add(10, 20);
    await kit.drain();
    kit.clock.advance(301_000);
    await look();
    await kit.site.restore(backup);
    kit.http.stop();
    kit.proxy.fault = (route) => route.endsWith("set_value") ? "drop" : null;
    for (let n = 0; n < 3; n++) {
      kit.clock.advance(61_000);
      await look();
      await kit.drain();
    }
    assert.deepEqual(kit.alarmCodes().filter((code) => code !== "unreachable"), [
      "erpnext_went_back",
    ]);
    assert.equal(world.restored, 1, "all goes again once, not each minute");
    kit.proxy.fault = () => null;
    await look();
    kit.assertExactlyOnce(20);
  }));

// Red when only the lane that the document names is sent again, or what was settled before counts after it.
Deno.test("R35 (ERPNext) a document from before this lane: all goes again, and nothing is settled until it is there", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await reported(world);
    const settled = () => kit.site.rows("Biometric Agent")[0]?.["settled"];
    assert.equal(settled(), 10);
    const [said] = await found(world, { lane: "of before", seq: 7, settled: 7, mark: 0 });
    assert.equal(
      said,
      "erpnext_went_back: the site is of an earlier time (mark 0 of 1); 10 sightings go again",
    );
    assert.equal(settled(), 0);
    await kit.drain();
    kit.clock.advance(301_000);
    await look();
    assert.equal(settled(), 10);
    kit.assertExactlyOnce(10);
  }));

// Red when a number of another lane counts in this one: a restore would not send again what is below it.
Deno.test("R35 (ERPNext) what was settled in another lane is not settled in this one", () =>
  withControl({}, async ({ kit, look }) => {
    // As an agent finds it that begins with a new queue.
    kit.site.set("Biometric Agent", BRANCH, { lane: "of before", seq: 15, settled: 15, mark: 3 });
    await kit.add(0, 20);
    await look();
    const [row] = kit.site.rows("Biometric Agent");
    assert.deepEqual([row?.["seq"], row?.["settled"], row?.["mark"]], [20, 0, 4]);
    assert.deepEqual(kit.alarmCodes(), []);
  }));

// Red when the half whose lane it was is told by nobody: a copy has the same key, and left the lane that both had.
Deno.test("R77 (ERPNext) the half whose numbers came first is told of its copy, which is no restored site", () =>
  withControl({}, async (world) => {
    await reported(world);
    const [said] = await found(world, { lane: "of the copy", seq: 12, mark: 2, settled: 12 });
    assert.equal(
      said,
      "clone: another machine speaks to the site as Cebu, too: it goes on in the lane of the copy",
    );
    assert.equal(world.restored, 0);
    // Its mark is gone on from: less than the other's would look like a restored site to the other.
    assert.equal(world.kit.site.rows("Biometric Agent")[0]?.["mark"], 3);
  }));

// Red when a lane that this machine began itself is another's, because the answer to its report was lost.
Deno.test("R77 (ERPNext) a lane of its own whose report was not answered is no copy", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await reported(world);
    kit.queue.leaveLane("forked_lane", "test");
    // The agent's own document is the only one that is written.
    world.heard = [];
    kit.clock.advance(301_000);
    kit.proxy.fault = (route) => route.endsWith("set_value") ? "commit-reset" : null;
    await look();
    kit.proxy.fault = () => null;
    assert.equal(kit.site.rows("Biometric Agent")[0]?.["lane"], kit.queue.laneHead().lane);
    kit.clock.advance(61_000);
    await look();
    assert.deepEqual(kit.alarmCodes().filter((code) => code === "clone"), []);
  }));

// Red when what the restored document says is what another machine wrote.
Deno.test("R35 (ERPNext) a restored document of another lane that cannot be written yet is no copy", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await reported(world);
    kit.site.set("Biometric Agent", BRANCH, { lane: "of before", seq: 7, settled: 7, mark: 0 });
    kit.proxy.fault = (route) => route.endsWith("set_value") ? "drop" : null;
    for (let n = 0; n < 3; n++) {
      kit.clock.advance(61_000);
      await look();
    }
    assert.deepEqual(kit.alarmCodes().filter((code) => code !== "unreachable"), [
      "erpnext_went_back",
    ]);
  }));

// Red when the day's look for deleted check-ins counts as done: the restored site forgot what it found.
Deno.test("R35 (ERPNext) a deleted check-in is marked again the same day on a site that was restored", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await kit.add(0, 10);
    await kit.drain();
    const [checkin] = kit.site.rows("Employee Checkin");
    kit.site.delete("Employee Checkin", String(checkin?.["name"]));
    const backup = kit.site.backup();
    const removed = () => kit.site.rows("Biometric Punch", [["state", "=", "removed"]]).length;
    for (let n = 0; n < 8; n++) await look();
    assert.equal(removed(), 1);
    await kit.site.restore(backup);
    kit.http.stop();
    assert.equal(removed(), 0);
    kit.clock.advance(61_000);
    for (let n = 0; n < 8; n++) await look();
    assert.deepEqual(kit.alarmCodes(), ["erpnext_went_back"]);
    assert.equal(removed(), 1);
    assert.equal(kit.site.rows("Employee Checkin").length, 9);
  }));

// Red when what was told is taken for told: the site forgot it.
Deno.test("R35 (ERPNext) terminals and missing windows are told again to a site that was restored", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await reported(world);
    const backup = kit.site.backup();
    const start = kit.clock.now();
    const hour = 3_600_000;
    world.heard = [{ ...world.heard[0]!, lastHeardAt: start, since: start - hour }];
    await look();
    world.heard = [{ ...world.heard[0]!, lastHeardAt: start + 3 * hour, since: start + 2 * hour }];
    kit.clock.advance(3 * hour);
    await look();
    const gap = () => kit.site.rows("Biometric Gap").map((row) => row["from_time"]);
    const device = () => kit.site.rows("Biometric Device")[0]?.["complete_until"];
    const before = [gap(), device()];
    assert.equal(gap().length, 1);
    await kit.site.restore(backup);
    kit.http.stop();
    assert.deepEqual([gap(), device()], [[], null]);
    kit.clock.advance(61_000);
    await look();
    assert.deepEqual(kit.alarmCodes(), ["erpnext_went_back"]);
    await look();
    assert.deepEqual([gap(), device()], before);
  }));
