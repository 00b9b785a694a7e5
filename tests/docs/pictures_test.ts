// Tests the pictures of the screens: each that is named is there, each that is there is taken by the script
// and named, all are light, and the addons' own pages need nothing from elsewhere.

import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { MOST_BYTES, MOST_BYTES_ALL, pathOf, SHOWS } from "../../dev/pictures.ts";
import { linksOf, projectPaths, read, resolveLink, root } from "./pages.ts";

const ADDON_PAGE = "static/description/index.html";
/** Drawn by dev/icon.ts, shown by Odoo itself. */
const ICON = "/icon.png";

const paths = await projectPaths();
const isThere = new Set(paths);
const addonPages = paths.filter((path) => path.endsWith(ADDON_PAGE));
const addons = paths.filter((path) => /^odoo_addon\/[^/]+$/.test(path));
const taken = SHOWS.flatMap(({ sittings }) => sittings.flatMap(({ pictures }) => pictures));

const sourcesOf = (html: string): string[] =>
  [...html.matchAll(/<img[^>]*\ssrc="([^"]*)"/g)].map((found) => found[1] ?? "");

/** Every picture that a page shows: page, and path from the root. */
async function shown(): Promise<{ page: string; path: string }[]> {
  const found: { page: string; path: string }[] = [];
  for (const page of paths.filter((path) => path.endsWith(".md"))) {
    const links = linksOf(await read(page)).filter((target) => target.endsWith(".png"));
    found.push(...links.map((target) => ({ page, path: resolveLink(page, target).path })));
  }
  for (const page of addonPages) {
    const sources = sourcesOf(await read(page));
    found.push(
      ...sources.map((source) => ({ page, path: normalize(join(dirname(page), source)) })),
    );
  }
  return found;
}

// Turns red when a page or an addon's own one shows a picture that is not in the repository.
Deno.test("pictures: each that a page shows is there", async () => {
  const all = await shown();
  assert.ok(all.length > taken.length, `${all.length} of ${taken.length}`);
  assert.deepEqual(all.filter(({ path }) => !isThere.has(path)), []);
});

// Turns red when a picture is added to the list and taken or shown nowhere, or one stays that nobody takes.
Deno.test("pictures: the script takes each that is there, and each of them is shown", async () => {
  const named = taken.map(pathOf);
  assert.equal(new Set(named).size, named.length, "two pictures of one name");
  const there = paths.filter((path) =>
    path.endsWith(".png") && !path.endsWith(ICON) && /^(docs|odoo_addon)\//.test(path)
  );
  assert.deepEqual(there, [...named].sort());
  const seen = new Set((await shown()).map(({ path }) => path));
  assert.deepEqual(named.filter((path) => !seen.has(path)), [], "shown by no page");
  // what lies in an addon is there for the addon's own page
  const own = new Set(
    (await shown()).filter(({ page }) => page.endsWith(ADDON_PAGE)).map(({ path }) => path),
  );
  assert.deepEqual(named.filter((path) => path.startsWith("odoo_addon/") && !own.has(path)), []);
});

// Turns red when a picture is committed as the browser made it: some hundred kilobytes each.
Deno.test("pictures: they are light", async () => {
  const sizes = await Promise.all(
    taken.map(async (one) => [pathOf(one), (await Deno.stat(root + pathOf(one))).size] as const),
  );
  assert.deepEqual(sizes.filter(([, size]) => size > MOST_BYTES), []);
  const all = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(all <= MOST_BYTES_ALL, `${all} bytes`);
});

// Turns red when an addon has no page, or its page loads or leads to something outside of it: Odoo's
// shop refuses that, and an Odoo without Internet shows holes.
Deno.test("pictures: each addon has a page of its own that stands alone", async () => {
  assert.deepEqual(addonPages, addons.map((addon) => `${addon}/${ADDON_PAGE}`));
  for (const page of addonPages) {
    const html = await read(page);
    assert.doesNotMatch(html, /<script|<link|<iframe|javascript:|https?:|\son\w+=/i, page);
    for (const [image] of html.matchAll(/<img[^>]*>/g)) {
      assert.match(image, /\salt="[^"]{10,}"/, `${page}: a picture needs words`);
    }
  }
  for (const addon of addons) {
    const manifest = await read(`${addon}/__manifest__.py`);
    for (const [, image = ""] of manifest.matchAll(/"(static\/description\/[^"]*)"/g)) {
      assert.ok(isThere.has(`${addon}/${image}`), `${addon}: ${image}`);
    }
  }
});
