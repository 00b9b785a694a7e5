// Owns: time off for overtime, told and checked: a balance is brought in, the employee takes a day of it and
// asks to be paid for a part, others decide. Must not know: how an account is kept.

import type { Branch } from "./branch.ts";
import type { OdooClient, Row } from "./odoo_client.ts";
import { dayAfter } from "../tests/sim/push/week.ts";
import type { Place } from "./place.ts";
import { step } from "./trouble.ts";

interface Account {
  readonly balance: number;
  readonly entries: readonly { kind: string; minutes: number }[];
  readonly losses: readonly { date: string; minutes: number }[];
}

const HOUR = 60;
/** Hours of the two lots, and how many days the first of them can still be used. */
const LOTS = { soon: 16, later: 8, days: 30 } as const;
const PAID_MINUTES = 2 * HOUR;

/** Returns what was not as it must be, in sentences. */
export async function tellBank(
  branch: Branch,
  who: { pin: string; name: string },
  place: Pick<Place, "today" | "firstWeekday">,
): Promise<string[]> {
  const { today } = place;
  const workday = firstDayOfNextWeek(place);
  const officer = await branch.as("officer");
  const employee = await branch.as("employee");
  await step("Overtime becomes time off from today on, balances of before are brought in", () => {
    return bringIn(branch, officer, who.name, today);
  }, () => `${who.name}: ${LOTS.soon} h until ${dayAfter(today, LOTS.days)}, ${LOTS.later} h more`);
  const taken = await step(
    `${who.name} asks for a day of it, and the administrator approves`,
    () => takeDay(branch, employee, branch.employees.get(who.pin) ?? 0, workday),
    (minutes) => `${workday}, ${minutes / HOUR} h, out of what ends first`,
  );
  await step("The employee asks to be paid for two hours, the payroll officer pays", async () => {
    const [wish = 0] = await employee.create("biometric.cto.payout", [{ minutes: PAID_MINUTES }]);
    const payroll = await branch.as("payroll");
    await payroll.call("biometric.cto.payout", "action_approve", [[wish]]);
  }, () => "a line of the next payroll file");
  const panel = await employee.call("biometric.cto.account", "get_panel_data", []) as unknown;
  const { accounts } = panel as { readonly accounts: readonly Account[] };
  return faultsOf(accounts[0], taken);
}

/** The next day after today with which a week of work begins there. */
function firstDayOfNextWeek(
  { today, firstWeekday }: Pick<Place, "today" | "firstWeekday">,
): string {
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  return dayAfter(today, (firstWeekday - weekday + 7) % 7 || 7);
}

async function bringIn(
  branch: Branch,
  officer: OdooClient,
  name: string,
  today: string,
): Promise<void> {
  const [company] = await branch.admin.rows("res.company", [], ["id"], { limit: 1 });
  await branch.admin.write("res.company", [company?.["id"] as number], {
    biometric_cto_from: today,
  });
  await officer.create("biometric.rule", [{
    name: "Overtime becomes time off",
    valid_from: today,
    parameters: { cto_eligible: true, cto_cash_convertible: true },
  }]);
  const lines = [
    "employee,hours,expires",
    `${name},${LOTS.soon}:00,${dayAfter(today, LOTS.days)}`,
    `${name},${LOTS.later}:00,${dayAfter(today, 300)}`,
  ];
  const file: Row = { data: btoa(lines.join("\n")), file_name: "balances.csv", on: today };
  const [dialog = 0] = await officer.create("biometric.cto.import", [file]);
  await officer.call("biometric.cto.import", "action_try", [[dialog]]);
  await officer.call("biometric.cto.import", "action_import", [[dialog]]);
}

/** Minutes that the approved day took. */
async function takeDay(
  branch: Branch,
  employee: OdooClient,
  id: number,
  day: string,
): Promise<number> {
  const [leave = 0] = await employee.create("hr.leave", [{
    employee_id: id,
    holiday_status_id: await branch.admin.reference("biometric_attendance.leave_type_cto"),
    request_date_from: day,
    request_date_to: day,
  }]);
  await branch.admin.call("hr.leave", "action_approve", [[leave]]);
  const entries = [["leave_number", "=", leave], ["kind", "=", "usage"]];
  const [taken] = await branch.admin.rows("biometric.cto.entry", entries, ["minutes"]);
  return -Number(taken?.["minutes"] ?? 0);
}

function faultsOf(account: Account | undefined, taken: number): string[] {
  const left = (LOTS.soon + LOTS.later) * HOUR - taken - PAID_MINUTES;
  const told = account?.entries.map(({ kind }) => kind).join(", ");
  const lost = account?.losses[0]?.minutes;
  const faults: string[] = [];
  if (taken === 0) faults.push("the approved day took nothing out of the account");
  if (account?.balance !== left) faults.push(`the account shows ${account?.balance}, not ${left}`);
  if (told !== "payout, usage, opening, opening") faults.push(`the account holds ${told}`);
  if (lost !== LOTS.soon * HOUR - taken - PAID_MINUTES) {
    faults.push(`the panel warns of ${lost} minutes that end first`);
  }
  return faults;
}
