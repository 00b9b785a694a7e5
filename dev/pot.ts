// Owns: the template of translations (`i18n/*.pot`), written by Odoo itself from the installed addon.
// Must not know: what a term means. That the committed file is up to date is a test of the addon's.

import {
  ADDON,
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
} from "./databases.ts";
import { repository } from "./cache.ts";
import { Trouble } from "./trouble.ts";

const EXPORT = `
import base64, io
from odoo.tools.translate import trans_export
out = io.BytesIO()
trans_export(False, ["${ADDON}"], out, "po", env)
print("POT[" + base64.b64encode(out.getvalue()).decode() + "]POT")
`;
/** Dates of the writing would make every run a difference. */
const DATES = /^"(?:POT-Creation|PO-Revision)-Date: .*\n/gm;

async function exported(): Promise<string> {
  const addons = await readableAddons();
  const db = await createDatabase(await addonTemplate(), "pot");
  try {
    const log = await odooOnce({ db, addons: addons.path, args: ["shell", "--no-http"] }, EXPORT);
    const found = /POT\[([\w+/=]+)\]POT/.exec(log)?.[1];
    if (!found) throw new Trouble("Odoo exported no terms.");
    const bytes = Uint8Array.from(atob(found), (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(bytes).replace(DATES, "");
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

/** Writes the file; returns its path from the root and the number of terms in it. */
export async function writePot(): Promise<{ path: string; terms: number }> {
  const path = `odoo_addon/${ADDON}/i18n/${ADDON}.pot`;
  const text = await exported();
  await Deno.writeTextFile(`${repository}/${path}`, text);
  return { path, terms: [...text.matchAll(/^msgid /gm)].length - 1 };
}
