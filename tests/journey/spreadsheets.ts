// Owns: files for people, opened by LibreOffice and saved as text again, cell by cell against what the
// addon meant, and rosters saved so fed back into the import. Must not know: how the files are made.

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
/** The same to read, with numbers and dates recognised as in English, German and French. */
const LANGUAGES = ["1033", "1031", "1036"];
const readText = (language: string) =>
  `--infilter=Text - txt - csv (StarCalc):44,34,76,1,,${language},false,true`;

export interface Opened {
  readonly files: number;
  readonly cells: number;
  /** Rosters that came back through the import as they were. */
  readonly back: number;
  /** What a cell said, and what LibreOffice made of it; what the import made of a roster. */
  readonly changed: readonly string[];
}

/** Makes the files on a throw-away database, opens each, and imports the rosters that were saved. */
export async function openInSpreadsheet(): Promise<Opened> {
  await ensurePackages(["libreoffice-calc-nogui"]);
  const cache = await openCache();
  const folder = `${cache.path}/tmp/spreadsheets-${crypto.randomUUID().slice(0, 8)}`;
  await mustRun(cache.ordinary(["mkdir", "-p", `${folder}/saved`, `${folder}/back`]), {
    cwd: cache.path,
  });
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "spreadsheets");
  const tell = (program: string) => inShell(db, addons.path, folder, program);
  try {
    await tell("spreadsheets.py");
    const opened = await openEach(folder);
    await saveAs(folder, "roster.xlsx", "xlsx", [], "back");
    const told = (await tell("spreadsheets_back.py")).split("\n")
      .filter((line) => line.startsWith("BACK|")).map((line) => line.split("|"));
    const bad = told.filter(([, verdict]) => verdict !== "good").map((parts) => parts.join(" "));
    if (told.length !== LANGUAGES.length + 2) bad.push(`${told.length} rosters came back`);
    return { ...opened, back: told.length, changed: [...opened.changed, ...bad] };
  } finally {
    await dropDatabase(db);
    await addons.dispose();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Each file in each language, cell by cell; rosters are put aside to be fed back. */
async function openEach(folder: string): Promise<Omit<Opened, "back">> {
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`)) as Record<
    string,
    string[][]
  >;
  let cells = 0;
  const changed: string[] = [];
  for (const [name, wanted] of Object.entries(manifest)) {
    for (const language of name.endsWith(".csv") ? LANGUAGES : [""]) {
      const reading = language ? [readText(language)] : [];
      const text = await saveAs(folder, name, AS_TEXT, reading, "saved");
      const found = rows(text.replace(/^\uFEFF/, ""));
      for (const [place, row] of wanted.entries()) {
        for (const [column, cell] of row.entries()) {
          cells += 1;
          const now = found[place + 1]?.[column] ?? "(nothing)";
          if (now === cell) continue;
          changed.push(`${name} ${language} ${place + 2}:${column + 1} ${cell} -> ${now}`);
        }
      }
      if (name.startsWith("roster.")) {
        await Deno.writeTextFile(`${folder}/back/${name}-${language}.csv`, text);
      }
    }
  }
  return { files: Object.keys(manifest).length, cells, changed };
}

async function inShell(db: string, addons: string, folder: string, name: string): Promise<string> {
  const program = await Deno.readTextFile(new URL(name, import.meta.url));
  return await odooOnce(
    { db, addons, args: ["shell", "--no-http"] },
    `FOLDER = ${JSON.stringify(folder)}\nexec(${JSON.stringify(program)}, globals())\n`,
  );
}

/** A file as LibreOffice saves it into another folder; its text where it is one. */
async function saveAs(
  folder: string,
  name: string,
  form: string,
  reading: readonly string[],
  to: string,
): Promise<string> {
  const cache = await openCache();
  await mustRun(
    cache.ordinary([
      "soffice",
      `-env:UserInstallation=file://${folder}/profile`,
      "--headless",
      ...reading,
      "--convert-to",
      form,
      "--outdir",
      `${folder}/${to}`,
      `${folder}/${name}`,
    ]),
    { cwd: folder, env: cache.env },
  );
  const saved = `${folder}/${to}/${name.replace(/\.\w+$/, "")}`;
  return form === AS_TEXT ? await Deno.readTextFile(`${saved}.csv`) : "";
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
