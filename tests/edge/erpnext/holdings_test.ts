/** Asking the site about a log before it is cleared: every raw punch, now; every unreadable line, decided. */
import assert from "node:assert/strict";
import { punchKey } from "../../../edge_agent/base/punch.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withSite } from "./site_kit.ts";

// Red when a check-in counts as proof, a day is left out, or what was held yesterday is taken for now.
Deno.test("R43 (ERPNext) a clear is allowed by raw punches that are there at that moment, and by nothing else", () =>
  withSite({}, async (kit) => {
    const days = ["2026-02-27", "2026-02-28", "2026-03-01"];
    const punches = days.flatMap((day) =>
      [1, 2, 3].map((n) => ({ ...kit.punch(n), wallTime: `${day} 08:00:0${n}` }))
    );
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    const keys = new Map(
      [...Map.groupBy(punches, ({ wallTime }) => wallTime.slice(0, 10))]
        .map(([day, some]) => [day, some.map(punchKey)]),
    );
    const { holdings } = kit.parts;
    assert.deepEqual(await holdings.findMissing(SERIAL, keys), []);
    const unsent = punchKey({ ...kit.punch(9), wallTime: "2026-03-01 09:00:00" });
    keys.set("2026-03-01", [...keys.get("2026-03-01") ?? [], unsent]);
    assert.deepEqual(await holdings.findMissing(SERIAL, keys), [unsent]);
    // HR deleted a check-in: the raw punch is the proof, and it is there.
    const [checkin] = kit.site.rows("Employee Checkin");
    kit.site.delete("Employee Checkin", String(checkin?.["name"]));
    assert.deepEqual(await holdings.findMissing(SERIAL, keys), [unsent]);
    const gone = String(checkin?.["biometric_key"]);
    kit.site.delete("Biometric Punch", gone);
    assert.deepEqual((await holdings.findMissing(SERIAL, keys)).sort(), [unsent, gone].sort());
    assert.deepEqual((await holdings.findMissing("OTHER", keys)).length, 10);
    kit.site.condition = "other_site";
    await assert.rejects(holdings.findMissing(SERIAL, keys), /there is no such site/);
  }));

// Red when an unreadable line that nobody decided about, or that never arrived, does not hold up the clear.
Deno.test("R43 (ERPNext) a line that nobody could read holds up the clear until HR decides", () =>
  withSite({}, async (kit) => {
    const reject = { serial: SERIAL, reason: "bad_time" as const, raw: "1\tyesterday\t0" };
    await kit.queue.add({ serial: SERIAL, channel: "poll", punches: [], rejects: [reject] });
    const { holdings } = kit.parts;
    const raws = new Set([reject.raw]);
    assert.equal(await holdings.countUndecided(SERIAL, raws), 1);
    await kit.drain();
    assert.equal(await holdings.countUndecided(SERIAL, raws), 1);
    assert.equal(await holdings.isDecided(SERIAL), false);
    const [row] = kit.site.rows("Biometric Unread Line");
    kit.site.set("Biometric Unread Line", String(row?.["name"]), { decision: "Discard" });
    assert.equal(await holdings.countUndecided(SERIAL, raws), 0);
    assert.equal(await holdings.isDecided(SERIAL), true);
  }));

// Red when only the first days, or the first page of a day, are asked for: the rest would count as held, or never.
Deno.test("R43 (ERPNext) a log of many weeks, and a day of more punches than one answer has, are compared whole", () =>
  withSite({}, async (kit) => {
    const hex = (n: number) => n.toString(16).padStart(64, "0");
    const put = (n: number, wall_date: string) =>
      kit.site.db.insert("Biometric Punch", { name: hex(n), serial: SERIAL, wall_date }, []);
    const days = Array.from(
      { length: 70 },
      (_, n) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString().slice(0, 10),
    );
    for (const [n, day] of days.entries()) put(n, day);
    const keys = new Map(days.map((day, n) => [day, [hex(n)]]));
    for (const at of [0, 40, 69]) keys.get(days[at] ?? "")?.push(hex(900 + at));
    const { holdings } = kit.parts;
    assert.deepEqual(await holdings.findMissing(SERIAL, keys), [900, 940, 969].map(hex));
    const long = Array.from({ length: 5_003 }, (_, n) => 10_000 + n);
    await kit.site.db.transaction(() => {
      for (const n of long) put(n, "2025-05-05");
      return Promise.resolve();
    });
    const asked = new Map([["2025-05-05", [...long, 99_999].map(hex)]]);
    assert.deepEqual(await holdings.findMissing(SERIAL, asked), [hex(99_999)]);
  }));
