/**
 * The period cockpit in Odoo's own web client: what it shows, what its buttons ask for.
 */
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryOne, waitFor } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  getService,
  mountWithCleanup,
  onRpc,
  patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { PeriodCockpit } from "@biometric_attendance/period_cockpit/period_cockpit";

describe.current.tags("desktop");
defineMailModels();

const BLOCKER = {
  what: "employee:3",
  date: "2026-03-03",
  reason: "incomplete",
  name: "Ana",
  label: "Incomplete",
  minutes: 480,
  by: "",
};
const KIND = { reason: "incomplete", label: "Incomplete", count: 1, minutes: 480, may_pass: true };
const CLOSED_GATE = { open: 1, passed: 0, kinds: [KIND], blockers: [BLOCKER], more: 0 };
const GREEN = { open: 0, passed: 0, kinds: [], blockers: [], more: 0 };
const DATA = {
  period: {
    id: 5,
    name: "Line March",
    state: "open",
    state_label: "Open",
    is_over: true,
    profile: "",
  },
  periods: [{ id: 5, name: "Line March", state: "open" }],
  gate: CLOSED_GATE,
  totals: {
    people: 2,
    days: 40,
    minutes: 19200,
    classes: [{ label: "Regular", minutes: 19200 }],
    is_made: false,
  },
  corrections: { days: 1, people: 1, minutes: -90 },
  outside: { count: 0, names: "" },
  override: false as unknown,
  files: [] as unknown[],
  deliveries: [] as unknown[],
  may_close: true,
};

const EQUAL = { days: 40, count: 0, refusal: "", differs: [] as unknown[] };

const METHODS = [
  "get_cockpit_data",
  "get_cockpit_check",
  "action_mend",
  "action_close",
  "action_ask_override",
  "action_confirm_override",
];

let answer: Record<string, unknown>;
let comparison: Record<string, unknown>;
let calls: unknown[][];

beforeEach(() => {
  answer = { ...DATA };
  comparison = EQUAL;
  calls = [];
  for (const name of METHODS) {
    onRpc("biometric.period", name, ({ method, args }) => {
      calls.push([method, ...args]);
      if (method === "get_cockpit_data") return answer;
      if (method === "get_cockpit_check") return comparison;
      return { type: "ir.actions.act_window_close" };
    });
  }
});

/** While something blocks, nobody asks whether the file would be refused. */
const COMPARED = ["get_cockpit_check", [5], false];
const ASKED = ["get_cockpit_check", [5], true];

// Red when it takes another request to show what stands there, or a third at opening.
test("one request shows gate, totals and corrections, a second compares", async () => {
  await mountWithCleanup(PeriodCockpit);
  expect(calls).toEqual([["get_cockpit_data"], COMPARED]);
  expect(queryOne(".o_biometric_cockpit_gate").textContent).toBe("Issues blocking the file: 1");
  expect(queryOne(".o_biometric_cockpit_gate")).toHaveClass("text-bg-danger");
  expect(queryOne(".o_biometric_cockpit_kind").textContent).toMatch(/Incomplete\s*1 \(8:00\)/);
  expect(queryOne(".o_biometric_cockpit_corrections").textContent).toMatch(/-1:30/);
  expect(".o_biometric_cockpit_close").toHaveCount(0);
});

// Red when "Fix" leads whoever may not open the screen into a refusal.
test("who may not open the screen of a blocker is told who fixes it", async () => {
  const blockers = [{ ...BLOCKER, what: "finding:1", by: "HR officer or administrator" }];
  answer = { ...DATA, gate: { ...CLOSED_GATE, blockers } };
  await mountWithCleanup(PeriodCockpit);
  expect(".o_biometric_cockpit_blocker button").toHaveCount(0);
  expect(queryOne(".o_biometric_cockpit_by").textContent).toBe("HR officer or administrator");
});

