/**
 * The far end of the contract for tests: a real HTTP server on port 0 that implements
 * docs/contract.md with its own code (it imports nothing of edge_agent/), recomputes keys and leaves,
 * and can be told to misbehave. `ledger` is what a test compares with what a terminal was told.
 */
import { Buffer } from "node:buffer";
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";

type Json = Record<string, unknown>;

interface HeldSighting {
  readonly leaf: string;
  readonly hash: string;
  readonly kind: string;
  readonly key: string | null;
}

interface Lane {
  readonly id: string;
  readonly held: Map<number, HeldSighting>;
  head: { seq: number; hash: string };
}

interface Agent {
  readonly id: number;
  readonly publicKey: string;
  state: "waiting" | "active";
  /** It signed a batch once. */
  bound: boolean;
  tokens: string[];
  /** Offered and not used yet. */
  offered: string | null;
}

/** Everything a backup of Odoo would hold. */
interface Books {
  agents: Agent[];
  lanes: Map<string, Lane>;
  /** Key to how often it was stored: more than once is a fault of this fake. */
  punches: Map<string, Json>;
}

export interface FakeOdooOptions {
  readonly tls?: { cert: string; key: string };
  readonly port?: number;
}

export type Answering = (request: { route: string; body: Json; headers: Headers }) =>
  | Response
  | Promise<Response | null>
  | null;

const sha = (...parts: (string | number)[]) =>
  createHash("sha256").update(parts.join("\n")).digest("hex");

export class FakeOdoo {
  books: Books = { agents: [], lanes: new Map(), punches: new Map() };
  /** Pairing codes that are good, with the state an agent gets by them. */
  readonly codes = new Map<string, { state: "waiting" | "active"; publicKey: string | null }>();
  readonly requests: {
    route: string;
    body: Json;
    text: string;
    token: string | null;
    database: string | null;
    signature: string | null;
  }[] = [];
  readonly alarms: string[] = [];
  /** Serials and what the administrator said of them; others wait. */
  readonly devices = new Map<string, "waiting" | "active" | "refused">();
  readonly deviceSettings = new Map<string, Json>();
  commands: Json[] = [];
  auditHeads: Json[] = [];
  /** Hashes of the trail by number; null: an Odoo that knows no such question. */
  trail: Map<number, string> | null = null;
  auditAlarms: Json[] = [];
  /** Undefined: an Odoo of the version before, which does not say it. */
  clone: Json | null | undefined = undefined;
  /** Of the sync answer; undefined: an addon of before. */
  update: unknown = undefined;
  /** Serves metadata and files of updates by name and range; null: none are offered. */
  files: ((name: string, range: string | null) => Response) | null = null;
  /** Losses by id as the agent told them last. */
  readonly losses = new Map<string, Json>();
  /** False: the Odoo of the last release, which takes no note of losses. */
  takesLosses = true;
  /** Milliseconds that a receipt asks the agent to gather for. */
  waitMs = 0;
  rotate = false;
  syncSeconds = 10;
  /** Milliseconds that Odoo's clock is ahead of this machine's. */
  clockAhead = 0;
  /** Asked first; its answer is sent instead of the contract's. */
  answering: Answering | null = null;
  /** Serves the request, commits it, and answers this instead. */
  answeringAfter: Answering | null = null;
  /** A sighting that makes Odoo raise. */
  poison: ((sighting: Json) => boolean) | null = null;
  /** A punch that Odoo refuses for good; its leaf it takes. */
  rejects: ((punch: Json) => boolean) | null = null;
  readonly countersigned: Json[] = [];
  readonly reports: Json[] = [];
  readonly users: Json[] = [];
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #nextAgent = 1;

  constructor(readonly options: FakeOdooOptions = {}) {}

  start(): void {
    const listen = { hostname: "127.0.0.1", port: this.options.port ?? 0, onListen: () => {} };
    const handler = (request: Request) => this.#serve(request);
    this.#server = this.options.tls === undefined
      ? Deno.serve(listen, handler)
      : Deno.serve({ ...listen, ...this.options.tls }, handler);
  }

  async stop(): Promise<void> {
    await this.#server?.shutdown();
    this.#server = null;
  }

