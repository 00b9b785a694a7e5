/**
 * Who this agent is: its Ed25519 key pair, made at the first start, and what pairing gave it.
 * Owns the two secret files of the data directory (0600, replaced whole, flushed before use).
 * Must not know what is signed, nor how a token travels.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { readSecretFile, writeSecretFile } from "../base/secret_file.ts";

const KEY_FILE = "identity.json";
const PAIRING_FILE = "pairing.json";

const keyFile = z.strictObject({
  version: z.literal(1),
  algorithm: z.literal("Ed25519"),
  /** Base64 of PKCS #8. */
  privateKey: z.string(),
  /** Base64 of the 32 raw bytes. */
  publicKey: z.string(),
});

const pairingFile = z.strictObject({
  version: z.literal(1),
  url: z.string(),
  database: z.string().nullable(),
  token: z.string().min(1),
  /** The token before; null once there is none. */
  previousToken: z.string().nullable(),
  /** False from the offer of a new token until Odoo answered to it. */
  confirmed: z.boolean(),
  agentId: z.int(),
  agentName: z.string(),
  company: z.string(),
});

export type Pairing = z.output<typeof pairingFile>;

const PAIR_AGAIN = "move it away and pair this agent again (the queue stays as it is)";

export class IdentityDamaged extends Error {
  override readonly name = "IdentityDamaged";
}

/** The few file operations that identity needs; tests hand in a directory, not another disk. */
export interface IdentityOptions {
  readonly directory: string;
}

export class Identity {
  readonly #directory: string;
  #privateKey: CryptoKey | null = null;
  #publicKey = "";
  #fingerprint = "";
  #pairing: Pairing | null = null;

  constructor({ directory }: IdentityOptions) {
    this.#directory = directory;
  }

  /** Reads the key pair, making it at the first start. Throws IdentityDamaged. */
  async start(): Promise<void> {
    const kept = readJson(`${this.#directory}/${KEY_FILE}`, keyFile);
    const pair = kept ?? await makeKeyFile(`${this.#directory}/${KEY_FILE}`);
    this.#privateKey = await importPrivateKey(pair.privateKey);
    this.#publicKey = pair.publicKey;
    this.#fingerprint = fingerprintOf(fromBase64(pair.publicKey));
    this.#pairing = readJson(`${this.#directory}/${PAIRING_FILE}`, pairingFile);
  }

  /** As `start`, but makes nothing: for looking at an agent that may never have run. */
  async startIfMade(): Promise<void> {
    if (readJson(`${this.#directory}/${KEY_FILE}`, keyFile) !== null) await this.start();
  }

  /** Base64 of the 32 raw bytes. */
  get publicKey(): string {
    return this.#publicKey;
  }

  /** What the approver in Odoo compares: 16 hex digits in groups of four. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  get pairing(): Pairing | null {
    return this.#pairing;
  }

  /** Base64 of the Ed25519 signature over the UTF-8 text. */
  async sign(text: string): Promise<string> {
    if (this.#privateKey === null) throw new Error("identity is not started");
    const bytes = new TextEncoder().encode(text);
    return toBase64(new Uint8Array(await crypto.subtle.sign("Ed25519", this.#privateKey, bytes)));
  }

  /** Keeps what pairing gave, in place of any pairing before. */
  keepPairing(given: Omit<Pairing, "version" | "previousToken" | "confirmed">): void {
    this.#keep({ ...given, version: 1, previousToken: null, confirmed: true });
  }

  /** Keeps a token that Odoo offers, durable before it is used; the old one stays as a way back. */
  rotate(token: string): void {
    const pairing = this.#pairing;
    if (pairing === null || pairing.token === token) return;
    this.#keep({ ...pairing, token, previousToken: pairing.token, confirmed: false });
  }

  /** Odoo answered to the current token. */
  confirmToken(): void {
    if (this.#pairing !== null && !this.#pairing.confirmed) {
      this.#keep({ ...this.#pairing, confirmed: true });
    }
  }

  /**
   * Odoo does not know the current token: after a restored backup, or an offer that it rolled back,
   * the one before may be the one it knows. Returns false when there is none.
   */
  tryPreviousToken(): boolean {
    const pairing = this.#pairing;
    if (pairing === null || pairing.previousToken === null) return false;
    this.#keep({
      ...pairing,
      token: pairing.previousToken,
      previousToken: pairing.token,
      confirmed: true,
    });
    return true;
  }

  #keep(pairing: Pairing): void {
    writeSecretFile(`${this.#directory}/${PAIRING_FILE}`, JSON.stringify(pairing));
    this.#pairing = pairing;
  }
}

/** First 16 hex digits of the SHA-256 of the public key, in groups of four. */
function fingerprintOf(publicKey: Uint8Array): string {
  return (createHash("sha256").update(publicKey).digest("hex").slice(0, 16).match(/.{4}/g) ?? [])
    .join(" ");
}

async function makeKeyFile(path: string): Promise<z.output<typeof keyFile>> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("no key pair was made");
  const made = {
    version: 1 as const,
    algorithm: "Ed25519" as const,
    privateKey: toBase64(
      new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)),
    ),
    publicKey: toBase64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))),
  };
  writeSecretFile(path, JSON.stringify(made));
  return made;
}

function importPrivateKey(base64: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", fromBase64(base64), "Ed25519", false, ["sign"]);
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  const kept = readSecretFile(path, schema);
  if (kept !== "damaged") return kept;
  throw new IdentityDamaged(`${path} is damaged; ${PAIR_AGAIN}`);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
