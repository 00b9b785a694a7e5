/**
 * The port of /health, /health/live, /health/ready and /metrics. Owns who is admitted and what each path
 * answers: loopback by default, other hosts need the bearer token, and without it only this machine's own
 * names are answered: a page in a browser here that calls itself something else is nobody who may read. Must not
 * know where the figures come from, nor that it runs in a thread of its own.
 */
import { Hono, type HonoRequest } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../base/peers.ts";
import type { Log } from "../base/log.ts";
import type { Figures } from "./figures.ts";
import { SmallServer } from "./small_server.ts";
import { aged } from "./vitals.ts";

const WRONG_HOST = "ask by 127.0.0.1 or localhost, or send the token";

export interface HealthPortOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
  /** The newest there are, and how old. */
  readonly figures: () => Promise<{ readonly figures: Figures; readonly ageMs: number }>;
  readonly log: Pick<Log, "warn">;
}

export class HealthPort {
  readonly #options: HealthPortOptions;
  #server: SmallServer | null = null;

  constructor(options: HealthPortOptions) {
    this.#options = options;
  }

  /** Throws Deno.errors.AddrInUse and the like. */
  start(): void {
    const { host, port, log } = this.#options;
    const app = this.app();
    const answer = (request: Request, peer: string) => app.fetch(request, { peer });
    const server = new SmallServer({ host, port, answer, log });
    server.start();
    this.#server = server;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** Open now. */
  get connections(): number {
    return this.#server?.connections ?? 0;
  }

  app(): Hono<{ Bindings: { peer: string } }> {
    const app = new Hono<{ Bindings: { peer: string } }>();
    app.use(async (context, next) => {
      const header = context.req.header("authorization") ?? "";
      if (!this.#admits(context.env.peer, header)) {
        return context.json({ error: "unauthorized" }, 401);
      }
      if (!this.#holds(header) && !isOwnName(hostOf(context.req))) {
        return context.json({ error: "wrong_host", message: WRONG_HOST }, 403);
      }
      await next();
      context.header("cache-control", "no-store");
      return undefined;
    });
    app.get("/health", async (context) => {
      const body = await this.#body();
      return context.json(body, body.status === "ok" ? 200 : 503);
    });
    app.get("/health/live", async (context) => {
      const { live } = await this.#body();
      return context.json({ live }, live ? 200 : 503);
    });
    app.get("/health/ready", async (context) => {
      const { ready } = await this.#body();
      return context.json({ ready }, ready ? 200 : 503);
    });
    app.get("/metrics", async (context) => {
      const { figures: { metrics }, ageMs } = await this.#options.figures();
      const type = { "content-type": metrics.contentType };
      return context.text(metrics.text + ageMetric(ageMs), 200, type);
    });
    return app;
  }

  async #body() {
    const { figures, ageMs } = await this.#options.figures();
    return aged(JSON.parse(figures.health), ageMs);
  }

  /** This machine always; others with the token. */
  #admits(peer: string, header: string): boolean {
    return isLoopback(peer.replace(/^::ffff:/, "")) || this.#holds(header);
  }

  /** Whether the token is there, compared in constant time. */
  #holds(header: string): boolean {
    const { token } = this.#options;
    if (token === undefined || !header.startsWith("Bearer ")) return false;
    return timingSafeEqual(digestOf(header.slice("Bearer ".length)), digestOf(token));
  }
}

function ageMetric(ageMs: number): string {
  const name = "biometric_figures_age_seconds";
  return `# HELP ${name} Age of the figures above\n# TYPE ${name} gauge\n${name} ${ageMs / 1000}\n`;
}

function hostOf(request: HonoRequest): string {
  return request.header("host") ?? new URL(request.url).host;
}

/** `Host` of a request to this machine by one of its own names, with or without a port. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return isLoopback(name);
}

function digestOf(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}