  get port(): number {
    if (this.#server === null) throw new Error("fake Odoo is not started");
    return this.#server.addr.port;
  }

  get url(): string {
    return `http${this.options.tls === undefined ? "" : "s"}://localhost:${this.port}`;
  }

  /** An agent that was paired and approved before the test began. */
  addAgent(publicKey = "", state: "waiting" | "active" = "active"): { id: number; token: string } {
    const token = randomBytes(32).toString("base64url");
    const id = this.#nextAgent++;
    const bound = false;
    this.books.agents.push({ id, publicKey, state, bound, tokens: [token], offered: null });
    return { id, token };
  }

  approve(): void {
    for (const agent of this.books.agents) agent.state = "active";
  }

  /** A backup, to be given to `restore`. */
  backup(): Books {
    return structuredClone(this.books);
  }

  restore(books: Books): void {
    this.books = structuredClone(books);
  }

  /** Keys of the punches held, sorted. */
  get keys(): string[] {
    return [...this.books.punches.keys()].sort();
  }

  posts(route: string): Json[] {
    return this.requests.filter((request) => request.route === route).map(({ body }) => body);
  }

  async #serve(request: Request): Promise<Response> {
    const route = new URL(request.url).pathname.replace("/biometric/v1/", "");
    if (request.method === "GET") {
      const answer = this.files?.(route.replace("file/", ""), request.headers.get("range"));
      return answer ?? refusal(404, "not_found");
    }
    const text = await request.text();
    let body: Json;
    try {
      body = JSON.parse(text);
    } catch {
      return refusal(400, "bad_request");
    }
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? null;
    this.requests.push({
      route,
      body,
      text,
      token,
      database: request.headers.get("x-odoo-database"),
      signature: request.headers.get("biometric-signature"),
    });
    const heard = { route, body, headers: request.headers };
    const instead = await this.answering?.(heard) ?? null;
    if (instead !== null) return instead;
    if (text.length > 1024 * 1024) return refusal(413, "too_large");
    const answer = route === "pair" ? this.#pair(body) : this.#known(route, body, token);
    const after = await this.answeringAfter?.(heard) ?? null;
    return after ?? answer;
  }

