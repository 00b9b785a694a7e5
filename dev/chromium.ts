// Owns: a Chromium for the browser tests. Must not know: what they look at.

import { ensurePackages } from "./debian.ts";
import { which } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** The path of Chromium, installed from Debian when the machine has none (CHROMIUM_BIN outranks). */
export async function findChromium(): Promise<string> {
  const named = Deno.env.get("CHROMIUM_BIN");
  if (named) return named;
  const found = await which("chromium");
  if (found) return found;
  await ensurePackages(["chromium"]);
  const installed = await which("chromium");
  if (installed) return installed;
  throw new Trouble("Chromium is installed, but no program `chromium` is on PATH.");
}
