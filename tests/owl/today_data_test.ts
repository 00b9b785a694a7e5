/**
 * Today's numbers and the lists behind them; what the charts are told.
 */
import assert from "node:assert/strict";
import {
  busyHours,
  type Department,
  listOf,
  listOfBranch,
  listOfHour,
  listOfLate,
  listOfOvertime,
  missingFirst,
  STATES,
  type Told,
  total,
  type Trends,
  untilNow,
} from "../../owl_src/today/today_data.ts";
import { chartOf, timeStep } from "../../owl_src/today/chart_config.ts";

const NONE = Object.fromEntries(STATES.map((state) => [state, 0])) as Department["counts"];
const ZEROS: readonly number[] = Array(24).fill(0);

function told(changes: Partial<Told> = {}): Told {
  return {
    date: "Monday",
    clock: "8:40",
    domains: Object.fromEntries(
      STATES.map((one) => [one, [["state", "=", one]]]),
    ) as unknown as Told["domains"],
    departments: [
      { id: 3, name: "Cutting", counts: { ...NONE, at_work: 2 } },
      { id: 4, name: "Sewing", counts: { ...NONE, at_work: 5, not_here: 3 } },
      { id: false, name: "", counts: { ...NONE, at_work: 1, not_here: 1 } },
    ],
    branches: [],
    names: { not_here: [], late: [] },
    hours: { here: ZEROS, due: ZEROS, now: 8 },
    ...changes,
  };
}

const LOOK = { fill: (n: number, of: number) => `${n}/${of}`, text: "black", grid: "grey" };
const WEEK = { from: "2026-03-02", to: "2026-03-08", label: "2 Mar" };

function trends(others: Trends["others"]): Trends {
  return {
    weeks: [WEEK],
    departments: [{ id: 3, name: "Cutting", late: [40] }, { id: false, name: "", late: [12] }],
    others,
    overtime: [90],
    held: [30],
    findings: false,
  };
}

Deno.test("total() is the sum of the departments, those without one included", () => {
  assert.equal(total(told(), "at_work"), 8);
  assert.equal(total(told(), "not_here"), 4);
});

Deno.test("missingFirst() puts whoever misses most people on top and leaves the answer alone", () => {
  const answer = told();
  assert.deepEqual(missingFirst(answer).map(({ id }) => id), [4, false, 3]);
  assert.deepEqual(answer.departments.map(({ id }) => id), [3, 4, false]);
});

Deno.test("a list is the state's own domain, narrowed to what was clicked", () => {
  const answer = told();
  assert.deepEqual(listOf(answer, "late"), [["state", "=", "late"]]);
  assert.deepEqual(listOf(answer, "late", answer.departments[2]), [
    ["state", "=", "late"],
    ["department_id", "=", false],
  ]);
  assert.deepEqual(listOfBranch(answer, { id: 9, name: "Cebu", count: 4 }), [
    ["state", "=", "at_work"],
    ["branch_id", "=", 9],
  ]);
  assert.deepEqual(listOfHour("here_in_hour", 8), [["here_in_hour", "=", 8]]);
});

// Red when "other departments" opens a list that also holds a department with a line of its own.
Deno.test("the line of the others lists neither named departments nor, where shown, none", () => {
  const week = [["date", ">=", "2026-03-02"], ["date", "<=", "2026-03-08"]];
  const late = [...week, ["late_minutes", ">", 0]];
  const some = trends({ ids: [3, false], late: [7] });
  assert.deepEqual(listOfLate(some, 1, WEEK), [...late, ["department_id", "=", false]]);
  assert.deepEqual(listOfLate(some, 2, WEEK), [
    ...late,
    ["department_id", "not in", [3]],
    ["department_id", "!=", false],
  ]);
  assert.deepEqual(listOfLate(trends({ ids: [3], late: [7] }), 2, WEEK), [
    ...late,
    ["department_id", "not in", [3]],
  ]);
  assert.deepEqual(listOfOvertime("held", WEEK), [
    ...week,
    ["overtime_unapproved_minutes", ">", 0],
  ]);
});

Deno.test("hours to come are not known rather than zero; quiet hours are cut off", () => {
  assert.deepEqual(untilNow([1, 2, 3], 1), [1, 2, null]);
  assert.deepEqual(busyHours(told()), { from: 0, to: 23 });
  const here = ZEROS.with(8, 3);
  const due = ZEROS.with(17, 4);
  assert.deepEqual(busyHours(told({ hours: { here, due, now: 8 } })), { from: 7, to: 18 });
  assert.deepEqual(busyHours(told({ hours: { here: ZEROS.with(0, 1), due: ZEROS, now: 8 } })), {
    from: 0,
    to: 1,
  });
});

Deno.test("chartOf() begins at zero, draws lines over bars and says which point was clicked", () => {
  const clicked: number[][] = [];
  const numbers = {
    labels: ["08:00", "09:00"],
    lines: [
      { name: "Here", values: [3, null] },
      { name: "Planned", values: [4, 5], kind: "line" as const },
    ],
    stacked: true,
    format: (value: number) => `${value} people`,
    open: (line: number, point: number) => void clicked.push([line, point]),
  };
  const config = chartOf(numbers, LOOK);
  const [bar, line] = config.data.datasets;
  assert.deepEqual([bar?.type, bar?.data, bar?.backgroundColor], ["bar", [3, null], "0/2"]);
  assert.deepEqual([line?.type, line?.order, bar?.order], ["line", 0, 1]);
  assert.equal(config.options.scales.y.beginAtZero, true);
  assert.equal(config.options.animation, false);
  assert.equal(config.options.scales.y.ticks.callback(2), "2 people");
  config.options.onClick(null, [{ datasetIndex: 1, index: 0 }]);
  config.options.onClick(null, []);
  assert.deepEqual(clicked, [[1, 0]]);
  const long = { name: "x".repeat(10_000), values: [1] };
  const [short] = chartOf({ ...numbers, lines: [long] }, LOOK).data.datasets;
  assert.equal(short?.label.length, 40);
});

Deno.test("an axis of time counts in quarters, halves and hours, up to the highest bar", () => {
  const one = [{ name: "", values: [80, null] }];
  assert.equal(timeStep(one, false), 15);
  const two = [...one, { name: "", values: [100, 20] }];
  assert.deepEqual([timeStep(two, false), timeStep(two, true)], [30, 30]);
  assert.equal(timeStep([{ name: "", values: [780] }], false), 300);
  assert.equal(timeStep([{ name: "", values: [3_600_000] }], false), 600_000);
  assert.equal(timeStep([], true), 15);
});
