/**
 * Short lives of a queue (life.ts) in which one fsync after the other fails, and the moments after
 * the failure at which the power may go. Knows no SQL; the judgement is cutPower's.
 */
import { dirname, join } from "node:path";
import { fileURLToPath as fromFileUrl } from "node:url";
import { memoryDirectory } from "../queue_kit.ts";
import { shimEnvironment } from "./powerloss.ts";
import { type Operation, readRecording } from "./replay.ts";

const LIFE = join(dirname(fromFileUrl(import.meta.url)), "life.ts");

/** So many writes into a run the power goes: pages of a checkpoint are there in part. */
const AMID = 5;

export interface LivesOptions {
  /** The fsync that fails first, counted from 1, in one life each. 0: none fails. */
  readonly positions: { readonly from: number; readonly to: number };
  /** How many fail, one after the other. */
  readonly failing: number;
  /** The process dies of the failure; a second one on the same directory lives on. */
  readonly dies?: boolean;
}

/** Recordings of life.ts by position. */
export async function recordLives(
  shim: string,
  options: LivesOptions,
): Promise<Map<number, Operation[]>> {
  const base = memoryDirectory();
  const directory = join(base, "data");
  Deno.mkdirSync(directory);
  const { positions: { from, to }, failing } = options;
  try {
    for (const deadly of options.dies ? [true, false] : [false]) {
      const rules = join(base, "rules");
      const count = options.dies && !deadly ? 0 : failing;
      const args = [directory, rules, from, to, count, ...(deadly ? ["dies"] : [])].map(String);
      const run = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", LIFE, ...args],
        env: shimEnvironment(shim, base, directory, 1),
        stdout: "null",
        stderr: "piped",
      }).output();
      if (!run.success && !(deadly && run.signal === "SIGKILL")) {
        throw new Error(new TextDecoder().decode(run.stderr));
      }
    }
    return byPosition(readRecording(join(base, "log")));
  } finally {
    Deno.removeSync(base, { recursive: true });
  }
}

/** Each life has a directory of its own: its number is the first part of every name. */
function byPosition(operations: readonly Operation[]): Map<number, Operation[]> {
  const lives = new Map<number, Operation[]>();
  for (const operation of operations) {
    const [position = "", ...rest] = operation.name.split("/");
    const life = lives.get(Number(position)) ?? [];
    lives.set(Number(position), life);
    const data = operation.op === "R"
      ? operation.data.subarray(position.length + 1)
      : operation.data;
    life.push({ ...operation, name: rest.join("/"), data });
  }
  return lives;
}

/** What an fsync was for: the file it names, and for the log whether a commit waited for it. */
export function purpose(operations: readonly Operation[], at: number): string {
  const name = operations[at]?.name ?? "";
  if (name === "") return "directory";
  if (!name.endsWith("-wal")) return name.endsWith("-journal") ? "journal" : "file";
  for (let before = at - 1; before >= 0; before--) {
    const { op, name: other } = operations[before] as Operation;
    if (other !== name) continue;
    return op === "W" ? "log of a commit" : "log of a checkpoint";
  }
  return "log of a checkpoint";
}

/**
 * After the first failed fsync: each moment that changes what is safe or which names there are, and
 * one amid each run of writes, until `syncs` more were tried.
 */
export function momentsAfter(operations: readonly Operation[], syncs: number): number[] {
  const moments: number[] = [];
  let left = syncs;
  let run = 0;
  for (let at = operations.findIndex(({ op }) => op === "F"); at < operations.length; at++) {
    const { op } = operations[at] as Operation;
    run = op === "W" ? run + 1 : 0;
    if (op === "S" || op === "F") left--;
    if (op !== "W" || run === AMID) moments.push(at + 1);
    if (left < 0) break;
  }
  return moments;
}
