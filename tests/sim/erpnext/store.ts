/**
 * The database of the fake ERPNext site: documents as JSON in a real SQLite file, one connection for each
 * worker, so that two requests at once are two transactions. Owns SQL, unique values, naming series and lock
 * waits; must not know DocTypes' rules or HTTP. Imports nothing of the agent.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

export type Row = Record<string, unknown>;
export type SqlFilter = readonly [string, string, unknown];

/** What a database says; the words and codes that Frappe makes of it are site.ts' business. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  constructor(readonly kind: "unique" | "primary" | "lock_wait", message: string) {
    super(message);
  }
}

const INDEXED = [
  "serial",
  "biometric_key",
  "employee",
  "state",
  "pin",
  "wall_date",
  "dt",
  "parent",
];

export class Store {
  readonly #path: string;
  readonly #connections: Prepared[] = [];
  lockWaitMs = 5_000;

  constructor(path: string, workers: number) {
    this.#path = path;
    for (let n = 0; n < workers; n++) this.#connections.push(this.#open());
  }

  #open(): Prepared {
    const database = new DatabaseSync(this.#path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 0");
    database.exec(
      `CREATE TABLE IF NOT EXISTS doc (
         doctype TEXT NOT NULL, name TEXT NOT NULL COLLATE NOCASE, body TEXT NOT NULL,
         PRIMARY KEY (doctype, name)) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS uniq (
         doctype TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL COLLATE NOCASE,
         name TEXT NOT NULL, PRIMARY KEY (doctype, field, value)) WITHOUT ROWID;
       CREATE TABLE IF NOT EXISTS series (prefix TEXT PRIMARY KEY, current INTEGER NOT NULL);`,
    );
    for (const field of INDEXED) {
      database.exec(
        `CREATE INDEX IF NOT EXISTS by_${field} ON doc (doctype, ${valueOf(field)} COLLATE NOCASE)`,
      );
    }
    return new Prepared(database);
  }

  close(): void {
    for (const database of this.#connections) database.close();
  }

  connection(worker: number): Connection {
    const database = this.#connections[worker];
    if (database === undefined) throw new Error(`no worker ${worker}`);
    return new Connection(database, this.lockWaitMs);
  }
}

function valueOf(field: string): string {
  return field === "name" ? "name" : `json_extract(body, '$.${field}')`;
}

/** Texts of statements that are kept ready: a few dozen come again and again, those of lists vary. */
const MOST_READY = 200;

