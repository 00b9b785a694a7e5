// Owns: the jobs whose clicks are counted, each done on the real screens from the app's menu on, and the
// most clicks it may take. Must not know who else sees these screens.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Locator, Page } from "playwright-core";
import { AgentProcess } from "../../dev/agent_process.ts";
import { takePort } from "../../dev/cache.ts";
import { SERIAL } from "../../dev/play.ts";
import { faultsOf } from "./axe.ts";
import type { Visitor } from "./browser.ts";
import type { Scene } from "./scene.ts";

/** Clicks from the app's menu to the job done; typing costs none. */
const MOST_CLICKS = { pair: 7, map: 5, pull: 4, roster: 6, usb: 6, approve: 2 } as const;

const HOME = ".o_biometric_today_tile, .o_biometric_today_empty";

/** A person at the mouse. */
export class Mouse {
  readonly page: Page;
  #clicks = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async click(target: Locator): Promise<void> {
    this.#clicks++;
    await target.click();
  }

  async section(name: string): Promise<void> {
    await this.click(this.page.locator(".o_menu_sections").getByText(name, { exact: true }));
  }

  async menu(section: string, item: string): Promise<void> {
    await this.section(section);
    await this.click(this.page.getByRole("menuitem", { name: item, exact: true }));
  }

  /** From one cell of a table to another, as one stroke. */
  async drag(from: Locator, to: Locator): Promise<void> {
    this.#clicks++;
    await from.hover();
    await this.page.mouse.down();
    await to.hover();
    await this.page.mouse.up();
  }

  done(job: keyof typeof MOST_CLICKS): void {
    const most = MOST_CLICKS[job];
    assert.ok(this.#clicks <= most, `${job}: ${this.#clicks} clicks, ${most} are the most`);
  }
}

/** A machine at a new branch: its line, then the fingerprint, by the biometric administrator. */
export async function pairMachine({ page }: Visitor, { stage, branch }: Scene): Promise<void> {
  const mouse = new Mouse(page);
  await mouse.menu("Fleet", "Agents");
  await mouse.click(page.getByRole("button", { name: "New", exact: true }));
  await page.locator("[name=name] input").fill("Second branch");
  await mouse.click(page.getByRole("button", { name: "Pairing code" }));
  const dialog = page.locator(".modal");
  const shown = await dialog.locator("[name=line]").innerText();
  const [, code = ""] = /pair \S+ (\S+)/.exec(shown) ?? [];
  const machine = new AgentProcess({
    folder: `${stage.folder}/second`,
    devicePort: await takePort(),
    healthPort: await takePort(),
  });
  await machine.configure();
  await machine.pair(["pair", stage.odoo.url, code, "--database", stage.odoo.db]);
  await page.keyboard.press("Escape");
  await mouse.click(page.getByRole("button", { name: "Compare and approve" }));
  // asked where other agents have terminals, and never answered for somebody
  await mouse.click(dialog.getByText("Takes over no terminals"));
  await mouse.click(dialog.getByRole("button", { name: "Fingerprint matches: approve" }));
  await dialog.waitFor({ state: "detached" });
  mouse.done("pair");
  const agents = [["name", "=", "Second branch"], ["state", "=", "active"]];
  assert.equal(await branch.admin.count("biometric.agent", agents), 1);
}

/** A day of a terminal that is not proven is read again. */
export async function pullDay(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  await visitor.go("biometric-today", HOME);
  const mouse = new Mouse(page);
  await mouse.menu("Fleet", "Coverage");
  const cells = page.locator(".o_biometric_coverage_cell:not(.o_biometric_coverage_none)");
  await mouse.click(cells.last());
  await mouse.click(page.locator("[data-act=pull]"));
  await page.locator(".o_biometric_coverage_order").first().waitFor();
  mouse.done("pull");
  await page.keyboard.press("Escape");
}

