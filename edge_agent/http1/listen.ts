/**
 * The sockets of the device port: accepts, bounds and closes connections, one request each.
 * Owns time, memory and connection limits; knows bytes only through http1 and nothing of routes.
 */
import {
  CONTINUE,
  type Http1Answer,
  type Http1Event,
  type Http1Limits,
  type RequestHead,
  RequestParser,
  writeAnswer,
} from "./request.ts";
import { hearsMore, isGone, readSome, writeAll } from "./socket.ts";

/** What the owner makes of a request. `Visit` is whatever it wants to know again with the body. */
export interface Http1Handler<Visit> {
  /** Called with the head alone: an answer turns the request away before its body is read. */
  admit(head: RequestHead, peer: string): { readonly visit: Visit } | { readonly answer: Answer };
  handle(visit: Visit, head: RequestHead, body: Uint8Array): Promise<Answer>;
  /** A request that broke the grammar or a limit. */
  refused(status: number, reason: string, peer: string): Answer;
  /** Text of the Date header, or null. */
  date(): string | null;
}

export interface Answer extends Http1Answer {
  /** Called when every byte of the answer was handed to the network. */
  readonly written?: () => void;
}

export interface Http1ListenerOptions<Visit> {
  readonly handler: Http1Handler<Visit>;
  readonly host: string;
  readonly port: number;
  readonly limits: Http1Limits;
  /** Time for a whole request to arrive; large bodies get more, see MIN_BYTES_PER_MS. */
  readonly requestMs: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerPeer: number;
  /** Proxies carry many terminals: no limit per peer for them. */
  readonly manyBehind?: (peer: string) => boolean;
  /** Bodies held in memory at once, in bytes; above it sockets are not read, see `#awaitRoom`. */
  readonly bodyBudget?: number;
  readonly onFault: (fault: unknown) => void;
}

/** A body may take longer than requestMs if it arrives at least this fast (16 KB/s). */
const MIN_BYTES_PER_MS = 16;
/** Terminals wait 60 s for an answer, four times as long after a large upload. */
const HANDLE_MS = 240_000;
const WRITE_MS = 10_000;
/** How long and how much we listen on after an early answer, so that it is not lost in a reset. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 512 * 1024;
const SWEEP_MS = 250;
const READ_BYTES = 64 * 1024;
/** Enough for a poll or a handful of punches; hundreds of connections may wait with one each. */
const FIRST_READ_BYTES = 4 * 1024;
/** Buffers of first reads that are kept for the next connection, 256 KiB. */
const SPARE_BUFFERS = 64;
const BODY_BUDGET = 64 * 1024 * 1024;
/** How long a socket is left unread for want of room before its request is turned away. */
const ROOM_MS = 5_000;
const ROOM_LOOK_MS = 50;
const STOP_MS = 10_000;

type Phase = "request" | "handling" | "writing" | "lingering";

class Connection {
  readonly conn: Deno.Conn;
  readonly peer: string;
  readonly startedAt = performance.now();
  phase: Phase = "request";
  phaseSince = this.startedAt;
  received = 0;
  held = 0;
  #closed = false;

  constructor(conn: Deno.Conn) {
    this.conn = conn;
    const { remoteAddr } = conn;
    this.peer = "hostname" in remoteAddr ? remoteAddr.hostname : "";
  }

  enter(phase: Phase): void {
    this.phase = phase;
    this.phaseSince = performance.now();
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.conn.close();
  }
}

export class Http1Listener<Visit> {
  readonly #options: Http1ListenerOptions<Visit>;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #perPeer = new Map<string, number>();
  #listener: Deno.TcpListener | null = null;
  #accepting: Promise<void> = Promise.resolve();
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #held = 0;
  /** What is taken from one is copied, so the next sees nothing of it. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(options: Http1ListenerOptions<Visit>) {
    this.#options = options;
  }

  /** Throws Deno.errors.AddrInUse and the like. */
  start(): void {
    const { host, port } = this.#options;
    const listener = Deno.listen({ hostname: host, port });
    this.#listener = listener;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#accepting = this.#accept(listener);
  }

