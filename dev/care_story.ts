// Owns: how a terminal is accepted and an agent looked after, told and checked: a named person tries the terminal,
// its redacted report is ordered, two people's release is proven and offered. Must not know: how either is judged.

import { type Company, type Metadata, releaseOf } from "../tests/sim/update_kit.ts";
import type { Branch } from "./branch.ts";
import type { Gate } from "./gate.ts";
import type { OdooClient, Row } from "./odoo_client.ts";
import { step } from "./trouble.ts";
import type { Waiting } from "./waiting.ts";

export interface Cared {
  readonly gate: Gate;
  readonly gateDevice: number;
  /** Who tries the terminal: on it by this name, and mapped. */
  readonly tester: string;
  readonly company: Company;
}

/** In the file's place: nobody fetches it, the agent of a play runs under a Deno of its own. */
const PROGRAM = new TextEncoder().encode("a program that two people signed");
const VERSION = "1.1.0";

/** Returns what was not as it must be, in sentences. */
export async function tellCare(
  { gate, gateDevice, tester, company }: Cared,
  branch: Branch,
  until: Waiting,
): Promise<string[]> {
  const faults: string[] = [];
  const administrator = await branch.as("biometric");
  await step(`${tester} tries the second terminal by each means`, async () => {
    const test = await begin(administrator, gateDevice, tester);
    await punchTwice(gate, tester, administrator, test, until);
    await administrator.call("biometric.commissioning", "action_read_log", [[test]]);
    await accept(administrator, test, until);
  }, () => "every check passed but the face, which is waived with a reason; accepted");
  await step("The administrator clicks “Create report”", async () => {
    const text = await report(administrator, gateDevice, until);
    for (const secret of [gate.terminal.memory.serial, tester]) {
      if (text.includes(secret)) faults.push(`the redacted report says “${secret}”`);
    }
    return text.split("\n").length;
  }, (points) => `${points} points, kept in Odoo`);
  await step("A release that two people signed is proven and offered", async () => {
    const [home] = await branch.admin.rows("res.company", [], ["id"], { limit: 1 });
    await branch.admin.write("res.company", [home?.["id"] as number], { biometric_updates: true });
    const [agent] = await administrator.rows("biometric.agent", [["state", "=", "active"]], ["id"]);
    const files = await releaseOf(company, VERSION, PROGRAM);
    const release = await takeIn(administrator, files, {
      agent_ids: [[6, 0, [agent?.["id"] as number]]],
    });
    await administrator.call("biometric.release", "action_offer", [[release]]);
  }, () => `${VERSION}, to one chosen agent; nobody else is in the ring yet`);
  return faults;
}

/** As the form does it: metadata and files laid there, then proven. Returns the release. */
export async function takeIn(
  officer: OdooClient,
  { metadata, files }: {
    metadata: Metadata;
    files: readonly { name: string; bytes: Uint8Array }[];
  },
  values: Row = {},
): Promise<number> {
  const [release = 0] = await officer.create("biometric.release", [values]);
  const document = new TextEncoder().encode(JSON.stringify(metadata));
  const laid = [{ name: "metadata.json", bytes: document }, ...files].map(({ name, bytes }) => ({
    res_model: "biometric.release",
    res_id: release,
    name,
    datas: bytes.toBase64(),
  }));
  const uploads = await officer.create("ir.attachment", laid);
  await officer.write("biometric.release", [release], { upload_ids: [[6, 0, uploads]] });
  await officer.call("biometric.release", "action_take_in", [[release]]);
  return release;
}

async function begin(officer: OdooClient, device: number, tester: string): Promise<number> {
  const [person] = await officer.rows("hr.employee", [["name", "=", tester]], ["id"]);
  const [test = 0] = await officer.create("biometric.commissioning", [{
    device_id: device,
    tester_id: person?.["id"] as number,
    by_face: true,
  }]);
  return test;
}

/** In and out; each is waited for, as a person does who looks at the screen. */
async function punchTwice(
  gate: Gate,
  tester: string,
  officer: OdooClient,
  test: number,
  until: Waiting,
): Promise<void> {
  const pin = gate.terminal.memory.users.find(({ name }) => name === tester)?.pin ?? "";
  const clocks: string[] = [];
  for (const state of [0, 1]) {
    clocks.push(gate.terminal.memory.wallTime().slice(11, 16));
    gate.terminal.memory.punch(pin, { state });
    await until(`punch ${state + 1} of ${tester} on the screen`, async () => {
      const text = await look(officer, test, "punches_text");
      return text.startsWith("2") && text.split("\n").length > state ? text : null;
    });
  }
  const [said_first = "", said_last = ""] = clocks;
  await officer.write("biometric.commissioning", [test], { said_count: 2, said_first, said_last });
}

/** Waits until only the face is open, which nobody has enrolled here. */
async function accept(officer: OdooClient, test: number, until: Waiting): Promise<void> {
  await until(
    "all checks but one",
    async () => await look(officer, test, "open_count") === "1" ? true : null,
  );
  const [dialog = 0] = await officer.create("biometric.commissioning.waive", [{
    commissioning_id: test,
    key: "by_face",
    reason: "no face is enrolled at this terminal yet",
  }]);
  await officer.call("biometric.commissioning.waive", "action_confirm", [[dialog]]);
  await officer.call("biometric.commissioning", "action_accept", [[test]]);
}

async function look(officer: OdooClient, test: number, field: string): Promise<string> {
  const [row] = await officer.rows("biometric.commissioning", [["id", "=", test]], [field]);
  return String(row?.[field]);
}

/** The agent's answer to the order, as the terminal's form keeps it. */
async function report(officer: OdooClient, device: number, until: Waiting): Promise<string> {
  const context = { biometric_command: "report" };
  await officer.call("biometric.device", "action_command", [[device]], { context });
  return await until("the terminal's report in Odoo", async () => {
    const [row] = await officer.rows("biometric.device", [["id", "=", device]], ["report_text"]);
    return row?.["report_text"] ? String(row["report_text"]) : null;
  });
}
