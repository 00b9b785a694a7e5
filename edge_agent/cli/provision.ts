/** `provision`: an administrator's list of branches becomes one pairing line for each. */
import { parseArgs } from "node:util";
import { plainHttpFault } from "../base/config.ts";
import { type Provisioned, Provisioner, ProvisionFault, readBranches } from "../odoo/odoo.ts";
import { type Command, EXIT_FAILED, EXIT_OK, Failed, Misused } from "./command.ts";

export const provision: Command = {
  usage: "provision URL BRANCHES.csv --database NAME --login LOGIN [--json] < KEY",
  summary: "create agents for many branches in Odoo and print a pairing line for each",
  help: `BRANCHES.csv has the columns name, place, time_zone, company; only name is needed. The API
key (or password) of the administrator is read from standard input, so that it stands in no
list of processes. The list is UTF-8. Agents that exist are not made again nor changed; of one
that is not paired yet a new code is printed, and the one before is void. A code is good for 15
minutes.
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
    const fault = world.config.odoo.allowPlainHttp ? null : plainHttpFault(url);
    if (fault !== null) throw new Misused(`the address ${fault}`);
    return await explained(async () => {
      const branches = readBranches(readList(file));
      const key = (await new Response(Deno.stdin.readable).text()).split("\n")[0]?.trim() ?? "";
      if (key === "") throw new Misused("the key is expected on standard input");
      const { pinnedAuthorities } = world;
      const provisioner = new Provisioner({ url, database, login, key, pinnedAuthorities });
      await provisioner.connect();
      const done: Provisioned[] = [];
      let failed = 0;
      for (const branch of branches) {
        try {
          done.push(await provisioner.provision(branch));
        } catch (error) {
          if (!(error instanceof ProvisionFault)) throw error;
          failed += 1;
          world.err(`${branch.name}: ${error.message}\n`);
        }
      }
      world.out(values.json ? `${JSON.stringify(done, null, 1)}\n` : textOf(done));
      return failed === 0 ? EXIT_OK : EXIT_FAILED;
    });
  },
};

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
