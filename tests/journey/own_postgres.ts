// Owns: a PostgreSQL cluster of one journey, which may be stopped and killed without harm to anybody
// else's. Must not know: what is kept in it, why it is stopped.

import { openCache } from "../../dev/cache.ts";
import { onExit, type Undoing } from "../../dev/cleanup.ts";
import { binaries, openPostgres } from "../../dev/postgres.ts";
import { mustRun, run } from "../../dev/process.ts";

const ROLE = "biometric";

/**
 * Commits are written out before they are answered, so that a killed server loses none; fsync stays off,
 * because the machine itself does not go down.
 */
const SETTINGS = `
listen_addresses = ''
max_connections = 60
shared_buffers = 64MB
fsync = off
synchronous_commit = on
full_page_writes = off
timezone = 'UTC'
log_min_messages = fatal
`;

export class OwnPostgres {
  readonly #folder: string;
  #bin = "";
  #undoing: Undoing | undefined;

  /** folder: below the cache, short enough for a socket's path. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Options by which Odoo uses this cluster instead of the shared one. */
  get odooArgs(): string[] {
    return [`--db_host=${this.#folder}`, "--db_port=5432", `--db_user=${ROLE}`];
  }

  async start(): Promise<void> {
    const cache = await openCache();
    this.#bin = await binaries();
    await Deno.mkdir(this.#folder, { mode: 0o700 });
    await cache.own(this.#folder);
    this.#undoing = onExit(() => this.#remove());
    const make = ["-U", ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
    await this.#say("initdb", "-D", this.#data, ...make);
    const conf = `${this.#data}/postgresql.conf`;
    const own = `unix_socket_directories = '${this.#folder}'\n`;
    await Deno.writeTextFile(conf, await Deno.readTextFile(conf) + SETTINGS + own);
    await this.up();
  }

  get #data(): string {
    return `${this.#folder}/data`;
  }

  async #say(program: string, ...args: string[]): Promise<void> {
    const cache = await openCache();
    const command = cache.ordinary([`${this.#bin}/${program}`, ...args]);
    await mustRun(command, { env: cache.env, cwd: cache.path });
  }

  async #control(...args: string[]): Promise<void> {
    await this.#say("pg_ctl", "-D", this.#data, "-w", "-t", "60", ...args);
  }

  async up(): Promise<void> {
    await this.#control("-l", `${this.#folder}/log`, "start");
  }

  /** Every connection is cut, nothing is tidied up: what a crash leaves. */
  async down(): Promise<void> {
    await this.#control("-m", "immediate", "stop");
  }

  async crash(): Promise<void> {
    await this.down();
    await this.up();
  }

  /** Takes over a database of the shared cluster under the same name. */
  async takeOver(db: string): Promise<void> {
    const { env } = await openPostgres();
    const here = ["-h", this.#folder, "-U", ROLE];
    const file = `${this.#folder}/dump`;
    await mustRun([`${this.#bin}/createdb`, ...here, db]);
    await mustRun([`${this.#bin}/pg_dump`, "-Fc", "-Z0", "-f", file, db], { env });
    await mustRun([`${this.#bin}/pg_restore`, ...here, "--no-owner", "-d", db, file]);
    await Deno.remove(file);
  }

  async sql(db: string, statement: string): Promise<string> {
    const here = ["-h", this.#folder, "-U", ROLE, "-d", db];
    const psql = [`${this.#bin}/psql`, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...here];
    return (await mustRun(psql, { input: statement })).trim();
  }

  async stop(): Promise<void> {
    await this.#undoing?.now();
  }

  async #remove(): Promise<void> {
    const cache = await openCache();
    const stop = [`${this.#bin}/pg_ctl`, "-D", this.#data, "-w", "-m", "immediate", "stop"];
    await run(cache.ordinary(stop), { env: cache.env, cwd: cache.path });
    await Deno.remove(this.#folder, { recursive: true });
  }
}
