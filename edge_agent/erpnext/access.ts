/**
 * What the agent keeps of its ERPNext site: address, its own API key, what it was set up for. Owns the one
 * secret file and that no key goes over an open line; must not know any request.
 */
import { z } from "zod";
import { type Config, plainHttpFault } from "../base/config.ts";
import { readSecretFile, writeSecretFile } from "../base/secret_file.ts";

const ACCESS_FILE = "erpnext.json";

const accessFile = z.strictObject({
  version: z.literal(1),
  url: z.url({ protocol: /^https?$/ }),
  key: z.string().min(1).max(256),
  secret: z.string().min(1).max(256),
  /** Name of this agent's Biometric Agent on the site. */
  agent: z.string().min(1).max(140),
  /** Whether the agent may and shall set `last_sync_of_checkin` of shift types. */
  setLastSync: z.boolean(),
});

export type SiteAccess = z.output<typeof accessFile>;

export class SiteAccessDamaged extends Error {
  override readonly name = "SiteAccessDamaged";
}

/** Null while `provision-erpnext` has not been run here. Throws SiteAccessDamaged. */
export function readSiteAccess(directory: string): SiteAccess | null {
  const path = `${directory}/${ACCESS_FILE}`;
  const kept = readSecretFile(path, accessFile);
  if (kept !== "damaged") return kept;
  throw new SiteAccessDamaged(
    `${path} is damaged; move it away and run provision-erpnext again (the queue stays as it is)`,
  );
}

export function keepSiteAccess(directory: string, access: Omit<SiteAccess, "version">): void {
  writeSecretFile(`${directory}/${ACCESS_FILE}`, JSON.stringify({ version: 1, ...access }));
}

/** Nothing of the site is known here any more. */
export function forgetSiteAccess(directory: string): void {
  try {
    Deno.removeSync(`${directory}/${ACCESS_FILE}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Throws for an address that may not be used. */
export function requireSafeSite(url: string, settings: Config["erpnext"]): void {
  const fault = settings.allowPlainHttp ? null : plainHttpFault(url);
  if (fault !== null) throw new Error(`the site's address ${url} ${fault}`);
}
