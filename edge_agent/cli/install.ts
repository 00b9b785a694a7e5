/**
 * `install` and `uninstall`: one file becomes a service that starts with the machine, and goes again.
 * Owns the order of the steps and what is said to the person; what is laid where is machine/layout.ts.
 * Every step may be repeated: the same line again mends what is missing and changes nothing else.
 */
import { parseArgs } from "node:util";
import { type Config, DEFAULT_CONFIG_PATH } from "../base/config.ts";
import { BadAddress, PeerList } from "../base/peers.ts";
import { readSiteAccess } from "../erpnext/erpnext.ts";
import { askAgent } from "../local/local.ts";
import {
  COMMAND_FILE,
  COMMAND_TEXT,
  DiskSlotFiles,
  isLent,
  layText,
  type Manifest,
  menuLines,
  type OwnNetwork,
  ownNetworks,
  pairingFiles,
  PROGRAM,
  PROGRAM_FOLDER,
  provenManifest,
  runProgram,
  SERVICE,
  SERVICE_USER,
  sha256OfFile,
  Slots,
  tryProgram,
  UNIT_FOLDER,
  units,
  UPDATE_PATH_UNIT,
  UPDATE_SERVICE,
} from "../machine/machine.ts";
import { type Command, EXIT_OK, Failed, Misused, type World } from "./command.ts";

const READY_MS = 30_000;
const LOOK_MS = 250;

export const install: Command = {
  usage: "install [URL CODE] [--database NAME] [--network ADDRESS/BITS …] [--yes]",
  summary: "make this machine an agent that starts by itself, and pair it",
  help:
    `As root, with the one-file program. Makes the agent's user, its folders and its service, asks for the
terminals' network (--network names it, --yes takes the one that is proposed), pairs by the line that Odoo
shows or by the file biometric-pairing.json beside the program, and starts. May be repeated; settings,
queue and pairing stay. With "destination": "erpnext" in the settings it pairs nothing: provision-erpnext
sets the site up afterwards.`,
  run: async (args, world) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        database: { type: "string" },
        network: { type: "string", multiple: true, default: [] },
        yes: { type: "boolean", default: false },
      },
    });
    if (positionals.length !== 0 && positionals.length !== 2) {
      throw new Misused("Odoo shows a line with an address and a code: both, or none");
    }
    if (positionals.length > 0 && world.config.destination === "erpnext") {
      throw new Misused(
        "address and code are Odoo's, and this agent's destination is ERPNext: leave them out, and " +
          "set the site up by provision-erpnext afterwards",
      );
    }
    const program = needInstaller(world);
    const manifest = await provenManifest(program);
    const networks = ownNetworks(Deno.networkInterfaces());
    const wanted = { given: values.network, yes: values.yes };
    const laid = await layFiles(program, world, () => chosenNetworks(wanted, networks, world));
    const refusal = await pairBy(positionals, values.database, world);
    await startService(laid, world);
    await tellWhatIsNext({ world, manifest, networks });
    if (refusal === null) return EXIT_OK;
    throw new Failed(
      `NOT PAIRED: ${refusal} Punches are kept meanwhile; mend that and pair again.`,
    );
  },
};

