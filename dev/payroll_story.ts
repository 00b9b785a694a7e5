// Owns: a pay group with its periods, a payroll program and a delivery target, told and checked. Must not
// know: how a period is closed.

import type { Branch } from "./branch.ts";
import type { Json, Row } from "./odoo_client.ts";
import { step } from "./trouble.ts";

/** Codes of the adviser for our pay codes, as a customer would have been given them. */
const CODES: readonly (readonly [string, string])[] = [
  ["REG", "200"],
  ["OT", "210"],
  ["RD", "220"],
  ["RDOT", "221"],
  ["HOL", "230"],
  ["ND", "240"],
  ["LV", "300"],
];

interface Cockpit {
  readonly period: { readonly name: string } | false;
  readonly gate: { readonly open: number; readonly kinds: readonly { readonly reason: string }[] };
}

/** Returns what was not as it must be, in sentences. */
export async function tellPayroll(branch: Branch, firstDay: string): Promise<string[]> {
  const payroll = await branch.as("payroll");
  const group = await step(
    "The payroll officer names the payroll program and the pay group",
    () => layGroup(branch, firstDay),
    (id) => `pay group ${id}, periods two months ahead`,
  );
  await step("An administrator names who gets payroll files", async () => {
    const administrator = await branch.as("biometric");
    const target: Row = { name: "Payroll office", kind: "mail", recipients: "payroll@example.com" };
    await administrator.create("biometric.delivery.target", [target]);
  }, () => "nothing goes there before tomorrow, or before a second administrator confirms");
  const domain: Json[] = [["group_id", "=", group], ["date_from", "=", firstDay]];
  const [period] = await payroll.rows("biometric.period", domain, ["id"]);
  if (period === undefined) return [`no pay period begins on ${firstDay}`];
  const data = await payroll.call("biometric.period", "get_cockpit_data", [
    period["id"] as number,
  ]) as unknown as Cockpit;
  if (data.period === false) return ["the cockpit shows no period"];
  if (data.gate.kinds.some(({ reason }) => reason === "number_unfit")) {
    return ["the payroll program does not take the demo's payroll numbers"];
  }
  return data.gate.open > 0 ? [] : ["nothing blocks a week with forgotten punches"];
}

async function layGroup(branch: Branch, firstDay: string): Promise<number> {
  const payroll = await branch.as("payroll");
  // The adviser's own numbers: DATEV takes digits alone, and the badges here begin with a letter.
  const numbers = [...branch.employees.values()].map((employee, index): Row => ({
    employee_id: employee,
    number: `${index + 1}`.padStart(5, "0"),
  }));
  await payroll.create("biometric.payroll.number", numbers);
  const [profile = 0] = await payroll.create("biometric.payroll.profile", [{
    name: "DATEV Lohn und Gehalt",
    program: "lug_month",
    company_code: "10042",
    second_code: "1234567",
    code_ids: CODES.map(([pay_code, text]) => [0, 0, { pay_code, text }]),
  }]);
  const [group = 0] = await payroll.create("biometric.period.group", [
    { name: "Everybody", rhythm: "weekly", anchor: firstDay, profile_id: profile },
  ]);
  return group;
}
