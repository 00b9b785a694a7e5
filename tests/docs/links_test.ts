// Tests that pages lead somewhere: every relative link, and every path of the repository that a page
// names, is there.

import assert from "node:assert/strict";
import { headingsOf, linksOf, pathsOf, projectPaths, read, resolveLink } from "./pages.ts";

const paths = await projectPaths();
const isThere = new Set(paths);
const pages = paths.filter((path) => path.endsWith(".md"));
const texts = new Map(
  await Promise.all(pages.map(async (page) => [page, await read(page)] as const)),
);
const FOLDERS = ["dev", "docs", "edge_agent", "odoo_addon", "owl_src", "tests"];

Deno.test("docs: there are pages to look at", () => {
  for (const page of ["README.md", "CONTRIBUTING.md", "docs/README.md", "docs/promises.md"]) {
    assert.ok(texts.has(page), page);
  }
});

// Turns red when a page is renamed, moved or taken away while another still leads to it.
Deno.test("docs: every relative link leads to a file, and to a heading where it names one", () => {
  const broken: string[] = [];
  for (const [page, text] of texts) {
    for (const target of linksOf(text)) {
      const { path, heading } = resolveLink(page, target);
      if (!isThere.has(path)) broken.push(`${page}: ${target}`);
      else if (heading && !headingsOf(texts.get(path) ?? "").has(heading)) {
        broken.push(`${page}: ${target} names no heading of ${path}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

// Turns red when a file or folder moves and a page still names its old place.
Deno.test("docs: every path of the repository that a page names is there", () => {
  const broken: string[] = [];
  for (const [page, text] of texts) {
    for (const path of pathsOf(text, FOLDERS)) {
      if (!isThere.has(path)) broken.push(`${page}: ${path}`);
    }
  }
  assert.deepEqual(broken, []);
});

// Turns red when a page is written that nobody finds.
Deno.test("docs: the index names every page of docs, the decisions' index every decision", () => {
  for (const [index, folder] of [["docs/README.md", "docs/"], ["docs/decisions/README.md", ""]]) {
    const home = folder || "docs/decisions/";
    const named = linksOf(texts.get(index ?? "") ?? "").map((to) =>
      resolveLink(index ?? "", to).path
    );
    const there = pages.filter((page) =>
      page.startsWith(home) && page !== index && !page.slice(home.length).includes("/")
    );
    assert.deepEqual(there.filter((page) => !named.includes(page)), [], index);
  }
});

Deno.test("docs: what these tests read of a page is what stands there", () => {
  assert.deepEqual(linksOf("[a](b.md#c) [d](https://e.org) ![f](g/h.png)"), ["b.md#c", "g/h.png"]);
  assert.deepEqual(resolveLink("docs/a.md", "../b.md#c-d"), { path: "b.md", heading: "c-d" });
  assert.deepEqual(resolveLink("docs/a.md", "#c"), { path: "docs/a.md", heading: "c" });
  assert.deepEqual([...headingsOf("# One, two `x`!\ntext\n## Three")], ["one-two-x", "three"]);
  const text =
    "`dev/a.ts`, dev/b/. /dev/null `tests/edge/<room>` `x/dev/c` [dev](dev/d) `dev/e*.ts`";
  assert.deepEqual(pathsOf(text, ["dev", "tests"]), ["dev", "dev/a.ts", "dev/b", "tests/edge"]);
});
