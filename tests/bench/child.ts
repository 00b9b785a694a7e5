/** A measured server in a process of its own: start, memory, processor, end. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MEMORY_FLAG } from "../../edge_agent/machine/permissions.ts";

const HERE = dirname(fileURLToPath(import.meta.url));

export interface Child {
  readonly port: number;
  /** From spawning to the line that names the port. */
  readonly readyMs: number;
  /** Ms the queue took to start; 0 for the floor. */
  readonly startMs: number;
  /** Resident memory in MB. */
  rss(): number;
  /** The most it was since the last call, in MB. */
  peakRss(): number;
  /** Processor time used so far, in ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/** `core`: the only one it may run on. */
export async function startChild(
  script: string,
  args: readonly string[],
  core?: number,
): Promise<Child> {
  const before = performance.now();
  const line = [Deno.execPath(), "run", MEMORY_FLAG, "-A", join(HERE, script), ...args];
  const [command = "", ...rest] = core === undefined
    ? line
    : ["taskset", "--cpu-list", String(core), ...line];
  const process = new Deno.Command(command, {
    args: rest,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${script} ended before it was ready`);
    text += value;
  }
  const readyMs = performance.now() - before;
  const { port, startMs = 0 } = JSON.parse(text.slice(0, text.indexOf("\n")));
  return {
    port,
    readyMs,
    startMs,
    rss: () => memoryOf(process.pid, "VmRSS"),
    peakRss: () => {
      const peak = memoryOf(process.pid, "VmHWM");
      Deno.writeTextFileSync(`/proc/${process.pid}/clear_refs`, FORGET_PEAK);
      return peak;
    },
    cpuMs: () => cpuOf(process.pid),
    stop: async () => {
      await process.stdin.close();
      await process.status;
      await reader.cancel();
    },
  };
}

/** What the kernel takes as the word to begin the peak anew. */
const FORGET_PEAK = "5";

/** Ticks of 10 ms, in user and system mode. */
function cpuOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
}
