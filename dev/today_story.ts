// Owns: today of a branch on a real Odoo: an HR officer makes shifts and the roster, and what Odoo says
// of everybody is compared with the plan. Must not know: what was planned, or how punches travel.

import type { Branch } from "./branch.ts";
import type { OdooClient, Row } from "./odoo_client.ts";
import { countStandings, type PlannedShift, SHIFTS, type Standing, type Today } from "./today.ts";
import { waitsFor } from "./trouble.ts";

const PATIENCE_MS = 60_000;
const LOOK_MS = 500;

/** The officer's own work: three shifts, and who has which today. */
export async function makeRoster(officer: OdooClient, branch: Branch, today: Today): Promise<void> {
  const names = Object.keys(SHIFTS) as (keyof typeof SHIFTS)[];
  const ids = await officer.create("biometric.shift", names.map((name) => shiftRow(SHIFTS[name])));
  const idOf = new Map(names.map((name, at) => [name, ids[at] ?? 0]));
  const rows = today.people.map(({ pin, shift }): Row => ({
    employee_id: branch.employees.get(pin) ?? 0,
    date: today.date,
    shift_id: shift === null ? false : idOf.get(shift) ?? 0,
  }));
  await officer.create("biometric.roster", rows);
}

function shiftRow({ name, code, start, end, breakFrom = 0, breakTo = 0 }: PlannedShift): Row {
  return { name, code, start, end, break_start: breakFrom, break_end: breakTo };
}

/** What a stored day says of its person, in the words of the plan. */
function standingOf(day: Row | undefined): Standing | string {
  if (day === undefined) return "no day";
  const status = String(day["status"]);
  const late = Number(day["late_minutes"]) > 0;
  if (status === "at_work") return late ? "late, at work" : "at work";
  if (status === "present") return "done";
  if (status === "rest_day") return "off";
  return status;
}

/** Pending is everybody who may still come, whether the shift has begun or not. */
const READS: Readonly<Partial<Record<Standing, string>>> = {
  "not yet here": "pending",
  "due later": "pending",
};

/** Waits until Odoo says of everybody what was planned; afterwards what it says otherwise. */
export async function compareToday(
  officer: OdooClient,
  branch: Branch,
  today: Today,
): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  waitsFor("the days of today to be computed");
  for (;;) {
    const faults = await todayFaults(officer, branch, today);
    if (faults.length === 0 || performance.now() > deadline) {
      waitsFor(null);
      return faults;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function todayFaults(
  officer: OdooClient,
  branch: Branch,
  today: Today,
): Promise<string[]> {
  const domain = [["date", "=", today.date]];
  const fields = ["employee_id", "status", "late_minutes"];
  const days = await officer.rows("biometric.day", domain, fields);
  const byEmployee = new Map(days.map((day) => [(day["employee_id"] as number[])[0], day]));
  return today.people.flatMap(({ pin, standing }) => {
    const day = byEmployee.get(branch.employees.get(pin) ?? 0);
    const said = standingOf(day);
    if (said === (READS[standing] ?? standing)) return [];
    return [`PIN ${pin} is ${standing} today; Odoo says ${said}`];
  });
}

/** `20 at work, 3 late, at work …` */
export function standingsText(): string {
  return [...countStandings()].map(([standing, count]) => `${count} ${standing}`).join("; ");
}