  get port(): number {
    return this.#listener?.addr.port ?? 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Bytes of bodies in memory: being received, or handled and not answered yet. */
  get held(): number {
    return this.#held;
  }

  /** Takes no more connections, lets what is being handled finish, closes the rest. */
  async stop(): Promise<void> {
    this.#listener?.close();
    this.#listener = null;
    await this.#accepting;
    for (const connection of this.#connections.keys()) {
      if (connection.phase === "request" || connection.phase === "lingering") connection.close();
    }
    const patience = setTimeout(() => {
      for (const connection of this.#connections.keys()) connection.close();
    }, STOP_MS);
    await Promise.all(this.#connections.values());
    clearTimeout(patience);
    clearInterval(this.#sweeper);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    while (this.#listener === listener) {
      try {
        this.#take(new Connection(await listener.accept()));
      } catch (fault) {
        if (this.#listener !== listener) return;
        this.#options.onFault(fault);
        // Out of file descriptors, or a connection that was reset before it was taken.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  #take(connection: Connection): void {
    if (!this.#makeRoom(connection.peer)) {
      connection.close();
      return;
    }
    this.#perPeer.set(connection.peer, (this.#perPeer.get(connection.peer) ?? 0) + 1);
    const work = this.#serve(connection).catch(this.#options.onFault).finally(() => {
      connection.close();
      this.#release(connection);
    });
    this.#connections.set(connection, work);
  }

  #release(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#held -= connection.held;
    connection.held = 0;
    const left = (this.#perPeer.get(connection.peer) ?? 1) - 1;
    if (left > 0) this.#perPeer.set(connection.peer, left);
    else this.#perPeer.delete(connection.peer);
  }

  /**
   * At a limit the oldest connection that has not finished its request makes room: a terminal sends
   * at once, so whoever keeps a line open in silence loses it first.
   */
  #makeRoom(peer: string): boolean {
    const { maxConnections, maxConnectionsPerPeer, manyBehind } = this.#options;
    if ((this.#perPeer.get(peer) ?? 0) >= maxConnectionsPerPeer && manyBehind?.(peer) !== true) {
      if (!this.#dropOldest((other) => other.peer === peer)) return false;
    }
    return this.#connections.size < maxConnections || this.#dropOldest(() => true);
  }

  #dropOldest(among: (connection: Connection) => boolean): boolean {
    for (const connection of this.#connections.keys()) {
      const idle = connection.phase === "request" || connection.phase === "lingering";
      if (idle && among(connection)) {
        connection.close();
        this.#release(connection);
        return true;
      }
    }
    return false;
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections.keys()) {
      if (now - connection.phaseSince > this.#patience(connection)) connection.close();
    }
  }

  #patience(connection: Connection): number {
    switch (connection.phase) {
      case "request":
        return this.#options.requestMs + connection.received / MIN_BYTES_PER_MS;
      case "handling":
        return HANDLE_MS;
      case "writing":
        return WRITE_MS;
      case "lingering":
        return LINGER_MS;
    }
  }

  async #serve(connection: Connection): Promise<void> {
    const parser = new RequestParser(this.#options.limits);
    const outcome = await this.#read(connection, parser);
    if (outcome === null) return;
    const { answer, head, drained } = outcome;
    connection.enter("writing");
    const bytes = writeAnswer(answer, {
      version: head?.version ?? "1.1",
      date: this.#options.handler.date(),
      bodiless: head?.method === "HEAD",
    });
    if (!await writeAll(connection.conn, bytes)) return;
    answer.written?.();
    if (!drained) await this.#linger(connection);
  }

  /** Null when the peer went away before its request was whole: nothing is to be answered. */
  async #read(connection: Connection, parser: RequestParser): Promise<Outcome | null> {
    let visit: Visit | undefined;
    let head: RequestHead | undefined;
    while (true) {
      const event = parser.next();
      this.#charge(connection, parser);
      if (event.kind === "refused") {
        return this.#turnAway(event.status, event.reason, connection, head);
      }
      if (event.kind === "head") {
        head = event.head;
        const admitted = this.#options.handler.admit(head, connection.peer);
        if ("answer" in admitted) return { answer: admitted.answer, head, drained: false };
        visit = admitted.visit;
        if (head.expectsContinue && !await writeAll(connection.conn, CONTINUE)) return null;
      } else if (event.kind === "request") {
        return await this.#handle(connection, event, visit as Visit);
      } else {
        const size = readSize(connection, parser);
        if (!await this.#awaitRoom(connection, size)) {
          return this.#turnAway(503, "too much at once", connection, head);
        }
        if (!await this.#receive(connection, parser, size)) return null;
      }
    }
  }

  #turnAway(
    status: number,
    reason: string,
    connection: Connection,
    head: RequestHead | undefined,
  ): Outcome {
    const answer = this.#options.handler.refused(status, reason, connection.peer);
    return { answer, head, drained: false };
  }

  async #handle(
    connection: Connection,
    { head, body, excess }: Extract<Http1Event, { kind: "request" }>,
    visit: Visit,
  ): Promise<Outcome> {
    const silent = head.method === "POST" && head.length === null && !head.chunked;
    // To acknowledge a body that was sent without its length would be to lose it.
    if (silent && (excess > 0 || await hearsMore(connection.conn))) {
      return this.#turnAway(411, "body without a length", connection, head);
    }
    connection.enter("handling");
    const answer = await this.#options.handler.handle(visit, head, body);
    return { answer, head, drained: excess === 0 };
  }

  #charge(connection: Connection, parser: RequestParser): void {
    this.#held += parser.held - connection.held;
    connection.held = parser.held;
  }

