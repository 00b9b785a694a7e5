// Owns: a branch as its people set it up in Odoo: company, logins for the roles, employees, the agent
// with its pairing, the terminal with its approval, PINs. Everything through the calls of Odoo's web
// client, with the rights of the person who would do it. Must not know: what is played or checked.

import type { AgentProcess } from "./agent_process.ts";
import { type Json, OdooClient, type Row } from "./odoo_client.ts";
import type { OdooServer } from "./odoo_server.ts";
import { MANILA, type Place } from "./place.ts";
import { Trouble } from "./trouble.ts";
import type { Waiting } from "./waiting.ts";

/** Ten seconds where nobody says otherwise; a play has less patience. */
const SYNC_SECONDS = "2";
const ADMIN = { login: "admin", password: "admin" };

export interface Role {
  readonly title: string;
  readonly login: string;
  readonly name: string;
  /** External id of the group that makes the role. */
  readonly group: string;
  /** External id of the action that opens after the login. */
  readonly home: string;
}

/** The logins of the demo; each password equals the login. Odoo listens on this machine only. */
export const ROLES: readonly Role[] = [
  {
    title: "employee",
    login: "employee",
    name: "Ada Albrecht",
    group: "group_employee",
    home: "biometric_day_action_own",
  },
  {
    title: "attendance approver",
    login: "approver",
    name: "Ana Approver",
    group: "group_approver",
    home: "biometric_day_action_today",
  },
  {
    title: "HR officer",
    login: "officer",
    name: "Olga Officer",
    group: "group_hr_officer",
    home: "biometric_day_action_today",
  },
  {
    title: "payroll officer",
    login: "payroll",
    name: "Paolo Payroll",
    group: "group_payroll_officer",
    home: "biometric_export_action",
  },
  {
    title: "biometric administrator",
    login: "biometric",
    name: "Bea Metric",
    group: "group_administrator",
    home: "biometric_board_action",
  },
  {
    title: "auditor",
    login: "auditor",
    name: "Ida Auditor",
    group: "group_auditor",
    home: "biometric_audit_action",
  },
];

export interface Person {
  readonly pin: string;
  readonly name: string;
}

export interface Approval {
  readonly fingerprint: string;
  readonly line: readonly string[];
}

export class Branch {
  readonly #server: OdooServer;
  readonly #agent: AgentProcess;
  readonly #place: Pick<Place, "zone" | "firstWeekday">;
  #admin: OdooClient | undefined;
  readonly #sessions = new Map<string, Promise<OdooClient>>();
  readonly employees = new Map<string, number>();

  constructor(
    server: OdooServer,
    agent: AgentProcess,
    place: Pick<Place, "zone" | "firstWeekday"> = MANILA,
  ) {
    this.#server = server;
    this.#agent = agent;
    this.#place = place;
  }

  get admin(): OdooClient {
    if (!this.#admin) throw new Error("log in first");
    return this.#admin;
  }

  /** The administrator of Odoo, and everybody else anew from here on: the database may be another one. */
  async logIn(): Promise<void> {
    const { url, db } = this.#server;
    this.#sessions.clear();
    this.#admin = await OdooClient.login(url, db, ADMIN.login, ADMIN.password);
  }

  /** A role's own session, which stays: each login takes Odoo a third of a second of processor. */
  async as(role: string): Promise<OdooClient> {
    const { url, db } = this.#server;
    const kept = this.#sessions.get(role) ?? OdooClient.login(url, db, role, role);
    this.#sessions.set(role, kept);
    return await kept;
  }

  /** Company zone, one login per role, one employee per person of the branch. */
  async settle(people: readonly Person[]): Promise<void> {
    const admin = this.admin;
    const [company] = await admin.rows("res.company", [], ["partner_id", "resource_calendar_id"]);
    const partner = (company?.["partner_id"] as Json[])[0] as number;
    const calendar = (company?.["resource_calendar_id"] as Json[])[0] as number;
    const tz = this.#place.zone;
    await admin.write("res.partner", [partner], { tz });
    const pause = { key: "biometric_attendance.sync_seconds", value: SYNC_SECONDS };
    await admin.create("ir.config_parameter", [pause]);
    await admin.write("resource.calendar", [calendar], { tz });
    await this.#turnWeek(calendar);
    const board = await admin.reference("biometric_attendance.biometric_board_action");
    await admin.write("res.users", [admin.uid], { tz, action_id: board });
    const users = await this.#createRoles();
    const values = people.map(({ name, pin }, index): Row => ({
      name,
      barcode: `B${pin}`,
      tz,
      user_id: index === 0 ? users.get("employee") ?? false : false,
      attendance_manager_id: users.get("approver") ?? false,
    }));
    const ids = await admin.create("hr.employee", values);
    people.forEach(({ pin }, index) => this.employees.set(pin, ids[index] ?? 0));
  }

  /** Odoo's working week begins on Monday; that of a branch on its own first day. */
  async #turnWeek(calendar: number): Promise<void> {
    const { firstWeekday } = this.#place;
    if (firstWeekday === 0) return;
    const domain = [["calendar_id", "=", calendar]];
    const lines = await this.admin.rows("resource.calendar.attendance", domain, ["dayofweek"]);
    for (const weekday of new Set(lines.map((line) => String(line["dayofweek"])))) {
      const ids = lines.filter((line) => line["dayofweek"] === weekday)
        .map((line) => line["id"] as number);
      const dayofweek = String((Number(weekday) + firstWeekday) % 7);
      await this.admin.write("resource.calendar.attendance", ids, { dayofweek });
    }
  }

