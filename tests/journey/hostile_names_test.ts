// Journey: every text of the addon is hostile (a terminal, a file or a person put it there), and every
// view, dialog, report and mail shows it as text. As every dialog is opened here, axe looks at each too.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { odooOnce } from "../../dev/databases.ts";
import { prepareStage } from "../../dev/stage.ts";
import { faultsOf } from "./axe.ts";
import { openBrowser, Visitor } from "./browser.ts";
import { journeyTest } from "./scene.ts";

/** Script by three ways, template syntax of three engines, a formula, and letters that run backwards. */
const HOSTILE = "=1+1<img src=x onerror=window.hit=1><script data-hit>window.hit=2</script>" +
  "\"'><svg onload=window.hit=3>{{7*7}}${7*7}<t t-out='7*7'/>\u202Ejavascript:alert(1)";
/** What of it has to be found on a page as it was written. */
const LITERAL = "<img src=x onerror=window.hit=1>";
const INJECTED = 'img[src="x"], script[data-hit], svg[onload], img[onerror]';

/** Runs in the page. */
const LOOK = `(() => {
  const values = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
  return {
    hit: window.hit ?? null,
    elements: [...document.querySelectorAll(${
  JSON.stringify(INJECTED)
})].map((one) => one.outerHTML),
    literal: [document.body.innerText, ...values].join("\\n").includes(${JSON.stringify(LITERAL)}),
  };
})()`;

interface Sight {
  readonly hit: number | null;
  readonly elements: readonly string[];
  readonly literal: boolean;
}

interface Opening {
  readonly id: number;
  readonly name: string;
  readonly model: string;
  readonly record: number | null;
}

interface Found {
  readonly actions: readonly Opening[];
  readonly reports: readonly { readonly name: string; readonly record: number | null }[];
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  readonly mails: readonly string[];
  /** The paper of an inspector's link. */
  readonly register: string;
}

/** A page that is looked at after each step: nothing may have run, no element may have come in. */
class Watched {
  readonly page: Page;
  readonly faults: string[] = [];
  /** Where the text was seen as text. */
  readonly seen = new Set<string>();
  readonly opened: string[] = [];
  /** Models whose form was opened. */
  readonly forms = new Set<string>();

  constructor(page: Page) {
    this.page = page;
    // An element that came and went again would still have asked for its picture.
    page.on("response", (response) => {
      const where = `${new URL(response.url()).pathname} after ${this.opened.at(-1)}`;
      if (response.status() >= 400) this.faults.push(`${response.status()} ${where}`);
    });
    page.on("dialog", async (dialog) => {
      // A form with defaults asks before it is left; everything else would be somebody's script.
      if (dialog.type() === "beforeunload") return await dialog.accept();
      this.faults.push(`a dialog opened after ${this.opened.at(-1)}: ${dialog.message()}`);
      await dialog.dismiss();
    });
  }

  async look(where: string): Promise<void> {
    const found = await this.page.evaluate(LOOK) as Sight;
    if (found.hit !== null) this.faults.push(`a script ran on ${where}`);
    if (found.elements.length > 0) this.faults.push(`markup on ${where}: ${found.elements}`);
    if (found.literal) this.seen.add(where);
    this.opened.push(where);
  }
}

const READY = [
  ".o_action_manager .o_view_controller",
  ".o_action_manager .o_biometric_board",
  ".o_action_manager .o_biometric_today_tile",
  ".o_action_manager .o_biometric_today_empty",
  ".o_action_manager .o_biometric_roster_row",
  ".o_action_manager .o_biometric_coverage_row",
  ".o_action_manager .o_biometric_coverage_empty",
  ".o_action_manager .o_biometric_registry_row",
  ".o_action_manager .o_biometric_registry_empty",
  ".modal .o_form_view",
].join(", ");
/** Odoo renders what it read in the next frames; nothing of ours reads later than that. */
const SETTLE_MS = 400;

/** In the page: the web client's own services. */
const SERVICES = "odoo.__WOWL_DEBUG__.root.env.services";

async function settle(watched: Watched, where: string): Promise<void> {
  await watched.page.waitForSelector(READY).catch((error) => {
    throw new Error(`${where} does not open: ${error.message}`);
  });
  await watched.page.waitForTimeout(SETTLE_MS);
  await watched.look(where);
}

/** As a menu or a button opens it, without loading the web client anew. */
async function act(watched: Watched, action: unknown, where: string): Promise<void> {
  const asked = `${JSON.stringify(action)}, { clearBreadcrumbs: true }`;
  await watched.page.evaluate(`${SERVICES}.action.doAction(${asked})`).catch((error) => {
    throw new Error(`${where} does not open: ${error.message}`);
  });
  await settle(watched, where);
}

