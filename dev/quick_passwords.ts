// Owns: the module by which an Odoo that a script starts keeps passwords at one round of their hash in place
// of 600,000: a third of a second of processor for each login and each person made, dozens in a journey.
// Odoo's own tests do the same. Must not know: who logs in.

import { openCache, withLock } from "./cache.ts";

const NAME = "biometric_quick_passwords";

/** Odoo ends at its start where it keeps this number elsewhere: it would not be quick without a word. */
const PROGRAM = `from odoo.addons.base.models import res_users


def shorten():
    if res_users.MIN_ROUNDS < 100_000:
        raise ValueError("Odoo's least number of rounds is not what it was")
    res_users.MIN_ROUNDS = 1
`;
const FILES = {
  "__manifest__.py":
    `{"name": "Quick passwords", "license": "LGPL-3", "author": "-", "post_load": "shorten"}\n`,
  "__init__.py": PROGRAM,
};

/** The folder of the module, for Odoo's path of addons, and the modules to start Odoo with. */
export async function quickPasswords(): Promise<{ folder: string; load: string }> {
  const { path } = await openCache();
  const folder = `${path}/quick`;
  await withLock(NAME, async () => {
    await Deno.mkdir(`${folder}/${NAME}`, { recursive: true });
    for (const [name, text] of Object.entries(FILES)) {
      const file = `${folder}/${NAME}/${name}`;
      if (await Deno.readTextFile(file).catch(() => "") === text) continue;
      await Deno.writeTextFile(`${file}.new`, text);
      await Deno.rename(`${file}.new`, file);
    }
  });
  return { folder, load: `base,rpc,web,${NAME}` };
}
