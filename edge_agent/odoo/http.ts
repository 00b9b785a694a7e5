/**
 * One bounded HTTP exchange with Odoo. Owns sockets, TLS, time limits and the size of answers; must
 * not know routes, tokens or what an answer means.
 *
 * node:http(s) and not fetch, because of what Deno 2.9 does (measured): fetch adds `caCerts` to the
 * public authorities instead of trusting them alone, follows redirects, inflates without limit and
 * hands over bodies that were cut off. node:https trusts `ca` alone, does none of the others, and
 * tells a cut-off body from a whole one. TLS below 1.2 does not exist in either.
 */
import http from "node:http";
import https from "node:https";

/** Largest answer that is read; a receipt for 1,000 sightings is about 60 kB. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** An idle connection is dropped before usual proxies (60 s and more) do it. */
const KEEP_ALIVE_MS = 30_000;

/** How far an exchange came: nothing of the request was read by Odoo, or that is unknown. */
export type Broken = "unsent" | "unknown";

/** No whole answer. `cause` is one of a few fixed words, for people and metrics. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  constructor(
    readonly why: "refused" | "tls" | "timeout" | "cut_off" | "too_large" | "not_http",
    readonly broken: Broken,
    detail: string,
  ) {
    super(`${why}: ${detail}`);
  }
}

export interface ByteAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | null;
  readonly bytes: Uint8Array;
  /** From the first byte sent to the last one read. */
  readonly roundTripMs: number;
}

export interface RawAnswer extends Omit<ByteAnswer, "bytes"> {
  readonly text: string;
}

interface Request {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface OdooHttpOptions {
  readonly timeoutMs: number;
  /** PEM texts; when there is one, these authorities are the only ones trusted. */
  readonly pinnedAuthorities?: readonly string[];
  readonly monotonic: () => number;
}

export class OdooHttp {
  readonly #options: OdooHttpOptions;
  readonly #kept = new Map<string, http.Agent>();

  constructor(options: OdooHttpOptions) {
    this.#options = options;
  }

  /** Closes idle connections. */
  stop(): void {
    for (const agent of this.#kept.values()) agent.destroy();
    this.#kept.clear();
  }

  /** Rejects with NoAnswer; any status is an answer. */
  async post(
    url: URL,
    { headers, body, signal }: {
      headers: Readonly<Record<string, string>>;
      body: string;
      signal?: AbortSignal | undefined;
    },
  ): Promise<RawAnswer> {
    const sent = new TextEncoder().encode(body);
    const { bytes, ...answer } = await this.#send({
      method: "POST",
      url,
      headers: {
        ...headers,
        "Content-Type": "application/json",
        "Content-Length": String(sent.length),
        "Accept": "application/json",
      },
      bytes: sent,
      signal,
    });
    return { ...answer, text: new TextDecoder().decode(bytes) };
  }

  /** Rejects with NoAnswer; any status is an answer. */
  async get(
    url: URL,
    { headers, signal }: {
      headers: Readonly<Record<string, string>>;
      signal?: AbortSignal | undefined;
    },
  ): Promise<ByteAnswer> {
    return await this.#send({ method: "GET", url, headers, bytes: new Uint8Array(), signal });
  }

  async #send({ signal, ...request }: Request): Promise<ByteAnswer> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs);
    const exchange = {
      ...request,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    };
    const first = await this.#exchange(exchange);
    // A kept connection that Odoo closed meanwhile says nothing about Odoo: ask once on a new one.
    if (first === "stale") {
      const second = await this.#exchange(exchange, { fresh: true });
      if (second !== "stale") return second;
      throw new NoAnswer("cut_off", "unknown", "connection closed");
    }
    return first;
  }

  #exchange(
    { method, url, bytes, headers, signal }: Request & { readonly signal: AbortSignal },
    { fresh = false } = {},
  ): Promise<ByteAnswer | "stale"> {
    const secure = url.protocol === "https:";
    const agent = fresh ? this.#connections(secure, false) : this.#keptConnections(secure);
    const startedAt = this.#options.monotonic();
    return new Promise((resolve, reject) => {
      let answered = false;
      const request = (secure ? https : http).request(url, {
        method,
        agent,
        headers: { ...headers, "Accept-Encoding": "identity" },
        signal,
      });
      request.on("response", (response) => {
        answered = true;
        readAnswer(response).then((read) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: String(response.headers["content-type"] ?? ""),
            retryAfter: response.headers["retry-after"] ?? null,
            bytes: read,
            roundTripMs: this.#options.monotonic() - startedAt,
          }), (error: unknown) => {
          request.destroy();
          reject(signal.aborted ? timedOut() : error);
        });
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (signal.aborted) reject(timedOut());
        else if (!answered && request.reusedSocket && !fresh) resolve("stale");
        else reject(noAnswer(error));
      });
      request.end(bytes);
    });
  }

  #keptConnections(secure: boolean): http.Agent {
    const name = secure ? "https" : "http";
    const kept = this.#kept.get(name) ?? this.#connections(secure, true);
    this.#kept.set(name, kept);
    return kept;
  }

  #connections(secure: boolean, keepAlive: boolean): http.Agent {
    const shared = { keepAlive, maxSockets: 4, timeout: KEEP_ALIVE_MS };
    if (!secure) return new http.Agent(shared);
    const pins = this.#options.pinnedAuthorities ?? [];
    return new https.Agent({
      ...shared,
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(pins.length > 0 ? { ca: [...pins] } : {}),
    });
  }
}

function timedOut(): NoAnswer {
  return new NoAnswer("timeout", "unknown", "no answer within the time limit");
}

function readAnswer(response: http.IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let size = 0;
    response.on("data", (part: Uint8Array) => {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) {
        reject(new NoAnswer("too_large", "unknown", `more than ${MAX_ANSWER_BYTES} bytes`));
      } else parts.push(part);
    });
    response.on("end", () => {
      if (response.complete) resolve(joined(parts, size));
      else reject(new NoAnswer("cut_off", "unknown", "the answer ended early"));
    });
    const cutOff = () => reject(new NoAnswer("cut_off", "unknown", "the answer was cut off"));
    response.on("aborted", cutOff);
    response.on("error", cutOff);
    response.on("close", cutOff);
  });
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function noAnswer(error: NodeJS.ErrnoException): NoAnswer {
  const { code = "", message } = error;
  if (error instanceof Deno.errors.NotCapable || code === "EPERM") {
    return new NoAnswer("refused", "unsent", "the start flags do not allow this address");
  }
  if (UNSENT.has(code) || /ECONNREFUSED|dns error|ENOTFOUND/i.test(message)) {
    return new NoAnswer("refused", "unsent", message);
  }
  if (code.startsWith("HPE_") || /^Parse Error/.test(message)) {
    return new NoAnswer("not_http", "unknown", message);
  }
  if (/certificate|self.signed|altname|tls|ssl/i.test(`${code} ${message}`)) {
    return new NoAnswer("tls", "unsent", message);
  }
  return new NoAnswer("cut_off", "unknown", message);
}

/** Seconds or an HTTP date; null when there is none that can be read. */
export function readRetryAfter(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
