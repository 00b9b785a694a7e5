/** Every finding of doctor: what triggers it, and that it carries a remedy. */
import assert from "node:assert/strict";
import { loadConfig } from "../../../edge_agent/base/config.ts";
import {
  checkClock,
  checkCommKeys,
  checkDisk,
  checkEnvironment,
  checkOdoo,
  checkPorts,
  checkPrivileges,
  checkSecrets,
  checkSqlite,
  checkTls,
  type Finding,
} from "../../../edge_agent/health/doctor.ts";
import { main } from "../../../edge_agent/main.ts";
import { refuseOldSqlite } from "../../../edge_agent/queue/schema.ts";
import { makeAuthority } from "../../sim/certificates.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";

const NOW = Date.UTC(2026, 2, 2);

function config(file: unknown) {
  return loadConfig({ readText: () => JSON.stringify(file), environment: {} }).config;
}

function levels(found: Finding | readonly Finding[]): string[] {
  const list = Array.isArray(found) ? found as readonly Finding[] : [found as Finding];
  for (const one of list) if (one.level !== "ok") assert.notEqual(one.remedy, "", one.text);
  return list.map((one) => one.level);
}

Deno.test("doctor sees a clock without battery, off by minutes, or not synchronised", () => {
  const at = (now: number, trusted: boolean, aheadMs: number | null) =>
    levels(checkClock({ now, trusted, aheadMs }))[0];
  assert.equal(at(Date.UTC(2020, 0, 1), true, 0), "fault");
  assert.equal(at(NOW, true, 60_000), "fault");
  assert.equal(at(NOW, false, null), "warning");
  assert.equal(at(NOW, true, 200), "ok");
});

Deno.test("doctor sees a full disk, open secrets and an old SQLite", () => {
  const disk = (freeBytes: number) =>
    levels(checkDisk({ freeBytes, totalBytes: 1e9, minFreeBytes: 1e6 }))[0];
  assert.deepEqual([disk(1), disk(2e6), disk(5e8)], ["fault", "warning", "ok"]);
  const secrets = (directory: number, file: number) =>
    levels(checkSecrets(directory, new Map([["pairing.json", file]])))[0];
  assert.equal(secrets(0o40700, 0o100600), "ok");
  assert.equal(secrets(0o40755, 0o100600), "warning");
  assert.equal(secrets(0o40700, 0o100644), "fault");
  assert.equal(levels(checkSqlite("3.51.2", refuseOldSqlite))[0], "fault");
  assert.equal(levels(checkSqlite("3.53.2", refuseOldSqlite))[0], "ok");
});

Deno.test("doctor tells waiting, refused, unpaired and unreachable apart", () => {
  const level = (...args: Parameters<typeof checkOdoo>) => levels(checkOdoo(...args)).at(-1);
  assert.equal(level({ kind: "answered" }), "ok");
  assert.equal(level({ kind: "waiting" }), "warning");
  for (const kind of ["refused_token", "unpaired"] as const) assert.equal(level({ kind }), "fault");
  const remedies = [
    "tls: x",
    "refused: x",
    "timeout: x",
    "status 404 (not our words)",
    "status 500",
  ]
    .map((message) => checkOdoo({ kind: "failed", message })[0]?.remedy);
  assert.equal(new Set(remedies).size, 5);
});

Deno.test("doctor sees plain HTTP and pins that run out", () => {
  const pin = makeAuthority("CA").pem;
  assert.deepEqual(levels(checkTls("https://odoo.example.com", [], NOW)), ["ok"]);
  assert.deepEqual(levels(checkTls("http://10.0.0.5", [], NOW)), ["warning"]);
  assert.deepEqual(levels(checkTls("http://127.0.0.1", [], NOW)), ["ok"]);
  const now = Date.now();
  assert.deepEqual(levels(checkTls("https://o", [pin], now - 10 * 86_400_000)), ["ok"]);
  assert.deepEqual(levels(checkTls("https://o", [pin], now + 10 * 86_400_000)), ["warning"]);
  assert.deepEqual(levels(checkTls("https://o", [pin], now + 99 * 86_400_000)), ["fault"]);
  assert.deepEqual(levels(checkTls("https://o", ["junk"], now)), ["fault"]);
});

Deno.test("S49 doctor lists comm keys at their default, open and closed allowlists, taken ports", () => {
  const terminal = (commKey: number) =>
    config({ polling: { terminals: [{ serial: "A1", host: "10.0.0.9", commKey }] } });
  assert.equal(levels(checkCommKeys(terminal(0)))[0], "warning");
  assert.equal(levels(checkCommKeys(terminal(1234)))[0], "ok");
  assert.deepEqual(levels(checkPorts(config({}), [])), ["fault"]);
  assert.deepEqual(levels(checkPorts(config({ devicePort: { allowAny: true } }), [])), ["warning"]);
  const listed = config({ devicePort: { allow: ["10.0.0.0/8"] } });
  assert.deepEqual(levels(checkPorts(listed, [])), ["ok"]);
  assert.deepEqual(levels(checkPorts(listed, [8081])), ["fault"]);
});

Deno.test("doctor sees too many rights and names that are no setting", () => {
  assert.deepEqual(levels(checkPrivileges({ uid: 1000, mayRun: false, mayFfi: false })), ["ok"]);
  assert.deepEqual(levels(checkPrivileges({ uid: 0, mayRun: true, mayFfi: false })), [
    "warning",
    "warning",
  ]);
  assert.deepEqual(levels(checkEnvironment(["BIOMETRIC_COLOUR"])), ["warning"]);
});

Deno.test("doctor as a command: a fault makes it fail, and each line of JSON is a finding", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const directory = Deno.makeTempDirSync({ prefix: "biometric-doctor-" });
  Deno.chmodSync(directory, 0o700);
  const file = `${directory}/config.json`;
  const settings = {
    dataDirectory: directory,
    devicePort: { host: "127.0.0.1", port: 0, allow: ["10.0.0.0/8"] },
    health: { port: 0 },
  };
  Deno.writeTextFileSync(file, JSON.stringify(settings));
  const say = async (...args: string[]) => {
    let out = "";
    const code = await main({
      args: ["--config", file, ...args],
      out: (text) => out += text,
      err: () => {},
    });
    return { code, out };
  };
  const found = async () => {
    const { code, out } = await say("doctor", "--json");
    const list: Finding[] = JSON.parse(out);
    return { code, faults: list.filter((one) => one.level === "fault").map((one) => one.check) };
  };
  assert.deepEqual(await found(), { code: 1, faults: ["odoo", "agent"] });
  assert.equal((await say("pair", odoo.url, "BCDFGHJK")).code, 0);
  assert.deepEqual(await found(), { code: 1, faults: ["agent"] });
  odoo.books.agents = [];
  assert.deepEqual(await found(), { code: 1, faults: ["token", "agent"] });
  await odoo.stop();
  assert.deepEqual(await found(), { code: 1, faults: ["odoo", "agent"] });
  Deno.removeSync(directory, { recursive: true });
});
