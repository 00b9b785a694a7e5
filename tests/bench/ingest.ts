/** Durable ingest of the device port against the floor, cell by cell in one run. */
import { type Child, startChild } from "./child.ts";
import { load, type LoadResult } from "./load.ts";

export const LINES = [1, 10, 100, 1_000] as const;
export const DEVICES = [1, 10, 50, 200] as const;

/** `cpuMicros`: processor time of the server per punch; it says more on a busy machine. */
export type Measured = LoadResult & { readonly cpuMicros: number };

export interface Cell {
  readonly devices: number;
  readonly lines: number;
  readonly floor: Measured;
  /** Punches a second of the floor without its unique key: a lesser promise. */
  readonly keylessPerSecond: number;
  readonly agent: Measured;
  readonly ratio: number;
}

export interface IngestOptions {
  readonly msPerCell: number;
  readonly onCell: (cell: Cell) => void;
}

export interface IngestResult {
  readonly cells: readonly Cell[];
  readonly idleMb: number;
  readonly underLoadMb: number;
}

/**
 * Each cell is measured twice in turns (floor, agent, agent, floor), so that drift hits both alike; the
 * floor without a key once. */
export async function measureIngest(options: IngestOptions): Promise<IngestResult> {
  const directory = Deno.makeTempDirSync({ prefix: "bench-" });
  const paths = {
    floor: `${directory}/floor`,
    keyless: `${directory}/keyless`,
    agent: `${directory}/agent`,
  };
  for (const path of Object.values(paths)) Deno.mkdirSync(path);
  const floor = await startChild("floor/server.ts", [paths.floor]);
  const keyless = await startChild("floor/server.ts", [paths.keyless, "keyless"]);
  const agent = await startChild("agent_server.ts", [paths.agent, String(Math.max(...DEVICES))]);
  try {
    const idleMb = agent.rss();
    let underLoadMb = idleMb;
    let from = 0;
    const cells: Cell[] = [];
    for (const devices of DEVICES) {
      for (const lines of LINES) {
        const run = (child: Child) =>
          load({ port: child.port, devices, lines, ms: options.msPerCell / 2, from });
        const step = async (child: Child) => {
          const before = child.cpuMs();
          const result = await run(child);
          from = result.next;
          const cpuMicros = (child.cpuMs() - before) * 1_000 / (result.requests * lines);
          return { ...result, cpuMicros };
        };
        const floorFirst = await step(floor);
        const agentFirst = await step(agent);
        const agentSecond = await step(agent);
        const floorSecond = await step(floor);
        const { punchesPerSecond: keylessPerSecond } = await step(keyless);
        underLoadMb = Math.max(underLoadMb, agent.rss());
        const cell = {
          ...cellOf(devices, lines, [floorFirst, floorSecond], [agentFirst, agentSecond]),
          keylessPerSecond,
        };
        cells.push(cell);
        options.onCell(cell);
      }
    }
    return { cells, idleMb, underLoadMb };
  } finally {
    await floor.stop();
    await keyless.stop();
    await agent.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

type Pair = readonly [Measured, Measured];

function cellOf(
  devices: number,
  lines: number,
  floors: Pair,
  agents: Pair,
): Omit<Cell, "keylessPerSecond"> {
  const floor = both(floors);
  const agent = both(agents);
  return { devices, lines, floor, agent, ratio: agent.punchesPerSecond / floor.punchesPerSecond };
}

function both([a, b]: Pair): Measured {
  return {
    punchesPerSecond: Math.round((a.punchesPerSecond + b.punchesPerSecond) / 2),
    p50: (a.p50 + b.p50) / 2,
    p99: Math.max(a.p99, b.p99),
    requests: a.requests + b.requests,
    cpuMicros: (a.cpuMicros + b.cpuMicros) / 2,
    next: b.next,
  };
}
