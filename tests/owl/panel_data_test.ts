// What the time account panel draws.
import assert from "node:assert/strict";
import { bars, daysBetween, nextLoss } from "../../owl_src/cto_panel/panel_data.ts";

const lot = (expires_on: string | false, left: number, source = "s") => ({
  source,
  earned_on: "2026-03-01",
  expires_on,
  left,
});

Deno.test("bars() adds up what ends on one date, the first to end first, without end last", () => {
  const found = bars(
    [lot(false, 60), lot("2026-12-31", 400), lot("2026-04-01", 100), lot("2026-12-31", 80)],
    "2026-03-10",
  );
  assert.deepEqual(
    found.map(({ date, minutes, percent, soon }) => [date, minutes, percent, soon]),
    [
      ["2026-04-01", 100, 21, true],
      ["2026-12-31", 480, 100, false],
      [null, 60, 13, false],
    ],
  );
});

Deno.test("bars() leaves a small one wide enough to be seen, and none for nothing", () => {
  assert.equal(bars([lot(false, 1), lot("2027-01-01", 9_000)], "2026-03-10")[1]?.percent, 4);
  assert.deepEqual(bars([], "2026-03-10"), []);
});

Deno.test("thirty days before its end a lot is soon, thirty-one not", () => {
  const soon = (date: string) => bars([lot(date, 1)], "2026-03-10")[0]?.soon;
  assert.deepEqual([soon("2026-04-09"), soon("2026-04-10")], [true, false]);
  assert.equal(daysBetween("2026-02-28", "2026-03-01"), 1);
});

Deno.test("nextLoss() passes over what a planned leave takes", () => {
  const loss = { date: "2026-12-31", minutes: 30, days: 200 };
  assert.equal(nextLoss([{ date: "2026-04-01", minutes: 0, days: 3 }, loss]), loss);
  assert.equal(nextLoss([]), null);
  assert.equal(nextLoss(undefined), null);
});
