/**
 * A port for people and monitors, bounded like the terminals' own: connections, time for a request, idle
 * time. Who opens thousands of lines in silence loses them and costs the agent nothing. Hands GET requests
 * to an application as whole requests; must not know what they ask.
 */
import type { Log } from "../base/log.ts";
import { type Answer, DEFAULT_LIMITS, Http1Listener, type RequestHead } from "../http1/http1.ts";

export interface SmallServerOptions {
  readonly host: string;
  readonly port: number;
  /** `peer`: the address of who asks. */
  readonly answer: (request: Request, peer: string) => Response | Promise<Response>;
  readonly log: Pick<Log, "warn">;
}

const REQUEST_MS = 5_000;
const MAX_CONNECTIONS = 64;
const MAX_CONNECTIONS_PER_PEER = 32;
const encoder = new TextEncoder();

export class SmallServer {
  readonly #listener: Http1Listener<string>;

  constructor({ host, port, answer, log }: SmallServerOptions) {
    this.#listener = new Http1Listener<string>({
      host,
      port,
      limits: { ...DEFAULT_LIMITS, headBytes: 8 * 1024, bodyBytes: 0, chunkedBodyBytes: 0 },
      requestMs: REQUEST_MS,
      maxConnections: MAX_CONNECTIONS,
      maxConnectionsPerPeer: MAX_CONNECTIONS_PER_PEER,
      onFault: (error) => log.warn("a request of a monitor failed", { error }),
      handler: {
        admit: ({ method }, peer) =>
          method === "GET" || method === "HEAD"
            ? { visit: peer }
            : { answer: textAnswer(405, "only GET is answered here") },
        handle: async (peer, head) => answerOf(await answer(requestOf(head), peer)),
        refused: (status, reason) => textAnswer(status, reason),
        date: () => new Date().toUTCString(),
      },
    });
  }

  /** Throws Deno.errors.AddrInUse and the like. */
  start(): void {
    this.#listener.start();
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }

  get port(): number {
    return this.#listener.port;
  }

  get connections(): number {
    return this.#listener.connections;
  }
}

/** Headers that an answer may depend on. */
const PASSED_ON = ["authorization", "host"];

function requestOf({ path, query, headers }: RequestHead): Request {
  const url = new URL("http://agent/");
  url.pathname = path;
  url.search = query;
  const passed = new Headers();
  for (const name of PASSED_ON) {
    const value = headers.get(name);
    if (value !== undefined) passed.set(name, value);
  }
  return new Request(url, { headers: passed });
}

async function answerOf(response: Response): Promise<Answer> {
  return {
    status: response.status,
    headers: response.headers,
    body: new Uint8Array(await response.arrayBuffer()),
  };
}

function textAnswer(status: number, text: string): Answer {
  return { status, headers: [["content-type", "text/plain"]], body: encoder.encode(text) };
}