/** Path of the one-file program. Throws Failed where nothing can be installed. */
function needInstaller({ programFile }: World): string {
  if (programFile === null) {
    throw new Failed(
      "install needs the one-file program (biometric-agent-VERSION-…), not a bundle",
    );
  }
  if (Deno.uid() !== 0) throw new Failed("install has to be run as root: put sudo in front of it");
  if (!isThere("/run/systemd/system")) {
    throw new Failed("this machine does not run systemd: start `biometric-agent run` your own way");
  }
  return programFile;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

interface Laid {
  /** Something that the running service does not have yet. */
  readonly changed: boolean;
}

async function layFiles(
  program: string,
  world: World,
  networks: () => readonly string[],
): Promise<Laid> {
  const { config, out } = world;
  const { dataDirectory } = config;
  if (config.dataDirectory !== "/var/lib/biometric-agent") {
    throw new Failed("install knows one data directory, /var/lib/biometric-agent: leave it out");
  }
  if ((await tryProgram("id", "-u", SERVICE_USER)).code !== 0) {
    const home = ["--home-dir", dataDirectory, "--shell", "/usr/sbin/nologin"];
    await runProgram("useradd", "--system", "--user-group", ...home, SERVICE_USER);
    out(`user ${SERVICE_USER} made\n`);
  }
  await runProgram(
    "install",
    "-d",
    "-m",
    "0700",
    "-o",
    SERVICE_USER,
    "-g",
    SERVICE_USER,
    dataDirectory,
  );
  const isNew = await layProgram(program, out);
  layText(COMMAND_FILE, COMMAND_TEXT, 0o755);
  if (!isThere(world.configPath)) {
    const settings = { devicePort: { allow: networks() } };
    layText(DEFAULT_CONFIG_PATH, `${JSON.stringify(settings, null, 2)}\n`, 0o644);
    out(
      `terminals are heard from ${settings.devicePort.allow.join(", ")} (${DEFAULT_CONFIG_PATH})\n`,
    );
  }
  const texts = [...units(dataDirectory)].map(([name, text]) =>
    layText(`${UNIT_FOLDER}/${name}`, text, 0o644)
  );
  return { changed: isNew || texts.includes(true) };
}

/** Into the place that is not in use; true when it is another program than the one that was there. */
async function layProgram(program: string, out: World["out"]): Promise<boolean> {
  const slots = new Slots(new DiskSlotFiles(PROGRAM_FOLDER));
  const sha256 = await sha256OfFile(program);
  if (slots.current !== null && await sha256OfFile(PROGRAM) === sha256) {
    slots.settle(Date.now());
    return false;
  }
  await slots.lay(program, sha256);
  out(`program laid in ${PROGRAM_FOLDER}, SHA-256 ${sha256.slice(0, 16)}…\n`);
  return true;
}

function chosenNetworks(
  { given, yes }: { readonly given: readonly string[]; readonly yes: boolean },
  networks: readonly OwnNetwork[],
  { out }: World,
): readonly string[] {
  if (given.length > 0) return checkedNetworks(given);
  const proposals = [...new Set(networks.map(({ network }) => network))];
  for (const { name, address, network } of networks) out(`  ${name}: ${address} in ${network}\n`);
  const proposal = proposals[0];
  if (yes && proposal !== undefined && proposals.length === 1) return [proposal];
  const answer = Deno.stdin.isTerminal()
    ? prompt("The terminals' network (Enter takes what is proposed):", proposal ?? "")
    : null;
  if (answer === null || answer.trim() === "") {
    throw new Failed(
      "say the terminals' network: add --network, for example --network " +
        `${proposal ?? "192.168.1.0/24"}`,
    );
  }
  return checkedNetworks(answer.split(/[\s,]+/).filter((part) => part !== ""));
}

function checkedNetworks(given: readonly string[]): readonly string[] {
  try {
    new PeerList(given);
    return given;
  } catch (error) {
    if (!(error instanceof BadAddress)) throw error;
    throw new Misused(`${error.message}; a network looks like 192.168.1.0/24`);
  }
}

/** As the agent's user: the files of the pairing are its own. Returns why it did not pair, null when it did. */
async function pairBy(
  line: readonly string[],
  database: string | undefined,
  world: World,
): Promise<string | null> {
  if (world.config.destination === "erpnext") return null;
  const file = pairingFiles(world).find(isThere);
  if (line.length === 0 && file !== undefined) {
    layText("/etc/biometric-agent/biometric-pairing.json", Deno.readTextFileSync(file), 0o644);
    world.out(`pairs by ${file} at its start\n`);
    return null;
  }
  if (line.length === 0) return null;
  const more = database === undefined ? [] : ["--database", database];
  const { code, out } = await tryProgram(COMMAND_FILE, "pair", ...line, ...more);
  if (code !== 0) return `${out}.`;
  world.out(`${out}\n`);
  return null;
}

async function startService({ changed }: Laid, world: World): Promise<void> {
  await runProgram("systemctl", "daemon-reload");
  await runProgram("systemctl", "enable", SERVICE, UPDATE_SERVICE, UPDATE_PATH_UNIT);
  const running = (await tryProgram("systemctl", "is-active", SERVICE)).code === 0;
  const word = running && !changed ? "start" : "restart";
  await runProgram("systemctl", word, SERVICE);
  await runProgram("systemctl", "start", UPDATE_PATH_UNIT);
  await untilReady(world.config);
}

async function untilReady({ dataDirectory }: Config): Promise<void> {
  const from = performance.now();
  while (performance.now() - from < READY_MS) {
    if (await askAgent(dataDirectory, "status", {}) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const { out } = await tryProgram(
    "journalctl",
    "-u",
    SERVICE,
    "-n",
    "5",
    "--no-pager",
    "-o",
    "cat",
  );
  throw new Failed(`the service does not start; its log says:\n${out}`);
}

interface Next {
  readonly world: World;
  readonly manifest: Manifest;
  readonly networks: readonly OwnNetwork[];
}

async function tellWhatIsNext({ world, manifest, networks }: Next): Promise<void> {
  const { config, out } = world;
  const { port } = config.devicePort;
  out(`\nbiometric-agent ${manifest.version} runs and starts with the machine.\n`);
  out("In each terminal's menu (Comm. > Cloud server or ADMS) type:\n");
  for (const line of menuLines(networks, port)) out(`${line}\n`);
  const addresses = await tryProgram("ip", "-j", "-4", "address").catch(() => ({
    code: 1,
    out: "",
  }));
  for (const { address, mac } of networks) {
    const lent = addresses.code === 0 ? isLent(addresses.out, address) : null;
    if (lent === true) {
      out(
        `${address} is lent by the router (DHCP): reserve it there for ${mac}, or terminals lose this machine.\n`,
      );
    } else if (lent === null) {
      out(`See to it that the router always gives ${mac} the address ${address}.\n`);
    }
  }
  out(`A firewall on this machine has to let in TCP ${port} from the terminals' network.\n`);
  if (config.destination === "erpnext" && readSiteAccess(config.dataDirectory) === null) {
    out("Set the ERPNext site up with the key of a System Manager, then start again:\n");
    out(
      `    printf '%s\\nyes\\n' KEY:SECRET | biometric-agent provision-erpnext https://SITE\n` +
        `    sudo systemctl restart ${SERVICE}\n`,
    );
  }
  out("How far it has come: biometric-agent status\n");
}

export const uninstall: Command = {
  usage: "uninstall [--delete-queue]",
  summary: "take the service off this machine; the queue stays unless told otherwise",
  help:
    `As root. Ends and removes the service and the program. The data directory with every punch that is
not delivered, the key and the pairing stays, and so does the configuration; \`install\` takes them up
again. --delete-queue removes them and the user: do that only when nothing waits any more (status).`,
  run: async (args, world) => {
    const { values } = parseArgs({
      args: [...args],
      options: { "delete-queue": { type: "boolean", default: false } },
    });
    needInstaller(world);
    for (const unit of [UPDATE_PATH_UNIT, UPDATE_SERVICE, SERVICE]) {
      if (!isThere(`${UNIT_FOLDER}/${unit}`)) continue;
      await runProgram("systemctl", "disable", "--now", unit);
      Deno.removeSync(`${UNIT_FOLDER}/${unit}`);
    }
    await runProgram("systemctl", "daemon-reload");
    for (const path of [COMMAND_FILE, PROGRAM_FOLDER]) removeIfThere(path);
    if (!values["delete-queue"]) {
      world.out(`removed; queue, key and pairing stay in ${world.config.dataDirectory}\n`);
      return EXIT_OK;
    }
    for (const path of [world.config.dataDirectory, "/etc/biometric-agent"]) removeIfThere(path);
    if ((await tryProgram("id", "-u", SERVICE_USER)).code === 0) {
      await runProgram("userdel", SERVICE_USER);
    }
    world.out("removed, with the queue, the key and the pairing\n");
    return EXIT_OK;
  },
};

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
