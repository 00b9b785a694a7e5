/** What people changed after a site was set up: named with the property or right, and made well again. */
import assert from "node:assert/strict";
import { proveSetUp, SiteProvisioner } from "../../../edge_agent/erpnext/erpnext.ts";
import { BRANCH, doorOf, type Key, setUp } from "../../sim/erpnext/set_up.ts";
import type { FakeSite } from "../../sim/erpnext/site.ts";
import { withBare } from "./bare_kit.ts";

const CHECKIN = "Employee Checkin", PUNCH = "Biometric Punch";

/** Says what is different, makes it well, and nothing is different any more. */
async function mends(provisioner: SiteProvisioner, words: readonly string[]): Promise<void> {
  const steps = await provisioner.missing();
  assert.deepEqual(steps.map(({ what }) => what), words);
  for (const step of steps) await step.apply();
  assert.deepEqual((await provisioner.missing()).map(({ what }) => what), []);
}

async function faultsOf(site: FakeSite, key: Key): Promise<string> {
  const { door, http } = doorOf(site, key);
  const faults = await proveSetUp(door, BRANCH, "OWN");
  http.stop();
  return faults.join("; ");
}

// Red when a field is looked for by its name alone.
Deno.test("a DocType of ours whose fields were changed: type, level, switches and source are named and put back", () =>
  withBare(async (site, provisioner, manager) => {
    await setUp(site, { manager });
    const change: Record<string, Record<string, unknown>> = {
      pin: { fieldtype: "Int", set_only_once: 0 },
      reason: { permlevel: 2, hidden: 1 },
      status: { fetch_from: "employee.status", reqd: 1 },
      decision: { read_only: 1, options: "Release" },
      wall_time: { label: "Local time", in_list_view: 0 },
    };
    const [doc] = site.rows("DocType", [["name", "=", PUNCH]]);
    const fields = (doc?.["fields"] as { fieldname: string }[])
      .map((one) => ({ ...one, ...change[one.fieldname] }));
    site.set("DocType", PUNCH, { fields });
    await mends(provisioner, [
      "Biometric Punch: field reason (level 2 instead of 1, hidden is on instead of off), " +
      "field decision (other options, read only is on instead of off), " +
      "field pin (type Int instead of Data, set only once is off instead of on), " +
      "field status (fetched from employee.status, mandatory is on instead of off)",
    ]);
    const [again] = site.rows("DocType", [["name", "=", PUNCH]]);
    const label = (again?.["fields"] as { fieldname: string; label: string }[])
      .find(({ fieldname }) => fieldname === "wall_time")?.label;
    assert.equal(label, "Local time", "looks are the site's own");
  }));

/** Over a DocType itself, or one of its fields, as another app would. */
async function layOver(site: FakeSite, doctype: string, field: string, values: object) {
  for (const [property, value] of Object.entries(values)) {
    await site.put("Property Setter", {
      doc_type: doctype,
      doctype_or_field: field === "" ? "DocType" : "DocField",
      ...(field !== "" && { field_name: field }),
      property,
      value: String(value),
    });
  }
}

// Red when a property is left out of what is compared: each of these lets somebody in, or refuses what is sent.
Deno.test("a default that approves terminals, a short field, one that is unique or virtual: named and put back", () =>
  withBare(async (site, provisioner, manager) => {
    await setUp(site, { manager });
    const change: Record<string, Record<string, unknown>> = {
      approval: { default: "Approved", allow_on_submit: 1 },
      title: { length: 10, unique: 1 },
      agent: { is_virtual: 1 },
      direction: { default: "IN" },
      clock_offset: { non_negative: 1, default: 7 },
    };
    const [doc] = site.rows("DocType", [["name", "=", "Biometric Device"]]);
    const fields = (doc?.["fields"] as { fieldname: string }[])
      .map((one) => ({ ...one, ...change[one.fieldname] }));
    site.set("DocType", "Biometric Device", { fields });
    await mends(provisioner, [
      "Biometric Device: field title (length 10 instead of 0, unique is on instead of off), " +
      "field approval (default Approved instead of Waiting, allow on submit is on instead of off), " +
      "field agent (virtual is on instead of off), " +
      "field clock_offset (default 7 instead of none, non negative is on instead of off)",
    ]);
    const [again] = site.rows("DocType", [["name", "=", "Biometric Device"]]);
    const kept = (again?.["fields"] as { fieldname: string; default?: string }[])
      .find(({ fieldname }) => fieldname === "direction")?.default;
    assert.equal(kept, "IN", "what anybody may write has the default that people like");
  }));

