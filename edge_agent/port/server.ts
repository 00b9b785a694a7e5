/**
 * The device port: every endpoint of the push protocol, from the head of a request to the text of its
 * answer. Owns the table of handlers and the order of events (judge, hear, keep, answer); bytes are
 * http1's, meaning is adms', keeping is the queue's.
 * Rule: the letters OK leave this port only for what is durable.
 */
import {
  accessOptions,
  commandLine,
  decodeLines,
  decodeText,
  dialectOf,
  encodeVendorTime,
  factsOfFields,
  handshakeText,
  lines,
  NOTHING_TO_DO,
  parseInfo,
  parseOptions,
  parseResults,
  signedHours,
} from "../adms/adms.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { Commands, Device, Devices } from "../fleet/fleet.ts";
import { type Answer, DEFAULT_LIMITS, Http1Listener, type RequestHead } from "../http1/http1.ts";
import { Asks } from "./asks.ts";
import { type Denial, FAILED, Gate, type GateSettings, type Visit } from "./gate.ts";
import { type PunchStore, Tables, type UserSink } from "./tables.ts";

/** `devicePort` of the configuration. */
export interface PortSettings extends GateSettings {
  readonly host: string;
  readonly port: number;
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerPeer: number;
  readonly requestSeconds: number;
}

/** What a request was and what came of it, for counters; never who or what was in it. */
export interface PortMetrics {
  request(seen: { endpoint: string; status: number; seconds: number; bytes: number }): void;
}

export interface DeviceServerOptions {
  readonly queue: PunchStore;
  readonly devices: Devices;
  readonly commands: Commands;
  readonly clock: Clock;
  readonly settings: PortSettings;
  readonly log: Log;
  readonly metrics?: PortMetrics | undefined;
  readonly users?: UserSink | undefined;
  readonly randomBytes?: (length: number) => Uint8Array;
}

/** A request that was let in. */
interface Call {
  readonly visit: Visit;
  /** As it was before this request. */
  readonly device: Device;
  readonly body: Uint8Array;
  /** What is to happen once the answer is out. */
  readonly whenWritten: (() => void)[];
}

/** The body of a 200, or a whole denial. */
type Reply = string | Denial;
type Handler = (call: Call) => Reply | Promise<Reply>;

const TEXT = [["content-type", "text/plain"]] as const;
const STAMP_TABLES = ["ATTLOG", "OPERLOG", "ATTPHOTO", "BIODATA", "IDCARD", "ERRORLOG"];
const ERROR_SECONDS = 30;
const SESSION_BYTES = 16;
const encoder = new TextEncoder();
const ABSENT: Denial = { status: 404, body: "NOT FOUND" };
const UNTRUSTED_CLOCK: Denial = { status: 503, body: FAILED };

export class DeviceServer {
  readonly #options: DeviceServerOptions;
  readonly #gate: Gate;
  readonly #tables: Tables;
  readonly #asks: Asks;
  /** By endpoint. A terminal says its word in the path and nothing else of it matters: no router. */
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #sessions = new Map<string, string>();
  #dated = { second: Number.NaN, text: "" };
  #listener: Http1Listener<Visit> | null = null;

  /** Throws BadAddress when the settings hold an address that is none. */
  constructor(options: DeviceServerOptions) {
    this.#options = options;
    this.#gate = new Gate(options);
    this.#asks = new Asks(options);
    this.#tables = new Tables({ ...options, onDoubt: (serial) => this.#asks.onDoubt(serial) });
    this.#handlers = new Map(Object.entries(this.#table()));
  }

  /** Opens the port. Throws what Deno.listen throws. */
  start(): void {
    const { settings, log } = this.#options;
    this.#asks.start();
    const listener = new Http1Listener<Visit>({
      host: settings.host,
      port: settings.port,
      limits: { ...DEFAULT_LIMITS, bodyBytes: settings.maxBodyBytes },
      requestMs: settings.requestSeconds * 1000,
      maxConnections: settings.maxConnections,
      maxConnectionsPerPeer: settings.maxConnectionsPerPeer,
      manyBehind: (peer) => this.#gate.isProxy(peer),
      onFault: (fault) => log.error("device port", { fault }),
      handler: {
        admit: (head, peer) => this.#admit(head, peer),
        handle: (visit, _head, body) => this.#handle(visit, body),
        refused: (status, reason, peer) => this.#refused(status, reason, peer),
        date: () => this.#date(),
      },
    });
    listener.start();
    this.#listener = listener;
    if (this.#gate.closed) {
      log.error("no terminal can connect: devicePort.allow is empty; list addresses or networks");
    }
    log.info("device port open", { host: settings.host, port: listener.port });
  }

  async stop(): Promise<void> {
    await this.#listener?.stop();
    this.#listener = null;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get connections(): number {
    return this.#listener?.connections ?? 0;
  }

