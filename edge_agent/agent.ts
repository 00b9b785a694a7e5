/**
 * The composition root: builds every long-lived object from the configuration, starts them in order
 * and stops them in the reverse one. Owns the wiring; no rule lives here.
 */
import { randomBytes, randomInt } from "node:crypto";
import { commandText, returnMessage, windowCount } from "./adms/adms.ts";
import { SystemClock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import { getLogger } from "./base/log.ts";
import { isLoopback, PeerList } from "./base/peers.ts";
import { VERSION } from "./base/version.ts";
import { waking } from "./base/waking.ts";
import { Delivery, SelfCheck, UserRelay } from "./delivery/delivery.ts";
import { Commands, Devices, Recovery } from "./fleet/fleet.ts";
import {
  Alarms,
  Health,
  Metrics,
  SetupPage,
  terminalReport,
  type Vitals,
} from "./health/health.ts";
import { type Link, makeLink } from "./link.ts";
import { LocalServer, operations, ReportOrders } from "./local/local.ts";
import { isPrivateAddress, MachineCare } from "./machine/machine.ts";
import type { Identity } from "./odoo/odoo.ts";
import { ownAddresses, Polling } from "./polling/polling.ts";
import { DeviceServer } from "./port/port.ts";
import { Queue, type QueueStats } from "./queue/queue.ts";
import { UsbSpool } from "./usb/usb.ts";

export interface AgentOptions {
  readonly config: Config;
  /** Started already. */
  readonly identity: Identity;
  readonly pinnedAuthorities: readonly string[];
  readonly host: { readonly name: string; readonly os: string; readonly arch: string };
  /** Of the one-file program; null under a Deno of its own, which updates itself never. */
  readonly program: { readonly architecture: string; readonly updateRoot: unknown } | null;
  readonly clock?: SystemClock;
}

/** The parts that a command needs too when no agent runs. */
export function makeBooks(config: Config, clock: SystemClock) {
  const queue = new Queue({
    directory: config.dataDirectory,
    clock,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    retentionDays: config.queue.retentionDays,
    keyMemoryDays: config.queue.keyMemoryDays,
    maxBytes: config.queue.maxBytes,
    minFreeBytes: config.queue.minFreeBytes,
    log: getLogger("queue"),
  });
  const devices = new Devices({ store: queue, clock, log: getLogger("devices") });
  const commands = new Commands({
    store: queue,
    clock,
    devices,
    language: { commandText, returnMessage, windowCount },
  });
  const alarms = new Alarms({
    destination: config.destination,
    clock,
    log: getLogger("alarms"),
    store: queue,
  });
  return { queue, devices, commands, alarms };
}

/** The folder for files carried by hand. */
export function makeSpool(
  config: Config,
  { queue, devices }: Books,
  clock: SystemClock,
  wake: () => void,
): UsbSpool {
  return new UsbSpool({
    dataDirectory: config.dataDirectory,
    queue,
    isWelcome: (serial) => devices.isLetIn(serial),
    clock,
    log: getLogger("usb"),
    newId: () => crypto.randomUUID(),
    wake,
  });
}

export type Books = ReturnType<typeof makeBooks>;

export class Agent {
  readonly #options: AgentOptions;
  readonly #clock: SystemClock;
  readonly #startedAt: number;
  readonly #startedMonotonic: number;
  readonly #books: Books;
  readonly #delivery: Delivery;
  readonly #link: Link;
  readonly #users: UserRelay;
  readonly #recovery: Recovery;
  readonly #selfCheck: SelfCheck;
  readonly #server: DeviceServer;
  readonly #polling: Polling;
  readonly #spool: UsbSpool;
  readonly #metrics: Metrics;
  readonly #health: Health;
  readonly #local: LocalServer;
  readonly #setupPage: SetupPage;
  readonly #care: MachineCare;
  #portOpen = false;

  constructor(options: AgentOptions) {
    const { config } = options;
    this.#options = options;
    const clock = options.clock ?? new SystemClock();
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#startedMonotonic = clock.monotonic();
    this.#books = makeBooks(config, clock);
    const vitals = () => this.vitals();
    this.#metrics = new Metrics({ vitals, now: () => clock.now() });
    this.#link = this.#makeLink();
    this.#delivery = this.#makeDelivery();
    this.#users = new UserRelay({
      post: (serial, users, signal) => this.#link.postUsers(serial, users, signal),
      clock,
      random,
      log: getLogger("users"),
      newId: () => crypto.randomUUID(),
    });
    this.#recovery = new Recovery({
      ...this.#books,
      completeReadAt: (serial) => this.#polling.completeReadAt(serial),
      clock,
      log: getLogger("recovery"),
    });
    this.#selfCheck = this.#makeSelfCheck();
    this.#polling = this.#makePolling();
    this.#spool = makeSpool(config, this.#books, clock, () => this.#delivery.wake());
    this.#server = this.#makeServer();
    this.#health = new Health({
      host: config.health.host,
      port: config.health.port,
      token: config.health.token,
      lateMs: config.health.lateSeconds * 1000,
      clock,
      vitals,
      metrics: this.#metrics,
      log: getLogger("health"),
    });
    this.#setupPage = this.#makeSetupPage();
    this.#care = this.#makeCare();
    this.#local = new LocalServer({
      directory: config.dataDirectory,
      operations: operations({
        ...this.#books,
        redacted: terminalReport,
        destination: this.#link.name,
        status: () => this.#health.body(),
        pairingChanged: () => this.pairingChanged(),
        wake: () => this.#delivery.retryNow(),
        importFile: (name) => this.#spool.take(name),
      }),
      onFault: (error) => getLogger("local").error("operation failed", { error }),
    });
  }

  #makeDelivery(): Delivery {
    return new Delivery({
      queue: this.#books.queue,
      destination: this.#link.destination,
      clock: this.#clock,
      random,
      batchId: () => crypto.randomUUID(),
      batchSize: this.#link.batchSize,
      alarms: this.#books.alarms,
      log: getLogger("delivery"),
      onOutcome: (outcome, sightings) => {
        this.#metrics.delivery(outcome, sightings);
        if (outcome === "receipt") this.#link.delivered();
      },
    });
  }

  #makeSelfCheck(): SelfCheck {
    return new SelfCheck({
      queue: this.#books.queue,
      holdings: this.#link.holdings,
      name: this.#link.name,
      isWelcome: () => this.#link.control.state === "active",
      clock: this.#clock,
      log: getLogger("self_check"),
      newId: () => crypto.randomUUID(),
      wake: () => this.#delivery.wake(),
      retentionDays: this.#options.config.queue.retentionDays,
    });
  }

  #makePolling(): Polling {
    const { config } = this.#options;
    const callers = new PeerList(config.devicePort.allow);
    const log = getLogger("poller");
    return new Polling({
      ...this.#books,
      terminals: config.polling.terminals,
      dataDirectory: config.dataDirectory,
      holdings: this.#link.holdings,
      clock: this.#clock,
      log,
      usersSeen: (serial, users) => this.#users.seen(serial, users, true),
      wake: () => this.#delivery.wake(),
      wakeSync: () => this.#link.control.syncSoon(),
      search: { interfaces: () => ownAddresses(log), isAllowed: (address) => callers.has(address) },
    });
  }

  /** What it is told of is made after it: asked for when it is needed. */
  #makeLink(): Link {
    return makeLink({
      ...this.#options,
      ...this.#books,
      clock: this.#clock,
      random,
      polled: () => this.#polling.views(),
      orders: new ReportOrders({ ...this.#books, redacted: terminalReport }, {
        order: (command) => this.#polling.orders.order(command),
        results: () => this.#polling.orders.results(),
        acknowledged: (ids) => this.#polling.orders.acknowledged(ids),
      }),
      machine: {
        state: () => this.#care.updateState(),
        offered: (version) => this.#care.updateOffered(version),
      },
      receipts: () => this.#delivery.receipts,
      onHead: (head, state) => this.#delivery.headSeen(head, state),
      onWelcome: () => this.#delivery.retryNow(),
      onRestored: () => this.#delivery.retryNow(),
    });
  }

  #makeSetupPage(): SetupPage {
    const { setup, devicePort } = this.#options.config;
    return new SetupPage({
      settings: setup,
      isNear: (address) => isPrivateAddress(address) || isLoopback(address),
      devicePort: devicePort.port,
      addresses: () => this.#care.addresses(),
      steps: () => this.#health.body().setup,
      log: getLogger("setup"),
    });
  }

  #makeCare(): MachineCare {
    const { config, program } = this.#options;
    return new MachineCare({
      ...this.#books,
      dataDirectory: config.dataDirectory,
      version: VERSION,
      program,
      source: this.#link.updates,
      callers: config.devicePort.allow,
      minFreeBytes: config.queue.minFreeBytes,
      clock: this.#clock,
      random,
      log: getLogger("machine"),
    });
  }

  #makeServer(): DeviceServer {
    const { queue, devices, commands } = this.#books;
    return new DeviceServer({
      queue: {
        add: waking((upload) => queue.add(upload), () => this.#delivery.wake()),
        stamp: (serial, table) => queue.stamp(serial, table),
        get lineSalt() {
          return queue.lineSalt;
        },
      },
      devices,
      commands,
      clock: this.#clock,
      settings: this.#options.config.devicePort,
      log: getLogger("server"),
      metrics: this.#metrics,
      users: this.#users,
    });
  }

  /** Opens the store, then the ports, then the way to the destination. Undoes what it did when a step fails. */
  async start(): Promise<void> {
    try {
      this.#books.queue.start();
      this.#books.alarms.start();
      this.#books.devices.start();
      this.#server.start();
      this.#portOpen = true;
      await this.#health.start();
      this.#local.start();
      this.#users.start();
      this.#recovery.start();
      this.#selfCheck.start();
      this.#polling.start();
      this.#spool.start();
      this.#delivery.start();
      this.#link.control.start();
      this.#setupPage.start();
      this.#care.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    const { devicePort, healthPort } = this;
    getLogger("main").info("agent started", { version: VERSION, devicePort, healthPort });
  }

  /** First nothing more is taken in, then what is in flight is given up, then the store is closed. */
  async stop(): Promise<void> {
    this.#portOpen = false;
    await Promise.all([this.#server.stop(), this.#polling.stop(), this.#spool.stop()]);
    await Promise.all([
      this.#link.control.stop(),
      this.#delivery.stop(),
      this.#users.stop(),
      this.#recovery.stop(),
      this.#selfCheck.stop(),
      this.#setupPage.stop(),
      this.#care.stop(),
    ]);
    await this.#local.stop();
    await this.#health.stop();
    this.#link.stop();
    try {
      this.#books.devices.stop();
    } catch (error) {
      getLogger("main").warn("what was noted of devices since their last write is lost", { error });
    }
    await this.#books.queue.stop();
    getLogger("main").info("agent stopped");
  }

  get devicePort(): number {
    return this.#server.port;
  }

  get healthPort(): number {
    return this.#health.port;
  }

  vitals(): Vitals {
    const { devices, alarms } = this.#books;
    return {
      version: VERSION,
      startedMs: this.#startedAt,
      destination: this.#options.config.destination,
      paired: this.#link.isKnown(),
      state: this.#link.control.state,
      stats: this.#stats(),
      alarms: alarms.list(),
      devices: devices.all().map((device) => this.#polling.judged(device)),
      sinceAnswerMs: this.#link.control.sinceAnswerMs,
      uptimeMs: this.#clock.monotonic() - this.#startedMonotonic,
      clockTrusted: this.#clock.trusted(),
      devicePortOpen: this.#portOpen,
      addresses: this.#care.addresses(),
    };
  }

  #stats(): QueueStats | null {
    try {
      return this.#books.queue.stats();
    } catch (error) {
      getLogger("main").warn("the queue does not answer", { error });
      return null;
    }
  }

  /** The files of identity were written: by another process, or by who started this agent. */
  async pairingChanged(): Promise<void> {
    await this.#options.identity.start();
    this.#link.accessChanged();
    this.#link.control.syncSoon();
    this.#delivery.retryNow();
  }
}

/** In [0, 1), for jitter; from the system's generator because a thousand agents must differ. */
function random(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}
