/**
 * Which punches were seen before on which channel: one row per device and ten minutes of wall time, so
 * that an upload of a hundred lines looks up and writes one row and not a hundred. Outlives the
 * sightings. A terminal tells its punches in their order: what is later than all of its ten minutes is
 * new, and no key is searched for or held.
 * SQL and a bounded cache; must not know chains or receipts.
 */
import type { Sql } from "./sql.ts";

/** A bucket's id is device number * this + YYYYMMDDHHM, the ten minutes of wall time. */
const DEVICE_STEP = 100_000_000_000;
/** Of packed wall time. */
const SPAN_UNITS = 1_000;
/** Buckets and keys kept in memory (some 100 bytes each) before half of them are dropped, what was read first first. */
const CACHE_ENTRIES = 50_000;
const FIELDS = 5;

interface Bucket {
  /** The latest wall time in it, last three digits; -1: none; NaN where it cannot be read: then all is searched for. */
  newest: number;
  /** `MSS LF pin LF status LF channel`; null until something comes that is no later than what is there. */
  keys: Set<string> | null;
  /** What is not written yet; every field is followed by LF, and none holds one. */
  added: string;
  isStored: boolean;
}

export interface KnownPunch {
  /** Packed wall time. */
  readonly wall: number;
  readonly pin: string;
  readonly status: string;
  /** Its newest sighting, which may have been purged. */
  readonly id: number;
}

export class KeyMemory {
  readonly #store: Sql;
  readonly #buckets = new Map<number, Bucket>();
  readonly #changed = new Set<number>();
  #entries = 0;
  /** The bucket of the punch before: the next is mostly of the same ten minutes. */
  #lastId = 0;
  #last: Bucket | null = null;

  constructor(store: Sql) {
    this.#store = store;
  }

  /** False when this punch is known on this channel; else it is from now on. */
  learn(device: number, punch: KnownPunch, channel: number): boolean {
    const bucketId = device * DEVICE_STEP + Math.floor(punch.wall / SPAN_UNITS);
    const bucket = this.#bucket(bucketId);
    const at = punch.wall % SPAN_UNITS;
    const key = `${at}\n${punch.pin}\n${punch.status}\n${channel}`;
    const isLatest = at > bucket.newest;
    const keys = isLatest ? bucket.keys : this.#keys(bucketId, bucket);
    if (keys !== null) {
      const known = keys.size;
      // One search and not two: the set has grown if the key is new.
      if (keys.add(key).size === known) return false;
      this.#entries++;
    }
    if (isLatest) bucket.newest = at;
    if (bucket.added === "") this.#changed.add(bucketId);
    bucket.added += `${key}\n${punch.id}\n`;
    return true;
  }

  /** The punch has a new sighting in another lane. */
  moved(device: number, punch: KnownPunch, channel: number): void {
    if (this.learn(device, punch, channel)) return;
    const bucketId = device * DEVICE_STEP + Math.floor(punch.wall / SPAN_UNITS);
    const key = `${punch.wall % SPAN_UNITS}\n${punch.pin}\n${punch.status}\n${channel}`;
    this.#bucket(bucketId).added += `${key}\n${punch.id}\n`;
    this.#changed.add(bucketId);
  }

