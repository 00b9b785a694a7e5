// Owns: the program that turns style sheets round for languages written from right to left. Odoo runs
// it by its name, `rtlcss`, as the ordinary account. Must not know: what a style sheet says.

import { build, stop } from "esbuild";
import { openCache, repository, withLock } from "./cache.ts";

const NAME = "rtlcss";
const PACKAGE = `${repository}/node_modules/${NAME}`;

/**
 * The folder of the program, for PATH: one file in the cache, since the ordinary account may not be
 * able to read the checkout (a clone under root's home). Made once a version.
 */
export async function mirrorFolder(): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(`${PACKAGE}/package.json`));
  const folder = `${(await openCache()).path}/${NAME}/${version}`;
  const program = `${folder}/${NAME}`;
  const isThere = () => Deno.stat(program).then(() => true, () => false);
  if (!await isThere()) {
    await withLock(NAME, async () => {
      if (!await isThere()) await make(folder, program);
    });
  }
  return folder;
}

async function make(folder: string, program: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [`${PACKAGE}/bin/${NAME}.js`],
    bundle: true,
    platform: "node",
    format: "cjs",
    write: false,
  }).finally(stop);
  await Deno.mkdir(folder, { recursive: true });
  const fresh = `${program}.new`;
  await Deno.writeFile(fresh, outputFiles[0]?.contents ?? new Uint8Array());
  await Deno.chmod(fresh, 0o755);
  await Deno.rename(fresh, program);
}
