// Journey: a forgotten punch through three pairs of hands. The employee asks on a phone, the manager
// clears the team's period with the keyboard, HR reverses; everybody reads what became of it. Each screen
// that is seen is looked at by axe too, and the pages behind links of people without a login.

import assert from "node:assert/strict";
import type { Browser, Page, Request } from "playwright-core";
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
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { Mouse } from "./clicks.ts";
import { journeyTest } from "./scene.ts";

/** Menus and lists are laid out anew when a window becomes narrow. */
const SETTLES_MS = 20_000;
/** Readings and acts that block the desk while a team's period is cleared: two openings, three periods
 * back at most, a decision, the sum and the approval. */
const MOST_WAITS = 8;
/** And what they take in sum, on the wall. */
const MOST_WAIT_MS = 60_000;
const PHONE = { width: 390, height: 844 };
const WHY = "The gate was closed, I left by the yard";
const REVERSED = "The guard's list says somebody else left by the yard";

/** Somebody of the manager's team who forgot to punch out gets a login; the rest is the seed's. */
const WORKER = `
day = env["biometric.day"].search(
    [("employee_id.parent_id.user_id.login", "=", "boss"), ("status", "=", "incomplete")],
    order="date desc", limit=1)
assert day, "nobody of the team forgot a punch"
user = make_user(day.employee_id.name, "worker", "group_employee")
day.employee_id.user_id = user
hr = env["res.users"].search([("login", "=", "hr")])
other = env["biometric.day"].search(
    [("employee_id.user_id", "=", False), ("status", "=", "present")], order="date desc", limit=1)
first = day.date.replace(day=1)
question = env["biometric.attestation.question"].create({
    "name": "Meals", "event": "meal", "text": "Were you given a meal break of 30 minutes?",
    "valid_from": first, "choice_ids": [(0, 0, {"text": text}) for text in ("Yes", "No")]})
for employee in (day.employee_id, other.employee_id):
    env["biometric.attestation"].sudo()._ask(employee, day.date, question)
record = env["biometric.month.record"]._prepare(other.employee_id, env.company, first, day.date)
digest = record.sudo()._issue()[record.id][1]
_link, own = env["biometric.personal.link"].with_user(hr)._issue(other.employee_id, "4711", 30)
_link, look = env["biometric.inspection"].with_user(hr)._issue("4711", 8, company=env.company,
    name="Iris, Labour Inspectorate", reason="a complaint of the fifth", date_from=first,
    date_to=day.date)
# Its greeting comes over the page a moment after a first login.
env["res.users"].search([]).odoobot_state = "disabled"
env.cr.commit()
print("FORGOT", day.id, day.date, day.employee_id.name, own, look, f"{record.number}/{digest}", sep="|")
`;

interface Company {
  readonly url: string;
  readonly db: string;
  readonly browser: Browser;
  readonly dayId: string;
  readonly date: string;
  readonly name: string;
  /** What leads people without a login to their page: the ends of three addresses. */
  readonly links: { readonly own: string; readonly look: string; readonly record: string };
}

async function withCompany(journey: (company: Company) => Promise<void>): Promise<void> {
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "review_journey");
  const server = new OdooServer({ db, port: await takePort(), addons: addons.path });
  try {
    const path = new URL("../../dev/screens_seed.py", import.meta.url);
    const seed = (await Deno.readTextFile(path)) + WORKER;
    const said = await odooOnce({ db, addons: addons.path, args: ["shell", "--no-http"] }, seed);
    const told = said.split("\n").find((line) => line.startsWith("FORGOT|"))?.trim().split("|");
    assert.equal(told?.length, 7, "the seed names the day that lacks a punch");
    const [dayId, date, name, own, look, record] = told.slice(1) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const links = { own, look, record };
    await server.start();
    const browser = await openBrowser();
    try {
      await journey({ url: server.url, db, browser, dayId, date, name, links });
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
    await dropDatabase(db);
    await addons.dispose();
  }
}

interface Call {
  readonly name: string;
  readonly beganMs: number;
  tookMs: number | null;
}

