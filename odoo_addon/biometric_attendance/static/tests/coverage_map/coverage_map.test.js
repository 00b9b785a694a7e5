// generated from owl_src/coverage_map/coverage_map.test.ts, do not edit
import { beforeEach, describe, expect, getFixture, test } from "@odoo/hoot";
import { press, queryAll, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, makeServerError, onRpc } from "@web/../tests/web_test_helpers";
import { openedFromHere, openScreen, pass, stayAt } from "../screen_bench";
describe.current.tags("desktop");
defineMailModels();
const DAYS = ["2026-03-01", "2026-03-02"].map((date, n) => ({
  date,
  weekday: n ? "M" : "S",
  number: String(n + 1),
  long: n ? "Monday 2 March" : "Sunday 1 March",
  off: !n,
  today: n === 1
}));
function told(changes = {}) {
  return {
    days: DAYS,
    label: "1 Mar – 2 Mar",
    first: "2026-03-01",
    last: "2026-03-02",
    earlier: true,
    later: false,
    counts: { complete: 1, partial: 1, unknown: 1 },
    accepted: 0,
    agents: [[1, "Cebu"], [2, "Davao"]],
    devices: [
      {
        id: 7,
        name: "Gate",
        serial: "SN7",
        branch: "Cebu",
        cells: [["partial", 90, 0], ["unknown", 0, 0]]
      },
      { id: 8, name: "Hall", serial: "SN8", branch: "Davao", cells: [null, ["complete", 0, 0]] }
    ],
    total: 2,
    all: 2,
    offset: 0,
    page: 60,
    ...changes
  };
}
function order(isOpen) {
  return {
    id: 3,
    window: "2026-03-01 00:00 – 2026-03-01 23:59",
    state: isOpen ? "Sent to terminal" : "Done",
    is_open: isOpen,
    numbers: isOpen ? "Reading 40 / 80" : "80 read, 2 new",
    share: isOpen ? 50 : false,
    message: ""
  };
}
function behind(changes = {}) {
  return {
    device: 7,
    day: "2026-03-01",
    name: "Gate",
    label: "Sunday 1 March 2026",
    zone: "Asia/Manila",
    state: "partial",
    why: "Not confirmed, in terminal time: 09:00–10:30.",
    punches: 12,
    stretch: { first: "2026-03-01", last: "2026-03-02", days: 2 },
    gaps: [
      {
        id: 5,
        words: "Terminal was silent",
        window: "9:00 AM – 10:30 AM",
        state: "open",
        state_words: "Open",
        note: "",
        may_accept: true
      }
    ],
    runs: [{ id: 11, words: "Connected from 7:00 AM to 9:00 AM.", result: "ended" }],
    more_runs: 0,
    may_pull: true,
    orders: [],
    ...changes
  };
}
let answer;
let cell;
let orders;
let asked;
let opened;
beforeEach(() => {
  stayAt("2026-03-02 04:00:00");
  answer = () => told();
  cell = () => behind();
  orders = () => [];
  asked = [];
  onRpc("biometric.coverage.map", "open_map", ({ kwargs }) => {
    const { last, search, agent, trouble, offset } = kwargs;
    asked.push({ last, search, agent, trouble, offset });
    return answer();
  });
  onRpc("biometric.coverage.map", "open_cell", ({ args }) => {
    asked.push(args);
    return cell();
  });
  onRpc("biometric.coverage.map", "pull", ({ args }) => {
    asked.push(["pull", ...args]);
    return [];
  });
  onRpc("biometric.coverage.map", "get_orders", () => orders());
});
async function openMap() {
  await openScreen("coverage_map");
  opened = openedFromHere();
}
const FIRST = "[data-row='0'][data-column='0']";
test("one reading shows terminals by days, each cell with a sign and in words", async () => {
  await openMap();
  expect(asked).toHaveLength(1);
  expect(queryAllTexts(".o_biometric_coverage_cell")).toEqual(["!", "?", "", ""]);
  expect(queryAll(".o_biometric_coverage_cell").map((one) => one.getAttribute("aria-label"))).toEqual([
    "Gate, Sunday 1 March: Incomplete, 1:30 h not confirmed",
    "Gate, Monday 2 March: Unknown",
    "Hall, Sunday 1 March: not in service",
    "Hall, Monday 2 March: Complete"
  ]);
  expect(queryAllTexts(".o_biometric_coverage_legend li")).toEqual([
    "Complete 1",
    "!Incomplete 1",
    "?Unknown 1"
  ]);
});
test("keys walk, open a day and come back to its cell", async () => {
  await openMap();
  queryOne("[data-row='0'][data-column='1']").focus();
  await press("ArrowLeft");
  await pass(0);
  expect(FIRST).toBeFocused();
  await press("Enter");
  await pass(0);
  expect(asked.at(-1)).toEqual([7, "2026-03-01"]);
  expect(".o_biometric_coverage_panel h2").toBeFocused();
  await press("Escape");
  await pass(0);
  expect(".o_biometric_coverage_panel").toHaveCount(0);
  expect(FIRST).toBeFocused();
});
test("behind a cell are its gaps, its runs and its punches, each a click away", async () => {
  await openMap();
  await contains(FIRST).click();
  await pass(0);
  expect(queryOne(".o_biometric_coverage_panel").textContent).toMatch(/Sunday 1 March 2026, place's time \(Asia\/Manila\)/);
  await contains("[data-gap='5']").click();
  expect(opened.at(-1)["res_model"]).toBe("biometric.gap");
  await contains("section[aria-label=Runs] button").click();
  expect([opened.at(-1)["res_model"], opened.at(-1)["res_id"]]).toEqual(["biometric.run", 11]);
  await contains(".o_biometric_coverage_panel button:contains(12 punches)").click();
  expect(opened.at(-1)["domain"]).toEqual([["device_id", "=", 7], [
    "wall_date",
    "=",
    "2026-03-01"
  ]]);
});
test("a day is read again, live, and the map with it when it is done", async () => {
  await openMap();
  await contains(FIRST).click();
  await pass(0);
  orders = () => [order(true)];
  await contains("[data-act=pull]").click();
  await pass(0);
  expect(asked.at(-1)).toEqual(["pull", 7, "2026-03-01", "2026-03-01"]);
  expect(".o_biometric_coverage_order [role=progressbar]").toHaveAttribute("aria-valuenow", "50");
  orders = () => [order(false)];
  cell = () => behind({ state: "complete", gaps: [], orders: [order(false)] });
  answer = () => told({ counts: { complete: 2, partial: 0, unknown: 1 } });
  asked = [];
  await pass(2100);
  await pass(0);
  expect(asked.map((one) => Array.isArray(one) ? "cell" : "map").sort()).toEqual(["cell", "map"]);
  expect(queryOne(".o_biometric_coverage_order").textContent).toMatch(/Done\s*80 read, 2 new/);
  await contains("[data-act=pull-all]").click();
  await pass(0);
  expect(asked.at(-1)).toEqual(["pull", 7, "2026-03-01", "2026-03-02"]);
});
test("who may not order a reading has no button for it", async () => {
  cell = () => behind({ may_pull: false });
  await openMap();
  await contains(FIRST).click();
  await pass(0);
  expect("[data-act=pull]").toHaveCount(0);
  expect(".o_biometric_coverage_panel").toHaveCount(1);
});
test("a branch, a name, other days and what is not complete are asked for", async () => {
  await openMap();
  await contains("button[aria-label=Earlier]").click();
  await pass(0);
  expect(asked.at(-1)).toEqual({
    last: "2026-02-28",
    search: "",
    agent: false,
    trouble: false,
    offset: 0
  });
  await contains("[data-act=trouble]").click();
  await contains("select[aria-label=Branch]").select("2");
  await contains("input[type=search]").edit("gate", { confirm: false });
  await pass(400);
  expect(asked.at(-1)).toEqual({
    last: "2026-02-28",
    search: "gate",
    agent: 2,
    trouble: true,
    offset: 0
  });
});
test("nothing to show says why, and a failed reading keeps what stood there", async () => {
  answer = () => told({ devices: [], total: 0, all: 0 });
  await openMap();
  expect(queryOne("h2").textContent).toBe("No terminal is in service yet");
  answer = () => told({ devices: [], total: 0, all: 4 });
  await contains("[data-act=trouble]").click();
  await pass(0);
  expect(queryOne("h2").textContent).toBe("Every day is complete");
  answer = () => told();
  await contains("button:contains(Show all terminals)").click();
  await pass(0);
  answer = () => {
    throw makeServerError({ message: "The database is resting" });
  };
  await contains("button[aria-label=Earlier]").click();
  await pass(0);
  expect(queryOne("[role=alert]").textContent).toMatch(/The database is resting What stands here is what was read before\./);
  expect(".o_biometric_coverage_row").toHaveCount(2);
});
test("on a narrow screen the newest days are in sight; what was scrolled to stays", async () => {
  const days = Array.from({ length: 31 }, (_one, n) => ({
    ...DAYS[0],
    date: `2026-03-${String(n + 1).padStart(2, "0")}`,
    number: String(n + 1)
  }));
  const cells = days.map(() => ["complete", 0, 0]);
  const device = { id: 7, name: "Gate", serial: "SN7", branch: "Cebu", cells };
  let last = "2026-03-31";
  answer = () => told({ days, devices: [device], last });
  getFixture().style.maxWidth = "320px";
  await openMap();
  const scroll = queryOne(".o_biometric_coverage_scroll");
  const atEnd = () => scroll.scrollLeft + scroll.clientWidth >= scroll.scrollWidth - 1;
  expect(scroll.scrollLeft > 0).toBe(true);
  expect(atEnd()).toBe(true);
  scroll.scrollLeft = 0;
  await contains("[data-act=trouble]").click();
  await pass(500);
  expect(scroll.scrollLeft).toBe(0);
  last = "2026-02-28";
  await contains("button[aria-label='Earlier']").click();
  await pass(500);
  expect(atEnd()).toBe(true);
});
