// Owns: reading back from Odoo what came of a week: punches, sightings, days, the payroll file. And the
// comparison with what the terminal had, which was counted without any help of agent or addon. Must not
// know: how the week got there.

import { createHash } from "node:crypto";
import type { RecordCount } from "../tests/sim/push/records.ts";
import { type Domain, type OdooClient, OdooRefused, type Row } from "./odoo_client.ts";
import { Trouble } from "./trouble.ts";
import type { Waiting } from "./waiting.ts";

export interface Counts {
  /** Punches stored for the terminal. */
  readonly punches: number;
  /** Lines kept raw because they could not be read. */
  readonly rejects: number;
  /** Numbered records of the agent, rejects included. */
  readonly sightings: number;
  /** Computed days by their status. */
  readonly days: Readonly<Record<string, number>>;
}

export async function countInOdoo(client: OdooClient, device: number): Promise<Counts> {
  const here: Domain = [["device_id", "=", device]];
  const groups = await client.call("biometric.day", "formatted_read_group", [], {
    domain: [],
    groupby: ["status"],
    aggregates: ["__count"],
  }) as Row[];
  return {
    punches: await client.count("biometric.punch", here),
    rejects: await client.count("biometric.sighting", [...here, ["kind", "=", "reject"]]),
    sightings: await client.count("biometric.sighting", here),
    days: Object.fromEntries(
      groups.map((group) => [String(group["status"]), group["__count"] as number]),
    ),
  };
}

export interface PayrollFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
  readonly lines: number;
  readonly employees: number;
  readonly minutes: number;
}

/** What Odoo says while days of the period still wait to be computed. */
const STILL_COMPUTING = /Days of this period being computed/;

/**
 * The payroll officer exports a period; Odoo refuses as long as one of its days waits to be computed,
 * which is also how everybody knows that all are. The file is read back as it is stored.
 */
export async function exportPayroll(
  client: OdooClient,
  period: { readonly from: string; readonly to: string },
  until: Waiting,
  say: (line: string) => void,
): Promise<PayrollFile> {
  const values = { date_from: period.from, date_to: period.to };
  const [id = 0] = await client.create("biometric.export", [values]);
  await until("all days of the period to be computed", async () => {
    try {
      return await client.call("biometric.export", "action_generate", [[id]]) ?? true;
    } catch (error) {
      if (!(error instanceof OdooRefused) || !STILL_COMPUTING.test(error.message)) throw error;
      say(error.message);
      return null;
    }
  });
  const fields = [
    "data",
    "filename",
    "sha256",
    "line_count",
    "employee_count",
    "total_minutes",
  ];
  const [row] = await client.rows("biometric.export", [["id", "=", id]], fields, {
    context: { bin_size: false },
  });
  if (!row?.["data"]) throw new Trouble("The payroll export holds no file.");
  const bytes = Uint8Array.from(atob(String(row["data"])), (letter) => letter.charCodeAt(0));
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== row["sha256"]) {
    throw new Trouble(`The payroll file's digest is ${digest}; Odoo recorded ${row["sha256"]}.`);
  }
  return {
    name: String(row["filename"]),
    text: new TextDecoder().decode(bytes),
    sha256: digest,
    lines: row["line_count"] as number,
    employees: row["employee_count"] as number,
    minutes: row["total_minutes"] as number,
  };
}

/** What is wrong with what arrived, in plain sentences; empty when everything is as it must be. */
export function compare(expected: RecordCount, found: Counts): string[] {
  const faults: string[] = [];
  const same = (what: string, want: number, have: number) => {
    if (want !== have) faults.push(`${what}: the terminal had ${want}, Odoo holds ${have}`);
  };
  same("punches", expected.punches, found.punches);
  same("unreadable lines", expected.unreadable, found.rejects);
  same("sightings", expected.punches + expected.unreadable, found.sightings);
  const days = Object.values(found.days).reduce((sum, count) => sum + count, 0);
  if (days === 0) faults.push("not one day was computed");
  return faults;
}

/** Days of one employee as the day list shows them. */
export async function daysOf(client: OdooClient, employee: number): Promise<Row[]> {
  return await client.rows("biometric.day", [["employee_id", "=", employee]], [
    "date",
    "status",
    "worked_minutes",
    "exceptions",
  ], { order: "date" });
}
