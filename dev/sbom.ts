// Owns: the list of everything that is built into the shipped agent and the screens, as an SBOM in
// CycloneDX 1.6 JSON at dist/sbom.json, from package-lock.json alone. Must not know: what the packages
// do, or the network. The same lock gives the same bytes.
//
//     npm run sbom [-- OUTPUT]

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** What may be shipped or build what is shipped; another licence is for a person to decide. */
export const LICENCES = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "LGPL-3.0-only",
  "MIT",
  "MIT-0",
] as const;

/** These unpack a program for this machine; all others must do without a script. */
export const INSTALL_SCRIPTS = ["deno", "esbuild"] as const;

const packageSchema = z.object({
  version: z.string(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lockSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), packageSchema),
});

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** `sha512-…` in base64, as npm checks it; "" for none. */
  readonly integrity: string;
  /** Ships inside the agent; false: builds or tests it. */
  readonly ships: boolean;
  readonly hasInstallScript: boolean;
}

/** Every package of a lock file, by name and version. Throws ZodError when it is no lock of version 3. */
export function readLock(text: string): LockedPackage[] {
  const lock = lockSchema.parse(JSON.parse(text));
  return Object.entries(lock.packages).filter(([path]) => path !== "").map(([path, found]) => ({
    name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    version: found.version,
    licence: found.license ?? "",
    integrity: found.integrity ?? "",
    ships: found.dev !== true,
    hasInstallScript: found.hasInstallScript === true,
  })).sort((one, other) => key(one) < key(other) ? -1 : 1);
}

const key = ({ name, version }: LockedPackage): string => `${name}@${version}`;

/** CycloneDX 1.6. Its serial number is made of the lock, so that nothing changes without it. */
export function sbomOf(lockText: string, product: { name: string; version: string }): unknown {
  const digest = createHash("sha256").update(lockText).digest("hex");
  const at = (from: number, to: number) => digest.slice(from, to);
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${at(0, 8)}-${at(8, 12)}-5${at(13, 16)}-8${at(17, 20)}-${at(20, 32)}`,
    version: 1,
    metadata: { component: { type: "application", ...product } },
    components: readLock(lockText).map((found) => ({
      type: "library",
      "bom-ref": purl(found),
      name: found.name,
      version: found.version,
      scope: found.ships ? "required" : "excluded",
      licenses: [{ license: { id: found.licence } }],
      purl: purl(found),
      hashes: [{
        alg: "SHA-512",
        content: Buffer.from(found.integrity.replace(/^sha512-/, ""), "base64").toString("hex"),
      }],
    })),
  };
}

function purl({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

export function writeSbom(
  file = fileURLToPath(new URL("../dist/sbom.json", import.meta.url)),
): { readonly file: string; readonly packages: number } {
  const text = Deno.readTextFileSync(new URL("../package-lock.json", import.meta.url));
  const product = z.object({ name: z.string(), version: z.string() })
    .parse(JSON.parse(Deno.readTextFileSync(new URL("../package.json", import.meta.url))));
  mkdirSync(dirname(file), { recursive: true });
  Deno.writeTextFileSync(file, `${JSON.stringify(sbomOf(text, product), null, 2)}\n`);
  return { file, packages: readLock(text).length };
}

if (import.meta.main) {
  const { file, packages } = writeSbom(Deno.args[0]);
  console.log(`${file}: ${packages} packages`);
}