// Red when the screen is green and the button's answer is the first word of a refusal.
test("what the payroll program would refuse is said, and nobody is offered to close", async () => {
  answer = { ...DATA, gate: GREEN };
  comparison = { ...EQUAL, refusal: "No file for Datev: '12': a consultant's number" };
  await mountWithCleanup(PeriodCockpit);
  await waitFor(".o_biometric_cockpit_refused:contains(No file for Datev)");
  expect(queryOne(".o_biometric_cockpit_gate").textContent).toBe("The file would be refused");
  expect(queryOne(".o_biometric_cockpit_gate")).toHaveClass("text-bg-danger");
  expect(".o_biometric_cockpit_close").toHaveCount(0);
  expect("section:contains(Nothing.)").toHaveCount(0);
  expect(calls).toEqual([["get_cockpit_data"], ASKED]);
});

// Red when a file leaves somebody out and the screen that makes it is silent.
test("people whom no group pays are named", async () => {
  await mountWithCleanup(PeriodCockpit);
  expect(".o_biometric_cockpit_outside").toHaveCount(0);
  answer = { ...DATA, outside: { count: 2, names: "Ana, Ben" } };
  await mountWithCleanup(PeriodCockpit);
  expect(queryOne(".o_biometric_cockpit_outside").textContent).toMatch(
    /no pay group: 2 \(Ana, Ben\)/,
  );
});

// Turns red when dates stand there as the database writes them, or one of last year without it.
test("a date of this year is shown without it", async () => {
  mockDate("2026-12-20 12:00:00");
  await mountWithCleanup(PeriodCockpit);
  expect(".o_biometric_cockpit_blocker td:nth-child(2)").toHaveText("Mar 3");
});

test("a date of another year says which", async () => {
  mockDate("2027-01-10 12:00:00");
  await mountWithCleanup(PeriodCockpit);
  expect(".o_biometric_cockpit_blocker td:nth-child(2)").toHaveText("Mar 3, 2026");
});

test("a blocker leads to its screen", async () => {
  await mountWithCleanup(PeriodCockpit);
  patchWithCleanup(getService("action"), { doAction: () => Promise.resolve() });
  await contains(".o_biometric_cockpit_blocker button").click();
  expect(calls.at(-1)).toEqual(["action_mend", [5], "employee:3", "2026-03-03", "incomplete"]);
});

// Red when a count of the issues leads nowhere, or says fewer lines than it counts without a word.
test("a kind of issue is looked at alone, and all of them again", async () => {
  const late = { ...BLOCKER, what: "employee:4", reason: "overtime", label: "overtime" };
  const kinds = [KIND, { ...KIND, reason: "overtime", label: "overtime", count: 3 }];
  answer = {
    ...DATA,
    gate: { ...CLOSED_GATE, open: 4, kinds, blockers: [BLOCKER, late], more: 2 },
  };
  await mountWithCleanup(PeriodCockpit);
  expect(".o_biometric_cockpit_blocker").toHaveCount(2);
  await contains(".o_biometric_cockpit_kind button:contains(overtime)").click();
  expect(queryOne(".o_biometric_cockpit_why").textContent).toBe("overtime");
  expect("p:contains(and 2 more)").toHaveCount(1);
  await contains(".o_biometric_cockpit_kind button:contains(Incomplete)").click();
  expect("p:contains(more:)").toHaveCount(0);
  await contains(".o_biometric_cockpit_kind button[aria-pressed=true]").click();
  expect(".o_biometric_cockpit_blocker").toHaveCount(2);
});

// Red when a green gate needs more than one click, or the screen stays as it was.
test("a green gate is closed by one button and read again", async () => {
  answer = { ...DATA, gate: GREEN };
  await mountWithCleanup(PeriodCockpit);
  expect(queryOne(".o_biometric_cockpit_gate").textContent).toBe("Nothing blocks the file");
  await contains(".o_biometric_cockpit_close").click();
  expect(calls.slice(2)).toEqual([["action_close", [5]], ["get_cockpit_data", 5], ASKED]);
});