/** Calls of the screen's own model that a page makes, with how long each took on the wall. */
function calls(page: Page): Call[] {
  const seen: Call[] = [];
  const of = new Map<Request, Call>();
  page.on("request", (request) => {
    const found = /call_kw\/biometric\.(?:desk|my\.time)\/(\w+)/.exec(request.url());
    if (!found?.[1]) return;
    const call: Call = { name: found[1], beganMs: performance.now(), tookMs: null };
    of.set(request, call);
    seen.push(call);
  });
  page.on("requestfinished", (request) => {
    const call = of.get(request);
    if (call) call.tookMs = performance.now() - call.beganMs;
  });
  return seen;
}

/** Pictures of what was seen, where somebody wants to look at them. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("REVIEW_PICTURES");
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, animations: "disabled" });
}

/** Nothing wider than the phone, once the page has settled into it: what is cut off cannot be read. */
async function fits(page: Page): Promise<void> {
  await page.waitForFunction(
    "document.scrollingElement.scrollWidth <= document.documentElement.clientWidth",
    undefined,
    { timeout: SETTLES_MS },
  );
}

/** Nothing that keeps somebody with a screen reader, a keyboard or weak eyes from using it. */
async function usable(page: Page, where: string, within?: string): Promise<void> {
  unusable.push(...(await faultsOf(page, within)).map((fault) => `${where}: ${fault}`));
}

/** What axe found, of all screens of the journey. */
const unusable: string[] = [];
const DESK = ".o_biometric_desk";
const MY_TIME = ".o_biometric_my_time";

/** Opens the month of a date; it may not be the current one. */
async function monthOf(page: Page, date: string): Promise<void> {
  const day = page.locator(`[data-date="${date}"]`);
  await page.locator(".o_biometric_my_time_sums").waitFor();
  if (await day.count() === 0) await page.getByRole("button", { name: "Previous month" }).click();
  await day.waitFor();
}

async function employeeAsks({ url, browser, date }: Company): Promise<Visitor> {
  const worker = await Visitor.logIn(browser, url, "worker");
  const { page } = worker;
  await page.setViewportSize(PHONE);
  await worker.open("biometric-my-time", ".o_biometric_my_time_page");
  await monthOf(page, date);
  const day = page.locator(`[data-date="${date}"]`);
  // A first login's chat window of Odoo's own lies over a phone's page.
  await day.getByRole("button", { name: /I forgot to punch/ }).dispatchEvent("click");
  assert.match(
    await day.locator("input[type=time]").inputValue(),
    /^\d\d:\d\d$/,
    "a proposed time",
  );
  await day.getByLabel("Explanation").fill(WHY);
  await fits(page);
  await picture(page, "my_time_ask");
  await usable(page, "asking in My time", MY_TIME);
  await day.locator("[data-act=send]").dispatchEvent("click");
  await page.getByText("Nothing changes until someone approves it.").waitFor();
  await day.locator("[data-change]", { hasText: WHY }).waitFor();
  await day.locator(".o_biometric_my_time_head").dispatchEvent("click");
  await usable(page, "a day of My time with its request", MY_TIME);
  return worker;
}

/** Walks down the list to a day by the keyboard alone; the number of strokes. */
async function walkTo(page: Page, dayId: string): Promise<number> {
  for (let strokes = 0; strokes < 200; strokes += 1) {
    const current = page.locator("[data-day][aria-current=true]");
    if (await current.getAttribute("data-day") === dayId) return strokes;
    const before = await current.getAttribute("data-day");
    await page.keyboard.press("ArrowDown");
    await page.locator(`[data-day]:not([data-day="${before}"])[aria-current=true]`).waitFor();
  }
  throw new Error(`day ${dayId} is not in the list`);
}

async function openDesk(visitor: Visitor, date: string): Promise<void> {
  const { page } = visitor;
  await visitor.go("biometric-review", ".o_biometric_desk_baskets");
  await page.locator("[data-day]").first().waitFor();
  const desk = page.locator(".o_biometric_desk[data-from]");
  for (let tries = 0; tries < 3; tries += 1) {
    const from = await desk.getAttribute("data-from") ?? "";
    if (from <= date) return;
    await page.getByRole("button", { name: "Previous period" }).click();
    await page.locator(`.o_biometric_desk[data-from]:not([data-from="${from}"])`).waitFor();
    await page.locator("[data-day]").first().waitFor();
  }
  throw new Error(`no period holds ${date}`);
}

