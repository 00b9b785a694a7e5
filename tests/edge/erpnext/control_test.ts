/** The exchange beside delivery: terminals, commands, runs, missing windows, what waits, a restored site. */
import assert from "node:assert/strict";
import { BRANCH, doorOf } from "../../sim/erpnext/set_up.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { run, withControl } from "./control_kit.ts";

Deno.test("terminals that knock wait on the site; what people set there reaches the agent", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    world.strangers = [{ serial: "NEW1" }];
    await look();
    const [row] = kit.site.rows("Biometric Device", [["serial", "=", "NEW1"]]);
    assert.deepEqual([row?.["approval"], row?.["agent"]], ["Waiting", BRANCH]);
    kit.site.set("Biometric Device", "NEW1", {
      approval: "Approved",
      time_zone: "Europe/Berlin",
      clear_when: "above",
      clear_hours: "01:00-04:00, 22:00-23:00",
    });
    await kit.site.put("Biometric Device", { serial: "OTHER", approval: "Approved" });
    kit.clock.advance(61_000);
    await look();
    const set = world.applied.find(({ serial }) => serial === "NEW1");
    assert.deepEqual([set?.state, set?.time_zone], ["active", "Europe/Berlin"]);
    assert.deepEqual((set?.settings as { cleanup: unknown }).cleanup, {
      when: "above",
      percent: 80,
      days: 30,
      hours: ["01:00-04:00", "22:00-23:00"],
    });
    // A terminal of another agent is not ours to speak of.
    assert.deepEqual(world.applied.map(({ serial }) => serial).sort(), [SERIAL, "NEW1"].sort());
  }));

// Red when a terminal that HR entered before it called stays nobody's: its punches would be turned away.
Deno.test("a terminal that HR entered without an agent belongs to the one that hears it", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await kit.site.put("Biometric Device", { serial: "PRE1", approval: "Approved" });
    await look();
    assert.deepEqual(
      world.applied.map(({ serial }) => serial),
      [SERIAL],
      "nobody has heard it yet",
    );
    world.strangers = [{ serial: "PRE1" }];
    await look();
    assert.deepEqual(world.applied.find(({ serial }) => serial === "PRE1")?.state, "active");
    const [row] = kit.site.rows("Biometric Device", [["serial", "=", "PRE1"]]);
    assert.deepEqual([row?.["agent"], row?.["approval"]], [BRANCH, "Approved"]);
  }));

// Red when a waiting punch is looked at once only, or posted without its key.
Deno.test("what waited is posted when a person maps, approves or releases, once, and a discard closes it", () =>
  withControl({}, async ({ kit, look }) => {
    const odd = [
      { ...kit.punch(1), pin: "999" },
      { ...kit.punch(2), wallTime: "2026-03-09 08:00:00" },
      { ...kit.punch(3), wallTime: "2000-01-01 08:00:00" },
    ];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: odd, rejects: [] });
    await kit.drain();
    const row = (pin: string) => kit.site.rows("Biometric Punch", [["pin", "=", pin]])[0] ?? {};
    await kit.site.put("Biometric Device User", { pin: "999", employee: "E50", serial: SERIAL });
    kit.site.set("Biometric Punch", String(row("3")["name"]), { decision: "Release" });
    kit.site.set("Biometric Punch", String(row("4")["name"]), { decision: "Discard" });
    await look();
    await look();
    assert.deepEqual(["999", "3", "4"].map((pin) => row(pin)["state"]), [
      "released",
      "released",
      "refused",
    ]);
    assert.equal(row("4")["reason"], "discarded by a person");
    assert.equal(row("999")["employee"], "E50");
    const checkins = kit.site.rows("Employee Checkin");
    assert.deepEqual(checkins.map((one) => [one["employee"], one["time"]]).sort(), [
      ["E3", "2026-03-09 08:00:00"],
      ["E50", "2026-03-02 00:00:01"],
    ]);
  }));

