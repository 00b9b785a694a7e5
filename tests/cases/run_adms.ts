/**
 * Adapter for worked examples of the push protocol: the real device port on a fresh real queue, and
 * beside it a control port of its own. Run: deno run -A tests/cases/run_adms.ts --port P
 *   P      the device port
 *   P + 1  POST /reset                 a fresh queue, no device known
 *          POST /setup?sn=SN           the `setup` of a case
 *          GET  /punches?sn=SN         [{pin, time, status, verify, workcode}]
 *          GET  /facts?sn=SN           what else was learnt: rejects, facts, users, command results
 * No part of the agent; it only composes the agent's own parts as main does.
 */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import * as language from "../../edge_agent/adms/command.ts";
import { type Clock, SystemClock } from "../../edge_agent/base/clock.ts";
import { Commands } from "../../edge_agent/fleet/commands.ts";
import { Devices } from "../../edge_agent/fleet/devices.ts";
import { getLogger } from "../../edge_agent/base/log.ts";
import { StoreUnavailable } from "../../edge_agent/base/store_fault.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { DeviceServer } from "../../edge_agent/port/server.ts";
import { type DeviceUser, type Dialect, SERIAL } from "../../edge_agent/base/terminal.ts";
import type { Added, Upload } from "../../edge_agent/queue/types.ts";

export interface CaseSetup {
  readonly device?: "registered" | "unknown";
  readonly also_registered?: readonly string[] | string;
  readonly dialect?: string;
  readonly time_zone?: string;
  readonly pending_commands?: readonly {
    readonly id: string | number;
    readonly cmd: string;
    readonly state?: string;
  }[];
  readonly fault?: string;
  readonly state?: string;
}

const HOST = "127.0.0.1";

export class Adapter {
  readonly #port: number;
  #bench: Bench | null = null;
  #control: Deno.HttpServer<Deno.NetAddr> | null = null;

  /** Port 0: any free one for each of the two. */
  constructor(port: number) {
    this.#port = port;
  }