async function managerClears({ url, browser, date, dayId }: Company): Promise<Visitor> {
  const boss = await Visitor.logIn(browser, url, "boss");
  const { page } = boss;
  const asked = calls(page);
  await boss.open("biometric-review", ".o_biometric_desk_baskets");
  await page.locator(".o_biometric_desk_panel h2").waitFor();
  const readings = asked.map((call) => call.name).toSorted();
  assert.deepEqual(readings, ["get_day", "get_proposals", "open_desk"], "three readings");
  await openDesk(boss, date);
  const must = Number(
    await page.locator("[data-basket=must_fix] .o_biometric_desk_count").innerText(),
  );
  await walkTo(page, dayId);
  await page.locator("[data-request]", { hasText: WHY }).waitFor();
  await picture(page, "desk_request");
  await usable(page, "the desk with a day and its request", DESK);
  await page.keyboard.press("Enter");
  await page.locator(".o_biometric_desk_said", { hasText: "Approved" }).waitFor();
  const left = Number(
    await page.locator("[data-basket=must_fix] .o_biometric_desk_count").innerText(),
  );
  assert.equal(left, must - 1, "one day less to fix");
  await page.locator("[data-act=ask-clean]").click();
  const sum = await page.locator(".o_biometric_desk_sum").innerText();
  assert.match(sum, /^Days: [\d,]+, people: \d+, [\d:]+ h, [\d:]+ h overtime$/);
  await picture(page, "desk_sum");
  await usable(page, "the desk with the sum of clean days", DESK);
  await page.locator("[data-act=approve-clean]").click();
  await page.locator(".o_biometric_desk_said", { hasText: "Days approved" }).waitFor();
  // What the manager waits for: how often, and in sum.
  const waited = asked.filter(({ name }) => !["get_day", "get_proposals"].includes(name));
  const told = waited.map(({ name, tookMs }) => `${name} ${Math.round(tookMs ?? 0)} ms`).join(", ");
  assert.ok(waited.length <= MOST_WAITS, `waited ${waited.length} times: ${told}`);
  assert.equal(waited.some(({ tookMs }) => tookMs === null), false, `each was answered: ${told}`);
  const sumMs = waited.reduce((all, { tookMs }) => all + (tookMs ?? 0), 0);
  assert.ok(sumMs <= MOST_WAIT_MS, `waited ${Math.round(sumMs / 1000)} s in sum: ${told}`);
  await page.keyboard.press("g");
  await page.locator(".o_biometric_desk_grid").waitFor();
  await picture(page, "desk_week");
  await usable(page, "the desk's week", DESK);
  await page.setViewportSize(PHONE);
  await page.keyboard.press("g");
  await fits(page);
  await picture(page, "desk_phone");
  await usable(page, "the desk on a phone", DESK);
  await page.setViewportSize({ width: 1280, height: 800 });
  return boss;
}

/** What HR asked for about the day that stands first is approved from the app's menu on, by mouse alone. */
async function approveByMouse(boss: Visitor, { url, db }: Company): Promise<void> {
  const { page } = boss;
  await boss.go("biometric-review", ".o_biometric_desk_panel h2");
  const id = await page.locator("[data-day][aria-current=true]").getAttribute("data-day");
  const hr = await OdooClient.login(url, db, "hr", "hr");
  const fields = ["employee_id", "date"];
  const [day] = await hr.rows("biometric.day", [["id", "=", Number(id)]], fields);
  const asked = await hr.call("biometric.adjustment", "request", [{
    kind: "add_punch",
    employee_id: (day?.["employee_id"] as [number, string])[0],
    date: day?.["date"] ?? null,
    clock: "17:00",
    reason_text: WHY,
  }]) as number;
  // Anew: the bar of a client that was on a phone keeps its sections folded.
  await boss.open("biometric-today", ".o_biometric_today_tile, .o_biometric_today_empty");
  const mouse = new Mouse(page);
  await mouse.section("Review");
  await mouse.click(page.locator("[data-request] [data-act=approve]"));
  await page.locator(".o_biometric_desk_said", { hasText: "Approved" }).waitFor();
  mouse.done("approve");
  assert.equal(
    await hr.count("biometric.adjustment", [["id", "=", asked], ["state", "=", "approved"]]),
    1,
  );
}

async function officerReverses({ url, browser, date, dayId, name }: Company): Promise<Visitor> {
  const hr = await Visitor.logIn(browser, url, "hr");
  const { page } = hr;
  await openDesk(hr, date);
  await page.getByLabel("Search a name").fill(name);
  await page.locator("[data-basket=clean]").click();
  await page.locator(`[data-day="${dayId}"]`).click();
  const request = page.locator("[data-request]", { hasText: WHY });
  await request.waitFor();
  await page.locator("#o_biometric_desk_reason").fill(REVERSED);
  await request.locator("[data-act=reverse]").click();
  await page.locator(".o_biometric_desk_said", { hasText: "waiting for" }).waitFor();
  await picture(page, "desk_reversal");
  return hr;
}

