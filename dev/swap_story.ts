// Owns: a swap of shifts that waits on the demo: two people of the branch with logins of their own, their
// shifts of the coming days, and what one asked and the other agreed to. Must not know who decides.

import { ADDON } from "./databases.ts";
import type { Branch } from "./branch.ts";
import type { Row } from "./odoo_client.ts";

/** Days from today on which the two work. */
const AHEAD = [3, 4] as const;
const REASON = "My sister marries on that evening";

function dateAfter(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** A login for the second person; the first has the one of the role. */
async function giveLogin(branch: Branch, employee: number): Promise<void> {
  const admin = branch.admin;
  const groups = [
    await admin.reference("base.group_user"),
    await admin.reference(`${ADDON}.group_employee`),
  ];
  const [user = 0] = await admin.create("res.users", [{
    name: "Colleague",
    login: "colleague",
    password: "colleague",
    group_ids: [[6, 0, groups]],
  }]);
  await admin.write("hr.employee", [employee], { user_id: user });
}

/** The first two people of the branch swap shifts after `today`; the approver's yes is missing. */
export async function askSwap(branch: Branch, today: string): Promise<void> {
  const [first = 0, second = 0] = branch.employees.values();
  await giveLogin(branch, second);
  const officer = await branch.as("officer");
  const shifts = await officer.rows("biometric.shift", [["code", "!=", false]], ["id"]);
  const [early = 0, late = 0] = shifts.map(({ id }) => id as number);
  const [date, other] = AHEAD.map((days) => dateAfter(today, days));
  const rows: Row[] = [
    { employee_id: first, date: date ?? "", shift_id: early },
    { employee_id: second, date: other ?? "", shift_id: late },
  ];
  await officer.create("biometric.roster", rows);
  const asked = {
    date: date ?? "",
    shift_id: early,
    to_employee_id: second,
    to_date: other ?? "",
    to_shift_id: late,
    reason_text: REASON,
  };
  const employee = await branch.as("employee");
  const swap = await employee.call("biometric.my.time", "ask_swap", [asked]);
  const colleague = await branch.as("colleague");
  await colleague.call("biometric.my.time", "say_swap", [swap, "agree"]);
}
