/** Commands for the person who sets a machine up: flags, config, pull. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { configSchema, SETTINGS } from "../base/config.ts";
import { denoFlags } from "../machine/machine.ts";
import { Identity } from "../odoo/odoo.ts";
import { type Command, EXIT_OK, Misused } from "./command.ts";
import { readPairingFile } from "./pair.ts";
import { PULL_USAGE, pullCommand } from "./pull.ts";

export const flags: Command = {
  usage: "flags [--odoo URL] [--write FILE]",
  summary: "the Deno flags under which run needs no more than it may",
  help: `For the service file, after the configuration or the pairing has changed:
    deno run $(biometric-agent flags) biometric-agent.js run
With --write they go into FILE as the service reads them.
Before pairing give the address of Odoo with --odoo, unless Odoo's pairing file is there.`,
  run: async (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { odoo: { type: "string" }, write: { type: "string" } },
    });
    const identity = new Identity({ directory: world.config.dataDirectory });
    const known = await pairedUrl(identity);
    const offered = known === undefined ? readPairingFile(world)?.url : undefined;
    const urls = [values.odoo, world.config.odoo.url, known, offered]
      .filter((url) => url !== undefined);
    for (const url of urls) if (!URL.canParse(url)) throw new Misused(`${url} is not an address`);
    const { config, configPath, programFolder, programFile } = world;
    const grants = { config, configPath, programFolder, programFile, odooUrls: [...new Set(urls)] };
    const text = denoFlags(grants).join(" ");
    if (values.write === undefined) world.out(`${text}\n`);
    else Deno.writeTextFileSync(values.write, `FLAGS=${text}\n`, { mode: 0o600 });
    return EXIT_OK;
  },
};

async function pairedUrl(identity: Identity): Promise<string | undefined> {
  await identity.startIfMade();
  return identity.pairing?.url;
}

export const config: Command = {
  usage: "config [--schema]",
  summary: "check the configuration and show it with all defaults",
  help: `Secrets are shown as "…". With --schema the JSON schema of the file and the
environment variable of every setting.`,
  run: (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { schema: { type: "boolean", default: false } },
    });
    const shown = values.schema
      ? { schema: z.toJSONSchema(configSchema, { io: "input" }), environment: variables() }
      : { file: world.configPath, settings: withoutSecrets(world.config) };
    world.out(`${JSON.stringify(shown, null, 2)}\n`);
    return Promise.resolve(EXIT_OK);
  },
};

function variables(): Record<string, string> {
  return Object.fromEntries(SETTINGS.map(({ path, variable }) => [path.join("."), variable]));
}

const SECRETS = new Set(["token", "secretPath", "commKey"]);

function withoutSecrets(settings: unknown): unknown {
  return JSON.parse(JSON.stringify(settings, (name, value) => SECRETS.has(name) ? "…" : value));
}

export const pull: Command = {
  usage: PULL_USAGE,
  summary: "read a terminal once over port 4370, to see whether that works",
  help: "Stores nothing, clears nothing, sends nothing. Exit code 0 only for a complete read.",
  run: (args, world) =>
    pullCommand(args, { write: world.out, writeError: world.err, now: Date.now }),
};