/** The pages of people without a login, on a phone; whoever comes from outside has no cookies. */
async function outsiders({ url, browser, links }: Company): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE });
  const page = await context.newPage();
  const enter = async () => {
    await page.getByLabel("number").fill("4711");
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("table").first().waitFor();
  };
  const see = async (name: string) => {
    await picture(page, name);
    await usable(page, name);
    // These pages forbid evaluating scripts; asked once through the debugger, they are laid out already.
    const wide = "document.scrollingElement.scrollWidth > document.documentElement.clientWidth";
    assert.equal(await page.evaluate(wide), false, `${name} is wider than a phone`);
  };
  await page.goto(`${url}/biometric_attendance/my/${links.own}`);
  await see("link_number");
  await enter();
  await page.getByText("Request correction").waitFor();
  await page.getByText("Were you given a meal break").waitFor();
  await see("link_own");
  await page.goto(`${url}/biometric_attendance/inspection/${links.look}`);
  await see("inspection_number");
  await enter();
  await see("inspection_people");
  await page.locator("td a").first().click();
  await page.getByText("* corrected").waitFor();
  await see("inspection_register");
  const cut =
    "[...document.querySelectorAll('.wide')].some((one) => one.scrollWidth > one.clientWidth)";
  assert.equal(await page.evaluate(cut), false, "columns that one must scroll sideways to");
  await page.goto(`${url}/biometric_attendance/record/${links.record}`);
  await page.getByText("Genuine.").waitFor();
  await see("record_genuine");
  await page.goto(`${url}/biometric_attendance/record/${links.record.slice(0, -1)}`);
  await see("record_unknown");
  await context.close();
}

/** Screens of the records within Odoo's own; what Odoo draws around them is Odoo's. */
async function records({ page }: Visitor, url: string): Promise<void> {
  await page.goto(`${url}/odoo/biometric-monthly-records`);
  await page.locator(".o_list_view .o_data_row").first().waitFor();
  await usable(page, "monthly records", ".o_list_renderer tbody");
  await page.locator(".o_data_row td[name=employee_id]").first().click();
  await page.locator(".o_form_view .o_field_widget").first().waitFor();
  await usable(page, "a monthly record", ".o_form_sheet");
}

journeyTest(
  "three people deal with a forgotten punch, and it stays readable what was",
  async () => {
    await withCompany(async (company) => {
      const { date, dayId } = company;
      const worker = await employeeAsks(company);
      const boss = await managerClears(company);
      const hr = await officerReverses(company);
      await approveByMouse(boss, company);

      await openDesk(boss, date);
      await boss.page.locator("[data-kind=request]").click();
      await boss.page.locator(`[data-day="${dayId}"]`).click();
      await boss.page.locator("[data-request]", { hasText: REVERSED }).waitFor();
      await boss.page.locator("[data-request] [data-act=approve]").click();
      await boss.page.locator(".o_biometric_desk_said", { hasText: "Approved" }).waitFor();

      await worker.open("biometric-my-time", ".o_biometric_my_time_page");
      await monthOf(worker.page, date);
      const changes = worker.page.locator(`[data-date="${date}"] [data-change]`);
      await changes.first().waitFor();
      assert.equal(await changes.count(), 2, "the request and its reversal");
      assert.equal(await changes.first().locator("s").first().isVisible(), true, "struck out");
      const told = (await changes.allInnerTexts()).join("\n");
      for (const words of [WHY, REVERSED, "decided by Efren Bautista", "Incomplete", "Present"]) {
        assert.ok(told.includes(words), `${words} in ${told}`);
      }
      await picture(worker.page, "my_time_changes");
      await changes.last().locator("[data-act=agree]").click();
      await worker.page.getByText("Employee agrees").waitFor();
      await usable(worker.page, "My time with changes", MY_TIME);
      await outsiders(company);
      await records(hr, company.url);
      assert.deepEqual(unusable, []);
      for (const visitor of [worker, boss, hr]) assert.deepEqual(visitor.errors, []);
    });
  },
);
