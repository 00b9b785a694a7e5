/**
 * The audit heads this agent was shown, kept for a year as a chain of its own: one line an hour in which
 * the trail grew, each signed over the line before. Owns the files `heads-….jsonl` beside the queue, one
 * per Odoo and key; must not know what a head proves, nor who asks for it.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { type Clock, instant } from "../base/clock.ts";
import { HOUR_MS } from "../base/duration.ts";
import type { AuditHead } from "./countersign.ts";
import { fromBase64, type Identity } from "./identity.ts";
import { appendLine, writeSecretFile } from "../base/secret_file.ts";

export interface KeptHead extends AuditHead {
  /** Epoch ms. */
  readonly at: number;
  /** Base64, over the head, `at` and the signature of the line before. */
  readonly signature: string;
}

/** One file: whose heads, and where the chain of its lines begins. */
export interface HeadsFile {
  readonly url: string;
  readonly database: string | null;
  /** Base64. */
  readonly publicKey: string;
  /** Signature of the line before the first, empty when that is the first of all. */
  readonly former: string;
  readonly heads: readonly KeptHead[];
}

/** A year of hours; a line is about 195 bytes, so a file stays below 2 MB. */
export const MAX_HEADS = 366 * 24;
/** Lines beyond that are dropped together, a week's at a time: each time the file is written anew. */
export const SLACK = 7 * 24;

const FILE_NAME = /^heads-[0-9a-f]{16}\.jsonl$/;

const firstLine = z.object({
  version: z.literal(1),
  url: z.string(),
  database: z.string().nullable(),
  public_key: z.string(),
  former: z.string(),
});
const line = z.tuple([z.int(), z.int(), z.string(), z.int(), z.string()]);

export interface HeadChainOptions {
  readonly directory: string;
  readonly clock: Pick<Clock, "now">;
  readonly identity: Pick<Identity, "sign" | "publicKey" | "pairing">;
  /** Heads kept; default MAX_HEADS. */
  readonly most?: number;
}

export class HeadChain {
  readonly #options: HeadChainOptions;
  readonly #most: number;
  #name = "";
  #file: HeadsFile | null = null;
  /** The file ends in the middle of a line, or is not there yet. */
  #torn = false;

  constructor(options: HeadChainOptions) {
    this.#options = options;
    this.#most = options.most ?? MAX_HEADS;
  }

  /** Names the Odoo and the key of these heads; another pairing or key has another memory. */
  get name(): string {
    const { pairing, publicKey } = this.#options.identity;
    const parts = [pairing?.url ?? "", pairing?.database ?? "", publicKey];
    const digest = createHash("sha256").update(parts.join("\n")).digest("hex");
    return `heads-${digest.slice(0, 16)}.jsonl`;
  }

  /** Oldest first. */
  all(): readonly KeptHead[] {
    return this.#open().heads;
  }

  /** Durable when it resolves. Does nothing within an hour of the last line, or when nothing grew. */
  async keep(head: AuditHead): Promise<void> {
    const { clock, identity } = this.#options;
    const file = this.#open();
    const last = file.heads.findLast((one) => one.company_id === head.company_id);
    const at = Math.floor(clock.now());
    if (last !== undefined) {
      // Either way: a clock that was set back must not stop the memory.
      if (Math.abs(at - last.at) < HOUR_MS) return;
      if (last.seq === head.seq && last.hash === head.hash) return;
    }
    const former = file.heads.at(-1)?.signature ?? file.former;
    const { company_id, seq, hash } = head;
    const signature = await identity.sign(lineText({ company_id, seq, hash, at, former }));
    this.#append({ company_id, seq, hash, at, signature });
  }

  #append(kept: KeptHead): void {
    const file = this.#open();
    const heads = [...file.heads, kept];
    const path = `${this.#options.directory}/${this.#name}`;
    if (this.#torn || heads.length > this.#most + SLACK) {
      const whole = shortened({ ...file, heads }, this.#most);
      writeWhole(path, whole);
      this.#file = whole;
      this.#torn = false;
      return;
    }
    // Until the line is on the disk the file may end in half of it.
    this.#torn = true;
    appendLine(path, lineOf(kept));
    this.#torn = false;
    this.#file = { ...file, heads };
  }

