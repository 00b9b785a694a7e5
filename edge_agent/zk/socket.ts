/**
 * Drives conversations over a real socket: Deno.connect for TCP, node:dgram for UDP (Deno's own
 * datagrams are behind a flag that a person at the command line may not have given). Every wait has an end, nothing is held without bound, and a
 * connection that saw one fault is closed and never used again. Must not know what is said.
 */
import { createSocket } from "node:dgram";
import {
  decodePacket,
  encodePacket,
  encodeTcp,
  MAX_PACKET_BYTES,
  type Packet,
  TcpCutter,
  ZkFault,
} from "./frame.ts";
import {
  closeSession,
  enableDevice,
  openSession,
  Session,
  type Talk,
  WAITS,
  type Waits,
} from "./talk.ts";

/** A connection that carries packets. */
interface Line {
  send(packet: Packet, waitMs: number): Promise<void>;
  /** Null when the time was up. */
  receive(waitMs: number): Promise<Packet | null>;
  close(): void;
}

export interface Dial {
  readonly host: string;
  /** Default 4370. */
  readonly port?: number;
  /** Default 0; used only when the terminal asks for one. */
  readonly commKey?: number;
  readonly transport?: "tcp" | "udp";
  readonly waits?: Waits;
  /** Milliseconds to reach the terminal; default 5,000. */
  readonly dialMs?: number;
  /** Milliseconds for everything on this connection; default 120,000. */
  readonly totalMs?: number;
  readonly signal?: AbortSignal;
}

export const DEFAULT_PORT = 4370;
const DIAL_MS = 5_000;
const TOTAL_MS = 120_000;
/** Milliseconds for the terminal to take what we send; requests are a few bytes. */
const SEND_MS = 5_000;

/** One open conversation partner. Conversations run one after the other. */
export class Terminal {
  readonly session: Session;
  readonly #line: Line;
  readonly #endsAt: number;
  #state: "ready" | "talking" | "broken" = "ready";

  constructor(line: Line, session: Session, totalMs: number) {
    this.#line = line;
    this.session = session;
    this.#endsAt = performance.now() + totalMs;
  }

  get broken(): boolean {
    return this.#state === "broken";
  }

  /** Runs one conversation. Any fault but a plain refusal closes the connection for good. */
  async run<T>(talk: Talk<T>): Promise<T> {
    if (this.#state === "broken") throw new ZkFault("closed", "the connection is not usable");
    if (this.#state === "talking") throw new Error("one conversation at a time");
    this.#state = "talking";
    try {
      const value = await this.#drive(talk);
      this.#state = "ready";
      return value;
    } catch (fault) {
      if (fault instanceof ZkFault && HARMLESS.has(fault.kind)) this.#state = "ready";
      else this.#break();
      throw fault;
    }
  }

  async #drive<T>(talk: Talk<T>): Promise<T> {
    let waitUntil = 0;
    let step = talk.next();
    while (!step.done) {
      const { send, waitMs } = step.value;
      const left = this.#endsAt - performance.now();
      if (left <= 0) throw new ZkFault("timeout", "the whole conversation took too long");
      if (send) await this.#line.send(send, Math.min(SEND_MS, left));
      if (waitMs !== null) waitUntil = performance.now() + waitMs;
      const now = performance.now();
      const packet = waitMs === 0
        ? null
        : await this.#line.receive(Math.max(0, Math.min(waitUntil, this.#endsAt) - now));
      step = talk.next(packet);
    }
    return step.value;
  }

  #break(): void {
    this.#state = "broken";
    this.#line.close();
  }

  /** Says good-bye where that is possible and closes the socket. Never throws. */
  async close(): Promise<void> {
    if (this.#state !== "ready") return this.#break();
    try {
      if (this.session.disabled) await this.run(enableDevice(this.session));
      await this.run(closeSession(this.session));
    } catch (fault) {
      // What could be said is said; the dead-man time of DISABLEDEVICE does the rest.
      if (!(fault instanceof ZkFault)) throw fault;
    } finally {
      this.#break();
    }
  }
}

/** Answers that are well formed and leave the connection in a known state. */
const HARMLESS = new Set<string>(["refused", "layout", "serial"]);

/** Dials, connects and authenticates. Throws ZkFault; leaves nothing open then. */
async function openTerminal(dial: Dial): Promise<Terminal> {
  const { waits = WAITS, totalMs = TOTAL_MS } = dial;
  const udp = dial.transport === "udp";
  const line = udp ? await dialUdp(dial) : await dialTcp(dial);
  const terminal = new Terminal(line, new Session({ udp, waits }), totalMs);
  try {
    await terminal.run(openSession(terminal.session, dial.commKey ?? 0));
    return terminal;
  } catch (fault) {
    await terminal.close();
    throw fault;
  }
}

/** Opens, hands over, and closes whatever happens. */
export async function withTerminal<T>(
  dial: Dial,
  use: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const terminal = await openTerminal(dial);
  try {
    return await use(terminal);
  } finally {
    await terminal.close();
  }
}

/** The value, or `late` after `waitMs`. The timer never outlives the wait. */
async function within<T, L>(promise: Promise<T>, waitMs: number, late: L): Promise<T | L> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alarm = new Promise<L>((resolve) => timer = setTimeout(() => resolve(late), waitMs));
  try {
    return await Promise.race([promise, alarm]);
  } finally {
    clearTimeout(timer);
  }
}

