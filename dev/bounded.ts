/**
 * Owns: running a program that may have gone mad, with all it begins, inside a bound of time and of memory.
 * Must not know: which program.
 */
import { join } from "node:path";

/** How often memory is looked at, ms: a loop that only allocates takes some 1 GB a second. */
const LOOK_MS = 200;
const PAGE_BYTES = 4_096;

export interface Bounds {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Resident bytes of the program and of all it began, together. */
  readonly maxBytes: number;
}

/** `code` is its exit code; `time` and `memory` say which bound it broke: it is killed, with all it began. */
export type Ending = { readonly by: "itself"; readonly code: number } | {
  readonly by: "time" | "memory";
};

/** Runs to the end or to a bound; what it says is thrown away. Throws when it cannot be started. */
export async function runBounded(command: readonly string[], bounds: Bounds): Promise<Ending> {
  const [program = "", ...args] = command;
  const { cwd } = bounds;
  const child = new Deno.Command(program, { args, cwd, stdout: "null", stderr: "null" }).spawn();
  let broken: "time" | "memory" | null = null;
  const stop = (why: "time" | "memory") => {
    broken ??= why;
    for (const pid of family(child.pid)) kill(pid);
  };
  const limit = setTimeout(() => stop("time"), bounds.timeoutMs);
  const looking = setInterval(() => {
    if (residentBytes(family(child.pid)) > bounds.maxBytes) stop("memory");
  }, LOOK_MS);
  const { code } = await child.status;
  clearTimeout(limit);
  clearInterval(looking);
  return broken === null ? { by: "itself", code } : { by: broken };
}

/** The process and all that descend from it, the youngest last. */
function family(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // Behind the name in brackets, which may hold anything: state, parent.
    const parent = Number(told(name, "stat").split(") ").at(-1)?.split(" ")[1]);
    children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...children.get(pid) ?? []);
  return found;
}

function residentBytes(pids: readonly number[]): number {
  return pids.reduce(
    (sum, pid) => sum + Number(told(String(pid), "statm").split(" ")[1] ?? 0) * PAGE_BYTES,
    0,
  );
}

/** What the kernel says of a process; empty when it has ended meanwhile. */
function told(pid: string, name: string): string {
  try {
    return Deno.readTextFileSync(join("/proc", pid, name));
  } catch {
    return "";
  }
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile, which is what was wanted.
  }
}