Deno.test("a punch that the site refused is posted when its cause is gone and a person says so", () =>
  withControl({}, async ({ kit, look }) => {
    kit.site.addEmployee("Idle", "501", "Inactive");
    const punches = [{ ...kit.punch(1), pin: "501" }];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    const [row] = kit.site.rows("Biometric Punch");
    kit.site.set("Employee", "Idle", { status: "Active" });
    kit.site.set("Biometric Punch", String(row?.["name"]), { decision: "Release" });
    await look();
    assert.equal(kit.site.rows("Biometric Punch")[0]?.["state"], "released");
    assert.equal(kit.site.rows("Employee Checkin").length, 1);
  }));

// Red when what waited is sent beside a check-in of the same second: HR would read a word of the site's, and not why.
Deno.test("a mapped punch of a second that has a check-in already is refused with the name of that one", () =>
  withControl({}, async ({ kit, look }) => {
    await kit.add(1, 2);
    const same = { ...kit.punch(1), pin: "999" };
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: [same], rejects: [] });
    await kit.drain();
    await kit.site.put("Biometric Device User", { pin: "999", employee: "E2", serial: SERIAL });
    await look();
    const [posted] = kit.site.rows("Employee Checkin");
    const [row] = kit.site.rows("Biometric Punch", [["pin", "=", "999"]]);
    assert.deepEqual([row?.["state"], row?.["reason"]], [
      "refused",
      `same second as ${posted?.["name"]}`,
    ]);
    assert.equal(kit.site.rows("Employee Checkin").length, 1);
  }));

// Red when a plan counts as its check-in, or HR is still told that nobody has the PIN that it has just mapped.
Deno.test("a mapped punch whose check-in the site refuses so far waits on and says so, until it is there", () =>
  withControl({}, async ({ kit, look }) => {
    await kit.add(0, 1, () => "999");
    await kit.drain();
    await kit.site.put("Biometric Device User", { pin: "999", employee: "E50", serial: SERIAL });
    kit.site.geolocation = true;
    const shown = () =>
      kit.site.rows("Biometric Punch").map((row) => [row["state"], row["reason"]]);
    for (let n = 0; n < 2; n++) {
      await look();
      assert.deepEqual(shown(), [["unmapped", "the site refuses it so far: ValidationError"]]);
      kit.clock.advance(121_000);
    }
    assert.equal(kit.site.rows("Employee Checkin").length, 0);
    kit.site.set("Biometric Device", SERIAL, { latitude: 10.3, longitude: 123.9 });
    await look();
    assert.deepEqual(shown(), [["released", ""]]);
    assert.equal(kit.site.rows("Employee Checkin").length, 1);
  }));

// Red when released punches are always read from the first: fifty that stay refused starve the rest.
Deno.test("of 110 released punches that stay refused, the one that can be posted is posted", () =>
  withControl({}, async ({ kit, look }) => {
    for (let n = 0; n < 110; n++) kit.site.addEmployee(`Idle${n}`, `${1000 + n}`, "Inactive");
    await kit.add(0, 110, (n) => String(1000 + n));
    await kit.drain();
    const names = kit.site.rows("Biometric Punch", [["state", "=", "refused"]])
      .map((row) => String(row["name"])).sort();
    assert.equal(names.length, 110);
    for (const name of names) kit.site.set("Biometric Punch", name, { decision: "Release" });
    const last = names.at(-1) ?? "";
    const [row] = kit.site.rows("Biometric Punch", [["name", "=", last]]);
    kit.site.set("Employee", `Idle${Number(row?.["pin"]) - 1000}`, { status: "Active" });
    for (let n = 0; n < 4; n++) {
      kit.clock.advance(121_000);
      await look();
    }
    assert.equal(kit.site.rows("Biometric Punch", [["name", "=", last]])[0]?.["state"], "released");
    assert.equal(kit.site.rows("Employee Checkin").length, 1);
  }));

