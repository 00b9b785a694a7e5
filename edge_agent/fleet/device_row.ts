/**
 * One terminal as the registry holds it in memory, and its row in the store and back. Pure.
 * Must not know when anything happens or who asks.
 */
import { type DeviceState, type Dialect, DIALECTS } from "../base/terminal.ts";
import { isTimeZone } from "../base/zone.ts";
import type { DeviceRow } from "../queue/queue.ts";

/** Per-device settings from Odoo that the device port understands. */
export interface DeviceSettings {
  readonly pollSeconds: number;
  /** Without a word for longer it is silent, and reading takes over where it has an address. */
  readonly silenceSeconds: number;
  /** Empty: none is asked for. */
  readonly commKey: string;
  /** Access events that count as punches besides the built-in list. */
  readonly punchEvents: readonly number[];
  /** The terminal adds its summer hour itself: it is told the standard offset all year. */
  readonly ownSummerTime: boolean;
  /** Pause between two askings for what push may have kept to itself; 0: never. */
  readonly backFillMinutes: number;
  /** The clearing policy as Odoo sent it; polling/devices.ts reads it. */
  readonly cleanup: unknown;
  /** How to read it over port 4370, as Odoo sent it; polling/devices.ts reads it. */
  readonly poll: unknown;
}

const DEFAULT_SETTINGS: DeviceSettings = {
  pollSeconds: 10,
  silenceSeconds: 120,
  commKey: "",
  punchEvents: [],
  ownSummerTime: false,
  backFillMinutes: 60,
  cleanup: null,
  poll: null,
};

/** A window in which a terminal was not heard although it should have been. Epoch ms. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

/** Missed calls of a terminal that make a silence, when they take longer than its setting says. */
const MISSED_CALLS = 3;

export interface Entry {
  serial: string;
  state: DeviceState;
  timeZone: string | null;
  dialect: Dialect | null;
  seenDialect: Dialect;
  settings: Record<string, unknown>;
  odooOffset: number | null;
  facts: Record<string, string | number>;
  peer: string;
  lastHeardAt: number | null;
  heardMonotonic: number | null;
  lastPunchAt: number | null;
  unbrokenSince: number | null;
  resumedAt: number | null;
  clockOffsetSeconds: number | null;
  discardedBiometrics: number;
  uploadIdle: boolean;
  handshakeAt: number | null;
  toldOffset: number | null;
  keyPeer: string;
  registryCode: string;
  reread: boolean;
  silence: Silence | null;
  /** As the last sync said; undefined: nothing is asked. */
  readFrom: string | null | undefined;
  /** Once for each terminal that comes into a queue. */
  historyAsked: boolean;
  persistedMonotonic: number;
  dirty: boolean;
}

/** Ms without a word that the terminal's heartbeat explains. */
export function allowedSilence(entry: Entry): number {
  const { silenceSeconds, pollSeconds } = readSettings(entry.settings);
  return 1_000 * Math.max(silenceSeconds, MISSED_CALLS * pollSeconds);
}

const read = new WeakMap<object, DeviceSettings>();

/** Read once: settings are replaced as a whole, never changed in place, and asked for at every request. */
export function readSettings(given: Readonly<Record<string, unknown>>): DeviceSettings {
  let settings = read.get(given);
  if (settings === undefined) read.set(given, settings = settingsOf(given));
  return settings;
}

function settingsOf(given: Readonly<Record<string, unknown>>): DeviceSettings {
  const { poll_seconds: poll, comm_key: key, punch_events: events, own_summer_time: own } = given;
  const { back_fill_minutes: fill } = given;
  return {
    pollSeconds: secondsOf(poll, 2, 60) ?? DEFAULT_SETTINGS.pollSeconds,
    silenceSeconds: secondsOf(given["silence_seconds"], 10, 3_600) ??
      DEFAULT_SETTINGS.silenceSeconds,
    commKey: typeof key === "string" ? key : DEFAULT_SETTINGS.commKey,
    punchEvents: Array.isArray(events)
      ? events.filter((event): event is number => Number.isSafeInteger(event)).slice(0, 100)
      : DEFAULT_SETTINGS.punchEvents,
    ownSummerTime: own === true,
    backFillMinutes: typeof fill === "number" && (fill === 0 || (fill >= 10 && fill <= 10_080))
      ? Math.round(fill)
      : DEFAULT_SETTINGS.backFillMinutes,
    cleanup: given["cleanup"] ?? DEFAULT_SETTINGS.cleanup,
    poll: given["poll"] ?? DEFAULT_SETTINGS.poll,
  };
}

function secondsOf(given: unknown, least: number, most: number): number | null {
  return typeof given === "number" && given >= least && given <= most ? Math.round(given) : null;
}

export function dialectNamed(name: string): Dialect | null {
  return DIALECTS.find((dialect) => dialect === name) ?? null;
}

export function rowOf(entry: Entry): DeviceRow {
  return {
    serial: entry.serial,
    state: entry.state,
    timeZone: entry.timeZone,
    dialect: entry.dialect,
    facts: {
      seen_dialect: entry.seenDialect,
      settings: entry.settings,
      odoo_offset: entry.odooOffset,
      facts: entry.facts,
      peer: entry.peer,
      last_heard_at: entry.lastHeardAt,
      last_punch_at: entry.lastPunchAt,
      unbroken_since: entry.unbrokenSince,
      discarded: entry.discardedBiometrics,
      told_offset: entry.toldOffset,
      key_peer: entry.keyPeer,
      registry_code: entry.registryCode,
      reread: entry.reread,
      silence: entry.silence,
      history_asked: entry.historyAsked,
    },
  };
}

/** A row of an earlier or later version may lack a value or hold another kind: then the default. */
export function entryOf(row: DeviceRow): Entry {
  const kept = row.facts;
  const number = (name: string) => typeof kept[name] === "number" ? kept[name] : null;
  const text = (name: string) => typeof kept[name] === "string" ? kept[name] : "";
  return {
    serial: row.serial,
    state: row.state,
    timeZone: row.timeZone !== null && isTimeZone(row.timeZone) ? row.timeZone : null,
    dialect: row.dialect === null ? null : dialectNamed(row.dialect),
    seenDialect: dialectNamed(text("seen_dialect")) ?? "attendance",
    settings: objectOr(kept["settings"]),
    odooOffset: number("odoo_offset"),
    facts: factsOr(kept["facts"]),
    peer: text("peer"),
    lastHeardAt: number("last_heard_at"),
    heardMonotonic: null,
    lastPunchAt: number("last_punch_at"),
    unbrokenSince: number("unbroken_since"),
    resumedAt: null,
    clockOffsetSeconds: null,
    discardedBiometrics: number("discarded") ?? 0,
    uploadIdle: true,
    handshakeAt: null,
    toldOffset: number("told_offset"),
    keyPeer: text("key_peer"),
    registryCode: text("registry_code"),
    reread: kept["reread"] === true,
    silence: silenceOr(kept["silence"]),
    readFrom: undefined,
    // A row of an earlier version was not made for a queue that begins.
    historyAsked: kept["history_asked"] !== false,
    persistedMonotonic: Number.NEGATIVE_INFINITY,
    dirty: false,
  };
}

function objectOr(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function silenceOr(value: unknown): Silence | null {
  const { from, to } = objectOr(value);
  return typeof from === "number" && typeof to === "number" ? { from, to } : null;
}

function factsOr(value: unknown): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(objectOr(value)).filter((pair): pair is [string, string | number] =>
      typeof pair[1] === "string" || typeof pair[1] === "number"
    ),
  );
}
