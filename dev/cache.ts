// Owns: the folder outside git where Odoo, PostgreSQL and copies live, the ordinary account they run
// under, locks between scripts that run at once, and free ports. Must not know: what is kept there.

import { statfs } from "node:fs/promises";
import { mustRun, run } from "./process.ts";
import { Trouble } from "./trouble.ts";

/** The account that Odoo and PostgreSQL run under when the scripts are run by root. */
const ACCOUNT = "biometric-dev";
const GIGABYTE = 1024 ** 3;

export const isRoot = Deno.uid() === 0;
export const repository = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

export interface Cache {
  readonly path: string;
  /** Puts a command under the ordinary account (itself, when we already are an ordinary user). */
  ordinary(command: readonly string[]): string[];
  /** Environment of such a command. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives a path to the ordinary account. */
  own(path: string): Promise<void>;
}

function cachePath(): string {
  const given = Deno.env.get("BIOMETRIC_CACHE");
  if (given) return given;
  if (isRoot) return "/var/cache/biometric-attendance";
  const base = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${base}/biometric-attendance`;
}

async function ensureAccount(path: string): Promise<void> {
  if ((await run(["id", "-u", ACCOUNT])).code === 0) return;
  const made = await run([
    "useradd",
    "--system",
    "--user-group",
    "--no-create-home",
    "--home-dir",
    `${path}/home`,
    "--shell",
    "/usr/sbin/nologin",
    ACCOUNT,
  ], { env: { PATH: `${Deno.env.get("PATH") ?? ""}:/usr/sbin:/sbin` } });
  if (made.code !== 0 && (await run(["id", "-u", ACCOUNT])).code !== 0) {
    throw new Trouble(`The system account ${ACCOUNT} could not be made: ${made.stderr.trim()}`);
  }
}

let opened: Promise<Cache> | undefined;

/** The cache, made when it is missing. The same object for every caller of one process. */
export function openCache(): Promise<Cache> {
  opened ??= makeCache();
  return opened;
}

async function makeCache(): Promise<Cache> {
  const path = cachePath();
  try {
    await Deno.mkdir(`${path}/locks`, { recursive: true });
  } catch (error) {
    throw new Trouble(
      `The cache folder ${path} cannot be made (${(error as Error).message}). ` +
        "Set BIOMETRIC_CACHE to a folder you can write to, with 3 GB free.",
    );
  }
  if (isRoot) await ensureAccount(path);
  const cache = ordinaryCache(path);
  for (const folder of ["home", "data", "log", "tmp"]) {
    await Deno.mkdir(`${path}/${folder}`, { recursive: true });
    await cache.own(`${path}/${folder}`);
  }
  // Everything is said on the command line; a person's own ~/.odoorc must not speak along.
  await Deno.writeTextFile(`${path}/odoo.conf`, "[options]\n");
  return cache;
}

function ordinaryCache(path: string): Cache {
  const drop = [
    "setpriv",
    `--reuid=${ACCOUNT}`,
    `--regid=${ACCOUNT}`,
    "--init-groups",
    "--inh-caps=-all",
    "--no-new-privs",
    "--",
  ];
  return {
    path,
    ordinary: (command) => isRoot ? [...drop, ...command] : [...command],
    env: {
      HOME: isRoot ? `${path}/home` : Deno.env.get("HOME") ?? path,
      USER: isRoot ? ACCOUNT : Deno.env.get("USER") ?? "",
      LOGNAME: isRoot ? ACCOUNT : Deno.env.get("LOGNAME") ?? "",
      LC_ALL: "C.UTF-8",
      TMPDIR: `${path}/tmp`,
      PYTHONDONTWRITEBYTECODE: "1",
      PYTHONPATH: "",
      PYTHONHOME: "",
    },
    own: async (target) => {
      if (isRoot) await mustRun(["chown", `${ACCOUNT}:${ACCOUNT}`, target]);
    },
  };
}

/** Says so when less than `gigabytes` are free where the cache lives. */
export async function needDisk(gigabytes: number): Promise<void> {
  const { path } = await openCache();
  const { bavail, bsize } = await statfs(path);
  const free = (bavail * bsize) / GIGABYTE;
  if (free >= gigabytes) return;
  throw new Trouble(
    `${path} has ${free.toFixed(1)} GB free; ${gigabytes} GB are needed. ` +
      "Free some space, or set BIOMETRIC_CACHE to a folder on a larger disk.",
  );
}

/** Runs `work` while no other script of this machine holds the lock `name`. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const { path } = await openCache();
  const file = await Deno.open(`${path}/locks/${name}`, { create: true, write: true });
  try {
    await file.lock(true);
    return await work();
  } finally {
    file.close();
  }
}

/** Whether a listener can have this loopback port now. */
export function portIsFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** Says what to do when a port that was asked for is taken. */
export function needPort(port: number, option: string): void {
  if (portIsFree(port)) return;
  throw new Trouble(
    `Port ${port} is used by another program. Stop it, or choose another: ${option} ${port + 1}`,
  );
}

/** Below the kernel's own range for outgoing connections (32768…), so that none of these takes it. */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

/** A loopback port nobody uses, held for this process against scripts that run at the same time. */
export async function takePort(): Promise<number> {
  const { path } = await openCache();
  await Deno.mkdir(`${path}/locks/ports`, { recursive: true });
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
    const file = await Deno.open(`${path}/locks/ports/${port}`, { create: true, write: true });
    // Held until this process ends: the kernel lets go of the lock even after a crash.
    if (await file.tryLock(true) && portIsFree(port)) return port;
    file.close();
  }
  throw new Trouble(`No free port between ${FIRST_PORT} and ${LAST_PORT} on this machine.`);
}
