/**
 * The agent's health over HTTP: /health, /health/live, /health/ready, /metrics. Loopback by default; other
 * hosts need the bearer token, and without it only this machine's own names are answered: a page in a
 * browser here that calls itself something else is nobody who may read. Owns the port and who is admitted; the judgement is in vitals.ts. Door of
 * the room.
 */
import { Hono, type HonoRequest } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import { isLoopback } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import { SmallServer } from "./small_server.ts";
import { type HealthBody, healthBody, type Vitals } from "./vitals.ts";

export { Alarms } from "./alarms.ts";
export {
  checkClock,
  checkCommKeys,
  checkDisk,
  checkEnvironment,
  checkOdoo,
  checkPorts,
  checkPrivileges,
  checkSecrets,
  checkSite,
  checkSqlite,
  checkStatus,
  checkTls,
  type Finding,
  type OdooProbe,
  type SiteProbe,
  tellPromises,
} from "./doctor.ts";
export { terminalReport } from "./terminal_report.ts";
export { SetupPage } from "./setup_page.ts";
export { Metrics } from "./metrics.ts";
export { DESTINATIONS } from "./destinations.ts";
export type { HealthBody, Vitals } from "./vitals.ts";

const WRONG_HOST = "ask by 127.0.0.1 or localhost, or send the token";

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
  readonly lateMs: number;
  readonly clock: Pick<Clock, "now">;
  readonly vitals: () => Vitals;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  readonly log: Pick<Log, "warn">;
}

export class Health {
  readonly #options: HealthOptions;
  #server: SmallServer | null = null;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

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

  body(): HealthBody {
    const { vitals, clock, lateMs } = this.#options;
    return healthBody(vitals(), clock.now(), lateMs);
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
    app.get("/health", (context) => {
      const body = this.body();
      return context.json(body, body.status === "ok" ? 200 : 503);
    });
    app.get("/health/live", (context) => context.json({ live: true }));
    app.get("/health/ready", (context) => {
      const { ready } = this.body();
      return context.json({ ready }, ready ? 200 : 503);
    });
    app.get("/metrics", async (context) =>
      context.text(await this.#options.metrics.text(), 200, {
        "content-type": this.#options.metrics.contentType,
      }));
    return app;
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
