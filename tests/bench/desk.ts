/**
 * node dev/bootstrap.mjs tests/bench/desk.ts [PEOPLE]
 * What the review desk and the monthly records cost for so many people (default 200) and a month, on a
 * throw-away database: call by call, then as one person in Chromium who clears the whole period by the
 * keyboard and waits for each answer. Prints figures, asserts nothing.
 */
import { loadavg } from "node:os";
import type { Page } from "playwright-core";
import { takePort } from "../../dev/cache.ts";
import { addonTemplate, createDatabase, dropDatabase, readableAddons } from "../../dev/odoo.ts";
import { odooOnce } from "../../dev/databases.ts";
import { OdooServer } from "../../dev/odoo_server.ts";
import { main } from "../../dev/trouble.ts";
import { openBrowser, Visitor } from "../journey/browser.ts";

/** Strokes on days that must be fixed, at most: the rest goes the same way. */
const MOST_STROKES = 40;
const OPENING = /call_kw\/biometric\.desk\/open_desk/;
const ACCEPTED = /call_kw\/biometric\.desk\/accept/;
const ONE_DAY = /call_kw\/biometric\.desk\/get_day/;
/** How often the desk is opened from another screen of the client. */
const OPENINGS = 3;

/** Seconds from an act until the desk can be used again, by name. */
class Waits {
  readonly of = new Map<string, number[]>();

  async take(name: string, act: () => Promise<unknown>, ready: () => Promise<unknown>) {
    const began = performance.now();
    await act();
    await ready();
    const seconds = (performance.now() - began) / 1000;
    this.of.set(name, [...this.of.get(name) ?? [], seconds]);
  }

  rows(): string[] {
    const all = [...this.of.values()].flat();
    const row = (name: string, some: number[]) =>
      `| ${name} | ${some.length} | ${Math.max(...some).toFixed(1)} | ${sum(some).toFixed(1)} |`;
    return [
      "| waiting in Chromium | times | longest | in sum, seconds |",
      "| --- | --- | --- | --- |",
      ...[...this.of].map(([name, some]) => row(name, some)),
      row(`all, load average ${loadavg()[0]?.toFixed(1)}`, all),
    ];
  }
}

const sum = (some: readonly number[]): number => some.reduce((all, one) => all + one, 0);

/** What Odoo itself took of the openings, by the browser's clock: from asking to the last byte. */
function odooSeconds(page: Page): number[] {
  const took: number[] = [];
  page.on("requestfinished", (request) => {
    if (OPENING.test(request.url())) took.push(request.timing().responseEnd / 1000);
  });
  return took;
}

/** Opens a screen as a click on its menu does, in a client that runs. */
const open = (page: Page, action: string): Promise<unknown> =>
  page.evaluate(
    `odoo.__WOWL_DEBUG__.root.env.services.action.doAction("biometric_attendance.${action}", { clearBreadcrumbs: true })`,
  );

/** HR clears the period: each repair that is proposed by one key, then every clean day at once. */
async function clear(page: Page, url: string): Promise<string[]> {
  const waits = new Waits();
  const odoo = odooSeconds(page);
  const said = page.locator(".o_biometric_desk_said");
  const panel = page.locator(".o_biometric_desk_panel h2");
  const drawn = page.locator(".o_biometric_desk_row").first();
  await page.goto(`${url}/odoo/biometric-review?debug=1`);
  await panel.waitFor();
  for (let again = 0; again < OPENINGS; again += 1) {
    await open(page, "biometric_reason_action");
    await drawn.waitFor({ state: "detached" });
    await waits.take("open", () => open(page, "biometric_desk_action"), () => drawn.waitFor());
    await panel.waitFor();
  }
  const from = await page.locator(".o_biometric_desk").getAttribute("data-from");
  const before = page.locator(`.o_biometric_desk[data-from]:not([data-from="${from}"])`);
  const earlier = page.getByRole("button", { name: "Previous period" });
  await waits.take("earlier period", () => earlier.click(), () => before.waitFor());
  await panel.waitFor();
  const fixed = await fix(page, waits);
  const approve = page.locator("[data-act=approve-clean]");
  await waits.take(
    "what is clean, in sum",
    () => page.locator("[data-act=ask-clean]").click(),
    () => approve.waitFor(),
  );
  const done = said.filter({ hasText: "Days approved" });
  await waits.take("approve all clean", () => approve.click(), () => done.waitFor());
  const text = (await done.innerText()).replace("Undo", "");
  return [
    ...waits.rows(),
    `| ${text}; ${fixed} | | | |`,
    `| of the openings Odoo's answer | ${odoo.length} | ${Math.max(...odoo).toFixed(1)} | ${
      sum(odoo).toFixed(1)
    } |`,
  ];
}

/** What must be fixed: by one key a day, then all that is likely at once; what is left, in words. */
async function fix(page: Page, waits: Waits): Promise<string> {
  const count = page.locator("[data-basket=must_fix] .o_biometric_desk_count");
  const first = await count.innerText();
  await page.locator("[data-basket=must_fix]").click();
  for (let strokes = 0; strokes < MOST_STROKES; strokes += 1) {
    // A focused button keeps its own Enter.
    await page.evaluate("document.activeElement.blur()");
    const current = page.locator("[data-day][aria-current=true]");
    if (await current.count() === 0) break;
    const id = await current.getAttribute("data-day");
    const shown = page.locator(".o_biometric_desk_panel [data-act=accept]:enabled");
    const proposed = await shown.count() > 0;
    const next = page.locator(`[data-day]:not([data-day="${id}"])[aria-current=true]`);
    if (await page.locator(`li:has([data-day="${id}"]) ~ li`).count() === 0) break;
    const answered = page.waitForResponse((response) => ONE_DAY.test(response.url()));
    await waits.take(
      proposed ? "accept a proposal" : "the next day",
      () => page.keyboard.press(proposed ? "Enter" : "ArrowDown"),
      () => next.waitFor().then(() => answered),
    );
    await page.locator(".o_biometric_desk_panel").getByRole("heading", { level: 2 }).waitFor();
  }
  const likely = page.locator("[data-act=accept-likely]");
  if (await likely.count() > 0) {
    const answered = page.waitForResponse((response) => ACCEPTED.test(response.url()));
    await waits.take("accept all likely", () => likely.click(), () => answered);
    await page.locator("[data-act=ask-clean]:enabled").waitFor();
  }
  const left = await count.innerText();
  return `${first} to fix at first, ${left} in the end: what was accepted waits for a second person`;
}

async function inChromium(db: string, addons: string): Promise<string[]> {
  const server = new OdooServer({ db, port: await takePort(), addons });
  try {
    await server.start();
    const browser = await openBrowser();
    try {
      const { page } = await Visitor.logIn(browser, server.url, "hr");
      return await clear(page, server.url);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function run(args: readonly string[]): Promise<number> {
  const people = Number(args[0] ?? 200);
  if (!Number.isInteger(people) || people < 1) {
    throw new Error("PEOPLE is a whole number from 1 on");
  }
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  const seed = await read("../../dev/screens_seed.py");
  const program = await read("desk_odoo.py");
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "bench_desk");
  try {
    const log = await odooOnce(
      { db, addons: addons.path, args: ["shell", "--no-http", "--log-level=warn"] },
      `${seed}\nPEOPLE = ${people}\nexec(${JSON.stringify(program)})\n`,
    );
    console.log(log.split("\n").filter((line) => line.startsWith("|")).join("\n"));
    console.log((await inChromium(db, addons.path)).join("\n"));
    return 0;
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

if (import.meta.main) await main(() => run(Deno.args));
