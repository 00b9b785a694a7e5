/**
 * The site's own clock as a check-in's time, wherever an answer is lost: every such check-in is named at its punch,
 * no other one is, and every punch is there once.
 */
import assert from "node:assert/strict";
import type { PunchSighting } from "../../../edge_agent/base/punch.ts";
import { siteParts } from "../../../edge_agent/erpnext/erpnext.ts";
import type { HeldCheckin, HeldPunch } from "../../../edge_agent/erpnext/held.ts";
import { OwnTimes } from "../../../edge_agent/erpnext/own_times.ts";
import type { Fault } from "../../sim/faulty_proxy.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withControl } from "./control_kit.ts";
import { type SiteKit, withSite } from "./site_kit.ts";

const SITE_CLOCK = "the site put its own clock into the check-in: correct its time";
/** Requests of one try, by far: what is looked up, one insert, what is read back, what is named. */
const PLACES = 18;
/** Of one exchange that posts what was released. */
const EXCHANGE_PLACES = 27;
/**
 * Whether the right is there, and how many requests are lost in a row: fewer than a question and its second try, or
 * more, but fewer than a try of a batch.
 */
const CASES = [[true, 4], [false, 1], [false, 4]] as const;

/** The right without which the site puts its own clock into `time`. */
function setLevelOne(kit: SiteKit, write: 0 | 1): void {
  const rule = kit.site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
    .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
  kit.site.set("Custom DocPerm", String(rule?.["name"]), { write });
}

/** From the request `at` on, some are lost; returns how many passed or were lost since. */
function loseFrom(kit: SiteKit, at: number, fault: Fault, inARow = 4): () => number {
  let count = 0;
  kit.proxy.fault = () => {
    const now = count++;
    return now >= at && now < at + inARow ? fault : null;
  };
  return () => count;
}

/** Check-ins that have not the time of their punch; each of them is named, and nothing else is. */
function wrongOnes(kit: SiteKit, what: string): number {
  const checkins = new Map(
    kit.site.rows("Employee Checkin").map((row) => [row["biometric_key"], row["time"]]),
  );
  let wrong = 0;
  for (const row of kit.site.rows("Biometric Punch")) {
    const own = checkins.get(row["key"]) === row["wall_time"];
    assert.equal(row["reason"] ?? "", own ? "" : SITE_CLOCK, `${what}: PIN ${row["pin"]}`);
    if (!own) wrong += 1;
  }
  assert.equal(checkins.size, kit.site.rows("Biometric Punch").length, `${what}: check-ins`);
  assert.equal(kit.site.rows("Employee Checkin").length, checkins.size, `${what}: each once`);
  return wrong;
}

for (const fault of ["drop", "commit-reset"] as const) {
  for (const [right, inARow] of CASES) {
    // Red when what the site holds already is settled by its key alone: the answer that showed its time was lost.
    Deno.test(
      `R28 (ERPNext) answers lost at every place of a try (${fault}, ${inARow} in a row), ${
        right ? "right times" : "the site's own clock"
      }: each wrong time is named, once and alone`,
      () =>
        withSite({}, async (kit) => {
          let reached = 0, added = 0;
          for (let at = 0; at < PLACES; at++) {
            const what = `lost from request ${at}`;
            // The set-up is looked at and well; then the right goes.
            await kit.add(added, added += 1);
            await kit.drain();
            if (!right) setLevelOne(kit, 0);
            await kit.add(added, added += 2);
            const count = loseFrom(kit, at, fault, inARow);
            for (let n = 0; n < 3; n++) await kit.step();
            reached = Math.max(reached, count());
            kit.proxy.fault = () => null;
            setLevelOne(kit, 1);
            await kit.drain();
            wrongOnes(kit, what);
          }
          const tried = inARow > 1 ? PLACES : PLACES / 2;
          assert.ok(reached > tried, `${reached} requests of three tries`);
          const wrong = wrongOnes(kit, "at the end");
          assert.ok(right ? wrong === 0 : wrong > PLACES, `${wrong} wrong times`);
        }),
    );
  }
}

// Red when a check-in that is there is taken for posted, although nobody has seen its time.
Deno.test("answers lost at every place of an exchange, while released punches get the site's own clock: each is named", () =>
  withControl({}, async ({ kit, look }) => {
    for (let at = 0; at < EXCHANGE_PLACES; at += 3) {
      await kit.add(at, at + 2, (n) => `n${n}`);
      await kit.drain();
      for (const n of [at, at + 1]) {
        const mapped = { pin: `n${n}`, employee: `E${n + 1}`, serial: SERIAL };
        await kit.site.put("Biometric Device User", mapped);
      }
      setLevelOne(kit, 0);
      kit.clock.advance(121_000);
      loseFrom(kit, at, "commit-reset");
      for (let n = 0; n < 3; n++) await look();
      kit.proxy.fault = () => null;
      setLevelOne(kit, 1);
      for (let n = 0; n < 2; n++) {
        kit.clock.advance(121_000);
        await look();
      }
      wrongOnes(kit, `lost from request ${at}`);
    }
    assert.ok(wrongOnes(kit, "at the end") > EXCHANGE_PLACES / 2);
    const states = kit.site.rows("Biometric Punch").map((row) => row["state"]);
    assert.deepEqual([...new Set(states)], ["released"]);
  }));

/** Inserted, and the agent is gone before it reads back; another one goes on from the same queue. */
async function lostWithTheAgent(kit: SiteKit): Promise<void> {
  let inserted = false;
  kit.proxy.fault = (route) => {
    if (inserted) return "drop";
    inserted = route.endsWith("insert_many");
    return null;
  };
  assert.equal(await kit.step(), "unreachable");
  kit.proxy.fault = () => null;
}

