/** Setting a site up: what is made, that it may be repeated, what is taken off, and what never is. */
import assert from "node:assert/strict";
import { proveSetUp, SiteProvisioner } from "../../../edge_agent/erpnext/erpnext.ts";
import { BRANCH, doorOf, setUp } from "../../sim/erpnext/set_up.ts";
import { withBare } from "./bare_kit.ts";

// Red when a step is not looked at before it is made, or one is left out.
Deno.test("a bare site gets everything once; the second time nothing is missing", () =>
  withBare(async (site, provisioner) => {
    const steps = await provisioner.missing();
    assert.equal(site.rows("Role").length, 0, "looking changes nothing");
    for (const step of steps) await step.apply();
    assert.deepEqual((await provisioner.missing()).map(({ what }) => what), []);
    const { key, secret } = await provisioner.giveKey();
    const { door, http } = doorOf(site, { key, secret });
    assert.deepEqual(await proveSetUp(door, BRANCH, "OWN"), []);
    http.stop();
    assert.equal(site.rows("Client Script").length, 3);
    assert.equal(site.rows("Number Card").length, 9);
    const [role] = site.rows("Role");
    assert.equal(role?.["desk_access"], 0);
  }));

// Red when a flag is left out: it is ON then.
Deno.test("every permission flag is sent: nobody may change or delete a raw punch", () =>
  withBare(async (site, _provisioner, manager) => {
    await setUp(site, { manager });
    const flags = ["delete", "submit", "cancel", "amend", "import", "share", "email"];
    for (const doc of site.rows("DocType").filter(({ custom }) => custom === 1)) {
      for (const rule of doc["permissions"] as Record<string, unknown>[]) {
        for (const flag of flags) {
          assert.equal(rule[flag], 0, `${doc["name"]}: ${rule["role"]} ${flag}`);
        }
      }
    }
    const ours = site.rows("Custom DocPerm").filter(({ role }) => role === "Biometric Agent");
    assert.equal(ours.length, 5);
    for (const rule of ours) {
      for (const flag of flags) assert.equal(rule[flag], 0, String(rule["parent"]));
    }
    const employee = ours.find(({ parent }) => parent === "Employee");
    assert.deepEqual([employee?.["select"], employee?.["read"], employee?.["write"]], [1, 0, 0]);
  }));

// Red when a rule is added beside no copy of the standard ones: HR would be locked out.
Deno.test("the site's own rights stay as they were beside the agent's", () =>
  withBare(async (site, _provisioner, manager) => {
    await setUp(site, { manager });
    for (const doctype of ["Employee", "Employee Checkin", "Attendance", "Shift Type"]) {
      const rules = site.rows("Custom DocPerm", [["parent", "=", doctype]]);
      assert.ok(rules.some(({ role, write }) => role === "HR Manager" && write === 1), doctype);
    }
    const shift = site.rows("Custom DocPerm", [["parent", "=", "Shift Type"]])
      .find(({ role }) => role === "Biometric Agent");
    assert.equal(shift?.["write"], 0, "not asked for with --set-last-sync");
  }));

