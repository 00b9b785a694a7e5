// Journey: a month of fifty people that cannot be closed, through the hands of a payroll officer and HR,
// to its file; then a day changes, and the difference is in the next file.

import assert from "node:assert/strict";
import { type Browser, type Page } from "playwright-core";
import { takePort } from "../../dev/cache.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { OdooClient } from "../../dev/odoo_client.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { waiting } from "../../dev/waiting.ts";
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { journeyTest } from "./scene.ts";

const WHY = "The hour is paid with the next file, the manager is away";
const PATIENCE_MS = 120_000;
/** From eight to four, without the hour of lunch of Odoo's own calendar. */
const DAY_MINUTES = 420;
const COCKPIT = ".o_biometric_cockpit";

interface Told {
  readonly periods: readonly [number, number];
  readonly nobody: string;
  readonly forgot: readonly [string, string];
  readonly late: readonly [string, string];
  readonly workdays: number;
  readonly raised: number;
}

interface Company extends Told {
  readonly url: string;
  readonly db: string;
  readonly browser: Browser;
}

async function withCompany(journey: (company: Company) => Promise<void>): Promise<void> {
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "payroll_journey");
  const server = new OdooServer({ db, port: await takePort(), addons: addons.path });
  try {
    const seed = await Deno.readTextFile(new URL("payroll_company.py", import.meta.url));
    const said = await odooOnce({ db, addons: addons.path, args: ["shell", "--no-http"] }, seed);
    const line = /COMPANY\|(.+)/.exec(said)?.[1];
    assert.ok(line, "the seed tells what it left open");
    await server.start();
    const browser = await openBrowser();
    try {
      await journey({ url: server.url, db, browser, ...JSON.parse(line) as Told });
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
    await dropDatabase(db);
    await addons.dispose();
  }
}

/** Opens the cockpit on a period and waits until every day was compared, or none has to be. */
async function cockpit(visitor: Visitor, period: number): Promise<void> {
  await visitor.open("biometric-period", `${COCKPIT}_gate`);
  const choice = visitor.page.getByLabel("Pay period");
  if (await choice.inputValue() !== String(period)) {
    await choice.selectOption(String(period));
    await visitor.page.waitForFunction(
      `document.querySelector("${COCKPIT}_choice")?.value === "${period}"`,
    );
  }
}

async function kinds(page: Page): Promise<Record<string, string>> {
  const found = await page.locator(`${COCKPIT}_kind`).allInnerTexts();
  return Object.fromEntries(found.map((text) => {
    const [label = "", count = ""] = text.split("\n");
    return [label.trim(), /\d+/.exec(count)?.[0] ?? ""];
  }));
}

async function mend(page: Page, name: string, why: string): Promise<void> {
  const row = page.locator(`${COCKPIT}_blocker`, { hasText: name }).filter({ hasText: why });
  await row.getByRole("button", { name: "Fix" }).click();
}

/** Until what was just decided has been computed: the queue of days is a job of its own. */
async function computed(client: OdooClient, period: number): Promise<void> {
  await waiting(PATIENCE_MS)("decided days to be computed", async () => {
    const data = await client.call("biometric.period", "get_cockpit_data", [period]) as unknown as {
      readonly gate: { readonly kinds: readonly { readonly reason: string }[] };
    };
    return data.gate.kinds.some(({ reason }) => reason === "days_being_computed") ? null : true;
  });
}

/** Somebody without a number gets one where the blocker leads to. */
async function giveNumber({ page }: Visitor, name: string): Promise<void> {
  await mend(page, name, "No payroll number");
  await page.getByRole("button", { name: "New" }).click();
  const row = page.locator(".o_selected_row");
  await row.locator("[name=number] input").fill("002000");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.locator(".o_data_row:not(.o_selected_row) [name=number]", { hasText: "002000" })
    .waitFor();
}

/** HR decides a request where the blocker leads to. */
async function approve(hr: Visitor, name: string): Promise<void> {
  await mend(hr.page, name, "Request not decided");
  const row = hr.page.locator(".o_data_row", { hasText: name });
  await row.getByRole("button", { name: "Approve" }).click();
  await row.locator("td[name=state]", { hasText: "Approved" }).waitFor();
}