  #open(): HeadsFile {
    const { name } = this;
    if (this.#file !== null && this.#name === name) return this.#file;
    const { directory, identity } = this.#options;
    const read = readFile(`${directory}/${name}`);
    this.#name = name;
    this.#torn = read === null || read.torn;
    this.#file = read?.file ?? {
      url: identity.pairing?.url ?? "",
      database: identity.pairing?.database ?? null,
      publicKey: identity.publicKey,
      former: "",
      heads: [],
    };
    return this.#file;
  }
}

/** All that lie in a directory, the oldest chain first. */
export function readHeads(directory: string): HeadsFile[] {
  const names = [...Deno.readDirSync(directory)].map((entry) => entry.name);
  return names.filter((name) => FILE_NAME.test(name)).sort()
    .flatMap((name) => readFile(`${directory}/${name}`)?.file ?? [])
    .sort((one, other) => (one.heads[0]?.at ?? 0) - (other.heads[0]?.at ?? 0));
}

/** How `heads` prints a line: whoever has it needs nothing else to check it (docs/contract.md). */
export function printedHeads({ publicKey, former, heads }: HeadsFile): Record<string, unknown>[] {
  return heads.map(({ company_id, seq, hash, at, signature }, n) => ({
    company_id,
    seq,
    hash,
    at: instant(at),
    former: heads[n - 1]?.signature ?? former,
    signature,
    public_key: publicKey,
  }));
}

/** The first line that its key did not sign over the line before, null when all are right. */
export async function brokenHead({ publicKey, former, heads }: HeadsFile): Promise<number | null> {
  const key = await crypto.subtle.importKey("raw", fromBase64(publicKey), "Ed25519", false, [
    "verify",
  ]);
  let before = former;
  for (const [n, head] of heads.entries()) {
    const text = new TextEncoder().encode(lineText({ ...head, former: before }));
    const holds = await crypto.subtle.verify("Ed25519", key, fromBase64(head.signature), text);
    if (!holds) return n + 1;
    before = head.signature;
  }
  return null;
}

function lineText(
  { company_id, seq, hash, at, former }: AuditHead & { at: number; former: string },
): string {
  return ["v1", "remembered", company_id, seq, hash, instant(at), former].join("\n");
}

function lineOf({ company_id, seq, hash, at, signature }: KeptHead): string {
  return `${JSON.stringify([company_id, seq, hash, at, signature])}\n`;
}

/** The newest lines; what the chain of the rest begins with is remembered. */
function shortened(file: HeadsFile, most: number): HeadsFile {
  const dropped = file.heads.slice(0, -most);
  const former = dropped.at(-1)?.signature ?? file.former;
  return { ...file, former, heads: file.heads.slice(-most) };
}

/** Null when there is none, or one whose first line says nothing any more: that is set aside. */
function readFile(path: string): { file: HeadsFile; torn: boolean } | null {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const [begin = "", ...rest] = text.split("\n");
  const said = firstLine.safeParse(parsed(begin));
  if (!said.success) {
    Deno.renameSync(path, `${path}.damaged`);
    return null;
  }
  const { url, database, public_key: publicKey, former } = said.data;
  const lines = rest.filter((row) => row !== "").map((row) => line.safeParse(parsed(row)));
  // A line that rotted is left out: those after it still say what they say.
  const heads = lines.flatMap(({ data }) => {
    if (data === undefined) return [];
    const [company_id, seq, hash, at, signature] = data;
    return [{ company_id, seq, hash, at, signature }];
  });
  const torn = heads.length < lines.length || !text.endsWith("\n");
  return { file: { url, database, publicKey, former, heads }, torn };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function writeWhole(path: string, { url, database, publicKey, former, heads }: HeadsFile): void {
  const begin = JSON.stringify({ version: 1, url, database, public_key: publicKey, former });
  writeSecretFile(path, `${begin}\n${heads.map(lineOf).join("")}`.trimEnd());
}
