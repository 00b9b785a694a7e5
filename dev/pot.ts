// Owns: the templates of translations (`i18n/*.pot`) of every addon, written by Odoo itself from the
// installed addon. Must not know: what a term means. That a committed file is up to date is a test of
// its addon's.

import {
  accountingTemplate,
  ADDON,
  addonTemplate,
  createDatabase,
  dropDatabase,
  odooOnce,
  readableAddons,
  SERVICE_ADDON,
} from "./databases.ts";
import { repository } from "./cache.ts";
import { Trouble } from "./trouble.ts";

/** Each beside ours alone, as its tests install it: what one adds is no term of another. */
const ADDONS: readonly { name: string; template: () => Promise<string> }[] = [
  { name: ADDON, template: addonTemplate },
  { name: `${ADDON}_work_entry`, template: addonTemplate },
  { name: SERVICE_ADDON, template: accountingTemplate },
];
const exportOf = (addon: string): string => `
import base64, io
from odoo.tools.translate import trans_export
out = io.BytesIO()
trans_export(False, ["${addon}"], out, "po", env)
print("POT[" + base64.b64encode(out.getvalue()).decode() + "]POT")
`;
/** Dates of the writing would make every run a difference. */
const DATES = /^"(?:POT-Creation|PO-Revision)-Date: .*\n/gm;

async function exported(addon: string, template: string): Promise<string> {
  const addons = await readableAddons();
  const db = await createDatabase(template, "pot");
  const odoo = (args: string[], input?: string): Promise<string> =>
    odooOnce({ db, addons: addons.path, args: [...args, "--no-http"] }, input);
  try {
    if (addon !== ADDON) await odoo(["-i", addon, "--stop-after-init"]);
    const found = /POT\[([\w+/=]+)\]POT/.exec(await odoo(["shell"], exportOf(addon)))?.[1];
    if (!found) throw new Trouble(`Odoo exported no terms of ${addon}.`);
    const bytes = Uint8Array.from(atob(found), (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(bytes).replace(DATES, "");
  } finally {
    await dropDatabase(db);
    await addons.dispose();
  }
}

/** Writes the files; returns each one's path from the root and the number of terms in it. */
export async function writePots(): Promise<{ path: string; terms: number }[]> {
  const written: { path: string; terms: number }[] = [];
  for (const { name, template } of ADDONS) {
    const path = `odoo_addon/${name}/i18n/${name}.pot`;
    const text = await exported(name, await template());
    await Deno.mkdir(`${repository}/odoo_addon/${name}/i18n`, { recursive: true });
    await Deno.writeTextFile(`${repository}/${path}`, text);
    written.push({ path, terms: [...text.matchAll(/^msgid /gm)].length - 1 });
  }
  return written;
}
