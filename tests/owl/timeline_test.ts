// The drawing of a day, from JSON as the day engine writes it.
import assert from "node:assert/strict";
import fc from "fast-check";
import { clockIn, draw, knownZone, readDay } from "../../owl_src/day_timeline/timeline.ts";

const DAY = {
  work_date: "2026-03-04",
  zone: "Asia/Manila",
  shifts: [{ shift: "day", start: "2026-03-04T00:00Z", end: "2026-03-04T09:00Z" }],
  segments: [
    ["2026-03-04T00:00Z", "2026-03-04T04:00Z", "regular"],
    ["2026-03-04T05:00Z", "2026-03-04T10:00Z", "overtime"],
  ],
  derivation: {
    sessions: [
      { shift: "day", in: "2026-03-03T23:52:11Z", out: "2026-03-04T04:01Z" },
      { shift: "day", in: "2026-03-04T05:00Z", out: null, in_punch: "k3" },
    ],
    ignored: [{ punch: "k2", at: "2026-03-03T23:52:20Z", reason: "double_tap", of: "k1" }],
  },
};

Deno.test("readDay() reads the text, the object and the derivation alone", () => {
  const day = readDay(JSON.stringify(DAY));
  assert.deepEqual(day, readDay(DAY));
  assert.equal(day?.sessions.length, 2);
  assert.equal(day?.sessions[1]?.toMs, null);
  assert.equal(day?.leftOut[0]?.reason, "double_tap");
  assert.equal(readDay(DAY.derivation)?.sessions.length, 2);
});

Deno.test("readDay() gives null where there is nothing to draw", () => {
  for (const value of [false, null, "", "{", "[]", "3", {}, { derivation: {} }, { sessions: [] }]) {
    assert.equal(readDay(value), null, JSON.stringify(value));
  }
});

Deno.test("readDay() leaves out entries without a readable instant and keeps the rest", () => {
  const day = readDay({
    sessions: [{ in: "2026-03-04 08:00" }, { in: "2026-03-04T08:00Z", out: "x" }, 5, null],
    segments: [["2026-03-04T09:00Z", "2026-03-04T08:00Z", "regular"], "no"],
  });
  assert.deepEqual(day?.sessions, [
    { fromMs: Date.UTC(2026, 2, 4, 8), toMs: null, assumed: false },
  ]);
  assert.deepEqual(day?.segments, []);
});

// Turns red when a kind of step is dropped, or when one that cannot be read takes the others with it.
Deno.test("readDay() reads what the rules did, and leaves out what cannot be read", () => {
  const day = readDay({
    ...DAY,
    derivation: {
      ...DAY.derivation,
      paid: [
        {
          moves: [
            ["round_in", "2026-03-03T23:52Z", "2026-03-04T00:00Z"],
            ["round_break", 59, 60],
            ["snap_out", "noon", "2026-03-04T00:00Z"],
            7,
          ],
          unpaid_gaps: [["2026-03-04T04:00Z", "2026-03-04T05:00Z"], ["x"]],
          paid_gaps: [["2026-03-04T06:00Z", "2026-03-04T06:10Z"]],
          deductions: [["meal", [["2026-03-04T03:00Z", "2026-03-04T03:30Z"]]], [3, []], "no"],
          clamped_minutes: 12,
        },
        null,
        { clamped_minutes: "12" },
      ],
      undecided: ["k1"],
      adjustments: ["a", "b"],
    },
  });
  assert.deepEqual(day?.steps.map((step) => step.kind), [
    "move",
    "break",
    "paid_gap",
    "unpaid_gap",
    "deduction",
    "clamped",
  ]);
  assert.deepEqual([day?.undecided, day?.adjustments], [1, 2]);
});

Deno.test("draw() spans whole local hours around everything", () => {
  const drawing = draw(readDay(DAY)!, "en-GB");
  assert.deepEqual(drawing.ticks.map((tick) => tick.label), [
    "07:00",
    "08:00",
    "09:00",
    "10:00",
    "11:00",
    "12:00",
    "13:00",
    "14:00",
    "15:00",
    "16:00",
    "17:00",
    "18:00",
  ]);
  assert.equal(drawing.ticks[0]?.left, 0);
  assert.equal(drawing.ticks.at(-1)?.left, 100);
  assert.equal(drawing.segments[1]?.kind, "overtime");
});

