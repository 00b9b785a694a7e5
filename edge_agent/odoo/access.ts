/**
 * What is known of Odoo: the pairing, with what the configuration says in its place. Owns that no token
 * goes over an open line; must not know any request.
 */
import { type Config, plainHttpFault } from "../base/config.ts";
import type { Identity } from "./identity.ts";
import type { Access } from "./routes.ts";

/** Null while this agent is not paired. Throws for an address that may not be used. */
export function accessOf(settings: Config["odoo"], { pairing }: Identity): Access | null {
  if (pairing === null) return null;
  const url = settings.url ?? pairing.url;
  const fault = settings.allowPlainHttp ? null : plainHttpFault(url);
  if (fault !== null) throw new Error(`Odoo's address ${url} ${fault}`);
  return { url, database: settings.database ?? pairing.database, token: pairing.token };
}
