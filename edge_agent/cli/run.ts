/** `run`: the agent itself, until a signal. Owns signals and the lock of the data directory. */
import { Agent } from "../agent.ts";
import { SystemClock } from "../base/clock.ts";
import { getLogger, startLog, stopLog } from "../base/log.ts";
import { closeToOthers } from "../base/secret_file.ts";
import { Unreachable } from "../delivery/delivery.ts";
import { readSiteAccess } from "../erpnext/erpnext.ts";
import { DirectoryLock, lockPath } from "../local/local.ts";
import { readManifest, Systemd } from "../machine/machine.ts";
import { Identity } from "../odoo/odoo.ts";
import {
  type Command,
  EXIT_FAILED,
  EXIT_OK,
  Failed,
  makeDataDirectory,
  type World,
} from "./command.ts";
import { pairIdentity, readPairingFile } from "./pair.ts";

/** systemd kills after 15 s: give up a moment earlier and say so. */
const STOP_MS = 14_000;

const PAIR_AGAIN_MS = 15_000;

export const run: Command = {
  usage: "run",
  summary: "capture and deliver, until SIGTERM or Ctrl-C",
  help: `Opens the terminals' port and the health port, keeps every punch in the queue and
delivers it. Works without pairing and without Odoo; the log goes to standard error.`,
  run: async (_args, world) => {
    makeDataDirectory(world.config);
    const { dataDirectory } = world.config;
    const opened = closed([dataDirectory, lockPath(dataDirectory)]);
    const lock = new DirectoryLock(dataDirectory);
    if (!lock.take()) {
      throw new Failed(`an agent is already running on ${dataDirectory}`);
    }
    startLog({ level: world.config.log.level, write: world.err });
    for (const path of opened) {
      getLogger("main").warn("other users could open this; it is closed to them now", { path });
    }
    try {
      return await runLocked(world);
    } finally {
      stopLog();
      lock.release();
    }
  },
};

/** Paths that were open to other users. */
function closed(paths: readonly string[]): string[] {
  try {
    return closeToOthers(paths);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failed(
      `other users may open ${
        paths.join(" or ")
      }, and that cannot be ended (${why}): chmod 700 the ` +
        "directory and chmod 600 agent.lock in it",
    );
  }
}

async function runLocked(world: World): Promise<number> {
  const { config, pinnedAuthorities, host } = world;
  const identity = new Identity({ directory: config.dataDirectory });
  await identity.start();
  refuseTwoDestinations(config, identity);
  const clock = new SystemClock();
  const program = world.programFile === null ? null : readManifest(world.programFile);
  const agent = new Agent({ config, identity, pinnedAuthorities, host, program, clock });
  const systemd = new Systemd({
    notifySocket: Deno.env.get("NOTIFY_SOCKET"),
    watchdogUsec: Deno.env.get("WATCHDOG_USEC"),
    directory: config.dataDirectory,
    clock,
    log: getLogger("systemd"),
  });
  const stopping = signalled();
  await startOrExplain(agent, world);
  if (config.devicePort.allowAny) {
    getLogger("main").warn(
      "terminals of every address are heard: who calls is told by nothing but their serial number",
    );
  }
  await systemd.start();
  world.out(`device port ${agent.devicePort}, health port ${agent.healthPort}\n`);
  const halted = new AbortController();
  const pairing = pairFromFile(
    { world, identity, clock, paired: () => agent.pairingChanged() },
    halted.signal,
  );
  const signal = await stopping;
  halted.abort();
  await pairing;
  getLogger("main").info("stopping", { signal });
  await systemd.stop();
  return await withinLimit(agent.stop(), clock);
}

/** What is delivered to one destination never comes to the other: nobody would have everything. */
function refuseTwoDestinations(config: World["config"], { pairing }: Identity): void {
  const { destination, dataDirectory } = config;
  if (destination === "erpnext" && pairing !== null) {
    throw new Failed(
      `the destination is erpnext, and this agent is paired with Odoo at ${pairing.url}: one agent ` +
        `has one destination. Move pairing.json out of ${dataDirectory}, or set "destination": "odoo"`,
    );
  }
  const site = destination === "odoo" ? readSiteAccess(dataDirectory) : null;
  if (site !== null) {
    throw new Failed(
      `the destination is odoo, and this agent was set up for ERPNext at ${site.url}: one agent has ` +
        `one destination. Set "destination": "erpnext", or move erpnext.json out of ${dataDirectory}`,
    );
  }
}

interface Unpaired {
  readonly world: World;
  readonly identity: Identity;
  readonly clock: SystemClock;
  readonly paired: () => Promise<void>;
}

/**
 * A machine that was set up with Odoo's pairing file beside its configuration pairs itself, as soon
 * as Odoo can be reached. A refused code is tried once: wrong tries count against it.
 */
async function pairFromFile(
  { world, identity, clock, paired }: Unpaired,
  signal: AbortSignal,
): Promise<void> {
  const log = getLogger("main");
  while (!signal.aborted && identity.pairing === null && world.config.destination === "odoo") {
    try {
      const line = readPairingFile(world);
      if (line === null) return;
      await pairIdentity(line, identity, world);
      log.info("paired by file", { fingerprint: identity.fingerprint });
      return await paired();
    } catch (error) {
      log.error("not paired by file", { error });
      if (!(error instanceof Unreachable)) return;
    }
    await clock.sleep(PAIR_AGAIN_MS, signal);
  }
}

async function startOrExplain(agent: Agent, { config }: World): Promise<void> {
  try {
    await agent.start();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      const { devicePort, health } = config;
      throw new Failed(
        `port ${devicePort.port} or ${health.port} is in use: end the other program or change ` +
          `devicePort.port or health.port`,
      );
    }
    throw error;
  }
}

async function withinLimit(stopped: Promise<void>, clock: SystemClock): Promise<number> {
  const late = clock.sleep(STOP_MS).then(() => "late" as const);
  if (await Promise.race([stopped, late]) !== "late") return EXIT_OK;
  getLogger("main").error("did not stop in time; what is undelivered stays in the queue");
  return EXIT_FAILED;
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const heard = () => {
        // A second signal ends the process at once.
        Deno.removeSignalListener(signal, heard);
        resolve(signal);
      };
      Deno.addSignalListener(signal, heard);
    }
  });
}
