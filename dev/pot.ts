// Owns: the templates of translations (`i18n/*.pot`) of every addon, written by Odoo itself from the
// installed addon, and the files of its languages (`i18n/*.po`), brought to the same terms. Must not
// know: what a term means. That a committed file is up to date is a test of its addon's.

import {
  ADDON,
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
  SERVICE_ADDON,
  serviceTemplate,
} from "./databases.ts";
import { repository } from "./cache.ts";
import { Trouble } from "./trouble.ts";

/** Each beside ours alone, as its tests have it: what one adds is no term of another. */
const ADDONS: readonly {
  readonly name: string;
  readonly template: () => Promise<string>;
  /** False where the template has it. */
  readonly installs: boolean;
}[] = [
  { name: ADDON, template: addonTemplate, installs: false },
  { name: `${ADDON}_work_entry`, template: addonTemplate, installs: true },
  { name: SERVICE_ADDON, template: serviceTemplate, installs: false },
];
/**
 * Prints the template and each language's file with the terms of the template: a translation is kept
 * with its term, what is no term any more goes, a new one is empty.
 */
const exportOf = (addon: string): string => `
import base64, glob, io, polib
from pathlib import Path
from odoo.modules.module import get_module_path
from odoo.tools.translate import trans_export

def tell(name, text):
    print("FILE[" + name + ":" + base64.b64encode(text.encode()).decode() + "]FILE")

out = io.BytesIO()
trans_export(False, ["${addon}"], out, "po", env)
tell("${addon}.pot", out.getvalue().decode())
for path in sorted(Path(get_module_path("${addon}"), "i18n").glob("*.po")):
    old = polib.pofile(str(path))
    known = {entry.msgid: entry.msgstr for entry in old}
    new = polib.pofile(out.getvalue().decode())
    for entry in new:
        entry.msgstr = known.get(entry.msgid, "")
    new.header, new.metadata = old.header, old.metadata
    tell(path.name, str(new))
`;
/** Dates of the writing would make every run a difference. */
const DATES = /^"(?:POT-Creation|PO-Revision)-Date: .*\n/gm;

/** The files of an addon's folder `i18n`, by name. */
async function exported(
  addon: string,
  template: string,
  installs: boolean,
): Promise<Map<string, string>> {
  const addons = await readableAddons();
  const db = await createDatabase(template, "pot");
  const odoo = (args: string[], input?: string): Promise<string> =>
    odooOnce({ db, addons: addons.path, args: [...args, "--no-http"] }, input);
  try {
    if (installs) await odoo(["-i", addon, "--stop-after-init"]);
    const said = await odoo(["shell"], exportOf(addon));
    const found = [...said.matchAll(/FILE\[([\w.]+):([\w+/=]+)\]FILE/g)];
    if (found.length === 0) throw new Trouble(`Odoo exported no terms of ${addon}.`);
    return new Map(found.map(([, name = "", text = ""]) => [name, decoded(text)]));
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

function decoded(text: string): string {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new TextDecoder().decode(bytes).replace(DATES, "");
}

/** Writes the files; returns each one's path from the root and the number of terms that it has text for. */
export async function writePots(): Promise<{ path: string; terms: number }[]> {
  const written: { path: string; terms: number }[] = [];
  for (const { name, template, installs } of ADDONS) {
    const folder = `odoo_addon/${name}/i18n`;
    await Deno.mkdir(`${repository}/${folder}`, { recursive: true });
    for (const [file, text] of await exported(name, await template(), installs)) {
      const path = `${folder}/${file}`;
      await Deno.writeTextFile(`${repository}/${path}`, text);
      const empty = file.endsWith(".pot") ? 0 : [...text.matchAll(/^msgstr ""\n\n/gm)].length;
      written.push({ path, terms: [...text.matchAll(/^msgid /gm)].length - 1 - empty });
    }
  }
  return written;
}