test("nobody is offered to close what is exported, not over or not theirs", async () => {
  const period = DATA.period;
  for (
    const other of [
      { period: { ...period, state: "exported" } },
      { period: { ...period, is_over: false } },
      { may_close: false },
    ]
  ) {
    answer = { ...DATA, gate: GREEN, ...other };
    await mountWithCleanup(PeriodCockpit);
    expect(".o_biometric_cockpit_close").toHaveCount(0);
  }
});

// Red when one click passes a gate, or a reason of two letters is sent.
test("letting pass asks for a reason, and another person agrees", async () => {
  await mountWithCleanup(PeriodCockpit);
  await contains("button:contains(Override…)").click();
  expect("button[type=submit]:disabled").toHaveCount(1);
  await contains("textarea").edit("the guard saw him", { confirm: false });
  await contains("button[type=submit]").click();
  expect(calls[2]).toEqual(["action_ask_override", [5], "the guard saw him"]);
});

test("who may agree is offered it once", async () => {
  const override = {
    reason: "the guard saw him",
    asked_by: "Pay",
    confirmed_by: "",
    count: 1,
    may_confirm: true,
  };
  answer = { ...DATA, override };
  await mountWithCleanup(PeriodCockpit);
  await contains(".o_biometric_cockpit_override button").click();
  expect(calls[2]).toEqual(["action_confirm_override", [5]]);
});

// Red when the way back from a screen that a blocker led to has no name.
test("another period keeps the name of the screen", async () => {
  const periods = [...DATA.periods, { id: 6, name: "Line April", state: "open" }];
  answer = { ...DATA, periods };
  await mountWithCleanup(PeriodCockpit, { props: { action: { name: "Period" } } });
  const asked: unknown[] = [];
  patchWithCleanup(getService("action"), {
    doAction: (action: unknown) => Promise.resolve(void asked.push(action)),
  });
  await contains(".o_biometric_cockpit_choice").select("6");
  expect(asked).toEqual([{
    type: "ir.actions.client",
    tag: "biometric_attendance.period_cockpit",
    name: "Period",
    params: { period_id: 6 },
  }]);
});

test("without periods it says where they are made", async () => {
  answer = { period: false, periods: [] };
  await mountWithCleanup(PeriodCockpit);
  expect(queryOne("h2").textContent).toBe("No pay period yet");
});

// Red when days that are not what their punches give are known only to whoever presses the button.
test("days are compared before closing, and named where they differ", async () => {
  await mountWithCleanup(PeriodCockpit);
  await waitFor(".o_biometric_cockpit_compared:contains(All days match their punches: 40.)");
  expect(".o_biometric_cockpit_differs").toHaveCount(0);
});

test("a day that differs is named", async () => {
  comparison = {
    ...EQUAL,
    count: 1,
    differs: [{ name: "Ana", date: "2026-03-03", text: "regular 999 instead of 480" }],
  };
  await mountWithCleanup(PeriodCockpit);
  await waitFor(".o_biometric_cockpit_differs:contains(regular 999)");
  expect(queryOne(".o_biometric_cockpit_compared").textContent).toMatch(
    /do not match their punches: 1 of 40/,
  );
});

test("a period that is exported is not compared, and shows where its file went", async () => {
  const delivery = {
    id: 1,
    where: "Payroll office",
    file: "payroll-1",
    state: "failed",
    state_label: "Failed",
    at: "today",
    bytes: 0,
    answer: "302",
  };
  answer = {
    ...DATA,
    period: { ...DATA.period, state: "exported" },
    gate: GREEN,
    deliveries: [delivery],
  };
  await mountWithCleanup(PeriodCockpit);
  expect(calls).toEqual([["get_cockpit_data"]]);
  expect(queryOne(".o_biometric_cockpit_delivery").textContent).toMatch(/Payroll office.*Failed/s);
  expect(".o_biometric_cockpit_delivery .text-bg-danger").toHaveCount(1);
});
