/** A whole device port for tests: real queue in a directory of its own, real sockets, a clock by hand. */
import { randomBytes } from "node:crypto";
import * as language from "../../../edge_agent/adms/command.ts";
import type { Fields, Log } from "../../../edge_agent/base/log.ts";
import type { DeviceUser } from "../../../edge_agent/base/terminal.ts";
import { Commands } from "../../../edge_agent/fleet/commands.ts";
import { Devices } from "../../../edge_agent/fleet/devices.ts";
import { type DeviceReport, reportDevices } from "../../../edge_agent/fleet/report.ts";
import { DeviceServer, type PortSettings } from "../../../edge_agent/port/server.ts";
import type { PunchStore } from "../../../edge_agent/port/tables.ts";
import { Queue } from "../../../edge_agent/queue/queue.ts";
import { type CaseRequest, exchange, parseReply } from "../../cases/check_adms.ts";
import { ManualClock } from "../../sim/manual_clock.ts";

export const SN = "CKJF201960996";
export const ZONE = "Asia/Manila";
export const HOST = "127.0.0.1";

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Fields;
}

/** Keeps what was logged, so that a test can look for what must not be there. */
export class KeptLog implements Log {
  readonly lines: LogLine[] = [];
  debug = (message: string, fields: Fields = {}) => this.#keep("debug", message, fields);
  info = (message: string, fields: Fields = {}) => this.#keep("info", message, fields);
  warn = (message: string, fields: Fields = {}) => this.#keep("warn", message, fields);
  error = (message: string, fields: Fields = {}) => this.#keep("error", message, fields);

  #keep(level: string, message: string, fields: Fields): void {
    this.lines.push({ level, message, fields });
  }
}

export class Port {
  readonly clock = new ManualClock();
  readonly log = new KeptLog();
  readonly directory = Deno.makeTempDirSync({ prefix: "port-test-" });
  readonly users: { serial: string; users: readonly DeviceUser[]; complete: boolean }[] = [];
  readonly queue: Queue;
  devices: Devices;
  commands: Commands;
  server: DeviceServer;
  readonly #settings: Partial<PortSettings>;
  readonly #store: (queue: Queue) => PunchStore;

  constructor(
    settings: Partial<PortSettings> = {},
    store: (queue: Queue) => PunchStore = (queue) => queue,
  ) {
    this.#settings = settings;
    this.#store = store;
    this.queue = new Queue({
      directory: this.directory,
      clock: this.clock,
      randomBytes: (length) => randomBytes(length),
    });
    this.devices = this.#newDevices();
    this.commands = this.#newCommands();
    this.server = this.#newServer();
  }

  start(): void {
    this.queue.start();
    this.devices.start();
    this.server.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.queue.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }

  /** The agent ends and begins again over the same queue. */
  async restart(): Promise<void> {
    await this.server.stop();
    this.devices.stop();
    this.devices = this.#newDevices();
    this.commands = this.#newCommands();
    this.server = this.#newServer();
    this.devices.start();
    this.server.start();
  }

  allow(serial = SN, dialect: string | null = null): void {
    this.devices.allow(serial, { timeZone: ZONE, dialect });
  }

  async say(request: CaseRequest) {
    const reply = await exchange(this.server.port, request);
    if (reply === null) throw new Error("no reply");
    return reply;
  }

  get(target: string, headers: Record<string, string> = {}) {
    return this.say({ method: "GET", path: target, headers });
  }

  upload(table: string, body: string | Uint8Array, serial = SN, more = "") {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    return this.say({
      method: "POST",
      path: `/iclock/cdata?SN=${serial}&table=${table}${more}`,
      body_base64: bytes.toBase64(),
    });
  }

  /** Bytes as they are; the reply, or null when there was none. */
  async raw(text: string | Uint8Array, { half = false } = {}) {
    const conn = await Deno.connect({ hostname: HOST, port: this.server.port });
    try {
      const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
      for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
      if (half) await conn.closeWrite();
      const all: number[] = [];
      const buffer = new Uint8Array(65_536);
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        all.push(...buffer.subarray(0, count));
      }
      return parseReply(Uint8Array.from(all));
    } finally {
      conn.close();
    }
  }

  punches(serial = SN): string[] {
    return this.queue.punches({ serial, limit: 1_000_000 }).map((punch) =>
      `${punch.pin} ${punch.wallTime} ${punch.status}`
    );
  }

  /** Everything on disk as one text, one character a byte. */
  onDisk(): string {
    return [...Deno.readDirSync(this.directory)].map((entry) =>
      Deno.readFileSync(`${this.directory}/${entry.name}`)
    ).map((bytes) => new TextDecoder("latin1").decode(bytes)).join("");
  }

  /** `devices` of a sync as the agent would send it, for a branch that reads nothing. */
  report(): DeviceReport[] {
    return reportDevices({
      needsReread: (serial) => this.queue.needsReread(serial),
      devices: this.devices.all(),
      polled: [],
      counts: this.queue.stats().perDevice,
    });
  }

  #newDevices(): Devices {
    return new Devices({ store: this.queue, clock: this.clock, log: this.log });
  }

  #newCommands(): Commands {
    return new Commands({
      store: this.queue,
      clock: this.clock,
      devices: { lookup: (serial) => this.devices.lookup(serial) },
      language,
    });
  }

  #newServer(): DeviceServer {
    return new DeviceServer({
      queue: this.#store(this.queue),
      devices: this.devices,
      commands: this.commands,
      clock: this.clock,
      log: this.log,
      users: {
        seen: (serial, users, complete) => void this.users.push({ serial, users, complete }),
      },
      settings: {
        host: HOST,
        port: 0,
        allow: ["127.0.0.1"],
        allowAny: false,
        trustedProxies: [],
        requireSecretPath: false,
        maxBodyBytes: 16 * 1024 * 1024,
        maxConnections: 512,
        maxConnectionsPerPeer: 512,
        requestSeconds: 30,
        ...this.#settings,
      },
    });
  }
}

export async function withPort(
  body: (port: Port) => Promise<void>,
  settings: Partial<PortSettings> = {},
  store?: (queue: Queue) => PunchStore,
): Promise<void> {
  const port = new Port(settings, store);
  port.start();
  try {
    await body(port);
  } finally {
    await port.stop();
  }
}
