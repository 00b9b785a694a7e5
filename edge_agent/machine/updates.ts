/**
 * Looks for a newer version, proves it and fetches it while the agent runs. Owns what is fetched when and what
 * is said when it cannot be trusted; capture never waits for it. Laying and trying is root's (trial.ts): this
 * process may not write where programs lie. Must not know how Odoo is asked.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS } from "../base/duration.ts";
import type { Log } from "../base/log.ts";
import { Loop } from "../base/loop.ts";
import { UPDATE_FOLDER, UPDATE_REQUEST } from "./layout.ts";
import {
  type Envelope,
  firstTrust,
  newerFile,
  proveMetadata,
  type Proven,
  type Target,
  type Trust,
  trustSchema,
  Untrusted,
} from "./metadata.ts";
import { NotWhole, sha256OfFile } from "./packed_file.ts";
import type { RefusedVersion, Slots } from "./slots.ts";

const MIB = 1024 * 1024;
/** One range of a file. */
export const RANGE_BYTES = MIB;

const EVERY_MS = 15 * 60_000;
/** A thousand agents must not come together after a power cut. */
const SPREAD_MS = 10 * 60_000;
/** Live punches go before: one range, then a breath. Ninety of them are 18 s of a file. */
const BREATH_MS = 200;
/** An offer is repeated with every sync while it stands; a look that failed is not. */
const OFFER_PAUSE_MS = 60_000;
/** So long without fresh metadata, once there was some, is said. */
const STALE_MS = 30 * DAY_MS;

/**
 * Of what the queue leaves to others: below, it soon has to refuse punches, and the doctor warns. A version takes
 * its length twice: as it is fetched, and in its place.
 */
const ROOM_FOR_PUNCHES = 4;

export type UpdateAlarm =
  | "update_refused"
  | "update_reverted"
  | "update_no_room"
  | "updates_stale";

