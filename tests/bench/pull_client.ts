/**
 * One timed read of a terminal in a process of its own, so that its memory can be told apart:
 *
 *     deno run -A tests/bench/pull_client.ts agent|node-zklib|bare HOST PORT
 *
 * `bare` takes the same frames from a plain socket and looks at none of them. Prints JSON: records
 * (bytes for bare), the error told to the caller, seconds, seconds of processor, peak resident memory
 * in MB.
 */
import { cpuUsage } from "node:process";
import { inBatches } from "../../edge_agent/zk/intake.ts";
import { readLog } from "../../edge_agent/zk/read.ts";
import { withTerminal } from "../../edge_agent/zk/socket.ts";
import ZKLib from "node-zklib";

interface Outcome {
  readonly records: number;
  readonly error: string | null;
}

async function readByAgent(host: string, port: number): Promise<Outcome> {
  return await withTerminal({ host, port }, async (terminal) => {
    const read = await terminal.run(readLog(terminal.session, { latest: "2099-01-01 00:00:00" }));
    let records = 0;
    for (const { punches } of inBatches(read, "BENCH")) records += punches.length;
    return { records, error: null };
  });
}

/** As its README says to use it. */
async function readByPeer(host: string, port: number): Promise<Outcome> {
  const peer = new ZKLib(host, port, 10_000, 4_000);
  await peer.createSocket();
  const answer: { data: unknown[]; err: unknown } = await peer.getAttendances();
  const error = answer.err ? String((answer.err as Error).message ?? answer.err) : null;
  return { records: answer.data.length, error };
}

async function readBare(host: string, port: number): Promise<Outcome> {
  const connection = await Deno.connect({ hostname: host, port });
  const buffer = new Uint8Array(64 * 1024);
  let bytes = 0;
  for (let count = await connection.read(buffer); count !== null;) {
    bytes += count;
    count = await connection.read(buffer);
  }
  return { records: bytes, error: null };
}

/** Peak resident memory of this process in MB, as the kernel counts it. */
function peakMegabytes(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

const [how = "", host = "", port = ""] = Deno.args;
const readers = { agent: readByAgent, "node-zklib": readByPeer, bare: readBare };
const reader = readers[how as keyof typeof readers];
// node-zklib rejects promises nobody can catch; that is an outcome, not a crash of the measurement.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  print({ records: 0, error: `unhandled: ${event.reason}` });
  Deno.exit(0);
});
const begunAt = performance.now();
const cpuBefore = cpuUsage();

function print(outcome: Outcome): void {
  const seconds = Math.round(performance.now() - begunAt) / 1000;
  const { user, system } = cpuUsage(cpuBefore);
  const cpuSeconds = Math.round((user + system) / 1000) / 1000;
  const figure = { ...outcome, seconds, cpuSeconds, peakMegabytes: peakMegabytes() };
  console.log(JSON.stringify(figure));
}

print(await reader(host, Number(port)));
Deno.exit(0);
