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
const ANSWER = /call_kw\/biometric\.desk\//;

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

/** HR clears the period: each repair that is proposed by one key, then every clean day at once. */
async function clear(page: Page, url: string): Promise<string[]> {
  const waits = new Waits();
  const said = page.locator(".o_biometric_desk_said");
  await page.goto(`${url}/odoo/biometric-review`);
  await page.locator(".o_biometric_desk_panel h2").waitFor();
  const once = page.locator(".o_biometric_desk_panel h2");
  await waits.take("open", () => page.reload(), () => once.waitFor());
  const earlier = page.getByRole("button", { name: "Previous period" });
  const from = await page.locator(".o_biometric_desk").getAttribute("data-from");
  const before = page.locator(`.o_biometric_desk[data-from]:not([data-from="${from}"])`);
  await waits.take("earlier period", () => earlier.click(), () => before.waitFor());
  await once.waitFor();
  await page.locator("[data-basket=must_fix]").click();
  // A focused button keeps its own Enter.
  await page.evaluate("document.activeElement.blur()");
  for (let strokes = 0; strokes < MOST_STROKES; strokes += 1) {
    const current = page.locator("[data-day][aria-current=true]");
    if (await current.count() === 0) break;
    const id = await current.getAttribute("data-day");
    const proposed = await page.locator("[data-act=accept]").count() > 0;
    const next = page.locator(`[data-day]:not([data-day="${id}"])[aria-current=true]`);
    const key = proposed ? "Enter" : "ArrowDown";
    const more = await page.locator(`[data-day="${id}"] ~ [data-day]`).count() > 0;
    if (!more && !proposed) break;
    const answered = page.waitForResponse((response) => ANSWER.test(response.url()));
    await waits.take(
      proposed ? "accept a proposal" : "the next day",
      () => page.keyboard.press(key),
      () => more ? next.waitFor() : answered,
    );
    await answered;
    if (!more) break;
  }
  const approve = page.locator("[data-act=approve-clean]");
  await waits.take(
    "what is clean, in sum",
    () => page.locator("[data-act=ask-clean]").click(),
    () => approve.waitFor(),
  );
  const done = said.filter({ hasText: "days approved" });
  await waits.take("approve all clean", () => approve.click(), () => done.waitFor());
  return [...waits.rows(), `| ${await done.innerText()} | | | |`];
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
