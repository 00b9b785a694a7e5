/**
 * The review desk's days: counted so that the baskets add up (RV1), walked through in order.
 */
import assert from "node:assert/strict";
import {
  allDays,
  cleanToApprove,
  countBaskets,
  countKinds,
  DeskShapeError,
  mondayOf,
  nextDay,
  readDesk,
  readProposals,
  weeksOf,
  withCells,
  workOf,
} from "../../owl_src/review_desk/desk_data.ts";

const ALL = { basket: null, kind: null, search: "" } as const;

function answer() {
  return {
    from: "2026-03-01",
    to: "2026-03-31",
    label: "March",
    previous: "2026-02-28",
    next: "2026-04-01",
    kinds: { missing_out: "missing check-out", late: "late" },
    may_act: true,
    people: [
      {
        id: 7,
        name: "Ana Reyes",
        department: "Sewing",
        days: [
          [1, "2026-03-02", "clean", 480, 0, [], false],
          [2, "2026-03-03", "look_at", 450, 0, ["late"], false],
          [3, "2026-03-04", "must_fix", 0, 0, ["missing_out", "late"], false],
        ],
      },
      {
        id: 8,
        name: "Ben Cruz",
        department: "",
        days: [
          [4, "2026-03-02", "must_fix", 0, 0, ["missing_out"], false],
          [5, "2026-03-03", "pending", 0, 0, [], false],
          [6, "2026-03-04", "clean", 480, 0, [], true],
        ],
      },
    ],
  };
}

Deno.test("RV1: the four baskets add up to the days of the period, kinds count each of theirs", () => {
  const days = allDays(readDesk(answer()));
  const counts = countBaskets(days);
  assert.deepEqual(counts, { must_fix: 2, look_at: 1, pending: 1, clean: 2 });
  assert.equal(Object.values(counts).reduce((sum, n) => sum + n, 0), days.length);
  assert.deepEqual(countKinds(days), [["late", 2], ["missing_out", 2]]);
  assert.equal(cleanToApprove(days), 1);
});

Deno.test("the work begins with what must be fixed and keeps a person's days together", () => {
  const desk = readDesk(answer());
  const ids = (filter: Parameters<typeof workOf>[1]) => workOf(desk, filter).map(({ id }) => id);
  assert.deepEqual(ids(ALL), [3, 4, 2]);
  assert.deepEqual(ids({ ...ALL, basket: "pending" }), [5]);
  assert.deepEqual(ids({ ...ALL, kind: "missing_out" }), [3, 4]);
  assert.deepEqual(ids({ ...ALL, kind: "late", basket: "look_at" }), [2]);
  assert.deepEqual(ids({ ...ALL, search: " ben " }), [4]);
});

Deno.test("what an act answers takes the place of its days, and the counts follow", () => {
  const desk = readDesk(answer());
  const after = withCells(desk, [[7, [3, "2026-03-04", "clean", 540, 0, [], false]]]);
  assert.deepEqual(countBaskets(allDays(after)), { must_fix: 1, look_at: 1, pending: 1, clean: 3 });
  assert.equal(allDays(after).length, 6);
  assert.equal(after.people[1], desk.people[1]);
  assert.equal(
    withCells(desk, [[9, [99, "2026-03-04", "clean", 0, 0, [], false]]]).people.length,
    2,
  );
});

Deno.test("after a day is done the next one is at hand", () => {
  const desk = readDesk(answer());
  const before = workOf(desk, ALL);
  const done = (id: number) =>
    workOf(withCells(desk, [[7, [id, "2026-03-04", "clean", 540, 0, [], false]]]), ALL);
  assert.equal(nextDay(before, done(3), 3), 4);
  assert.equal(nextDay(before, before.slice(0, 2), 2), 4, "the last one was done: the new last");
  assert.equal(nextDay(before, [], 3), null);
  assert.equal(nextDay(before, before, 3), 4, "a request that waits for somebody: go on");
});

Deno.test("weeks of a period begin on Mondays and cover it", () => {
  assert.deepEqual(weeksOf(readDesk(answer())), [
    "2026-02-23",
    "2026-03-02",
    "2026-03-09",
    "2026-03-16",
    "2026-03-23",
    "2026-03-30",
  ]);
  assert.equal(mondayOf("2026-03-29"), "2026-03-23");
});

Deno.test("days without a proposal have none", () => {
  const found = readProposals({
    3: { time: "17:02", next_day: false, direction: "out", percent: 93, level: "likely" },
    4: { time: false, next_day: false, direction: false, percent: 0, level: "none" },
  });
  assert.deepEqual([...found.keys()], [3]);
  assert.equal(found.get(3)?.level, "likely");
});

Deno.test("an answer of another shape is refused by name, not half read", () => {
  assert.throws(() => readDesk([]), new DeskShapeError("desk"));
  const odd = answer();
  odd.people[0]!.days[0]![2] = "green";
  assert.throws(() => readDesk(odd), new DeskShapeError("basket green"));
});
