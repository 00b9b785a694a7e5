/**
 * A terminal that answers as it is told to, command by command: whatever bytes a test wants on the
 * wire, over TCP. Honest where nothing is said. Imports nothing of the agent.
 */
import { CODE, readPacket, type WirePacket, withPrefix, writePacket } from "./wire.ts";

/** The connection as an act sees it. */
export interface Wire {
  /** An answer to the packet at hand; session and reply id may be forged. */
  answer(code: number, data?: Uint8Array, forged?: Partial<WirePacket>): Promise<void>;
  raw(bytes: Uint8Array): Promise<void>;
  hangUp(): void;
  /** The buffer prepared last. */
  buffer: Uint8Array;
}

export type Act = (asked: WirePacket, wire: Wire) => Promise<void> | void;

export interface HostileOptions {
  readonly serial?: string;
  /** Log and user list behind their length headers. */
  readonly log?: Uint8Array;
  readonly users?: Uint8Array;
  /** What GET_FREE_SIZES says. */
  readonly count?: number;
  readonly userCount?: number;
  /** By command code; instead of the honest answer. */
  readonly acts?: Readonly<Record<number, Act>>;
  /** What happens to every connection before a byte was heard. */
  readonly greeting?: (wire: Wire) => Promise<void> | void;
}

export class HostileTerminal {
  readonly commands: number[] = [];
  readonly #options: HostileOptions;
  readonly #connections = new Set<Deno.TcpConn>();
  #listener: Deno.TcpListener | null = null;

  constructor(options: HostileOptions) {
    this.#options = options;
  }

  start(): this {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept(this.#listener);
    return this;
  }

  get port(): number {
    return this.#listener?.addr.port ?? 0;
  }

  stop(): void {
    this.#listener?.close();
    for (const connection of this.#connections) close(connection);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const connection of listener) {
        this.#connections.add(connection);
        this.#serve(connection).catch(() => undefined).finally(() => {
          this.#connections.delete(connection);
          close(connection);
        });
      }
    } catch {
      // stopped
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    let asked: WirePacket = { code: 0, session: 0, replyId: 0, data: new Uint8Array(0) };
    const wire: Wire = {
      buffer: new Uint8Array(0),
      hangUp: () => close(connection),
      answer: (code, data = new Uint8Array(0), forged = {}) => {
        const packet = { code, session: 0x1234, replyId: asked.replyId, data, ...forged };
        return wire.raw(withPrefix(writePacket(packet)));
      },
      raw: async (bytes) => {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
      },
    };
    await this.#options.greeting?.(wire);
    for await (asked of packetsOf(connection)) {
      this.commands.push(asked.code);
      await (this.#options.acts?.[asked.code] ?? this.#honest)(asked, wire);
    }
  }

  readonly #honest: Act = (asked, wire) => {
    switch (asked.code) {
      case CODE.option:
        return asked.data[1] === 0x53
          ? wire.answer(CODE.ok, text(`~SerialNumber=${this.#options.serial ?? "EVIL0001"}\0`))
          : wire.answer(CODE.error);
      case CODE.sizes:
        return wire.answer(
          CODE.ok,
          sizes(this.#options.count ?? 0, this.#options.userCount ?? 0),
        );
      case CODE.want:
        wire.buffer = (asked.data[1] === 0x0d ? this.#options.log : this.#options.users) ??
          new Uint8Array(4);
        return wire.answer(CODE.ok, prepared(wire.buffer.length));
      case CODE.slice: {
        const view = new DataView(asked.data.buffer, asked.data.byteOffset);
        const start = view.getUint32(0, true);
        return wire.answer(
          CODE.data,
          wire.buffer.subarray(start, start + view.getUint32(4, true)),
          { session: 0 },
        );
      }
      case CODE.getTime:
        return wire.answer(CODE.error);
      default:
        return wire.answer(CODE.ok);
    }
  };
}

async function* packetsOf(connection: Deno.TcpConn): AsyncGenerator<WirePacket> {
  const chunk = new Uint8Array(4096);
  let held = new Uint8Array(0);
  for (;;) {
    const count = await connection.read(chunk);
    if (count === null) return;
    held = new Uint8Array([...held, ...chunk.subarray(0, count)]);
    while (held.length >= 8) {
      const end = 8 + new DataView(held.buffer).getUint32(4, true);
      if (held.length < end) break;
      const packet = readPacket(held.slice(8, end));
      held = held.slice(end);
      if (packet !== null) yield packet;
    }
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // The other side was quicker.
  }
}

export function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value);
}

export function u32(...values: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, at) => new DataView(bytes.buffer).setUint32(at * 4, value, true));
  return bytes;
}

/** The thirteen bytes that announce a prepared buffer. */
export function prepared(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, ...u32(size, size), 0, 0, 0, 0]);
}

/** The eighty bytes of GET_FREE_SIZES. */
export function sizes(records: number, users = 0): Uint8Array<ArrayBuffer> {
  const words = new Array<number>(20).fill(0);
  words[4] = users;
  words[8] = records;
  words[16] = 100_000;
  return u32(...words);
}

/** Bytes behind their length header. */
export function behindLength(body: Uint8Array, stated = body.length): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...u32(stated), ...body]);
}
