/**
 * How a command speaks to a destination by itself, beside the agent: the connection, and Odoo as this agent's key
 * asks it. Owns that the connection is closed again; must not know what is asked.
 */
import { VERSION } from "../base/version.ts";
import { DestinationHttp } from "../delivery/delivery.ts";
import { accessOf, type Identity, Odoo } from "../odoo/odoo.ts";
import type { World } from "./command.ts";

type Access = ReturnType<typeof accessOf>;

/** Whoever takes it stops it. */
export function httpOf(
  { pinnedAuthorities }: World,
  { timeoutSeconds }: { readonly timeoutSeconds: number },
): DestinationHttp {
  return new DestinationHttp({
    timeoutMs: timeoutSeconds * 1000,
    pinnedAuthorities,
    monotonic: () => performance.now(),
  });
}

/** `access`: null for pairing. `onServerTime`: told with every proven answer. */
export async function withOdoo<T>(
  world: World,
  identity: Identity,
  { access, onServerTime = () => {} }: {
    readonly access: Access;
    readonly onServerTime?: (serverAt: number, roundTripMs: number) => void;
  },
  ask: (odoo: Odoo) => Promise<T>,
): Promise<T> {
  const http = httpOf(world, world.config.odoo);
  try {
    return await ask(
      new Odoo({
        http,
        access: () => access,
        onServerTime,
        agentVersion: VERSION,
        now: Date.now,
        sign: (text) => identity.sign(text),
      }),
    );
  } finally {
    http.stop();
  }
}
