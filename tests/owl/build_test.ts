// The build of the screens: what it writes is what Odoo's line-based transpiler can read.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { buildTree, compile, differences, targetOf } from "../../dev/build.ts";

/** esbuild is a process of its own that lives until `stop`, which outlasts the test that calls it. */
const withEsbuild = (name: string) => ({ name, sanitizeOps: false, sanitizeResources: false });

Deno.test("targetOf() sends tests and tours to static/tests, the rest to static/src", () => {
  assert.equal(targetOf("format.ts"), "src/format.js");
  assert.equal(targetOf("a/b.xml"), "src/a/b.xml");
  assert.equal(targetOf("a/b.scss"), "src/a/b.scss");
  assert.equal(targetOf("a/b.test.ts"), "tests/a/b.test.js");
  assert.equal(targetOf("a/b_bench.ts"), "tests/a/b_bench.js");
  assert.equal(targetOf("tours/board.ts"), "tests/tours/board.js");
  assert.equal(targetOf("odoo.d.ts"), null);
  assert.throws(() => targetOf("notes.md"), /only \.ts, \.xml and \.scss/);
});

Deno.test(
  withEsbuild("compile() leaves imports and _t as Odoo's transpiler wants them"),
  async () => {
    const code = await compile(
      "a/b.ts",
      [
        'import { Component } from "@odoo/owl";',
        'import { _t } from "@web/core/l10n/translation";',
        'import { one, type Two } from "./one.ts";',
        'import "../side.ts";',
        'import type { Three } from "./three.ts";',
        "export class B extends Component<Two> {",
        "  static template = 'x';",
        "  declare three: Three;",
        "  label = _t('Term') + one;",
        "}",
      ].join("\n"),
    );
    assert.match(code, /^\/\/ generated from owl_src\/a\/b\.ts, do not edit$/m);
    assert.match(code, /^import \{ _t \} from "@web\/core\/l10n\/translation";$/m);
    assert.match(code, /^import \{ one \} from "\.\/one";$/m);
    assert.match(code, /^import "\.\.\/side";$/m);
    assert.match(code, /_t\("Term"\)/);
    assert.doesNotMatch(code, /three|Two|\.ts"/);
    await esbuild.stop();
  },
);

Deno.test(
  withEsbuild("compile() refuses what Odoo's transpiler turns into a broken client"),
  async () => {
    const text = 'import { type Two } from "./one.ts";\nexport const one: Two = 1;';
    await assert.rejects(compile("a/b.ts", text), /owl_src\/a\/b\.ts: write `import type`/);
    await esbuild.stop();
  },
);

Deno.test(withEsbuild("compile() keeps an XML prolog first"), async () => {
  const xml = await compile("a.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<templates/>\n');
  assert.match(xml, /^<\?xml[^\n]*\n<!-- generated from owl_src\/a\.xml, do not edit -->\n<t/);
});

Deno.test(
  withEsbuild("compile() fails on a syntax error instead of writing half a file"),
  async () => {
    await assert.rejects(compile("a.ts", "export const = 1;"));
    await esbuild.stop();
  },
);

Deno.test(withEsbuild("buildTree() reads nested folders"), async () => {
  const folder = await mkdtemp(join(tmpdir(), "owl-build-"));
  try {
    await mkdir(join(folder, "deep", "er"), { recursive: true });
    await writeFile(join(folder, "deep", "er", "a.ts"), "export const a: number = 1;\n");
    await writeFile(join(folder, "types.d.ts"), "declare const b: number;\n");
    const tree = await buildTree(folder);
    assert.deepEqual([...tree.keys()], ["src/deep/er/a.js"]);
    assert.match(tree.get("src/deep/er/a.js")!, /const a = 1;/);
  } finally {
    await rm(folder, { recursive: true });
    await esbuild.stop();
  }
});

Deno.test("differences() names what is missing, differs or is stale", () => {
  const fresh = new Map([["src/a.js", "1"], ["src/b.js", "2"], ["src/c.js", "3"]]);
  const committed = new Map([["src/a.js", "1"], ["src/b.js", "x"], ["src/d.js", "4"]]);
  assert.deepEqual(differences(fresh, committed), [
    "differs  static/src/b.js",
    "missing  static/src/c.js",
    "stale    static/src/d.js",
  ]);
  assert.deepEqual(differences(fresh, fresh), []);
});
