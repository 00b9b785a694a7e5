/** Delivery to an ERPNext site: what is sent, what is proven, what a person finds there. */
import assert from "node:assert/strict";
import type { Fault } from "../../sim/faulty_proxy.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { SiteKit, withSite } from "./site_kit.ts";

/** Each request meets one of `faults` with probability `rate`. */
function sometimes(kit: SiteKit, rate: number, faults: readonly Fault[]): void {
  kit.proxy.fault = () =>
    kit.random() < rate ? faults[Math.floor(kit.random() * faults.length)] ?? null : null;
}

const states = (kit: SiteKit) => kit.site.rows("Biometric Punch").map((row) => row["state"]);

Deno.test("a punch becomes one raw punch and one check-in at its own time", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 120);
    await kit.drain();
    kit.assertExactlyOnce(120);
    const [row] = kit.site.rows("Biometric Punch", [["pin", "=", "2"]]);
    assert.equal(row?.["serial"], SERIAL);
    assert.equal(row?.["employee"], "E2");
    assert.equal(row?.["state"], "stored");
    assert.equal(row?.["title"], "E2 · PIN 2 · 2026-03-02 00:00");
    const [checkin] = kit.site.rows("Employee Checkin", [["employee", "=", "E2"]]);
    assert.equal(checkin?.["device_id"], SERIAL);
    assert.equal(checkin?.["biometric_key"], row?.["key"]);
  }));

// Red when what was sent counts as stored without being read back, or the key is not unique.
Deno.test("R25 (ERPNext) answers lost after the commit cost nothing but a second try", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 200);
    sometimes(kit, 0.2, ["commit-reset"]);
    await kit.drain();
    kit.proxy.fault = () => null;
    kit.assertExactlyOnce(200);
    assert.ok((kit.proxy.counts.get("commit-reset") ?? 0) > 5);
  }));

// Red when a request that was not answered is taken for a refusal of its content.
Deno.test("R26 (ERPNext) requests dropped, halved or refused: exactly once, nothing parked", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 300);
    sometimes(kit, 0.2, ["drop", "half", "refuse"]);
    await kit.drain();
    kit.assertExactlyOnce(300);
  }));

// Red when names in the answer of an insert count, or half an answer does.
Deno.test("R28 (ERPNext) cut or garbled answers prove nothing", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 150);
    sometimes(kit, 0.2, ["truncate-length", "truncate-chunked", "truncate-close", "garble"]);
    await kit.drain();
    kit.assertExactlyOnce(150);
  }));

// Red when biometric_key is not unique, or the raw punch has a name of its own. A site's answer to a question
// names what it is about (keys), but for an employee's name: there only the line itself keeps answers apart.
Deno.test("R29 (ERPNext) doubled requests and stale answers: exactly once", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 300);
    kit.proxy.fault = (route) => {
      if (kit.random() > 0.3) return null;
      return route.endsWith("insert_many") && kit.random() < 0.5 ? "stale-replay" : "duplicate";
    };
    await kit.drain();
    kit.assertExactlyOnce(300);
    assert.ok((kit.proxy.counts.get("duplicate") ?? 0) > 5);
  }));

// Red when 404 HTML, a login page or maintenance settles, parks, or hides.
Deno.test("R27 (ERPNext) a site that is not itself for hours: nothing lost, nothing parked, said aloud", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 50);
    const conditions = [
      "maintenance",
      "database_down",
      "rate_limited",
      "other_site",
      "login_page",
    ] as const;
    for (const condition of conditions) {
      kit.site.condition = condition;
      for (let n = 0; n < 6; n++) assert.equal(await kit.step(), "unreachable", condition);
      assert.deepEqual(kit.alarmCodes(), ["unreachable"], condition);
    }
    const [alarm] = kit.alarms.list();
    assert.match(alarm?.message ?? "", /status 200 without ERPNext's JSON/);
    kit.site.condition = "well";
    await kit.drain();
    kit.assertExactlyOnce(50);
    assert.deepEqual(kit.alarmCodes(), []);
  }));

