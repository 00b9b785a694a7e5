/** `provision`: an administrator's list of branches becomes one pairing line for each. */
import { parseArgs } from "node:util";
import { plainHttpFault } from "../base/config.ts";
import {
  type Branch,
  type Provisioned,
  Provisioner,
  ProvisionFault,
  readBranches,
} from "../odoo/odoo.ts";
import { type Command, EXIT_FAILED, EXIT_OK, Failed, Misused, type World } from "./command.ts";

export const provision: Command = {
  usage: "provision URL BRANCHES.csv --database NAME --login LOGIN [--json] < KEY",
  summary: "create agents for many branches in Odoo and print a pairing line for each",
  help:
    `BRANCHES.csv has the columns name, place, time_zone, company, url, database; only name is needed.
A branch of another Odoo names its url and database, which stand for those of the command. The API
key (or password) of the administrator is read from standard input, so that it stands in no
list of processes: KEY for all databases, or a line DATABASE KEY for each. The list is UTF-8.
Agents that exist are not made again nor changed; of one that is not paired yet a new code is
printed, and the one before is void. A code is good for 15 minutes.
Runs on the administrator's machine, by a program of its own:
  deno run --allow-read --allow-net --allow-env --allow-sys biometric-provision.js provision …`,
  run: async (args, world) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: "string" },
        login: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const [url, file, ...rest] = positionals;
    const { database, login } = values;
    if (!url || !file || rest.length > 0 || !database || !login || !URL.canParse(url)) {
      throw new Misused("an address, a file, --database and --login are needed");
    }
    return await explained(async () => {
      const branches = readBranches(readList(file), { url, database });
      for (const branch of branches) refusePlain(branch.url, world);
      const keys = readKeys(await new Response(Deno.stdin.readable).text());
      const { pinnedAuthorities } = world;
      const doors = new Doors((door) =>
        new Provisioner({ ...door, login, key: keys(door.database), pinnedAuthorities })
      );
      const { done, faults } = await provisionAll(branches, doors);
      for (const fault of new Set(faults)) world.err(`${fault}\n`);
      world.out(values.json ? `${JSON.stringify(done, null, 1)}\n` : textOf(done));
      return faults.length === 0 ? EXIT_OK : EXIT_FAILED;
    });
  },
};

async function provisionAll(branches: readonly Branch[], doors: Doors) {
  const done: Provisioned[] = [];
  const faults: string[] = [];
  for (const branch of branches) {
    try {
      done.push(await (await doors.to(branch)).provision(branch));
    } catch (error) {
      if (!(error instanceof ProvisionFault)) throw error;
      faults.push(error instanceof DoorShut ? error.message : `${branch.name}: ${error.message}`);
    }
  }
  return { done, faults };
}

/** Nothing can be said to this database: told once, not once a branch. */
class DoorShut extends ProvisionFault {}

type Door = Pick<Branch, "url" | "database">;

/** One login a database, however many branches it has; one that fails is not tried again. */
class Doors {
  readonly #open: (door: Door) => Provisioner;
  readonly #opened = new Map<string, Promise<Provisioner>>();

  constructor(open: (door: Door) => Provisioner) {
    this.#open = open;
  }

  to({ url, database }: Door): Promise<Provisioner> {
    const name = `${url}\n${database}`;
    const opened = this.#opened.get(name) ?? this.#enter({ url, database });
    this.#opened.set(name, opened);
    return opened;
  }

  async #enter(door: Door): Promise<Provisioner> {
    try {
      const provisioner = this.#open(door);
      await provisioner.connect();
      return provisioner;
    } catch (error) {
      if (!(error instanceof ProvisionFault)) throw error;
      throw new DoorShut(`${door.url}, database ${door.database}: ${error.message}`);
    }
  }
}

/** One line: the key of all databases. Several: `DATABASE KEY` each, a key alone that of every other one. */
function readKeys(input: string): (database: string) => string {
  const lines = input.split("\n").map((one) => one.trim()).filter((one) => one !== "");
  if (lines.length === 0) throw new Misused("the key is expected on standard input");
  const keys = new Map<string, string>();
  for (const line of lines) {
    const cut = lines.length === 1 ? -1 : line.search(/\s/);
    const database = cut < 0 ? "" : line.slice(0, cut);
    if (keys.has(database)) throw new Misused("standard input has two keys for one database");
    keys.set(database, line.slice(cut + 1).trim());
  }
  return (database) => {
    const key = keys.get(database) ?? keys.get("");
    if (key === undefined) throw new ProvisionFault("standard input has no key for it");
    return key;
  };
}

function refusePlain(url: string, world: World): void {
  const fault = world.config.odoo.allowPlainHttp ? null : plainHttpFault(url);
  if (fault !== null) throw new Misused(`the address ${fault}`);
}

async function explained(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProvisionFault) throw new Failed(error.message);
    throw error;
  }
}

function readList(file: string): Uint8Array {
  try {
    return Deno.readFileSync(file);
  } catch {
    throw new Failed(`${file} cannot be read`);
  }
}

function textOf(done: readonly Provisioned[]): string {
  return done.map(({ branch, outcome, differs, line }) => {
    const said = differs.length > 0
      ? `# ${branch}: ${differs.join(", ")} stands otherwise in Odoo and was left as it is\n`
      : "";
    if (outcome === "paired_already") return `# ${branch}: paired already\n${said}`;
    const again = outcome === "code_again"
      ? `# ${branch}: the agent was there; this line replaces the one printed before\n`
      : `# ${branch}\n`;
    return `${again}${said}${line}\n`;
  }).join("");
}
