/**
 * A fake ERPNext site with Frappe HR, as measured on a real one: real HTTP, real transactions, two workers.
 * Owns the answers of a web server around Frappe (who may ask, how errors look, busy, down, another site) and
 * what a test does to it by hand. Imports nothing of the agent: a mistake of the agent must not cancel out.
 */
import { ADMINISTRATOR, asFrappe, FrappeError, remove, type Session, update } from "./documents.ts";
import { type Context, insertAll, metaOf, METHODS } from "./methods.ts";
import { STANDARD } from "./schema.ts";
import { type Connection, type Row, Store } from "./store.ts";

export interface SiteOptions {
  readonly version?: 15 | 16;
  readonly timeZone?: string;
  readonly workers?: number;
  /** Of another site: database and keys. */
  readonly image?: Image;
}

export interface Image {
  readonly database: Uint8Array;
  readonly keys: readonly (KeyPair & { readonly user: string })[];
}

/** Ways in which a whole site does not answer as itself. */
export type Condition =
  | "well"
  | "maintenance"
  | "database_down"
  | "rate_limited"
  | "other_site"
  | "login_page";

interface KeyPair {
  readonly key: string;
  readonly secret: string;
}

const HTML = { "content-type": "text/html; charset=utf-8" };
const MOST_URL_BYTES = 4_096;

export class FakeSite {
  readonly #directory = Deno.makeTempDirSync({ prefix: "erpnext-" });
  readonly #workers: number;
  #store: Store;
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #port = 0;
  readonly #idle: number[] = [];
  readonly #waiting: ((worker: number) => void)[] = [];
  readonly #keys = new Map<string, KeyPair & { user: string }>();
  readonly version: 15 | 16;
  timeZone: string;
  condition: Condition = "well";
  geolocation = false;
  refuses: (doc: Row) => string | null = () => null;
  /** How long a transaction keeps its locks, in ms. */
  holdMs = 0;
  /** Requests answered, by method. */
  readonly requests = new Map<string, number>();
  /** Answers by status and exception, in order; for tests of the tables. */
  readonly answers: string[] = [];
  /** ms spent in handling, as a measure of what a site pays. */
  busyMs = 0;
  now = () => Date.now();

  constructor({ version = 15, timeZone = "Asia/Manila", workers = 2, image }: SiteOptions = {}) {
    this.version = version;
    this.timeZone = timeZone;
    this.#workers = workers;
    if (image !== undefined) Deno.writeFileSync(`${this.#directory}/site.db`, image.database);
    for (const pair of image?.keys ?? []) this.#keys.set(pair.key, pair);
    this.#store = new Store(`${this.#directory}/site.db`, workers);
    for (let n = 0; n < workers; n++) this.#idle.push(n);
    for (const one of image === undefined ? STANDARD : []) {
      this.db.insert("DocType", { ...one, creation: "2026-01-01 00:00:00.000000" }, []);
    }
  }

