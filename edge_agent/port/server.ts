/**
 * The device port: every endpoint of the push protocol, from the head of a request to the text of its
 * answer. Owns the routes and their order of events (judge, hear, keep, answer); bytes are http1's,
 * meaning is adms', keeping is the queue's.
 * Rule: the letters OK leave this port only for what is durable.
 */
import { Hono } from "hono";
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

interface Bindings {
  readonly visit: Visit;
  readonly device: Device;
  readonly body: Uint8Array;
  /** What is to happen once the answer is out. */
  readonly whenWritten: (() => void)[];
}

type Env = { Bindings: Bindings };
/** The body of a 200, or a whole denial. */
type Reply = string | Denial;

const ENDPOINTS = [
  "cdata",
  "getrequest",
  "devicecmd",
  "fdata",
  "ping",
  "registry",
  "push",
  "querydata",
  "rtdata",
  "edata",
];
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
  readonly #app: Hono<Env>;
  readonly #sessions = new Map<string, string>();
  #listener: Http1Listener<Visit> | null = null;

  /** Throws BadAddress when the settings hold an address that is none. */
  constructor(options: DeviceServerOptions) {
    this.#options = options;
    this.#gate = new Gate(options);
    this.#asks = new Asks(options);
    this.#tables = new Tables({ ...options, onDoubt: (serial) => this.#asks.onDoubt(serial) });
    this.#app = this.#routes();
  }

  /** Opens the port. Throws what Deno.listen throws. */
  start(): void {
    const { settings, log, clock } = this.#options;
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
        handle: (visit, head, body) => this.#handle(visit, head, body),
        refused: (status, reason, peer) => this.#refused(status, reason, peer),
        date: () => clock.trusted() ? new Date(clock.now()).toUTCString() : null,
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

  async #handle(visit: Visit, head: RequestHead, body: Uint8Array): Promise<Answer> {
    const began = performance.now();
    const device = this.#hear(visit);
    const whenWritten: (() => void)[] = [];
    const request = new Request(`http://terminal/${visit.endpoint}`, {
      method: head.method === "HEAD" ? "GET" : head.method,
    });
    const response = await this.#app.fetch(request, { visit, device, body, whenWritten });
    const seconds = (performance.now() - began) / 1000;
    this.#count(visit.endpoint, response.status, seconds, body.length);
    return {
      status: response.status,
      headers: response.headers,
      body: new Uint8Array(await response.arrayBuffer()),
      written: () => whenWritten.forEach((act) => act()),
    };
  }

  #count(endpoint: string, status: number, seconds: number, bytes: number): void {
    const known = ENDPOINTS.includes(endpoint) || endpoint === "refused" ||
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

  #routes(): Hono<Env> {
    const app = new Hono<Env>();
    const route = (
      path: string,
      answer: (bindings: Bindings) => Reply | Promise<Reply>,
    ) => app.all(path, async ({ env }) => textResponse(await answer(env)));
    route("/cdata", (env) => this.#cdata(env));
    route("/getrequest", (env) => this.#poll(env));
    route("/devicecmd", (env) => this.#results(env));
    route("/fdata", ({ visit, body }) => this.#tables.photo(visit, body));
    route(
      "/edata",
      ({ visit, device, body }) =>
        body.length === 0 ? ABSENT : this.#tables.beside(visit, device, body),
    );
    route("/ping", () => "OK");
    route("/registry", (env) => this.#register(env));
    route("/push", (env) => this.#configure(env));
    route("/querydata", ({ visit, device, body }) => this.#tables.dataTable(visit, device, body));
    route("/rtdata", (env) => this.#accessTime(env));
    app.notFound(() => textResponse(ABSENT));
    app.onError((fault) => this.#failed(fault));
    return app;
  }

  /** Whatever went wrong, the terminal keeps its rows and sends them again. */
  #failed(fault: unknown): Response {
    this.#options.log.error("a terminal was not acknowledged", { fault });
    return textResponse({ status: 503, body: FAILED });
  }

  #cdata(env: Bindings): Reply | Promise<Reply> {
    const { visit, device, body } = env;
    const { query } = visit;
    const table = query.get("table")?.toLowerCase();
    if (query.has("authtype") || table === "remoteatt" || table === "selfservicedata") {
      return ABSENT;
    }
    if (query.has("type") && table === undefined) {
      return query.get("type")?.toLowerCase() === "time" ? this.#usTime(visit) : ABSENT;
    }
    if (visit.isHandshake) return this.#handshake(env);
    return this.#tables.receive(visit, device, body);
  }

  #handshake({ visit, whenWritten }: Bindings): string {
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

  #poll({ visit, whenWritten }: Bindings): string {
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

  #results({ visit, body }: Bindings): string {
    const { commands, devices } = this.#options;
    for (const result of parseResults(decodeLines(body))) {
      commands.result(visit.serial, result);
      if (/^info$/i.test(result.verb)) {
        devices.updateFacts(visit.serial, factsOfFields(result.fields));
      }
    }
    return "OK";
  }

  #register({ visit, body }: Bindings): string {
    const { devices } = this.#options;
    devices.updateFacts(visit.serial, parseOptions(decodeText(body).text));
    const { registryCode } = this.#accessValues(this.#device(visit.serial), true);
    return `RegistryCode=${registryCode}`;
  }

  #configure({ visit }: Bindings): string {
    const device = this.#device(visit.serial);
    return lines(accessOptions({
      pollSeconds: device.settings.pollSeconds,
      errorSeconds: ERROR_SECONDS,
    }, this.#accessValues(device, false)));
  }

  /** Local time in the vendor's count of seconds; nothing while our own clock is in doubt. */
  #accessTime({ visit }: Bindings): Reply {
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

function textResponse(reply: Reply): Response {
  const { status, body } = typeof reply === "string" ? { status: 200, body: reply } : reply;
  return new Response(body, { status, headers: { "content-type": "text/plain" } });
}
