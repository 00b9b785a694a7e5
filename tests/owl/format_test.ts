// What the pure text helpers of the screens give back, at the edges where people mistype and clocks differ.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clampPercent,
  countText,
  dateText,
  formatMinutes,
  hourText,
  parseInstant,
  parseMinutes,
  relativeTime,
  sentenceText,
  spanText,
} from "../../owl_src/format.ts";

Deno.test("formatMinutes() writes h:mm with the sign in front", () => {
  const cases: [number, string][] = [
    [0, "0:00"],
    [5, "0:05"],
    [59, "0:59"],
    [60, "1:00"],
    [450, "7:30"],
    [-15, "-0:15"],
    [-75, "-1:15"],
    [1440, "24:00"],
    [600_005, "10000:05"],
    [-0, "0:00"],
  ];
  for (const [minutes, text] of cases) assert.equal(formatMinutes(minutes), text);
});

Deno.test("formatMinutes() never shows 60 minutes, and nothing for what is no number", () => {
  assert.equal(formatMinutes(119.6), "2:00");
  assert.equal(formatMinutes(-0.4), "0:00");
  assert.equal(formatMinutes(NaN), "");
  assert.equal(formatMinutes(Infinity), "");
});

Deno.test("parseMinutes() reads the ways people write a length of time", () => {
  const cases: [string, number][] = [
    ["7:30", 450],
    ["07:30", 450],
    [":30", 30],
    ["0:00", 0],
    ["7.5h", 450],
    ["7,5h", 450],
    ["7.5 h", 450],
    [".5h", 30],
    ["7.33h", 440],
    ["7h", 420],
    ["7 hours", 420],
    ["7h30", 450],
    ["7h 30m", 450],
    ["7 H 5 MIN", 425],
    ["450", 450],
    ["45 min", 45],
    ["45m", 45],
    ["-0:15", -15],
    ["\u22120:15", -15],
    ["- 90", -90],
    ["+90", 90],
    ["-0", 0],
    ["", 0],
    ["  7:30\u00a0", 450],
    ["\uff17\uff1a\uff13\uff10", 450],
    ["2147483647", 2_147_483_647],
  ];
  for (const [text, minutes] of cases) {
    assert.ok(Object.is(parseMinutes(text), minutes), `${text}: ${parseMinutes(text)}`);
  }
});

Deno.test("parseMinutes() refuses what is no length of time or could be two", () => {
  const refused = [
    "7.5",
    "7,5",
    "7:5",
    "7:60",
    "7:75",
    "7:",
    ":",
    "-",
    "--5",
    "7:30:00",
    "7 30",
    "7h5",
    "7h60",
    "7h 75m",
    "7.5h30",
    "1e3",
    "0x10",
    "h",
    ".h",
    "7:30 pm",
    "seven",
    "2147483648",
    "35791395:00",
    "9".repeat(400),
    "1\n2",
  ];
  for (const text of refused) assert.equal(parseMinutes(text), null, JSON.stringify(text));
});

Deno.test("parseMinutes() reads back whatever formatMinutes() wrote", () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }), (minutes) => {
      assert.equal(parseMinutes(formatMinutes(minutes)), minutes);
    }),
  );
});

Deno.test("parseMinutes() gives whole minutes or null for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const minutes = parseMinutes(text);
      assert.ok(minutes === null || Number.isInteger(minutes));
    }),
  );
});

Deno.test("parseInstant() reads instants of the contract and nothing else", () => {
  assert.equal(parseInstant("2026-03-02T08:00:00.123Z"), Date.UTC(2026, 2, 2, 8, 0, 0, 123));
  assert.equal(parseInstant("2026-03-02T08:00:00Z"), Date.UTC(2026, 2, 2, 8));
  assert.equal(parseInstant("2026-03-02T08:00:00.5Z"), Date.UTC(2026, 2, 2, 8, 0, 0, 500));
  for (
    const other of [
      null,
      false,
      undefined,
      0,
      "",
      "2026-03-02 08:00:00",
      "2026-03-02T08:00:00+01:00",
      "2026-02-30T08:00:00.000Z",
      "2026-03-02T24:00:00.000Z",
      "2026-03-02T08:61:00.000Z",
    ]
  ) assert.equal(parseInstant(other), null, String(other));
});

