// Owns: a PostgreSQL to work with: the one PGHOST names, else a private cluster in the cache that is
// reached through a unix socket and runs while somebody uses it. Must not know: Odoo.

import { onExit } from "./cleanup.ts";
import { openCache, withLock } from "./cache.ts";
import { ensurePackages } from "./debian.ts";
import { mustRun, run, which } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** Role of the private cluster. Odoo refuses to run as `postgres`. */
const ROLE = "biometric";
/** A unix socket's path holds at most 107 bytes, `.s.PGSQL.5432` included. */
const LONGEST_SOCKET_FOLDER = 90;
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * Settings of the private cluster. Its databases can be made again in seconds, so nothing is synced;
 * after a crash of the machine the cluster is thrown away (see `discardIfTorn`).
 */
const SETTINGS = `
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
autovacuum_naptime = 20s
timezone = 'UTC'
log_min_messages = warning
`;

export interface Postgres {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  /** Environment by which psql, pg_dump and Odoo find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs statements, one transaction each, in a database; returns rows as text without alignment. */
  sql(statement: string, database?: string): Promise<string>;
  /** False for a PostgreSQL that PGHOST named: others may use it too. */
  readonly isPrivate: boolean;
  /** Stops a private cluster when nobody else uses it. */
  release(): Promise<void>;
}

/** Folder of initdb, pg_ctl and psql of the newest PostgreSQL installed. */
export async function binaries(): Promise<string> {
  const found = await newestBinaries();
  if (found) return found;
  await ensurePackages(["postgresql"]);
  const installed = await newestBinaries();
  if (installed) return installed;
  throw new Trouble("PostgreSQL is installed, but initdb was not found under /usr/lib/postgresql.");
}

