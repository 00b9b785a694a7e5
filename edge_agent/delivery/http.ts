/**
 * One bounded HTTP exchange with a destination. Owns sockets, TLS, time limits and the size of answers;
 * must not know routes, tokens or what an answer means.
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

/** How far an exchange came: nothing of the request was read there, or that is unknown. */
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
  /** The Date header. */
  readonly date: string | null;
  readonly bytes: Uint8Array;
  /** From the first byte sent to the last one read. */
  readonly roundTripMs: number;
}

export interface RawAnswer extends Omit<ByteAnswer, "bytes"> {
  readonly text: string;
}

export interface DestinationHttpOptions {
  readonly timeoutMs: number;
  /** PEM texts; when there is one, these authorities are the only ones trusted. */
  readonly pinnedAuthorities?: readonly string[];
  readonly monotonic: () => number;
}

/** What goes with a request beside its address. */
interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

interface Exchange {
  readonly url: URL;
  readonly method: "GET" | "POST";
  /** Null for GET. */
  readonly bytes: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

type Question = Sent & Pick<Exchange, "method" | "bytes">;

export class DestinationHttp {
  readonly #options: DestinationHttpOptions;
  readonly #kept = new Map<string, http.Agent>();

  constructor(options: DestinationHttpOptions) {
    this.#options = options;
  }

  /** Closes idle connections. */
  stop(): void {
    for (const agent of this.#kept.values()) agent.destroy();
    this.#kept.clear();
  }

  /** Rejects with NoAnswer; any status is an answer. */
  post(url: URL, { body, ...rest }: Sent & { readonly body: string }): Promise<RawAnswer> {
    const bytes = new TextEncoder().encode(body);
    return this.#askText(url, { ...rest, method: "POST", bytes });
  }

  /** Rejects with NoAnswer; any status is an answer. */
  get(url: URL, sent: Sent): Promise<RawAnswer> {
    return this.#askText(url, { ...sent, method: "GET", bytes: null });
  }

  /** As `get`, for what is no text. */
  getBytes(url: URL, sent: Sent): Promise<ByteAnswer> {
    return this.#ask(url, { ...sent, method: "GET", bytes: null });
  }

  async #askText(url: URL, { headers, ...rest }: Question): Promise<RawAnswer> {
    const asked = { ...rest, headers: { ...headers, "Accept": "application/json" } };
    const { bytes, ...answer } = await this.#ask(url, asked);
    return { ...answer, text: new TextDecoder().decode(bytes) };
  }

  async #ask(url: URL, { headers, signal, method, bytes }: Question): Promise<ByteAnswer> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs);
    const exchange: Exchange = {
      url,
      method,
      bytes,
      headers,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    };
    const first = await this.#exchange(exchange);
    // A kept connection that was closed meanwhile says nothing about the other side: ask once on a new one.
    if (first === "stale") {
      const second = await this.#exchange(exchange, { fresh: true });
      if (second !== "stale") return second;
      throw new NoAnswer("cut_off", "unknown", "connection closed");
    }
    return first;
  }

  #exchange(
    { url, method, bytes, headers, signal }: Exchange,
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
        headers: {
          ...headers,
          ...(bytes && {
            "Content-Type": "application/json",
            "Content-Length": String(bytes.length),
          }),
          "Accept-Encoding": "identity",
        },
        signal,
      });
      request.on("response", (response) => {
        answered = true;
        readAnswer(response).then((read) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: String(response.headers["content-type"] ?? ""),
            retryAfter: response.headers["retry-after"] ?? null,
            date: response.headers.date ?? null,
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
      request.end(bytes ?? undefined);
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
