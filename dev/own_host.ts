// Owns: by which address an agent on this machine reads a played terminal that stands on it too. Odoo
// sends no agent to its own loopback address, so it is one of the machine's networks. Must not know:
// terminals.

/** Networks of which an address can be entered as a terminal's, beside names. */
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|192\.0\.2\.)/;

/** Where a played terminal listens, so that it is reached by `ownHost`. */
export const EVERY_ADDRESS = "0.0.0.0";

/** A private IPv4 address of this machine; without any, its name. */
export function ownHost(): string {
  const own = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && PRIVATE.test(address)
  );
  return own?.address ?? Deno.hostname();
}
