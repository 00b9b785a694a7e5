/**
 * The small page of a new machine on the LAN: what to type in a terminal's menu and how far it has come. Owns
 * its port and whom it answers; must not know a secret. It takes nothing in: every request is answered alike.
 */
import { Hono } from "hono";
import { html } from "hono/html";
import type { Config } from "../base/config.ts";
import type { Log } from "../base/log.ts";
import type { SetupStep } from "./setup.ts";
import { SmallServer } from "./small_server.ts";

export interface SetupPageOptions {
  readonly settings: Config["setup"];
  /** Of the branch's own networks; others get no answer. */
  readonly isNear: (address: string) => boolean;
  readonly devicePort: number;
  readonly addresses: () => readonly string[];
  readonly steps: () => readonly SetupStep[];
  readonly log: Log;
}

const REFRESH_SECONDS = 5;

export class SetupPage {
  readonly #options: SetupPageOptions;
  #server: SmallServer | null = null;

  constructor(options: SetupPageOptions) {
    this.#options = options;
  }

  /** A page is a convenience: a port that is taken keeps no agent from its work. */
  start(): void {
    const { settings: { page, host, port }, log } = this.#options;
    if (!page) return;
    const app = this.app();
    try {
      const answer = (request: Request, peer: string) => app.fetch(request, { peer });
      const server = new SmallServer({ host, port, answer, log });
      server.start();
      this.#server = server;
    } catch (error) {
      const kinds = [Deno.errors.AddrInUse, Deno.errors.NotCapable];
      if (!kinds.some((kind) => error instanceof kind)) throw error;
      log.warn("no setup page", { port, error });
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  app(): Hono<{ Bindings: { peer: string } }> {
    const app = new Hono<{ Bindings: { peer: string } }>();
    app.use(async (context, next) => {
      if (!this.#options.isNear(context.env.peer)) return context.text("", 403);
      await next();
      context.header("cache-control", "no-store");
      context.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
      context.header("x-content-type-options", "nosniff");
      return undefined;
    });
    app.get("/", (context) => context.html(this.#page()));
    return app;
  }

  #page() {
    const { addresses, devicePort, steps } = this.#options;
    const found = steps();
    const live = found.every(({ done }) => done);
    return html`
      <!DOCTYPE html>
      <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width">
          <meta http-equiv="refresh" content="${REFRESH_SECONDS}">
          <title>Attendance agent</title>
          <style>body{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
      ul{padding:0}
      li{list-style:none;margin:.4rem 0}.done::before{content:"✓ ";color:#187a18}.open::before{content:"… ";color:#a35200}
      dt{font-weight:bold}dd{margin:0 0 .5rem}</style>
        </head>
        <body>
          <h1>${live ? "This branch is live" : "Attendance agent"}</h1>
          <p>In the terminal's menu, <b>Comm.</b> → <b>Cloud server</b> (or <b>ADMS</b>), type:</p>
          <dl>
            <dt>Server address</dt>
            <dd>${addresses().join(" or ") || "none yet"}</dd>
            <dt>Server port</dt>
            <dd>${devicePort}</dd>
            <dt>HTTPS, proxy, domain name</dt>
            <dd>off</dd>
          </dl>
          <h2>How far it has come</h2>
          <ul>${found.map(({ done, text }) =>
            html`<li class="${done ? "done" : "open"}">${text}</li>`
          )}</ul>
        </body>
      </html>
    `;
  }
}
