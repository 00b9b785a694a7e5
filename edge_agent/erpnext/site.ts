/**
 * The door to an ERPNext site: REST calls as typed functions, and the proof that an answer is one. Owns
 * addresses, the key's header and what each kind of answer means for the next try; the only file that knows
 * how Frappe words a refusal. Must not know DocTypes of attendance, nor when anything is asked again.
 *
 * A status code decides nothing here: 417 is "known already", "refused for ever" and "set up wrongly", 500
 * is "bad row" and "down". What counts is whether Frappe itself refused, in JSON with an `exc_type`. Its
 * texts are translated and its tracebacks hold paths: neither is read or logged.
 */
import { z } from "zod";
import {
  type DestinationHttp,
  NoAnswer,
  NotWelcome,
  type RawAnswer,
  readRetryAfter,
  TooLarge,
  Unreachable,
} from "../delivery/delivery.ts";

/** The site itself said no to this request. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly status: number, readonly excType: string) {
    super(`status ${status} (${excType})`);
  }
}

/** The key is known, and its role may not do this. */
export class Forbidden extends NotWelcome {}

/** The answer was lost on its way. */
class Lost extends Unreachable {}

/** Field names and values of a document. */
export type Doc = Readonly<Record<string, unknown>>;

/** `[field, operator, value]` */
export type Filter = readonly [string, string, unknown];

export interface SiteQuery {
  readonly fields: readonly string[];
  readonly filters?: readonly Filter[];
  readonly orderBy?: string;
  /** 0: all. */
  readonly limit?: number;
}

export interface SiteOptions {
  readonly http: DestinationHttp;
  /** Asked before every request. Null: not set up. */
  readonly access: () =>
    | { readonly url: string; readonly key: string; readonly secret: string }
    | null;
  readonly agentVersion: string;
  /** Whose the key is, for people; left out: this agent's. */
  readonly holder?: string;
  /** Epoch ms, for a Retry-After that is a date. */
  readonly now: () => number;
  /** Told with every proven answer: the site's Date in epoch ms, and how long the exchange took. */
  readonly onAnswer?: (serverAt: number | null, roundTripMs: number) => void;
}

/** Signs of a busy or failing server in words of Frappe: nothing to do with what was sent. */
const BUSY = new Set([
  "QueryTimeoutError",
  "QueryDeadlockError",
  "SessionStopped",
  "InReadOnlyMode",
  "OperationalError",
  "InterfaceError",
  "InternalError",
  "RateLimitExceededError",
  "TooManyRequestsError",
  "TimestampMismatchError",
]);

const anyDoc = z.record(z.string(), z.unknown());

export class Site {
  readonly #options: SiteOptions;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  /** Calls a method of the site. Throws Refused and the errors of a destination. */
  async call<T>(
    method: string,
    given: Doc,
    schema: z.ZodType<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const answer = await this.#post(`/api/method/${method}`, given, signal);
    return this.#proven(answer, z.object({ message: schema }), method).message;
  }

  /** What the DocType is, for this user. */
  async meta(doctype: string, signal?: AbortSignal): Promise<Doc> {
    const answer = await this.#get(`/api/v2/doctype/${encodeURIComponent(doctype)}/meta`, signal);
    return this.#proven(answer, z.object({ data: anyDoc }), doctype).data;
  }

  async list<T>(
    doctype: string,
    row: z.ZodType<T>,
    { fields, filters = [], orderBy, limit = 0 }: SiteQuery,
    signal?: AbortSignal,
  ): Promise<T[]> {
    const given = {
      doctype,
      fields,
      filters,
      limit_page_length: limit,
      ...(orderBy !== undefined && { order_by: orderBy }),
    };
    return await this.#read("frappe.client.get_list", given, z.array(row), signal);
  }

