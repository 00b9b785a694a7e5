/**
 * The roster grid's days: what is planned under a draft, what breaks a rule, what is asked of Odoo.
 */
import assert from "node:assert/strict";
import {
  type Cell,
  changesOf,
  conflictsAt,
  type Draft,
  type Grid,
  inverse,
  keyOf,
  NO_DRAFT,
  type Own,
  peopleOn,
  type Person,
  plannedAt,
  plannedMinutes,
  swapsAt,
  weekConflicts,
  withCells,
} from "../../owl_src/roster_grid/roster_data.ts";
import {
  type Block,
  copy,
  fill,
  fillPattern,
  holds,
  move,
  pasteByPerson,
  pasteInto,
  readPattern,
} from "../../owl_src/roster_grid/roster_moves.ts";

const SHIFTS = [
  { id: 1, name: "Early", code: "E", start: 360, end: 840, minutes: 480 },
  { id: 2, name: "Night", code: "N", start: 1320, end: 1800, minutes: 450 },
].map((shift) => ({ ...shift, color: 0, hours: "", active: true }));

const OFFICE: Cell = {
  own: null,
  spans: [[480, 720], [780, 1020]],
  minutes: 480,
  kind: "workday",
  leave: false,
  outside: false,
  why: 0,
};
const FREE: Cell = { ...OFFICE, spans: [], minutes: 0, kind: "rest_day" };

function person(id: number, cells: readonly Cell[], rules: Partial<Person> = {}): Person {
  return {
    id,
    name: `Person ${id}`,
    department: "",
    contract: 2400,
    rest: 660,
    week_rest: null,
    week_most: null,
    cells,
    ...rules,
  };
}

/** Two people, Monday to Sunday, the Sunday before and the Monday after beside them. */
function grid(people?: readonly Person[]): Grid {
  const cells = [FREE, ...Array(5).fill(OFFICE), FREE, FREE, OFFICE];
  return {
    first: "2026-03-02",
    label: "",
    days: ["02", "03", "04", "05", "06", "07", "08"].map((day) => ({
      date: `2026-03-${day}`,
      weekday: "",
      number: Number(day),
      off: false,
      today: false,
    })),
    may_write: true,
    departments: [],
    shifts: SHIFTS,
    people: people ?? [person(7, cells), person(8, cells)],
    offset: 0,
    total: 2,
    page: 60,
    reasons: ["office"],
    swaps: { waiting: 1, marks: [[8, "2026-03-03", "Ben gives Night to Cora"]] },
  };
}

const WEEK: Block = { from: [1, 6], to: [0, 0] };
const one = (row: number, column: number, own: Own): Draft => new Map([[keyOf(row, column), own]]);

Deno.test("a draft lies over what stands there, and its shifts bring their own hours", () => {
  const night = one(0, 0, [2]);
  assert.deepEqual(plannedAt(grid(), night, 0, 0).spans, [[1320, 1800]]);
  assert.equal(plannedAt(grid(), night, 1, 0), grid().people[1]?.cells[1]);
  assert.equal(plannedMinutes(grid(), NO_DRAFT, 0), 2400);
  assert.equal(plannedMinutes(grid(), night, 0), 2400 - 480 + 450);
  assert.equal(plannedMinutes(grid(), one(0, 0, []), 0), 2400 - 480);
  assert.equal(peopleOn(grid(), one(0, 0, []), 0), 1);
});

// Red when a conflict is seen only after it was written, or the day before the first is forgotten.
Deno.test("too little rest is seen on both sides, across the edge of the grid too", () => {
  const rest = { kind: "rest", minutes: 120, least: 660 };
  assert.deepEqual(conflictsAt(grid(), one(0, 0, [2]), 0, 0), [rest]);
  const late = { ...OFFICE, own: [2], spans: [[1320, 1800]] as const };
  const cells = [late, ...Array(7).fill(FREE), FREE];
  const early = one(0, 0, [1]);
  assert.deepEqual(conflictsAt(grid([person(7, cells)]), early, 0, 0), [
    { kind: "rest", minutes: 0, least: 660 },
  ]);
  assert.deepEqual(conflictsAt(grid([person(7, cells, { rest: null })]), early, 0, 0), []);
});

