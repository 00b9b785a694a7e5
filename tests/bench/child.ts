/** A measured server in a process of its own: start, memory, end. */
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
  /** Processor time used so far, in ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export async function startChild(script: string, args: readonly string[]): Promise<Child> {
  const before = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", MEMORY_FLAG, "-A", join(HERE, script), ...args],
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
    rss: () => rssOf(process.pid),
    cpuMs: () => cpuOf(process.pid),
    stop: async () => {
      await process.stdin.close();
      await process.status;
      await reader.cancel();
    },
  };
}

/** Ticks of 10 ms, in user and system mode. */
function cpuOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}