Deno.test("relativeTime() never makes a silence shorter than the unit it names", () => {
  const now = Date.UTC(2026, 2, 2, 12);
  const cases: [number, string][] = [
    [0, "now"],
    [59_999, "now"],
    [60_000, "1 minute ago"],
    [3_599_999, "59 minutes ago"],
    [89 * 60_000, "1 hour ago"],
    [23.99 * 3_600_000, "23 hours ago"],
    [86_400_000, "yesterday"],
    [400 * 86_400_000, "400 days ago"],
  ];
  for (const [agoMs, text] of cases) assert.equal(relativeTime(now - agoMs, now, "en"), text);
});

Deno.test("relativeTime() shows an instant ahead as ahead, and small clock differences as now", () => {
  const now = Date.UTC(2026, 2, 2, 12);
  assert.equal(relativeTime(now + 30_000, now, "en"), "now");
  assert.equal(relativeTime(now + 5 * 60_000, now, "en"), "in 5 minutes");
  assert.equal(relativeTime(now + 50 * 3_600_000, now, "en"), "in 2 days");
});

Deno.test("relativeTime(), spanText() and countText() speak the reader's language", () => {
  const now = Date.UTC(2026, 2, 2, 12);
  assert.equal(relativeTime(now - 5 * 60_000, now, "de"), "vor 5 Minuten");
  assert.equal(spanText(3 * 3_600_000, "de"), "3 Stunden");
  assert.equal(countText(1234567, "de"), "1.234.567");
  assert.equal(countText(1234567, "en"), "1,234,567");
});

// Turns red when a date of another year is shown without it. test_a_date_says_its_year_where_it_matters of
// the addon expects the same words of Python.
Deno.test("dateText() says the year where it is another one, and shows what is no date", () => {
  assert.equal(dateText("2026-03-02", "en-US", 2026), "Mar 2");
  assert.equal(dateText("2026-03-02", "en-US", 2026, true), "Mon, Mar 2");
  assert.equal(dateText("2025-12-31", "en-US", 2026), "Dec 31, 2025");
  assert.equal(dateText("2025-12-31", "en-US", 2026, true), "Wed, Dec 31, 2025");
  assert.equal(dateText("2026-03-02", "es", 2026), "2 mar");
  assert.equal(dateText("2025-12-31", "de", 2026), "31. Dez. 2025");
  assert.equal(dateText("soon", "en", 2026), "soon");
});

Deno.test("hourText() writes an hour as times are written", () => {
  assert.equal(hourText(17, "en-US").replace(/\s/g, " "), "5:00 PM");
  assert.equal(hourText(0, "en-US").replace(/\s/g, " "), "12:00 AM");
  assert.equal(hourText(7, "de"), "07:00");
});

Deno.test("sentenceText() begins with a capital and leaves the rest as it is", () => {
  assert.equal(sentenceText("missing check-out, late", "en"), "Missing check-out, late");
  assert.equal(sentenceText("überzogen", "de"), "Überzogen");
  assert.equal(sentenceText("", "en"), "");
});

Deno.test("spanText() rounds down and knows no negative length", () => {
  assert.equal(spanText(59_000, "en"), "0 minutes");
  assert.equal(spanText(60_000, "en"), "1 minute");
  assert.equal(spanText(47.9 * 3_600_000, "en"), "1 day");
  assert.equal(spanText(-5, "en"), "0 minutes");
});

Deno.test("clampPercent() keeps a bar inside its frame", () => {
  assert.deepEqual([-1, 0, 42.5, 100, 250].map(clampPercent), [0, 0, 42.5, 100, 100]);
});
