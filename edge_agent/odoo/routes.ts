/**
 * The door to Odoo: the five requests of docs/contract.md as typed functions. Owns routes, headers,
 * and the proof that an answer is about what was asked; the only file that knows Odoo's URL and the
 * token. What answers look like is in shapes.ts, the body of a batch in batch_body.ts. Must not know
 * the queue, nor when anything is asked again.
 *
 * A status code decides nothing but how long to wait: every function returns a proven answer or
 * throws one of the four errors of a destination.
 */
import type { z } from "zod";
import { sha256Hex } from "../base/sha256.ts";
import {
  type Batch,
  type Destination,
  type DestinationHttp,
  NoAnswer,
  NotWelcome,
  type RawAnswer,
  type Receipt,
  Unreachable,
  type UserList,
} from "../delivery/delivery.ts";
import { provenAnswer } from "./answer.ts";
import { bareText, batchText, NO_SIGNATURE, punchesBody } from "./batch_body.ts";
import {
  confirmDaysAnswer,
  confirmKeysAnswer,
  confirmRejectsAnswer,
  CONTRACT_VERSION,
  type PairAnswer,
  pairAnswer,
  receiptAnswer,
  type SyncAnswer,
  syncAnswer,
  usersAnswer,
} from "./shapes.ts";

const PREFIX = "biometric/v1";

/** Odoo refuses larger requests. */
const MAX_REQUEST_BYTES = 1024 * 1024;

export interface Access {
  readonly url: string;
  readonly database: string | null;
  /** Null for pairing. */
  readonly token: string | null;
}

export interface OdooOptions {
  readonly http: DestinationHttp;
  /** Asked before every request, so that a rotated token counts from the next one on. */
  readonly access: () => Access | null;
  /** Told with every proven answer. */
  readonly onServerTime?: (serverAt: number, roundTripMs: number) => void;
  readonly agentVersion: string;
  /** Epoch ms, for a Retry-After that is a date. */
  readonly now: () => number;
  /** Base64 of the signature by this agent's key. */
  readonly sign: (text: string) => Promise<string>;
}

/** What this agent does of the steps of the contract. */
export const CAN = [
  "signed_pairing",
  "signed_batches",
  "signed_requests",
  "remembered_heads",
  "loss_report",
  "busy",
  "updates",
] as const;

export class Odoo implements Destination {
  readonly #options: OdooOptions;

  constructor(options: OdooOptions) {
    this.#options = options;
  }

