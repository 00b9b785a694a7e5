/**
 * The registry of terminals: which serials are allowed, what each said of itself, when it was heard,
 * and which strangers knocked. Owns one object per device in memory and its row in the store.
 * Must not know bytes, SQL or Odoo's URL.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import {
  type DeviceFacts,
  type DeviceState,
  type Dialect,
  DIALECTS,
  SERIAL,
} from "../base/terminal.ts";
import { isTimeZone, offsetMinutes, standardOffsetMinutes } from "../base/zone.ts";
import type { DeviceRow } from "../queue/queue.ts";
import {
  allowedSilence,
  type DeviceSettings,
  dialectNamed,
  type Entry,
  entryOf,
  readSettings,
  rowOf,
  type Silence,
} from "./device_row.ts";
import { Strangers, type UnknownDevice } from "./strangers.ts";

export interface DeviceStore {
  deviceRows(): DeviceRow[];
  putDevice(row: DeviceRow): void;
}

export interface Device {
  readonly serial: string;
  readonly state: DeviceState;
  readonly timeZone: string;
  /** What was set by a person, else what was heard. */
  readonly dialect: Dialect;
  readonly settings: DeviceSettings;
  readonly facts: DeviceFacts;
  readonly peer: string;
  /** Epoch ms, null when never. */
  readonly lastHeardAt: number | null;
  readonly lastPunchAt: number | null;
  readonly unbrokenSince: number | null;
  /** When it was heard again after a silence; null when there was none since the agent started. */
  readonly resumedAt: number | null;
  readonly clockOffsetSeconds: number | null;
  readonly discardedBiometrics: number;
  readonly uploadIdle: boolean;
  /** Ms without a word that its heartbeat explains. */
  readonly allowedSilenceMs: number;
  readonly silent: boolean;
  /** Epoch ms of the last handshake since the agent started. */
  readonly handshakeAt: number | null;
  /** Minutes east of UTC as last told to the terminal. */
  readonly toldOffset: number | null;
  /** The peer that last showed the comm key. */
  readonly keyPeer: string;
  readonly registryCode: string;
  /** Ask for the whole history at the next handshake. */
  readonly rereadWanted: boolean;
}

export type VisitKind = "handshake" | "poll" | "upload" | "other";

export interface Heard {
  readonly peer: string;
  readonly visit: VisitKind;
  /** What this request proves, null when it proves nothing. */
  readonly dialect: Dialect | null;
}

/** One entry of `devices` in the answer to a sync. */
export interface SyncDevice {
  readonly serial: string;
  readonly state: DeviceState;
  readonly time_zone: string;
  readonly dialect: string | null;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly utc_offset_minutes?: number | undefined;
  /** From where an agent whose queue begins asks for what it holds; null: everything. */
  readonly read_from?: string | null | undefined;
}

/** What of the past is still to be asked of a terminal. Null: everything it holds. */
export interface HistoryWish {
  /** Wall time. */
  readonly from: string | null;
}

const MAX_DEVICES = 2_000;
const MAX_FACTS = 40;
/** A last-heard that is this old in the store only makes an unbroken session look shorter. */
const PERSIST_MS = 300_000;
export interface DevicesOptions {
  readonly store: DeviceStore;
  readonly clock: Clock;
  readonly log?: Log;
  /** For terminals whose zone nobody has told yet. */
  readonly fallbackZone?: string;
}

export class Devices {
  readonly #store: DeviceStore;
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  readonly #fallbackZone: string;
  readonly #entries = new Map<string, Entry>();
  readonly #strangers = new Strangers();

  constructor({ store, clock, log, fallbackZone = "UTC" }: DevicesOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#fallbackZone = fallbackZone;
  }

