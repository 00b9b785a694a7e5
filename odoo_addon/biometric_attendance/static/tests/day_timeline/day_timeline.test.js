// generated from owl_src/day_timeline/day_timeline.test.ts, do not edit
import { expect, test } from "@odoo/hoot";
import { hover, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
const DERIVATION = {
  shifts: [{ shift: "day", start: "2026-03-04T00:00Z", end: "2026-03-04T09:00Z" }],
  segments: [
    ["2026-03-04T00:00Z", "2026-03-04T04:00Z", "regular"],
    ["2026-03-04T05:00Z", "2026-03-04T06:00Z", "brand_new_class"]
  ],
  sessions: [
    { shift: "day", in: "2026-03-03T23:52Z", out: "2026-03-04T04:01Z" },
    { shift: "day", in: "2026-03-04T05:00Z", out: null }
  ],
  paid: [
    {
      shift: "day",
      worked: [],
      moves: [
        ["round_in", "2026-03-03T23:52Z", "2026-03-04T00:00Z"],
        ["round_break", 59, 60]
      ],
      unpaid_gaps: [["2026-03-04T04:01Z", "2026-03-04T05:00Z"]],
      deductions: [["meal", [["2026-03-04T03:00Z", "2026-03-04T03:30Z"]]]],
      clamped_minutes: 12
    }
  ],
  ignored: [
    { punch: "k2", at: "2026-03-03T23:52:20Z", reason: "double_tap", of: "k1" },
    { punch: "k9", at: "2026-03-04T04:30Z", reason: "brand_new_reason" }
  ]
};
class Day extends models.Model {
  _name = "test.day";
  derivation = fields.Json();
  text = fields.Text();
  tz = fields.Char();
  _records = [
    { id: 1, derivation: DERIVATION, text: JSON.stringify(DERIVATION), tz: "Asia/Manila" },
    { id: 2, derivation: false, text: "{broken", tz: "Nowhere/At_All" }
  ];
}
defineMailModels();
defineModels([Day]);
const form = (field, resId) => ({
  type: "form",
  resModel: "test.day",
  resId,
  arch: `<form><field name="${field}" widget="day_timeline" options="{'zone_field': 'tz'}"/></form>`
});
test("draws shift, presence, ignored punches and counted minutes", async () => {
  await mountView(form("derivation", 1));
  expect(".o_day_timeline_shift").toHaveCount(1);
  expect(".o_day_timeline_closed").toHaveCount(1);
  expect(".o_day_timeline_open").toHaveCount(1);
  expect(".o_day_timeline_mark").toHaveCount(2);
  expect(".o_day_timeline_bar.o_day_timeline_regular").toHaveCount(2);
});
test("what is pointed at is read off below the bars, and no bubble covers them", async () => {
  await mountView(form("derivation", 1));
  expect(".o_day_timeline [title], .o_day_timeline [data-tooltip]").toHaveCount(0);
  expect(".o_day_timeline_reading").toHaveText("");
  await hover(".o_day_timeline_bar.o_day_timeline_regular:first");
  await animationFrame();
  expect(".o_day_timeline_reading").toHaveText(/Regular .*\b8:00.* – .*12:00/);
  await hover(".o_day_timeline_legend");
  await animationFrame();
  expect(".o_day_timeline_reading").toHaveText("");
});
test("says the same in words, in the day's zone, unknown codes as written", async () => {
  await mountView(form("text", 1));
  const lines = queryAllTexts(".o_day_timeline_lines li");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/\b7:52.*12:01.*\(4:09\)/);
  expect(lines[1]).toMatch(/\b7:52.*not used: repeated tap/);
  expect(lines[2]).toMatch(/12:30.*not used: brand new reason/);
  expect(lines[3]).toMatch(/\b1:00.*no out punch/);
  expect(queryAllTexts(".o_day_timeline_legend li")).toEqual([
    "Regular 4:00",
    "brand new class 1:00",
    "Ignored punch"
  ]);
});
test("says which rule took, gave or moved which minutes", async () => {
  await mountView(form("derivation", 1));
  const steps = queryAllTexts(".o_day_timeline_steps li");
  expect(steps).toHaveLength(5);
  expect(steps[0]).toMatch(/\b7:52.* counts as 8:00.*: check-in rounded/);
  expect(steps[1]).toBe("Break of 0:59 counts as 1:00: rounded");
  expect(steps[2]).toMatch(/12:01.*\b1:00.*\(0:59\) break, not paid/);
  expect(steps[3]).toMatch(/11:00.*11:30.*\(0:30\) deducted: meal/);
  expect(steps[4]).toBe("0:12 outside the shift not counted");
});
test("a day that is not computed or not readable leaves the form standing", async () => {
  await mountView(form("derivation", 2));
  expect("[name=derivation]").toHaveText("Nothing to display for this day.");
});
test("broken JSON is no drawing and no error", async () => {
  await mountView(form("text", 2));
  expect("[name=text]").toHaveText("Nothing to display for this day.");
});