Deno.test("R27 (ERPNext) Retry-After of a rate limit is honoured", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    kit.site.condition = "rate_limited";
    const { waitMs } = await kit.delivery.deliverOnce();
    assert.ok(waitMs >= 17_000 && waitMs < 19_000, String(waitMs));
  }));

// Red when 401 is retried fast, or the key's end loses what waits.
Deno.test("R27 (ERPNext) a key that was revoked raises the alarm, retries slowly, capture goes on", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 5);
    const { key } = kit;
    kit.key = { key: key.key, secret: "0".repeat(15) };
    const { outcome, waitMs } = await kit.delivery.deliverOnce();
    assert.equal(outcome, "not_welcome");
    assert.ok(waitMs >= 60_000);
    assert.deepEqual(kit.alarmCodes(), ["credential"]);
    assert.match(kit.alarms.list()[0]?.message ?? "", /ERPNext does not know this agent's key/);
    await kit.add(5, 10);
    kit.key = key;
    await kit.drain();
    kit.assertExactlyOnce(10);
  }));

// Red when a refusal of one punch holds up the others, or when it is lost or parked.
Deno.test("R36 (ERPNext) one punch that the site refuses ends as a raw punch with its reason", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 100);
    // Nobody foresaw it: the site's own rule refuses this employee's check-ins.
    kit.site.refuses = (doc) => doc["employee"] === "E7" ? "InvalidShiftError" : null;
    await kit.drain();
    const refused = kit.site.rows("Biometric Punch", [["state", "=", "refused"]]);
    assert.deepEqual(refused.map((row) => row["pin"]), ["7", "7"]);
    assert.equal(refused[0]?.["reason"], "the site refuses it: InvalidShiftError");
    assert.equal(kit.site.rows("Biometric Punch").length, 100);
    assert.equal(kit.site.rows("Employee Checkin").length, 98);
    assert.deepEqual([kit.queue.stats().pending, kit.queue.stats().parked], [0, 0]);
  }));

// Red when anything is asked that version 16 refuses: functions as strings, an employee whom nobody saw.
Deno.test("R36 (ERPNext) version 16: the same check-ins; an employee who went in between is a refused punch", () =>
  withSite({ version: 16 }, async (kit) => {
    await kit.add(0, 120);
    await kit.drain();
    kit.assertExactlyOnce(120);
    kit.proxy.fault = (route) => {
      if (route.endsWith("insert_many")) kit.site.db.remove("Employee", "E7");
      return null;
    };
    await kit.add(120, 180);
    await kit.drain();
    const refused = kit.site.rows("Biometric Punch", [["state", "=", "refused"]]);
    assert.deepEqual(refused.map((row) => [row["pin"], row["reason"]]), [
      ["7", "the site refuses it: LinkValidationError"],
    ]);
    assert.equal(kit.site.rows("Employee Checkin").length, 179);
    assert.deepEqual([kit.queue.stats().pending, kit.queue.stats().parked], [0, 0]);
  }));

// Red when a culprit is one without another check-in that got through since its refusal.
Deno.test("R36 (ERPNext) a site that refuses every check-in convicts none of them", () =>
  withSite({}, async (kit) => {
    kit.site.geolocation = true;
    await kit.add(0, 60);
    // Another terminal's punches of unknown PINs get through: they are no check-ins.
    for (let n = 0; n < 40; n++) await kit.step();
    assert.equal(kit.site.rows("Biometric Punch", [["state", "=", "refused"]]).length, 0);
    assert.equal(kit.queue.stats().parked, 0);
    assert.ok(kit.alarmCodes().includes("unreachable"));
    assert.match(
      kit.alarms.list()[0]?.message ?? "",
      /the site refuses \d+ check-ins \(ValidationError\), and no other got/,
    );
    kit.site.set("Biometric Device", SERIAL, { latitude: 10.3, longitude: 123.9 });
    await kit.drain();
    kit.assertExactlyOnce(60);
  }));

