/** Durable ingest of the device port against the floor, cell by cell in one run, and on one core. */
import { type Child, startChild } from "./child.ts";
import { load } from "./load.ts";

export const LINES = [1, 10, 100, 1_000] as const;
export const DEVICES = [1, 10, 50, 200] as const;
/** Terminals on one core, one line a request. */
export const PINNED_DEVICES = 200;
const PINNED_CORE = 0;
/**
 * Requests that each server answers before it is measured: an agent runs for months, and for its first thousands of
 * requests V8 interprets what it compiles afterwards.
 */
const WARM_REQUESTS = 4_000;
const WARM_MS = 500;

export interface Measured {
  readonly punchesPerSecond: number;
  /** Ms, of all requests of the cell. */
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server per punch; it says more on a busy machine. */
  readonly cpuMicros: number;
}

export interface Cell {
  readonly devices: number;
  readonly lines: number;
  readonly floor: Measured;
  /** Punches a second of the floor without its unique key: a lesser promise. */
  readonly keylessPerSecond: number;
  readonly agent: Measured;
  /** Most resident memory of the agent in this cell, MB. */
  readonly rssMb: number;
}

export interface IngestOptions {
  readonly msPerCell: number;
  readonly onCell: (cell: Cell) => void;
}

export interface IngestResult {
  readonly cells: readonly Cell[];
  readonly idleMb: number;
  readonly pinned: { readonly floor: Measured; readonly agent: Measured };
}

/** What one server did in one cell, turn after turn. */
class Turns {
  readonly #waits: number[] = [];
  #seconds = 0;
  #cpuMs = 0;

  constructor(readonly lines: number) {}

  add(waits: readonly number[], seconds: number, cpuMs: number): void {
    for (const wait of waits) this.#waits.push(wait);
    this.#seconds += seconds;
    this.#cpuMs += cpuMs;
  }

  get measured(): Measured {
    const waits = this.#waits.toSorted((a, b) => a - b);
    const at = (share: number) => waits[Math.floor((waits.length - 1) * share)] ?? 0;
    const punches = waits.length * this.lines;
    return {
      punchesPerSecond: Math.round(punches / this.#seconds),
      p50: at(0.5),
      p99: at(0.99),
      cpuMicros: this.#cpuMs * 1_000 / punches,
    };
  }
}

/** Terminals against servers; no line comes twice. */
class Bench {
  #next = 0;

  async turn(child: Child, turns: Turns, devices: number, ms: number): Promise<void> {
    const before = child.cpuMs();
    const { lines } = turns;
    const run = await load({ port: child.port, devices, lines, ms, from: this.#next });
    this.#next = run.next;
    turns.add(run.waits, run.seconds, child.cpuMs() - before);
  }

  async warm(child: Child): Promise<void> {
    for (let requests = 0; requests < WARM_REQUESTS;) {
      const run = await load({
        port: child.port,
        devices: 20,
        lines: 5,
        ms: WARM_MS,
        from: this.#next,
      });
      this.#next = run.next;
      requests += run.waits.length;
    }
  }

  /** Twice in turns (floor, agent, agent, floor), so that drift hits both alike. */
  async both(floor: Child, agent: Child, devices: number, lines: number, ms: number) {
    const floors = new Turns(lines);
    const agents = new Turns(lines);
    await this.turn(floor, floors, devices, ms);
    await this.turn(agent, agents, devices, ms);
    await this.turn(agent, agents, devices, ms);
    await this.turn(floor, floors, devices, ms);
    return { floor: floors.measured, agent: agents.measured };
  }
}

interface Servers {
  readonly floor: Child;
  readonly keyless: Child;
  readonly agent: Child;
}

async function withServers<T>(
  core: number | undefined,
  body: (servers: Servers) => Promise<T>,
): Promise<T> {
  const directory = Deno.makeTempDirSync({ prefix: "bench-" });
  const started: Child[] = [];
  const start = async (name: string, script: string, ...args: string[]) => {
    const path = `${directory}/${name}`;
    Deno.mkdirSync(path);
    const child = await startChild(script, [path, ...args], core);
    started.push(child);
    return child;
  };
  try {
    return await body({
      floor: await start("floor", "floor/server.ts"),
      keyless: await start("keyless", "floor/server.ts", "keyless"),
      agent: await start("agent", "agent_server.ts", String(Math.max(...DEVICES))),
    });
  } finally {
    for (const child of started) await child.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

export async function measureIngest(options: IngestOptions): Promise<IngestResult> {
  const ms = options.msPerCell / 2;
  const { cells, idleMb } = await withServers(undefined, async ({ floor, keyless, agent }) => {
    const bench = new Bench();
    const idleMb = agent.rss();
    for (const child of [floor, keyless, agent]) await bench.warm(child);
    const cells: Cell[] = [];
    for (const devices of DEVICES) {
      for (const lines of LINES) {
        agent.peakRss();
        const found = await bench.both(floor, agent, devices, lines, ms);
        const keylessTurns = new Turns(lines);
        await bench.turn(keyless, keylessTurns, devices, ms);
        const { punchesPerSecond: keylessPerSecond } = keylessTurns.measured;
        const cell = { devices, lines, ...found, keylessPerSecond, rssMb: agent.peakRss() };
        cells.push(cell);
        options.onCell(cell);
      }
    }
    return { cells, idleMb };
  });
  const pinned = await withServers(PINNED_CORE, async ({ floor, agent }) => {
    const bench = new Bench();
    for (const child of [floor, agent]) await bench.warm(child);
    return await bench.both(floor, agent, PINNED_DEVICES, 1, ms);
  });
  return { cells, idleMb, pinned };
}