  start(): void {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: this.#port, onListen: () => {} },
      (request) => this.#serve(request),
    );
    this.#port = this.#server.addr.port;
  }

  get url(): string {
    return `http://localhost:${this.#port}`;
  }

  async stop(): Promise<void> {
    await this.#server?.shutdown();
    this.#server = null;
    this.#store.close();
    Deno.removeSync(this.#directory, { recursive: true });
  }

  /** The processes end and begin again; the database stays. */
  async restart(): Promise<void> {
    await this.#server?.shutdown();
    this.#store.close();
    this.#store = new Store(`${this.#directory}/site.db`, this.#workers);
    this.start();
  }

  /** The database as it is now, to be put back by `restore`. */
  backup(): Uint8Array {
    const path = `${this.#directory}/backup.db`;
    this.db.exec(`VACUUM INTO '${path}'`);
    const bytes = Deno.readFileSync(path);
    Deno.removeSync(path);
    return bytes;
  }

  image(): Image {
    return { database: this.backup(), keys: [...this.#keys.values()] };
  }

  async restore(backup: Uint8Array): Promise<void> {
    await this.#server?.shutdown();
    this.#store.close();
    for (const end of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(`${this.#directory}/site.db${end}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    Deno.writeFileSync(`${this.#directory}/site.db`, backup);
    this.#store = new Store(`${this.#directory}/site.db`, this.#workers);
    this.start();
  }

  get db(): Connection {
    return this.#store.connection(0);
  }

  set lockWaitMs(ms: number) {
    this.#store.lockWaitMs = ms;
  }

  /** A user with roles and a key, as a System Manager makes one. */
  addUser(email: string, roles: readonly string[]): KeyPair {
    const rows = roles.map((role) => ({ role }));
    const doc = { name: email, email, enabled: 1, roles: rows, creation: this.#text() };
    this.db.insert("User", doc, []);
    return this.#givesKeysTo(email);
  }

  addEmployee(name: string, pin: string | null, status = "Active"): void {
    const doc = { name, employee_name: name, status, attendance_device_id: pin, ctc: 1_000_000 };
    const at = this.#text();
    this.db.insert("Employee", { ...doc, creation: at, modified: at }, ["attendance_device_id"]);
  }

  /** Something a person does at the desk, without any check of rights. */
  async put(doctype: string, doc: Row): Promise<string> {
    const [name = ""] = await insertAll(this.#context(0, ADMINISTRATOR), [{ ...doc, doctype }]);
    return name;
  }

  set(doctype: string, name: string, values: Row): void {
    const context = this.#context(0, ADMINISTRATOR);
    update(context.db, { world: context.world, session: ADMINISTRATOR }, { doctype, name, values });
  }

  delete(doctype: string, name: string): void {
    remove(this.db, ADMINISTRATOR, doctype, name);
  }

  rows(doctype: string, filters: Parameters<Connection["list"]>[1] = []): Row[] {
    return this.db.list(doctype, filters);
  }

  get requestCount(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  #text(): string {
    return wallText(this.timeZone, this.now());
  }

  #givesKeysTo(user: string): KeyPair {
    for (const [key, pair] of this.#keys) if (pair.user === user) this.#keys.delete(key);
    const pair = { key: hex(15), secret: hex(15) };
    this.#keys.set(pair.key, { ...pair, user });
    const doc = this.db.get("User", user);
    if (doc === null) throw new FrappeError(404, "DoesNotExistError", user);
    this.db.update("User", { ...doc, api_key: pair.key }, []);
    return pair;
  }

  #context(worker: number, session: Session): Context {
    return {
      db: this.#store.connection(worker),
      session,
      world: {
        version: this.version,
        now: () => this.#text(),
        geolocation: () => this.geolocation,
        refuses: (doc) => this.refuses(doc),
        timeZone: () => this.timeZone,
      },
      hold: () => new Promise((resolve) => setTimeout(resolve, this.holdMs)),
      givesKeysTo: (user) => this.#givesKeysTo(user),
    };
  }

  async #serve(request: Request): Promise<Response> {
    const body = await request.text();
    const worker = await this.#takeWorker();
    const from = performance.now();
    try {
      const answer = await this.#answer(request, body, worker);
      this.answers.push(`${answer.status}`);
      return answer;
    } finally {
      this.busyMs += performance.now() - from;
      this.#giveWorker(worker);
    }
  }

  #takeWorker(): Promise<number> {
    const worker = this.#idle.shift();
    if (worker !== undefined) return Promise.resolve(worker);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveWorker(worker: number): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }

  async #answer(request: Request, body: string, worker: number): Promise<Response> {
    const url = new URL(request.url);
    const unwell = this.#unwell(request);
    if (unwell !== null) return unwell;
    try {
      const session = this.#sessionOf(request.headers.get("authorization"));
      const context = this.#context(worker, session);
      const done = await this.#route(request, url, body, context);
      return json(200, done);
    } catch (error) {
      const known = asFrappe(error);
      if (!(known instanceof FrappeError)) return refused(500, "InternalError", url);
      return refused(known.status, known.excType, url);
    }
  }

  #unwell(request: Request): Response | null {
    const page = (status: number, text: string) =>
      new Response(`<!DOCTYPE html><p>${text}</p>`, { status, headers: HTML });
    switch (this.condition) {
      case "maintenance":
        return refused(503, "SessionStopped", new URL(request.url));
      case "database_down":
        return page(500, "Internal Server Error");
      case "rate_limited": {
        const answer = refused(429, "RateLimitExceededError", new URL(request.url));
        answer.headers.set("retry-after", "17");
        return answer;
      }
      case "other_site":
        return page(404, "this.site does not exist");
      case "login_page":
        return page(200, "Login");
      case "well":
        return request.url.length > MOST_URL_BYTES ? page(414, "Request-URI Too Long") : null;
    }
  }

  #sessionOf(header: string | null): Session {
    if (header === null) return { user: "Guest", roles: new Set() };
    const match = /^token ([^:]+):(.+)$/.exec(header);
    const pair = match === null ? undefined : this.#keys.get(match[1] ?? "");
    const user = pair === undefined ? null : this.db.get("User", pair.user);
    if (pair === undefined || pair.secret !== match?.[2] || Number(user?.["enabled"] ?? 0) !== 1) {
      throw new FrappeError(401, "AuthenticationError", "bad key");
    }
    const roles = (user?.["roles"] as { role: string }[] ?? []).map(({ role }) => role);
    return { user: pair.user, roles: new Set([...roles, "All"]) };
  }

  async #route(request: Request, url: URL, body: string, context: Context): Promise<unknown> {
    const [, , kind = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const given = body === "" ? {} : parsed(body);
    if (kind === "method") {
      const name = rest.join("/");
      this.#count(name);
      if (context.session.user === "Guest" && name !== "frappe.client.get_time_zone") {
        throw new FrappeError(403, "PermissionError", name);
      }
      const method = METHODS[name];
      if (method === undefined) throw new FrappeError(404, "DoesNotExistError", name);
      return { message: await method(context, given) };
    }
    this.#count(`${request.method} ${kind}`);
    if (kind === "v2" && rest[0] === "doctype") return { data: metaOf(context, rest[1] ?? "") };
    if (kind === "v2" && rest[0] === "document") {
      const doctype = rest[1] ?? "";
      const nameSet = given["name"] !== undefined;
      const [name] = await insertAll(context, [{ ...given, doctype }], { nameSet });
      return { data: { ...given, name } };
    }
    if (kind === "resource") return { data: await resource(request.method, rest, given, context) };
    throw new FrappeError(404, "PageDoesNotExistError", url.pathname);
  }

  #count(name: string): void {
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
  }
}

