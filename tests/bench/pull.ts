/**
 * How long the reading of a large log takes on loopback: the agent's client, a bare socket that takes
 * the same bytes, and node-zklib, each in a process of its own against one simulated terminal.
 *
 *     deno run -A tests/bench/pull.ts [--records 100000] [--rounds 5]
 */
import { parseArgs } from "node:util";
import { FakeTerminal } from "../sim/pull/terminal.ts";
import { CODE, withPrefix, writeLog, writePacket } from "../sim/pull/wire.ts";

export interface PullFigure {
  readonly records: number;
  readonly error: string | null;
  readonly seconds: number;
  /** Of processor time: what stays the same on a busy machine. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

export async function readOnce(how: string, port: number): Promise<PullFigure> {
  const client = new URL("./pull_client.ts", import.meta.url).pathname;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", client, how, "127.0.0.1", String(port)],
    stdout: "piped",
    stderr: "inherit",
  });
  const { stdout } = await command.output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  return JSON.parse(lines.at(-1) ?? "null") as PullFigure;
}

/** Serves the frames of a whole log to whoever connects, without a protocol. */
function serveBare(terminal: FakeTerminal): Deno.TcpListener {
  const { memory } = terminal;
  const log = writeLog(memory, memory.records, 40);
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < log.length; at += 65_472) {
    const data = log.subarray(at, at + 65_472);
    frames.push(withPrefix(writePacket({ code: CODE.data, session: 1, replyId: 1, data })));
  }
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) {
      for (const frame of frames) {
        for (let at = 0; at < frame.length;) at += await connection.write(frame.subarray(at));
      }
      connection.close();
    }
  })();
  return listener;
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function line(name: string, figures: PullFigure[], wanted: number): string {
  const complete = figures.filter((figure) => figure.records >= wanted).length;
  const seconds = median(figures.map((figure) => figure.seconds));
  const cpu = median(figures.map((figure) => figure.cpuSeconds));
  const memory = Math.max(...figures.map((figure) => figure.peakMegabytes));
  return `${name.padEnd(34)} complete ${complete}/${figures.length}  ` +
    `median ${seconds.toFixed(3)} s  cpu ${cpu.toFixed(3)} s  peak ${memory} MB`;
}

async function repeat(rounds: number, how: string, port: number): Promise<PullFigure[]> {
  const figures: PullFigure[] = [];
  for (let round = 0; round < rounds; round++) figures.push(await readOnce(how, port));
  return figures;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      records: { type: "string", default: "100000" },
      rounds: { type: "string", default: "5" },
    },
  });
  const records = Number(values.records), rounds = Number(values.rounds);
  const terminal = new FakeTerminal({ serial: "BENCH", capacity: records });
  terminal.memory.fill(records);
  await terminal.start();
  const bare = serveBare(terminal);
  const slow = new FakeTerminal({ serial: "BENCH", capacity: records, frameGapMs: 20 });
  slow.memory.fill(records);
  await slow.start();
  console.log(`${records} records of 40 bytes, loopback`);
  await readOnce("agent", terminal.port); // the terminal writes its log once
  const bareFigures = await repeat(rounds, "bare", bare.addr.port);
  const agentFigures = await repeat(rounds, "agent", terminal.port);
  const ratio = median(agentFigures.map((figure) => figure.seconds)) /
    median(bareFigures.map((figure) => figure.seconds));
  console.log(line("bare socket, same bytes", bareFigures, 0));
  console.log(`${line("agent", agentFigures, records)}  ratio to bare ${ratio.toFixed(1)}`);
  const peers = await repeat(Math.min(rounds, 3), "node-zklib", terminal.port);
  console.log(line("node-zklib", peers, records), peers.map((figure) => figure.records).join(" "));
  const paced = await repeat(1, "node-zklib", slow.port);
  console.log(line("node-zklib, 20 ms between frames", paced, records));
  console.log(line("agent, 20 ms between frames", await repeat(1, "agent", slow.port), records));
  bare.close();
  await terminal.stop();
  await slow.stop();
}

if (import.meta.main) await main();
