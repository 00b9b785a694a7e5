// generated from owl_src/roster_grid/roster_grid.test.ts, do not edit
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  contains,
  getService,
  makeServerError,
  mountWithCleanup,
  onRpc,
  patchWithCleanup
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
describe.current.tags("desktop");
defineMailModels();
const SHIFTS = [
  { id: 1, name: "Early", code: "E", start: 360, end: 840, minutes: 480 },
  { id: 2, name: "Night", code: "N", start: 1320, end: 1800, minutes: 450 }
].map((shift2, n) => ({ ...shift2, color: n + 1, hours: "", active: true }));
const OFFICE = {
  own: null,
  spans: [[480, 1020]],
  minutes: 480,
  kind: "workday",
  leave: false,
  outside: false,
  why: 0
};
const FREE = { ...OFFICE, spans: [], minutes: 0, kind: "rest_day" };
function cells() {
  return [FREE, ...Array(5).fill(OFFICE), FREE, FREE, OFFICE];
}
function grid(first) {
  return {
    first,
    label: `Week of ${first}`,
    days: Array.from({ length: 7 }, (_one, n) => {
      const day = /* @__PURE__ */ new Date(`${first}T00:00:00Z`);
      day.setUTCDate(day.getUTCDate() + n);
      return {
        date: day.toISOString().slice(0, 10),
        weekday: "MTWTFSS"[n],
        number: day.getUTCDate(),
        off: n > 4,
        today: false
      };
    }),
    may_write: mayWrite,
    departments: [[3, "Cutting"], [4, "Sewing"]],
    shifts: SHIFTS,
    people: ["Ana", "Ben", "Cora", "Dan", "Eva"].map((name, n) => ({
      id: 70 + n,
      name,
      department: "Sewing",
      contract: 2400,
      rest: 660,
      week_rest: null,
      week_most: null,
      cells: cells()
    })),
    offset: 0,
    total: 5,
    page: 60,
    reasons: ["working schedule Office"],
    swaps
  };
}
let mayWrite;
let opened;
let applied;
let refuse;
let swaps;
function answerOf(changes) {
  return {
    changed: changes.length,
    reasons: ["roster", "working schedule Office"],
    cells: changes.map(([who, date, _was, wanted]) => {
      const shift2 = SHIFTS.find(({ id }) => id === wanted?.[0]);
      const spans = shift2 ? [[shift2.start, shift2.end]] : [];
      const planned = { ...OFFICE, own: wanted, spans, minutes: shift2?.minutes ?? 0 };
      return [who, date, wanted === null ? { ...OFFICE, why: 1 } : planned];
    })
  };
}
beforeEach(() => {
  mayWrite = true;
  opened = [];
  applied = [];
  refuse = null;
  swaps = { waiting: 0, marks: [] };
  onRpc("biometric.roster.grid", "open_grid", ({ kwargs }) => {
    opened.push(kwargs);
    return grid(String(kwargs["first"] ?? "2026-03-02"));
  });
  onRpc("biometric.roster.grid", "apply", ({ args }) => {
    if (refuse) throw makeServerError({ message: refuse });
    applied.push(args[0]);
    return answerOf(args[0]);
  });
});
async function openGrid() {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "biometric_attendance.roster_grid"
  });
  await animationFrame();
}
const at = (row, column) => `[data-row='${row}'][data-column='${column}']`;
const shift = (code) => `[data-shift='${code}']`;
async function drag(from, to) {
  await contains(from).dragAndDrop(to);
  await animationFrame();
}
test("one reading shows what the schedule plans, as such, and the hours of the contract", async () => {
  await openGrid();
  expect(opened).toHaveLength(1);
  expect(".o_biometric_roster_row").toHaveCount(5);
  expect(queryOne(at(0, 0))).toHaveClass("o_biometric_roster_schedule");
  expect(queryOne(at(0, 0))).toHaveText("8–17");
  expect(queryOne(at(0, 0))).toHaveAttribute(
    "aria-label",
    "Ana, M 2: planned by working schedule Office, 8–17"
  );
  expect(queryAllTexts("tbody .o_biometric_roster_sum")[0]).toMatch(/^40:00\s+of 40:00$/);
  expect(queryAllTexts("tfoot td").slice(0, 7)).toEqual(["5", "5", "5", "5", "5", "0", "0"]);
  expect("[data-act=swaps], .o_biometric_roster_swap").toHaveCount(0);
});
test("five people's night week: a shift, one stroke, one call", async () => {
  await openGrid();
  await contains(shift("N")).click();
  await drag(at(0, 0), at(4, 6));
  expect(applied).toHaveLength(1);
  expect(applied[0]).toHaveLength(35);
  expect(applied[0]?.[0]).toEqual([70, "2026-03-02", null, [2]]);
  expect(queryOne(".o_biometric_roster_said").textContent).toMatch(/Night, days: 35/);
  expect(queryOne(at(4, 6))).toHaveText(/^N\s*22–6$/);
});
test("days are selected, then planned; a date or a name selects all of it", async () => {
  await openGrid();
  await drag(at(0, 0), at(1, 1));
  await contains(shift("E")).click();
  expect(applied[0]?.map(([who, date]) => `${who} ${date}`)).toEqual([
    "70 2026-03-02",
    "70 2026-03-03",
    "71 2026-03-02",
    "71 2026-03-03"
  ]);
  await contains("thead th:nth-child(3) button").click();
  await contains(shift("off")).click();
  expect(applied[1]).toHaveLength(5);
  expect(applied[1]?.[0]).toEqual([70, "2026-03-03", [1], []]);
});
test("too little rest is told while the shift is being dragged", async () => {
  await openGrid();
  const pulled = await contains(shift("N")).drag();
  await pulled.moveTo(at(0, 0));
  await animationFrame();
  expect(queryOne(".o_biometric_roster_trouble").textContent).toMatch(
    /Ana, M 2: only 2:00 rest, 11:00 is the least/
  );
  expect(queryOne(at(0, 0))).toHaveClass("o_biometric_roster_conflict");
  expect(applied).toHaveLength(0);
  await pulled.drop(at(0, 0));
  await animationFrame();
  expect(applied).toEqual([[[70, "2026-03-02", null, [2]]]]);
});
test("what was done is taken back, the last first", async () => {
  await openGrid();
  await contains(shift("N")).click();
  await drag(at(0, 0), at(0, 0));
  await drag(at(1, 0), at(1, 0));
  await contains("[data-act=undo]").click();
  await contains("[data-act=undo]").click();
  expect(applied.slice(2)).toEqual([
    [[71, "2026-03-02", [2], null]],
    [[70, "2026-03-02", [2], null]]
  ]);
  expect("[data-act=undo]").toHaveCount(0);
  expect(queryOne(at(0, 0))).toHaveText("8–17");
});
test("what is planned so already says that nothing changed", async () => {
  await openGrid();
  await drag(at(0, 0), at(0, 0));
  await contains(shift("schedule")).click();
  expect(applied).toHaveLength(0);
  expect(queryOne(".o_biometric_roster_said").textContent).toMatch(/Nothing changed/);
});
test("a week is copied to another one, to the same people", async () => {
  await openGrid();
  await contains(shift("N")).click();
  await drag(at(1, 0), at(1, 1));
  await contains(shift("N")).click();
  await contains("[data-act=copy]").click();
  await contains("button[aria-label=Later]").click();
  expect(opened.at(-1)["first"]).toBe("2026-03-09");
  await contains("[data-act=paste]").click();
  expect(applied[1]).toEqual([
    [71, "2026-03-09", null, [2]],
    [71, "2026-03-10", null, [2]]
  ]);
});
test("a pattern fills the selection, each person later in it; a word that is no shift says so", async () => {
  await openGrid();
  await contains("[data-act=pattern]").click();
  expect("form button:disabled").toHaveCount(1);
  await drag(at(0, 0), at(1, 2));
  await contains("#o_biometric_roster_pattern").edit("E Q", { confirm: false });
  await contains("form button").click();
  expect(queryOne("form [role=alert]").textContent).toMatch(/“q” is not a shift/);
  await contains("#o_biometric_roster_pattern").edit("2xE off", { confirm: false });
  await contains("#o_biometric_roster_step").edit("1", { confirm: false });
  await contains("form button").click();
  expect(applied[0]?.map(([, , , wanted]) => wanted)).toEqual([[1], [1], [], [1], [], [1]]);
});
test("keys walk, extend, plan, copy, paste and take back", async () => {
  await openGrid();
  queryOne(at(0, 0)).focus();
  await press("ArrowRight");
  await press(["Shift", "ArrowDown"]);
  await animationFrame();
  expect(".o_biometric_roster_selected").toHaveCount(2);
  expect(queryOne(at(1, 1))).toBeFocused();
  await press("2");
  await animationFrame();
  expect(applied[0]?.map(([who, date]) => [who, date])).toEqual([
    [70, "2026-03-03"],
    [71, "2026-03-03"]
  ]);
  await press(["Control", "c"]);
  await press("ArrowRight");
  await press(["Control", "v"]);
  await animationFrame();
  expect(applied[1]?.map(([, date]) => date)).toEqual(["2026-03-04", "2026-03-04"]);
  await press(["Control", "z"]);
  await animationFrame();
  expect(applied[2]?.[0]?.[3]).toBe(null);
  await press("Delete");
  await animationFrame();
  expect(queryOne(".o_biometric_roster_said").textContent).toMatch(/Nothing changed/);
});
test("a refusal is told and leaves the grid as it was", async () => {
  await openGrid();
  refuse = "Somebody changed the roster of Ana meanwhile.";
  await contains(shift("N")).click();
  await drag(at(0, 0), at(0, 6));
  expect(queryOne("[role=alert]").textContent).toMatch(/changed the roster of Ana meanwhile/);
  expect(queryOne(at(0, 0))).toHaveText("8–17");
  expect("[data-act=undo]").toHaveCount(0);
});
test("who may only read has no bar, and dragging plans nothing", async () => {
  mayWrite = false;
  await openGrid();
  expect(".o_biometric_roster_bar").toHaveCount(0);
  await drag(at(0, 0), at(4, 6));
  expect(applied).toHaveLength(0);
  expect(".o_biometric_roster_selected").toHaveCount(35);
});
test("a department and a month are asked for as they are chosen", async () => {
  await openGrid();
  await contains("select[aria-label=Department]").select("4");
  await contains("[data-span=month]").click();
  expect(opened.at(-1)["department"]).toBe(4);
  expect(opened.at(-1)["days"]).toBe(31);
});
test("a swap that waits marks its dates, and their number opens the list", async () => {
  swaps = { waiting: 2, marks: [[71, "2026-03-03", "Ben gives Night to Cora"]] };
  await openGrid();
  expect(".o_biometric_roster_swap").toHaveCount(1);
  expect(queryOne(at(1, 1))).toHaveAttribute(
    "aria-label",
    "Ben, T 3: planned by working schedule Office, 8–17; a swap waits: Ben gives Night to Cora"
  );
  expect("[data-act=swaps]").toHaveText("Swaps waiting: 2");
  let action;
  patchWithCleanup(getService("action"), {
    doAction: (given) => {
      action = given;
      return Promise.resolve();
    }
  });
  await contains("[data-act=swaps]").click();
  expect(action).toBe("biometric_attendance.biometric_swap_action");
});
