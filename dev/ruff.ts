// Owns: ruff's lint and format for the Python of the project, through its WebAssembly package, so that
// nobody needs a Python package index. `--fix` writes the formatting. Must not know: the rules
// (ruff.toml).

import { type Diagnostic, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import { repository } from "./cache.ts";
import { mustRun } from "./process.ts";
import { main } from "./trouble.ts";

/** Where Python lives. */
const FOLDERS = ["odoo_addon", "tests", "dev", "edge_agent"];
const UTF32 = 2;

interface RuffSettings {
  readonly lint?: { readonly "per-file-ignores"?: Readonly<Record<string, readonly string[]>> };
}

export interface RuffReport {
  readonly files: number;
  readonly findings: readonly string[];
}

async function settings(): Promise<RuffSettings> {
  const read = "import json,sys,tomllib;print(json.dumps(tomllib.load(open(sys.argv[1],'rb'))))";
  const text = await mustRun(["/usr/bin/python3", "-c", read, `${repository}/ruff.toml`]);
  return JSON.parse(text) as RuffSettings;
}

async function pythonFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory && entry.name !== "__pycache__") found.push(...await pythonFiles(path));
    else if (entry.isFile && entry.name.endsWith(".py")) found.push(path);
  }
  return found.sort();
}

/** The package is handed text without a path, so ignores for a file name are applied here. */
function ignoredIn(path: string, config: RuffSettings): Set<string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return new Set(config.lint?.["per-file-ignores"]?.[name] ?? []);
}

/** Lints every Python file and compares its formatting; with `fix`, writes the formatting. */
export async function ruff(fix = false): Promise<RuffReport> {
  const config = await settings();
  const workspace = new Workspace(config, UTF32);
  const findings: string[] = [];
  const files = (await Promise.all(FOLDERS.map((folder) => pythonFiles(`${repository}/${folder}`))))
    .flat();
  for (const path of files) {
    const name = path.slice(repository.length + 1);
    const text = await Deno.readTextFile(path);
    const ignored = ignoredIn(path, config);
    for (const found of workspace.check(text) as Diagnostic[]) {
      if (found.code !== null && ignored.has(found.code)) continue;
      const { row, column } = found.start_location;
      findings.push(`${name}:${row}:${column} ${found.code ?? "syntax"} ${found.message}`);
    }
    const formatted = workspace.format(text);
    if (formatted === text) continue;
    if (fix) await Deno.writeTextFile(path, formatted);
    else findings.push(`${name} is not formatted; node dev/bootstrap.mjs dev/ruff.ts --fix`);
  }
  return { files: files.length, findings };
}

if (import.meta.main) {
  await main(async () => {
    const report = await ruff(Deno.args.includes("--fix"));
    for (const finding of report.findings) console.log(finding);
    console.log(`${report.files} Python files, ${report.findings.length} findings`);
    return report.findings.length === 0 ? 0 : 1;
  });
}
