/**
 * The tolerant HTTP/1.x front of the device port: bytes -> one request, one answer -> bytes.
 * Pure: owns the grammar and its limits, knows no socket, no clock and no route.
 * Real terminals write raw spaces into the request target, leave out Host, speak HTTP/1.0 and
 * search the answer for title-case header names, so the ready-made servers turn them away.
 * What a request could hide behind (two lengths, folded headers, bare line feeds) is refused:
 * tolerance ends where two readers could see two different requests.
 */

import { ByteBuffer, ByteList } from "./bytes.ts";

export interface Http1Limits {
  /** Request line and headers together, in bytes. */
  readonly headBytes: number;
  readonly headerCount: number;
  readonly bodyBytes: number;
  /** No terminal was ever seen to send chunks; what does is held shorter. */
  readonly chunkedBodyBytes: number;
}

export const DEFAULT_LIMITS: Http1Limits = {
  headBytes: 32 * 1024,
  headerCount: 64,
  bodyBytes: 16 * 1024 * 1024,
  chunkedBodyBytes: 512 * 1024,
};

export interface RequestHead {
  /** Upper case. */
  readonly method: string;
  /** As sent, one character per byte (latin 1); may hold spaces and bytes above 0x7f. */
  readonly path: string;
  /** What follows the first `?`, as sent, one character per byte. */
  readonly query: string;
  readonly version: "1.0" | "1.1";
  /** Lower-case names; a name that came twice holds both values joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Null when the request says nothing about a body. */
  readonly length: number | null;
  readonly chunked: boolean;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

export type Http1Event =
  | { readonly kind: "more" }
  | { readonly kind: "head"; readonly head: RequestHead }
  | {
    readonly kind: "request";
    readonly head: RequestHead;
    readonly body: Uint8Array;
    /** Bytes behind the request: pipelining, or a body nobody announced. */
    readonly excess: number;
  }
  | { readonly kind: "refused"; readonly status: number; readonly reason: string };

type Refused = Extract<Http1Event, { kind: "refused" }>;

const MORE: Http1Event = { kind: "more" };
const MAX_CHUNK_LINE = 256;
/** Set aside for a body as soon as some of it came: 1,500 usual lines. What is announced is no fact. */
const FIRST_BODY_BYTES = 64 * 1024;

const METHOD = /^[A-Za-z]{1,16}$/;
const VERSION = /^HTTP\/1\.([01])$/i;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// deno-lint-ignore no-control-regex -- controls are what it looks for; bytes above 0x7f are UTF-8
const TARGET_CONTROLS = /[\x00-\x1f\x7f]/;
// deno-lint-ignore no-control-regex -- controls are what it looks for; TAB may part words
const VALUE_CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;

type State = "head" | "body" | "chunk_size" | "chunk_data" | "chunk_end" | "trailers" | "over";

/** Reads one request. After `request` or `refused` it says nothing more. */
export class RequestParser {
  readonly #limits: Http1Limits;
  readonly #buffer = new ByteBuffer();
  readonly #body = new ByteList();
  #state: State = "head";
  #head: RequestHead | null = null;
  #missing = 0;
  #trailerBytes = 0;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
  }

  /** Takes over `bytes`; the caller must not write into them again. */
  receive(bytes: Uint8Array): void {
    this.#buffer.append(bytes);
  }

  /**
   * Where the next `size` bytes of a body of known length can be read to at once, and then told by `filled`;
   * null: they are for `receive`. Reading elsewhere first costs a second copy of a large body.
   */
  room(size: number): Uint8Array | null {
    const straight = this.#state === "body" && this.#missing > 0 && this.#buffer.length === 0;
    return straight ? this.#body.room(size) : null;
  }

  /** So many bytes stand in the room that was given last. */
  filled(room: Uint8Array, count: number): void {
    const own = Math.min(count, this.#missing);
    this.#body.length += own;
    this.#missing -= own;
    if (count > own) this.#buffer.append(room.slice(own, count));
  }

  /** Body bytes held so far, for whoever watches memory. */
  get held(): number {
    return this.#body.length + this.#buffer.length;
  }

  /** Bytes of the body, or of its chunk, that have not come; 0 while that is not known. */
  get missing(): number {
    return this.#missing;
  }

  /** To be called until it says `more`, `request` or `refused`. */
  next(): Http1Event {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody();
      case "chunk_size":
        return this.#readChunkSize();
      case "chunk_data":
        return this.#readChunkData();
      case "chunk_end":
        return this.#readChunkEnd();
      case "trailers":
        return this.#readTrailers();
      case "over":
        return MORE;
    }
  }

