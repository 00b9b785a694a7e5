// Owns: what a label is and when it is cut, and every screen of the addon's menus in a language at two
// widths. Must not know: what a label says. Run by `npm run campaign -- labels`; in English by the roles.

import type { Page } from "playwright-core";
import { openBrowser, Visitor } from "./browser.ts";
import { type Scene, withScene } from "./scene.ts";
import { menusOf, openMenu } from "./screen_requests.ts";

const ADDON = "biometric_attendance";
/** A clerk's screen and a phone's, in CSS pixels. */
const WIDTHS = [1366, 390] as const;
const HEIGHT = 900;
/** Sees the most menus of all roles. */
const LOGIN = "officer";

/**
 * Runs in the page: texts of what is pressed or read as a label that do not fit where they stand. A name
 * in a list's row is data and may be shortened; a heading, a button, a field's label is not.
 */
const CUT = `(() => {
  const labels = "button, .btn, .o_form_label, label, h1, h2, h3, h4, .nav-link, .badge, .o_stat_text, " +
    ".o_menu_sections > *, .o_group_name, .o_view_nocontent p, [role=tab], [role=columnheader], thead th";
  const inside = (one) => one.closest(".o_action_manager, .o_main_navbar, .modal");
  const seen = (one) => one.offsetWidth > 0 && one.offsetHeight > 0;
  const hides = (one) => getComputedStyle(one).overflowX !== "visible";
  const words = (one) => one.textContent.trim().replace(/\\s+/g, " ");
  const cut = [...document.querySelectorAll(labels)].filter((one) => inside(one) && seen(one))
    .filter((one) => [one, ...one.querySelectorAll("*")].some((part) =>
      hides(part) && part.scrollWidth > part.clientWidth + 1 && part.children.length === 0 && words(part)));
  const outside = [...document.querySelectorAll(".o_action_manager .btn, .modal .btn")].filter(seen)
    .filter((one) => {
      const box = one.getBoundingClientRect();
      let parent = one.parentElement;
      while (parent && !/auto|scroll/.test(getComputedStyle(parent).overflowX)) parent = parent.parentElement;
      return !parent && (box.right > innerWidth + 1 || box.left < -1);
    });
  return [...new Set([...cut, ...outside].map(words))].filter(Boolean);
})()`;

/** A label that is cut, and where. */
export interface CutLabel {
  readonly language: string;
  readonly width: number;
  readonly menu: string;
  readonly label: string;
}

/** Installs the languages of files (`de`, `pt_BR`) as an administrator does; Odoo's codes, in their order. */
export async function install(
  { admin }: Scene["branch"],
  files: readonly string[],
): Promise<string[]> {
  const every = { context: { active_test: false } };
  const fields = ["code", "iso_code"];
  const found = await admin.call("res.lang", "search_read", [
    [["iso_code", "in", [...files]]],
    fields,
  ], every);
  const langs = found as {
    readonly id: number;
    readonly code: string;
    readonly iso_code: string;
  }[];
  const [wizard = 0] = await admin.create("base.language.install", [{
    lang_ids: langs.map(({ id }) => id),
    overwrite: true,
  }]);
  await admin.call("base.language.install", "lang_install", [[wizard]]);
  return files.map((file) => langs.find(({ iso_code }) => iso_code === file)?.code ?? "");
}

/** Labels of the screen that is open which do not fit where they stand. */
export async function cutOn(page: Page): Promise<string[]> {
  return await page.evaluate(CUT) as string[];
}

async function walk(page: Page, language: string): Promise<CutLabel[]> {
  const found: CutLabel[] = [];
  for (const { name, xmlid, action } of await menusOf(page, ADDON)) {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      await openMenu(page, action);
      const labels = await cutOn(page);
      const menu = `${name} (${xmlid})`;
      found.push(...labels.map((label) => ({ language, width, menu, label })));
    }
  }
  return found;
}

async function inLanguage(scene: Scene, language: string): Promise<CutLabel[]> {
  const { branch, stage } = scene;
  const [user] = await branch.admin.rows("res.users", [["login", "=", LOGIN]], ["id"]);
  await branch.admin.write("res.users", [user?.["id"] as number], { lang: language });
  const browser = await openBrowser();
  try {
    const visitor = await Visitor.logIn(browser, stage.odoo.url, LOGIN);
    return await walk(visitor.page, language);
  } finally {
    await browser.close();
  }
}

/** Every menu's screen in each language (names of files); `say` gets a line as each language is done. */
export async function cutLabels(
  files: readonly string[],
  say: (line: string) => void,
): Promise<CutLabel[]> {
  const found: CutLabel[] = [];
  await withScene(3, async (scene) => {
    for (const language of await install(scene.branch, files)) {
      const cut = await inLanguage(scene, language);
      say(`${language}: ${cut.length} labels cut`);
      found.push(...cut);
    }
  });
  return found;
}
