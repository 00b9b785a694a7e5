/**
 * Records a run of the queue under the shim, cuts the power at random points of it, starts a queue on
 * what is left and compares with what had been acknowledged before the cut.
 */
import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath as fromFileUrl } from "node:url";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { Dice } from "../dice.ts";
import { ManualClock } from "../manual_clock.ts";
import { memoryDirectory } from "../queue_kit.ts";
import { Disk, type Mode, MODES, type Operation, readRecording } from "./replay.ts";

const HERE = dirname(fromFileUrl(import.meta.url));

/** Compiles the shim; says plainly what is missing when it cannot. */
export async function buildShim(directory: string): Promise<string> {
  const output = join(directory, "shim.so");
  const command = new Deno.Command("gcc", {
    args: [
      "-O1",
      "-Wall",
      "-shared",
      "-fPIC",
      "-o",
      output,
      join(HERE, "shim.c"),
      "-ldl",
      "-lpthread",
    ],
    stderr: "piped",
  });
  const built = await command.output().catch((fault: unknown) => {
    throw new Error("power cuts are simulated with a C shim: install gcc and libc6-dev", {
      cause: fault,
    });
  });
  if (!built.success) throw new Error(new TextDecoder().decode(built.stderr));
  return output;
}

export interface RecordOptions {
  readonly seed: number;
  readonly punches: number;
  /** Lines of the shim's rule file. */
  readonly rules?: readonly string[];
}

export interface Recording {
  readonly operations: readonly Operation[];
  /** The agent's own word on the disk at the end. */
  readonly state: string;
}

export async function record(shim: string, options: RecordOptions): Promise<Recording> {
  const base = memoryDirectory();
  const directory = join(base, "data");
  Deno.mkdirSync(directory);
  if (options.rules) Deno.writeTextFileSync(join(base, "rules"), options.rules.join("\n") + "\n");
  try {
    const run = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        join(HERE, "worker.ts"),
        directory,
        String(options.seed),
        String(options.punches),
        "5",
      ],
      env: shimEnvironment(shim, base, directory, options.seed),
      stdout: "piped",
      stderr: "piped",
    }).output();
    if (!run.success) throw new Error(new TextDecoder().decode(run.stderr));
    const { state } = JSON.parse(new TextDecoder().decode(run.stdout));
    return { operations: readRecording(join(base, "log")), state };
  } finally {
    Deno.removeSync(base, { recursive: true });
  }
}

/** `base` holds the rules and the log beside the directory under test. */
export function shimEnvironment(shim: string, base: string, directory: string, seed: number) {
  return {
    LD_PRELOAD: shim,
    POWERLOSS_DIR: directory,
    POWERLOSS_LOG: join(base, "log"),
    POWERLOSS_RULES: join(base, "rules"),
    POWERLOSS_SEED: String(seed),
  };
}

export interface CutResult {
  readonly images: number;
  readonly acknowledged: number;
  /** One sentence per broken promise, with what is needed to have it again. */
  readonly violations: readonly string[];
}

export interface CutOptions {
  readonly seed: number;
  /** How many random operations, or which ones in rising order. */
  readonly points: number | readonly number[];
  readonly strictDirectory: boolean;
  /** All by default; `kept` alone is the death of the process, not of the machine. */
  readonly modes?: readonly Mode[];
  /** Of what a failed fsync was to write some reached the disk, not nothing. */
  readonly failedInPart?: boolean;
}

const ACKS = "acks";

/** Cuts the power at each of the points, in each mode. */
export async function cutPower(
  recording: Pick<Recording, "operations">,
  options: CutOptions,
): Promise<CutResult> {
  const random = new Dice(options.seed);
  const { operations } = recording;
  const points = typeof options.points === "number"
    ? Array.from({ length: options.points }, () => random.below(operations.length + 1))
      .sort((a, b) => a - b)
    : options.points;
  const modes = options.modes ?? MODES;
  const disk = new Disk(options.failedInPart ? random : null);
  const sound = new Set<string>();
  const acknowledged: string[] = [];
  const violations: string[] = [];
  let played = 0;
  for (const point of points) {
    for (; played < point; played++) {
      const operation = operations[played] as Operation;
      if (operation.name !== ACKS) disk.play(operation);
      else if (operation.op === "W") {
        acknowledged.push(...Buffer.from(operation.data).toString().trim().split("\n"));
      }
    }
    for (const mode of modes) {
      const crash = { mode, random, strictDirectory: options.strictDirectory };
      const image = disk.image(crash);
      const key = fingerprint(image, acknowledged.length);
      if (sound.has(key)) continue;
      const fault = await start(image, acknowledged);
      if (fault === null) sound.add(key);
      else violations.push(describe(fault, mode, point, options));
    }
  }
  return {
    images: points.length * modes.length,
    acknowledged: acknowledged.length,
    violations,
  };
}

/** What was found sound once need not be started again. SQLite makes its index (-shm) anew. */
function fingerprint(image: ReadonlyMap<string, Uint8Array>, acknowledged: number): string {
  const hash = createHash("sha256").update(String(acknowledged));
  for (const [name, bytes] of [...image].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.endsWith("-shm")) hash.update(`\n${name} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

function describe(fault: string, mode: Mode, point: number, options: CutOptions): string {
  const directory = options.strictDirectory ? ", strict directory" : "";
  return `${fault} (seed ${options.seed}, operation ${point}, mode ${mode}${directory})`;
}

/** Null when everything acknowledged is there, the chain holds and the queue goes on. */
async function start(
  image: ReadonlyMap<string, Uint8Array>,
  acknowledged: readonly string[],
): Promise<string | null> {
  const directory = memoryDirectory();
  for (const [name, bytes] of image) Deno.writeFileSync(join(directory, name), bytes);
  const queue = new Queue({
    directory,
    clock: new ManualClock(),
    randomBytes: (length) => randomBytes(length),
    timers: false,
    minFreeBytes: 0,
  });
  try {
    queue.start();
    const { damaged, state } = queue.stats();
    if (damaged.length > 0) return `damage noticed: ${damaged[0]?.kind} ${damaged[0]?.detail}`;
    if (state !== "ok") return `state is ${state}`;
    const held = new Set(queue.punches({ limit: 1_000_000 }).map((row) => row.key));
    const missing = acknowledged.filter((key) => !held.has(key));
    if (missing.length > 0) return `${missing.length} of ${acknowledged.length} acknowledged lost`;
    const waiting = queue.take(1_000_000)?.sightings ?? [];
    if (waiting.some((sighting) => sighting.seq < 1)) return "a number below 1";
    return null;
  } catch (fault) {
    return `start failed: ${fault}`;
  } finally {
    await queue.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}
