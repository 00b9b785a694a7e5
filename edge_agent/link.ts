/**
 * The way to the one destination that the configuration chose: Odoo or ERPNext, each as the same few things the
 * agent needs. Owns that choice and the wiring behind it; no rule lives here.
 */
import type { SystemClock } from "./base/clock.ts";
import type { Config } from "./base/config.ts";
import { getLogger } from "./base/log.ts";
import { VERSION } from "./base/version.ts";
import {
  type Destination,
  DestinationHttp,
  type Holdings,
  type UserList,
} from "./delivery/delivery.ts";
import { readSiteAccess, requireSafeSite, siteControl, siteParts } from "./erpnext/erpnext.ts";
import { type Devices, reportDevices } from "./fleet/fleet.ts";
import type { Alarms } from "./health/health.ts";
import {
  accessOf,
  Control,
  HeadChain,
  type Identity,
  Odoo,
  OdooHoldings,
  Remembered,
  UpdateFiles,
  Witness,
} from "./odoo/odoo.ts";
import type { HeadState, LaneHead, Queue } from "./queue/queue.ts";

/** The exchange beside delivery. */
interface LinkControl {
  /** What the destination said last of this agent; null before its first answer. */
  readonly state: "waiting" | "active" | null;
  readonly sinceAnswerMs: number | null;
  start(): void;
  stop(): Promise<void>;
  syncSoon(): void;
}

export interface Link {
  /** As people call it. */
  readonly name: string;
  readonly batchSize: number;
  readonly destination: Destination;
  readonly holdings: Holdings;
  readonly control: LinkControl;
  /** Signed files of newer versions; null where the destination offers none: they are carried by hand. */
  readonly updates: UpdateFiles | null;
  /** Whether it was paired or set up. */
  isKnown(): boolean;
  postUsers(serial: string, users: UserList, signal: AbortSignal): Promise<unknown>;
  /** A batch has arrived there. */
  delivered(): void;
  /** The files that say how to reach it were written. */
  accessChanged(): void;
  stop(): void;
}

type OrderBooks = ConstructorParameters<typeof Control>[0]["commands"];
type UpdateBooks = ConstructorParameters<typeof Control>[0]["updates"];
type Polled = Parameters<typeof reportDevices>[0]["polled"];

export interface LinkOptions {
  readonly config: Config;
  /** Started already. */
  readonly identity: Identity;
  readonly pinnedAuthorities: readonly string[];
  readonly host: { readonly name: string; readonly os: string; readonly arch: string };
  readonly clock: SystemClock;
  readonly random: () => number;
  readonly queue: Queue;
  readonly devices: Devices;
  readonly alarms: Alarms;
  readonly polled: () => Polled;
  readonly orders: OrderBooks;
  readonly machine: UpdateBooks;
  readonly receipts: () => number;
  readonly onHead: (head: LaneHead, state: HeadState) => void;
  readonly onWelcome: () => void;
  /** What was delivered waits again: the destination lost it. */
  readonly onRestored: () => void;
}

export function makeLink(options: LinkOptions): Link {
  return options.config.destination === "erpnext" ? siteLink(options) : odooLink(options);
}

function makeHttp({ pinnedAuthorities, clock }: LinkOptions, timeoutSeconds: number) {
  return new DestinationHttp({
    timeoutMs: timeoutSeconds * 1000,
    pinnedAuthorities,
    monotonic: () => clock.monotonic(),
  });
}

/** What both destinations are told of terminals. */
function deviceBooks({ devices, polled, queue }: LinkOptions) {
  return {
    report: (counts: Parameters<typeof reportDevices>[0]["counts"]) =>
      reportDevices({
        devices: devices.all(),
        polled: polled(),
        counts,
        needsReread: (serial) => queue.needsReread(serial),
      }),
    unknown: () => devices.unknown(),
    apply: (list: Parameters<Devices["apply"]>[0]) => devices.apply(list),
  };
}

function odooLink(options: LinkOptions): Link {
  const { config, identity, host, clock, random, queue, alarms, orders } = options;
  const http = makeHttp(options, config.odoo.timeoutSeconds);
  const sign = (text: string) => identity.sign(text);
  const asking = {
    http,
    access: () => accessOf(config.odoo, identity),
    agentVersion: VERSION,
    now: () => clock.now(),
  };
  const odoo = new Odoo({
    ...asking,
    onServerTime: (serverAt, roundTripMs) => clock.confirm(serverAt, roundTripMs),
    sign,
  });
  const chain = new HeadChain({ directory: config.dataDirectory, clock, identity });
  const witness = new Witness({ clock, sign, alarms, store: queue, chain });
  const control = new Control({
    queue,
    sync: (status, signal) => odoo.sync(status, signal),
    identity,
    witness,
    remembered: new Remembered({ chain, witness, clock, random, alarms, store: queue }),
    devices: deviceBooks(options),
    commands: orders,
    updates: options.machine,
    clock,
    random,
    alarms,
    log: getLogger("control"),
    version: VERSION,
    host,
    syncSeconds: config.odoo.syncSeconds,
    receipts: options.receipts,
    onHead: options.onHead,
    onWelcome: options.onWelcome,
  });
  return {
    name: "Odoo",
    batchSize: config.odoo.batchSize,
    destination: odoo,
    holdings: new OdooHoldings(odoo),
    control,
    updates: new UpdateFiles(asking),
    isKnown: () => identity.pairing !== null,
    postUsers: (serial, users, signal) => odoo.users(serial, users, signal),
    // The receipt carried all there is to know; the next sync is seconds away.
    delivered: () => {},
    accessChanged: () => http.stop(),
    stop: () => http.stop(),
  };
}

function siteLink(options: LinkOptions): Link {
  const { config, identity, clock, random, queue, alarms } = options;
  const http = makeHttp(options, config.erpnext.timeoutSeconds);
  let access = readSiteAccess(config.dataDirectory);
  const safeAccess = () => {
    if (access !== null) requireSafeSite(access.url, config.erpnext);
    return access;
  };
  const parts = siteParts({
    http,
    access: safeAccess,
    agentVersion: VERSION,
    now: () => clock.now(),
    onAnswer: (serverAt, roundTripMs) => {
      if (serverAt !== null) clock.confirm(serverAt, roundTripMs);
    },
  }, clock);
  const control = siteControl(parts, {
    access: () => access,
    queue,
    devices: deviceBooks(options),
    commands: options.orders,
    identity,
    clock,
    random,
    alarms,
    log: getLogger("control"),
    version: VERSION,
    pollSeconds: config.erpnext.pollSeconds,
    onRestored: options.onRestored,
    onWelcome: options.onWelcome,
  });
  return {
    name: "ERPNext",
    batchSize: config.erpnext.batchSize,
    destination: parts.destination,
    holdings: parts.holdings,
    control,
    updates: null,
    isKnown: () => access !== null,
    postUsers: (serial, users, signal) => parts.users.add(serial, users, signal),
    delivered: () => control.delivered(),
    accessChanged: () => {
      access = readSiteAccess(config.dataDirectory);
      http.stop();
    },
    stop: () => http.stop(),
  };
}
