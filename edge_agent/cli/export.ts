/** `export`: the signed CSV on standard output. Owns the paging; the form is usb/export.ts'. */
import { parseArgs } from "node:util";
import type { Config } from "../base/config.ts";
import { MAX_ROWS } from "../local/local.ts";
import { Identity } from "../odoo/odoo.ts";
import type { PunchRow } from "../queue/queue.ts";
import { exportCsv } from "../usb/usb.ts";
import { type Command, EXIT_OK, perform } from "./command.ts";

export const exportCommand: Command = {
  usage: "export [--device SN] > FILE.csv",
  summary: "all punches as a CSV signed with this agent's key, for days without Odoo",
  help: `Goes to standard output; the last line is the signature, so the file must not be edited.
Whoever imports it into Odoo lays it against this agent's fingerprint.`,
  run: async (args, world) => {
    const { values } = parseArgs({ args: [...args], options: { device: { type: "string" } } });
    const identity = new Identity({ directory: world.config.dataDirectory });
    await identity.start();
    const count = await exportCsv({
      pages: punchPages(world.config, values.device),
      write: world.out,
      sign: (text) => identity.sign(text),
      fingerprint: identity.fingerprint,
    });
    world.err(`${count} punches exported; fingerprint ${identity.fingerprint}\n`);
    return EXIT_OK;
  },
};

/** All punches that the agent keeps, or those of one terminal. */
export async function* punchPages(
  config: Config,
  serial?: string,
): AsyncGenerator<readonly PunchRow[]> {
  let after: { lane: string; seq: number } | "start" = "start";
  for (;;) {
    const given = { limit: MAX_ROWS, after, serial };
    const page = await perform(config, "punches", given) as PunchRow[];
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < MAX_ROWS) return;
    after = { lane: last.lane, seq: last.seq };
  }
}
