// Owns: a day put right, told and checked: HR asks for a forgotten punch, another person approves, the day is
// whole and the trail says who and why. Must not know: how days are computed.

import type { Branch } from "./branch.ts";
import type { OdooClient, Row } from "./odoo_client.ts";
import { step } from "./trouble.ts";

/** The first and last date among which a day is looked for, `YYYY-MM-DD`. */
export interface Dates {
  readonly from: string;
  readonly to: string;
}

const WHY = "the gate's book shows that they left at five";

/** Returns what was not as it must be, in sentences. */
export async function tellReview(branch: Branch, { from, to }: Dates): Promise<string[]> {
  const officer = await branch.as("officer");
  const domain = [["status", "=", "incomplete"], ["exceptions", "=", "missing_out"], [
    "date",
    ">=",
    from,
  ], ["date", "<=", to]];
  const [day] = await officer.rows("biometric.day", domain, ["employee_id", "date"], {
    order: "date, id",
    limit: 1,
  });
  if (day === undefined) return [];
  const faults: string[] = [];
  const employee = (day["employee_id"] as [number, string])[0];
  const asked = await step(
    "An HR officer asks for the check-out that somebody forgot",
    async () => {
      const request = {
        kind: "add_punch",
        employee_id: employee,
        date: day["date"] ?? null,
        clock: "17:00",
        reason_id: await branch.admin.reference("biometric_attendance.reason_forgot"),
        reason_text: WHY,
      };
      const id = await officer.call("biometric.adjustment", "request", [request]) as number;
      const [open] = await statusOf(branch, employee, `${day["date"]}`);
      if (open?.["status"] !== "incomplete") faults.push("an open request changed a day");
      return id;
    },
    () =>
      `${(day["employee_id"] as [number, string])[1]}, ${day["date"]}; the day stands as it was`,
  );
  await step("Another person approves it", async () => {
    await branch.admin.call("biometric.adjustment", "approve", [[asked]]);
  });
  const [whole] = await statusOf(branch, employee, `${day["date"]}`);
  if (whole?.["status"] === "incomplete") faults.push("the approved punch did not mend its day");
  const about = [["model", "=", "biometric.adjustment"], ["res_id", "=", asked]];
  const trail = await branch.admin.rows("biometric.audit", about, ["action", "user_name"], {
    order: "id",
  });
  const told = trail.map((entry) => `${entry["action"]}`).join(", ");
  if (told !== "adjustment.submit, adjustment.approve") faults.push(`the trail says: ${told}`);
  return [...faults, ...await tellRecords(officer, { from, to })];
}

/** HR prepares the monthly records of the period; each waits for its person. */
async function tellRecords(officer: OdooClient, { from, to }: Dates): Promise<string[]> {
  const domain = [["date_from", "=", from], ["date_to", "=", to]];
  const count = await step("HR prepares monthly records to be certified and signed", async () => {
    const values = { date_from: from, date_to: to, layout: "eu_register" };
    const [dialog = 0] = await officer.create("biometric.month.prepare", [values]);
    await officer.call("biometric.month.prepare", "action_prepare", [[dialog]]);
    return await officer.count("biometric.month.record", domain);
  }, (records) => `${records} records`);
  return count === 0 ? ["no monthly record was prepared"] : [];
}

async function statusOf(branch: Branch, employee: number, date: string): Promise<Row[]> {
  return await branch.admin.rows("biometric.day", [["employee_id", "=", employee], [
    "date",
    "=",
    date,
  ]], ["status"]);
}
