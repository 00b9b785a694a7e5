// Journey: a customer of a provider, from the sign-up form to the certificate of its deletion, with a
// real browser, a real agent and a simulated terminal. Days pass by moving dates in the database.

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { undoAll } from "../../dev/cleanup.ts";
import { type Json, OdooClient, type Row } from "../../dev/odoo_client.ts";
import { SERIAL, terminalFor } from "../../dev/play.ts";
import { mustRun } from "../../dev/process.ts";
import { openPostgres, releasePostgres } from "../../dev/postgres.ts";
import { prepareStage, type Stage } from "../../dev/stage.ts";
import { waiting } from "../../dev/waiting.ts";
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { journeyTest } from "./scene.ts";

const ADDON = "biometric_attendance_service";
const COMPANY = "Kiln Works";
/** Login and password at once: what the browser of the journeys types. */
const OWNER = "olga@kiln.example";
const STAFF = ["provider-one", "provider-two"] as const;
const PATIENCE_MS = 60_000;
const PERSON = { pin: "7", name: "Petra Potter" };
const until = waiting(PATIENCE_MS);
const PHONE = { width: 390, height: 844 };
/** What axe found, of all screens and pages of the journey. */
const unusable: string[] = [];

/** Nothing that keeps somebody with a screen reader, a keyboard or weak eyes from using it. */
async function usable(page: Page, where: string, within?: string): Promise<void> {
  unusable.push(...(await faultsOf(page, within)).map((fault) => `${where}: ${fault}`));
}

/** A page for people without a login: usable, and nothing to be scrolled sideways on a phone. */
async function fitsPhone(page: Page, where: string): Promise<void> {
  await page.setViewportSize(PHONE);
  const width = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth";
  assert.ok(await page.evaluate<number>(width) <= 0, `${where} is wider than a phone`);
  await usable(page, where);
}

class Provider {
  constructor(readonly stage: Stage, readonly admin: OdooClient, readonly browser: Browser) {}

  async sql(statement: string): Promise<string> {
    return await (await openPostgres()).sql(statement, this.stage.odoo.db);
  }

  /** Runs jobs now, as their hour would. */
  async jobs(...names: string[]): Promise<void> {
    for (const name of names) {
      const [module, cron] = name.startsWith("service") ? [ADDON, name] : [
        "biometric_attendance",
        name,
      ];
      const id = await this.admin.reference(`${module}.ir_cron_${cron}`);
      await this.admin.call("ir.cron", "method_direct_trigger", [[id]]);
    }
  }

  async as(login: string): Promise<OdooClient> {
    const { url, db } = this.stage.odoo;
    return await OdooClient.login(url, db, login, login);
  }

  async visitor(login: string): Promise<Visitor> {
    return await Visitor.logIn(this.browser, this.stage.odoo.url, login);
  }

  async state(): Promise<string> {
    return await this.sql("SELECT state FROM biometric_service_tenant");
  }

  async punches(): Promise<number> {
    return Number(await this.sql("SELECT count(*) FROM biometric_punch"));
  }
}

/** Books, and two people of the provider's staff. */
async function openProvider(stage: Stage, browser: Browser): Promise<Provider> {
  const { url, db } = stage.odoo;
  const admin = await OdooClient.login(url, db, "admin", "admin");
  const [company] = await admin.rows("res.company", [], ["id"]);
  const own = company?.["id"] ?? 1;
  await admin.call("account.chart.template", "try_loading", ["generic_coa", own, false]);
  const groups = [`${ADDON}.group_provider`, "account.group_account_manager"];
  const group_ids = [[6, 0, await Promise.all(groups.map((name) => admin.reference(name)))]];
  await admin.create(
    "res.users",
    STAFF.map((login): Row => ({ name: login, login, password: login, group_ids })),
  );
  const pause = { key: "biometric_attendance.sync_seconds", value: "2" };
  await admin.create("ir.config_parameter", [pause]);
  return new Provider(stage, admin, browser);
}

