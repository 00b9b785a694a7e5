// Owns: the edge agent as a program of its own, started as at a branch: its configuration file, the
// `pair` command, the running process, its health page. Must not know: the agent's insides.

import { repository } from "./cache.ts";
import { onExit, type Undoing } from "./cleanup.ts";
import { mustRun, start, type Started } from "./process.ts";
import { Trouble } from "./trouble.ts";

const START_PATIENCE_MS = 30_000;
const POLL_MS = 100;
/** Written out by `pair`; sixteen hex digits in groups of four. */
const FINGERPRINT = /\b[0-9a-f]{4}[ :-][0-9a-f]{4}[ :-][0-9a-f]{4}[ :-][0-9a-f]{4}\b/;

export interface AgentOptions {
  /** Folder of this agent alone: configuration, queue, log. */
  readonly folder: string;
  readonly devicePort: number;
  readonly healthPort: number;
  /** The agent's program; the present one of this checkout where none is named. */
  readonly program?: string;
}

export interface AgentHealth {
  readonly status: number;
  readonly body: unknown;
}

export class AgentProcess {
  readonly #options: AgentOptions;
  #process: Started | undefined;
  #undoing: Undoing | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  get log(): string {
    return `${this.#options.folder}/agent.log`;
  }

  get devicePort(): number {
    return this.#options.devicePort;
  }

  /** Writes the configuration a branch would lay beside the program. */
  async configure(): Promise<void> {
    const { folder, devicePort, healthPort } = this.#options;
    await Deno.mkdir(`${folder}/data`, { recursive: true });
    const config = {
      dataDirectory: `${folder}/data`,
      odoo: { syncSeconds: 1 },
      devicePort: { host: "127.0.0.1", port: devicePort, allow: ["127.0.0.1"] },
      health: { port: healthPort, lateSeconds: 30 },
    };
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(config, null, 2) + "\n");
  }

  #command(...args: string[]): string[] {
    const deno = `${repository}/node_modules/.bin/deno`;
    const program = this.#options.program ?? `${repository}/edge_agent/main.ts`;
    return [deno, "run", "-A", "--quiet", program, ...args];
  }

  get #settings(): { cwd: string; env: Record<string, string> } {
    const env = {
      BIOMETRIC_CONFIG: `${this.#options.folder}/config.json`,
      BIOMETRIC_CACHE: "",
      NO_COLOR: "1",
    };
    return { cwd: repository, env };
  }

  /** Runs one command of the agent to its end and returns what it said. */
  async say(...args: string[]): Promise<string> {
    return await mustRun(this.#command(...args), this.#settings);
  }

  /** Types the line Odoo shows; returns the fingerprint the agent prints for the administrator. */
  async pair(line: readonly string[]): Promise<string> {
    const said = await this.say(...line);
    const fingerprint = FINGERPRINT.exec(said)?.[0];
    if (!fingerprint) throw new Trouble(`The agent paired, but showed no fingerprint:\n${said}`);
    return fingerprint;
  }

  async start(): Promise<void> {
    this.#process = start(this.#command("run"), this.log, this.#settings);
    this.#undoing = onExit(() => this.#halt());
    let code: number | undefined;
    this.#process.ended.then((value) => code = value);
    const deadline = performance.now() + START_PATIENCE_MS;
    while (performance.now() < deadline && code === undefined) {
      if (await this.health() !== null) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const tail = (await Deno.readTextFile(this.log)).trim().split("\n").slice(-15).join("\n");
    throw new Trouble(`The edge agent does not run (code ${code ?? "none"}):\n${tail}`);
  }

  /** What its health page says; null when it does not answer. */
  async health(): Promise<AgentHealth | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#options.healthPort}/health`, {
        signal: AbortSignal.timeout(5_000),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  async stop(): Promise<void> {
    await this.#undoing?.now();
  }

  async #halt(): Promise<void> {
    await this.#process?.stop(20_000);
    this.#process = undefined;
  }
}
