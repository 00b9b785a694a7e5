// Owns: one Odoo server process on a database: start, wait until it answers, stop. Must not know: what
// the database holds.

import { onExit, type Undoing } from "./cleanup.ts";
import { needPort, openCache } from "./cache.ts";
import { logTail, odooCommand } from "./databases.ts";
import { start, type Started } from "./process.ts";
import { quickPasswords } from "./quick_passwords.ts";
import { Trouble } from "./trouble.ts";

/** Odoo answered after 3 s here; a busy two-core machine takes longer. */
const START_PATIENCE_MS = 120_000;
const POLL_MS = 200;

export interface OdooServerOptions {
  readonly db: string;
  readonly port: number;
  /** Folder that holds our addon, readable by the ordinary account. */
  readonly addons: string;
  /** More of Odoo's own options (workers, another PostgreSQL); they outrank ours. */
  readonly args?: readonly string[];
}

export class OdooServer {
  readonly #options: OdooServerOptions;
  #process: Started | undefined;
  #undoing: Undoing | undefined;
  #log = "";

  constructor(options: OdooServerOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get db(): string {
    return this.#options.db;
  }

  /** Process id of the running server (with workers: of their master); -1 while it is stopped. */
  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** Path of the server's log. */
  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    const { db, port, addons, args = [] } = this.#options;
    needPort(port, "--port");
    const quick = await quickPasswords();
    const ours = ["--max-cron-threads=1", "--no-database-list", `--load=${quick.load}`];
    const { command, env, cwd } = await odooCommand({
      db,
      addons: `${addons},${quick.folder}`,
      args: [`--http-port=${port}`, ...ours, ...args],
    });
    this.#log = `${(await openCache()).path}/log/${db}.log`;
    this.#process = start(command, this.#log, { env, cwd });
    this.#undoing = onExit(() => this.#halt());
    await this.#untilReady(this.#process);
  }

  async #untilReady(process: Started): Promise<void> {
    let code: number | undefined;
    process.ended.then((value) => code = value);
    const deadline = performance.now() + START_PATIENCE_MS;
    while (performance.now() < deadline) {
      if (code !== undefined) break;
      if (await this.answers()) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const words = code === undefined ? "does not answer" : `ended with code ${code}`;
    throw new Trouble(`Odoo ${words}:\n${logTail(await Deno.readTextFile(this.#log), 20)}`);
  }

  /** Whether the server answers with the database loaded. */
  async answers(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/web/health`, {
        signal: AbortSignal.timeout(10_000),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await this.#undoing?.now();
  }

  async #halt(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }
}