// Red when only fields and rules are looked at: without its name no raw punch would be found again.
Deno.test("a DocType of ours that names its documents otherwise, or lets them be renamed: named, stops delivery, put back", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    site.set("DocType", PUNCH, { autoname: "hash", allow_rename: 1 });
    await layOver(site, "Biometric Run", "", { track_changes: 0 });
    assert.match(
      await faultsOf(site, key),
      /^documents of Biometric Punch are named by hash and not by the event's fingerprint, so none would be found again/,
    );
    await mends(provisioner, [
      "Biometric Punch: named by hash instead of field:key, allow rename is on instead of off",
      "Biometric Run, as Customize Form changed it: track changes is off instead of on",
    ]);
    assert.equal(await faultsOf(site, key), "");
    assert.deepEqual(site.rows("Property Setter"), []);
  }));

// Red when the leave to rename is left out of what is sent: Frappe takes it for granted.
Deno.test("trap: nobody renames a raw punch, whoever may decide about it", () =>
  withBare(async (site, _provisioner, manager) => {
    const agent = doorOf(site, await setUp(site, { manager }));
    const raw = { key: "e".repeat(64), serial: "S", pin: "1", wall_time: "2026-03-02 08:00:00" };
    await agent.door.insertMany([{ doctype: PUNCH, ...raw }]);
    agent.http.stop();
    const person = doorOf(site, site.addUser("hr@example.com", ["HR Manager"]));
    const { z } = await import("zod");
    const given = { doctype: PUNCH, old_name: raw.key, new_name: "f".repeat(64) };
    await assert.rejects(
      person.door.call("frappe.client.rename_doc", given, z.any()),
      /status 417 \(ValidationError\)/,
    );
    site.set("DocType", PUNCH, { allow_rename: 1 });
    await person.door.call("frappe.client.rename_doc", given, z.any());
    person.http.stop();
    assert.equal(site.rows(PUNCH)[0]?.["name"], given.new_name, "as a site does it that may");
  }));

// Red when what is laid over a field is looked for in our own DocTypes alone.
Deno.test("what another app laid over a check-in's fields is named, stops delivery and is taken off", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    await layOver(site, CHECKIN, "biometric_key", { unique: 0 });
    await layOver(site, CHECKIN, "device_id", { unique: 1 });
    await layOver(site, CHECKIN, "latitude", { is_virtual: 1 });
    await layOver(site, CHECKIN, "log_type", { hidden: 1, reqd: 1 });
    const faults = await faultsOf(site, key);
    assert.match(faults, /biometric_key of Employee Checkin is not unique/);
    assert.match(
      faults,
      /device_id of Employee Checkin was changed \(unique is on instead of off\), against what/,
    );
    assert.match(faults, /latitude of Employee Checkin was changed \(virtual is on/);
    assert.doesNotMatch(faults, /log_type/, "the site's own business");
    await mends(provisioner, [
      "Employee Checkin, as Customize Form changed it: field biometric_key (unique is off instead of on)",
      "Employee Checkin, as Customize Form changed it: field device_id (unique is on instead of off), " +
      "field latitude (virtual is on instead of off)",
    ]);
    assert.equal(await faultsOf(site, key), "");
    assert.equal(site.rows("Property Setter").length, 2);
  }));

// Red when only the DocType's own document is read: what works on the site is what was laid over it.
Deno.test("Customize Form and Role Permissions Manager over a DocType of ours are named and taken back", () =>
  withBare(async (site, provisioner, manager) => {
    await setUp(site, { manager });
    await layOver(site, PUNCH, "pin", { hidden: 1, read_only: 1, label: "Badge" });
    const person = doorOf(site, manager);
    const { z } = await import("zod");
    const rights = "frappe.core.page.permission_manager.permission_manager";
    const rule = { role: "HR Manager", permlevel: 0 };
    // The first rule that is added copies the standard ones beside it.
    const added = { parent: PUNCH, role: "HR User", permlevel: 4 };
    await person.door.call(`${rights}.add`, added, z.any());
    for (const [ptype, value] of [["delete", 1], ["export", 0]]) {
      await person.door.call(
        `${rights}.update`,
        { doctype: PUNCH, ...rule, ptype, value },
        z.any(),
      );
    }
    person.http.stop();
    await mends(provisioner, [
      "Biometric Punch, as Customize Form changed it: field pin (read only is on instead of off, hidden is on instead of off)",
      "Biometric Punch: rights of HR Manager at level 0 (may delete and must not, may not export and must)",
    ]);
    assert.deepEqual(site.rows("Property Setter").map((row) => row["property"]), ["label"]);
  }));

