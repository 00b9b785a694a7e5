/**
 * `provision-erpnext`: sets up an ERPNext site for this agent with the key of a System Manager, and keeps the
 * agent's own key. Owns the conversation with the person; the administrator's key is kept nowhere.
 */
import { parseArgs } from "node:util";
import { type DestinationHttp, NotWelcome, TooLarge, Unreachable } from "../delivery/delivery.ts";
import { plainHttpFault } from "../base/config.ts";
import { VERSION } from "../base/version.ts";
import {
  forgetSiteAccess,
  keepSiteAccess,
  probeSite,
  proveSetUp,
  readSiteAccess,
  Refused,
  SetUpFault,
  Site,
  SiteProvisioner,
} from "../erpnext/erpnext.ts";
import { askAgent } from "../local/local.ts";
import { Identity } from "../odoo/odoo.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Failed,
  makeDataDirectory,
  Misused,
  type World,
} from "./command.ts";
import { httpOf } from "./reach.ts";

export const provisionErpnext: Command = {
  usage:
    "provision-erpnext URL [--agent NAME] [--set-last-sync] [--replace] [--yes] [--check | --remove] < KEY",
  summary: "set up an ERPNext site for this agent, over its REST API alone",
  help:
    `Standard input: API key and secret of a System Manager as KEY:SECRET in the first line; in the
second line "yes", unless --yes is given. Prints what it will create, asks, creates it, proves it with
the agent's own key and forgets the administrator's. It may be run again at any time.
  --agent NAME      name of this agent on the site; default: the one it has there, else this machine's
  --set-last-sync   the agent sets Last Sync of Checkin of shift types from proven completeness; it
                    needs the right to write Shift Type, which cannot be narrowed to one field
  --replace         this machine takes the place of another one that has the name; the key of that one ends
  --check           says what is missing or was changed, and changes nothing
  --remove          takes off what holds no data and says what stays; punches and check-ins do`,
  run: async (args, world) => {
    const wanted = parse(args, world);
    const { key, answer } = await readStdin();
    if (key === null) {
      throw new Misused("KEY:SECRET of a System Manager is expected on standard input");
    }
    const http = httpOf(world, world.config.erpnext);
    try {
      return await explained(() => perform(wanted, { ...key, answer }, { world, http }));
    } finally {
      http.stop();
    }
  },
};

interface Wanted {
  readonly url: string;
  readonly agent: string;
  readonly setLastSync: boolean;
  readonly replace: boolean;
  readonly sure: boolean;
  readonly mode: "apply" | "check" | "remove";
}

interface Given {
  readonly user: string;
  readonly secret: string;
  readonly answer: string;
}

interface Place {
  readonly world: World;
  readonly http: DestinationHttp;
}

const AGENT_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u;

function parse(args: readonly string[], { config, host }: World): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "agent": { type: "string" },
      "set-last-sync": { type: "boolean", default: false },
      "replace": { type: "boolean", default: false },
      "yes": { type: "boolean", default: false },
      "check": { type: "boolean", default: false },
      "remove": { type: "boolean", default: false },
    },
  });
  const [url, ...rest] = positionals;
  if (url === undefined || rest.length > 0 || !URL.canParse(url)) {
    throw new Misused("the address of the site is needed, such as https://company.example.com");
  }
  if (!/^https?:$/.test(new URL(url).protocol)) throw new Misused(`${url} is not an http address`);
  const fault = config.erpnext.allowPlainHttp ? null : plainHttpFault(url);
  if (fault !== null) throw new Misused(`the address ${fault}`);
  if (values.check && values.remove) throw new Misused("--check and --remove exclude each other");
  const address = url.replace(/\/+$/, "");
  const known = readSiteAccess(config.dataDirectory);
  const agent = values.agent ?? (known?.url === address ? known.agent : host.name);
  if (!AGENT_NAME.test(agent)) {
    throw new Misused(
      "a name has 1 to 60 letters, digits, blanks and . _ -; give one with --agent",
    );
  }
  if (config.destination !== "erpnext") {
    throw new Misused(
      'this agent delivers to Odoo: set "destination": "erpnext" in its configuration first',
    );
  }
  return {
    url: address,
    agent,
    setLastSync: values["set-last-sync"],
    replace: values.replace,
    sure: values.yes,
    mode: values.check ? "check" : values.remove ? "remove" : "apply",
  };
}

async function readStdin() {
  const text = await new Response(Deno.stdin.readable).text();
  const [first = "", second = ""] = text.split("\n").map((line) => line.trim());
  const match = /^([^:\s]+):(\S+)$/.exec(first);
  const key = match === null ? null : { user: match[1] ?? "", secret: match[2] ?? "" };
  return { key, answer: second };
}

function siteOf(
  http: DestinationHttp,
  access: { url: string; key: string; secret: string },
  holder = "this agent",
): Site {
  return new Site({ http, access: () => access, agentVersion: VERSION, holder, now: Date.now });
}