  #refuse(status: number, reason: string): Refused {
    this.#state = "over";
    return { kind: "refused", status, reason };
  }

  #readHead(): Http1Event {
    this.#buffer.dropLeadingLines();
    const end = this.#buffer.headEnd();
    if (end > this.#limits.headBytes || (end < 0 && this.#buffer.length > this.#limits.headBytes)) {
      return this.#refuse(431, "header section too large");
    }
    if (end < 0) {
      return this.#buffer.hasBareLineFeed() ? this.#refuse(400, "bare line feed") : MORE;
    }
    const parsed = parseHead(this.#buffer.takeText(end), this.#limits);
    if ("kind" in parsed) return this.#refuse(parsed.status, parsed.reason);
    this.#head = parsed;
    this.#missing = parsed.length ?? 0;
    // With the one byte more that a reader asks for to see whether something comes behind it.
    this.#body.expected = Math.min(this.#missing + 1, FIRST_BODY_BYTES);
    this.#state = parsed.chunked ? "chunk_size" : "body";
    return { kind: "head", head: parsed };
  }

  #readBody(): Http1Event {
    this.#moveBody();
    return this.#missing > 0 ? MORE : this.#finish();
  }

  #readChunkSize(): Http1Event {
    const line = this.#buffer.takeLine(MAX_CHUNK_LINE);
    if (line === "too long") return this.#refuse(400, "chunk size");
    if (line === null) return MORE;
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(;.*)?$/.exec(line)?.[1];
    if (size === undefined) return this.#refuse(400, "chunk size");
    this.#missing = Number.parseInt(size, 16);
    if (this.#body.length + this.#missing > this.#limits.chunkedBodyBytes) {
      return this.#refuse(413, "body too large");
    }
    this.#state = this.#missing === 0 ? "trailers" : "chunk_data";
    return this.next();
  }

  #readChunkData(): Http1Event {
    this.#moveBody();
    if (this.#missing > 0) return MORE;
    this.#state = "chunk_end";
    return this.next();
  }

  #readChunkEnd(): Http1Event {
    const line = this.#buffer.takeLine(MAX_CHUNK_LINE);
    if (line === null) return MORE;
    if (line !== "") return this.#refuse(400, "chunk end");
    this.#state = "chunk_size";
    return this.next();
  }

  #readTrailers(): Http1Event {
    const line = this.#buffer.takeLine(MAX_CHUNK_LINE);
    if (line === "too long") return this.#refuse(400, "trailer");
    if (line === null) return MORE;
    if (line === "") return this.#finish();
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > this.#limits.headBytes) return this.#refuse(431, "trailers too large");
    return this.next();
  }

  #moveBody(): void {
    const bytes = this.#buffer.take(this.#missing);
    this.#missing -= bytes.length;
    if (bytes.length > 0) this.#body.append(bytes);
  }

  #finish(): Http1Event {
    const head = this.#head;
    if (head === null) throw new Error("a body without a head");
    this.#state = "over";
    return { kind: "request", head, body: this.#body.joined(), excess: this.#buffer.length };
  }
}

function parseHead(text: string, limits: Http1Limits): RequestHead | Refused {
  const lines = text.split("\r\n");
  const requestLine = lines.shift() ?? "";
  const target = parseRequestLine(requestLine);
  if (target === null) return refusal(400, "request line");
  if (lines.length > limits.headerCount) return refusal(431, "too many headers");
  const headers = parseHeaders(lines);
  if (typeof headers === "string") return refusal(400, headers);
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") return refusal(415, "content encoding");
  return withFraming({ ...target, headers }, limits);
}

function refusal(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}

type Target = Pick<RequestHead, "method" | "path" | "query" | "version">;

