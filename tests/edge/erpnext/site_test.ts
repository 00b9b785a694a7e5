/**
 * The tables of answers, as measured on a real site, held against the fake one: what the agent is tested
 * against answers as Frappe does.
 */
import assert from "node:assert/strict";
import { NotWelcome, Unreachable } from "../../../edge_agent/delivery/delivery.ts";
import { Refused } from "../../../edge_agent/erpnext/erpnext.ts";
import { doorOf, readySite } from "../../sim/erpnext/set_up.ts";
import type { FakeSite, SiteOptions } from "../../sim/erpnext/site.ts";

interface Asked {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly data: Record<string, unknown>;
}

async function ask(
  site: FakeSite,
  path: string,
  { body, key, method = body === undefined ? "GET" : "POST" }: {
    body?: unknown;
    key?: { key: string; secret: string } | undefined;
    method?: string;
  },
): Promise<Asked> {
  const response = await fetch(`${site.url}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      ...(key && { authorization: `token ${key.key}:${key.secret}` }),
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.startsWith("application/json");
  const value = json ? JSON.parse(text) : {};
  const type = value.exc_type ?? value.errors?.[0]?.type ?? "";
  return { status: response.status, type, text, data: value.data ?? value.message ?? {} };
}

interface Ready {
  readonly site: FakeSite;
  readonly hr: { key: string; secret: string };
  readonly agent: { key: string; secret: string };
  /** One check-in as HR. */
  readonly post: (doc: Record<string, unknown>) => Promise<Asked>;
}

async function withReady(
  options: SiteOptions,
  use: (ready: Ready) => Promise<void>,
): Promise<void> {
  const { site, key } = await readySite(options);
  try {
    site.addEmployee("Ana", "1");
    site.addEmployee("Idle", "2", "Inactive");
    site.addEmployee("Left", "3", "Left");
    const hr = site.addUser("hr@example.com", ["HR Manager"]);
    const post = (doc: Record<string, unknown>) =>
      ask(site, "/api/resource/Employee Checkin", {
        body: { employee: "Ana", time: "2026-03-02 08:00:00", ...doc },
        key: hr,
      });
    await use({ site, hr, agent: key, post });
  } finally {
    await site.stop();
  }
}

Deno.test("fake site: check-ins are taken and refused as measured on version 15", () =>
  withReady({}, async ({ post, site }) => {
    const line = async (doc: Record<string, unknown>) => {
      const { status, type } = await post(doc);
      return `${status} ${type}`.trim();
    };
    assert.equal(await line({}), "200");
    assert.equal(await line({}), "417 ValidationError");
    assert.equal(await line({ log_type: "IN" }), "200");
    assert.equal(await line({ log_type: "OUT" }), "200");
    assert.equal(await line({ employee: "Nobody" }), "200");
    assert.equal(await line({ employee: "Idle" }), "417 InactiveEmployeeStatusError");
    assert.equal(await line({ employee: "Left" }), "200");
    assert.equal(await line({ log_type: "BREAK" }), "417 ValidationError");
    assert.equal(await line({ time: "2026-02-31 08:00:00" }), "500 ParserError");
    assert.equal(await line({ time: "2026-03-02 08:00:00+08:00" }), "500 TypeError");
    assert.equal(await line({ time: "2000-01-01 00:00:00" }), "200");
    assert.equal(await line({ time: "2099-01-01 00:00:00" }), "200");
    assert.equal(await line({ device_id: "x".repeat(200) }), "417 CharacterLengthExceededError");
    assert.equal(await line({ biometric_key: "f".repeat(64) }), "417 LinkValidationError");
    site.geolocation = true;
    assert.equal(await line({ time: "2026-03-02 09:00:00" }), "417 ValidationError");
    const placed = { time: "2026-03-02 09:00:00", latitude: 1, longitude: 2 };
    assert.equal(await line(placed), "200");
  }));

Deno.test("fake site: version 16 refuses an employee that does not exist, and functions as strings", () =>
  withReady({ version: 16 }, async ({ post, site, hr }) => {
    assert.equal((await post({ employee: "Nobody" })).type, "LinkValidationError");
    const counted = await ask(site, "/api/method/frappe.client.get_list", {
      body: { doctype: "Employee Checkin", fields: ["count(name) as n"] },
      key: hr,
    });
    assert.equal(counted.status, 417);
  }));

Deno.test("fake site: unique, primary key, given names, raw punches that are cited", () =>
  withReady({}, async ({ post, site, agent, hr }) => {
    const raw = {
      doctype: "Biometric Punch",
      key: "a".repeat(64),
      serial: "S",
      pin: "1",
      wall_time: "t",
    };
    const insert = (docs: unknown[]) =>
      ask(site, "/api/method/frappe.client.insert_many", { body: { docs }, key: agent });
    const checkin = (time: string) => ({
      doctype: "Employee Checkin",
      employee: "Ana",
      time,
      biometric_key: raw.key,
    });
    assert.equal((await insert([raw, checkin("2026-03-02 07:00:00")])).status, 200);
    const again = await insert([checkin("2026-03-02 07:00:01")]);
    assert.deepEqual([again.status, again.type], [417, "UniqueValidationError"]);
    const twice = await insert([raw]);
    assert.deepEqual([twice.status, twice.type], [409, "DuplicateEntryError"]);
    const named = await ask(site, "/api/v2/document/Employee Checkin", {
      body: { name: "MINE", employee: "Ana", time: "2026-03-02 07:30:00" },
      key: hr,
    });
    assert.equal(named.data["name"], "MINE");
    const ignored = await post({ name: "MINE2", time: "2026-03-02 07:31:00" });
    assert.match(String(ignored.data["name"]), /^EMP-CKIN-\d\d-\d{4}-\d{6}$/);
    const change = await ask(site, `/api/resource/Biometric Punch/${raw.key}`, {
      body: { pin: "2" },
      key: agent,
      method: "PUT",
    });
    assert.equal(change.type, "CannotChangeConstantError");
    await assert.rejects(
      async () => await Promise.resolve(site.delete("Biometric Punch", raw.key)),
      /a{64}/,
    );
  }));

Deno.test("fake site: one bad document and nothing of its request is stored; 201 are too many", () =>
  withReady({}, async ({ site, agent }) => {
    const raw = (n: number) => ({
      doctype: "Biometric Punch",
      key: String(n).padStart(64, "0"),
      serial: "S",
      pin: "1",
      wall_time: "t",
    });
    const insert = (docs: unknown[]) =>
      ask(site, "/api/method/frappe.client.insert_many", { body: { docs }, key: agent });
    assert.equal((await insert([raw(1), raw(1), raw(2)])).status, 409);
    assert.equal(site.rows("Biometric Punch").length, 0);
    const many = Array.from({ length: 201 }, (_, n) => raw(n));
    assert.equal((await insert(many)).status, 417);
  }));

Deno.test("fake site: who may not, and a site that is not itself", () =>
  withReady({}, async ({ site, agent }) => {
    const list = { body: { doctype: "User" }, key: agent };
    const path = "/api/method/frappe.client.get_list";
    const users = await ask(site, path, list);
    assert.equal((users.data as unknown as unknown[]).length, 1);
    assert.equal(
      (await ask(site, path, { body: { doctype: "Salary Slip" }, key: agent })).status,
      404,
    );
    assert.equal((await ask(site, path, { body: { doctype: "Role" }, key: agent })).status, 403);
    assert.equal((await ask(site, path, { body: {} })).status, 403);
    const bad = { ...agent, secret: "x" };
    assert.equal((await ask(site, path, { body: {}, key: bad })).status, 401);
    const gone = await ask(site, "/api/resource/Employee Checkin/x", {
      key: agent,
      method: "DELETE",
    });
    assert.equal(gone.status, 403);
    const change = { key: agent, method: "PUT", body: { time: "2026-01-01 00:00:00" } };
    assert.equal((await ask(site, "/api/resource/Employee Checkin/x", change)).status, 403);
    assert.equal((await ask(site, path, { body: "{", key: agent })).status, 500);
    const long = `/api/resource/User?filters=${"x".repeat(5_000)}`;
    const longer = await ask(site, long, { key: agent });
    assert.deepEqual([longer.status, longer.text.startsWith("<!DOCTYPE")], [414, true]);
    const zone = await ask(site, "/api/method/frappe.client.get_time_zone", { body: {} });
    assert.equal(zone.data["time_zone"], "Asia/Kolkata");
    const own = await ask(site, "/api/method/frappe.client.get_time_zone", {
      body: {},
      key: agent,
    });
    assert.equal(own.data["time_zone"], "Asia/Manila");
    site.set("User", "biometric-agent-cebu@agent.invalid", { enabled: 0 });
    assert.equal((await ask(site, path, list)).status, 401);
  }));

// Red when the unique key is not there: the check for the same second reads before others have committed.
Deno.test("fake site: without a unique key doubles are the rule, with it they cannot be", () =>
  withReady({}, async ({ site, hr, agent }) => {
    site.holdMs = 5;
    const plain = (n: number) => ({
      doctype: "Employee Checkin",
      employee: "Ana",
      time: `2026-03-02 10:00:${String(n).padStart(2, "0")}`,
    });
    const docs = Array.from({ length: 20 }, (_, n) => plain(n));
    const insert = (given: unknown[], key: typeof hr) =>
      ask(site, "/api/method/frappe.client.insert_many", { body: { docs: given }, key });
    await Promise.all([1, 2].map(() => insert(docs, hr)));
    assert.equal(site.rows("Employee Checkin").length, 40);
    const keyed = docs.flatMap((doc, n) => {
      const key = String(n).padStart(64, "0");
      const raw = { doctype: "Biometric Punch", key, serial: "S", pin: "1", wall_time: "t" };
      return [raw, { ...doc, time: doc.time.replace(" 10", " 11"), biometric_key: key }];
    });
    const answers = await Promise.all([1, 2].map(() => insert(keyed, agent)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    assert.equal(site.rows("Biometric Punch").length, 20);
  }));

Deno.test("fake site: a lock that is waited for too long is QueryTimeoutError, and only busy for us", () =>
  withReady({}, async ({ site, agent }) => {
    site.lockWaitMs = 20;
    site.holdMs = 150;
    const raw = (n: number) => ({
      doctype: "Biometric Punch",
      key: String(n).padStart(64, "0"),
      serial: "S",
      pin: "1",
      wall_time: "t",
    });
    const { door, http } = doorOf(site, agent);
    const tries = await Promise.allSettled([1, 2].map((n) => door.insertMany([raw(n)])));
    http.stop();
    const failed = tries.find((one) => one.status === "rejected");
    assert.ok(failed?.reason instanceof Unreachable);
    assert.match(failed.reason.message, /QueryTimeoutError/);
  }));

Deno.test("fake site: a permission flag that is left out is ON; a level that may not be written is reset", () =>
  withReady({}, async ({ site, agent }) => {
    const { door, http } = doorOf(site, site.addUser("other@example.com", ["System Manager"]));
    const doc = {
      doctype: "DocType",
      name: "Loose",
      module: "HR",
      custom: 1,
      autoname: "hash",
      fields: [],
      permissions: [{ role: "HR User", read: 1 }],
    };
    await door.insertMany([doc]);
    http.stop();
    const loose = site.rows("DocType", [["name", "=", "Loose"]])[0];
    assert.equal(Number(loose?.["allow_rename"]), 1, "and so is the leave to rename");
    const [rule] = loose?.["permissions"] as Record<string, number>[];
    assert.deepEqual([rule?.["write"], rule?.["delete"], rule?.["submit"]], [1, 1, 0]);
    const level = site.rows("Custom DocPerm", [["parent", "=", "Employee Checkin"]])
      .find((row) => row["role"] === "Biometric Agent" && row["permlevel"] === 1);
    site.set("Custom DocPerm", String(level?.["name"]), { write: 0 });
    const at = Date.UTC(2026, 10, 28, 9, 15, 34);
    site.now = () => at;
    await ask(site, "/api/method/frappe.client.insert_many", {
      body: {
        docs: [{ doctype: "Employee Checkin", employee: "Ana", time: "2026-11-02 07:55:00" }],
      },
      key: agent,
    });
    assert.equal(site.rows("Employee Checkin")[0]?.["time"], "2026-11-28 17:15:34");
  }));

Deno.test("fake site: a name is no identity: it comes again after the last one was deleted", () =>
  withReady({}, async ({ site, post }) => {
    const name = String((await post({})).data["name"]);
    site.delete("Employee Checkin", name);
    site.db.stepBack(name.slice(0, -6), Number(name.slice(-6)) - 1);
    assert.equal((await post({ time: "2026-03-02 09:09:09" })).data["name"], name);
  }));

Deno.test("Site sorts refusals by what to do next, and never reads what they say", () =>
  withReady({}, async ({ site, agent }) => {
    const { door, http } = doorOf(site, agent);
    const fault = async (work: () => Promise<unknown>) => {
      try {
        await work();
      } catch (error) {
        assert.ok(error instanceof Error);
        assert.doesNotMatch(error.message, /Traceback|secret\.py|Hindi/);
        return error;
      }
      return assert.fail("nothing was refused");
    };
    const doc = { doctype: "Biometric Punch", key: "b".repeat(64), pin: "1", wall_time: "t" };
    assert.ok(await fault(() => door.insertMany([doc])) instanceof Refused);
    assert.ok(await fault(() => door.get("Role", "x")) instanceof NotWelcome);
    site.condition = "other_site";
    assert.match(
      (await fault(() => door.timeZone())).message,
      /at this address there is no such site/,
    );
    const { door: stranger, http: other } = doorOf(site, { ...agent, secret: "no" });
    site.condition = "well";
    assert.ok(await fault(() => stranger.timeZone()) instanceof NotWelcome);
    http.stop();
    other.stop();
  }));