function anotherAgent(kit: SiteKit) {
  const access = () => ({ url: kit.proxy.url, ...kit.key });
  const options = { http: kit.http, access, agentVersion: "test", now: () => kit.clock.now() };
  return siteParts(options, kit.clock).destination;
}

async function tryAgain(kit: SiteKit): Promise<readonly string[]> {
  const taken = kit.queue.take(50);
  assert.ok(taken);
  const receipt = await anotherAgent(kit).postPunches({ ...taken, batchId: "again" });
  return receipt.verdicts.map(({ verdict }) => verdict);
}

// Red when only what this process has sent is compared.
Deno.test("the site's own clock is named also when the agent ends before it reads back", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    setLevelOne(kit, 0);
    kit.clock.advance(7_000);
    await kit.add(1, 4);
    await lostWithTheAgent(kit);
    setLevelOne(kit, 1);
    await assert.rejects(tryAgain(kit), /instead of 2026-03-02 00:00:01, and 2 more so/);
    assert.deepEqual(await tryAgain(kit), ["duplicate", "duplicate", "duplicate"]);
    assert.equal(wrongOnes(kit, "named by the next one"), 3);
  }));

// Red when what is held is compared with what would be sent today.
Deno.test("a zone that was corrected afterwards makes no posted check-in the site's own clock", () =>
  withSite({}, async (kit) => {
    kit.site.set("Biometric Device", SERIAL, { time_zone: "Asia/Tokyo" });
    await kit.add(0, 3);
    await kit.drain();
    assert.equal(kit.site.rows("Employee Checkin")[0]?.["time"], "2026-03-01 23:00:00");
    kit.site.set("Biometric Device", SERIAL, { time_zone: "Asia/Kathmandu" });
    kit.clock.advance(61_000);
    // The terminal is read again.
    const punches = [0, 1, 2].map((n) => kit.punch(n));
    await kit.queue.add({ serial: SERIAL, channel: "poll", punches, rejects: [] });
    assert.equal(await kit.step(), "receipt");
    assert.deepEqual(kit.site.rows("Biometric Punch").map((row) => row["reason"]), ["", "", ""]);
    assert.equal(kit.queue.stats().pending, 0);
  }));

// Red when a time that differs is the site's clock, whoever put it there.
Deno.test("a check-in whose time a person corrected stays theirs when the terminal is read again", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    kit.clock.advance(61_000);
    const [posted] = kit.site.rows("Employee Checkin");
    const time = "2026-03-02 08:03:17";
    kit.site.set("Employee Checkin", String(posted?.["name"]), { time });
    const given = {
      serial: SERIAL,
      channel: "poll",
      punches: [kit.punch(0)],
      rejects: [],
    } as const;
    await kit.queue.add(given);
    assert.equal(await kit.step(), "receipt");
    assert.equal(kit.site.rows("Employee Checkin")[0]?.["time"], time);
    assert.equal(kit.site.rows("Biometric Punch")[0]?.["reason"], "");
    assert.deepEqual(kit.alarmCodes(), []);
  }));

// Red when only what could be of no zone at all is named: one of 900 of the site's own times could be of some zone.
Deno.test("the site's own clock is named also where it differs by whole hours from what the terminal said", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    setLevelOne(kit, 0);
    const quarter = 15 * 60_000;
    kit.clock.advance(quarter - kit.clock.now() % quarter);
    await kit.add(900, 901);
    await lostWithTheAgent(kit);
    setLevelOne(kit, 1);
    await kit.drain();
    const [, late] = kit.site.rows("Employee Checkin").map((row) => String(row["time"])).sort();
    assert.match(late ?? "", /:(00|15|30|45):00$/);
    assert.equal(wrongOnes(kit, "whole quarters"), 1);
  }));

// Red when a full memory forgets the batch that is under way: what came before of it would be told by chance.
Deno.test("the memory of what was sent is bounded, and keeps the latest", () => {
  const times = new OwnTimes();
  const punch = (n: number) => ({ key: `k${n}`, wallTime: "2026-03-02 08:00:00" }) as PunchSighting;
  // Refused again and again, and never read back.
  for (let n = 0; n < 5_500; n++) times.sending(`k${n}`, "2026-03-02 08:00:00");
  const checkin = { name: "C", time: "2026-03-02 09:00:00", creation: "x", modified: "x" };
  const held = (n: number) => ({
    punches: new Map([[`k${n}`, { reason: "" } as HeldPunch]]),
    checkins: new Map([[`k${n}`, checkin as HeldCheckin]]),
  });
  for (const n of [4_500, 4_900, 5_499]) {
    assert.equal(times.wrong([punch(n)], held(n)).length, 1, `sent as number ${n}`);
  }
  // Of this one nobody knows any more what was sent: an hour may be another zone's.
  assert.equal(times.wrong([punch(4_499)], held(4_499)).length, 0);
});

// Red when the set-up is looked at again only after all are named.
Deno.test("while wrong times cannot be named, no more of them are made", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    setLevelOne(kit, 0);
    await kit.add(1, 3);
    kit.proxy.fault = (route) => route.endsWith("set_value") ? "drop" : null;
    assert.equal(await kit.step(), "unreachable");
    kit.proxy.fault = () => null;
    await kit.add(3, 9);
    assert.equal(await kit.step(), "not_welcome");
    assert.match(
      kit.alarms.list()[0]?.message ?? "",
      /may not write Employee Checkin at permlevel 1/,
    );
    assert.equal(kit.site.rows("Employee Checkin").length, 3);
    setLevelOne(kit, 1);
    await kit.drain();
    assert.equal(wrongOnes(kit, "named at last"), 2);
  }));