Deno.test("unknown PINs, strange clocks and waiting terminals are stored and wait for a person", () =>
  withSite({}, async (kit) => {
    const odd = [
      { ...kit.punch(1), pin: "999" },
      { ...kit.punch(2), wallTime: "2000-01-01 00:00:05" },
      { ...kit.punch(3), wallTime: "2026-03-09 08:00:00" },
    ];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: odd, rejects: [] });
    const stranger = { ...kit.punch(4), serial: "STRANGER" };
    await kit.queue.add({ serial: "STRANGER", channel: "push", punches: [stranger], rejects: [] });
    await kit.drain();
    const shown = kit.site.rows("Biometric Punch").map((row) => [row["state"], row["reason"]]);
    assert.deepEqual(shown.sort(), [
      ["held", "the terminal is not approved yet"],
      ["held", "the terminal's clock was more than a day ahead"],
      ["held", "the terminal's clock was never set"],
      ["unmapped", "no employee has this PIN"],
    ]);
    assert.equal(kit.site.rows("Employee Checkin").length, 0);
    assert.equal(kit.queue.stats().pending, 0);
  }));

// Red when only a missing device row holds a punch: a terminal that nobody approved would post.
Deno.test("a terminal whose row is Waiting posts nothing", () =>
  withSite({}, async (kit) => {
    kit.site.set("Biometric Device", SERIAL, { approval: "Waiting" });
    await kit.add(0, 2);
    await kit.drain();
    const shown = kit.site.rows("Biometric Punch").map((row) => [row["state"], row["reason"]]);
    assert.deepEqual(shown, Array(2).fill(["held", "the terminal is not approved yet"]));
    assert.equal(kit.site.rows("Employee Checkin").length, 0);
  }));

// Red when the second is sent and its refusal holds up a batch, or when it is dropped.
Deno.test("two punches of one person in one second: the second is kept and says why it is no check-in", () =>
  withSite({}, async (kit) => {
    const one = kit.punch(1);
    const twice = [one, { ...one, status: "1" }];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: twice, rejects: [] });
    await kit.drain();
    assert.deepEqual(states(kit).sort(), ["refused", "stored"]);
    const [refused] = kit.site.rows("Biometric Punch", [["state", "=", "refused"]]);
    assert.match(String(refused?.["reason"]), /^same second as [0-9a-f]{64}$/);
    // Somebody typed a check-in for the same second before.
    await kit.site.put("Employee Checkin", {
      employee: "E9",
      time: kit.punch(8).wallTime,
      log_type: "",
    });
    await kit.add(8, 9);
    await kit.drain();
    const typed = kit.site.rows("Biometric Punch", [["pin", "=", "9"]])[0];
    assert.match(String(typed?.["reason"]), /^same second as EMP-CKIN-/);
  }));

Deno.test("a status means in or out where the terminal is set so", () =>
  withSite({}, async (kit) => {
    kit.site.set("Biometric Device", SERIAL, { direction: "BY STATUS" });
    const one = kit.punch(1);
    const punches = [one, { ...one, status: "1" }, { ...kit.punch(2), status: "255" }];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    const types = kit.site.rows("Employee Checkin").map((row) => row["log_type"]).sort();
    assert.deepEqual(types, ["", "IN", "OUT"]);
  }));

// Red when an employee is posted for that was not seen: version 15 stores any name.
Deno.test("an employee who does not exist or is inactive gets no check-in", () =>
  withSite({}, async (kit) => {
    kit.site.addEmployee("Idle", "501", "Inactive");
    await kit.site.put("Biometric Device User", { pin: "502", employee: "E2" });
    kit.site.set(
      "Biometric Device User",
      kit.site.rows("Biometric Device User")[0]?.["name"] as string,
      {
        employee: "Gone",
      },
    );
    const punches = [{ ...kit.punch(1), pin: "501" }, { ...kit.punch(2), pin: "502" }];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    const shown = kit.site.rows("Biometric Punch").map((row) => [row["pin"], row["reason"]]);
    assert.deepEqual(shown.sort(), [
      ["501", "the employee is inactive"],
      ["502", "the employee it is mapped to does not exist"],
    ]);
    assert.equal(kit.site.rows("Employee Checkin").length, 0);
  }));

