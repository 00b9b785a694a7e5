// Owns: reading the project's pages for their tests: which there are, what a page links to, which paths
// it names, its tables. Must not know: what any page is about.

import { dirname, join, normalize } from "node:path";

export const root = new URL("../..", import.meta.url).pathname;

/** What no one wrote by hand. */
const FOREIGN = new Set(["node_modules", ".git", "dist", ".cache", "__pycache__"]);

/** Every file and folder of the project by its path from the root; works without git. */
export async function projectPaths(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(root + folder)) {
    if (FOREIGN.has(entry.name)) continue;
    found.push(folder + entry.name);
    if (entry.isDirectory) found.push(...await projectPaths(`${folder}${entry.name}/`));
  }
  return found.sort();
}

export const read = (path: string): Promise<string> => Deno.readTextFile(root + path);

/** Link targets of a page that lead into the project, as written. */
export function linksOf(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => found[1] ?? "");
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** `docs/a.md`, `../b.md#c`: the path from the root, and the heading it leads to if any. */
export function resolveLink(page: string, target: string): { path: string; heading: string } {
  const [file = "", heading = ""] = target.split("#");
  const path = file === "" ? page : normalize(join(dirname(page), file));
  return { path: path.replace(/\/$/, ""), heading };
}

/** Headings as they are linked to: lower case, blanks to hyphens, no punctuation. */
export function headingsOf(text: string): Set<string> {
  const found = text.matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...found].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\- ]/gu, "").replaceAll(" ", "-")
    ),
  );
}

/**
 * Paths that a page names: words that begin with one of the project's folders. What stands for
 * something else (`tests/edge/<room>`, `tests/edge/*`, `tests/edge/…`) counts up to that part.
 */
export function pathsOf(text: string, folders: readonly string[]): string[] {
  const word = new RegExp(`(?<![\\w./@-])(?:${folders.join("|")})/[\\w./*<…-]*`, "g");
  const paths = (text.replace(/\]\([^)]*\)/g, "]").match(word) ?? []).map((path) =>
    path.replace(/[^/]*[*<…].*$/, "").replace(/[./]+$/, "")
  );
  return [...new Set(paths)].sort();
}

/** The rows of every table of a page, as cells; heads and rules left out. */
export function rowsOf(text: string): string[][] {
  return text.split("\n").filter((line) => /^\| .* \|$/.test(line)).map((line) =>
    line.slice(2, -2).split(" | ").map((cell) => cell.trim())
  );
}