async function dialTcp(dial: Dial): Promise<Line> {
  const { host, port = DEFAULT_PORT, dialMs = DIAL_MS, signal } = dial;
  const connecting = Deno.connect({ hostname: host, port });
  const connection = await within(connecting, dialMs, null).catch((error) => {
    throw new ZkFault("unreachable", `no connection to port ${port} (${nameOf(error)})`);
  });
  if (connection === null) {
    // A late success would otherwise stay open for ever.
    connecting.then((late) => late.close(), () => undefined);
    throw new ZkFault("unreachable", `no connection to port ${port} in ${dialMs} ms`);
  }
  connection.setNoDelay(true);
  connection.setKeepAlive(true);
  return new TcpLine(connection, signal);
}

/** `ConnectionRefused`, `NotCapable`, …: enough for a person, and no address of anybody. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

class TcpLine implements Line {
  readonly #connection: Deno.TcpConn;
  readonly #cutter = new TcpCutter();
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.close();
  /** A read that outlived its wait; the next wait takes it up, so that no byte is lost. */
  #reading: Promise<number | null> | null = null;
  #closed = false;

  constructor(connection: Deno.TcpConn, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.close();
  }

  async send(packet: Packet, waitMs: number): Promise<void> {
    if (this.#closed) throw new ZkFault("closed", "the connection is closed");
    const sent = await within(this.#writeAll(encodeTcp(packet)), waitMs, false);
    if (!sent) throw new ZkFault("timeout", "the terminal takes nothing");
  }

  async #writeAll(bytes: Uint8Array): Promise<true> {
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
      return true;
    } catch {
      throw new ZkFault("closed", "the connection broke while sending");
    }
  }

  async receive(waitMs: number): Promise<Packet | null> {
    const until = performance.now() + waitMs;
    for (;;) {
      const payload = this.#cutter.take();
      if (payload) return decodePacket(payload);
      if (this.#closed) throw new ZkFault("closed", "the connection is closed");
      const left = until - performance.now();
      if (left <= 0) return null;
      this.#reading ??= this.#connection.read(this.#buffer);
      const count = await within(this.#reading, left, "late" as const).catch(() => null);
      if (count === "late") return null;
      this.#reading = null;
      if (count === null) throw new ZkFault("closed", "the terminal closed the connection");
      this.#cutter.add(this.#buffer.subarray(0, count));
    }
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#closed) return;
    this.#closed = true;
    // An unfinished read ends with an error that nobody waits for any more.
    this.#reading?.catch(() => undefined);
    this.#connection.close();
  }
}

/** Datagrams held unread; 16 answer one request. What is beyond is dropped like any lost datagram. */
const MAX_DATAGRAMS = 256;

async function dialUdp(dial: Dial): Promise<Line> {
  // Without the permission node:dgram throws where nobody can catch it.
  const bind = { name: "net", host: "0.0.0.0:0" } as const;
  if (Deno.permissions.querySync(bind).state !== "granted") {
    throw new ZkFault("unreachable", "UDP needs --allow-net=0.0.0.0:0");
  }
  const line = new UdpLine(dial.signal);
  await line.connect(dial.host, dial.port ?? DEFAULT_PORT, dial.dialMs ?? DIAL_MS);
  return line;
}

class UdpLine implements Line {
  readonly #socket = createSocket("udp4");
  readonly #held: Uint8Array[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.close();
  #wake: (() => void) | null = null;
  #peer = { address: "", port: 0 };
  #fault: ZkFault | null = null;
  #closed = false;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort);
    this.#socket.on("message", (bytes, from) => {
      if (from.address !== this.#peer.address || from.port !== this.#peer.port) return;
      if (this.#held.length < MAX_DATAGRAMS && bytes.length <= MAX_PACKET_BYTES) {
        this.#held.push(new Uint8Array(bytes));
      }
      this.#wake?.();
    });
    this.#socket.on("error", () => this.#fail("unreachable", "the port cannot be reached"));
  }

  /** node:dgram under Deno lets a connected socket hear strangers: the sender is looked at. */
  async connect(host: string, port: number, waitMs: number): Promise<void> {
    const connected = new Promise<boolean>((resolve) => {
      this.#socket.once("connect", () => resolve(true));
      this.#socket.once("error", () => resolve(false));
      this.#socket.connect(port, host);
    });
    if (await within(connected, waitMs, false)) {
      const { address, port } = this.#socket.remoteAddress();
      this.#peer = { address, port };
      return;
    }
    this.close();
    throw new ZkFault("unreachable", "the address cannot be used");
  }

  #fail(kind: "unreachable" | "closed", message: string): void {
    this.#fault ??= new ZkFault(kind, message);
    this.#wake?.();
  }

  async send(packet: Packet, waitMs: number): Promise<void> {
    if (this.#fault) throw this.#fault;
    const sent = new Promise<boolean>((resolve) => {
      this.#socket.send(encodePacket(packet), (error) => resolve(!error));
    });
    const outcome = await within(sent, waitMs, "late" as const);
    if (outcome === "late") throw new ZkFault("timeout", "no time was left to send a datagram");
    if (!outcome) throw new ZkFault("unreachable", "the datagram could not be sent");
  }

  async receive(waitMs: number): Promise<Packet | null> {
    const until = performance.now() + waitMs;
    for (;;) {
      const bytes = this.#held.shift();
      if (bytes) {
        const packet = readDatagram(bytes);
        if (packet) return packet;
        continue;
      }
      if (this.#fault) throw this.#fault;
      const left = until - performance.now();
      if (left <= 0) return null;
      await within(new Promise<void>((resolve) => this.#wake = resolve), left, undefined);
      this.#wake = null;
    }
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#closed) return;
    this.#closed = true;
    this.#fail("closed", "the connection is closed");
    this.#socket.close();
  }
}

/** A damaged datagram counts as lost: the conversation asks again. */
function readDatagram(bytes: Uint8Array): Packet | null {
  try {
    return decodePacket(bytes.slice());
  } catch (fault) {
    if (fault instanceof ZkFault) return null;
    throw fault;
  }
}
