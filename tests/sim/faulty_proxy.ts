/**
 * A proxy between the agent and its destination that breaks what passes through it, one named fault at a time.
 * Raw TCP on the agent's side, so that answers can be cut at any byte. Imports nothing of edge_agent/.
 */

export const FAULTS = [
  /** Closed after the head was read; the destination hears nothing. */
  "drop",
  /** Half of the body is read, then closed. */
  "half",
  /** Closed as soon as it is accepted. */
  "refuse",
  /** Read, and never answered. */
  "hang",
  /** Served and committed by Odoo; the answer is lost. */
  "commit-reset",
  /** As above, and half of the answer arrives: with a length, chunked, or ended by closing. */
  "truncate-length",
  "truncate-chunked",
  "truncate-close",
  /** The answer arrives with some bytes changed. */
  "garble",
  /** Odoo hears it twice. */
  "duplicate",
  /** The answer to the request before. */
  "stale-replay",
  /** To another origin, with a body that would be a fine receipt's status. */
  "redirect",
  /** An endless answer. */
  "bomb",
  /** 20 kB that inflate to 20 MB. */
  "gzip-bomb",
] as const;

export type Fault = typeof FAULTS[number] | { readonly answer: Response };

interface Heard {
  readonly method: string;
  readonly path: string;
  readonly head: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | null;
  readonly body: Uint8Array;
}

const END = new TextEncoder().encode("\r\n\r\n");

export class FaultyProxy {
  /** Asked for each request; null lets it pass. */
  fault: (route: string) => Fault | null = () => null;
  /** Where `redirect` points to. */
  redirectTo = "http://localhost:1/";
  redirectStatus = 307;
  bytesOfBomb = 0;
  /** Passed or broken, by name. */
  readonly counts = new Map<string, number>();
  readonly #upstream: () => string;
  #listener: Deno.TcpListener | null = null;
  #open = new Set<Deno.Conn>();
  #previous: Answered | null = null;

  constructor(upstream: () => string) {
    this.#upstream = upstream;
  }

  start(): void {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept(this.#listener);
  }

  stop(): void {
    this.#listener?.close();
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  get url(): string {
    if (this.#listener === null) throw new Error("the proxy is not started");
    return `http://localhost:${this.#listener.addr.port}`;
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    for await (const connection of listener) {
      this.#open.add(connection);
      this.#serve(connection).catch(() => close(connection)).finally(() =>
        this.#open.delete(connection)
      );
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    const heard = await this.#hear(connection);
    if (heard === null) return close(connection);
    const { fault } = heard;
    this.#count(fault === null ? "pass" : typeof fault === "string" ? fault : "answer");
    if (fault === "hang") return;
    if (fault === "drop" || fault === "refuse" || fault === "half") return close(connection);
    if (fault !== null && typeof fault !== "string") {
      const { answer } = fault;
      await write(connection, answer.status, answer.headers, await bytesOf(answer));
      return close(connection);
    }
    if (fault === "redirect") {
      const headers = new Headers({ location: this.redirectTo });
      await write(connection, this.redirectStatus, headers, new Uint8Array());
      return close(connection);
    }
    if (fault === "bomb") return await this.#bomb(connection);
    await this.#pass(connection, heard.request, fault);
    close(connection);
  }

  /** Reads one request, as far as the fault lets it. */
  async #hear(
    connection: Deno.Conn,
  ): Promise<{ request: Heard; fault: Fault | null } | null> {
    let bytes = new Uint8Array();
    let at = -1;
    while (at < 0) {
      const part = await read(connection);
      if (part === null) return null;
      bytes = joined(bytes, part);
      at = indexOf(bytes, END);
    }
    const head = new TextDecoder().decode(bytes.subarray(0, at));
    const [line = "", ...rest] = head.split("\r\n");
    const headers = new Headers(
      rest.map((
        field,
      ) => [field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1)]),
    );
    const [method = "POST", path = ""] = line.split(" ");
    const fault = this.fault(path.replace("/biometric/v1/", ""));
    const length = Number(headers.get("content-length") ?? 0);
    const wanted = fault === "drop" || fault === "refuse"
      ? 0
      : fault === "half"
      ? Math.floor(length / 2)
      : length;
    let body = bytes.subarray(at + END.length);
    while (body.length < wanted) {
      const part = await read(connection);
      if (part === null) return null;
      body = joined(body, part);
    }
    return { request: { method, path, head: line, headers, body }, fault };
  }

  async #pass(connection: Deno.Conn, request: Heard, fault: Fault | null): Promise<void> {
    let answer = await this.#forward(request);
    if (fault === "duplicate") answer = await this.#forward(request);
    const previous = this.#previous;
    this.#previous = answer;
    if (fault === "commit-reset") return;
    if (fault === "stale-replay" && previous !== null) answer = previous;
    const json = new Headers({ "content-type": answer.contentType });
    if (answer.retryAfter !== null) json.set("retry-after", answer.retryAfter);
    if (fault === "garble") answer = { ...answer, body: garbled(answer.body) };
    if (fault === "truncate-length" || fault === "truncate-chunked" || fault === "truncate-close") {
      return await truncated(connection, answer, fault);
    }
    if (fault === "gzip-bomb") {
      json.set("content-encoding", "gzip");
      answer = { ...answer, status: 200, body: await gzip(new Uint8Array(20_000_000)) };
    }
    await write(connection, answer.status, json, answer.body);
  }