Deno.test("least rights: HR decides and sees, the agent writes, neither may what is the other's", () =>
  withBare(async (site, _provisioner, manager) => {
    const key = await setUp(site, { manager });
    const hr = site.addUser("hr@example.com", ["HR Manager"]);
    site.addEmployee("Ana", "1");
    const agent = doorOf(site, key), person = doorOf(site, hr);
    const raw = {
      doctype: "Biometric Punch",
      key: "c".repeat(64),
      serial: "S",
      pin: "1",
      wall_time: "2026-03-02 08:00:00",
      state: "held",
      decision: "Release",
    };
    await agent.door.insertMany([raw]);
    const row = () => site.rows("Biometric Punch")[0] ?? {};
    assert.equal(row()["decision"] ?? "", "", "the agent decides nothing");
    await person.door.setValues("Biometric Punch", raw.key, {
      state: "stored",
      decision: "Discard",
    });
    assert.deepEqual([row()["state"], row()["decision"]], ["held", "Discard"]);
    await assert.rejects(
      person.door.setValues("Biometric Punch", raw.key, { pin: "2" }),
      /CannotChangeConstantError/,
    );
    await agent.door.insertMany([
      { doctype: "Biometric Device", serial: "S", approval: "Approved", condition: "heard" },
    ]);
    const device = () => site.rows("Biometric Device")[0]?.["approval"];
    await agent.door.setValues("Biometric Device", "S", { approval: "Approved" });
    assert.equal(device(), "Waiting", "the agent approves no terminal");
    await person.door.setValues("Biometric Device", "S", { approval: "Approved", condition: "x" });
    assert.deepEqual([device(), site.rows("Biometric Device")[0]?.["condition"]], [
      "Approved",
      "heard",
    ]);
    await assert.rejects(agent.door.get("Employee", "Ana"), /this agent's role may not do that/);
    const query = { fields: ["name", "ctc", "attendance_device_id"] };
    const { z } = await import("zod");
    const seen = await agent.door.list("Employee", z.record(z.string(), z.unknown()), query);
    assert.deepEqual(seen, [{ name: "Ana" }]);
    agent.http.stop();
    person.http.stop();
  }));

Deno.test("what somebody took away is made again; a field of a later version is added, data stays", () =>
  withBare(async (site, provisioner, manager) => {
    await setUp(site, { manager });
    site.delete("Number Card", "Punches held back");
    const [doc] = site.rows("DocType", [["name", "=", "Biometric Punch"]]);
    const fields = (doc?.["fields"] as { fieldname: string }[])
      .filter(({ fieldname }) => fieldname !== "decision_reason");
    const rules = (doc?.["permissions"] as Record<string, unknown>[])
      .map((rule) => rule["role"] === "HR Manager" ? { ...rule, delete: 1 } : rule);
    site.set("DocType", "Biometric Punch", { fields, permissions: rules });
    const steps = await provisioner.missing();
    assert.deepEqual(steps.map(({ what }) => what), [
      "Biometric Punch: field decision_reason, rights of HR Manager at level 0 (may delete and must not), " +
      "rights of HR Manager at level 1 (may delete and must not), rights of HR Manager at level 2 (may delete and must not)",
      "Number Card “Punches held back”",
    ]);
    for (const step of steps) await step.apply();
    assert.deepEqual(await provisioner.missing(), []);
  }));

// Red when --remove deletes a ledger that holds anything.
Deno.test("taking off leaves what holds data, and says so", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    const { door, http } = doorOf(site, key);
    const raw = { key: "d".repeat(64), serial: "S", pin: "1", wall_time: "2026-03-02 08:00:00" };
    await door.insertMany([{ doctype: "Biometric Punch", ...raw }]);
    http.stop();
    const { gone, stays } = await provisioner.remove();
    assert.ok(gone.includes("Client Script Biometric Device form"));
    assert.ok(gone.includes("DocType Biometric Gap"));
    assert.deepEqual(stays, [
      "biometric_key of Employee Checkin: 1 punches may be named",
      "Biometric Punch: 1 documents",
      "Biometric Agent: 1 documents",
      "the user biometric-agent-cebu@agent.invalid, disabled",
      "the role Biometric Agent and its rights on Employee, Employee Checkin, Attendance and Shift Type: no agent " +
      "uses them any more; to take it off, delete it in the Role list after its rows in the Role Permissions Manager",
    ]);
    assert.equal(site.rows("Biometric Punch").length, 1);
    const [user] = site.rows("User", [["email", "=", "biometric-agent-cebu@agent.invalid"]]);
    assert.equal(user?.["enabled"], 0);
  }));

Deno.test("a site without Frappe HR is told so before anything is made", () =>
  withBare(async (site, provisioner) => {
    site.db.remove("DocType", "Employee Checkin");
    await assert.rejects(provisioner.missing(), /install Frappe HR \(the app hrms\) first/);
    assert.equal(site.rows("Role").length, 0);
  }));

// Red when the flag of one agent decides about the right of another: all agents have one role.
Deno.test("a second agent without --set-last-sync takes nothing from the first, nor does its removal", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager, agent: "Manila", setLastSync: true });
    for (const step of await provisioner.missing()) await step.apply();
    const shift = site.rows("Custom DocPerm", [["parent", "=", "Shift Type"]])
      .find(({ role }) => role === "Biometric Agent");
    assert.equal(shift?.["write"], 1);
    const { gone, stays } = await provisioner.remove();
    assert.deepEqual(gone, [
      "the key of biometric-agent-cebu@agent.invalid (the user is disabled)",
    ]);
    assert.deepEqual(stays, [
      "everything else: biometric-agent-manila@agent.invalid work with it",
    ]);
    const { door, http } = doorOf(site, key);
    assert.deepEqual(await proveSetUp(door, "Manila", "OWN"), []);
    http.stop();
    const last = doorOf(site, manager);
    const manila = new SiteProvisioner(last.door, { agent: "Manila", setLastSync: true });
    const off = await manila.remove();
    last.http.stop();
    assert.ok(off.gone.includes("Client Script Biometric Device form"), "nobody works with it");
  }));

// Red when the field is looked for by its name alone: the probe sends a person here, and nothing would be made.
Deno.test("a key that somebody made not unique is made unique again", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    site.set("Custom Field", "Employee Checkin-biometric_key", { unique: 0 });
    const { door, http } = doorOf(site, key);
    assert.match(
      (await proveSetUp(door, BRANCH, "OWN")).join(),
      /not unique, so a punch could be stored twice/,
    );
    const steps = await provisioner.missing();
    assert.deepEqual(steps.map(({ what }) => what), [
      "field biometric_key of Employee Checkin (unique is off instead of on)",
    ]);
    for (const step of steps) await step.apply();
    assert.deepEqual(await proveSetUp(door, BRANCH, "OWN"), []);
    http.stop();
  }));