Deno.test("draw() puts ticks on the local hour in a half-hour zone", () => {
  const day = readDay({
    zone: "Asia/Kolkata",
    sessions: [{ in: "2026-03-04T03:40Z", out: "2026-03-04T06:00Z" }],
  });
  assert.deepEqual(draw(day!, "en-GB").ticks.map((tick) => tick.label), [
    "09:00",
    "10:00",
    "11:00",
    "12:00",
  ]);
});

Deno.test("draw() passes both changes of summer time with true lengths", () => {
  // Berlin, 2026-03-29: 02:00 does not exist; 22:00 to 04:00 local are five hours.
  const day = readDay({
    zone: "Europe/Berlin",
    sessions: [{ in: "2026-03-28T21:00Z", out: "2026-03-29T02:00Z" }],
  });
  const labels = draw(day!, "en-GB").ticks.map((tick) => tick.label);
  assert.deepEqual(labels, ["22:00", "23:00", "00:00", "01:00", "03:00", "04:00"]);
  const autumn = readDay({
    zone: "Europe/Berlin",
    sessions: [{ in: "2026-10-25T00:00Z", out: "2026-10-25T02:00Z" }],
  });
  assert.deepEqual(draw(autumn!, "en-GB").ticks.map((tick) => tick.label), [
    "02:00",
    "02:00",
    "03:00",
  ]);
});

Deno.test("draw() shows an open session, and one whose end a rule assumed, as such", () => {
  const drawing = draw(
    readDay({
      sessions: [
        { in: "2026-03-04T08:00Z", out: "2026-03-04T12:00Z", assumed: true },
        { in: "2026-03-04T13:00Z", out: null },
      ],
    })!,
    "en",
  );
  assert.deepEqual(drawing.sessions.map((bar) => bar.kind), ["assumed", "open"]);
  assert.ok(drawing.sessions[1]!.width > 0);
  assert.equal(drawing.sessions[1]!.toMs, null);
});

Deno.test("draw() keeps a lone punch visible on an axis of an hour", () => {
  const drawing = draw(
    readDay({ ignored: [{ at: "2026-03-04T08:00Z", reason: "between" }] })!,
    "en",
  );
  assert.equal(drawing.ticks.length, 2);
  assert.equal(drawing.leftOut[0]?.left, 0);
});

Deno.test("knownZone() turns an unknown zone into the reader's own", () => {
  assert.equal(knownZone("Nowhere/At_All"), undefined);
  assert.equal(knownZone(null), undefined);
  assert.equal(clockIn(knownZone("Asia/Manila"), "en-GB")(Date.UTC(2026, 2, 4)), "08:00");
});

// Red when one screen says 08:00 AM and the list beside it 8:00 AM.
Deno.test("clockIn() writes a time as the lists of days do", () => {
  const said = (locale: string) =>
    clockIn("Asia/Manila", locale)(Date.UTC(2026, 2, 4)).replace(/\s/g, " ");
  assert.deepEqual(["en-US", "de", "es"].map(said), ["8:00 AM", "08:00", "8:00"]);
});

Deno.test("draw() keeps everything between 0 and 100 for any day", () => {
  const instant = fc.date({
    min: new Date("2000-01-01T00:00:00Z"),
    max: new Date("2099-12-31T00:00:00Z"),
    noInvalidDate: true,
  }).map((date) => `${date.toISOString().slice(0, 19)}Z`);
  const session = fc.record({ in: instant, out: fc.option(instant) });
  const ignored = fc.record({ at: instant, reason: fc.string() });
  const zone = fc.constantFrom("Asia/Manila", "Asia/Kolkata", "America/St_Johns", "UTC");
  const anyDay = fc.record({
    zone,
    sessions: fc.array(session, { maxLength: 4 }),
    ignored: fc.array(ignored, { maxLength: 4 }),
  });
  fc.assert(fc.property(anyDay, (value) => {
    const day = readDay(value);
    if (!day) return;
    const drawing = draw(day, "en");
    assert.ok(drawing.ticks.length >= 2 && drawing.ticks.length <= 13);
    for (const bar of [...drawing.sessions, ...drawing.segments]) {
      assert.ok(bar.left >= 0 && bar.width >= 0 && bar.left + bar.width <= 100.001);
    }
    for (const mark of drawing.leftOut) assert.ok(mark.left >= 0 && mark.left <= 100);
  }));
});