  start(): void {
    for (const row of this.#store.deviceRows()) this.#entries.set(row.serial, entryOf(row));
  }

  /** Writes what was only kept in memory. Throws what the store throws. */
  stop(): void {
    for (const entry of this.#entries.values()) if (entry.dirty) this.#persist(entry);
  }

  lookup(serial: string): Device | undefined {
    const entry = this.#entries.get(serial);
    return entry === undefined ? undefined : this.#view(entry);
  }

  /** Whether what is brought of it is taken in: it is known, and nobody refused it. */
  isLetIn(serial: string): boolean {
    const entry = this.#entries.get(serial);
    return entry !== undefined && entry.state !== "refused";
  }

  all(): Device[] {
    return [...this.#entries.values()].map((entry) => this.#view(entry));
  }

  /** Lets a serial in. Throws TypeError on a bad serial, zone or dialect, RangeError when full. */
  allow(
    serial: string,
    { timeZone, dialect = null, state = "active" }: {
      timeZone: string | null;
      dialect?: string | null;
      state?: DeviceState;
    },
  ): Device {
    if (timeZone !== null && !isTimeZone(timeZone)) {
      throw new TypeError(`not a time zone: ${timeZone}`);
    }
    if (dialect !== null && dialectNamed(dialect) === null) {
      throw new TypeError(`not a dialect: ${dialect}; known: ${DIALECTS.join(", ")}`);
    }
    const entry = this.#entryFor(serial);
    entry.state = state;
    entry.timeZone = timeZone ?? entry.timeZone;
    entry.dialect = dialect === null ? entry.dialect : dialectNamed(dialect);
    this.#strangers.forget(serial);
    this.#persist(entry);
    return this.#view(entry);
  }

  /** What Odoo says of this agent's devices. An entry that cannot be used is told, not obeyed. */
  apply(list: readonly SyncDevice[]): void {
    for (const given of list) {
      const full = this.#entries.size >= MAX_DEVICES && !this.#entries.has(given.serial);
      if (full || !SERIAL.test(given.serial) || !isTimeZone(given.time_zone)) {
        this.#log?.warn("settings of a device cannot be used", { serial: given.serial, full });
        continue;
      }
      const entry = this.#entryFor(given.serial);
      const before = JSON.stringify(rowOf(entry));
      entry.state = given.state;
      entry.timeZone = given.time_zone;
      entry.dialect = given.dialect === null ? null : dialectNamed(given.dialect);
      entry.settings = { ...given.settings };
      entry.odooOffset = given.utc_offset_minutes ?? null;
      entry.readFrom = given.read_from;
      this.#strangers.forget(given.serial);
      if (JSON.stringify(rowOf(entry)) !== before) this.#persist(entry);
    }
  }

  /** To be called for every request of an allowed terminal, before its effects. */
  heard(serial: string, { peer, visit, dialect }: Heard): void {
    const entry = this.#entries.get(serial);
    if (entry === undefined) return;
    const known = entry.silence;
    this.#noteSilence(entry);
    const changed = entry.silence !== known || dialect !== null && dialect !== entry.seenDialect;
    if (dialect !== null) entry.seenDialect = dialect;
    entry.peer = peer;
    entry.lastHeardAt = this.#clock.now();
    entry.heardMonotonic = this.#clock.monotonic();
    if (visit === "poll") entry.uploadIdle = true;
    if (visit === "upload") entry.uploadIdle = false;
    if (visit === "handshake") entry.handshakeAt = this.#clock.now();
    this.#touch(entry, changed);
  }

  /** The time it was not heard although it should have been; null when there is none to fill. */
  silenceOf(serial: string): Silence | null {
    return this.#entries.get(serial)?.silence ?? null;
  }

  /** That silence is being filled. One that has grown in the meantime stays. */
  silenceAsked(serial: string, asked: Silence): void {
    if (this.#entries.get(serial)?.silence?.to !== asked.to) return;
    this.#change(serial, (entry) => entry.silence = null, true);
  }

  notePunches(serial: string, at: number): void {
    this.#change(serial, (entry) => entry.lastPunchAt = at, false);
  }

  /** Seconds by which the terminal's clock is ahead of ours, seen on a punch that came at once. */
  noteClock(serial: string, offsetSeconds: number): void {
    this.#change(serial, (entry) => entry.clockOffsetSeconds = Math.round(offsetSeconds), false);
  }

  noteDiscarded(serial: string, count: number): void {
    if (count > 0) this.#change(serial, (entry) => entry.discardedBiometrics += count, false);
  }

  updateFacts(serial: string, facts: DeviceFacts): void {
    this.#change(serial, (entry) => {
      for (const [name, value] of Object.entries(facts)) {
        if (name in entry.facts || Object.keys(entry.facts).length < MAX_FACTS) {
          entry.facts[name] = value;
        }
      }
    }, false);
  }

  /** Adds to a counting fact, such as how often somebody set the terminal's clock. */
  countFact(serial: string, name: string, by: number): void {
    const known = this.#entries.get(serial)?.facts[name];
    this.updateFacts(serial, { [name]: (typeof known === "number" ? known : 0) + by });
  }

  noteTold(serial: string, toldOffset: number): void {
    this.#change(serial, (entry) => entry.toldOffset = toldOffset, true);
  }

  noteKeyPeer(serial: string, peer: string): void {
    if (this.#entries.get(serial)?.keyPeer === peer) return;
    this.#change(serial, (entry) => entry.keyPeer = peer, true);
  }

  setRegistryCode(serial: string, code: string): void {
    this.#change(serial, (entry) => entry.registryCode = code, true);
  }

  /** Null: nothing is to be asked, or it was asked since this terminal is in the queue. */
  historyWish(serial: string): HistoryWish | null {
    const entry = this.#entries.get(serial);
    if (entry === undefined || entry.historyAsked || entry.readFrom === undefined) return null;
    return { from: entry.readFrom };
  }

  historyAsked(serial: string): void {
    this.#change(serial, (entry) => entry.historyAsked = true, true);
  }

  /** After a loss what was unbroken before proves nothing: each begins anew when it is heard again. */
  endSessions(): void {
    for (const entry of this.#entries.values()) {
      entry.unbrokenSince = null;
      entry.uploadIdle = false;
      this.#persist(entry);
    }
  }

  /** Asks for, or ends asking for, the terminal's whole history at its next handshake. */
  wantReread(serial: string, wanted: boolean): void {
    if (this.#entries.get(serial)?.reread === wanted) return;
    this.#change(serial, (entry) => entry.reread = wanted, true);
  }

  /**
   * Minutes east of UTC to tell a terminal now. While our clock is not trusted nothing new is told:
   * what it was told last, else what Odoo says.
   */
  offsetFor(serial: string): number {
    const entry = this.#entries.get(serial);
    const zone = entry?.timeZone ?? this.#fallbackZone;
    const standard = entry !== undefined && readSettings(entry.settings).ownSummerTime;
    const current = (standard ? standardOffsetMinutes : offsetMinutes)(zone, this.#clock.now());
    if (this.#clock.trusted() || entry === undefined) return current;
    return entry.toldOffset ?? entry.odooOffset ?? current;
  }

  /** A serial nobody has allowed. True when it is new. */
  noteUnknown(serial: string, peer: string, family: string): boolean {
    return this.#strangers.note(serial, { peer, family, at: this.#clock.now() });
  }

  unknown(): UnknownDevice[] {
    return this.#strangers.list();
  }

  #entryFor(serial: string): Entry {
    if (!SERIAL.test(serial)) throw new TypeError("not a serial number");
    const known = this.#entries.get(serial);
    if (known !== undefined) return known;
    if (this.#entries.size >= MAX_DEVICES) throw new RangeError(`more than ${MAX_DEVICES} devices`);
    const entry = entryOf({
      serial,
      state: "waiting",
      timeZone: null,
      dialect: null,
      facts: { history_asked: false },
    });
    this.#entries.set(serial, entry);
    return entry;
  }

  #change(serial: string, change: (entry: Entry) => void, urgent: boolean): void {
    const entry = this.#entries.get(serial);
    if (entry === undefined) return;
    change(entry);
    this.#touch(entry, urgent);
  }

  /** No acknowledgement rests on what is noted here, so a store that cannot write now is only told. */
  #touch(entry: Entry, urgent: boolean): void {
    entry.dirty = true;
    const due = this.#clock.monotonic() - entry.persistedMonotonic >= PERSIST_MS;
    if (!urgent && !due) return;
    try {
      this.#persist(entry);
    } catch (fault) {
      entry.persistedMonotonic = this.#clock.monotonic();
      this.#log?.warn("what was noted of a device is kept in memory only", {
        serial: entry.serial,
        fault,
      });
    }
  }

  #persist(entry: Entry): void {
    this.#store.putDevice(rowOf(entry));
    entry.persistedMonotonic = this.#clock.monotonic();
    entry.dirty = false;
  }

  #noteSilence(entry: Entry): void {
    const now = this.#clock.now();
    const passed = this.#silentFor(entry);
    if (passed === null || passed > allowedSilence(entry)) {
      if (entry.lastHeardAt !== null && passed !== null && this.#clock.trusted()) {
        entry.silence = { from: Math.min(entry.silence?.from ?? now, now - passed), to: now };
      }
      entry.unbrokenSince = now;
      entry.resumedAt = passed === null ? null : now;
    }
    entry.unbrokenSince ??= now;
  }

