/** The addresses of this machine on its networks: the only ones beside which a terminal is looked for. */
import type { Log } from "../base/log.ts";
import type { OwnAddress } from "./search.ts";

/** None where the start flags are older than the question. */
export function ownAddresses(log: Log): OwnAddress[] {
  try {
    return Deno.networkInterfaces().filter(({ family, name }) =>
      family === "IPv4" && name !== "lo"
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    log.warn("the start flags do not allow asking for the machine's networks");
    return [];
  }
}
