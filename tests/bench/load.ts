/**
 * Terminals as load: each opens a connection, posts an attendance table, reads the answer, and begins
 * again. Knows the wire only, nothing of the server's code.
 */

export interface LoadOptions {
  readonly port: number;
  readonly devices: number;
  readonly lines: number;
  readonly ms: number;
  /** Second of wall time to begin with, so that no line comes twice. */
  readonly from: number;
}

export interface LoadResult {
  /** Ms from opening the connection to the last byte of the answer, of each request. */
  readonly waits: readonly number[];
  readonly seconds: number;
  /** The second after the last used. */
  readonly next: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const EPOCH = Date.UTC(2000, 0, 1);

function table(second: number, lines: number): string {
  let text = "";
  for (let at = 0; at < lines; at++) {
    const iso = new Date(EPOCH + (second + at) * 1_000).toISOString();
    text += `${1_000 + at}\t${iso.slice(0, 10)} ${iso.slice(11, 19)}\t0\t1\t0\t0\t0\n`;
  }
  return text;
}

function request(serial: string, second: number, lines: number): Uint8Array {
  const body = table(second, lines);
  return encoder.encode(
    `POST /iclock/cdata?SN=${serial}&table=ATTLOG&Stamp=${second} HTTP/1.1\r\n` +
      `Host: 127.0.0.1\r\nUser-Agent: iClock Proxy/1.09\r\nConnection: close\r\n` +
      `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

async function post(port: number, bytes: Uint8Array, lines: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    let text = "";
    const buffer = new Uint8Array(4_096);
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) break;
      text += decoder.decode(buffer.subarray(0, count));
    }
    if (!text.includes(`OK: ${lines}`)) throw new Error(`not acknowledged: ${text.slice(0, 300)}`);
  } finally {
    connection.close();
  }
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, devices, lines, ms, from } = options;
  const waits: number[] = [];
  const begun = performance.now();
  let next = from;
  async function terminal(no: number): Promise<void> {
    let second = from;
    while (performance.now() - begun < ms) {
      const bytes = request(`DEV${no}`, second, lines);
      const before = performance.now();
      await post(port, bytes, lines);
      waits.push(performance.now() - before);
      second += lines;
    }
    next = Math.max(next, second);
  }
  await Promise.all(Array.from({ length: devices }, (_, no) => terminal(no)));
  const seconds = (performance.now() - begun) / 1_000;
  return { waits, seconds, next };
}