  #known(route: string, body: Json, token: string | null): Response {
    const agent = this.#agentOf(token);
    if (agent === undefined) return refusal(401, "unauthorized");
    if (route === "sync") return this.#sync(agent, body);
    if (agent.state === "waiting") return refusal(403, "waiting");
    if (route === "punches") return this.#unsigned(agent, body) ?? this.#punches(body);
    if (route === "confirm") return this.#confirm(body);
    if (route === "users") {
      this.users.push(body);
      return this.#answer({ serial: body["serial"], known: (body["users"] as Json[]).length });
    }
    return new Response("<html>404</html>", { status: 404 });
  }

  #agentOf(token: string | null): Agent | undefined {
    if (token === null) return undefined;
    const agent = this.books.agents.find((one) =>
      one.tokens.includes(token) || one.offered === token
    );
    if (agent !== undefined && agent.offered === token) {
      agent.tokens = [token];
      agent.offered = null;
    }
    return agent;
  }

  #pair(body: Json): Response {
    const code = String(body["code"]).replace(/-/g, "").toUpperCase();
    const publicKey = String(body["public_key"]);
    const given = this.codes.get(code);
    if (given === undefined || (given.publicKey !== null && given.publicKey !== publicKey)) {
      return refusal(403, "bad_code");
    }
    const signature = body["signature"];
    if (signature === undefined) return refusal(409, "update_agent");
    if (!verifyEd25519(publicKey, `v1\npair\n${code}`, String(signature))) {
      return refusal(403, "bad_code");
    }
    const again = given.publicKey === publicKey;
    given.publicKey = publicKey;
    const token = randomBytes(32).toString("base64url");
    let agent = again ? this.books.agents.find((one) => one.publicKey === publicKey) : undefined;
    if (agent === undefined) {
      const id = this.#nextAgent++;
      agent = { id, publicKey, state: given.state, bound: false, tokens: [], offered: null };
      this.books.agents.push(agent);
    }
    agent.tokens = [token];
    const bytes = Buffer.from(publicKey, "base64");
    const fingerprint = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    return this.#answer({
      token,
      agent_id: agent.id,
      agent_name: "Branch",
      company: "Company",
      state: agent.state,
      fingerprint: fingerprint.replace(/(.{4})(?=.)/g, "$1-"),
    });
  }

  /** Why a batch is not taken; null when it is. Agents without a key here are of earlier tests. */
  #unsigned(agent: Agent, body: Json): Response | null {
    if (agent.publicKey === "") return null;
    const signature = body["signature"];
    if (signature === undefined) return agent.bound ? refusal(403, "unsigned_batch") : null;
    const lines = (body["sightings"] as Json[]).map((one) =>
      [one["seq"], one["leaf"], ...(one["kind"] === "leaf" ? [one["reason"]] : [])].join(" ")
    );
    const text = ["v1", "batch", body["lane"], body["batch_id"], sha(...lines)].join("\n");
    if (!verifyEd25519(agent.publicKey, text, String(signature))) {
      return refusal(403, "bad_signature");
    }
    const unnamed = (body["sightings"] as Json[]).some((one) => {
      const named = ["v1", "bare", body["lane"], one["seq"], one["leaf"], one["reason"]].join("\n");
      return one["kind"] === "leaf" &&
        !verifyEd25519(agent.publicKey, named, String(one["signature"]));
    });
    if (unnamed) this.alarms.push("a bare leaf is not named");
    agent.bound = true;
    return null;
  }

  #punches(body: Json): Response {
    const sightings = body["sightings"] as Json[];
    if (this.poison !== null && sightings.some(this.poison)) {
      return new Response("<html>Internal Server Error</html>", {
        status: 500,
        headers: { "content-type": "text/html" },
      });
    }
    const lane = this.#lane(String(body["lane"]));
    const verdicts = sightings.map((sighting) => this.#judge(lane, sighting));
    this.#moveHead(lane);
    return this.#answer({
      batch_id: body["batch_id"],
      lane: lane.id,
      head: lane.head,
      verdicts,
      wait_ms: this.waitMs,
    });
  }

  #lane(id: string): Lane {
    const lane = this.books.lanes.get(id) ??
      { id, held: new Map(), head: { seq: 0, hash: sha("v1", "lane", id) } };
    this.books.lanes.set(id, lane);
    return lane;
  }

  #judge(lane: Lane, sighting: Json): Json {
    const seq = Number(sighting["seq"]);
    const text = (name: string) => String(sighting[name] ?? "");
    const before = lane.held.get(seq);
    if (before !== undefined && before.leaf !== sighting["leaf"]) {
      this.alarms.push(`seq_conflict ${seq}`);
      return { seq, verdict: "rejected", reason: "seq_conflict" };
    }
    let key: string | null = null;
    if (sighting["kind"] === "punch") {
      if (this.rejects?.(sighting)) return { seq, verdict: "rejected", reason: "key_mismatch" };
      key = sha("v1", text("serial"), text("pin"), text("wall_time"), text("status"));
      if (key !== sighting["key"]) return { seq, verdict: "rejected", reason: "key_mismatch" };
    }
    if (sighting["kind"] !== "leaf" && leafOf(lane.id, sighting) !== sighting["leaf"]) {
      return { seq, verdict: "rejected", reason: "leaf_mismatch" };
    }
    const kind = text("kind");
    lane.held.set(seq, { leaf: text("leaf"), hash: text("hash"), kind, key });
    if (key === null) return { seq, verdict: "stored" };
    if (this.books.punches.has(key)) return { seq, verdict: "duplicate" };
    this.books.punches.set(key, sighting);
    const state = this.devices.get(text("serial")) ?? "waiting";
    if (state === "active") return { seq, verdict: "stored" };
    return { seq, verdict: "quarantined", reason: `device_${state}` };
  }

  #moveHead(lane: Lane): void {
    for (;;) {
      const next = lane.held.get(lane.head.seq + 1);
      if (next === undefined) return;
      if (sha(lane.head.hash, next.leaf) !== next.hash) {
        this.alarms.push(`chain broken at ${lane.head.seq + 1}`);
        return;
      }
      lane.head = { seq: lane.head.seq + 1, hash: next.hash };
    }
  }

  #confirm(body: Json): Response {
    const serial = String(body["serial"]);
    const held = [...this.books.punches].filter(([, punch]) => punch["serial"] === serial);
    if (Array.isArray(body["keys"])) {
      const missing = body["keys"].filter((key) => !this.books.punches.has(key));
      return this.#answer({ serial, missing });
    }
    if (Array.isArray(body["rejects"])) {
      return this.#answer({ serial, undecided: body["rejects"] });
    }
    const differs = (body["days"] as Json[]).filter((day) => {
      const keys = held.filter(([, punch]) =>
        String(punch["wall_time"]).startsWith(String(day["day"]))
      )
        .map(([key]) => key).sort();
      return keys.length !== day["count"] || sha(...keys) !== day["digest"];
    }).map((day) => day["day"]);
    return this.#answer({ serial, differs });
  }

  #sync(agent: Agent, body: Json): Response {
    this.reports.push(body);
    const lane = body["lane"] as Json;
    if (agent.publicKey !== "") this.#verifyHead(agent.publicKey, lane);
    // An agent of before countersigns nothing.
    this.countersigned.push(...((body["countersigned"] ?? []) as Json[]));
    const runs = (body["runs"] as Json[]).map((run) => run["id"]);
    const finished = new Set(
      (body["commands"] as Json[]).filter((result) => result["state"] !== "sent")
        .map((result) => result["id"]),
    );
    this.commands = this.commands.filter((command) => !finished.has(command["id"]));
    if (this.rotate) agent.offered = randomBytes(32).toString("base64url");
    const held = this.books.lanes.get(String(lane["id"]));
    const genesis = { seq: 0, hash: sha("v1", "lane", String(lane["id"])) };
    return this.#answer({
      agent_id: agent.id,
      agent_name: "Branch",
      company: "Company",
      state: agent.state,
      sync_seconds: this.syncSeconds,
      head: { lane: lane["id"], ...(held?.head ?? genesis) },
      devices: [...this.devices].map(([serial, state]) => ({
        serial,
        state,
        time_zone: "Asia/Manila",
        dialect: null,
        channels: ["push"],
        settings: {},
        utc_offset_minutes: 480,
        ...this.deviceSettings.get(serial),
      })),
      commands: agent.state === "active" ? this.commands : [],
      new_token: this.rotate ? agent.offered : null,
      audit_heads: this.auditHeads,
      runs_known: runs,
      ...(this.clone === undefined ? {} : { clone: this.clone }),
      ...(this.update === undefined ? {} : { update: this.update }),
      ...this.#ofLosses(body),
      ...this.#ofTheTrail(body),
    });
  }

  #ofLosses(body: Json): Json {
    if (!this.takesLosses) return {};
    const told = (body["losses"] ?? []) as Json[];
    for (const loss of told) this.losses.set(String(loss["id"]), loss);
    return { losses_known: told.map((loss) => loss["id"]) };
  }

  #ofTheTrail(body: Json): Json {
    const { trail } = this;
    if (trail === null) return {};
    const remembered = ((body["remembered"] ?? []) as Json[]).map((asked) => ({
      ...asked,
      hash: trail.get(Number(asked["seq"])) ?? null,
    }));
    return { remembered, audit_alarms: this.auditAlarms };
  }

  #verifyHead(publicKey: string, lane: Json): void {
    const text = ["v1", "head", lane["id"], lane["seq"], lane["hash"]].join("\n");
    if (!verifyEd25519(publicKey, text, String(lane["signature"]))) {
      this.alarms.push("bad lane signature");
    }
  }

  #answer(body: Json): Response {
    return Response.json({
      version: 1,
      ...body,
      server_time: new Date(Date.now() + this.clockAhead).toISOString(),
    });
  }
}

export function verifyEd25519(publicKey: string, text: string, signature: string): boolean {
  const raw = Buffer.from(publicKey, "base64");
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  const key = createPublicKey({
    key: Buffer.concat([prefix, raw]),
    format: "der",
    type: "spki",
  });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
}

export function refusal(status: number, error: string, headers: HeadersInit = {}): Response {
  return Response.json({ error, message: error }, { status, headers });
}

function leafOf(lane: string, sighting: Json): string {
  const text = (name: string) => String(sighting[name]);
  const own = sighting["kind"] === "punch"
    ? [text("key"), text("verify"), text("work_code"), text("extra")]
    : [text("serial"), text("reason"), sha(text("raw"))];
  const canonical = ["v1", text("kind"), lane, text("seq"), ...own];
  const tail = [text("channel"), text("received_at"), text("clock")];
  return sha(text("salt"), [...canonical, ...tail].join("\n"));
}