  async start(): Promise<void> {
    this.#bench = await Bench.open(this.#port);
    this.#control = Deno.serve({
      hostname: HOST,
      port: this.#port === 0 ? 0 : this.#port + 1,
      onListen: () => {},
    }, (request) => this.#answer(request));
  }

  async stop(): Promise<void> {
    await this.#control?.shutdown();
    await this.#bench?.close();
  }

  get devicePort(): number {
    return this.#bench?.server.port ?? 0;
  }

  get controlPort(): number {
    return this.#control?.addr.port ?? 0;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const serial = searchParams.get("sn") ?? "";
    switch (`${request.method} ${pathname}`) {
      case "POST /reset": {
        const port = this.devicePort;
        await this.#bench?.close();
        this.#bench = await Bench.open(port);
        return Response.json({ ok: true });
      }
      case "POST /setup": {
        const text = await request.text();
        this.#bench?.setUp(serial, text === "" ? {} : JSON.parse(text));
        return Response.json({ ok: true });
      }
      case "GET /punches":
        return Response.json(this.#bench?.punches(serial) ?? []);
      case "GET /facts":
        return Response.json(this.#bench?.facts(serial) ?? {});
      default:
        return Response.json({ error: "not found" }, { status: 404 });
    }
  }
}

/** One case's world: queue, registry, command book and port, all fresh. */
class Bench {
  readonly server: DeviceServer;
  readonly #directory: string;
  readonly #queue: Queue;
  readonly #failing: FailingStore;
  readonly #devices: Devices;
  readonly #commands: GivenCommands;
  readonly #users = new Map<string, DeviceUser[]>();

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    const clock = new TrustedClock();
    this.#queue = new Queue({ directory, clock, randomBytes: (length) => randomBytes(length) });
    this.#failing = new FailingStore(this.#queue);
    this.#devices = new Devices({ store: this.#queue, clock });
    this.#commands = new GivenCommands({
      store: this.#queue,
      clock,
      devices: this.#devices,
      language,
    });
    this.server = new DeviceServer({
      queue: this.#failing,
      devices: this.#devices,
      commands: this.#commands,
      clock,
      log: getLogger("cases"),
      users: { seen: (serial, users) => this.#noteUsers(serial, users) },
      settings: {
        host: HOST,
        port,
        allow: ["127.0.0.0/8", "::1"],
        allowAny: false,
        trustedProxies: [],
        requireSecretPath: false,
        maxBodyBytes: 16 * 1024 * 1024,
        maxConnections: 512,
        maxConnectionsPerPeer: 512,
        requestSeconds: 30,
      },
    });
  }

  static async open(port: number): Promise<Bench> {
    const bench = new Bench(await Deno.makeTempDir({ prefix: "adms-case-" }), port);
    bench.#queue.start();
    bench.#devices.start();
    bench.server.start();
    return bench;
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.#queue.stop();
    await Deno.remove(this.#directory, { recursive: true });
  }

  setUp(serial: string, setup: CaseSetup): void {
    const others = setup.also_registered ?? [];
    const registered = setup.device === "unknown" ? [] : [serial];
    registered.push(...(typeof others === "string" ? [others] : others));
    // A case about a serial that is none registers nobody.
    for (const known of registered.filter((name) => SERIAL.test(name))) {
      this.#devices.allow(known, {
        timeZone: setup.time_zone ?? "Asia/Manila",
        dialect: setup.dialect === undefined ? null : dialectOfCase(setup.dialect),
      });
      if (setup.state !== "no_handshake_seen_since_start") {
        this.#devices.heard(known, { peer: HOST, visit: "handshake", dialect: null });
      }
    }
    for (const command of setup.pending_commands ?? []) {
      this.#commands.queueAsGiven(this.#queue, serial, command);
    }
    this.#failing.failures = setup.fault === "store_unavailable_for_first_request" ? 1 : 0;
  }

  punches(serial: string): unknown[] {
    return this.#queue.punches({ serial, limit: 1_000_000 }).map((punch) => ({
      pin: punch.pin,
      time: punch.wallTime,
      status: numberWhereNumeric(punch.status),
      verify: numberWhereNumeric(punch.verify),
      workcode: punch.workCode,
    }));
  }

  facts(serial: string): unknown {
    const device = this.#devices.lookup(serial);
    return {
      device: device ?? null,
      unknown: this.#devices.unknown(),
      users: this.#users.get(serial) ?? [],
      rejects: this.#queue.rejects(10_000).filter((reject) => reject.serial === serial)
        .map(({ reason, raw }) => ({ reason, raw })),
      commands: this.#queue.commandResults().filter((command) => command.serial === serial)
        .map((command) => ({ ...command, id: this.#commands.givenId(command.id) })),
    };
  }

  #noteUsers(serial: string, users: readonly DeviceUser[]): void {
    this.#users.set(serial, [...(this.#users.get(serial) ?? []), ...users]);
  }
}

/** Cases are not about clocks without batteries. */
class TrustedClock extends SystemClock implements Clock {
  override trusted(): boolean {
    return true;
  }
}

/** The queue with a fault that can be switched on: the commit fails, nothing was written. */
class FailingStore {
  failures = 0;
  readonly #queue: Queue;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  add(upload: Upload): Promise<Added> {
    if (this.failures === 0) return this.#queue.add(upload);
    this.failures -= 1;
    return Promise.reject(new StoreUnavailable("io", "a fault of the case"));
  }

  stamp(serial: string, table: string): string | null {
    return this.#queue.stamp(serial, table);
  }

  get lineSalt(): string {
    return this.#queue.lineSalt;
  }
}

/** Ids of cases may be any text; the book's are numbers. */
class GivenCommands extends Commands {
  readonly #given = new Map<number, string>();
  #next = 1_000_000_000;

  queueAsGiven(
    queue: Queue,
    serial: string,
    { id, cmd, state }: { id: string | number; cmd: string; state?: string },
  ): void {
    const text = String(id);
    const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : this.#next++;
    this.#given.set(number, text);
    queue.addCommand({ id: number, serial, name: "given", text: cmd });
    if (state === "sent") queue.markCommandSent(number, Date.now());
  }

  givenId(id: number): string {
    return this.#given.get(id) ?? String(id);
  }

  protected override wireId(id: number): string {
    return this.givenId(id);
  }

  protected override idOfWire(text: string): number | null {
    for (const [id, given] of this.#given) if (given === text) return id;
    return super.idOfWire(text);
  }
}

const DIALECT_WORDS: readonly [RegExp, Dialect][] = [
  [/sec|acc/i, "access"],
  [/us|time.?clock/i, "us"],
  [/ancient|2\.31|2\.0|old|legacy/i, "ancient"],
];

function dialectOfCase(word: string): Dialect {
  return DIALECT_WORDS.find(([form]) => form.test(word))?.[1] ?? "attendance";
}

function numberWhereNumeric(text: string): number | string | null {
  if (text === "") return null;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : text;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: "string" } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_534) {
    console.error("usage: run_adms.ts --port P (1 to 65534; the control port is P + 1)");
    Deno.exit(2);
  }
  const adapter = new Adapter(port);
  await adapter.start();
  console.log(`device port ${adapter.devicePort}, control port ${adapter.controlPort}`);
  const stop = () => adapter.stop().then(() => Deno.exit(0));
  Deno.addSignalListener("SIGTERM", stop);
  Deno.addSignalListener("SIGINT", stop);
}