  async #forward({ method, path, ...request }: Heard): Promise<Answered> {
    const url = `${this.#upstream()}${path}`;
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.delete("connection");
    headers.delete("accept-encoding");
    const body = method === "GET" ? null : new Uint8Array(request.body);
    const response = await fetch(url, { method, headers, body });
    return {
      status: response.status,
      contentType: response.headers.get("content-type") ?? "",
      retryAfter: response.headers.get("retry-after"),
      body: await bytesOf(response),
    };
  }

  async #bomb(connection: Deno.Conn): Promise<void> {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    await writeAll(connection, new TextEncoder().encode(head));
    const part = new Uint8Array(1024 * 1024).fill(0x20);
    for (;;) {
      await writeAll(connection, part);
      this.bytesOfBomb += part.length;
    }
  }

  #count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

async function write(
  connection: Deno.Conn,
  status: number,
  headers: Headers,
  body: Uint8Array,
): Promise<void> {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head =
    `HTTP/1.1 ${status} X\r\n${lines}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  await writeAll(connection, joined(new TextEncoder().encode(head), body));
}

async function truncated(
  connection: Deno.Conn,
  answer: Answered,
  fault: "truncate-length" | "truncate-chunked" | "truncate-close",
): Promise<void> {
  const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
  const size = answer.body.length;
  const head = {
    "truncate-length": `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n`,
    "truncate-chunked": `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n`,
    "truncate-close": "HTTP/1.0 200 OK\r\n",
  }[fault] + "Content-Type: application/json\r\n\r\n";
  const opening = fault === "truncate-chunked" ? `${head}${half.length.toString(16)}\r\n` : head;
  const ending = fault === "truncate-chunked" ? "\r\n" : "";
  const text = new TextEncoder();
  await writeAll(connection, joined(joined(text.encode(opening), half), text.encode(ending)));
}

function garbled(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body);
  for (let at = 5; at < bytes.length; at += 37) bytes[at] = (bytes[at] ?? 0) ^ 0x15;
  return bytes;
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function read(connection: Deno.Conn): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(64 * 1024);
  const size = await connection.read(buffer);
  return size === null ? null : buffer.subarray(0, size);
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  outer: for (let at = 0; at <= bytes.length - wanted.length; at++) {
    for (let n = 0; n < wanted.length; n++) if (bytes[at + n] !== wanted[n]) continue outer;
    return at;
  }
  return -1;
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