/** By the form, the mailed link and a password; returns the line that the last page shows. */
async function signUp(provider: Provider): Promise<string[]> {
  const { url } = provider.stage.odoo;
  const page = await (await provider.browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${url}/biometric/sign-up`);
  await fitsPhone(page, "the form");
  await page.fill("#company", COMPANY);
  await page.fill("#owner", "Olga Ownerson");
  await page.fill("#email", OWNER);
  await page.selectOption("#country", "PH");
  await page.selectOption("#tz", "Asia/Manila");
  await page.fill("#branch", "Gate");
  const ten = await page.locator("#plan option", { hasText: /^Ten: / }).getAttribute("value");
  await page.selectOption("#plan", ten);
  await page.click("button[type=submit]");
  await page.getByText("Check your mailbox").waitFor();
  const body = await provider.sql(
    `SELECT body_html FROM mail_mail WHERE email_to = '${OWNER}' ORDER BY id DESC LIMIT 1`,
  );
  const path = /\/biometric\/sign-up\/[\w-]+/.exec(body)?.[0];
  assert.ok(path, "the mail has a link");
  await page.goto(url + path);
  await fitsPhone(page, "the password");
  await page.fill("#password", OWNER);
  await page.click("button[type=submit]");
  await page.getByRole("heading", { name: "You can start" }).waitFor().catch(async () => {
    throw new Error(`the last page says: ${await page.innerText("body")}`);
  });
  await fitsPhone(page, "the pairing line");
  const line = (await page.locator("code").innerText()).trim().split(/\s+/).slice(1);
  await page.context().close();
  line[1] = url;
  return line;
}

/** The agent is paired by that line and approved, and its terminal too, by the owner. */
async function setUpBranch(provider: Provider, line: readonly string[]): Promise<void> {
  const { agent } = provider.stage;
  await agent.pair(line);
  const owner = await provider.as(OWNER);
  const [row] = await owner.rows("biometric.agent", [], ["state"]);
  assert.equal(row?.["state"], "waiting");
  await owner.call("biometric.agent", "action_approve", [[row?.["id"] ?? 0]]);
  await agent.start();
}

async function approveTerminal(provider: Provider): Promise<void> {
  const owner = await provider.as(OWNER);
  const device = await until(
    "the terminal to appear in the customer's company",
    async () =>
      (await owner.rows("biometric.device", [["serial", "=", SERIAL]], ["id"]))[0] ?? null,
  );
  await owner.call("biometric.device", "action_approve", [[device["id"] ?? 0]]);
}

/** The plan is ordered on the owner's own screen. */
async function orderPlan(provider: Provider): Promise<void> {
  const owner = await provider.visitor(OWNER);
  const { page } = owner;
  await owner.open(`action-${ADDON}.tenant_own_action`, ".o_form_view");
  await page.getByRole("button", { name: "Choose a plan" }).click();
  await page.locator(".modal").getByText("without tax").waitFor();
  await page.locator(".modal").getByRole("button", { name: "Order" }).click();
  await page.locator(".modal").waitFor({ state: "detached" });
  await owner.close();
  assert.deepEqual(owner.errors, []);
  assert.equal(await provider.state(), "active");
}

/** The month of the punches is closed, invoiced and posted, and its due date passes. */
async function invoice(provider: Provider): Promise<number> {
  await provider.sql(
    "UPDATE biometric_service_tenant SET signed_up_on = '2026-02-01', trial_until = '2026-02-28'",
  );
  await provider.sql("UPDATE biometric_service_order SET valid_from = '2026-03-01'");
  await provider.jobs("biometric_usage", "service_statement", "service_invoice");
  const staff = await provider.as(STAFF[0]);
  const [statement] = await staff.rows(
    "biometric.service.statement",
    [["month", "=", "2026-03-01"]],
    ["amount", "move_ids"],
  );
  assert.equal(statement?.["amount"], 49, "the fee alone: one terminal of ten");
  const [move = 0] = statement?.["move_ids"] as number[];
  await recompute(provider, Number(statement?.["id"]), move);
  await staff.write("account.move", [move], {
    invoice_date: "2026-04-04",
    invoice_date_due: "2026-04-18",
  });
  await staff.call("account.move", "action_post", [[move]]);
  return move;
}

/** The script of the documentation, as printed, on the file alone that the owner downloads. */
async function recompute(provider: Provider, statement: number, move: number): Promise<void> {
  const owner = await provider.as(OWNER);
  const staff = await provider.as(STAFF[0]);
  const [drafted] = await staff.rows("account.move", [["id", "=", move]], ["amount_untaxed"]);
  const page = await Deno.readTextFile(new URL("../../docs/service.md", import.meta.url));
  const script = /```python\n(.*?)```/s.exec(page)?.[1] ?? "";
  const { folder } = provider.stage;
  await Deno.writeTextFile(`${folder}/amount.py`, script);
  for (const form of ["json", "csv"]) {
    const path = `/${ADDON}/statement/${statement}.${form}`;
    await Deno.writeFile(`${folder}/statement.${form}`, await owner.download(path));
    const asked = ["/usr/bin/python3", "-I", `${folder}/amount.py`, `${folder}/statement.${form}`];
    const total = (await mustRun(asked)).trim().split("\n").at(-1);
    assert.equal(total, `total ${Number(drafted?.["amount_untaxed"]).toFixed(2)}`);
  }
}

async function pay(provider: Provider, move: number): Promise<void> {
  const context = { active_model: "account.move", active_ids: [move] };
  const staff = await provider.as(STAFF[0]);
  const made = await staff.call("account.payment.register", "create", [[{}]], { context });
  await staff.call("account.payment.register", "action_create_payments", [made as Json]);
}

/** The provider's own screens and the customer's status page while a branch is at work. */
async function lookAround(provider: Provider): Promise<void> {
  const staff = await provider.visitor(STAFF[0]);
  const { page } = staff;
  await staff.open(`action-${ADDON}.tenant_action`, ".o_kanban_record:not(.o_kanban_ghost)");
  await page.locator(".o_kanban_record", { hasText: COMPANY }).waitFor();
  await usable(page, "tenants", ".o_kanban_renderer");
  await page.locator(".o_kanban_record", { hasText: COMPANY }).click();
  const status = await page.locator("[name=status_url] a").getAttribute("href");
  await usable(page, "a tenant", ".o_action_manager");
  await staff.open(`action-${ADDON}.branch_action`, ".o_list_view");
  await usable(page, "branches", ".o_list_renderer");
  await page.goto(provider.stage.odoo.url + new URL(status ?? "").pathname);
  await page.locator(".branches", { hasText: "Gate" }).waitFor();
  await fitsPhone(page, "the status page");
  await staff.close();
  assert.deepEqual(staff.errors, []);
}

/** Leave, stop the agents, lay the export, confirm by name: all on the owner's screens. */
async function leave(provider: Provider): Promise<void> {
  const owner = await provider.visitor(OWNER);
  const { page } = owner;
  await owner.open(`action-${ADDON}.tenant_own_action`, ".o_form_view");
  await page.getByRole("button", { name: "Leave the service", exact: true }).click();
  await page.locator(".modal").getByRole("button", { name: /ok/i }).click();
  await usable(page, "our plan", ".o_action_manager");
  await page.getByRole("button", { name: "Continue leaving" }).click();
  await page.getByRole("button", { name: "Stop the agents" }).click();
  await page.locator(".modal input[type=file]").waitFor({ state: "attached" });
  await layExport(provider, page);
  await page.locator(".modal").getByRole("button", { name: "Verify" }).click();
  await page.locator(".modal [name=typed_name] input").fill(COMPANY);
  await page.locator(".modal").getByRole("button", { name: /Delete everything/ }).click();
  await page.getByText("You have fourteen days to change your mind").waitFor();
  await owner.close();
  assert.deepEqual(owner.errors, []);
}

async function layExport(provider: Provider, page: Page): Promise<void> {
  const data = await (await provider.as(OWNER)).download("/biometric_attendance/export");
  const path = `${provider.stage.folder}/export.zip`;
  await Deno.writeFile(path, data);
  await page.locator(".modal input[type=file]").setInputFiles(path);
  await page.locator(".modal .o_field_binary").getByRole("textbox").waitFor();
}

/** Two people of the provider, each at their own screen. */
async function deleteCompany(provider: Provider): Promise<void> {
  await provider.sql(
    "UPDATE biometric_service_deletion SET confirmed_at = confirmed_at - interval '15 days'",
  );
  const buttons = [/Request deletion/, /Delete now/];
  for (const [index, login] of STAFF.entries()) {
    const staff = await provider.visitor(login);
    await staff.open(`action-${ADDON}.deletion_action`, ".o_list_view .o_data_row");
    await staff.page.locator(".o_data_row .o_data_cell").first().click();
    await staff.page.getByRole("button", { name: buttons[index] ?? /./ }).click();
    if (index === 1) {
      await staff.page.locator(".modal").getByRole("button", { name: /ok/i }).click();
      await staff.page.getByText("Certificate").first().waitFor();
      await usable(staff.page, "the certificate", ".o_action_manager");
    } else await staff.page.locator("[name=asked_by_id]", { hasText: login }).waitFor();
    await staff.close();
    assert.deepEqual(staff.errors, []);
  }
}

/** At the branch: the owner's word, by the company's name and the number that was never delivered. */
async function erase({ stage }: Provider): Promise<void> {
  const { agent } = stage;
  await agent.stop();
  const refused = await agent.say("erase", COMPANY).catch((error) => String(error));
  assert.match(String(refused), /1 sightings were never delivered/);
  const said = await agent.say("erase", COMPANY, "--undelivered", "1");
  assert.match(said, /erased: 1 sightings/);
}

async function play(stage: Stage, browser: Browser): Promise<void> {
  await stage.odoo.start();
  const provider = await openProvider(stage, browser);
  await setUpBranch(provider, await signUp(provider));
  const terminal = terminalFor(stage.agent.devicePort, [PERSON]);
  terminal.start();
  const punch = (day: string): void =>
    terminal.record({
      pin: PERSON.pin,
      time: `${day} 08:00:00`,
      status: "0",
      verify: "1",
      workCode: "0",
    });
  try {
    punch("2026-03-02");
    await approveTerminal(provider);
    await until("the first punch", async () => await provider.punches() === 1 || null);
    await orderPlan(provider);
    const move = await invoice(provider);
    await provider.sql(
      `UPDATE account_move SET invoice_date_due = now()::date - 3 WHERE id = ${move}`,
    );
    await provider.jobs("service_life");
    assert.equal(await provider.state(), "past_due");
    await provider.sql(
      `UPDATE account_move SET invoice_date_due = now()::date - 30 WHERE id = ${move}`,
    );
    await provider.jobs("service_life");
    assert.equal(await provider.state(), "suspended");
    punch("2026-03-03");
    await until("a punch while suspended", async () => await provider.punches() === 2 || null);
    await pay(provider, move);
    await provider.jobs("service_life");
    assert.equal(await provider.state(), "active");
    await lookAround(provider);
    await leave(provider);
    punch("2026-03-04");
    await until(
      "the terminal to be thanked",
      () => Promise.resolve(terminal.pending === 0 || null),
    );
    assert.equal(await provider.punches(), 2, "an agent that was told gone keeps what it holds");
    await deleteCompany(provider);
    assert.equal(await provider.state(), "deleted");
    assert.equal(await provider.punches(), 0);
    const remains = "SELECT certificate->>'remains' FROM biometric_service_deletion";
    assert.equal(await provider.sql(remains), "[]");
    const head = JSON.stringify(await stage.agent.health());
    assert.match(head, /"pending":1\b/, head);
    assert.match(head, /"code":"gone"/, head);
    assert.deepEqual(unusable, []);
    await erase(provider);
  } finally {
    await terminal.stop();
  }
}

// Turns red when a state stops a punch, when a step of leaving cannot be done on screen, or when
// anything of the customer remains.
journeyTest(
  "C17 a customer signs up, is invoiced, suspended, pays, leaves and is deleted",
  async () => {
    const browser = await openBrowser();
    try {
      const stage = await prepareStage({ service: true });
      await play(stage, browser);
    } finally {
      await browser.close();
      await undoAll();
      await releasePostgres();
    }
  },
);
