// Owns: running other programs, as ourselves or as the ordinary account. Must not know: which.

import { type ChildProcess, spawn } from "node:child_process";
import { onExit } from "./cleanup.ts";
import { Trouble, waitsFor } from "./trouble.ts";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to our own environment; a value of "" removes the name. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Not stopped by Ctrl-C: the script waits for its end (half an installation breaks a machine). */
  readonly letFinish?: boolean;
  /** Milliseconds until the program is killed. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Builds the environment of a child; names that would lead a Python or PostgreSQL astray are left out. */
function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all: Record<string, string> = { ...Deno.env.toObject(), ...extra };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
}

/** Runs a program to its end; never throws for a non-zero code, only when it cannot be started. */
export async function run(
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  // A session of its own keeps the terminal's Ctrl-C away.
  const [program, ...args] = options.letFinish ? ["setsid", "--wait", ...command] : command;
  const child = new Deno.Command(program ?? "", {
    args,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    clearEnv: true,
    env: environment(options.env),
    stdin: options.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (options.input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.input));
    await writer.close();
  }
  const before = waitsFor(shown(command));
  const ending = child.output().finally(() => waitsFor(before));
  const timer = options.timeoutMs === undefined
    ? undefined
    : setTimeout(() => end(child, ending), options.timeoutMs);
  let killed = false;
  const killing = onExit(async () => {
    killed = true;
    await (options.letFinish ? ending : end(child, ending));
  });
  const output = await ending;
  // Whoever waits for a program that was killed because the script ends shall not go on.
  if (killed) await new Promise(() => {});
  killing.forget();
  clearTimeout(timer);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, stdout: decode(output.stdout), stderr: decode(output.stderr) };
}

/** Time for a program to end its own children (Odoo its browser) before it is killed. */
const GRACE_MS = 10_000;

async function end(child: Deno.ChildProcess, ending: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ending;
  clearTimeout(timer);
}

/** A command as a person knows it: without who runs it and where it lies. */
function shown(command: readonly string[]): string {
  const own = command[0] === "setpriv" ? command.slice(command.indexOf("--") + 1) : command;
  const [program = "", ...args] = own;
  return `${program.replace(/^.*\//, "")} ${args.join(" ")}`.trim().slice(0, 100);
}

/** As `run`, but a non-zero code is a Trouble with the end of what the program said. */
export async function mustRun(
  command: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, options);
  if (result.code === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-15).join("\n");
  throw new Trouble(
    `This command failed with code ${result.code}:\n  ${command.join(" ")}\n${said}`,
  );
}

export interface Started {
  readonly pid: number;
  /** Resolves with the exit code, -1 when a signal ended it. */
  readonly ended: Promise<number>;
  /** SIGINT first (Odoo and the agent stop cleanly), SIGKILL after `patienceMs`. */
  stop(patienceMs?: number): Promise<void>;
}

/** Starts a server whose output goes to `log`, in its own process group: Ctrl-C reaches it only through us. */
export function start(
  command: readonly string[],
  log: string,
  options: RunOptions = {},
): Started {
  const [program, ...args] = command;
  const file = Deno.openSync(log, { write: true, create: true, append: true });
  file.close();
  const child: ChildProcess = spawn(
    "/bin/sh",
    ["-c", 'log="$1"; shift; exec "$@" >>"$log" 2>&1', "sh", log, program ?? "", ...args],
    {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: environment(options.env),
      stdio: "ignore",
      detached: true,
    },
  );
  const ended = new Promise<number>((resolve) => {
    child.on("exit", (code) => resolve(code ?? -1));
    child.on("error", () => resolve(-1));
  });
  return {
    pid: child.pid ?? -1,
    ended,
    stop: (patienceMs = 15_000) => stop(child, ended, patienceMs),
  };
}

async function stop(
  child: ChildProcess,
  ended: Promise<number>,
  patienceMs: number,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** The path of a program, looked for in `places` and then on PATH; null when there is none. */
export async function which(name: string, places: readonly string[] = []): Promise<string | null> {
  const path = [...places, ...(Deno.env.get("PATH") ?? "").split(":")].filter((place) => place);
  for (const place of path) {
    const candidate = `${place}/${name}`;
    if (await isProgram(candidate)) return candidate;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    const info = await Deno.stat(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch (error) {
    // A folder on PATH that is missing, or that we may not look into, holds nothing for us.
    const kinds = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.PermissionDenied];
    if (kinds.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
