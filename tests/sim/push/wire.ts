// Owns: one request of a terminal as bytes on a socket, and reading the answer the way the oldest
// known firmware does: case-sensitive header names, status 200 or nothing. Must not know: tables.

/** How a firmware speaks HTTP. Shapes follow recorded requests of real terminals. */
export interface Manner {
  readonly version: "1.0" | "1.1";
  readonly postType: string | null;
}

/** Firmware 2.0.32S and later attendance firmware. */
export const MODERN: Manner = { version: "1.1", postType: "text/plain" };
/** Firmware 2.31: HTTP/1.0, no Content-Type. */
export const ANCIENT: Manner = { version: "1.0", postType: null };

export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** The connection failed, was closed early or took too long: the terminal goes offline and retries. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

/** The firmware's own time-out. */
const TIMEOUT_MS = 60_000;
const utf8 = new TextEncoder();

export interface Line {
  readonly host: string;
  readonly port: number;
  readonly manner: Manner;
}

/** Head and body exactly as a terminal sends them. An empty body of a POST goes out as a GET. */
export function requestBytes(
  line: Line,
  method: "GET" | "POST",
  target: string,
  body: string,
): Uint8Array {
  const bytes = utf8.encode(body);
  const verb = bytes.length === 0 ? "GET" : method;
  const head = [
    `${verb} ${target} HTTP/${line.manner.version}`,
    `Host: ${line.host}:${line.port}`,
    "User-Agent: iClock Proxy/1.09",
    "Connection: close",
    "Accept: */*",
    ...(bytes.length > 0 && line.manner.postType ? [`Content-Type: ${line.manner.postType}`] : []),
    ...(bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : []),
  ];
  const headBytes = utf8.encode(`${head.join("\r\n")}\r\n\r\n`);
  const all = new Uint8Array(headBytes.length + bytes.length);
  all.set(headBytes);
  all.set(bytes, headBytes.length);
  return all;
}

/** Sends one request on a connection of its own and reads the answer to the end. */
export async function exchange(
  line: Line,
  method: "GET" | "POST",
  target: string,
  body = "",
): Promise<Answer> {
  let socket: Deno.TcpConn;
  try {
    socket = await Deno.connect({ hostname: line.host, port: line.port });
  } catch (error) {
    throw new NoAnswer(`no connection: ${(error as Error).message}`);
  }
  const timer = setTimeout(() => socket.close(), TIMEOUT_MS);
  try {
    await writeAll(socket, requestBytes(line, method, target, body));
    return readAnswer(await readToEnd(socket));
  } catch (error) {
    if (error instanceof NoAnswer) throw error;
    throw new NoAnswer(`connection broken: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
    close(socket);
  }
}

/** The timer may have closed it already; the failed read has told so. */
function close(socket: Deno.TcpConn): void {
  try {
    socket.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function writeAll(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
}

/** The server must close: this is how firmware without chunked transfer finds the end. */
async function readToEnd(socket: Deno.TcpConn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(16_384);
  for (;;) {
    const count = await socket.read(buffer);
    if (count === null) break;
    parts.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Strict where the firmware is strict: these exact header names, this exact length. */
export function readAnswer(bytes: Uint8Array): Answer {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) throw new NoAnswer("the answer has no head");
  const headers = text.slice(0, end);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(headers)?.[1];
  if (!status) throw new NoAnswer(`not an HTTP answer: ${headers.slice(0, 60)}`);
  const body = text.slice(end + 4);
  const length = /\r\nContent-Length: ?(\d+)/.exec(headers)?.[1];
  if (length !== undefined && utf8.encode(body).length < Number(length)) {
    throw new NoAnswer("the answer was cut short");
  }
  if (headers.includes("Transfer-Encoding: chunked")) throw new NoAnswer("chunked answer");
  return { status: Number(status), headers, body };
}