/** Splits at the first and the last space, so that a target with raw spaces survives. */
function parseRequestLine(line: string): Target | null {
  const text = line.trimEnd();
  const first = text.indexOf(" ");
  const last = text.lastIndexOf(" ");
  if (first < 1 || last <= first) return null;
  const method = text.slice(0, first);
  const version = VERSION.exec(text.slice(last + 1));
  const target = text.slice(first + 1, last).trim();
  if (!METHOD.test(method) || version === null) return null;
  if (target === "" || TARGET_CONTROLS.test(target)) return null;
  const local = target.replace(/^https?:\/\/[^/?]*/i, "");
  if (!local.startsWith("/")) return null;
  const mark = local.indexOf("?");
  return {
    method: method.toUpperCase(),
    path: mark < 0 ? local : local.slice(0, mark),
    query: mark < 0 ? "" : local.slice(mark + 1),
    version: version[1] === "0" ? "1.0" : "1.1",
  };
}

/** Names and values, or what is wrong with them. */
function parseHeaders(lines: readonly string[]): Map<string, string> | string {
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (line.startsWith(" ") || line.startsWith("\t")) return "folded header";
    const colon = line.indexOf(":");
    if (colon < 1) return "header without a name";
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!HEADER_NAME.test(name)) return "header name";
    if (VALUE_CONTROLS.test(value)) return "header value";
    const known = headers.get(name);
    // Two lengths become `3, 3`, which is none: they are refused with the framing.
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
}

function withFraming(
  head: Target & Pick<RequestHead, "headers">,
  limits: Http1Limits,
): RequestHead | Refused {
  const declared = head.headers.get("content-length");
  const transfer = head.headers.get("transfer-encoding");
  if (declared !== undefined && transfer !== undefined) return refusal(400, "two body lengths");
  if (declared !== undefined && !/^\d{1,15}$/.test(declared)) {
    return refusal(400, "content length");
  }
  if (transfer !== undefined && (transfer.toLowerCase() !== "chunked" || head.version === "1.0")) {
    return refusal(400, "transfer encoding");
  }
  const length = declared === undefined ? null : Number(declared);
  if (length !== null && length > limits.bodyBytes) return refusal(413, "body too large");
  const expects = head.headers.get("expect")?.toLowerCase() === "100-continue";
  return {
    ...head,
    length,
    chunked: transfer !== undefined,
    expectsContinue: expects && head.version === "1.1",
  };
}

export interface Http1Answer {
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: Uint8Array;
}

export interface AnswerForm {
  readonly version: "1.0" | "1.1";
  /** Text of the Date header: terminals set their clock from it; null leaves it out. */
  readonly date: string | null;
  /** An answer to HEAD: lengths as for GET, no body. */
  readonly bodiless?: boolean;
}

export const CONTINUE: Uint8Array = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  411: "Length Required",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const OWN_HEADERS = new Set(["Connection", "Content-Length", "Date", "Transfer-Encoding"]);
const encoder = new TextEncoder();

/**
 * One write for the whole answer. Old firmware searches for exactly `Content-Length:`, `Date:` and
 * `text/plain`, and reads to the end of the connection, hence the casing and `Connection: close`.
 */
export function writeAnswer(answer: Http1Answer, form: AnswerForm): Uint8Array {
  const reason = REASONS[answer.status] ?? "Status";
  const lines = [`HTTP/${form.version} ${answer.status} ${reason}`];
  for (const [name, value] of answer.headers) {
    const title = titleCase(name);
    if (!OWN_HEADERS.has(title)) lines.push(`${title}: ${value}`);
  }
  lines.push(`Content-Length: ${answer.body.length}`, "Connection: close");
  if (form.date !== null) lines.push(`Date: ${form.date}`);
  const head = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  if (form.bodiless === true) return head;
  const bytes = new Uint8Array(head.length + answer.body.length);
  bytes.set(head);
  bytes.set(answer.body, head.length);
  return bytes;
}

/** Only names of this program's own answers, a handful. */
const titles = new Map<string, string>();

export function titleCase(name: string): string {
  const known = titles.get(name);
  if (known !== undefined) return known;
  const title = name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  titles.set(name, title);
  return title;
}
