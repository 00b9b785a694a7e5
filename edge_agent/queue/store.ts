/**
 * One open connection to the queue file: prepared statements, the lane's head, the transaction.
 * A store whose commit failed is thrown away and a new one opened: what a failed commit left behind
 * is unknown, so nothing may be remembered across it. Must not know uploads or receipts.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { laneGenesis } from "../base/punch.ts";
import { KeyMemory } from "./memory.ts";
import type { Cell, Row } from "./sql.ts";

/**
 * States of a sighting row; below `ANSWERED` it waits for a receipt (partial index). None is 0 or 1:
 * those take no byte in a row, so that an answer would make the row grow, and settling would need
 * room on a disk that has none.
 */
export const PENDING = 2;
/** Parked, its bare leaf waits for a receipt. */
export const PARKED_OPEN = 3;
export const ANSWERED = 4;
/** Parked, Odoo holds its bare leaf. */
export const PARKED = 4;
export const STORED = 5;
export const DUPLICATE = 6;
export const QUARANTINED = 7;
/** Its content was numbered again in a later lane. */
export const RENUMBERED = 8;
/** Answered, and its bytes have changed since: never delivered again. */
export const DAMAGED = 9;

/**
 * Rows that wait, in their order; the planner would not take this index by itself, and without it
 * a backlog behind millions of delivered rows costs a walk over all of them.
 */
export const FROM_WAITING = `FROM sighting INDEXED BY sighting_waiting WHERE state < ${ANSWERED}`;

export interface Lane {
  readonly no: number;
  readonly id: string;
  /** `sighting.id` = base + seq. */
  readonly base: number;
}

/** A row whose content no longer gives the digest it was committed with. */
export class DamagedRow extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DamagedRow";
  }
}

export class Store {
  readonly db: DatabaseSync;
  lane: Lane;
  /** Id of the newest sighting of the lane, its base when the lane is empty. */
  lastId: number;
  lastHash: string;
  readonly memory = new KeyMemory(this);
  readonly #statements = new Map<string, StatementSync>();
  readonly #devices = new Map<string, number>();
  readonly #serials = new Map<number, string>();

  /** The file has been migrated and has at least one lane. */
  constructor(db: DatabaseSync) {
    this.db = db;
    this.lane = this.#newestLane();
    const last = this.get("SELECT id, hash FROM sighting ORDER BY id DESC LIMIT 1");
    const inLane = last !== undefined && Number(last["id"]) > this.lane.base;
    this.lastId = inLane ? Number(last["id"]) : this.lane.base;
    this.lastHash = inLane ? hex(last["hash"]) : laneGenesis(this.lane.id);
    for (const row of this.all("SELECT serial, no FROM device")) {
      this.#remember(String(row["serial"]), Number(row["no"]));
    }
  }

  statement(sql: string): StatementSync {
    let found = this.#statements.get(sql);
    if (found === undefined) this.#statements.set(sql, found = this.db.prepare(sql));
    return found;
  }

  get(sql: string, ...cells: Cell[]): Row | undefined {
    return this.statement(sql).get(...cells) as Row | undefined;
  }

  all(sql: string, ...cells: Cell[]): Row[] {
    return this.statement(sql).all(...cells) as Row[];
  }

  /** Number of rows changed. */
  run(sql: string, ...cells: Cell[]): number {
    return Number(this.statement(sql).run(...cells).changes);
  }

  number(sql: string, ...cells: Cell[]): number {
    const row = this.get(sql, ...cells);
    return row === undefined ? 0 : Number(Object.values(row)[0] ?? 0);
  }

  /** All of it or nothing. After a throw this store must be thrown away. */
  transaction<T>(work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    const result = work();
    this.db.exec("COMMIT");
    return result;
  }

  /** Inside a transaction: the row number of a serial, made when it is new. */
  deviceNo(serial: string): number {
    const known = this.#devices.get(serial);
    if (known !== undefined) return known;
    this.run("INSERT INTO device (serial) VALUES (?)", serial);
    const no = this.number("SELECT no FROM device WHERE serial = ?", serial);
    this.#remember(serial, no);
    return no;
  }

  findDeviceNo(serial: string): number | undefined {
    return this.#devices.get(serial);
  }

  serialOf(no: number): string {
    const serial = this.#serials.get(no);
    if (serial === undefined) throw new DamagedRow(`no device has row number ${no}`);
    return serial;
  }

  lanes(): Lane[] {
    return this.all("SELECT no, id, base FROM lane ORDER BY no").map(asLane);
  }

  laneById(id: string): Lane | undefined {
    const row = this.get("SELECT no, id, base FROM lane WHERE id = ?", id);
    return row === undefined ? undefined : asLane(row);
  }

  /** Highest sighting id that belongs to a lane. */
  endOf(lane: Lane): number {
    if (lane.no === this.lane.no) return this.lastId;
    return this.number("SELECT base FROM lane WHERE no > ? ORDER BY no LIMIT 1", lane.no);
  }

  /** Inside a transaction. */
  beginLane(id: string, at: number, reason: string): void {
    this.run(
      "INSERT INTO lane (id, base, begun_at, reason) VALUES (?, ?, ?, ?)",
      id,
      this.lastId,
      at,
      reason,
    );
    this.lane = this.#newestLane();
    this.lastHash = laneGenesis(id);
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }

  #remember(serial: string, no: number): void {
    this.#devices.set(serial, no);
    this.#serials.set(no, serial);
  }

  #newestLane(): Lane {
    const row = this.get("SELECT no, id, base FROM lane ORDER BY no DESC LIMIT 1");
    if (row === undefined) throw new DamagedRow("the queue file holds no lane");
    return asLane(row);
  }
}

function asLane(row: Row): Lane {
  return { no: Number(row["no"]), id: String(row["id"]), base: Number(row["base"]) };
}

export function hex(cell: Cell | undefined): string {
  if (!(cell instanceof Uint8Array)) throw new DamagedRow("a digest column holds no bytes");
  return cell.toHex();
}

export function bytes(hexText: string): Uint8Array {
  return Uint8Array.fromHex(hexText);
}