  /** Ms since it was heard; the monotonic clock decides within one run of the agent. */
  #silentFor(entry: Entry): number | null {
    if (entry.heardMonotonic !== null) return this.#clock.monotonic() - entry.heardMonotonic;
    return entry.lastHeardAt === null ? null : Math.max(0, this.#clock.now() - entry.lastHeardAt);
  }

  #view(entry: Entry): Device {
    const silentFor = this.#silentFor(entry);
    return {
      serial: entry.serial,
      state: entry.state,
      timeZone: entry.timeZone ?? this.#fallbackZone,
      dialect: entry.dialect ?? entry.seenDialect,
      settings: readSettings(entry.settings),
      facts: entry.facts,
      peer: entry.peer,
      lastHeardAt: entry.lastHeardAt,
      lastPunchAt: entry.lastPunchAt,
      unbrokenSince: entry.unbrokenSince,
      resumedAt: entry.resumedAt,
      clockOffsetSeconds: entry.clockOffsetSeconds,
      discardedBiometrics: entry.discardedBiometrics,
      uploadIdle: entry.uploadIdle,
      allowedSilenceMs: allowedSilence(entry),
      silent: silentFor === null || silentFor > allowedSilence(entry),
      handshakeAt: entry.handshakeAt,
      toldOffset: entry.toldOffset,
      keyPeer: entry.keyPeer,
      registryCode: entry.registryCode,
      rereadWanted: entry.reread,
    };
  }
}
