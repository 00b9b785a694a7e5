/** The bundled agent as a program of its own, under the exact flags that `flags` prints. */
import { gunzipSync } from "node:zlib";
import { bundle } from "../../dev/bundle.ts";
import { loadConfig } from "../../edge_agent/base/config.ts";
import { denoFlags } from "../../edge_agent/machine/permissions.ts";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let bundled: Promise<string> | null = null;

/** Bundles once for all tests of this process. */
export function bundledAgent(): Promise<string> {
  bundled ??= bundleOnce();
  return bundled;
}

async function bundleOnce(): Promise<string> {
  return (await bundle(`${programFolder()}/biometric-agent.js`)).file;
}

let folder: string | null = null;

/** Where the bundle of this process lies. */
export function programFolder(): string {
  if (folder !== null) return folder;
  const made = folder = Deno.makeTempDirSync({ prefix: "biometric-bundle-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(made, { recursive: true }));
  return made;
}

/** How the program is started; the bundle under this Deno when not said otherwise. */
export interface Starting {
  readonly programFile: string;
  /** The words in front of the agent's own, under these flags. */
  readonly command: (flags: readonly string[]) => readonly string[];
}

/** The one-file program; with `emulator` in front of it that of another machine. */
export const onePackedFile = (
  programFile: string,
  emulator: readonly string[] = [],
): Starting => ({
  programFile,
  command: (flags) => [...emulator, programFile, "--permit", ...flags, "--"],
});

/** The program of the last release, as tests/landed keeps it. */
export const landedAgent = (): string => keptAgent("biometric-agent");

/** The program of 19.0.1.1.0, the last whose batches carry no signature. */
export const unsignedAgent = (): string => keptAgent("biometric-agent-unsigned");

function keptAgent(name: string): string {
  const file = `${programFolder()}/landed-${name}.js`;
  const kept = new URL(`../landed/${name}.js.gz`, import.meta.url);
  Deno.writeFileSync(file, gunzipSync(Deno.readFileSync(kept)));
  return file;
}

export class AgentProcess {
  /** Another program than the present one; null: the present. */
  program: string | null = null;
  readonly directory = Deno.makeTempDirSync({ prefix: "biometric-agent-" });
  readonly configPath = `${this.directory}/config.json`;
  readonly devicePort = freePort();
  readonly healthPort = freePort();
  readonly notifySocket = `${this.directory}/systemd.sock`;
  #child: Deno.ChildProcess | null = null;
  #ended: Promise<Ended> | null = null;

  constructor(
    readonly odooUrl: string,
    readonly more: Record<string, unknown> = {},
    readonly starting: Starting | null = null,
  ) {
    Deno.mkdirSync(`${this.directory}/data`, { mode: 0o700 });
    this.configure({});
  }

  configure(odoo: Record<string, unknown>): void {
    const config = {
      dataDirectory: `${this.directory}/data`,
      odoo: { syncSeconds: 1, timeoutSeconds: 5, ...odoo },
      devicePort: { host: "127.0.0.1", port: this.devicePort, allow: ["127.0.0.1"] },
      health: { port: this.healthPort, lateSeconds: 10 },
      ...this.more,
    };
    Deno.writeTextFileSync(this.configPath, JSON.stringify(config));
  }

  get flags(): string[] {
    const { config, path } = loadConfig({
      readText: (file) => Deno.readTextFileSync(file),
      environment: {},
      path: this.configPath,
    });
    const { notifySocket } = this;
    return denoFlags({
      config,
      configPath: path,
      programFolder: programFolder(),
      programFile: this.starting?.programFile ?? null,
      destinationUrls: [this.odooUrl],
      notifySocket,
    });
  }

  async #spawn(
    args: readonly string[],
    env: Record<string, string>,
    stdin: "null" | "piped" = "null",
  ): Promise<Deno.ChildProcess> {
    const [program = "", ...words] = this.starting?.command(this.flags) ??
      [Deno.execPath(), "run", "--quiet", ...this.flags, this.program ?? await bundledAgent()];
    return new Deno.Command(program, {
      args: [...words, "--config", this.configPath, ...args],
      env: { NO_COLOR: "1", ...env },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs one command to its end. */
  async say(...args: string[]): Promise<Ended> {
    return await ended(await this.#spawn(args, {}));
  }

  /** As `say`, with text on its standard input. */
  async tell(input: string, ...args: string[]): Promise<Ended> {
    const child = await this.#spawn(args, {}, "piped");
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    return await ended(child);
  }

  /** Starts `run` and waits until the device port is open. */
  async start(env: Record<string, string> = {}, patienceMs = 10_000): Promise<void> {
    this.#child = await this.#spawn(["run"], env);
    this.#ended = ended(this.#child);
    const from = performance.now();
    while (performance.now() - from < patienceMs) {
      try {
        await (await fetch(`http://127.0.0.1:${this.healthPort}/health/live`)).body?.cancel();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new Error(`the agent does not start: ${JSON.stringify(await this.stop())}`);
  }

  get pid(): number {
    if (this.#child === null) throw new Error("no agent runs");
    return this.#child.pid;
  }

  signal(name: Deno.Signal): void {
    this.#child?.kill(name);
  }

  /** How the running agent ended. */
  async wait(): Promise<Ended> {
    if (this.#ended === null) throw new Error("no agent runs");
    const result = await this.#ended;
    this.#child = null;
    this.#ended = null;
    return result;
  }

  async stop(): Promise<Ended> {
    this.signal("SIGTERM");
    return await this.wait();
  }

  async health(): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`http://127.0.0.1:${this.healthPort}/health`);
    return { status: response.status, body: await response.json() };
  }

  /** Uploads attendance lines as a terminal does; returns the text of the answer. */
  async upload(serial: string, lines: readonly string[]): Promise<string> {
    const body = lines.map((line) => `${line}\n`).join("");
    const head = `POST /iclock/cdata?SN=${serial}&table=ATTLOG&Stamp=1 HTTP/1.1\r\n` +
      `Host: 127.0.0.1\r\nUser-Agent: iClock Proxy/1.09\r\nConnection: close\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${
        new TextEncoder().encode(body).length
      }\r\n\r\n`;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.devicePort });
    const bytes = new TextEncoder().encode(head + body);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    return await new Response(connection.readable).text();
  }

  async dispose(): Promise<void> {
    if (this.#child !== null) {
      this.signal("SIGKILL");
      await this.wait();
    }
    Deno.removeSync(this.directory, { recursive: true });
  }
}

async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Asks until `good` or `seconds` have passed; returns the last value. */
export async function until<T>(
  ask: () => T | Promise<T>,
  good: (value: T) => boolean,
  seconds = 20,
): Promise<T> {
  const from = performance.now();
  for (;;) {
    const value = await ask();
    if (good(value) || performance.now() - from > seconds * 1000) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