Deno.test("work over work, leave and time outside employment are conflicts of the roster alone", () => {
  const odd = { ...OFFICE, leave: true, outside: true };
  const there = grid([person(7, [FREE, odd, FREE, FREE, FREE, FREE, FREE, FREE, FREE])]);
  assert.deepEqual(conflictsAt(there, NO_DRAFT, 0, 0), []);
  const kinds = conflictsAt(there, one(0, 0, [1]), 0, 0).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["outside", "leave"]);
  assert.deepEqual(conflictsAt(there, one(0, 0, []), 0, 0), []);
  const both = new Map([[keyOf(0, 1), [2]], [keyOf(0, 2), [1]]]);
  const short = { ...SHIFTS[0]!, start: 240 };
  const earlier = { ...there, shifts: [short, SHIFTS[1]!] };
  assert.deepEqual(conflictsAt(earlier, both, 0, 1), [{ kind: "overlap" }]);
});

Deno.test("a week is too long or has too little rest only where the rule set says so", () => {
  const nights = fill({ from: [0, 0], to: [0, 6] }, [2]);
  assert.deepEqual(weekConflicts(grid(), nights, 0), []);
  const cells = grid().people[0]!.cells;
  const strict = grid([person(7, cells, { week_most: 2880, week_rest: 2160 })]);
  assert.deepEqual(weekConflicts(strict, nights, 0), [
    { kind: "week_most", minutes: 3150, most: 2880 },
    // Monday before the first night
    { kind: "week_rest", minutes: 1320, least: 2160 },
  ]);
  // what the schedule alone plans is not judged
  const stricter = grid([person(7, cells, { week_most: 2000 })]);
  assert.deepEqual(weekConflicts(stricter, NO_DRAFT, 0), []);
  const five = fill({ from: [0, 0], to: [0, 4] }, [1]);
  assert.deepEqual(weekConflicts(strict, five, 0), []);
});

// Red when what stands there already is written again, or undo asks for something else than before.
Deno.test("only what differs is asked for, with what was; undo asks for the same backwards", () => {
  const changes = changesOf(grid(), new Map([[keyOf(0, 0), [2]], [keyOf(1, 0), null]]));
  assert.deepEqual(changes, [[7, "2026-03-02", null, [2]]]);
  assert.deepEqual(inverse(changes), [[7, "2026-03-02", [2], null]]);
});

Deno.test("a swap that waits is told on its person's date alone", () => {
  assert.deepEqual(swapsAt(grid(), 1, 1), ["Ben gives Night to Cora"]);
  assert.deepEqual([swapsAt(grid(), 0, 1), swapsAt(grid(), 1, 2)], [[], []]);
});

Deno.test("five people's week of nights is one block", () => {
  const draft = fill({ from: [0, 0], to: [4, 6] }, [2]);
  assert.equal(draft.size, 35);
  assert.ok(holds(WEEK, 1, 3) && !holds(WEEK, 2, 3) && !holds(null, 0, 0));
});

Deno.test("a pattern is read by codes and names, repeated, and refuses what means nothing", () => {
  assert.deepEqual(readPattern("N night, off . 2xE 2*off", SHIFTS), {
    days: [[2], [2], [], null, [1], [1], [], []],
  });
  assert.deepEqual(readPattern("N Q", SHIFTS), { unknown: "q" });
  assert.deepEqual(readPattern("  ", SHIFTS), { days: [] });
  const draft = fillPattern({ from: [0, 0], to: [1, 3] }, [[1], [2], []], 1);
  assert.deepEqual([...draft.values()], [[1], [2], [], [1], [2], [], [1], [2]]);
});

