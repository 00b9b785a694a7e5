/**
 * The agent's health over HTTP. The port is in a thread of its own (thread.ts), so that a card that takes seconds to
 * write holds up no monitor; this end hands over the figures, when they are asked for and every two seconds. Owns
 * that thread; the judgement is in vitals.ts. Door of the room.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Figures, FromThread, ToThread } from "./figures.ts";
import { threadAddress } from "./thread_address.ts";
import { type HealthBody, healthBody, type Vitals } from "./vitals.ts";

export { Alarms } from "./alarms.ts";
export {
  checkClock,
  checkCommKeys,
  checkDisk,
  checkEnvironment,
  checkOdoo,
  checkPorts,
  checkPrivileges,
  checkSecrets,
  checkSite,
  checkSqlite,
  checkStatus,
  checkTls,
  type Finding,
  type OdooProbe,
  type SiteProbe,
  tellPromises,
} from "./doctor.ts";
export { type ReportPoint, terminalReport, type TerminalView } from "./terminal_report.ts";
export { SetupPage } from "./setup_page.ts";
export { Metrics } from "./metrics.ts";
export { DESTINATIONS } from "./destinations.ts";
export type { HealthBody, Vitals } from "./vitals.ts";

/** Figures that nobody asked for, ms: what is said while this thread stands still is no older than that. */
const BEAT_MS = 2_000;
/** Before a thread that ended by a fault is begun anew, ms. */
const AGAIN_MS = 1_000;

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
  readonly lateMs: number;
  readonly clock: Pick<Clock, "now">;
  readonly vitals: () => Vitals;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  readonly log: Pick<Log, "warn" | "error">;
}

/** The thread and the line to it. */
interface Thread {
  readonly worker: Worker;
  readonly line: MessagePort;
  readonly opened: PromiseWithResolvers<number>;
  readonly closed: PromiseWithResolvers<void>;
  isOpen: boolean;
}

export class Health {
  readonly #options: HealthOptions;
  #thread: Thread | null = null;
  #beat: ReturnType<typeof setInterval> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #port = 0;
  #connections = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Returns when the port is open. Throws Deno.errors.AddrInUse and the like. */
  async start(): Promise<void> {
    this.#beat = setInterval(() => void this.#tell(), BEAT_MS);
    await this.#open();
  }

  async stop(): Promise<void> {
    clearInterval(this.#beat);
    clearTimeout(this.#again);
    const thread = this.#thread;
    this.#thread = null;
    if (thread === null) return;
    say(thread, { kind: "close" });
    await thread.closed.promise;
    end(thread);
    this.#port = 0;
  }

  get port(): number {
    return this.#port;
  }

  /** Open when the thread asked last. */
  get connections(): number {
    return this.#connections;
  }

  body(): HealthBody {
    const { vitals, clock, lateMs } = this.#options;
    return healthBody(vitals(), clock.now(), lateMs);
  }

  async #open(): Promise<void> {
    const { host, port, token } = this.#options;
    const figures = await this.#figures();
    const thread = begun();
    this.#thread = thread;
    thread.line.onmessage = ({ data }: MessageEvent<FromThread>) => this.#heard(thread, data);
    thread.worker.addEventListener("error", (event) => {
      // Unhandled it would end the whole process.
      event.preventDefault();
      this.#lost(thread, event.message);
    });
    say(thread, { kind: "open", host, port, token, figures });
    try {
      this.#port = await thread.opened.promise;
      thread.isOpen = true;
    } catch (fault) {
      this.#thread = null;
      end(thread);
      throw fault;
    }
  }

  #heard(thread: Thread, said: FromThread): void {
    switch (said.kind) {
      case "opened":
        return thread.opened.resolve(said.port);
      case "refused":
        return thread.opened.reject(faultOf(said));
      case "ask":
        this.#connections = said.connections;
        return void this.#tell();
      case "warn":
        return this.#options.log.warn(said.message, { error: said.error });
      case "closed":
        return thread.closed.resolve();
    }
  }

  /** Never throws: without new figures the old ones are said with their age. */
  async #tell(): Promise<void> {
    try {
      const figures = await this.#figures();
      if (this.#thread !== null) say(this.#thread, { kind: "figures", figures });
    } catch (error) {
      this.#options.log.error("no figures for the health port", { error });
    }
  }

  async #figures(): Promise<Figures> {
    const { metrics } = this.#options;
    const { contentType } = metrics;
    return {
      health: JSON.stringify(this.body()),
      metrics: { text: await metrics.text(), contentType },
    };
  }

  /** The thread ended by a fault: the agent goes on, and so does its health, a moment later. */
  #lost(thread: Thread, message: string): void {
    const fault = new Error(`the thread of the health port ended: ${message}`);
    thread.opened.reject(fault);
    thread.closed.resolve();
    // Who opens it, or closes it, hears of it there.
    if (this.#thread !== thread || !thread.isOpen) return;
    this.#options.log.error("the thread of the health port ended; it begins anew", {
      error: fault,
    });
    this.#thread = null;
    end(thread);
    this.#beginAgain();
  }

  #beginAgain(): void {
    this.#again = setTimeout(() => {
      this.#open().catch((error) => {
        this.#options.log.error("the health port does not open", { error });
        this.#beginAgain();
      });
    }, AGAIN_MS);
  }
}

function begun(): Thread {
  const worker = new Worker(threadAddress(), { type: "module", name: "health" });
  const { port1: line, port2: far } = new MessageChannel();
  worker.postMessage(null, [far]);
  return {
    worker,
    line,
    opened: Promise.withResolvers(),
    closed: Promise.withResolvers(),
    isOpen: false,
  };
}

function say({ line }: Thread, message: ToThread): void {
  line.postMessage(message);
}

function end({ worker, line }: Thread): void {
  worker.terminate();
  line.close();
}

/** As it was thrown in the other thread. */
function faultOf({ name, message }: Extract<FromThread, { kind: "refused" }>): Error {
  const kinds: Readonly<Record<string, new (message: string) => Error>> = Deno.errors;
  const Kind = kinds[name] ?? Error;
  return new Kind(message);
}
