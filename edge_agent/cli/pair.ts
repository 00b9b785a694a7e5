/** `pair`: one code from Odoo becomes this agent's token. Owns the conversation with the person. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { plainHttpFault } from "../base/config.ts";
import { NotWelcome, Unreachable } from "../delivery/delivery.ts";
import { askAgent } from "../local/local.ts";
import { pairingFiles } from "../machine/machine.ts";
import { Identity, type PairAnswer } from "../odoo/odoo.ts";
import {
  type Command,
  EXIT_OK,
  Failed,
  makeDataDirectory,
  Misused,
  type World,
} from "./command.ts";
import { withOdoo } from "./reach.ts";

export const pair: Command = {
  usage: "pair URL CODE [--database NAME] [--replace]",
  summary: "pair this agent with Odoo, by the line that Odoo shows",
  help: `Sends the code and this agent's public key to Odoo and keeps the token it answers.
The same line may be given again when the answer was lost. An agent that is paired
with another Odoo needs --replace: everything not yet delivered goes to the new one.`,
  run: async (args, world) => {
    const line = parsePairLine(args, world);
    try {
      await pairWith(line, world);
    } catch (error) {
      if (error instanceof Unreachable) {
        const answered = error.message.startsWith("status");
        const what = answered ? "Odoo does not take the pairing" : "Odoo cannot be reached";
        throw new Failed(`${what}: ${error.message}`);
      }
      throw error;
    }
    return EXIT_OK;
  },
};

export interface PairLine {
  readonly url: string;
  readonly code: string;
  readonly database: string | null;
  readonly replace: boolean;
}

const CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/;

function parsePairLine(
  args: readonly string[],
  { config }: Pick<World, "config">,
): PairLine {
  if (config.destination !== "odoo") {
    throw new Misused(
      "pair is for Odoo, and this agent's destination is ERPNext: it is set up by " +
        'provision-erpnext; to deliver to Odoo set "destination": "odoo" first',
    );
  }
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { database: { type: "string" }, replace: { type: "boolean", default: false } },
  });
  const [url, given, ...rest] = positionals;
  if (url === undefined || given === undefined || rest.length > 0) {
    throw new Misused("an address and a code are needed");
  }
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Misused(`${url} is not an address such as https://odoo.example.com`);
  }
  const fault = config.odoo.allowPlainHttp ? null : plainHttpFault(url);
  if (fault !== null) throw new Misused(`the address ${fault}`);
  const code = given.replace(/[-\s]/g, "").toUpperCase();
  if (!CODE.test(code)) throw new Misused("a code has 8 letters, without vowels and Y");
  return {
    url,
    code,
    database: values.database ?? config.odoo.database ?? null,
    replace: values.replace,
  };
}

async function pairWith(line: PairLine, world: World): Promise<void> {
  const { config, out } = world;
  makeDataDirectory(config);
  const identity = new Identity({ directory: config.dataDirectory });
  await identity.start();
  await pairIdentity(line, identity, world);
  const running = await askAgent(config.dataDirectory, "pairing_changed", {});
  if (running === null) out("the agent does not run yet; it delivers as soon as it is started\n");
}

/** Throws Failed, except for an Odoo that cannot be reached: that is Unreachable. */
export async function pairIdentity(
  line: PairLine,
  identity: Identity,
  world: World,
): Promise<void> {
  const { out } = world;
  const before = identity.pairing;
  if (before !== null && before.url !== line.url && !line.replace) {
    throw new Failed(`this agent is paired with ${before.url}; add --replace to pair it anew`);
  }
  const answer = await ask(line, identity, world);
  if (plain(answer.fingerprint) !== plain(identity.fingerprint)) {
    throw new Failed("Odoo answered for another key; nothing was kept");
  }
  identity.keepPairing({
    url: line.url,
    database: line.database,
    token: answer.token,
    agentId: answer.agent_id,
    agentName: answer.agent_name,
    company: answer.company,
  });
  out(`paired with ${line.url}: ${answer.agent_name}, ${answer.company}\n`);
  out(`fingerprint: ${identity.fingerprint}\n`);
  if (answer.state === "waiting") {
    out("now an administrator compares this fingerprint in Odoo and approves the agent\n");
  }
}

async function ask(line: PairLine, identity: Identity, world: World): Promise<PairAnswer> {
  const { url, database, code } = line;
  try {
    const { publicKey } = identity;
    return await withOdoo(
      world,
      identity,
      { access: null },
      (odoo) => odoo.pair({ url, database, code, publicKey, host: world.host }),
    );
  } catch (error) {
    if (error instanceof NotWelcome) {
      throw new Failed(
        "Odoo refuses this code: wrong, used by another agent, or older than 15 min",
      );
    }
    throw error;
  }
}

const pairingFile = z.object({
  url: z.string(),
  code: z.string(),
  database: z.string().nullish(),
});

/** The line in the file that Odoo offers for download; null when there is none. Throws Misused. */
export function readPairingFile(world: World): PairLine | null {
  const path = pairingFiles(world).find(isThere);
  if (path === undefined) return null;
  let value: unknown = null;
  try {
    value = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Misused(`${path} is not JSON`);
  }
  const checked = pairingFile.safeParse(value);
  if (!checked.success) throw new Misused(`${path} is not a pairing file of Odoo`);
  const { url, code, database } = checked.data;
  return parsePairLine([url, code, ...(database ? ["--database", database] : [])], world);
}

/** Start flags that were written before the file was looked for there do not allow looking. */
function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}

function plain(fingerprint: string): string {
  return fingerprint.replace(/[^0-9a-f]/gi, "").toLowerCase();
}