/** The far end; each may throw when it cannot be reached. */
export interface UpdateSource {
  /** Null when the company has no updates switched on for this agent. */
  metadata(signal: AbortSignal): Promise<unknown>;
  /** The bytes from `from` up to `to` or the end; a number: ms to wait, others are being served. */
  range(
    sha256: string,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | number>;
}

export interface UpdatesOptions {
  readonly dataDirectory: string;
  readonly version: string;
  readonly architecture: string;
  /** What the file of this version trusts; null: it was made without, and never asks. */
  readonly root: Envelope | null;
  readonly source: UpdateSource;
  readonly clock: Pick<Clock, "now" | "sleep" | "trusted">;
  /** Sightings that wait for Odoo. */
  readonly pending: () => number;
  /** Of the file system that the queue is on. */
  readonly freeBytes: () => number;
  /** With less the queue takes no punches in. */
  readonly minFreeBytes: number;
  /** Which versions are here, and which were tried and taken back. */
  readonly slots: () => Pick<Slots, "refused" | "trial">;
  readonly alarms: {
    raise(code: UpdateAlarm, message: string): void;
    clear(code: UpdateAlarm): void;
  };
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** How this machine stands, for who offers updates. */
export interface UpdateState {
  /** Epoch ms of the last fresh set of metadata. */
  readonly freshAt: number | null;
  /** The version that runs and is not confirmed yet. */
  readonly onTrial: string | null;
  readonly refused: readonly RefusedVersion[];
}

interface Kept {
  readonly trust: Trust;
  /** Epoch ms of the last fresh set. */
  readonly freshAt: number;
}

export class Updates {
  readonly #options: UpdatesOptions;
  readonly #folder: string;
  readonly #loop: Loop;
  #lookedAt: number | null = null;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    const { clock, log, random } = options;
    this.#folder = `${options.dataDirectory}/${UPDATE_FOLDER}`;
    this.#loop = new Loop({
      clock,
      log,
      turn: async (signal) => ({ ms: await this.turn(signal) }),
      everyMs: EVERY_MS,
      restFirstMs: Math.round(random() * SPREAD_MS),
      complaint: "no look for updates",
    });
  }

  start(): void {
    if (this.#options.root !== null) this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Null: it never asks for any. */
  state(): UpdateState | null {
    const { root, slots } = this.#options;
    if (root === null) return null;
    const { trial, refused } = slots();
    return { freshAt: this.#kept()?.freshAt ?? null, onTrial: trial?.version ?? null, refused };
  }

  /** It is this machine's turn: does not wait for the next look. */
  offered(version: string): void {
    const { clock } = this.#options;
    const since = this.#lookedAt === null ? Infinity : clock.now() - this.#lookedAt;
    if (version === this.#options.version || Math.abs(since) < OFFER_PAUSE_MS) return;
    this.#loop.hurry();
  }

  /** One look; returns how long to rest, in ms. Throws what the source throws. */
  async turn(signal: AbortSignal): Promise<number> {
    const { source, clock, alarms, version, architecture } = this.#options;
    this.#lookedAt = clock.now();
    const rest = EVERY_MS + Math.round(this.#options.random() * SPREAD_MS);
    const kept = this.#kept();
    this.#tellStale(kept);
    // Expiry cannot be judged by a clock that nobody set.
    if (!clock.trusted()) return rest;
    const given = await source.metadata(signal);
    if (given === null) return rest;
    const proven = this.#proven(given, kept);
    if (proven === null) return rest;
    alarms.clear("update_refused");
    alarms.clear("updates_stale");
    this.#keep({ trust: proven.trust, freshAt: clock.now() });
    const file = newerFile(proven.files, { architecture, version });
    if (file === null) {
      alarms.clear("update_no_room");
      return rest;
    }
    const before = this.#options.slots().refused.find((one) => one.version === file.version);
    if (before !== undefined) {
      alarms.raise("update_reverted", `${file.version} was tried and taken back: ${before.reason}`);
      return rest;
    }
    return await this.#obtain(file, given, signal) ?? rest;
  }

  #proven(given: unknown, kept: Kept | null): Proven | null {
    const { root, clock, alarms, log } = this.#options;
    if (root === null) return null;
    try {
      return proveMetadata(given, kept?.trust ?? firstTrust(root), clock.now());
    } catch (error) {
      if (!(error instanceof Untrusted)) throw error;
      alarms.raise("update_refused", `${error.code}: ${error.message}`);
      log.error("update metadata is not to be believed", { code: error.code, error });
      return null;
    }
  }

  #tellStale(kept: Kept | null): void {
    const { clock, alarms } = this.#options;
    if (kept === null || clock.now() - kept.freshAt <= STALE_MS) return;
    const days = Math.floor((clock.now() - kept.freshAt) / DAY_MS);
    alarms.raise("updates_stale", `no fresh word of updates for ${days} days`);
  }

  /** Null when it is laid ready or refused; else ms until the next try. */
  async #obtain(file: Target, metadata: unknown, signal: AbortSignal): Promise<number | null> {
    const { source, clock, pending, log } = this.#options;
    if (isThere(`${this.#folder}/${UPDATE_REQUEST}`)) return null;
    const part = `${this.#folder}/${file.sha256}.part`;
    this.#dropOthers(part);
    for (let have = sizeOf(part); have < file.length; have = sizeOf(part)) {
      if (signal.aborted) return null;
      // Never beside a backlog: punches have the line.
      if (pending() > 0) return BREATH_MS * 20;
      if (!this.#hasRoom(file, have)) {
        if (have > 0) Deno.removeSync(part);
        return null;
      }
      const bytes = await source.range(file.sha256, have, have + RANGE_BYTES, signal);
      if (typeof bytes === "number") return bytes;
      if (bytes.length === 0 || have + bytes.length > file.length) {
        throw new NotWhole(
          `a range of ${bytes.length} bytes at ${have} does not fit ${file.length}`,
        );
      }
      append(part, bytes);
      await clock.sleep(BREATH_MS, signal);
    }
    await this.#layReady(file, part, metadata);
    log.info("a new version is fetched and proven", { version: file.version });
    return null;
  }

  /** Punches keep the card; a version that would take their room is not fetched. */
  #hasRoom({ version, length }: Target, have: number): boolean {
    const { alarms, freeBytes, minFreeBytes } = this.#options;
    const free = freeBytes();
    const needed = 2 * length - have + ROOM_FOR_PUNCHES * minFreeBytes;
    if (free >= needed) {
      alarms.clear("update_no_room");
      return true;
    }
    const [has, wants] = [free, needed].map((bytes) => Math.floor(bytes / MIB));
    alarms.raise(
      "update_no_room",
      `${version} is not fetched: ${has} MiB are free, it needs ${wants} with what punches keep`,
    );
    return false;
  }

  async #layReady(file: Target, part: string, metadata: unknown): Promise<void> {
    const { alarms } = this.#options;
    const digest = await sha256OfFile(part);
    if (digest !== file.sha256) {
      Deno.removeSync(part);
      alarms.raise("update_refused", `the file of ${file.version} is not the one that was signed`);
      return;
    }
    Deno.renameSync(part, `${this.#folder}/${file.sha256}`);
    write(`${this.#folder}/metadata.json`, JSON.stringify(metadata));
    write(`${this.#folder}/${UPDATE_REQUEST}`, JSON.stringify({ sha256: file.sha256 }));
  }

  #kept(): Kept | null {
    try {
      const value: unknown = JSON.parse(Deno.readTextFileSync(`${this.#folder}/trust.json`));
      const trust = trustSchema.safeParse(Reflect.get(Object(value), "trust"));
      const freshAt: unknown = Reflect.get(Object(value), "freshAt");
      return trust.success && typeof freshAt === "number" ? { trust: trust.data, freshAt } : null;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  #keep(kept: Kept): void {
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    write(`${this.#folder}/trust.json`, JSON.stringify(kept));
  }

  /** Of a version that was overtaken by another. */
  #dropOthers(part: string): void {
    for (const { name } of Deno.readDirSync(this.#folder)) {
      const path = `${this.#folder}/${name}`;
      if (/^[0-9a-f]{64}(\.part)?$/.test(name) && path !== part) Deno.removeSync(path);
    }
  }
}

function isThere(path: string): boolean {
  return sizeOf(path) > 0;
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function append(path: string, bytes: Uint8Array): void {
  const file = Deno.openSync(path, { append: true, create: true, mode: 0o600 });
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  file.syncSync();
  file.close();
}

function write(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.part`, text, { mode: 0o600 });
  Deno.renameSync(`${path}.part`, path);
}