// Red when what was released is taken for posted by its key alone.
Deno.test("trap: a released punch whose check-in got the site's own clock says so", () =>
  withControl({}, async ({ kit, look }) => {
    const punches = [{ ...kit.punch(1), pin: "999" }];
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    await kit.site.put("Biometric Device User", { pin: "999", employee: "E50", serial: SERIAL });
    const rule = kit.site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
      .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
    kit.site.set("Custom DocPerm", String(rule?.["name"]), { write: 0 });
    await look();
    const [row] = kit.site.rows("Biometric Punch");
    assert.deepEqual([row?.["state"], row?.["reason"]], [
      "released",
      "the site put its own clock into the check-in: correct its time",
    ]);
  }));

// Red when a requester can set the state, when an id is carried out twice, or the run is not linked.
Deno.test("a command of the site is taken once, shows progress, and ends with its result and run", () =>
  withControl({ timeZone: "Asia/Manila" }, async (world) => {
    const { kit, look } = world;
    kit.site.set("Biometric Device", SERIAL, { time_zone: "Asia/Tokyo" });
    const clerk = kit.site.addUser("clerk@example.com", ["HR User"]);
    const { door, http } = doorOf(kit.site, clerk);
    const [name = ""] = await door.insertMany([{
      doctype: "Biometric Command",
      device: SERIAL,
      command: "Pull from terminal",
      from_time: "2026-03-01 00:00:00",
      to_time: "2026-03-02 00:00:00",
      state: "Done",
      result: "typed",
    }]);
    http.stop();
    const row = () => kit.site.rows("Biometric Command")[0] ?? {};
    assert.deepEqual([row()["state"], row()["result"] ?? ""], ["Requested", ""]);
    assert.ok(await look() <= 10_500, "commands under way are followed closely");
    await look();
    assert.equal(new Set(world.orders.map(({ id }) => id)).size, 1);
    const [order] = world.orders;
    assert.deepEqual([order?.name, order?.serial], ["pull_window", SERIAL]);
    assert.deepEqual(order?.arguments, { from: "2026-03-01 01:00:00", to: "2026-03-02 01:00:00" });
    assert.deepEqual([row()["state"], row()["title"]], [
      "Running",
      `${SERIAL} · Pull from terminal`,
    ]);
    const id = order?.id ?? 0;
    world.results = [{
      id,
      state: "sent",
      message: "",
      progress: { step: "reading", done: 500, total: 900 },
    }];
    await look();
    assert.equal(row()["progress"], "reading 500 of 900");
    const made = run({ commandId: id });
    kit.queue.addRun(made);
    await kit.add(0, 1);
    world.results = [{ id, state: "done", message: "10 read" }];
    await look();
    assert.equal(row()["state"], "Running", "not before its run, and that not before its punches");
    await kit.drain();
    await look();
    assert.deepEqual([row()["state"], row()["result"], row()["run"]], ["Done", "10 read", made.id]);
    assert.deepEqual(world.results, []);
    // The site came back from a backup of when it was asked for: it is answered, not done again.
    kit.site.set("Biometric Command", name, { state: "Requested" });
    const before = world.orders.length;
    await look();
    assert.deepEqual([row()["state"], world.orders.length], ["Done", before]);
  }));

Deno.test("a command that cannot be carried out fails with the reason", () =>
  withControl({}, async (world) => {
    world.refuse = "a window is at most 31 days";
    await world.kit.site.put("Biometric Command", {
      device: SERIAL,
      command: "Pull from terminal",
    });
    await world.look();
    const [row] = world.kit.site.rows("Biometric Command");
    assert.deepEqual([row?.["state"], row?.["result"], row?.["title"]], [
      "Failed",
      world.refuse,
      `${SERIAL} · Pull from terminal`,
    ]);
  }));

