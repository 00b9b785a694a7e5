// Owns: people on terminals, told and checked: both terminals tell who they hold, one person more is written
// to the second, and two areas say who is missing where. Must not know: how terminals keep people.

import type { Branch } from "./branch.ts";
import type { Gate } from "./gate.ts";
import type { Person } from "./branch.ts";
import type { Row } from "./odoo_client.ts";
import { step } from "./trouble.ts";
import type { Waiting } from "./waiting.ts";

export interface Terminals {
  readonly device: number;
  readonly gateDevice: number;
  readonly gate: Gate;
}

/** Returns what was not as it must be, in sentences. */
export async function tellPeople(
  { device, gateDevice, gate }: Terminals,
  people: readonly Person[],
  branch: Branch,
  until: Waiting,
): Promise<string[]> {
  const faults: string[] = [];
  const here = gate.terminal.memory.users.length;
  await step("An HR officer clicks “Refresh users” on both terminals", async () => {
    const officer = await branch.as("officer");
    const context = { biometric_command: "refresh_users" };
    for (const [id, count] of [[device, people.length], [gateDevice, here]] as const) {
      await officer.call("biometric.device", "action_command", [[id]], { context });
      const onDevice = [["device_id", "=", id], ["sync_state", "=", "on_device"]];
      await until(`${count} people of a terminal in Odoo`, async () => {
        const held = await officer.count("biometric.device.user", onDevice);
        return held >= count ? held : null;
      });
    }
  }, () => `${people.length} people on the first, ${here} on the second`);
  const newcomer = people.find(({ pin }) => !gate.terminal.memory.users.some((u) => u.pin === pin));
  if (newcomer === undefined) return faults;
  await step("The HR officer writes one person more to the second terminal", async () => {
    const employee = branch.employees.get(newcomer.pin) ?? 0;
    await write(branch, gateDevice, employee);
    await until(`${newcomer.name} on the second terminal`, () => {
      const found = gate.terminal.memory.users.find(({ name }) => name === newcomer.name);
      return Promise.resolve(found ?? null);
    });
    const kept = gate.terminal.memory.users.length;
    if (kept !== here + 1) faults.push(`the second terminal holds ${kept} people, not ${here + 1}`);
  }, () => `${newcomer.name}, and nobody else has changed`);
  const [missing, expected] = await step(
    "The HR officer puts both terminals and everybody into one area, the second terminal into another",
    () => layAreas(branch, [device, gateDevice], people, newcomer),
    ([found]) => `${found} people of the first area are not on each of its terminals`,
  );
  if (missing !== expected) faults.push(`${missing} people are missing, not ${expected}`);
  return faults;
}

/** Two areas; how many people of the first are missing on its terminals, and how many must be. */
async function layAreas(
  branch: Branch,
  devices: readonly [number, number],
  people: readonly Person[],
  newcomer: Person,
): Promise<[number, number]> {
  const officer = await branch.as("officer");
  const everybody = people.map(({ pin }) => branch.employees.get(pin) ?? 0);
  const [whole = 0, gate = 0] = await officer.create("biometric.area", [
    { name: "Whole branch", device_ids: [[6, 0, [...devices]]] },
    { name: "Second entrance", device_ids: [[6, 0, [devices[1]]]] },
  ]);
  await officer.create("biometric.area.member", [
    ...everybody.map((employee) => ({ area_id: whole, employee_id: employee })),
    { area_id: gate, employee_id: branch.employees.get(newcomer.pin) ?? 0 },
  ]);
  const missing = await officer.count("biometric.area.place", [
    ["area_id", "=", whole],
    ["kind", "=", "missing"],
  ]);
  const mapped = await officer.count("biometric.device.user", [
    ["device_id", "=", devices[1]],
    ["employee_id", "in", everybody],
    ["sync_state", "!=", "gone"],
  ]);
  return [missing, everybody.length - mapped];
}

/** What the dialog “Write people to terminals” does, with the officer's own rights. */
async function write(branch: Branch, device: number, employee: number): Promise<void> {
  const officer = await branch.as("officer");
  const line: Row = { device_id: device, employee_id: employee };
  const [dialog = 0] = await officer.create("biometric.user.push", [
    { line_ids: [[0, 0, line]] },
  ]);
  await officer.call("biometric.user.push", "action_confirm", [[dialog]]);
}