  /** Of this second, said once; null while our own clock is in doubt. */
  #date(): string | null {
    const { clock } = this.#options;
    if (!clock.trusted()) return null;
    const second = Math.floor(clock.now() / 1000);
    if (second !== this.#dated.second) {
      this.#dated = { second, text: new Date(second * 1000).toUTCString() };
    }
    return this.#dated.text;
  }

  #admit(head: RequestHead, peer: string): { visit: Visit } | { answer: Answer } {
    const judged = this.#gate.judge(head, peer);
    if ("endpoint" in judged) return { visit: judged };
    this.#count("refused", judged.status, 0, 0);
    return { answer: textAnswer(judged.status, judged.body) };
  }

  #refused(status: number, reason: string, peer: string): Answer {
    this.#options.log.warn("request refused", { peer, status, reason });
    this.#count("malformed", status, 0, 0);
    return textAnswer(status, FAILED);
  }

  async #handle(visit: Visit, body: Uint8Array): Promise<Answer> {
    const began = performance.now();
    const device = this.#hear(visit);
    const whenWritten: (() => void)[] = [];
    const { status, body: text } = await this.#answer({ visit, device, body, whenWritten });
    const seconds = (performance.now() - began) / 1000;
    this.#count(visit.endpoint, status, seconds, body.length);
    const written = () => whenWritten.forEach((act) => act());
    return { ...textAnswer(status, text), written };
  }

  /** Whatever goes wrong, the terminal keeps its rows and sends them again. */
  async #answer(call: Call): Promise<Denial> {
    try {
      const reply = await (this.#handlers.get(call.visit.endpoint)?.(call) ?? ABSENT);
      return typeof reply === "string" ? { status: 200, body: reply } : reply;
    } catch (fault) {
      this.#options.log.error("a terminal was not acknowledged", { fault });
      return { status: 503, body: FAILED };
    }
  }

  #count(endpoint: string, status: number, seconds: number, bytes: number): void {
    const known = this.#handlers.has(endpoint) || endpoint === "refused" ||
      endpoint === "malformed";
    this.#options.metrics?.request({
      endpoint: known ? endpoint : "other",
      status,
      seconds,
      bytes,
    });
  }

  /** Notes the visit; the device as it was before it. */
  #hear(visit: Visit): Device {
    const { devices } = this.#options;
    const before = devices.lookup(visit.serial);
    if (before === undefined) throw new Error("an admitted visit of an unknown serial");
    devices.heard(visit.serial, {
      peer: visit.peer,
      visit: kindOf(visit),
      dialect: dialectOf({ ...visit, path: visit.endpoint }),
    });
    return before;
  }

  #table(): Readonly<Record<string, Handler>> {
    return {
      cdata: (call) => this.#cdata(call),
      getrequest: (call) => this.#poll(call),
      devicecmd: (call) => this.#results(call),
      fdata: ({ visit, body }) => this.#tables.photo(visit, body),
      edata: ({ visit, device, body }) =>
        body.length === 0 ? ABSENT : this.#tables.beside(visit, device, body),
      ping: () => "OK",
      registry: (call) => this.#register(call),
      push: (call) => this.#configure(call),
      querydata: ({ visit, device, body }) => this.#tables.dataTable(visit, device, body),
      rtdata: (call) => this.#accessTime(call),
    };
  }

  #cdata(call: Call): Reply | Promise<Reply> {
    const { visit, device, body } = call;
    const { query } = visit;
    const table = query.get("table")?.toLowerCase();
    if (query.has("authtype") || table === "remoteatt" || table === "selfservicedata") {
      return ABSENT;
    }
    if (query.has("type") && table === undefined) {
      return query.get("type")?.toLowerCase() === "time" ? this.#usTime(visit) : ABSENT;
    }
    if (visit.isHandshake) return this.#handshake(call);
    return this.#tables.receive(visit, device, body);
  }

  #handshake({ visit, whenWritten }: Call): string {
    const { devices, queue, clock } = this.#options;
    const { serial, query } = visit;
    devices.updateFacts(serial, helloFacts(visit));
    const device = this.#device(serial);
    const utcOffsetMinutes = devices.offsetFor(serial);
    const stamps = new Map(STAMP_TABLES.flatMap((table) => {
      const value = queue.stamp(serial, table);
      return value === null ? [] : [[table, value] as const];
    }));
    // An access terminal is asked by a query instead: its stamps mean nothing.
    const reread = device.rereadWanted && device.dialect !== "access";
    if (reread) stamps.set("ATTLOG", "0");
    whenWritten.push(() => {
      if (reread) devices.wantReread(serial, false);
      if (device.toldOffset !== utcOffsetMinutes) devices.noteTold(serial, utcOffsetMinutes);
    });
    return handshakeText({
      serial,
      dialect: device.dialect,
      utcOffsetMinutes,
      stamps,
      pollSeconds: device.settings.pollSeconds,
      errorSeconds: ERROR_SECONDS,
      clockTrusted: clock.trusted(),
      ...(device.dialect === "access"
        ? { access: this.#accessValues(device, query.has("sessionid")) }
        : {}),
    });
  }

  #poll({ visit, whenWritten }: Call): string {
    const { devices, commands } = this.#options;
    const { serial, query } = visit;
    const info = query.get("info");
    if (info !== undefined) devices.updateFacts(serial, parseInfo(info));
    this.#asks.onPoll(serial);
    const due = commands.nextFor(serial);
    if (due.length === 0) return NOTHING_TO_DO;
    whenWritten.push(() => commands.markSent(serial, due));
    return due.map(({ wireId, text }) => commandLine(wireId, text)).join("");
  }

  #results({ visit, body }: Call): string {
    const { commands, devices } = this.#options;
    for (const result of parseResults(decodeLines(body))) {
      commands.result(visit.serial, result);
      if (/^info$/i.test(result.verb)) {
        devices.updateFacts(visit.serial, factsOfFields(result.fields));
      }
    }
    return "OK";
  }

  #register({ visit, body }: Call): string {
    const { devices } = this.#options;
    devices.updateFacts(visit.serial, parseOptions(decodeText(body).text));
    const { registryCode } = this.#accessValues(this.#device(visit.serial), true);
    return `RegistryCode=${registryCode}`;
  }

  #configure({ visit }: Call): string {
    const device = this.#device(visit.serial);
    return lines(accessOptions({
      pollSeconds: device.settings.pollSeconds,
      errorSeconds: ERROR_SECONDS,
    }, this.#accessValues(device, false)));
  }

  /** Local time in the vendor's count of seconds; nothing while our own clock is in doubt. */
  #accessTime({ visit }: Call): Reply {
    const { devices, clock } = this.#options;
    if (visit.query.get("type")?.toLowerCase() !== "time") return ABSENT;
    if (!clock.trusted()) return UNTRUSTED_CLOCK;
    const { timeZone } = this.#device(visit.serial);
    const count = encodeVendorTime(wallTimeAt(timeZone, clock.now()));
    return `DateTime=${count},ServerTZ=${signedHours(devices.offsetFor(visit.serial))}`;
  }

  #usTime({ serial }: Visit): Reply {
    const { devices, clock } = this.#options;
    if (!clock.trusted()) return UNTRUSTED_CLOCK;
    const wallTime = wallTimeAt(this.#device(serial).timeZone, clock.now()).replace(" ", "T");
    return `Time=${wallTime}${signedHours(devices.offsetFor(serial), ":")}`;
  }

  #accessValues(device: Device, newSession: boolean): { registryCode: string; sessionId: string } {
    const { serial } = device;
    let registryCode = device.registryCode;
    if (registryCode === "") {
      registryCode = this.#random();
      this.#options.devices.setRegistryCode(serial, registryCode);
    }
    let sessionId = this.#sessions.get(serial);
    if (sessionId === undefined || newSession) {
      sessionId = this.#random();
      this.#sessions.set(serial, sessionId);
    }
    return { registryCode, sessionId };
  }

  #random(): string {
    const bytes = this.#options.randomBytes?.(SESSION_BYTES) ??
      crypto.getRandomValues(new Uint8Array(SESSION_BYTES));
    return bytes.toHex();
  }

  #device(serial: string): Device {
    const device = this.#options.devices.lookup(serial);
    if (device === undefined) throw new Error("the device vanished during its own request");
    return device;
  }
}

function kindOf(visit: Visit): "handshake" | "poll" | "upload" | "other" {
  if (visit.isHandshake) return "handshake";
  if (visit.endpoint === "getrequest") return "poll";
  if (/^[ce]data$/.test(visit.endpoint) && visit.query.has("table")) return "upload";
  return "other";
}

/** What the US protocol ships with; a terminal that shows it can be impersonated by anybody. */
const DEFAULT_COMM_KEY = "88888888";
const HELLO = ["pushver", "language", "devicetype"];
const MAX_HELLO = 64;

function helloFacts({ query }: Visit): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const name of HELLO) {
    const value = query.get(name)?.replace(/\p{C}/gu, "").trim().slice(0, MAX_HELLO);
    if (value !== undefined && value !== "") {
      facts[name === "devicetype" ? "device_type" : name] = value;
    }
  }
  const commKey = query.get("pushcommkey") ?? query.get("comkey");
  if (commKey !== undefined) {
    facts["push_comm_key"] = commKey === DEFAULT_COMM_KEY ? "default" : "set";
  }
  return facts;
}

function textAnswer(status: number, body: string): Answer {
  return { status, headers: TEXT, body: encoder.encode(body) };
}