// Red when a refusal is told once and forgotten, or the refused command is given again.
Deno.test("S43 (ERPNext) a refused command is told until the site has it, and given once", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    world.refuse = "a window is at most 31 days";
    await kit.site.put("Biometric Command", { device: SERIAL, command: "Pull from terminal" });
    const row = () => kit.site.rows("Biometric Command")[0] ?? {};
    for (const fault of ["drop", "commit-reset", "drop"] as const) {
      // What the site never heard, heard and did not say so, or had restored from a copy of before.
      kit.proxy.fault = (route) => route.endsWith("set_value") ? fault : null;
      await look();
      if (fault === "commit-reset") {
        kit.site.set("Biometric Command", String(row()["name"]), { state: "Requested" });
      }
      assert.equal(row()["state"], "Requested", fault);
    }
    kit.proxy.fault = () => null;
    world.refuse = "";
    await look();
    assert.deepEqual([row()["state"], row()["result"]], ["Failed", "a window is at most 31 days"]);
    assert.equal(world.orders.length, 1);
  }));

// Red when a run is told twice after a lost answer, or forgotten before it is there.
Deno.test("runs are evidence on the site, each once, also over lost answers", () =>
  withControl({}, async ({ kit, look }) => {
    for (let n = 0; n < 5; n++) kit.queue.addRun(run({ endedAt: n }));
    let lost = 0;
    kit.proxy.fault = (route) =>
      route.endsWith("insert_many") && lost++ < 1 ? "commit-reset" : null;
    await look();
    assert.equal(kit.queue.runs(10).length, 5, "nothing is forgotten before it is seen there");
    await look();
    assert.equal(kit.site.rows("Biometric Run").length, 5);
    assert.equal(kit.queue.runs(10).length, 0);
  }));

// Red when a silence opens no gap, when a whole read does not close it, or an accepted one stays open.
Deno.test("a silence is a missing window until a read proves it, or a person accepts it", () =>
  withControl({ setLastSync: true }, async (world) => {
    const { kit, look } = world;
    const start = kit.clock.now();
    const hour = 3_600_000;
    world.heard = [{ serial: SERIAL, lastHeardAt: start, since: start - hour }];
    await look();
    const until = () => kit.site.rows("Biometric Device")[0]?.["complete_until"];
    assert.equal(until(), "2026-03-02 09:00:00");
    world.heard = [{ serial: SERIAL, lastHeardAt: start + 3 * hour, since: start + 2 * hour }];
    kit.clock.advance(3 * hour);
    await look();
    const gaps = () =>
      kit.site.rows("Biometric Gap").map((row) => [row["from_time"], row["to_time"], row["state"]]);
    assert.deepEqual(gaps(), [["2026-03-02 09:00:00", "2026-03-02 11:00:00", "Open"]]);
    assert.equal(until(), "2026-03-02 09:00:00");
    kit.queue.addRun(run({ startedAt: start + 3 * hour, endedAt: start + 3 * hour }));
    await look();
    kit.clock.advance(300_000);
    await look();
    assert.equal(gaps()[0]?.[2], "Closed");
    assert.equal(until(), "2026-03-02 12:00:00");
    // A loss is closed by no reading.
    kit.queue.addRun(run({
      startedAt: start + 4 * hour,
      endedAt: start + 4 * hour,
      lostFrom: "2026-02-01 00:00:00",
      lostTo: "2026-02-02 00:00:00",
    }));
    await look();
    const [lost] = kit.site.rows("Biometric Gap", [["state", "=", "Open"]]);
    assert.equal(lost?.["reason"], "the terminal no longer holds what it recorded");
    kit.site.set("Biometric Gap", String(lost?.["name"]), {
      accepted: 1,
      accepted_reason: "closed that day",
    });
    await look();
    assert.equal(kit.site.rows("Biometric Gap", [["state", "=", "Open"]]).length, 0);
  }));