async function letPass(pay: Visitor, hr: Visitor, period: number): Promise<void> {
  const { page } = pay;
  await page.getByRole("button", { name: "Override…" }).click();
  await page.locator("#o_biometric_cockpit_reason").fill(WHY);
  await page.getByRole("button", { name: "Request", exact: true }).click();
  await page.locator(`${COCKPIT}_override`, { hasText: "A second person has to confirm." })
    .waitFor();
  assert.equal(await page.locator(`${COCKPIT}_close`).count(), 0, "one person is not enough");
  await cockpit(hr, period);
  await hr.page.getByRole("button", { name: "I agree" }).click();
  await hr.page.locator(`${COCKPIT}_gate`, { hasText: "Issues overridden by two people" })
    .waitFor();
  assert.equal(await hr.page.locator(`${COCKPIT}_close`).count(), 0, "HR makes no payroll file");
}

type Line = Record<string, string>;

/** No cell of this company needs quotes. */
function parse(text: string): Line[] {
  assert.ok(!text.includes('"'), "a quoted cell");
  const [head = [], ...rows] = text.trimEnd().split("\r\n").map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((name, place) => [name, row[place] ?? ""])));
}

/** What is in the file of a period, as its payroll officer downloads it. */
async function close(
  pay: Visitor,
  client: OdooClient,
  period: number,
): Promise<{ lines: Line[]; name: string }> {
  const { page } = pay;
  await page.locator(`${COCKPIT}_close`).click();
  await page.locator(`${COCKPIT}_file`).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the file" }).click();
  const path = await (await download).path();
  const lines = parse(await Deno.readTextFile(path));
  const [row] = await client.rows("biometric.export", [["period_id", "=", period]], ["name"]);
  return { lines, name: String(row?.["name"]) };
}

const minutes = (lines: readonly Line[]): number =>
  lines.reduce((sum, line) => sum + Number(line["minutes"]), 0);

// Red when a blocker does not lead to where it is mended, one person lets a period pass, a file holds
// another sum than the cockpit showed, or a change after the lock is lost or told whole.
journeyTest("a month of fifty people is closed, and what changes comes with the next", async () => {
  await withCompany(async (company) => {
    const { browser, url, db, periods, workdays } = company;
    const pay = await Visitor.logIn(browser, url, "pay");
    const hr = await Visitor.logIn(browser, url, "hr");
    const client = await OdooClient.login(url, db, "pay", "pay");
    const [month, following] = periods;

    await cockpit(pay, month);
    assert.deepEqual(await kinds(pay.page), {
      "No payroll number": "1",
      Incomplete: "1",
      "Request not decided": "2",
    });
    await pay.page.locator(`${COCKPIT}_compared`, { hasText: "match their punches" })
      .waitFor();
    assert.deepEqual(await faultsOf(pay.page, COCKPIT), [], "blocked");
    await giveNumber(pay, company.nobody);
    await cockpit(hr, month);
    await approve(hr, company.forgot[0]);

    await computed(client, month);
    await cockpit(pay, month);
    assert.deepEqual(await kinds(pay.page), { "Request not decided": "1" });
    await letPass(pay, hr, month);
    await cockpit(pay, month);
    const first = await close(pay, client, month);
    const whole = first.lines.filter((line) => line["pay_code"] === "REG");
    assert.equal(new Set(whole.map((line) => line["employee_id"])).size, 50);
    assert.equal(minutes(whole), 50 * workdays * DAY_MINUTES);
    assert.ok(whole.some((line) => line["employee_id"] === "002000"), "zeros of a number stay");

    const before = await client.rows("biometric.export", [["period_id", "=", month]], ["sha256"]);
    const decider = await OdooClient.login(url, db, "hr", "hr");
    await decider.call("biometric.adjustment", "approve", [[company.raised]]);
    await computed(client, month);
    await cockpit(pay, following);
    await pay.page.locator(`${COCKPIT}_corrections`, { hasText: "days 1, people 1" }).waitFor();
    assert.match(await pay.page.locator(`${COCKPIT}_corrections`).innerText(), /1:00/);
    assert.deepEqual(await faultsOf(pay.page, COCKPIT), [], "ready");
    const second = await close(pay, client, following);
    assert.deepEqual(await faultsOf(pay.page, COCKPIT), [], "exported");
    assert.deepEqual(
      second.lines.map((line) => [
        line["work_date"],
        line["pay_code"],
        line["minutes"],
        line["kind"],
        line["origin_batch"],
      ]),
      [[company.late[1], "REG", "60", "correction", first.name]],
    );
    const after = await client.rows("biometric.export", [["period_id", "=", month]], ["sha256"]);
    assert.deepEqual(after, before, "the first file stays as it was");
    for (const visitor of [pay, hr]) assert.deepEqual(visitor.errors, []);
  });
});
