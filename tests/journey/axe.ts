// Owns: what axe-core finds on a page that somebody with a screen reader, a keyboard or weak eyes
// cannot use. Must not know which page. Any journey may ask it of any screen.

import type { Page } from "playwright-core";

/** The rules of WCAG 2.1 at the levels A and AA; what is only advised is no fault. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const GRAVE = ["serious", "critical"];
/** What Odoo's own lists and forms draw by themselves, as any module's screens have them. */
const OF_ODOO = [
  ".o_list_view .o_list_record_selector",
  ".o_list_renderer .o-checkbox",
  "#boolean_checkbox",
  ".o_optional_columns_dropdown",
  ".o_field_boolean",
  ".o-autocomplete--input",
  ".o_select_menu",
  ".settings_tab",
  ".o_notebook_headers",
  ".o_field_many2one_avatar_employee",
  ".o_field_many2one_avatar_user",
  ".o_field_many2one_avatar",
  ".o_control_panel",
  ".o_search_panel",
  ".o_search_panel_sidebar",
  ".o_field_badge",
  ".o_pivot",
  ".o_colorlist",
];

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let source: Promise<string> | undefined;

function axeSource(): Promise<string> {
  const path = new URL("../../node_modules/axe-core/axe.min.js", import.meta.url);
  return source ??= Deno.readTextFile(path);
}

/**
 * Serious and critical faults of ours within an element (a CSS selector; the whole document where none is
 * given), one line for each element: rule, its words, and the element. Evaluated through the debugger,
 * so that a page's content policy need not allow it.
 */
export async function faultsOf(page: Page, within = "html"): Promise<string[]> {
  // A client that draws anew has no such element for a moment.
  await page.locator(within).first().waitFor();
  if (await page.evaluate("typeof axe") === "undefined") await page.evaluate(await axeSource());
  const found = await page.evaluate(
    `axe.run(${
      JSON.stringify({ include: [[within]], exclude: OF_ODOO.map((selector) => [selector]) })
    }, ${
      JSON.stringify({
        runOnly: { type: "tag", values: TAGS },
        resultTypes: ["violations"],
      })
    }).then(({ violations }) => violations)`,
  ) as readonly Violation[];
  return found
    .filter(({ impact }) => GRAVE.includes(impact ?? ""))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) =>
        `${id}: ${help}: ${html.slice(0, 200)} (${failureSummary?.split("\n").at(-1)?.trim()})`
      )
    );
}