  async #createRoles(): Promise<Map<string, number>> {
    const internal = await this.admin.reference("base.group_user");
    const values: Row[] = [];
    for (const role of ROLES) {
      const group = await this.admin.reference(`biometric_attendance.${role.group}`);
      values.push({
        name: role.name,
        login: role.login,
        password: role.login,
        tz: this.#place.zone,
        action_id: await this.admin.reference(`biometric_attendance.${role.home}`),
        group_ids: [[6, 0, [internal, group]]],
      });
    }
    const ids = await this.admin.create("res.users", values);
    return new Map(ROLES.map((role, index) => [role.login, ids[index] ?? 0]));
  }

  /** The administrator makes an agent and its code; the branch types the line Odoo shows. */
  async pair(): Promise<Approval> {
    const officer = await this.as("biometric");
    const [agent = 0] = await officer.create("biometric.agent", [{
      name: "Main branch",
      place: "Server cabinet",
      tz: this.#place.zone,
    }]);
    const line = await this.#pairingLine(officer, agent);
    const shown = await this.#agent.pair(line);
    const [row] = await officer.rows("biometric.agent", [["id", "=", agent]], [
      "state",
      "fingerprint",
    ]);
    if (row?.["state"] !== "waiting") {
      throw new Trouble(`After pairing the agent is "${row?.["state"]}" in Odoo, not waiting.`);
    }
    if (plain(shown) !== plain(String(row["fingerprint"]))) {
      throw new Trouble(`The agent shows the fingerprint ${shown}, Odoo ${row["fingerprint"]}.`);
    }
    const asked = await officer.call("biometric.agent", "action_approve", [[agent]]) as Row | null;
    if (asked?.["res_model"] === "biometric.agent.approve") await this.#takeOver(officer, agent);
    return { fingerprint: shown, line };
  }

  /** It takes over the terminals that Odoo ticks: those of an agent that is silent. */
  async #takeOver(officer: OdooClient, agent: number): Promise<void> {
    const [model, context] = ["biometric.agent.approve", { default_agent_id: agent }];
    const ticked = await officer.call(model, "default_get", [["agent_id", "device_ids"]], {
      context,
    }) as Row;
    const [dialog = 0] = await officer.create(model, [{ ...ticked, answer: "takes" }]);
    await officer.call(model, "action_confirm", [[dialog]]);
  }

  /** What the dialog shows: `pair URL CODE [--database DB]`, split into words. */
  async #pairingLine(officer: OdooClient, agent: number): Promise<string[]> {
    const action = await officer.call("biometric.agent", "action_pairing_code", [[agent]]) as Row;
    const shown = (action["context"] as Row | undefined)?.["default_line"] ?? "";
    const words = String(shown).trim().split(/\s+/);
    const at = words.indexOf("pair");
    if (at < 0) throw new Trouble(`Odoo shows no line to pair with: ${JSON.stringify(action)}`);
    const typed = words.slice(at);
    // Odoo shows the address its users type; here the server listens on this machine only.
    typed[1] = this.#server.url;
    return typed.includes("--database") ? typed : [...typed, "--database", this.#server.db];
  }

  /** Waits until the terminal is known in Odoo as waiting, and approves it. Returns its id. */
  async approveDevice(serial: string, until: Waiting): Promise<number> {
    const officer = await this.as("biometric");
    const domain = [["serial", "=", serial]];
    const row = await until(
      `the terminal ${serial} to appear in Odoo`,
      async () => (await officer.rows("biometric.device", domain, ["state"]))[0] ?? null,
    );
    const id = row["id"] as number;
    if (row["state"] !== "waiting") throw new Trouble(`${serial} is ${row["state"]}, not waiting.`);
    await officer.call("biometric.device", "action_approve", [[id]]);
    return id;
  }

  /**
   * The administrator says since when a terminal has stood there: it was there before Odoo knew it.
   * Only once it is proven complete, else the time in between would be a gap. `from`: in UTC.
   */
  async statesService(device: number, from: string, until: Waiting): Promise<void> {
    const administrator = await this.as("biometric");
    await until("the terminal to be proven complete", async () => {
      const [row] = await administrator.rows("biometric.device", [["id", "=", device]], [
        "complete_until",
      ]);
      return row?.["complete_until"] ? true : null;
    });
    await administrator.write("biometric.device", [device], { in_service_from: from });
  }

  /** The HR officer says which PIN is whom. */
  async mapPins(device: number): Promise<number> {
    const officer = await this.as("officer");
    const mappings = [...this.employees].map(([pin, employee]): Json => [pin, employee]);
    const ids = await officer.call("biometric.device.user", "map_pins", [[device], mappings]);
    return (ids as Json[]).length;
  }
}

const plain = (fingerprint: string): string => fingerprint.replace(/[^0-9a-f]/gi, "").toLowerCase();