  /** A lost answer to a question costs one more try at once: on a bad line a batch would never end. */
  async #read<T>(
    method: string,
    given: Doc,
    schema: z.ZodType<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await this.call(method, given, schema, signal);
    } catch (error) {
      if (!(error instanceof Lost) || signal?.aborted) throw error;
      return await this.call(method, given, schema, signal);
    }
  }

  /** All or nothing, at most 200. Returns their names in order. */
  async insertMany(docs: readonly Doc[], signal?: AbortSignal): Promise<string[]> {
    return await this.call("frappe.client.insert_many", { docs }, z.array(z.string()), signal);
  }

  /** The document with its rows. */
  async get(doctype: string, name: string, signal?: AbortSignal): Promise<Doc> {
    return await this.call("frappe.client.get", { doctype, name }, anyDoc, signal);
  }

  async setValues(
    doctype: string,
    name: string,
    values: Doc,
    signal?: AbortSignal,
  ): Promise<Doc> {
    const given = { doctype, name, fieldname: values };
    return await this.call("frappe.client.set_value", given, anyDoc, signal);
  }

  /** IANA name of the zone in which the site keeps times. */
  async timeZone(signal?: AbortSignal): Promise<string> {
    const answer = z.object({ time_zone: z.string().min(1).max(64) });
    return (await this.call("frappe.client.get_time_zone", {}, answer, signal)).time_zone;
  }

  #post(path: string, body: Doc, signal: AbortSignal | undefined): Promise<RawAnswer> {
    return this.#ask(
      path,
      (url, headers) =>
        this.#options.http.post(url, { headers, body: JSON.stringify(body), signal }),
    );
  }

  #get(path: string, signal: AbortSignal | undefined): Promise<RawAnswer> {
    return this.#ask(path, (url, headers) => this.#options.http.get(url, { headers, signal }));
  }

  async #ask(
    path: string,
    send: (url: URL, headers: Record<string, string>) => Promise<RawAnswer>,
  ): Promise<RawAnswer> {
    const access = this.#options.access();
    if (access === null) throw new NotWelcome("this agent is not set up: run provision-erpnext");
    const headers = {
      "User-Agent": `biometric-agent/${this.#options.agentVersion}`,
      "Authorization": `token ${access.key}:${access.secret}`,
    };
    try {
      return await send(addressOf(access.url, path), headers);
    } catch (error) {
      if (error instanceof NoAnswer) {
        const why = error.broken === "unsent" || error.why === "timeout" ? Unreachable : Lost;
        throw new why(error.message, false);
      }
      throw error;
    }
  }

  #proven<T>(answer: RawAnswer, schema: z.ZodType<T>, what: string): T {
    const value = parsed(answer);
    if (answer.status !== 200) {
      const { now, holder = "this agent" } = this.#options;
      throw refusal(answer, value, { what, holder, now: now() });
    }
    const checked = schema.safeParse(value);
    if (!checked.success) {
      const where = checked.error.issues[0]?.path.map(String).join(".") ?? "";
      throw new Unreachable(
        value === undefined
          ? `status 200 without ERPNext's JSON (${what})`
          : `status 200 of another shape at '${where}' (${what})`,
        false,
      );
    }
    const at = answer.date === null ? NaN : Date.parse(answer.date);
    this.#options.onAnswer?.(Number.isNaN(at) ? null : at, answer.roundTripMs);
    return checked.data;
  }
}

function addressOf(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  url.search = "";
  url.hash = "";
  return url;
}

function parsed({ contentType, text }: RawAnswer): unknown {
  if (!contentType.toLowerCase().startsWith("application/json")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** v1 says `exc_type` beside the rest, v2 in a list of errors. */
const refusalBody = z.union([
  z.object({ exc_type: z.string().max(140) }).transform(({ exc_type }) => exc_type),
  z.object({ errors: z.array(z.object({ type: z.string().max(140) })).min(1) })
    .transform(({ errors }) => errors[0]?.type ?? ""),
]);

/** Names of exceptions are shown to people: nothing but a name may pass. */
function typeOf(value: unknown): string | null {
  const body = refusalBody.safeParse(value);
  return body.success && /^[A-Za-z][A-Za-z0-9_.]{0,80}$/.test(body.data) ? body.data : null;
}

function refusal(
  answer: RawAnswer,
  value: unknown,
  { what, holder, now }: { what: string; holder: string; now: number },
): Error {
  const { status } = answer;
  const excType = typeOf(value);
  const said = `status ${status} (${excType ?? "not ERPNext's words"}; ${what})`;
  const askedMs = readRetryAfter(answer.retryAfter, now);
  // A site has no words of ours: what it asks is not told from what a proxy asks.
  const retryAfter = askedMs === null ? null : { ms: askedMs, own: false };
  if (status === 429 || status === 503) return new Unreachable(said, false, retryAfter);
  if (status === 413 || status === 414) return new TooLarge(said);
  if (status === 401) return new NotWelcome(`${said}: ERPNext does not know ${holder}'s key`);
  if (status === 403) return new Forbidden(`${said}: ${holder}'s role may not do that`);
  if (excType === null) {
    const hint = status === 404 || (status >= 300 && status < 400)
      ? ": at this address there is no such site; compare it with the one in the browser"
      : "";
    return new Unreachable(`${said}${hint}`, false, retryAfter);
  }
  if (BUSY.has(excType)) return new Unreachable(said, false, retryAfter);
  return new Refused(status, excType);
}