async function newestBinaries(): Promise<string | null> {
  const versions: number[] = [];
  try {
    for await (const entry of Deno.readDir("/usr/lib/postgresql")) {
      versions.push(Number(entry.name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const folders = versions.sort((a, b) => b - a).map((v) => `/usr/lib/postgresql/${v}/bin`);
  const initdb = await which("initdb", folders);
  return initdb?.replace(/\/initdb$/, "") ?? null;
}

function connection(
  psql: string,
  env: Record<string, string>,
  isPrivate: boolean,
  release: () => Promise<void>,
): Postgres {
  return {
    host: env["PGHOST"] ?? "",
    port: env["PGPORT"] ?? "5432",
    user: env["PGUSER"] ?? "",
    env,
    sql: async (statement, database = "postgres") =>
      (await mustRun([psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database], {
        env,
        input: `${statement};\n`,
      })).trim(),
    isPrivate,
    release,
  };
}

/** The PostgreSQL of the environment, when PGHOST names one that answers. */
async function givenPostgres(): Promise<Postgres | null> {
  const host = Deno.env.get("PGHOST");
  if (!host) return null;
  const psql = await which("psql", [await newestBinaries() ?? ""]);
  if (!psql) throw new Trouble("PGHOST is set, but psql is not installed.");
  const env: Record<string, string> = { PGHOST: host };
  for (const name of ["PGPORT", "PGUSER", "PGPASSWORD"]) {
    const value = Deno.env.get(name);
    if (value) env[name] = value;
  }
  env["PGUSER"] ??= Deno.env.get("USER") ?? "odoo";
  const answer = await run([psql, "-X", "-d", "postgres", "-c", "SELECT 1"], {
    env: { ...env, PGCONNECT_TIMEOUT: "5" },
  });
  if (answer.code === 0) return connection(psql, env, false, () => Promise.resolve());
  console.error(
    `The PostgreSQL that PGHOST names (${host}) does not answer; using a private one instead. ` +
      answer.stderr.trim(),
  );
  return null;
}

interface Cluster {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly socket: string;
}

async function privateCluster(): Promise<Cluster> {
  const cache = await openCache();
  const folder = `${cache.path}/postgres`;
  const inside = `${folder}/run`;
  const socket = inside.length <= LONGEST_SOCKET_FOLDER
    ? inside
    : `/tmp/biometric-pg-${Deno.uid()}`;
  for (const path of [folder, socket]) {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    await cache.own(path);
  }
  await Deno.mkdir(`${cache.path}/locks/pg-users`, { recursive: true });
  return { bin: await binaries(), folder, data: `${folder}/data`, socket };
}

async function control(cluster: Cluster, ...args: string[]): Promise<number> {
  const cache = await openCache();
  const command = [`${cluster.bin}/pg_ctl`, "-D", cluster.data, "-w", "-t", "60", ...args];
  const result = await run(cache.ordinary(command), { env: cache.env, cwd: cache.path });
  return result.code;
}

async function initialise(cluster: Cluster): Promise<void> {
  const cache = await openCache();
  await mustRun(
    cache.ordinary([
      `${cluster.bin}/initdb`,
      "-D",
      cluster.data,
      "-U",
      ROLE,
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ]),
    { env: cache.env, cwd: cache.path },
  );
  const conf = `${cluster.data}/postgresql.conf`;
  await Deno.writeTextFile(
    conf,
    `${await Deno.readTextFile(conf)}${SETTINGS}unix_socket_directories = '${cluster.socket}'\n`,
  );
}

/** Unsynced files cannot be trusted when the machine went down while the cluster ran. */
async function discardIfTorn(cluster: Cluster): Promise<void> {
  const bootFile = `${cluster.folder}/boot_id`;
  const boot = await Deno.readTextFile(BOOT_ID);
  const last = await Deno.readTextFile(bootFile).catch(() => boot);
  const torn = last !== boot && await exists(`${cluster.data}/postmaster.pid`);
  if (torn) await Deno.remove(cluster.data, { recursive: true });
  await Deno.writeTextFile(bootFile, boot);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function ensureRunning(cluster: Cluster): Promise<void> {
  if (await control(cluster, "status") === 0) return;
  await discardIfTorn(cluster);
  if (!await exists(`${cluster.data}/PG_VERSION`)) await initialise(cluster);
  const log = `${cluster.folder}/server.log`;
  if (await control(cluster, "-l", log, "start") === 0) return;
  const tail = (await Deno.readTextFile(log)).trim().split("\n").slice(-5).join("\n");
  throw new Trouble(
    `The private PostgreSQL does not start:\n${tail}\n` +
      `If its files are damaged, remove ${cluster.folder} and run the same command again.`,
  );
}

/** Scripts that use the cluster, one file per process; those of dead processes are cleared away. */
async function users(): Promise<string[]> {
  const { path } = await openCache();
  const folder = `${path}/locks/pg-users`;
  const living: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name === "keep" || await exists(`/proc/${entry.name}`)) living.push(entry.name);
    else await Deno.remove(`${folder}/${entry.name}`);
  }
  return living;
}

let shared: Promise<Postgres> | undefined;

/** The PostgreSQL of this process, started when needed; every caller shares it. */
export function openPostgres(): Promise<Postgres> {
  shared ??= makePostgres();
  return shared;
}

/** Ends this process's use of it; nothing when it was never opened. */
export async function releasePostgres(): Promise<void> {
  await (await shared)?.release();
}

async function makePostgres(): Promise<Postgres> {
  const given = await givenPostgres();
  if (given) return given;
  const cluster = await privateCluster();
  const { path } = await openCache();
  const mine = `${path}/locks/pg-users/${Deno.pid}`;
  await withLock("postgres", async () => {
    await Deno.writeTextFile(mine, "");
    await ensureRunning(cluster);
  });
  const env = { PGHOST: cluster.socket, PGPORT: "5432", PGUSER: ROLE, PGPASSWORD: "" };
  const leaving = onExit(async () => {
    await withLock("postgres", async () => {
      await Deno.remove(mine).catch(() => {});
      if ((await users()).length === 0) await control(cluster, "-m", "fast", "stop");
    });
  });
  return connection(`${cluster.bin}/psql`, env, true, async () => {
    shared = undefined;
    await leaving.now();
  });
}

/** Keeps the private cluster running after the scripts end (`dev/odoo.ts start`). */
export async function keepRunning(): Promise<void> {
  const { path } = await openCache();
  await Deno.writeTextFile(`${path}/locks/pg-users/keep`, "");
}

/** Stops the private cluster now. Refused while another script uses it. */
export async function stopPostgres(): Promise<string> {
  const cluster = await privateCluster();
  return await withLock("postgres", async () => {
    const { path } = await openCache();
    await Deno.remove(`${path}/locks/pg-users/keep`).catch(() => {});
    const left = await users();
    if (left.length > 0) {
      throw new Trouble(`Still used by the processes ${left.join(", ")}; it stops when they end.`);
    }
    return await control(cluster, "-m", "fast", "stop") === 0 ? "stopped" : "was not running";
  });
}
