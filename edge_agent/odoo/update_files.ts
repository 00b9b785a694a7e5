/**
 * Signed update files of Odoo: `GET file/<id>` of docs/contract.md. Owns ranges and the meaning of statuses; must
 * not know what makes a file trustworthy, nor where it is kept.
 */
import { Unreachable } from "../delivery/delivery.ts";
import { type ByteAnswer, NoAnswer, type OdooHttp, readRetryAfter } from "./http.ts";
import { type Access, requestHeaders, routeUrl } from "./routes.ts";

export interface UpdateFilesOptions {
  readonly http: Pick<OdooHttp, "get">;
  readonly access: () => Access | null;
  readonly agentVersion: string;
  readonly now: () => number;
}

/** When Odoo does not say for how long others are served. */
const WAIT_MS = 60_000;

export class UpdateFiles {
  readonly #options: UpdateFilesOptions;

  constructor(options: UpdateFilesOptions) {
    this.#options = options;
  }

  /** Null when nothing is offered to this agent, or the addon is older than this. */
  async metadata(signal: AbortSignal): Promise<unknown> {
    const answer = await this.#get("metadata", {}, signal);
    if (answer === null || answer.status === 404) return null;
    if (answer.status !== 200) throw new Unreachable(`status ${answer.status} for metadata`, false);
    try {
      return JSON.parse(new TextDecoder().decode(answer.bytes));
    } catch (error) {
      if (error instanceof SyntaxError) throw new Unreachable("metadata is no JSON", false);
      throw error;
    }
  }

  /** The bytes from `from` up to `to` or the end; a number: ms to wait, others are being served. */
  async range(
    sha256: string,
    from: number,
    to: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | number> {
    const headers = { Range: `bytes=${from}-${to - 1}` };
    const answer = await this.#get(sha256, headers, signal);
    if (answer === null) throw new Unreachable("this agent is not paired", false);
    if (answer.status === 429 || answer.status === 503) {
      return readRetryAfter(answer.retryAfter, this.#options.now()) ?? WAIT_MS;
    }
    // A whole file in place of a range would be taken for its beginning.
    if (answer.status !== 206) throw new Unreachable(`status ${answer.status} for a range`, false);
    if (answer.bytes.length > to - from) throw new Unreachable("more than was asked for", false);
    return answer.bytes;
  }

  async #get(
    id: string,
    more: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ByteAnswer | null> {
    const access = this.#options.access();
    if (access === null || access.token === null) return null;
    const headers = { ...requestHeaders(access, this.#options.agentVersion), ...more };
    try {
      return await this.#options.http.get(routeUrl(access.url, `file/${id}`), { headers, signal });
    } catch (error) {
      if (error instanceof NoAnswer) throw new Unreachable(error.message, false);
      throw error;
    }
  }
}
