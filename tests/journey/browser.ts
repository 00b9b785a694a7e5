// Owns: a person at a browser: log in, open a screen, read what stands there. Must not know: what a
// journey asserts.

import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../../dev/chromium.ts";
import { openMenu } from "./screen_requests.ts";

/** Odoo builds its script bundles at the first visit; that took 15 s on two busy cores. */
const PATIENCE_MS = 90_000;

export async function openBrowser(): Promise<Browser> {
  // A container's root cannot use Chromium's sandbox; only this machine's Odoo is visited.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  return await chromium.launch({ executablePath: await findChromium(), args });
}

/**
 * Browsing of people who have left, of each browser: the next one sits down at it. Nothing of theirs is kept but
 * what the server gives to everybody, the client's scripts, and that they were compiled: a second of processor.
 */
const left = new WeakMap<Browser, BrowserContext[]>();
/** All that a page may keep in a browser; scripts and styles are not among it. */
const KEPT = "cookies,local_storage,indexeddb,cache_storage,service_workers,file_systems";

async function sitDown(browser: Browser): Promise<BrowserContext> {
  return left.get(browser)?.pop() ?? await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "Asia/Manila",
  });
}

/** One person with cookies of their own. Errors of the page's scripts are collected, not swallowed. */
export class Visitor {
  readonly page: Page;
  readonly errors: string[] = [];
  readonly #url: string;

  private constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url } = message.location();
      // A page without one of its own has the browser ask for it; Odoo has none there.
      if (url.endsWith("/favicon.ico")) return;
      this.errors.push(url ? `${message.text()} (${url})` : message.text());
    });
  }

  /** Logs in through Odoo's own form. */
  static async logIn(browser: Browser, url: string, login: string): Promise<Visitor> {
    const context = await sitDown(browser);
    const visitor = new Visitor(await context.newPage(), url);
    const { page } = visitor;
    await page.goto(`${url}/web/login`);
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", login);
    await page.click("button[type=submit]");
    await page.waitForSelector(".o_web_client .o_main_navbar");
    await visitor.#styled();
    return visitor;
  }

  /** A style that does not compile leaves every screen of Odoo bare, yet all of its buttons there. */
  async #styled(): Promise<void> {
    const said = await this.page.evaluate<string>(
      "getComputedStyle(document.body, '::before').content",
    );
    if (said.includes("css error")) throw new Error(`Odoo's style is broken: ${said}`);
  }

  /** Opens an action by its external id or path, as a bookmark would. */
  async open(action: string, ready: string): Promise<void> {
    await this.page.goto(`${this.#url}/odoo/${action}`);
    await this.page.waitForSelector(ready);
  }

  /**
   * Opens an action as a menu of the client that stands there does: a tenth of the processor that loading
   * the whole client anew takes.
   */
  async go(action: string, ready: string): Promise<void> {
    await openMenu(this.page, action.replace(/^action-/, ""));
    await this.page.waitForSelector(ready);
  }

  /** Sections of the app's menu bar, in order; the bar may come after what it leads to. */
  async sections(): Promise<string[]> {
    const bar = this.page.locator(".o_menu_sections > *:visible");
    await bar.first().waitFor();
    const found = await bar.allInnerTexts();
    return found.map((text) => text.trim()).filter((text) => text !== "");
  }

  async texts(selector: string): Promise<string[]> {
    return (await this.page.locator(selector).allInnerTexts()).map((text) => text.trim());
  }

  async close(): Promise<void> {
    const context = this.page.context();
    const { origin } = new URL(this.#url);
    const tools = await context.newCDPSession(this.page);
    await this.page.goto("about:blank");
    await tools.send("Storage.clearDataForOrigin", { origin, storageTypes: KEPT });
    await context.clearCookies();
    await this.page.close();
    const browser = context.browser();
    if (browser) left.set(browser, [...left.get(browser) ?? [], context]);
  }
}
