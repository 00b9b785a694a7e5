/**
 * How a command on the same machine reaches the running agent: one JSON request on a Unix socket in
 * the data directory. Whoever may open the socket (its owner and root) may ask. Owns the socket and
 * the lock that says who has the data directory; must not know what is asked.
 */
import http from "node:http";
import { socketPath } from "../base/config.ts";

export type Operation = (given: unknown) => unknown;
export type Operations = Readonly<Record<string, Operation>>;

/** Longest socket path that the kernel takes. */
const MAX_SOCKET_PATH = 107;
const MAX_REQUEST_BYTES = 256 * 1024;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const ANSWER_MS = 30_000;

export class LocalFault extends Error {
  override readonly name = "LocalFault";
}

export function lockPath(directory: string): string {
  return `${directory}/agent.lock`;
}

/** Held for as long as a process writes to the data directory; freed by the kernel when it dies. */
export class DirectoryLock {
  #file: Deno.FsFile | null = null;

  constructor(readonly directory: string) {}

  /** False when another process holds it. */
  take(): boolean {
    const file = Deno.openSync(lockPath(this.directory), {
      create: true,
      write: true,
      // Whoever may open it could hold it, and no agent would start.
      mode: 0o600,
    });
    if (!file.tryLockSync(true)) {
      file.close();
      return false;
    }
    this.#file = file;
    return true;
  }

  release(): void {
    this.#file?.close();
    this.#file = null;
  }
}

export interface LocalServerOptions {
  readonly directory: string;
  readonly operations: Operations;
  readonly onFault: (error: unknown) => void;
}

/** Only the holder of the lock starts one, so a socket that is left over may be removed. */
export class LocalServer {
  readonly #options: LocalServerOptions;
  #server: Deno.HttpServer<Deno.UnixAddr> | null = null;

  constructor(options: LocalServerOptions) {
    this.#options = options;
  }

  start(): void {
    const path = socketPath(this.#options.directory);
    if (path.length > MAX_SOCKET_PATH) {
      throw new LocalFault(`${path} is too long for a socket: choose a shorter data directory`);
    }
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    this.#server = Deno.serve({ path, onListen: () => {} }, (request) => this.#serve(request));
    Deno.chmodSync(path, 0o600);
  }

  async stop(): Promise<void> {
    await this.#server?.shutdown();
    this.#server = null;
  }

  async #serve(request: Request): Promise<Response> {
    const name = new URL(request.url).pathname.slice(1);
    const operation = Object.hasOwn(this.#options.operations, name)
      ? this.#options.operations[name]
      : undefined;
    if (request.method !== "POST" || operation === undefined) {
      return Response.json({ fault: `this agent does not know '${name}'` }, { status: 404 });
    }
    try {
      const text = await request.text();
      if (text.length > MAX_REQUEST_BYTES) throw new LocalFault("the request is too long");
      return Response.json({ result: (await operation(JSON.parse(text))) ?? null });
    } catch (error) {
      if (!(error instanceof LocalFault)) this.#options.onFault(error);
      const fault = error instanceof Error ? error.message : String(error);
      return Response.json({ fault }, { status: 422 });
    }
  }
}

/** Asks the running agent; null when none runs. Throws LocalFault with the agent's own words. */
export async function askAgent(
  directory: string,
  name: string,
  given: unknown,
): Promise<{ result: unknown } | null> {
  const text = await exchange(socketPath(directory), name, JSON.stringify(given ?? null));
  if (text === null) return null;
  const answer: unknown = JSON.parse(text);
  if (typeof answer === "object" && answer !== null && "result" in answer) {
    return { result: answer.result };
  }
  const fault = typeof answer === "object" && answer !== null && "fault" in answer
    ? String(answer.fault)
    : "the agent's answer cannot be read";
  throw new LocalFault(fault);
}

const NOBODY = new Set(["ENOENT", "ECONNREFUSED"]);

function exchange(path: string, name: string, body: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      socketPath: path,
      path: `/${name}`,
      method: "POST",
      agent: false,
      signal: AbortSignal.timeout(ANSWER_MS),
    }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) request.destroy(new LocalFault("too long an answer"));
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (
        NOBODY.has(error.code ?? "") || /ENOENT|ECONNREFUSED|os error (2|111)/.test(error.message)
      ) {
        resolve(null);
      } else if (error.name === "AbortError" || error.name === "TimeoutError") {
        reject(new LocalFault(`the agent does not answer within ${ANSWER_MS / 1000} s`));
      } else reject(error);
    });
    request.end(body);
  });
}
