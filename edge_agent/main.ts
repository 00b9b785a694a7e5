/**
 * The program: reads arguments and configuration, runs one command, ends with its exit code. Owns how
 * arguments are read and how faults look; the commands are in cli/.
 */
import {
  BadConfig,
  ENVIRONMENT_NAMES,
  faultText,
  loadConfig,
  type LoadedConfig,
} from "./base/config.ts";
import { didYouMean } from "./base/nearest.ts";
import { VERSION } from "./base/version.ts";
import {
  type Command,
  COMMANDS,
  EXIT_FAILED,
  EXIT_OK,
  EXIT_USAGE,
  Misused,
  printable,
  sentenceOf,
  tellVersion,
  type World,
} from "./cli/cli.ts";

/** What the program is given by the system. */
export interface Surroundings {
  /** The one-file program; null under a Deno of its own. */
  readonly programFile?: string | null;
  readonly args: readonly string[];
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs one command and returns the exit code: 0 done, 1 failed, 2 wrong arguments or settings. */
export async function main(
  { programFile = null, args, out, err }: Surroundings,
): Promise<number> {
  const { configPath, rest } = takeConfigOption(args);
  const [name, ...given] = rest;
  if (name === undefined) {
    out(overview());
    return EXIT_USAGE;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    return helpAbout(given[0], { out, err });
  }
  if (name === "version" || name === "--version") {
    if (given.includes("--help") || given.includes("-h")) return helpAbout(name, { out, err });
    return tellVersion({ programFile, args: given, out, err });
  }
  const wanted = commandNamed(name);
  if (wanted === undefined) return unknownCommand(name, err);
  if (given.includes("--help") || given.includes("-h")) {
    out(helpOf(wanted));
    return EXIT_OK;
  }
  return await guarded(wanted, given, { programFile, configPath, out, err });
}

function helpAbout(name: string | undefined, { out, err }: Omit<Surroundings, "args">): number {
  const about = commandNamed(name);
  if (about === undefined && name !== undefined && name !== "version") {
    return unknownCommand(name, err);
  }
  out(about === undefined ? overview() : helpOf(about));
  return EXIT_OK;
}

function unknownCommand(name: string, err: Surroundings["err"]): number {
  const near = didYouMean(name, [...Object.keys(COMMANDS), "version", "help"]);
  err(`there is no command ${printable(name)}${near || "; see --help"}\n`);
  return EXIT_USAGE;
}

function commandNamed(name: string | undefined): Command | undefined {
  return name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}

interface Guarded {
  readonly programFile: string | null;
  readonly configPath: string | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

async function guarded(
  wanted: Command,
  given: readonly string[],
  { programFile, configPath, out, err }: Guarded,
): Promise<number> {
  try {
    const loaded = readConfig(configPath);
    return await wanted.run(given, makeWorld(loaded, { programFile, out, err }));
  } catch (error) {
    if (error instanceof BadConfig) {
      err("the configuration has faults:\n");
      for (const fault of error.faults) err(`  ${printable(faultText(fault))}\n`);
      return EXIT_USAGE;
    }
    if (error instanceof Misused || isArgumentFault(error)) {
      const near = didYouMean(...optionsOf(error, wanted));
      err(`${printable(error.message)}${near}\nusage: ${wanted.usage}\n`);
      return EXIT_USAGE;
    }
    const sentence = sentenceOf(error);
    if (sentence === null) throw error;
    err(`${printable(sentence)}\n`);
    return EXIT_FAILED;
  }
}

/** The option that a command does not know, and those that it does. */
function optionsOf({ message }: Error, { usage }: Command): [string, string[]] {
  const unknown = /^Unknown option '(--[^']*)'/.exec(message)?.[1] ?? "";
  return [unknown, usage.match(/--[a-z]+/g) ?? []];
}

/** Of node:util parseArgs. */
function isArgumentFault(error: unknown): error is Error {
  return error instanceof TypeError && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** `--config FILE` may stand anywhere. */
function takeConfigOption(
  args: readonly string[],
): { configPath: string | undefined; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === "--config" || arg.startsWith("--config="));
  if (at < 0) return { configPath: undefined, rest: args };
  const inline = args[at]?.startsWith("--config=") ?? false;
  const configPath = inline ? args[at]?.slice("--config=".length) : args[at + 1];
  return { configPath, rest: [...args.slice(0, at), ...args.slice(at + (inline ? 1 : 2))] };
}

function readConfig(path: string | undefined): LoadedConfig {
  return loadConfig({ readText: readTextIfThere, environment: environment(), path });
}

/** All of it where the start flags allow that, so that misspelt names can be told; else our own. */
function environment(): Record<string, string> {
  if (Deno.permissions.querySync({ name: "env" }).state === "granted") return Deno.env.toObject();
  return Object.fromEntries(ENVIRONMENT_NAMES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

function readTextIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function makeWorld(
  { config, path, unknownNames }: LoadedConfig,
  { programFile, out, err }: Omit<Guarded, "configPath">,
): World {
  return {
    config,
    configPath: path,
    programFolder: programFile?.replace(/\/[^/]*$/, "") ?? import.meta.dirname ?? ".",
    programFile,
    unknownNames,
    out,
    err,
    pinnedAuthorities: config.odoo.caFiles.map(readAuthority),
    host: {
      name: Deno.hostname().slice(0, 64),
      os: `${Deno.build.os} ${Deno.osRelease()}`.slice(0, 64),
      arch: Deno.build.arch,
    },
  };
}

/** A pin that cannot be read must not become "trust everybody". */
function readAuthority(path: string, index: number): string {
  const field = `odoo.caFiles.${index}`;
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    throw new BadConfig([{ field, message: `${path} cannot be read` }]);
  }
  if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text)) {
    throw new BadConfig([{ field, message: `${path} holds no PEM certificate` }]);
  }
  return text;
}

function overview(): string {
  const widest = Math.max(...Object.keys(COMMANDS).map((name) => name.length), "version".length);
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) =>
    `  ${name.padEnd(widest)}  ${summary}`
  );
  return [
    `biometric-agent ${VERSION}: punches from terminals to Odoo`,
    "",
    "usage: biometric-agent [--config FILE] COMMAND …      (COMMAND --help tells more)",
    "",
    ...lines,
    `  ${"version".padEnd(widest)}  print the version`,
    "",
  ].join("\n");
}

function helpOf({ usage, summary, help }: Command): string {
  return `usage: biometric-agent [--config FILE] ${usage}\n\n${summary}\n\n${help}\n`;
}

/** As a process of its own; the one-file program says which file it is. Does not return. */
export async function begin(programFile: string | null = null): Promise<never> {
  const encoder = new TextEncoder();
  const writer = (file: { writeSync(bytes: Uint8Array): number }) => (text: string) => {
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  };
  Deno.exit(
    await main({
      programFile,
      args: Deno.args,
      out: writer(Deno.stdout),
      err: writer(Deno.stderr),
    }),
  );
}

if (import.meta.main) await begin();