async function perform(wanted: Wanted, given: Given, { world, http }: Place): Promise<number> {
  const { url, agent, setLastSync } = wanted;
  const key = { url, key: given.user, secret: given.secret };
  const manager = siteOf(http, key, "the administrator");
  const provisioner = new SiteProvisioner(manager, { agent, setLastSync });
  const identity = new Identity({ directory: world.config.dataDirectory });
  await identity.startIfMade();
  const reported = await provisioner.anotherMachine(identity.publicKey);
  if (reported !== null && !wanted.replace) throw nameTaken(wanted, reported);
  if (wanted.mode === "remove") return await remove(wanted, provisioner, world);
  const steps = await provisioner.missing();
  world.out(
    steps.length === 0
      ? `${url} has everything for the agent ${agent}\n`
      : `${url} needs, for the agent ${agent}:\n${steps.map(({ what }) => `  ${what}\n`).join("")}`,
  );
  if (reported !== null) {
    world.out(
      `it takes the place of another machine, which ${
        lastReport(reported)
      }: the key of that one ends\n`,
    );
  }
  if (wanted.mode === "check") return await check(steps.length, { world, http });
  const changes = steps.length > 0 || reported !== null;
  if (changes && !wanted.sure && given.answer.toLowerCase() !== "yes") {
    throw new Failed('nothing was changed: answer "yes" in the second line, or give --yes');
  }
  await refuseOdoo(world, identity);
  for (const step of steps) {
    await step.apply();
    world.out(`${step.done}: ${step.what}\n`);
  }
  return await keepKey(wanted, provisioner, { world, http, publicKey: identity.publicKey });
}

/** Two machines under one name would end each other's key, and each take the other's report for a restored site. */
function nameTaken({ url, agent, mode }: Wanted, reported: string): Failed {
  const remedy = mode === "remove"
    ? "Take it off by --remove on that machine; where that one is lost, give --replace: the key of that one ends then"
    : "Give this machine another name with --agent NAME; where it takes the place of that one, give --replace: " +
      "the key of that one ends then";
  return new Failed(
    `${url} knows an agent ${agent} on another machine, which ${
      lastReport(reported)
    }; nothing was changed. ${remedy}`,
  );
}

function lastReport(reported: string): string {
  return reported === ""
    ? "has not reported yet"
    : `last reported on ${reported} (the site's time)`;
}

/** One agent, one destination: what goes to the one never comes to the other. */
async function refuseOdoo({ config }: World, identity: Identity): Promise<void> {
  makeDataDirectory(config);
  await identity.start();
  if (identity.pairing === null) return;
  throw new Failed(
    `this agent is paired with Odoo at ${identity.pairing.url}; one agent has one destination. ` +
      `To move it, see that nothing waits (status), then move pairing.json out of ${config.dataDirectory}`,
  );
}

/** A key that works stays: a new one would end it for an agent that runs. */
async function keepKey(
  { url, agent, setLastSync }: Wanted,
  provisioner: SiteProvisioner,
  { world, http, publicKey }: Place & { readonly publicKey: string },
): Promise<number> {
  const { config, out, err } = world;
  const before = readSiteAccess(config.dataDirectory);
  const isSame = before !== null && before.url === url && before.agent === agent;
  const works = isSame && await isGood(siteOf(http, before), agent, publicKey);
  const key = works ? before : await provisioner.giveKey();
  const own = siteOf(http, { url, key: key.key, secret: key.secret });
  const faults = await proveSetUp(own, agent, publicKey);
  if (faults.length > 0) {
    for (const fault of faults) err(`${fault}\n`);
    return EXIT_FAILED;
  }
  keepSiteAccess(config.dataDirectory, {
    url,
    key: key.key,
    secret: key.secret,
    agent,
    setLastSync,
  });
  out(`proven: written as the agent and read back; the key of the administrator is forgotten\n`);
  if (isSame && before.setLastSync && !setLastSync) {
    out("Last Sync of Checkin is set by this agent no more: --set-last-sync was not given\n");
  }
  out(`now approve the terminals in ${url}/app/biometric-device\n`);
  const running = await askAgent(config.dataDirectory, "pairing_changed", {});
  out(
    running === null
      ? "the agent does not run yet; it delivers as soon as it is started\n"
      : "a service may speak to this address from its next start on: sudo systemctl restart biometric-agent\n",
  );
  return EXIT_OK;
}

async function isGood(site: Site, agent: string, publicKey: string): Promise<boolean> {
  try {
    return (await proveSetUp(site, agent, publicKey)).length === 0;
  } catch (error) {
    if (error instanceof NotWelcome) return false;
    throw error;
  }
}

async function check(missing: number, { world, http }: Place): Promise<number> {
  const known = readSiteAccess(world.config.dataDirectory);
  if (known === null) {
    world.out("this agent has no key of its own yet\n");
    return EXIT_FAILED;
  }
  // It looks and writes nothing: HR sees what an agent's document says.
  const faults = missing > 0 ? [] : await probeSite(siteOf(http, known));
  for (const fault of faults) world.out(`${fault}\n`);
  if (missing === 0 && faults.length === 0) world.out("the agent's own key works\n");
  return missing === 0 && faults.length === 0 ? EXIT_OK : EXIT_FAILED;
}

async function remove(
  { url, agent }: Wanted,
  provisioner: SiteProvisioner,
  { config, out }: World,
): Promise<number> {
  const known = readSiteAccess(config.dataDirectory);
  const { gone, stays } = await provisioner.remove();
  for (const what of gone) out(`taken off: ${what}\n`);
  for (const what of stays) out(`stays: ${what}\n`);
  // Of another agent than this machine's, its own goes on.
  if (known !== null && (known.url !== url || known.agent !== agent)) {
    out(`stays: the key that this machine has as the agent ${known.agent} at ${known.url}\n`);
    return EXIT_OK;
  }
  forgetSiteAccess(config.dataDirectory);
  out("the agent's own key is forgotten here; what it has not delivered stays in its queue\n");
  return EXIT_OK;
}

async function explained(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SetUpFault) throw new Failed(error.message);
    if (error instanceof NotWelcome) {
      throw new Failed(`${error.message}: is it the key of a System Manager?`);
    }
    if (error instanceof Refused) {
      throw new Failed(`the site refuses: ${error.message}; run it again to go on from there`);
    }
    if (error instanceof Unreachable || error instanceof TooLarge) {
      throw new Failed(`the site cannot be reached: ${error.message}`);
    }
    throw error;
  }
}
