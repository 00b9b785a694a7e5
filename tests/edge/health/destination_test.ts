/** Health, metrics, alarms and doctor speak of the destination by its name. */
import assert from "node:assert/strict";
import { Alarms, checkSite, Metrics, type Vitals } from "../../../edge_agent/health/health.ts";
import { healthBody } from "../../../edge_agent/health/vitals.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";

const VITALS: Vitals = {
  version: "test",
  startedMs: 0,
  destination: "erpnext",
  paired: true,
  state: "active",
  stats: null,
  alarms: [],
  devices: [],
  sinceAnswerMs: 400_000,
  uptimeMs: 3_600_000,
  clockTrusted: true,
  devicePortOpen: true,
  addresses: ["192.168.1.20"],
};

// Red when a branch on ERPNext is told to look into Odoo.
Deno.test("a silent site is called ERPNext in health and metrics, and Odoo is not mentioned", async () => {
  const body = healthBody(VITALS, 0, 180_000);
  assert.deepEqual(body.reasons.at(-1), {
    code: "erpnext_silent",
    detail: "ERPNext answered not for 400 s",
  });
  assert.deepEqual(body.destination, {
    name: "ERPNext",
    state: "silent",
    seconds_since_answer: 400,
  });
  const unpaired = healthBody({ ...VITALS, paired: false }, 0, 180_000);
  assert.equal(unpaired.reasons.at(-1)?.detail, "not set up for ERPNext");
  const text = await new Metrics({ vitals: () => VITALS, now: () => 0 }).text();
  assert.match(text, /^biometric_erpnext_answer_age_seconds 400$/m);
  assert.doesNotMatch(`${JSON.stringify([body, unpaired])}${text}`, /odoo/i);
});

Deno.test("an alarm's remedy is the destination's own", () => {
  const store = { getState: () => null, setState: () => {} };
  const alarms = new Alarms({
    destination: "erpnext",
    clock: new ManualClock(),
    log: silentLog,
    store,
  });
  for (
    const code of ["unreachable", "credential", "unpaired", "poison", "erpnext_went_back"] as const
  ) {
    alarms.raise(code, "m");
  }
  for (const { code, remedy } of alarms.list()) assert.doesNotMatch(remedy, /Odoo/, code);
});

Deno.test("checkSite() says for each finding what to do", () => {
  assert.deepEqual(checkSite({ kind: "answered", faults: [] }).map(({ level }) => level), [
    "ok",
    "ok",
  ]);
  const [, , fault] = checkSite({ kind: "answered", faults: ["no unique key"] });
  assert.deepEqual([fault?.level, fault?.text], ["fault", "no unique key"]);
  assert.match(fault?.remedy ?? "", /provision-erpnext again/);
  const [away] = checkSite({ kind: "failed", message: "status 404 …: there is no such site" });
  assert.match(away?.remedy ?? "", /not with an IP address/);
  assert.match(checkSite({ kind: "not_set_up" })[0]?.remedy ?? "", /run provision-erpnext/);
});
