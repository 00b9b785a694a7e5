/** An agent whose disk was lost, or that was given another one's terminal: what it asks for, and what it does not claim. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BRANCH } from "../../sim/erpnext/set_up.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { run, withControl, type World } from "./control_kit.ts";

const HOUR_MS = 3_600_000;

/** The site as an agent left it that was at work until seven; it is nine, and the terminal is heard since half past eight. */
function leftAtSeven({ kit }: World) {
  const told = { time_zone: "Asia/Tokyo", complete_until: "2026-03-02 07:00:00.000000" };
  kit.site.set("Biometric Device", SERIAL, told);
  kit.site.set("Biometric Agent", BRANCH, { lane: "of the lost disk", seq: 90, mark: 40 });
}

function hears(world: World): void {
  const now = world.kit.clock.now();
  world.heard = [{ serial: SERIAL, lastHeardAt: now, since: now - HOUR_MS / 2 }];
}

const shown = ({ kit }: World) => ({
  until: kit.site.rows("Biometric Device")[0]?.["complete_until"],
  gaps: kit.site.rows("Biometric Gap").map((row) => [
    row["from_time"],
    row["to_time"],
    row["state"],
  ]),
});

// Red when a new queue claims all that was before it: punches that the lost one had acknowledged would be missing in
// silence, and ERPNext would write their people Absent.
Deno.test("R66 (ERPNext) a queue that begins asks for the past from where the site is complete, and proves nothing before", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    leftAtSeven(world);
    hears(world);
    await look();
    const wish = () => (world.applied[0] as { read_from?: string | null }).read_from;
    assert.equal(wish(), "2026-03-02 07:00:00", "an hour before, by the terminal's clock");
    const open = ["2026-03-02 07:00:00", "2026-03-02 08:30:00", "Open"];
    assert.deepEqual(shown(world), { until: "2026-03-02 07:00:00", gaps: [open] });
    kit.clock.advance(301_000);
    hears(world);
    await look();
    assert.equal(
      shown(world).until,
      "2026-03-02 07:00:00",
      "it stays so until that window is read",
    );
    const startedAt = kit.clock.now();
    kit.queue.addRun(run({
      channel: "push",
      windowFrom: wish() ?? null,
      windowTo: "2026-03-02 10:30:00",
      startedAt,
      endedAt: startedAt,
    }));
    await look();
    kit.clock.advance(301_000);
    hears(world);
    await look();
    assert.deepEqual(shown(world).gaps, [[...open.slice(0, 2), "Closed"]]);
    assert.ok(String(shown(world).until) > "2026-03-02 09:00:00");
    kit.clock.advance(24 * HOUR_MS);
    await look();
    assert.equal(wish(), undefined, "a day later it is new no more");
  }));

Deno.test("R66 (ERPNext) of a terminal of which nothing is proven all is asked for, of one that waits nothing", () =>
  withControl({}, async (world) => {
    await world.kit.site.put("Biometric Device", { serial: "S2", agent: BRANCH });
    await world.look();
    assert.deepEqual(
      world.applied.map((one) => [one.serial, (one as { read_from?: string | null }).read_from])
        .sort(),
      [["S2", undefined], [SERIAL, null]].sort(),
    );
  }));

// Red when the past is asked for at each start: a branch at work for years would read its terminals again.
Deno.test("R66 (ERPNext) an agent that has been at work for long asks for nothing of the past", () =>
  withControl({}, async (world) => {
    leftAtSeven(world);
    world.kit.queue.setState("erpnext_mark", "40");
    hears(world);
    await world.look();
    assert.ok(!("read_from" in world.applied[0]!));
  }));

// Red when what another queue had opened is nobody's: HR's acceptance would be heard by none.
Deno.test("missing windows that a lost queue had opened are taken up, and accepted or closed by the next one", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    leftAtSeven(world);
    const window = async (from: string, to: string, end = "") =>
      await kit.site.put("Biometric Gap", {
        code: `${SERIAL} ${new Date(`${from}+08:00`).toISOString()}${end}`,
        device: SERIAL,
        from_time: from.replace("T", " "),
        to_time: to.replace("T", " "),
        state: "Open",
      });
    const silence = await window("2026-03-02T03:00:00", "2026-03-02T04:00:00");
    const loss = await window("2026-02-01T00:00:00", "2026-02-02T00:00:00", " lost");
    await kit.site.put("Biometric Gap", { code: "typed by hand", device: SERIAL, state: "Open" });
    hears(world);
    await look();
    const state = (name: string) =>
      kit.site.rows("Biometric Gap", [["name", "=", name]])[0]?.["state"];
    assert.deepEqual([state(silence), state(loss)], ["Open", "Open"]);
    kit.site.set("Biometric Gap", loss, { accepted: 1, accepted_reason: "closed that day" });
    const startedAt = kit.clock.now();
    kit.queue.addRun(run({ startedAt, endedAt: startedAt }));
    await look();
    assert.deepEqual([state(silence), state(loss)], ["Closed", "Accepted"]);
  }));

/** The newest rows are gone from the file; how many were lost is known from the witness. */
async function loseTail({ kit }: World, count: number): Promise<void> {
  const { queue, directory } = kit.lane;
  await queue.stop();
  const db = new DatabaseSync(join(directory, "queue.sqlite"));
  const last = Number(db.prepare("SELECT max(id) AS id FROM sighting").get()?.["id"]);
  db.exec(`DELETE FROM sighting WHERE id > ${last - count}; DELETE FROM known`);
  db.close();
  const at = (kit.clock.now() - 60_000) / 1000;
  Deno.utimeSync(join(directory, "queue.witness"), at, at);
  queue.start();
}

// Red when what the agent lost is told to nobody: its own note would stay for ever, and days count as complete.
Deno.test("R65 (ERPNext) what this agent lost for good is a missing window, told until the site has it, and then HR's", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    hears(world);
    await look();
    kit.clock.advance(HOUR_MS);
    await kit.add(0, 5);
    kit.clock.advance(HOUR_MS / 2);
    await kit.add(5, 20);
    await loseTail(world, 15);
    const [loss] = kit.queue.losses();
    assert.ok(loss);
    await look();
    assert.equal(kit.site.rows("Biometric Gap").length, 0, "it may come again yet");
    kit.queue.setLossState(loss.id, "unrecoverable");
    kit.proxy.fault = (route) => route.endsWith("insert_many") ? "commit-reset" : null;
    await look();
    assert.equal(kit.queue.losses()[0]?.told, false, "nobody has seen it there yet");
    kit.proxy.fault = () => null;
    await look();
    assert.deepEqual(kit.queue.losses().filter(({ told }) => !told), []);
    const rows = kit.site.rows("Biometric Gap");
    assert.deepEqual(rows.map((row) => [row["device"], row["reason"], row["state"]]), [
      [SERIAL, "the terminal no longer holds what it recorded", "Open"],
    ]);
    // A whole read proves nothing of it.
    const startedAt = kit.clock.now();
    kit.queue.addRun(run({ startedAt, endedAt: startedAt }));
    await kit.drain();
    await look();
    const state = () => kit.site.rows("Biometric Gap")[0]?.["state"];
    assert.equal(state(), "Open");
    const accepted = { accepted: 1, accepted_reason: "nobody was there" };
    kit.site.set("Biometric Gap", String(rows[0]?.["name"]), accepted);
    await look();
    assert.equal(state(), "Accepted");
  }));
