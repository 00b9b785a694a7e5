/**
 * The time account panel in Odoo's own web client: what it shows, what its buttons ask for.
 */
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  getService,
  mountWithCleanup,
  onRpc,
  patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { CtoPanel } from "@biometric_attendance/cto_panel/cto_panel";

describe.current.tags("desktop");
defineMailModels();

const ENTRY = {
  id: 7,
  date: "2026-03-02",
  kind: "accrual",
  label: "Earned",
  minutes: 180,
  balance: 180,
  work_date: "2026-03-02",
  expires_on: "2026-12-31",
  choice: "time",
  over: 0,
  note: "",
};
const BANK = {
  id: 1,
  kind: "bank",
  company: "Cebu",
  balance: 180,
  owed: 0,
  band: false,
  band_label: "",
  entries: [ENTRY],
  more: 0,
  lots: [{ source: "d", earned_on: "2026-03-02", expires_on: "2026-12-31", left: 180 }],
  losses: [{ date: "2026-12-31", minutes: 180, days: 296 }],
  rights: [],
  closed: 0,
  convertible: false,
};

const METHODS = {
  "biometric.cto.account": ["get_panel_data", "action_request", "get_forecast"],
  "biometric.cto.entry": ["action_open_source", "action_take_pay", "action_take_time"],
};

let answer: Record<string, unknown>;
let calls: unknown[][];

beforeEach(() => {
  answer = { employee_id: 3, name: "Ana", is_own: true, today: "2026-03-10", accounts: [BANK] };
  calls = [];
  for (const [model, methods] of Object.entries(METHODS)) {
    for (const name of methods) {
      onRpc(model, name, ({ method, args }) => {
        calls.push([method, ...args]);
        if (method === "get_forecast") return { balance: 120, lost: 60 };
        return method === "get_panel_data" ? answer : { type: "ir.actions.act_window_close" };
      });
    }
  }
});

// Red when it takes a second request to show what stands there.
test("one request shows balance, chart and entries", async () => {
  await mountWithCleanup(CtoPanel);
  expect(calls).toEqual([["get_panel_data"]]);
  expect(queryAllTexts(".o_biometric_cto_balance")).toEqual(["3:00"]);
  expect(queryOne(".o_biometric_cto_chart").textContent).toMatch(/until Dec 31\s*3:00/);
  expect(queryAllTexts(".o_biometric_cto_entry td:nth-child(2)")).toEqual(["Earned"]);
  expect(queryOne(".alert").textContent).toMatch(/You will lose 3:00 after .*days left: 296/);
});

test("the button beside a loss asks for time off of that length", async () => {
  await mountWithCleanup(CtoPanel);
  await contains(".o_biometric_cto_ask").click();
  expect(calls.at(-1)).toEqual(["action_request", 3, 180]);
});

// Red when a date shows another day's balance, or hides what is lost until then.
test("a date asks what will be there then", async () => {
  await mountWithCleanup(CtoPanel);
  expect(".o_biometric_cto_forecast strong").toHaveCount(0);
  // HOOT's edit() reads the former date, and there is none.
  const input = queryOne(".o_biometric_cto_forecast input") as HTMLInputElement;
  input.value = "2026-12-31";
  input.dispatchEvent(new Event("change"));
  for (let frame = 0; frame < 6; frame += 1) await animationFrame();
  expect(calls.at(-1)).toEqual(["get_forecast", 3, "2026-12-31"]);
  expect(queryOne(".o_biometric_cto_forecast").textContent).toMatch(
    /2:00 on Dec 31; 1:00 will have expired by then/,
  );
});

// Red when somebody else than the employee is offered the answer.
test("the employee answers for a day and sees what became of it", async () => {
  await mountWithCleanup(CtoPanel);
  await contains(".o_biometric_cto_entry button:contains(Prefer payment)").click();
  expect(calls.map(([method]) => method)).toEqual([
    "get_panel_data",
    "action_take_pay",
    "get_panel_data",
  ]);
});

test("of others it offers no answer, and an entry leads to its day", async () => {
  answer = { ...answer, is_own: false };
  await mountWithCleanup(CtoPanel, { props: { record: { resId: 3 } } });
  expect(calls[0]).toEqual(["get_panel_data", 3]);
  expect(queryAllTexts(".o_biometric_cto_entry button")).toEqual([""]);
  patchWithCleanup(getService("action"), { doAction: () => Promise.resolve() });
  await contains(".o_biometric_cto_entry button").click();
  expect(calls.at(-1)).toEqual(["action_open_source", [7]]);
});

test("a flex account shows its band in words, and nobody without an account sees a table", async () => {
  const flex = { ...BANK, kind: "flex", band: "red", band_label: "Measures", lots: [], losses: [] };
  answer = { ...answer, accounts: [flex] };
  await mountWithCleanup(CtoPanel);
  expect(queryAllTexts(".badge")).toEqual(["Measures"]);
  expect(".o_biometric_cto_chart").toHaveCount(0);
});
