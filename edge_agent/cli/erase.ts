/**
 * `erase`: the owner's word at the agent that what it holds of a company that left may go. Owns the
 * conditions and the record that stays; a provider's word alone removes nothing here.
 */
import { parseArgs } from "node:util";
import { writeSecretFile } from "../base/secret_file.ts";
import { Gone } from "../delivery/delivery.ts";
import { askAgent } from "../local/local.ts";
import { accessOf, Identity } from "../odoo/odoo.ts";
import type { LaneHead } from "../queue/queue.ts";
import {
  alone,
  type Command,
  EXIT_OK,
  Failed,
  Misused,
  printable,
  withBooks,
  type World,
} from "./command.ts";
import { withOdoo } from "./reach.ts";

export const erase: Command = {
  usage: 'erase "COMPANY" [--undelivered N]',
  summary: "after its company has left: remove what this agent holds, once its owner says so",
  help:
    `COMPANY is the company's name as this agent was paired. Only when Odoo says that it has left, and while
the agent does not run. Punches that were never delivered have to be named by their number: --undelivered N;
\`export > FILE.csv\` keeps all punches, signed, before. Removes queue, key, pairing, files carried by hand and
everything else in the data directory; a signed record of it stays there, erased-….json. Without Odoo's word,
when the provider is no more: \`uninstall --delete-queue\`, as root.`,
  run: async (args, world) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { undelivered: { type: "string", default: "0" } },
    });
    const [company, ...rest] = positionals;
    if (company === undefined || rest.length > 0) throw new Misused("the company's name is needed");
    if (!/^\d{1,12}$/.test(values.undelivered)) throw new Misused("--undelivered is a number");
    const identity = await pairedWith(company, world);
    await needGone(identity, world);
    // Counted and removed under one lock: nothing comes in between.
    const { held, path } = await alone(world.config, async () => {
      const held = await needAgreed(Number(values.undelivered), world);
      const path = await keepRecord(identity, held, world);
      removeAll(world.config.dataDirectory);
      return { held, path };
    });
    world.out(
      `erased: ${held.undelivered} sightings were never delivered; the record is ${path}\n`,
    );
    return EXIT_OK;
  },
};

/** What this agent holds, from its queue. */
interface Held {
  readonly head: LaneHead;
  readonly undelivered: number;
}

async function pairedWith(company: string, { config }: World): Promise<Identity> {
  if (config.destination !== "odoo") {
    throw new Failed("erase is for an agent of a company in Odoo; this one delivers to ERPNext");
  }
  const identity = new Identity({ directory: config.dataDirectory });
  await identity.startIfMade();
  const { pairing } = identity;
  if (pairing === null) throw new Failed("this agent is not paired: it holds no company's punches");
  if (company.trim() !== pairing.company.trim()) {
    throw new Failed(
      `this agent is ${printable(pairing.company)}'s: type that name, nothing was erased`,
    );
  }
  if (await askAgent(config.dataDirectory, "status", {}) !== null) {
    throw new Failed("the agent is at work: stop it first (sudo systemctl stop biometric-agent)");
  }
  return identity;
}

/** Throws Failed unless Odoo says now that the company has left. */
async function needGone(identity: Identity, world: World): Promise<void> {
  const { config } = world;
  const where = `Odoo at ${config.odoo.url ?? identity.pairing?.url ?? ""}`;
  try {
    // The least that can be asked: of one terminal that nobody has, whether days differ.
    const access = accessOf(config.odoo, identity);
    await withOdoo(world, identity, { access }, (odoo) => odoo.confirmDays("ERASE", []));
  } catch (error) {
    if (error instanceof Gone) return;
    const said = error instanceof Error ? error.message : String(error);
    throw new Failed(
      `${where} does not say that the company has left (${said}); nothing was erased`,
    );
  }
  throw new Failed(`${where} knows this agent: its company has not left; nothing was erased`);
}

async function needAgreed(agreed: number, { config }: World): Promise<Held> {
  const { stats, head } = await withBooks(
    config,
    ({ queue }) => Promise.resolve({ stats: queue.stats(), head: queue.laneHead() }),
  );
  const undelivered = stats.pending + stats.parked;
  if (undelivered !== agreed) {
    throw new Failed(
      `${undelivered} sightings were never delivered: keep them (export > FILE.csv), then add ` +
        `--undelivered ${undelivered}; nothing was erased`,
    );
  }
  return { head, undelivered };
}

/** Who, what and when, signed by the key that goes with the rest; returns its path. */
async function keepRecord(identity: Identity, held: Held, { config }: World): Promise<string> {
  const at = new Date().toISOString();
  const { company, url, database, agentId, agentName } = identity.pairing ?? {};
  const record = {
    version: 1,
    erased_at: at,
    by_uid: Deno.uid(),
    company,
    url,
    database,
    agent: { id: agentId, name: agentName, fingerprint: identity.fingerprint },
    public_key: identity.publicKey,
    lane: held.head,
    undelivered: held.undelivered,
  };
  const text = JSON.stringify(record);
  const signature = await identity.sign(["v1", "erase", text].join("\n"));
  const path = `${config.dataDirectory}/erased-${at.replace(/[:.]/g, "-")}.json`;
  writeSecretFile(path, JSON.stringify({ record: text, signature }));
  return path;
}

/** Of the program's own, or the record of an erasure. */
const STAYS = /^(agent\.lock|deno|update|erased-.*\.json)$/;
/** Last, so that what was interrupted can be said again. */
const LAST = ["identity.json", "pairing.json"];

function removeAll(directory: string): void {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => !STAYS.test(name));
  const rank = (name: string) => LAST.indexOf(name);
  for (const name of names.sort((one, other) => rank(one) - rank(other))) {
    Deno.removeSync(`${directory}/${name}`, { recursive: true });
  }
}
