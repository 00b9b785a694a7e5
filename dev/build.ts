/**
 * Builds the screens: owl_src -> odoo_addon/biometric_attendance/static.
 *
 * Owns the two generated folders, `static/src` and `static/tests`, whole: a file there that no source
 * asks for is removed, because Odoo's asset globs would go on loading it. Knows nothing of what the
 * screens do. File by file, never bundled or minified: Odoo's own line-based transpiler has to
 * recognise every import, and `_t` must keep its name to be extracted and translated.
 *
 *   npm run build                writes
 *   npm run build -- --check     writes nothing; exit 1 when the committed output differs
 */
import * as esbuild from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const SOURCE = join(ROOT, "owl_src");
const STATIC = join(ROOT, "odoo_addon", "biometric_attendance", "static");
const GENERATED = ["src", "tests"];

/** Path below `static/` -> text. */
export type Tree = Map<string, string>;

/** Paths below `folder`, with forward slashes, sorted; none when the folder is not there. */
async function filesBelow(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Where a source file goes below `static/`; null for typings, which leave nothing behind. */
export function targetOf(source: string): string | null {
  if (source.endsWith(".d.ts")) return null;
  const isTest = /(\.test|_bench)\.ts$/.test(source) || source.startsWith("tours/");
  const target = `${isTest ? "tests" : "src"}/${source}`;
  if (/\.(xml|scss)$/.test(source)) return target;
  if (source.endsWith(".ts")) return target.replace(/\.ts$/, ".js");
  throw new Error(`owl_src/${source}: only .ts, .xml and .scss are built`);
}

/** The text of the output file made from `source`. */
export async function compile(source: string, text: string): Promise<string> {
  const banner = `generated from owl_src/${source}, do not edit`;
  if (source.endsWith(".scss")) return `/* ${banner} */\n${text}`;
  if (source.endsWith(".xml")) {
    const prolog = /^<\?xml[^>]*\?>\n/.exec(text)?.[0] ?? "";
    return `${prolog}<!-- ${banner} -->\n${text.slice(prolog.length)}`;
  }
  const { code } = await esbuild.transform(text, {
    loader: "ts",
    format: "esm",
    target: "es2022",
    charset: "utf8",
    sourcefile: source,
    banner: `// ${banner}`,
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: true, verbatimModuleSyntax: true } },
  });
  // `import { type X }` leaves this behind, and Odoo's reader of imports breaks the whole client on it.
  if (/^import \{ *\} from/m.test(code)) {
    throw new Error(`owl_src/${source}: write \`import type\` where nothing but types is imported`);
  }
  // Deno and tsc want the extension in a relative import, Odoo's module names have none.
  return code.replace(/(\bfrom |^import )("\.{1,2}\/[^"\n]+)\.ts";$/gm, '$1$2";');
}

/** Everything a build would leave below `static/`. */
export async function buildTree(sourceFolder: string): Promise<Tree> {
  const tree: Tree = new Map();
  for (const source of await filesBelow(sourceFolder)) {
    const target = targetOf(source);
    if (target === null) continue;
    tree.set(target, await compile(source, await readFile(join(sourceFolder, source), "utf8")));
  }
  return tree;
}

/** What the folders on disk hold now. */
async function readTree(staticFolder: string): Promise<Tree> {
  const tree: Tree = new Map();
  for (const folder of GENERATED) {
    for (const file of await filesBelow(join(staticFolder, folder))) {
      tree.set(`${folder}/${file}`, await readFile(join(staticFolder, folder, file), "utf8"));
    }
  }
  return tree;
}

/** One line for each path on which the two trees differ. */
export function differences(fresh: Tree, committed: Tree): string[] {
  const lines = [];
  for (const [path, text] of fresh) {
    const there = committed.get(path);
    if (there === undefined) lines.push(`missing  static/${path}`);
    else if (there !== text) lines.push(`differs  static/${path}`);
  }
  for (const path of committed.keys()) {
    if (!fresh.has(path)) lines.push(`stale    static/${path}`);
  }
  return lines.sort();
}

async function writeTree(fresh: Tree, staticFolder: string): Promise<string[]> {
  const committed = await readTree(staticFolder);
  const changes = differences(fresh, committed);
  for (const path of committed.keys()) {
    if (!fresh.has(path)) await rm(join(staticFolder, path));
  }
  for (const [path, text] of fresh) {
    if (committed.get(path) === text) continue;
    await mkdir(dirname(join(staticFolder, path)), { recursive: true });
    await writeFile(join(staticFolder, path), text);
  }
  return changes;
}

async function main(args: string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== "--check");
  if (unknown.length > 0) {
    console.error(`build: unknown argument ${unknown[0]}; known: --check`);
    return 2;
  }
  const fresh = await buildTree(SOURCE);
  if (!args.includes("--check")) {
    const changes = await writeTree(fresh, STATIC);
    console.log(changes.join("\n") || "nothing changed");
    console.log(`${fresh.size} files built`);
    return 0;
  }
  const lines = differences(fresh, await readTree(STATIC));
  if (lines.length === 0) {
    console.log(`${fresh.size} files, the committed build is fresh`);
    return 0;
  }
  console.error(lines.join("\n"));
  console.error(
    "The committed screens are not what owl_src gives: run `npm run build` and commit.",
  );
  return 1;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } finally {
    await esbuild.stop();
  }
}
