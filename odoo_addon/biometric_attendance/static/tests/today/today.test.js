// generated from owl_src/today/today.test.ts, do not edit
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne, waitUntil } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  getService,
  makeServerError,
  MockServer,
  onRpc,
  serverState
} from "@web/../tests/web_test_helpers";
import { STATES } from "@biometric_attendance/today/today_data";
import { openedFromHere, openScreen, pass, stayAt } from "../screen_bench";
describe.current.tags("desktop");
defineMailModels();
const NONE = Object.fromEntries(STATES.map((state) => [state, 0]));
const ZEROS = Array(24).fill(0);
const WEEKS = ["23 Feb", "2 Mar"].map((label, n) => ({
  from: n ? "2026-03-02" : "2026-02-23",
  to: n ? "2026-03-08" : "2026-03-01",
  label
}));
function told(changes = {}) {
  return {
    date: "Monday 2 March 2026",
    clock: "8:40 AM",
    domains: Object.fromEntries(STATES.map((state) => [state, [["its", "=", state]]])),
    departments: [
      { id: 3, name: "Cutting", counts: { ...NONE, at_work: 2 } },
      { id: 4, name: "Sewing", counts: { ...NONE, at_work: 5, not_here: 12, late: 1 } },
      { id: false, name: "", counts: { ...NONE, on_leave: 1 } }
    ],
    branches: [{ id: 9, name: "Cebu", count: 7 }],
    names: {
      not_here: [{ id: 41, name: "Cora Diaz", clock: "8:00 AM", minutes: 40 }],
      late: [{ id: 42, name: "Ben Cruz", clock: "8:25 AM", minutes: 25 }]
    },
    hours: { here: ZEROS.with(8, 7), due: ZEROS.with(8, 19).with(9, 18), now: 8 },
    ...changes
  };
}
const TRENDS = {
  weeks: WEEKS,
  departments: [{ id: 4, name: "Sewing", late: [90, 25] }],
  others: { ids: [4], late: [0, 10] },
  overtime: [120, 60],
  held: [0, 30],
  findings: [{ from: 0, to: 1, count: 3, domain: [["date", ">=", "2026-03-01"]] }]
};
let answer;
let trends;
let asked;
let opened;
beforeEach(() => {
  stayAt("2026-03-02 00:40:00");
  answer = () => told();
  trends = () => TRENDS;
  asked = [];
  for (const name of ["get_today", "get_trends"]) {
    onRpc("biometric.today", name, ({ method }) => {
      asked.push(method);
      return method === "get_today" ? answer() : trends();
    });
  }
});
async function openToday() {
  await openScreen("today");
  await waitUntil(() => getService("bus_service").workerState === "CONNECTED");
  opened = openedFromHere();
}
function domains() {
  return opened.map(({ domain }) => domain);
}
test("two readings show the people of today and the weeks behind", async () => {
  await openToday();
  expect(asked).toEqual(["get_today", "get_trends"]);
  expect(queryOne("h1").textContent).toBe("Monday 2 March 2026");
  expect(queryAllTexts(".o_biometric_today_tile").slice(0, 5)).toEqual([
    "7\nAt work",
    "12\nNot yet here",
    "1\nLate",
    "0\nAbsent",
    "1\nOn leave"
  ]);
  expect(queryAllTexts(".o_biometric_today_department th")).toEqual([
    "Sewing",
    "Cutting",
    "Without a department"
  ]);
  expect(".o_biometric_today_chart").toHaveCount(4);
  expect(queryOne("section[aria-label='Not yet here']").textContent).toMatch(/Cora Diaz\s*due at 8:00 AM, 0:40 ago\s*and 11 more/);
});
test("every number opens its list", async () => {
  await openToday();
  await contains("[data-state=not_here]").click();
  await contains(".o_biometric_today_department button[aria-label='Sewing, Late: 1']").click();
  await contains(".o_biometric_today_branches button").click();
  await contains("section[aria-label='Not yet here'] button:contains(11 more)").click();
  expect(domains()).toEqual([
    [["its", "=", "not_here"]],
    [["its", "=", "late"], ["department_id", "=", 4]],
    [["its", "=", "at_work"], ["branch_id", "=", 9]],
    [["its", "=", "not_here"]]
  ]);
  await contains("button:contains(Cora Diaz)").click();
  expect(opened.at(-1)["res_id"]).toBe(41);
});
test("a chart has its numbers as a table whose numbers open the same lists", async () => {
  await openToday();
  const chart = "section[aria-label='Late by week and department']";
  expect(queryOne(`${chart} canvas`)).toHaveAttribute(
    "aria-label",
    "Late by week and department. 0:35 late so far this week."
  );
  await contains(`${chart} button:contains(Numbers)`).click();
  expect(queryAllTexts(`${chart} tbody td`)).toEqual(["1:30", "0:00", "0:25", "0:10"]);
  await contains(`${chart} tbody button:contains(1:30)`).click();
  await contains(`${chart} tbody button:contains(0:10)`).click();
  const late = (week) => [
    ["date", ">=", week.from],
    ["date", "<=", week.to],
    ["late_minutes", ">", 0]
  ];
  expect(domains()).toEqual([
    [...late(WEEKS[0]), ["department_id", "=", 4]],
    [...late(WEEKS[1]), ["department_id", "not in", [4]]]
  ]);
  const hours = "section[aria-label='People at work by hour']";
  await contains(`${hours} button:contains(Numbers)`).click();
  expect(queryAllTexts(`${hours} tbody th`)).toEqual(["7:00 AM", "8:00 AM", "9:00 AM", "10:00 AM"]);
  expect(queryAllTexts(`${hours} tbody td`)).toEqual(["0", "0", "7", "19", "", "18", "", "0"]);
  await contains(`${hours} tbody button:contains(18)`).click();
  expect(domains().at(-1)).toEqual([["due_in_hour", "=", 9]]);
  const findings = "section[aria-label='Open exceptions by age']";
  await contains(`${findings} button:contains(Numbers)`).click();
  await contains(`${findings} tbody button`).click();
  expect(opened.at(-1)["res_model"]).toBe("biometric.work");
});
test("messages of the bus bring new numbers, many of them one reading", async () => {
  await openToday();
  await pass(6e3);
  asked = [];
  answer = () => told({ departments: [{ id: 3, name: "Cutting", counts: { ...NONE, late: 4 } }] });
  for (let n = 0; n < 5; n++) {
    MockServer.env["bus.bus"]._sendone(
      serverState.partnerId,
      "biometric_attendance/day",
      {}
    );
  }
  await pass(50);
  expect(asked).toEqual([]);
  await pass(2500);
  expect(asked).toEqual(["get_today"]);
  expect(queryOne("[data-state=late]").textContent).toMatch(/4/);
});
test("a reading that fails leaves the numbers and says how old they are", async () => {
  await openToday();
  answer = () => {
    throw makeServerError({ message: "The database is resting" });
  };
  await pass(61e3);
  expect(queryOne("[role=alert]").textContent).toMatch(
    /The database is resting\s*What stands here is from 8:40 AM/
  );
  expect("[data-state=at_work]").toHaveCount(1);
  answer = () => told();
  await contains("[role=alert] button").click();
  await pass(0);
  expect("[role=alert]").toHaveCount(0);
});
test("who has no right is told why, and the weeks that cannot be read say so", async () => {
  answer = () => {
    throw makeServerError({ message: "Your own days are under My time." });
  };
  trends = answer;
  await openToday();
  expect(queryOne("[role=alert]").textContent).toMatch(/Your own days are under My time/);
  expect(".o_biometric_today_tile").toHaveCount(0);
  answer = () => told();
  await contains("[role=alert] button").click();
  await pass(0);
  expect(queryOne("[role=alert]").textContent).toMatch(/The last weeks could not be read/);
});
test("a morning without anybody says what would be here", async () => {
  answer = () => told({ departments: [], branches: [] });
  await openToday();
  expect(queryOne(".o_biometric_today_empty").textContent).toMatch(/Nobody has a day today yet/);
  expect(".o_biometric_today_tile").toHaveCount(0);
});
