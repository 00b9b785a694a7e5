/**
 * What all commands share: the world they speak to, how they fail, how they reach the books. Owns
 * exit codes and the choice between a running agent and the lock; must not know any one command.
 */
import { type Books, makeBooks, makeSpool } from "../agent.ts";
import { SystemClock } from "../base/clock.ts";
import type { Config } from "../base/config.ts";
import { DESTINATIONS, terminalReport } from "../health/health.ts";
import { askAgent, DirectoryLock, LocalFault, operations } from "../local/local.ts";

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
/** Wrong arguments or configuration. */
export const EXIT_USAGE = 2;

/** Where a command reads and writes; handed in so that tests see all of it. */
export interface World {
  readonly config: Config;
  readonly configPath: string;
  /** Folder of the program's file. */
  readonly programFolder: string;
  /** The one-file program; null under a Deno of its own. */
  readonly programFile: string | null;
  /** Names in the environment that look like settings and are none. */
  readonly unknownNames: readonly string[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** PEM texts of `odoo.caFiles`. */
  readonly pinnedAuthorities: readonly string[];
  readonly host: { readonly name: string; readonly os: string; readonly arch: string };
}

export interface Command {
  /** e.g. `pair URL CODE [--database NAME]` */
  readonly usage: string;
  readonly summary: string;
  readonly help: string;
  readonly run: (args: readonly string[], world: World) => Promise<number>;
}

/** Wrong arguments; the usage of the command is printed with it. */
export class Misused extends Error {
  override readonly name = "Misused";
}

/** Something a person can mend; printed without a stack. */
export class Failed extends Error {
  override readonly name = "Failed";
}

/** Asks the running agent, or does it in this process when none runs. */
export async function perform(config: Config, name: string, given: unknown = {}): Promise<unknown> {
  const asked = await askAgent(config.dataDirectory, name, given);
  if (asked !== null) return asked.result;
  return await alone(config, () =>
    withBooks(config, async (books) => {
      const offline = operations({
        ...books,
        redacted: terminalReport,
        destination: DESTINATIONS[config.destination],
        status: () => stoppedStatus(books),
        pairingChanged: () => Promise.resolve(),
        wake: () => {},
        importFile: (file) => makeSpool(config, books, new SystemClock(), () => {}).take(file),
      });
      return await offline[name]?.(given);
    }));
}

/** With the data directory to itself: an agent that is started meanwhile waits outside. */
export async function alone<T>(config: Config, work: () => Promise<T>): Promise<T> {
  makeDataDirectory(config);
  const lock = new DirectoryLock(config.dataDirectory);
  if (!lock.take()) {
    throw new LocalFault("another command is at work on the data directory; try again");
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** Opens the books for a process that is not the agent and has the data directory to itself. */
export async function withBooks<T>(
  config: Config,
  use: (books: Books) => Promise<T>,
): Promise<T> {
  const books = makeBooks(config, new SystemClock());
  books.queue.start();
  try {
    books.alarms.start();
    books.devices.start();
    return await use(books);
  } finally {
    await books.queue.stop();
  }
}

function stoppedStatus({ queue, alarms }: Books): unknown {
  const { perDevice: _, ...stats } = queue.stats();
  return {
    status: "stopped",
    reasons: [{ code: "stopped", detail: "the agent does not run" }],
    queue: stats,
    alarms: alarms.list(),
  };
}

/**
 * Creates the data directory for its owner alone. Throws when it belongs to somebody else: files of
 * root in it would lock out the service.
 */
export function makeDataDirectory(config: Config): void {
  const path = config.dataDirectory;
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
      throw new Failed(`${path} cannot be created; make it for the user of the service`);
    }
    throw error;
  }
  const owner = Deno.statSync(path).uid;
  if (owner !== null && Deno.uid() !== null && owner !== Deno.uid()) {
    throw new Failed(
      `${path} belongs to another user (uid ${owner}); run this as that user, e.g. with sudo -u`,
    );
  }
}

/** Columns padded to the widest cell; cells are made printable. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(cell))];
  const widths = header.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  return cells.map((row) =>
    row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n") + "\n";
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return printable(String(value));
}

/** What a terminal sent may hold bytes that a screen obeys. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\u00b7");
}
