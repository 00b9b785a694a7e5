/**
 * `update`: a newer version is tried, confirmed or taken back; as root. Owns what the person is told; what may
 * be believed and what well means is machine's.
 */
import { parseArgs } from "node:util";
import { SystemClock } from "../base/clock.ts";
import { getLogger, startLog, stopLog } from "../base/log.ts";
import type { HealthBody } from "../health/health.ts";
import { askAgent } from "../local/local.ts";
import {
  carriedCandidate,
  DiskSlotFiles,
  dropWaiting,
  NotWhole,
  PROGRAM_FOLDER,
  readManifest,
  rootOf,
  runProgram,
  SERVICE,
  type ServiceView,
  Slots,
  type TakeUpOptions,
  Trials,
  TRUST_FOLDER,
  Untrusted,
  waitingCandidate,
} from "../machine/machine.ts";
import { type Command, EXIT_FAILED, EXIT_OK, Failed, Misused, type World } from "./command.ts";

export const update: Command = {
  usage: "update FOLDER | update --watch | update --state",
  summary: "try a newer, signed version; it is taken back when it is not well within minutes",
  help:
    `FOLDER holds metadata.json and the file of the new version, carried by hand. --watch is the service's own:
it ends a trial that a power cut interrupted and takes up what the agent has fetched. --state shows which
version runs, which one is confirmed and which were taken back.`,
  run: async (args, world) => {
    const { values, positionals: [folder, ...rest] } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        watch: { type: "boolean", default: false },
        state: { type: "boolean", default: false },
      },
    });
    const asked = [folder !== undefined, values.watch, values.state].filter(Boolean).length;
    if (asked !== 1 || rest.length > 0) throw new Misused("one of FOLDER, --watch, --state");
    const slots = new Slots(new DiskSlotFiles(PROGRAM_FOLDER));
    if (values.state) return tellState(slots, world);
    if (Deno.uid() !== 0) throw new Failed("update has to be run as root: put sudo in front of it");
    startLog({ level: world.config.log.level, write: world.err });
    try {
      return folder === undefined ? await watch(slots, world) : await carry(folder, slots, world);
    } finally {
      stopLog();
    }
  },
};

function tellState(slots: Slots, { out }: World): number {
  const { current, confirmed, trial, refused } = slots;
  if (current === null) throw new Failed("nothing is installed here");
  const versionIn = (slot: string) =>
    readManifest(`${PROGRAM_FOLDER}/${slot}/biometric-agent`).version;
  out(`runs: ${versionIn(current)}\n`);
  out(`confirmed: ${confirmed === null ? "none" : versionIn(confirmed)}\n`);
  if (trial !== null) out(`on trial since ${new Date(trial.beganAt).toISOString()}\n`);
  for (const { version, reason, at } of refused) {
    out(`taken back: ${version}, ${new Date(at).toISOString()}: ${reason}\n`);
  }
  return EXIT_OK;
}

async function watch(slots: Slots, world: World): Promise<number> {
  const trials = makeTrials(slots, world);
  const state = slots.settle(Date.now());
  const { trial } = slots;
  if (state === "reverted") await runProgram("systemctl", "restart", SERVICE);
  if (state === "trial" && trial !== null) await trials.watch(trial.version);
  const { dataDirectory } = world.config;
  try {
    const candidate = await waitingCandidate(dataDirectory, takeUp(world));
    if (candidate === null) return EXIT_OK;
    if (slots.refused.some(({ version }) => version === candidate.version)) {
      throw new Failed(`${candidate.version} was tried here before and taken back`);
    }
    return await trials.tryOut(candidate) === "confirmed" ? EXIT_OK : EXIT_FAILED;
  } finally {
    // Whatever became of it, it is not taken up again by itself.
    dropWaiting(dataDirectory);
  }
}

async function carry(folder: string, slots: Slots, world: World): Promise<number> {
  if (slots.settle(Date.now()) === "trial") {
    throw new Failed("a version is on trial; wait for its end");
  }
  const candidate = await carriedCandidate(folder, takeUp(world)).catch((error: unknown) => {
    if (error instanceof Untrusted) throw new Failed(`not taken: ${error.message}`);
    if (error instanceof NotWhole) throw new Failed(`not taken: ${error.message}`);
    throw error;
  });
  const outcome = await makeTrials(slots, world).tryOut(candidate);
  world.out(`${candidate.version} is ${outcome}\n`);
  return outcome === "confirmed" ? EXIT_OK : EXIT_FAILED;
}

function takeUp({ programFile }: World): TakeUpOptions {
  if (programFile === null) throw new Failed("update needs the installed one-file program");
  const { version, architecture, updateRoot } = readManifest(programFile);
  return {
    trustFolder: TRUST_FOLDER,
    running: { version, architecture, root: rootOf(updateRoot) },
    clock: new SystemClock(),
  };
}

function makeTrials(slots: Slots, { config }: World): Trials {
  return new Trials({
    slots,
    // Not waited for: a version that cannot start would hold up its own end.
    restart: async () => void await runProgram("systemctl", "restart", "--no-block", SERVICE),
    look: () => lookAt(config.dataDirectory),
    clock: new SystemClock(),
    log: getLogger("update"),
  });
}

/** Root may ask over the agent's own socket. */
async function lookAt(dataDirectory: string): Promise<ServiceView | null> {
  const asked = await askAgent(dataDirectory, "status", {}).catch(() => null);
  if (asked === null) return null;
  const body = asked.result as Partial<HealthBody>;
  return {
    version: body.version ?? "",
    ready: body.ready ?? false,
    heardOdoo: (body.odoo?.seconds_since_answer ?? null) !== null,
  };
}
