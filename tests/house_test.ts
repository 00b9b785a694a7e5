// Tests the rules of the house that no compiler knows: which way imports run, how a file opens, how
// long it may be, what must not be in it.

import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";

const root = new URL("..", import.meta.url).pathname;

/** What no one wrote by hand. */
const FOREIGN = new Set(["node_modules", ".git", "dist", ".cache", "__pycache__"]);

/** Every file of the project by its name from the root; works without git, as in an unpacked archive. */
async function projectFiles(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(root + folder)) {
    if (FOREIGN.has(entry.name)) continue;
    if (entry.isDirectory) found.push(...await projectFiles(`${folder}${entry.name}/`));
    else if (entry.isFile) found.push(folder + entry.name);
  }
  return found.sort();
}

const files = await projectFiles();
/** What the build of the screens writes: it repeats sources that are tested where they are. */
const isGenerated = (name: string): boolean => /\/static\/(src|tests)\//.test(name);
const sources = files.filter((name) => /\.(ts|mjs|js|py|scss)$/.test(name) && !isGenerated(name));
const read = (name: string): Promise<string> => Deno.readTextFile(root + name);

Deno.test("house: there are sources to look at", () => {
  for (const folder of ["edge_agent/", "odoo_addon/", "tests/", "dev/"]) {
    assert.ok(sources.some((name) => name.startsWith(folder)), folder);
  }
});

// Turns red when an engine file says `import odoo`, `from odoo import fields` or `import time`.
Deno.test("house: the engine imports the standard library and itself, neither odoo nor a clock", async () => {
  const allowed = new Set(
    "__future__ bisect calendar collections csv dataclasses datetime decimal difflib enum fractions functools hashlib heapq io itertools json math operator re statistics string types typing unicodedata zoneinfo"
      .split(" "),
  );
  const engine = files.filter((name) => /biometric_attendance\/engine\/.*\.py$/.test(name));
  assert.ok(engine.length > 0);
  for (const name of engine) {
    const text = await read(name);
    // A line of prose can begin with "from", too.
    for (
      const [, module = ""] of text.matchAll(
        /^\s*(?:from(?=\s+\S+\s+import\b)|import)\s+([\w.]+)/gm,
      )
    ) {
      if (module.startsWith(".")) continue;
      assert.ok(allowed.has(module.split(".")[0] ?? ""), `${name} imports ${module}`);
    }
    assert.doesNotMatch(text, /\b(?:now|today|utcnow)\(\)/, `${name} asks the clock`);
  }
});

// Turns red when a test helper of the simulated terminal imports the agent's codec.
Deno.test("house: the simulated terminal knows nothing of the agent", async () => {
  for (const name of files.filter((file) => file.startsWith("tests/sim/push/"))) {
    assert.doesNotMatch(await read(name), /from "[^"]*edge_agent/, name);
  }
});

/** Imports, over one line or several in brackets, and nothing else. */
const ONLY_IMPORTS = /^(?:\s*(?:from|import) [^\n(]*(?:\([^)]*\))?[^\n]*\n?)*\s*$/;