/** A database with its statements ready: preparing one costs more than running it. */
class Prepared {
  readonly #database: DatabaseSync;
  readonly #ready = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): StatementSync {
    const ready = this.#ready.get(sql);
    if (ready !== undefined) return ready;
    if (this.#ready.size >= MOST_READY) this.#ready.clear();
    const made = this.#database.prepare(sql);
    this.#ready.set(sql, made);
    return made;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    this.#ready.clear();
    this.#database.close();
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class Connection {
  readonly #database: Prepared;
  readonly #lockWaitMs: number;

  constructor(database: Prepared, lockWaitMs: number) {
    this.#database = database;
    this.#lockWaitMs = lockWaitMs;
  }

  get(doctype: string, name: string): Row | null {
    const row = this.#database.prepare("SELECT body FROM doc WHERE doctype = ? AND name = ?")
      .get(doctype, name);
    return row === undefined ? null : JSON.parse(String(row["body"]));
  }

  list(
    doctype: string,
    filters: readonly SqlFilter[],
    { orderBy = "name", limit = 0, start = 0 }: {
      orderBy?: string;
      limit?: number;
      start?: number;
    } = {},
  ): Row[] {
    const values: SQLInputValue[] = [doctype];
    const where = ["doctype = ?", ...filters.map((filter) => condition(filter, values))];
    const [field = "name", direction = "asc"] = orderBy.split(/\s+/);
    if (!/^\w+$/.test(field) || !/^(asc|desc)$/i.test(direction)) throw new Error("bad order");
    const sql = `SELECT body FROM doc WHERE ${where.join(" AND ")}
      ORDER BY ${valueOf(field)} ${direction} ${limit > 0 ? `LIMIT ${limit} OFFSET ${start}` : ""}`;
    return this.#database.prepare(sql).all(...values).map((row) => JSON.parse(String(row["body"])));
  }

  count(doctype: string, filters: readonly SqlFilter[] = []): number {
    return this.list(doctype, filters).length;
  }

  hasUnique(doctype: string, field: string, value: string): boolean {
    return this.#database.prepare(
      "SELECT 1 FROM uniq WHERE doctype = ? AND field = ? AND value = ?",
    ).get(doctype, field, value) !== undefined;
  }

  /** `work` may wait in between: the lock is held meanwhile, as by a request that takes its time. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.#lockWaitMs;
    for (;;) {
      try {
        this.#database.exec("BEGIN IMMEDIATE");
        break;
      } catch (error) {
        if (!(error instanceof Error) || !/locked/.test(error.message)) throw error;
        if (performance.now() > until) throw new StoreFault("lock_wait", "lock wait timeout");
        await pause(1);
      }
    }
    try {
      const done = await work();
      this.#database.exec("COMMIT");
      return done;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  insert(doctype: string, doc: Row, unique: readonly string[]): void {
    const name = String(doc["name"]);
    this.#guarded("primary", () => {
      this.#database.prepare("INSERT INTO doc VALUES (?, ?, ?)")
        .run(doctype, name, JSON.stringify(doc));
    });
    for (const field of unique) this.#claim(doctype, field, doc[field], name);
  }

  update(doctype: string, doc: Row, unique: readonly string[]): void {
    const name = String(doc["name"]);
    this.#database.prepare("DELETE FROM uniq WHERE doctype = ? AND name = ?").run(doctype, name);
    for (const field of unique) this.#claim(doctype, field, doc[field], name);
    this.#database.prepare("UPDATE doc SET body = ? WHERE doctype = ? AND name = ?")
      .run(JSON.stringify(doc), doctype, name);
  }

  remove(doctype: string, name: string): void {
    this.#database.prepare("DELETE FROM doc WHERE doctype = ? AND name = ?").run(doctype, name);
    this.#database.prepare("DELETE FROM uniq WHERE doctype = ? AND name = ?").run(doctype, name);
  }

  nextOf(prefix: string): number {
    const row = this.#database.prepare(
      `INSERT INTO series VALUES (?, 1) ON CONFLICT DO UPDATE SET current = current + 1
       RETURNING current`,
    ).get(prefix);
    return Number(row?.["current"]);
  }

  /** As after the last document of a series was deleted. */
  stepBack(prefix: string, to: number): void {
    this.#database.prepare("UPDATE series SET current = ? WHERE prefix = ?").run(to, prefix);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  #claim(doctype: string, field: string, value: unknown, name: string): void {
    if (value === null || value === undefined || value === "") return;
    this.#guarded("unique", () => {
      this.#database.prepare("INSERT INTO uniq VALUES (?, ?, ?, ?)")
        .run(doctype, field, String(value), name);
    });
  }

  #guarded(kind: "unique" | "primary", work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof Error && /UNIQUE constraint/.test(error.message)) {
        throw new StoreFault(kind, error.message);
      }
      throw error;
    }
  }
}

const COMPARED = new Set(["=", "!=", ">", "<", ">=", "<="]);

function condition([field, operator, value]: SqlFilter, values: SQLInputValue[]): string {
  if (!/^\w+$/.test(field)) throw new Error("bad field");
  const left = valueOf(field);
  const bound = (one: unknown): string => {
    values.push(
      typeof one === "number" ? one : typeof one === "boolean" ? Number(one) : String(one),
    );
    return "?";
  };
  const wanted = operator.toLowerCase();
  if (wanted === "is") {
    return value === "set" ? `ifnull(${left}, '') <> ''` : `ifnull(${left}, '') = ''`;
  }
  if (wanted === "in" || wanted === "not in") {
    const list = (value as unknown[]).map(bound).join(", ");
    return `${left} COLLATE NOCASE ${wanted.toUpperCase()} (${list})`;
  }
  if (wanted === "between") {
    const [from, to] = value as unknown[];
    return `${left} BETWEEN ${bound(from)} AND ${bound(to)}`;
  }
  if (wanted === "like") return `${left} LIKE ${bound(value)}`;
  if (!COMPARED.has(operator)) throw new Error(`bad operator ${operator}`);
  if (operator === "!=") return `ifnull(${left}, '') COLLATE NOCASE <> ${bound(value)}`;
  return `${left} COLLATE NOCASE ${operator} ${bound(value)}`;
}
