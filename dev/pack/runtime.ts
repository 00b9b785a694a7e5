/**
 * The pinned Deno for each kind of machine, from the npm package and checked against package-lock.json.
 * Owns where it comes from; must not know what is packed with it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { openCache, repository, withLock } from "../cache.ts";
import { mustRun } from "../process.ts";
import { Trouble } from "../trouble.ts";

export type Architecture = "x86_64" | "aarch64";
export const ARCHITECTURES: readonly Architecture[] = ["aarch64", "x86_64"];

const PACKAGES: Readonly<Record<Architecture, string>> = {
  x86_64: "@deno/linux-x64-glibc",
  aarch64: "@deno/linux-arm64-glibc",
};

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string(), integrity: z.string() }).partial(),
  ),
});

/** Path of the executable. Throws Trouble when it cannot be had, or is not the one of the lock. */
export async function denoFor(architecture: Architecture): Promise<string> {
  const name = PACKAGES[architecture];
  const lock = lockSchema.parse(
    JSON.parse(await Deno.readTextFile(`${repository}/package-lock.json`)),
  );
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined) {
    throw new Trouble(`package-lock.json does not name ${name} with its integrity.`);
  }
  const { path } = await openCache();
  const folder = `${path}/runtimes/${architecture}-${version}-${
    integrity.slice(7, 15).replace(/\W/g, "_")
  }`;
  return await withLock(`runtime-${architecture}`, async () => {
    if (!await isThere(`${folder}/deno`)) await fetchInto(folder, `${name}@${version}`, integrity);
    return `${folder}/deno`;
  });
}

async function fetchInto(folder: string, wanted: string, integrity: string): Promise<void> {
  const part = `${folder}.part`;
  await Deno.remove(part, { recursive: true }).catch(() => {});
  await Deno.mkdir(part, { recursive: true });
  const said = await mustRun(["npm", "pack", wanted, "--silent", "--pack-destination", part]);
  const archive = `${part}/${said.trim().split("\n").at(-1)}`;
  const digest = createHash("sha512").update(await Deno.readFile(archive)).digest("base64");
  if (`sha512-${digest}` !== integrity) {
    throw new Trouble(
      `${wanted} is not the package that package-lock.json names; nothing was made.`,
    );
  }
  await mustRun(["tar", "-xzf", archive, "-C", part, "--strip-components=1", "package/deno"]);
  await Deno.remove(archive);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(part, folder);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