// Turns red when the head comment of a file is removed. An __init__.py that only imports needs none.
Deno.test("house: every source file opens by saying what it owns", async () => {
  for (const name of sources) {
    const text = await read(name);
    if (name.endsWith("/__manifest__.py")) continue;
    if (name.endsWith(".py")) {
      if (/(^|\/)__init__\.py$/.test(name) && ONLY_IMPORTS.test(text)) continue;
      assert.match(text, /^(#!.*\n)?\s*(#|"""|r""")/, `${name} opens without a comment`);
    } else {
      assert.match(text, /^(#!.*\n)?\s*(\/\/|\/\*)/, `${name} opens without a comment`);
    }
  }
});

Deno.test("house: nothing is left to do in a comment", async () => {
  const unfinished = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
  for (const name of sources) assert.doesNotMatch(await read(name), unfinished, name);
});

/** What a person reads in one sitting; a test file is a list and may be longer. */
const LONGEST = { source: 400, test: 650 };
const isTest = (name: string): boolean => /(^|\/)tests\/|[._]test\.ts$/.test(name);

// Turns red when a file grows past what a person reads in one sitting.
Deno.test("house: no source file is longer than it should be", async () => {
  const long: string[] = [];
  for (const name of sources) {
    const lines = (await read(name)).split("\n").length - 1;
    if (lines > (isTest(name) ? LONGEST.test : LONGEST.source)) long.push(`${name}: ${lines}`);
  }
  assert.deepEqual(long, []);
});

Deno.test("house: no lint rule is switched off without its reason", async () => {
  const directive = /deno-lint-ignore|# noqa|@ts-ignore|@ts-nocheck|@ts-expect-error/;
  for (const name of sources.filter((file) => file !== "tests/house_test.ts")) {
    const lines = (await read(name)).split("\n");
    for (const [index, line] of lines.entries()) {
      // An import below the line that makes it possible says itself why it stands there.
      if (!directive.test(line) || /# noqa: E402\b/.test(line)) continue;
      const explained = /\s--?\s\S/.test(line) || /^\s*(\/\/|\/?\*|#)/.test(lines[index - 1] ?? "");
      assert.ok(explained, `${name}:${index + 1} ${line.trim()}`);
    }
  }
});

Deno.test("house: no test is left out or runs alone", async () => {
  const skipping =
    /\bDeno\.test\.(ignore|only)\b|\b(ignore|only):\s*true|^\s*(ignore|only),$|@unittest\.skip|\btest\.(skip|only|todo)\(/m;
  for (const name of sources.filter((file) => file !== "tests/house_test.ts")) {
    assert.doesNotMatch(await read(name), skipping, name);
  }
});

/** Relative imports of a TypeScript file as names from the root; types leave nothing at run time. */
async function importsOf(name: string): Promise<string[]> {
  const text = await read(name);
  return [...text.matchAll(/^(?:import|export)(?! type)[^"';]*?from\s+"(\.[^"]+)";/gm)]
    .map(([, path = ""]) => normalize(join(dirname(name), path)));
}

// Turns red when two files import each other, also through others.
Deno.test("house: imports run one way, nowhere in a circle", async () => {
  const typescript = sources.filter((name) => /\.(ts|mjs)$/.test(name));
  const graph = new Map(
    await Promise.all(typescript.map(async (name) => [name, await importsOf(name)] as const)),
  );
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    assert.ok(!path.includes(name), [...path.slice(path.indexOf(name)), name].join(" -> "));
    if (done.has(name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
});

Deno.test("house: shipped code imports neither tests nor scripts", async () => {
  for (const name of sources.filter((file) => /^(edge_agent|owl_src)\/.*\.ts$/.test(file))) {
    const outside = (await importsOf(name)).filter((path) =>
      /^(tests|dev|odoo_addon)\//.test(path)
    );
    assert.deepEqual(outside, [], name);
  }
});

Deno.test("house: deno.json and package.json name the same versions", async () => {
  const { imports } = JSON.parse(await read("deno.json")) as { imports: Record<string, string> };
  const { dependencies, devDependencies, scripts } = JSON.parse(
    await read("package.json"),
  ) as Record<
    string,
    Record<string, string>
  >;
  const versions: Record<string, string> = { ...dependencies, ...devDependencies };
  for (const [name, target] of Object.entries(imports)) {
    if (target.startsWith("npm:")) assert.equal(target, `npm:${name}@${versions[name]}`);
  }
  for (const [name, script] of Object.entries(scripts ?? {})) {
    const path = /(?:dev|edge_agent)\/(?:\w+\/)*\w+\.ts/.exec(script)?.[0] ?? "";
    assert.ok(files.includes(path), `npm run ${name} runs ${path}`);
  }
});