// Red when a restored site is not noticed, or only what is young or old is sent again.
Deno.test("R35 (ERPNext) a site restored from a backup gets back what it had proven and lost", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await kit.add(0, 60);
    await kit.drain();
    await look();
    const backup = kit.site.backup();
    // One of a clock that was never set: no question by day would find it missing.
    const odd = { ...kit.punch(60), wallTime: "2000-01-01 00:00:00" };
    await kit.queue.add({ serial: SERIAL, channel: "push", punches: [odd], rejects: [] });
    await kit.add(61, 120);
    await kit.drain();
    kit.clock.advance(301_000);
    await look();
    await kit.site.restore(backup);
    kit.http.stop();
    assert.equal(kit.site.rows("Biometric Punch").length, 60);
    kit.clock.advance(61_000);
    await look();
    assert.equal(world.restored, 1);
    assert.match(kit.alarms.list()[0]?.message ?? "", /mark 1 of 2\); 60 sightings go again/);
    await kit.drain();
    assert.equal(kit.site.rows("Biometric Punch").length, 120);
    assert.equal(kit.site.rows("Employee Checkin").length, 119);
    for (let n = 0; n < 3; n++) {
      kit.clock.advance(301_000);
      await look();
    }
    assert.equal(world.restored, 1, "it is noticed once");
  }));

// Red when an agent that lost its disk counts from nothing: the mark of an older site would be above its own.
Deno.test("R35 (ERPNext) an agent with a new disk goes on from the site's mark, so an older site is seen", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    kit.site.set("Biometric Agent", BRANCH, { mark: 500 });
    const backup = kit.site.backup();
    await kit.add(0, 10);
    await kit.drain();
    await look();
    assert.equal(kit.site.rows("Biometric Agent")[0]?.["mark"], 501);
    await kit.site.restore(backup);
    kit.http.stop();
    kit.clock.advance(61_000);
    await look();
    assert.equal(world.restored, 1);
    await kit.drain();
    kit.assertExactlyOnce(10);
  }));

// Red when a deleted check-in is not told apart from one that never was, or is made again.
Deno.test("a check-in that a person deleted is shown as removed and stays deleted", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    await kit.add(0, 3);
    await kit.drain();
    const [gone] = kit.site.rows("Employee Checkin");
    kit.site.delete("Employee Checkin", String(gone?.["name"]));
    for (let n = 0; n < 8; n++) await look();
    const [removed] = kit.site.rows("Biometric Punch", [["state", "=", "removed"]]);
    assert.equal(removed?.["name"], gone?.["biometric_key"]);
    kit.queue.resend([String(gone?.["biometric_key"])]);
    await kit.drain();
    assert.equal(kit.site.rows("Employee Checkin").length, 2);
  }));

// Red when an idle agent writes its board at every look: hosted sites count CPU.
Deno.test("an hour without a punch costs the site few requests and hardly a write", () =>
  withControl({}, async (world) => {
    const { kit, look } = world;
    const start = kit.clock.now();
    world.heard = [{ serial: SERIAL, lastHeardAt: start, since: start - 60_000 }];
    await look();
    for (let n = 0; n < 8; n++) await look();
    kit.site.requests.clear();
    const from = kit.clock.now();
    while (kit.clock.now() - from < 3_600_000) await look();
    const writes = (kit.site.requests.get("frappe.client.set_value") ?? 0) +
      (kit.site.requests.get("frappe.client.insert_many") ?? 0);
    assert.ok(kit.site.requestCount <= 480, `${kit.site.requestCount} requests`);
    assert.ok(writes <= 26, `${writes} writes`);
  }));

Deno.test("an unreachable site slows the exchange and is told after three tries; a lost key at once", () =>
  withControl({}, async (world) => {
    const { kit, look, control } = world;
    kit.site.condition = "database_down";
    for (let n = 0; n < 2; n++) await look();
    assert.deepEqual(kit.alarmCodes(), []);
    await look();
    assert.deepEqual(kit.alarmCodes(), ["unreachable"]);
    kit.site.condition = "well";
    const { key } = kit;
    kit.key = { ...key, secret: "x" };
    assert.ok(await look() >= 60_000);
    assert.ok(kit.alarmCodes().includes("credential"));
    assert.equal(control.state, null);
    kit.key = key;
    await look();
    assert.deepEqual([kit.alarmCodes(), control.state], [[], "active"]);
  }));
