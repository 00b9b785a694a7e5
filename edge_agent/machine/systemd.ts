/**
 * What systemd wants to hear: READY, STOPPING and, while the event loop turns, WATCHDOG. Owns the
 * notification socket; must not know what the agent does.
 *
 * Deno has no such call, but `Deno.listenDatagram` (--unstable-net) can send to a Unix datagram
 * socket, so neither a subprocess nor FFI is needed. The heartbeat comes from the event loop itself:
 * when that is stuck, systemd hears nothing, kills and restarts the agent. A worker could not do
 * it: Deno.exit in a worker ends only the worker (measured with 2.9.5).
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";

export interface SystemdOptions {
  /** $NOTIFY_SOCKET; undefined outside systemd, then nothing is sent. */
  readonly notifySocket: string | undefined;
  /** $WATCHDOG_USEC. */
  readonly watchdogUsec: string | undefined;
  /** Where our own end of the socket may be made. */
  readonly directory: string;
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Log;
}

export class Systemd {
  readonly #options: SystemdOptions;
  #socket: Deno.DatagramConn | null = null;
  #beat: Loop | null = null;

  constructor(options: SystemdOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { notifySocket, watchdogUsec, log } = this.#options;
    if (notifySocket === undefined) return;
    try {
      this.#socket = this.#open();
    } catch (error) {
      log.error("systemd cannot be notified; it will restart this agent", { error });
      return;
    }
    await this.#tell("READY=1");
    const everyMs = Number(watchdogUsec ?? 0) / 1000 / 3;
    if (everyMs <= 0) return;
    this.#beat = this.#makeBeat(everyMs);
    this.#beat.start();
  }

  async stop(): Promise<void> {
    await this.#beat?.stop();
    await this.#tell("STOPPING=1");
    this.#socket?.close();
    this.#socket = null;
    if (this.#options.notifySocket !== undefined) removeIfThere(this.#ownPath());
  }

  #ownPath(): string {
    return `${this.#options.directory}/notify.sock`;
  }

  #open(): Deno.DatagramConn {
    removeIfThere(this.#ownPath());
    return Deno.listenDatagram({ transport: "unixpacket", path: this.#ownPath() });
  }

  #makeBeat(everyMs: number): Loop {
    const { clock, log } = this.#options;
    return new Loop({
      clock,
      log,
      turn: () => this.#tell("WATCHDOG=1"),
      everyMs,
      complaint: "fault in the watchdog's beat",
    });
  }

  async #tell(message: string): Promise<void> {
    const { notifySocket, log } = this.#options;
    if (this.#socket === null || notifySocket === undefined) return;
    try {
      await this.#socket.send(new TextEncoder().encode(message), {
        transport: "unixpacket",
        path: notifySocket,
      });
    } catch (error) {
      log.warn("systemd was not told", { notice: message, error });
    }
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