Deno.test("rights on the site's own DocTypes that were changed are named by what the role may and may not", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    const set = (parent: string, permlevel: number, values: Record<string, unknown>) => {
      const rule = site.rows("Custom DocPerm", [["parent", "=", parent], [
        "permlevel",
        "=",
        permlevel,
      ]])
        .find(({ role }) => role === "Biometric Agent");
      site.set("Custom DocPerm", String(rule?.["name"]), values);
    };
    set("Employee", 0, { read: 1, select: 0 });
    set(CHECKIN, 1, { write: 0 });
    set(CHECKIN, 0, { delete: 1, export: 1 });
    site.set("Role", "Biometric Agent", { disabled: 1 });
    await mends(provisioner, [
      "role Biometric Agent: enabled again",
      "Employee: rights of Biometric Agent at level 0 (may not select and must, may read and must not)",
      "Employee Checkin: rights of Biometric Agent at level 0 (may delete and must not, may export and must not)",
      "Employee Checkin: rights of Biometric Agent at level 1 (may not write and must)",
    ]);
    assert.equal(await faultsOf(site, key), "");
  }));

// Red when a level or a source is looked at in our own DocTypes alone: the site drops what is sent, with "200".
Deno.test("fields of a check-in that were put at another level, or fetched, stop delivery and are mended", () =>
  withBare(async (site, provisioner, manager) => {
    const key = await setUp(site, { manager });
    await layOver(site, CHECKIN, "time", { permlevel: 3 });
    await layOver(site, CHECKIN, "log_type", { permlevel: 2 });
    await layOver(site, CHECKIN, "device_id", { fetch_from: "employee.branch" });
    site.set("Custom Field", `${CHECKIN}-biometric_key`, {
      unique: 0,
      hidden: 1,
      fieldtype: "Data",
    });
    const faults = await faultsOf(site, key);
    assert.match(
      faults,
      /may not write Employee Checkin at permlevel 3, so the site would store its own clock/,
    );
    assert.match(
      faults,
      /may not write log_type of Employee Checkin, which somebody put at permlevel 2/,
    );
    assert.match(
      faults,
      /device_id of Employee Checkin is fetched from employee.branch, over what/,
    );
    await mends(provisioner, [
      "field biometric_key of Employee Checkin (type Data instead of Link, hidden is on instead of off, unique is off instead of on)",
      "Employee Checkin, as Customize Form changed it: field device_id (fetched from employee.branch)",
      "Employee Checkin: Biometric Agent may read and write at level 2",
      "Employee Checkin: Biometric Agent may read and write at level 3",
    ]);
    assert.equal(await faultsOf(site, key), "");
  }));

// Red when two names become one address: each set-up would end the other's key.
Deno.test("agents whose names differ only in what an address may not have get users of their own", () =>
  withBare(async (site, provisioner, manager) => {
    await setUp(site, { manager });
    const keys = new Map<string, Key>();
    for (const agent of ["세부", "마닐라", "cebu", "Ce bu"]) {
      keys.set(agent, await setUp(site, { manager, agent }));
    }
    for (const [agent, key] of keys) {
      const { door, http } = doorOf(site, key);
      assert.deepEqual(await proveSetUp(door, agent, `KEY OF ${agent}`), [], agent);
      http.stop();
    }
    assert.equal(site.rows("User", [["name", "like", "biometric-agent-%"]]).length, 5);
    assert.deepEqual((await provisioner.missing()).map(({ what }) => what), []);
    const { door, http } = doorOf(site, manager);
    for (const agent of keys.keys()) {
      const again = new SiteProvisioner(door, { agent, setLastSync: false });
      assert.deepEqual((await again.missing()).map(({ what }) => what), [], agent);
    }
    http.stop();
  }));

// Red when the name alone is looked for, or a machine that was taken off still holds it.
Deno.test("a name that another machine has is told with its latest report, until it is taken off", () =>
  withBare(async (site, provisioner, manager) => {
    assert.equal(await provisioner.anotherMachine("OWN"), null, "a bare site");
    const { door, http } = doorOf(site, await setUp(site, { manager }));
    assert.equal(await provisioner.anotherMachine("OWN"), null, "nobody has reported yet");
    await proveSetUp(door, BRANCH, "OWN");
    await door.setValues("Biometric Agent", BRANCH, { last_seen: "2026-03-02 09:00:00" });
    http.stop();
    assert.equal(await provisioner.anotherMachine("OWN"), null, "this machine itself");
    assert.equal(await provisioner.anotherMachine("ANOTHER"), "2026-03-02 09:00:00");
    await provisioner.remove();
    assert.equal(await provisioner.anotherMachine("ANOTHER"), null);
  }));