// Red when the row for one terminal does not go before the row for all, or dates are not looked at.
Deno.test("a PIN is mapped by terminal and day, else by the employee's own device id", () =>
  withSite({}, async (kit) => {
    const user = (values: Record<string, unknown>) =>
      kit.site.put("Biometric Device User", { pin: "5", ...values });
    await user({ serial: SERIAL, employee: "E40", valid_until: "2026-03-01" });
    await user({ serial: SERIAL, employee: "E41", valid_from: "2026-03-03" });
    await user({ employee: "E42", valid_from: "2026-03-03" });
    const at = (day: string, n: number) => ({
      ...kit.punch(n),
      pin: "5",
      wallTime: `${day} 08:00:0${n}`,
    });
    const punches = [at("2026-03-01", 1), at("2026-03-02", 2), at("2026-03-03", 3)];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    kit.clock.advance(2 * 86_400_000);
    await kit.drain();
    const shown = kit.site.rows("Employee Checkin").map((row) => [row["time"], row["employee"]]);
    assert.deepEqual(shown.sort(), [
      ["2026-03-01 08:00:01", "E40"],
      ["2026-03-02 08:00:02", "E5"],
      ["2026-03-03 08:00:03", "E41"],
    ]);
  }));

// Red when what is known of a PIN is never asked again, or only compared as a set of names.
Deno.test("PINs that change hands are seen within a minute, also when two are swapped", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 60);
    await kit.drain();
    kit.clock.advance(10 * 60_000);
    kit.site.set("Employee", "E1", { attendance_device_id: "x" });
    kit.site.set("Employee", "E2", { attendance_device_id: "1" });
    kit.site.set("Employee", "E1", { attendance_device_id: "2" });
    kit.clock.advance(61_000);
    await kit.add(120, 122);
    await kit.drain();
    const later = kit.site.rows("Biometric Punch", [["wall_time", ">=", "2026-03-02 00:02:00"]]);
    assert.deepEqual(later.map((row) => [row["pin"], row["employee"]]).sort(), [["1", "E2"], [
      "2",
      "E1",
    ]]);
  }));

// Red when the answer of an insert counts: everything here rests on reading back.
Deno.test("R28 (ERPNext) an insert that was answered and never made proves nothing", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 10);
    const reject = { serial: SERIAL, reason: "bad_time" as const, raw: "1\tyesterday\t0" };
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: [], rejects: [reject] });
    let lies = 3;
    kit.proxy.fault = (route) =>
      route.endsWith("insert_many") && lies-- > 0
        ? {
          answer: Response.json({ message: Array.from({ length: 20 }, (_, n) => `EMP-CKIN-${n}`) }),
        }
        : null;
    for (let n = 0; n < 3; n++) assert.equal(await kit.step(), "unreachable");
    assert.equal(kit.queue.stats().pending, 11);
    await kit.drain();
    kit.assertExactlyOnce(10);
    assert.equal(kit.site.rows("Biometric Unread Line").length, 1);
  }));

// Red when a check-in alone is inserted for a raw punch that is there.
Deno.test("a check-in that a person deleted stays deleted when the terminal sends its punch again", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 3);
    await kit.drain();
    const [row] = kit.site.rows("Employee Checkin");
    kit.site.delete("Employee Checkin", String(row?.["name"]));
    await kit.queue.add({
      serial: SERIAL,
      channel: "poll",
      punches: [0, 1, 2].map((n) => kit.punch(n)),
      rejects: [],
    });
    await kit.drain();
    assert.equal(kit.site.rows("Employee Checkin").length, 2);
    assert.equal(kit.queue.stats().pending, 0);
  }));

// Red when a check-in that came late is not told apart: nobody would know that its day is wrong.
Deno.test("a punch after the day's Attendance is posted and says so", () =>
  withSite({}, async (kit) => {
    await kit.site.put("Attendance", {
      employee: "E2",
      attendance_date: "2026-03-02",
      status: "Absent",
      docstatus: 1,
    });
    await kit.add(0, 3);
    await kit.drain();
    const late = kit.site.rows("Biometric Punch", [[
      "reason",
      "=",
      "came after the day's Attendance was made",
    ]]);
    assert.deepEqual(late.map((row) => [row["pin"], row["state"]]), [["2", "stored"]]);
    assert.equal(kit.site.rows("Employee Checkin").length, 3);
  }));