async function resource(
  method: string,
  [doctype = "", name]: readonly string[],
  given: Row,
  context: Context,
): Promise<unknown> {
  if (method === "POST") {
    const { name: _ignored, ...doc } = given;
    const [made = ""] = await insertAll(context, [{ ...doc, doctype }]);
    return context.db.get(doctype, made);
  }
  if (name === undefined) return METHODS["frappe.client.get_list"]?.(context, { doctype });
  if (method === "PUT") {
    return METHODS["frappe.client.set_value"]?.(context, { doctype, name, fieldname: given });
  }
  if (method === "DELETE") return METHODS["frappe.client.delete"]?.(context, { doctype, name });
  return METHODS["frappe.client.get"]?.(context, { doctype, name });
}

function parsed(body: string): Row {
  try {
    return JSON.parse(body);
  } catch {
    throw new FrappeError(500, "JSONDecodeError", "malformed");
  }
}

function json(status: number, value: unknown): Response {
  const headers = { "content-type": "application/json", "date": new Date().toUTCString() };
  return new Response(JSON.stringify(value), { status, headers });
}

/** As Frappe words it: an exception's name, a traceback with paths, messages in the site's language. */
function refused(status: number, excType: string, url: URL): Response {
  if (url.pathname.startsWith("/api/v2/")) {
    return json(status, { errors: [{ type: excType, message: "Hindi po pinapayagan" }] });
  }
  return json(status, {
    exc_type: excType,
    exception: `frappe.exceptions.${excType}`,
    exc: '["Traceback (most recent call last):\\n  File \\"/home/frappe/bench/secret.py\\""]',
    _server_messages: '["Hindi po pinapayagan"]',
  });
}

function hex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, bytes);
}

/** By time zone: making one costs a hundred times what it says. */
const walls = new Map<string, Intl.DateTimeFormat>();

function wallText(timeZone: string, at: number): string {
  let wall = walls.get(timeZone);
  if (wall === undefined) {
    wall = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
    walls.set(timeZone, wall);
  }
  const parts = wall.format(at);
  return `${parts}.${String(at % 1000).padStart(3, "0")}000`;
}