  /** Inside a transaction, before its end: writes what was learnt. `day` 0: not known. */
  write(day: number): void {
    for (const id of this.#changed) {
      const bucket = this.#buckets.get(id) as Bucket;
      const sql = bucket.isStored
        ? "UPDATE known SET body = body || ?2, seen_day = max(seen_day, ?3) WHERE id = ?1"
        : "INSERT INTO known (id, body, seen_day) VALUES (?1, ?2, ?3)";
      this.#store.run(sql, id, bucket.added, day);
      bucket.added = "";
      bucket.isStored = true;
    }
    this.#changed.clear();
    if (this.#entries > CACHE_ENTRIES) this.#dropOldest();
  }

  /** Punches of a device with packed wall time in [from, below), each once, in the order of spans. */
  *entries(device: number, from: number, below: number): Generator<KnownPunch> {
    const base = device * DEVICE_STEP;
    const rows = this.#store.all(
      "SELECT id FROM known WHERE id >= ? AND id < ? ORDER BY id",
      base + Math.floor(from / SPAN_UNITS),
      base + Math.min(Math.ceil(below / SPAN_UNITS), DEVICE_STEP),
    );
    for (const row of rows) {
      const id = Number(row["id"]);
      const start = (id - base) * SPAN_UNITS;
      const found = new Map<string, KnownPunch>();
      for (const entry of parse(this.#body(id))) {
        const punch = { ...entry, wall: start + entry.wall };
        found.set(`${entry.wall}\n${entry.pin}\n${entry.status}`, punch);
      }
      for (const punch of found.values()) if (punch.wall >= from && punch.wall < below) yield punch;
    }
  }

  /** Inside a transaction: the next upload of this punch brings it anew. */
  forget(device: number, punch: KnownPunch): void {
    const id = device * DEVICE_STEP + Math.floor(punch.wall / SPAN_UNITS);
    const rest = parse(this.#body(id)).filter((entry) =>
      entry.wall !== punch.wall % SPAN_UNITS || entry.pin !== punch.pin ||
      entry.status !== punch.status
    );
    const body = rest.map((e) => `${e.wall}\n${e.pin}\n${e.status}\n${e.channel}\n${e.id}\n`);
    this.#store.run("UPDATE known SET body = ? WHERE id = ?", body.join(""), id);
    this.#empty();
  }

  /** Inside a transaction: forgets a whole span. */
  drop(id: number): void {
    this.#store.run("DELETE FROM known WHERE id = ?", id);
    this.#empty();
  }

  /** All is written: nothing is lost but having to read it again. */
  #dropOldest(): void {
    for (const [id, bucket] of this.#buckets) {
      if (this.#entries <= CACHE_ENTRIES / 2) break;
      this.#buckets.delete(id);
      this.#entries -= 1 + (bucket.keys?.size ?? 0);
    }
    this.#last = null;
  }

  #empty(): void {
    this.#buckets.clear();
    this.#entries = 0;
    this.#last = null;
  }

  #bucket(id: number): Bucket {
    if (this.#last !== null && id === this.#lastId) return this.#last;
    this.#lastId = id;
    return this.#last = this.#buckets.get(id) ?? this.#read(id);
  }

  #read(id: number): Bucket {
    const row = this.#store.get("SELECT body FROM known WHERE id = ?", id);
    const isStored = row !== undefined;
    const { keys, newest } = isStored ? keysOf(String(row["body"])) : { keys: null, newest: -1 };
    const bucket = { newest, keys, added: "", isStored };
    this.#buckets.set(id, bucket);
    this.#entries += 1 + (keys?.size ?? 0);
    return bucket;
  }

  /** All of a bucket's keys, those that are not written yet among them. */
  #keys(id: number, bucket: Bucket): Set<string> {
    if (bucket.keys === null) {
      const written = bucket.isStored ? this.#body(id) : "";
      bucket.keys = keysOf(written + bucket.added).keys;
      this.#entries += bucket.keys.size;
    }
    return bucket.keys;
  }

  #body(id: number): string {
    return String(this.#store.get("SELECT body FROM known WHERE id = ?", id)?.["body"] ?? "");
  }
}

interface Entry extends KnownPunch {
  readonly channel: number;
}

/** Each entry without its id, as it stands there: a bucket of hundreds is read again and again. */
function keysOf(body: string): { readonly keys: Set<string>; readonly newest: number } {
  const keys = new Set<string>();
  let newest = -1;
  for (let start = 0; start < body.length;) {
    const wallEnd = body.indexOf("\n", start);
    let end = wallEnd;
    let mark = wallEnd;
    for (let field = 2; field <= FIELDS && mark >= 0; field++) {
      end = mark;
      mark = body.indexOf("\n", mark + 1);
    }
    if (mark < 0) break;
    keys.add(body.slice(start, end));
    newest = Math.max(newest, Number(body.slice(start, wallEnd)));
    start = mark + 1;
  }
  return { keys, newest };
}

/** `wall` is the last three digits only. */
function parse(body: string): Entry[] {
  const fields = body.split("\n");
  const entries: Entry[] = [];
  for (let at = 0; at + FIELDS < fields.length; at += FIELDS) {
    const [wall, pin, status, channel, id] = fields.slice(at, at + FIELDS) as [
      string,
      string,
      string,
      string,
      string,
    ];
    entries.push({ wall: Number(wall), pin, status, channel: Number(channel), id: Number(id) });
  }
  return entries;
}
