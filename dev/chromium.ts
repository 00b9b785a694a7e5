// Owns: a Chromium for the browser tests. Must not know: what they look at.

import { openCache, withLock } from "./cache.ts";
import { ensurePackages } from "./debian.ts";
import { which } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** The same engine without windows, menus and pages of its own that nobody sees: a fifth less processor. */
const WINDOWLESS = "chromium-headless-shell";
/** Debian's program on PATH is a script around it, which does not pass on the signal that ends it. */
const PLACES = ["/usr/lib/chromium"];

/** The path of Chromium, installed from Debian when the machine has none (CHROMIUM_BIN outranks). */
export async function findChromium(): Promise<string> {
  const named = Deno.env.get("CHROMIUM_BIN");
  if (named) return named;
  const found = await which(WINDOWLESS, PLACES);
  if (found) return found;
  const windows = await which("chromium");
  try {
    await ensurePackages([], [WINDOWLESS]);
  } catch (error) {
    // Nobody there who may install, or not a Debian: the one with windows does the same, slower.
    if (!(error instanceof Trouble) || windows === null) throw error;
  }
  const installed = await which(WINDOWLESS, PLACES) ?? windows;
  if (installed) return installed;
  await ensurePackages(["chromium"]);
  const last = await which("chromium");
  if (last) return last;
  throw new Trouble("Chromium is installed, but no program `chromium` is on PATH.");
}

/** A folder for the PATH of Odoo, whose own tests start what is called `chromium` there; "" for none. */
export async function chromiumFolder(): Promise<string> {
  const program = Deno.env.get("CHROMIUM_BIN") ?? await which(WINDOWLESS, PLACES);
  if (!program) return "";
  const folder = `${(await openCache()).path}/chromium`;
  const link = `${folder}/chromium`;
  const isThere = () => Deno.readLink(link).then((to) => to === program, () => false);
  if (await isThere()) return folder;
  return await withLock("chromium", async () => {
    if (await isThere()) return folder;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(`${link}.new`).catch(() => {});
    await Deno.symlink(program, `${link}.new`);
    await Deno.rename(`${link}.new`, link);
    return folder;
  });
}