Deno.test("a block is pasted from a corner on, repeated, and never over the edge", () => {
  const there = withCells(grid(), {
    cells: [[7, "2026-03-02", { ...OFFICE, own: [2], why: 0 }]],
    reasons: ["roster: Night"],
  });
  const clip = copy(there, { from: [0, 0], to: [0, 1] });
  assert.deepEqual(clip.rows, [{ personId: 7, own: [[2], null] }]);
  const pasted = pasteInto(there, clip, { from: [1, 0], to: [1, 3] });
  assert.deepEqual([...pasted], [["1:0", [2]], ["1:1", null], ["1:2", [2]], ["1:3", null]]);
  const edge = pasteInto(there, clip, { from: [1, 6], to: [1, 6] });
  assert.deepEqual([...edge], [["1:6", [2]]]);
});

Deno.test("a week goes to the same people, whatever page or order they stand in", () => {
  const clip = { rows: [{ personId: 8, own: [[1], [], null] }, { personId: 99, own: [[2]] }] };
  assert.deepEqual([...pasteByPerson(grid(), clip)], [["1:0", [1]], ["1:1", []], ["1:2", null]]);
});

Deno.test("what is moved leaves its place to the schedule, a copy does not; nothing goes over the edge", () => {
  const there = withCells(grid(), {
    cells: [[7, "2026-03-02", { ...OFFICE, own: [2] }]],
    reasons: ["roster: Night"],
  });
  const block: Block = { from: [0, 0], to: [0, 0] };
  assert.deepEqual([...move(there, block, [1, 1], false)], [["0:0", null], ["1:1", [2]]]);
  assert.deepEqual([...move(there, block, [1, 1], true)], [["1:1", [2]]]);
  assert.equal(move(there, block, [0, -1], false).size, 0);
  assert.equal(move(there, block, [0, 0], false).size, 0);
});

Deno.test("cells that Odoo answers take their place with their own reason", () => {
  const there = withCells(grid(), {
    cells: [[8, "2026-03-04", { ...FREE, own: [], why: 0 }], [99, "2026-03-04", FREE]],
    reasons: ["roster: day off"],
  });
  const cell = there.people[1]?.cells[3];
  assert.deepEqual([cell?.own, there.reasons[cell?.why ?? -1]], [[], "roster: day off"]);
  assert.equal(there.people[0]?.cells[3], OFFICE);
});

interface Example {
  readonly why: string;
  readonly week: readonly string[];
  readonly leave?: readonly number[];
  readonly outside?: readonly number[];
  readonly limits: { rest?: number; week_rest?: number; week_most?: number };
  readonly date?: number;
  readonly conflicts: readonly { kind: string; minutes: number; limit: number }[];
}

interface Book {
  readonly shifts: Readonly<
    Record<string, { spans: [number, number][]; minutes: number; rostered: boolean }>
  >;
  readonly dates: readonly Example[];
  readonly weeks: readonly Example[];
}

const BOOK = JSON.parse(
  Deno.readTextFileSync(new URL("../contract/roster.json", import.meta.url)),
) as Book;

/** The week of an example on the first row of the grid. */
function exampleGrid(example: Example): Grid {
  const cells = example.week.map((name, place) => {
    const shift = BOOK.shifts[name];
    assert.ok(shift, name);
    return {
      ...FREE,
      own: shift.rostered ? [1] : null,
      spans: shift.spans,
      minutes: shift.minutes,
      leave: example.leave?.includes(place) ?? false,
      outside: example.outside?.includes(place) ?? false,
    };
  });
  const limits = { rest: null, week_rest: null, week_most: null, ...example.limits };
  return { ...grid(), people: [person(7, cells, limits)] };
}

// Red when the grid judges otherwise than Odoo does when a swap is asked for (tests/engine).
Deno.test("every example of a plan is judged as Odoo judges it", () => {
  const told = (conflict: object) => {
    const { kind, minutes, least, most } = conflict as Record<string, number | string>;
    return { kind, minutes: minutes ?? 0, limit: least ?? most ?? 0 };
  };
  for (const example of BOOK.dates) {
    const found = conflictsAt(exampleGrid(example), NO_DRAFT, 0, (example.date ?? 0) - 1);
    assert.deepEqual(found.map(told), example.conflicts, example.why);
  }
  for (const example of BOOK.weeks) {
    const found = weekConflicts(exampleGrid(example), NO_DRAFT, 0);
    assert.deepEqual(found.map(told), example.conflicts, example.why);
  }
});