/** What a USB stick holds of a terminal comes in by hand. */
export async function importStick(visitor: Visitor, { branch }: Scene): Promise<void> {
  const { page } = visitor;
  const [device] = await branch.admin.rows("biometric.device", [["serial", "=", SERIAL]], ["name"]);
  await visitor.go("biometric-today", HOME);
  const mouse = new Mouse(page);
  await mouse.menu("To do", "Gaps");
  await mouse.click(page.getByRole("button", { name: "Import USB file" }));
  const dialog = page.locator(".modal");
  await dialog.locator("[name=device_id] input").fill(String(device?.["name"]));
  await mouse.click(page.locator(".o-autocomplete--dropdown-item").first());
  const chooser = page.waitForEvent("filechooser");
  await mouse.click(dialog.locator("[name=file] .o_select_file_button"));
  const line = "      1\t2026-03-10 08:00:11\t1\t0\t1\t0\r\n";
  const buffer = Buffer.from(line);
  await (await chooser).setFiles({ name: "1_attlog.dat", mimeType: "text/plain", buffer });
  await mouse.click(dialog.getByRole("button", { name: "Import", exact: true }));
  await dialog.getByText("Imported", { exact: true }).first().waitFor();
  mouse.done("usb");
  assert.deepEqual(await faultsOf(page, ".modal"), []);
  await dialog.getByRole("button", { name: "Close" }).last().click();
}

/** A PIN that means nobody yet is given to somebody. */
export async function mapPin(visitor: Visitor, { branch }: Scene): Promise<void> {
  const { page } = visitor;
  const [device] = await branch.admin.rows("biometric.device", [["serial", "=", SERIAL]], ["id"]);
  const officer = await branch.as("officer");
  await officer.create("biometric.device.user", [{
    device_id: device?.["id"] ?? false,
    pin: "987654",
  }]);
  await visitor.go("biometric-today", HOME);
  const mouse = new Mouse(page);
  await mouse.menu("To do", "Whose PIN is it?");
  await mouse.click(page.locator("[data-pin='987654']"));
  await page.getByPlaceholder("Name or badge number").fill("Ada Albrecht");
  const people = page.locator(".o_biometric_registry_people button", { hasText: "Ada Albrecht" });
  await mouse.click(people);
  await page.getByText(/No day changes|Recomputes days/).waitFor();
  assert.deepEqual(await faultsOf(page, ".o_biometric_registry"), []);
  await mouse.click(page.locator("[data-act=confirm]"));
  await page.locator(".o_biometric_registry_done", { hasText: "PIN 987654" }).waitFor();
  mouse.done("map");
  const mapped = [["pin", "=", "987654"], ["employee_id.name", "ilike", "Ada Albrecht"]];
  assert.equal(await branch.admin.count("biometric.device.user", mapped), 1);
}

/** Five people's week of nights. */
export async function planNights(visitor: Visitor, { branch }: Scene): Promise<void> {
  const { page } = visitor;
  const code = "NX";
  const officer = await branch.as("officer");
  await officer.create("biometric.shift", [{ name: "Nights", code, start: 22, end: 6 }]);
  await visitor.go("biometric-today", HOME);
  const mouse = new Mouse(page);
  await mouse.menu("Attendance", "Roster");
  await page.locator(".o_biometric_roster_row").nth(4).waitFor();
  // this week is planned by others: the next one
  const read = page.waitForResponse((response) => response.url().includes("open_grid"));
  await mouse.click(page.getByRole("button", { name: "Later", exact: true }));
  await read;
  await page.locator(".o_biometric_roster[aria-busy=false]").waitFor();
  await mouse.click(page.locator(`[data-shift=${code}]`));
  await mouse.drag(
    page.locator("[data-row='0'][data-column='0']"),
    page.locator("[data-row='4'][data-column='6']"),
  );
  await page.getByText("Nights, days: 35").waitFor();
  mouse.done("roster");
  const nights = [["shift_id.code", "=", code]];
  assert.equal(await officer.count("biometric.roster", nights), 35);
  assert.deepEqual(await faultsOf(page, ".o_biometric_roster"), []);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("undone, days: 35").waitFor();
  assert.equal(await officer.count("biometric.roster", nights), 0);
}
