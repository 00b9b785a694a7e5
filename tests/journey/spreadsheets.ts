// Owns: files for people, opened by LibreOffice and saved as text again, cell by cell against what the
// addon meant. Must not know: how the files are made.

import { ensurePackages } from "../../dev/debian.ts";
import { openCache } from "../../dev/cache.ts";
import {
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "../../dev/databases.ts";
import { mustRun } from "../../dev/process.ts";

/** Comma, quotes where needed, UTF-8, from the first line; cells as they are shown. */
const AS_TEXT = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";
const READ_TEXT = "--infilter=Text - txt - csv (StarCalc):44,34,76,1";

export interface Opened {
  readonly files: number;
  readonly cells: number;
  /** What a cell said, and what LibreOffice made of it. */
  readonly changed: readonly string[];
}

/** Makes the files on a throw-away database and opens each. */
export async function openInSpreadsheet(): Promise<Opened> {
  await ensurePackages(["libreoffice-calc-nogui"]);
  const cache = await openCache();
  const folder = `${cache.path}/tmp/spreadsheets-${crypto.randomUUID().slice(0, 8)}`;
  await mustRun(cache.ordinary(["mkdir", "-p", `${folder}/saved`]), { cwd: cache.path });
  try {
    await makeFiles(folder);
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`)) as Record<
      string,
      string[][]
    >;
    let cells = 0;
    const changed: string[] = [];
    for (const [name, wanted] of Object.entries(manifest)) {
      const found = await saved(folder, name);
      for (const [place, row] of wanted.entries()) {
        for (const [column, cell] of row.entries()) {
          cells += 1;
          const now = found[place + 1]?.[column] ?? "(nothing)";
          if (now === cell) continue;
          changed.push(`${name} ${place + 2}:${column + 1} ${cell} -> ${now}`);
        }
      }
    }
    return { files: Object.keys(manifest).length, cells, changed };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeFiles(folder: string): Promise<void> {
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "spreadsheets");
  try {
    const program = await Deno.readTextFile(new URL("spreadsheets.py", import.meta.url));
    const args = ["shell", "--no-http"];
    await odooOnce(
      { db, addons: addons.path, args },
      `FOLDER = ${JSON.stringify(folder)}\nexec(${JSON.stringify(program)}, globals())\n`,
    );
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

/** Rows of a file as LibreOffice saves it. */
async function saved(folder: string, name: string): Promise<string[][]> {
  const cache = await openCache();
  const reading = name.endsWith(".csv") ? [READ_TEXT] : [];
  await mustRun(
    cache.ordinary([
      "soffice",
      `-env:UserInstallation=file://${folder}/profile`,
      "--headless",
      ...reading,
      "--convert-to",
      AS_TEXT,
      "--outdir",
      `${folder}/saved`,
      `${folder}/${name}`,
    ]),
    { cwd: folder, env: cache.env },
  );
  const text = await Deno.readTextFile(`${folder}/saved/${name.replace(/\.\w+$/, "")}.csv`);
  return rows(text.replace(/^\uFEFF/, ""));
}

/** RFC 4180. */
function rows(text: string): string[][] {
  const found: string[][] = [[]];
  for (const cell of text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)) {
    const [whole = "", value = "", end = ""] = cell;
    if (whole === "" && found.at(-1)?.length === 0) break;
    const plain = value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value;
    found.at(-1)?.push(plain);
    if (end === "") break;
    if (end !== ",") found.push([]);
  }
  return found;
}