  /**
   * Above the budget a socket is left unread, and the terminal's own TCP waits; only the oldest that
   * has sent something reads on, so that there is always one that gets done. Sets `size` bytes aside.
   * False when it took too long.
   */
  async #awaitRoom(connection: Connection, size: number): Promise<boolean> {
    const begun = performance.now();
    while (!this.#hasRoom(connection, size)) {
      if (performance.now() - begun > ROOM_MS) return false;
      await new Promise((resolve) => setTimeout(resolve, ROOM_LOOK_MS));
    }
    if (!connection.closed) {
      this.#held += size;
      connection.held += size;
    }
    return true;
  }

  /** One that was closed meanwhile finds that out by reading. */
  #hasRoom(connection: Connection, size: number): boolean {
    if (connection.closed || this.#held + size <= (this.#options.bodyBudget ?? BODY_BUDGET)) {
      return true;
    }
    for (const other of this.#connections.keys()) {
      if (other === connection) return true;
      if (other.received > 0) return false;
    }
    return true;
  }

  async #receive(connection: Connection, parser: RequestParser, size: number): Promise<boolean> {
    const room = parser.room(size);
    if (room !== null) {
      const read = await readSome(connection.conn, room);
      if (read === null) return false;
      connection.received += read.length;
      parser.filled(room, read.length);
      return true;
    }
    const isFirst = size === FIRST_READ_BYTES;
    const buffer = (isFirst ? this.#spare.pop() : undefined) ?? new Uint8Array(size);
    const bytes = await readSome(connection.conn, buffer);
    if (bytes === null) return false;
    connection.received += bytes.length;
    // Small reads are copied, so that they do not hold a large buffer.
    parser.receive(isFirst || bytes.length < size / 2 ? bytes.slice() : bytes);
    if (isFirst && this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
    return true;
  }

  async #linger(connection: Connection): Promise<void> {
    connection.enter("lingering");
    const buffer = new Uint8Array(READ_BYTES);
    try {
      await connection.conn.closeWrite();
    } catch (fault) {
      if (isGone(fault)) return;
      throw fault;
    }
    for (let drained = 0; drained < LINGER_BYTES;) {
      const bytes = await readSome(connection.conn, buffer);
      if (bytes === null) return;
      drained += bytes.length;
    }
  }
}

/** One byte more than is missing, so that what comes behind a body is noticed. */
function readSize(connection: Connection, parser: RequestParser): number {
  if (connection.received === 0) return FIRST_READ_BYTES;
  return parser.missing === 0 ? READ_BYTES : Math.min(READ_BYTES, parser.missing + 1);
}

interface Outcome {
  readonly answer: Answer;
  readonly head: RequestHead | undefined;
  /** True when nothing the peer sent is left unread. */
  readonly drained: boolean;
}