/** The action's first view, every other of its views, and the form of one record with all its tabs. */
async function openAction(watched: Watched, action: Opening): Promise<void> {
  const { page } = watched;
  await act(watched, action.id, action.name);
  const views = page.locator(".o_control_panel .o_switch_view:visible");
  // Behind a dialog lies the page from before.
  const dialog = await page.locator(".modal").count() > 0;
  if (dialog) {
    const unusable = await faultsOf(page, ".modal");
    watched.faults.push(...unusable.map((fault) => `${action.name}: ${fault}`));
  }
  for (let index = 0; !dialog && index < await views.count(); index++) {
    // The one that stands there has been looked at.
    if ((await views.nth(index).getAttribute("class"))?.includes("active")) continue;
    await views.nth(index).click();
    await settle(watched, `${action.name}, view ${index}`);
  }
  // Several actions of a model have one form.
  if (action.record !== null && !watched.forms.has(action.model)) {
    watched.forms.add(action.model);
    const form = {
      type: "ir.actions.act_window",
      res_model: action.model,
      views: [[false, "form"]],
    };
    await act(watched, { ...form, res_id: action.record }, `${action.name}, form`);
    const tabs = page.locator(".o_form_view .o_notebook .nav-link:visible");
    for (let index = 0; index < await tabs.count(); index++) {
      await tabs.nth(index).click();
      await settle(watched, `${action.name}, tab ${index}`);
    }
  }
  if (await page.locator(".modal").count() > 0) {
    await page.evaluate(`${SERVICES}.action.doAction({ type: "ir.actions.act_window_close" })`);
    await page.locator(".modal").first().waitFor({ state: "detached" });
  }
}

async function openEverything(watched: Watched, base: string, found: Found): Promise<void> {
  const { page } = watched;
  await page.goto(`${base}/odoo/biometric-board`);
  await settle(watched, "board");
  await page.getByRole("button", { name: "Cards" }).click();
  await watched.look("board, cards");
  const ours = [
    "biometric-today",
    "biometric-roster-grid",
    "biometric-coverage-map",
    "biometric-whose-pin",
  ];
  for (const path of ours) {
    await page.goto(`${base}/odoo/${path}`);
    await settle(watched, path);
  }
  for (const action of found.actions) await openAction(watched, action);
  for (const report of found.reports) {
    assert.ok(report.record, `a record to print ${report.name} with`);
    await page.goto(`${base}/report/html/${report.name}/${report.record}`);
    await watched.look(`report ${report.name}`);
  }
}

// Turns red when a view, widget, report or mail puts a text in as markup (`Markup(name)`, `t-raw`,
// `widget="html"`, `innerHTML`).
journeyTest("S18 S14 hostile texts are text in every view, dialog, report and mail", async () => {
  const stage = await prepareStage();
  try {
    const program = await Deno.readTextFile(new URL("hostile_names.py", import.meta.url));
    const log = await odooOnce(
      { db: stage.odoo.db, addons: stage.addons, args: ["shell", "--no-http"] },
      `HOSTILE = ${JSON.stringify(HOSTILE)}\nexec(${JSON.stringify(program)})\n`,
    );
    const line = log.split("\n").find((text) => text.startsWith("FOUND "));
    const found = JSON.parse(line?.slice(6) ?? "") as Found;
    assert.ok(found.taken.length > 60, `texts that are hostile: ${found.taken.length}`);
    assert.ok(found.actions.length > 25 && found.reports.length > 0);
    assert.ok(found.mails.some((body) => body.includes("&lt;img src=x")), "a mail with the name");
    for (const body of found.mails) assert.doesNotMatch(body, /<img src=x|<svg onload|<script/);
    assert.match(found.register, /&lt;img src=x/, "the register with the name");
    assert.doesNotMatch(found.register, /<img src=x|<svg onload|<script data-hit/);
    await stage.odoo.start();
    const browser = await openBrowser();
    try {
      const visitor = await Visitor.logIn(browser, stage.odoo.url, "admin");
      const watched = new Watched(visitor.page);
      await openEverything(watched, stage.odoo.url, found);
      assert.deepEqual(watched.faults, []);
      const missed = found.actions.filter(({ name }) => !watched.opened.includes(name));
      assert.deepEqual(missed, []);
      assert.ok(watched.seen.size > 40, `seen as text on ${[...watched.seen].join(", ")}`);
      assert.ok([...watched.seen].some((where) => where.startsWith("report ")));
    } finally {
      await browser.close();
    }
  } finally {
    await stage.takeDown();
  }
});