  /** Throws NotWelcome for a wrong, used or expired code. */
  async pair(
    { url, database, code, publicKey, host }: {
      url: string;
      database: string | null;
      code: string;
      publicKey: string;
      host: { name: string; os: string; arch: string };
    },
  ): Promise<PairAnswer> {
    const body = {
      version: CONTRACT_VERSION,
      code,
      public_key: publicKey,
      can: CAN,
      signature: await this.#options.sign(["v1", "pair", code].join("\n")),
      host: { ...host, agent_version: this.#options.agentVersion },
    };
    return await this.#ask("pair", body, pairAnswer, { access: { url, database, token: null } });
  }

  fits(batch: Batch): boolean {
    const body = JSON.stringify(punchesBody(batch, NO_SIGNATURE, () => NO_SIGNATURE));
    return new TextEncoder().encode(body).length <= MAX_REQUEST_BYTES;
  }

  /** Resolves only with a receipt: whole, for this batch and lane, one verdict per number sent. */
  async postPunches(batch: Batch, signal?: AbortSignal): Promise<Receipt> {
    const body = await this.#signed(batch);
    const { wait_ms: waitMs, ...answer } = await this.#ask("punches", body, receiptAnswer, {
      signal,
    });
    const fault = receiptFault(batch, answer);
    if (fault !== null) throw new Unreachable(`no receipt: ${fault}`, true);
    return { ...answer, waitMs };
  }

  async #signed(batch: Batch): Promise<unknown> {
    const { sign } = this.#options;
    const named = new Map<number, string>();
    for (const one of batch.sightings) {
      if (one.kind === "leaf") named.set(one.seq, await sign(bareText(one)));
    }
    const signature = await sign(batchText(batch));
    return punchesBody(batch, signature, ({ seq }) => named.get(seq) ?? "");
  }

  /** The days whose keys Odoo does not hold exactly so. */
  async confirmDays(
    serial: string,
    days: readonly { day: string; count: number; digest: string }[],
    signal?: AbortSignal,
  ): Promise<string[]> {
    const body = { version: CONTRACT_VERSION, serial, days };
    const answer = await this.#ask("confirm", body, confirmDaysAnswer, { signal });
    requireEcho(answer.serial, serial);
    const asked = new Set(days.map((day) => day.day));
    requireAsked(answer.differs, asked);
    return answer.differs;
  }

  /** Of at most 5,000 keys, those that Odoo does not hold. */
  async confirmKeys(
    serial: string,
    keys: readonly string[],
    signal?: AbortSignal,
  ): Promise<string[]> {
    const body = { version: CONTRACT_VERSION, serial, keys };
    const answer = await this.#ask("confirm", body, confirmKeysAnswer, { signal });
    requireEcho(answer.serial, serial);
    requireAsked(answer.missing, new Set(keys));
    return answer.missing;
  }

  /** Of at most 1,000 digests of unreadable lines, those that nobody has decided about. */
  async confirmRejects(
    serial: string,
    rejects: readonly string[],
    signal?: AbortSignal,
  ): Promise<string[]> {
    const body = { version: CONTRACT_VERSION, serial, rejects };
    const answer = await this.#ask("confirm", body, confirmRejectsAnswer, { signal });
    requireEcho(answer.serial, serial);
    requireAsked(answer.undecided, new Set(rejects));
    return answer.undecided;
  }

  /** Relays device users from memory; returns how many Odoo knows now. */
  async users(
    serial: string,
    list: UserList,
    signal?: AbortSignal,
  ): Promise<number> {
    const body = { version: CONTRACT_VERSION, serial, ...list };
    const answer = await this.#ask("users", body, usersAnswer, { signal });
    requireEcho(answer.serial, serial);
    return answer.known;
  }

  /** `status` is the body of docs/contract.md without its version. */
  sync(status: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<SyncAnswer> {
    return this.#ask("sync", { version: CONTRACT_VERSION, ...status }, syncAnswer, { signal });
  }

  async #ask<T extends { server_time: number }>(
    route: string,
    body: unknown,
    schema: z.ZodType<T>,
    { access = this.#options.access(), signal }: {
      access?: Access | null;
      signal?: AbortSignal | undefined;
    },
  ): Promise<T> {
    if (access === null) throw new NotWelcome("this agent is not paired");
    const text = JSON.stringify(body);
    const answer = await this.#post(
      routeUrl(access.url, route),
      { ...requestHeaders(access, this.#options.agentVersion), ...await this.#seal(route, text) },
      text,
      signal,
    );
    const proven = provenAnswer(answer, schema, {
      database: access.database,
      now: this.#options.now(),
    });
    this.#options.onServerTime?.(proven.server_time, answer.roundTripMs);
    return proven;
  }

  /** What proves that a request is this agent's own word, where nothing in its body does. */
  async #seal(route: string, body: string): Promise<Record<string, string>> {
    if (!SEALED.has(route)) return {};
    const text = ["v1", "request", route, sha256Hex(body)].join("\n");
    return { [SIGNATURE_HEADER]: await this.#options.sign(text) };
  }

  async #post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal | undefined,
  ): Promise<RawAnswer> {
    try {
      return await this.#options.http.post(url, { headers, body, signal });
    } catch (error) {
      if (error instanceof NoAnswer) {
        throw new Unreachable(error.message, error.broken === "unknown");
      }
      throw error;
    }
  }
}

/** Routes whose requests are signed whole; others carry their signatures within, or prove nothing. */
const SEALED: ReadonlySet<string> = new Set(["sync", "users"]);
const SIGNATURE_HEADER = "Biometric-Signature";

function receiptFault(
  batch: Batch,
  answer: Omit<z.output<typeof receiptAnswer>, "wait_ms">,
): string | null {
  if (answer.batch_id !== batch.batchId) return "it is for another batch";
  if (answer.lane !== batch.lane) return "it is for another lane";
  const given = new Set(answer.verdicts.map((verdict) => verdict.seq));
  if (given.size !== answer.verdicts.length) return "it judges one number twice";
  if (given.size !== batch.sightings.length) return "it does not judge every number";
  const missing = batch.sightings.find((sighting) => !given.has(sighting.seq));
  return missing === undefined ? null : "it judges other numbers";
}

function requireEcho(echoed: string, serial: string): void {
  if (echoed !== serial) throw new Unreachable("the answer is for another device", true);
}

function requireAsked(answered: readonly string[], asked: ReadonlySet<string>): void {
  if (answered.some((item) => !asked.has(item))) {
    throw new Unreachable("the answer names what was not asked for", true);
  }
}

/** How an agent says who it is, on every route. */
export function requestHeaders(access: Access, agentVersion: string): Record<string, string> {
  const headers: Record<string, string> = { "User-Agent": `biometric-agent/${agentVersion}` };
  if (access.token !== null) headers["Authorization"] = `Bearer ${access.token}`;
  if (access.database !== null) headers["X-Odoo-Database"] = access.database;
  return headers;
}

export function routeUrl(base: string, route: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${PREFIX}/${route}`;
  url.search = "";
  url.hash = "";
  return url;
}
