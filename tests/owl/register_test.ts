// One's own month as a file: what is in it, and that no cell of it runs in a spreadsheet.
import assert from "node:assert/strict";
import { registerCsv } from "../../owl_src/my_time/register.ts";

const DAY = {
  date: "2026-03-03",
  status: "Present",
  in: "08:00",
  out: "17:02",
  worked: 482,
  overtime: 2,
  late: 0,
  findings: "",
};

Deno.test("RC1: a month's days, the oldest first, with minutes as whole numbers", () => {
  const text = registerCsv([
    "Date",
    "Status",
    "In",
    "Out",
    "Worked",
    "Overtime",
    "Late",
    "Findings",
  ], [
    DAY,
    { ...DAY, date: "2026-03-02", out: "01:02 +1" },
  ]);
  assert.equal(
    text,
    "\uFEFFDate,Status,In,Out,Worked,Overtime,Late,Findings\r\n" +
      "2026-03-02,Present,08:00,01:02 +1,482,2,0,\r\n" +
      "2026-03-03,Present,08:00,17:02,482,2,0,\r\n",
  );
});

Deno.test("a cell that a spreadsheet would run is text, one with a comma is quoted", () => {
  const [, row] = registerCsv([], [{ ...DAY, status: '=1+1,"x"', worked: -5 }]).split("\r\n");
  assert.equal(row, `2026-03-03,"'=1+1,""x""",08:00,17:02,-5,2,0,`);
});