Deno.test("lines that cannot be read are kept for a person, once", () =>
  withSite({}, async (kit) => {
    const reject = {
      serial: SERIAL,
      reason: "bad_time" as const,
      raw: "1\t2026-13-45 00:00:00\t0",
    };
    for (const channel of ["push", "poll"] as const) {
      await kit.queue.add({ serial: SERIAL, channel, punches: [], rejects: [reject] });
    }
    await kit.drain();
    const [row, ...more] = kit.site.rows("Biometric Unread Line");
    assert.deepEqual([row?.["reason"], row?.["raw"], more.length], ["bad_time", reject.raw, 0]);
    assert.equal(kit.queue.stats().pending, 0);
  }));

// Red when the probe does not look at permlevel 1: the site stores its own clock as the time.
Deno.test("trap: a role without permlevel 1 is found before the first punch, and nothing is stored", () =>
  withSite({}, async (kit) => {
    const rule = kit.site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
      .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { write: 0 });
    await kit.add(0, 3);
    assert.equal(await kit.step(), "not_welcome");
    assert.match(
      kit.alarms.list()[0]?.message ?? "",
      /may not write Employee Checkin at permlevel 1/,
    );
    assert.equal(kit.site.rows("Employee Checkin").length, 0);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { write: 1 });
    await kit.drain();
    kit.assertExactlyOnce(3);
  }));

// Red when the set-up is looked at once an hour alone: a person would read a number, and not what is missing.
Deno.test("R27 (ERPNext) a right that went after the probe is named by the next try", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    const rule = kit.site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
      .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 0);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { create: 0 });
    await kit.add(1, 3);
    const said = () => kit.alarms.list().map(({ message }) => message).join();
    assert.equal(await kit.step(), "not_welcome");
    assert.match(said(), /status 403 .*this agent's role may not do that/);
    assert.equal(await kit.step(), "not_welcome");
    assert.match(said(), /the role Biometric Agent may not create Employee Checkin: run provision/);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { create: 1 });
    await kit.drain();
    kit.assertExactlyOnce(3);
  }));

// Red when the site's naming series is locked for a batch of any size.
Deno.test("at most fifty punches are one transaction, whatever the size of a batch is set to", () =>
  withSite({ batchSize: 200 }, async (kit) => {
    await kit.add(0, 120);
    while (kit.site.rows("Employee Checkin").length === 0) await kit.step();
    assert.ok(kit.site.rows("Employee Checkin").length <= 50);
    await kit.drain();
    kit.assertExactlyOnce(120);
  }));

// Red when the time is not read back ("200" was the answer), or one of a batch alone is named.
Deno.test("trap: a right that went after the probe is seen by reading the time back", () =>
  withSite({}, async (kit) => {
    await kit.add(0, 1);
    await kit.drain();
    const rule = kit.site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
      .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { write: 0 });
    kit.clock.advance(60_000);
    await kit.add(1, 6);
    assert.equal(await kit.step(), "not_welcome");
    assert.match(
      kit.alarms.list()[0]?.message ?? "",
      /instead of 2026-03-02 00:00:01, and 4 more so/,
    );
    assert.equal(kit.queue.stats().pending, 5);
    const named = kit.site.rows("Biometric Punch", [["reason", "like", "the site put its own%"]]);
    assert.equal(named.length, 5, "all at once, and not one at each try");
    // The set-up is looked at before anything else goes: no more of them are made.
    await kit.add(6, 8);
    assert.equal(await kit.step(), "not_welcome");
    assert.equal(kit.site.rows("Employee Checkin").length, 6);
    // Every one of them is found by a person, after the right is back too.
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { write: 1 });
    await kit.drain();
    const wrong = kit.site.rows("Biometric Punch", [[
      "reason",
      "=",
      "the site put its own clock into the check-in: correct its time",
    ]]);
    assert.deepEqual(wrong.map((row) => row["pin"]).sort(), ["2", "3", "4", "5", "6"]);
  }));
