/**
 * npm run sign -- COMMAND …      (docs/signing.md is the ceremony)
 *   key FILE                               a new Ed25519 key, PKCS #8 PEM; prints its public part
 *   root OUT --keys LIST.json --expires DATE [--version N]            a root document without signatures
 *   fingerprint ROOT.json                  of a root document, as Odoo shows it
 *   release METADATA.json --root ROOT.json … --version N [--days 30] [--target-days 180] FILE …
 *                                          targets, snapshot, timestamp for files; days until they run out
 *   refresh METADATA.json --version N [--days 30]   a new snapshot and timestamp; who signed the files is not asked
 *   sign DOCUMENT.json --key FILE [--role NAME]                       adds one signature
 * Owns how metadata is written and signed. No key is made a part of the repository, of Odoo or of CI: each is
 * a file on a medium of its own, named on the command line. Reading and proving is edge_agent/machine/metadata.ts.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import {
  canonical,
  digestOf,
  type Envelope,
  keyIdOf,
  metadataSchema,
  type Target,
} from "../../edge_agent/machine/metadata.ts";
import { NotWhole, provenManifest, sha256OfFile } from "../../edge_agent/machine/packed_file.ts";
import { main, Trouble } from "../trouble.ts";

export type Metadata = z.output<typeof metadataSchema>;

const DAY_MS = 86_400_000;
const ROLES = ["root", "timestamp", "snapshot", "targets"] as const;
type Role = (typeof ROLES)[number];

const holders = z.record(
  z.enum(ROLES),
  z.object({
    threshold: z.int().min(1),
    /** Base64 of raw Ed25519 keys. */
    publicKeys: z.array(z.string()).min(1),
  }),
);
export type Holders = z.output<typeof holders>;

/** PKCS #8 PEM and the public key, Base64 of 32 raw bytes. */
export function makeKey(): { pem: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { pem, publicKey: publicKeyOf(pem) };
}

export function publicKeyOf(pem: string): string {
  const { x = "" } = createPublicKey(createPrivateKey(pem)).export({ format: "jwk" });
  return Uint8Array.fromBase64(x, { alphabet: "base64url" }).toBase64();
}

export function makeRoot(keys: Holders, version: number, expires: string): Envelope {
  const publicKeys = Object.values(keys).flatMap((role) => role.publicKeys);
  const role = (name: Role) => ({
    keyids: keys[name].publicKeys.map(keyIdOf),
    threshold: keys[name].threshold,
  });
  return {
    signed: {
      _type: "root",
      version,
      expires,
      keys: Object.fromEntries(publicKeys.map((key) => [keyIdOf(key), key])),
      roles: Object.fromEntries(ROLES.map((name) => [name, role(name)])),
    },
    signatures: [],
  };
}

export interface Release {
  readonly roots: readonly Envelope[];
  readonly files: readonly Target[];
  /** Of all three roles: it only grows. */
  readonly version: number;
  /** When timestamp and snapshot, and when targets run out. */
  readonly expires: { readonly timestamp: string; readonly targets: string };
}

/** Unsigned. The pins name what is signed, so signing in any order is right. */
export function makeRelease({ roots, files, version, expires }: Release): Metadata {
  const targets = bare({ _type: "targets", version, expires: expires.targets, files });
  return withFreshWord({ roots: [...roots], targets }, version, expires.timestamp);
}

const bare = (signed: Record<string, unknown>): Envelope => ({ signed, signatures: [] });

/** Of the signed list of files, that it is still the newest: snapshot and timestamp, unsigned. */
export function withFreshWord(
  { roots, targets }: Pick<Metadata, "roots" | "targets">,
  version: number,
  expires: string,
): Metadata {
  const pin = ({ signed }: Envelope) => ({
    version: signed["version"],
    sha256: digestOf(signed),
  });
  const snapshot = bare({ _type: "snapshot", version, expires, targets: pin(targets) });
  const timestamp = bare({ _type: "timestamp", version, expires, snapshot: pin(snapshot) });
  return { roots, timestamp, snapshot, targets };
}

/** With one more signature; a second one of the same key replaces the first. */
export function signedWith(document: Envelope, pem: string): Envelope {
  const keyid = keyIdOf(publicKeyOf(pem));
  const bytes = new TextEncoder().encode(canonical(document.signed));
  const sig = new Uint8Array(sign(null, bytes, createPrivateKey(pem))).toBase64();
  const others = document.signatures.filter((one) => one.keyid !== keyid);
  return { ...document, signatures: [...others, { keyid, sig }] };
}

/** What a packed file is, as a target. */
export async function targetOf(path: string): Promise<Target> {
  const { version, architecture } = await provenManifest(path);
  const { size: length } = await Deno.stat(path);
  return { version, architecture, length, sha256: await sha256OfFile(path) };
}

async function readJson(path: string): Promise<unknown> {
  const text = await Deno.readTextFile(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Trouble(`${path} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
}
const writeJson = (path: string, value: unknown) =>
  Deno.writeTextFile(path, `${JSON.stringify(value, null, 1)}\n`);
const readEnvelope = (path: string) =>
  readAs(path, metadataSchema.shape.targets, "no document that can be signed");

/** Throws Trouble that names the file and the first thing that is wrong in it. */
async function readAs<T>(path: string, schema: z.ZodType<T>, otherwise: string): Promise<T> {
  const read = schema.safeParse(await readJson(path));
  if (read.success) return read.data;
  const [first] = read.error.issues;
  throw new Trouble(`${path} is ${otherwise}: ${first?.path.join(".")}: ${first?.message}`);
}

async function keyCommand([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Trouble("Name the file the key goes into, on its own medium.");
  const { pem, publicKey } = makeKey();
  await Deno.writeTextFile(file, pem, { createNew: true, mode: 0o600 });
  console.log(publicKey);
}

async function rootCommand(args: readonly string[]): Promise<void> {
  const { values, positionals: [out] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      keys: { type: "string" },
      expires: { type: "string" },
      version: { type: "string", default: "1" },
    },
  });
  if (!out || !values.keys || !values.expires) {
    throw new Trouble("root needs OUT, --keys, --expires.");
  }
  const [version, expires] = [wholeNumber(values.version), dayOf(values.expires)];
  const keys = await readAs(values.keys, holders, "no list of whose keys count");
  await writeJson(
    out,
    makeRoot(keys, version, expires),
  );
}

async function fingerprintCommand([path]: readonly string[]): Promise<void> {
  if (path === undefined) throw new Trouble("Name the root document.");
  const digest = digestOf((await readEnvelope(path)).signed);
  console.log(digest.slice(0, 16).match(/.{4}/g)?.join(" "));
}

async function releaseCommand(args: readonly string[]): Promise<void> {
  const { values, positionals: [out, ...paths] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      root: { type: "string", multiple: true, default: [] },
      version: { type: "string" },
      days: { type: "string", default: "30" },
      "target-days": { type: "string", default: "180" },
    },
  });
  if (!out || paths.length === 0 || !values.version || values.root.length === 0) {
    throw new Trouble("release needs METADATA, --root, --version and the files.");
  }
  await writeJson(
    out,
    makeRelease({
      roots: await Promise.all(values.root.map(readEnvelope)),
      files: await Promise.all(paths.map(namedTarget)),
      version: wholeNumber(values.version),
      expires: { timestamp: inDays(values.days), targets: inDays(values["target-days"]) },
    }),
  );
}

async function namedTarget(path: string): Promise<Target> {
  try {
    return await targetOf(path);
  } catch (error) {
    if (error instanceof NotWhole) throw new Trouble(`${path}: ${error.message}.`);
    throw error;
  }
}

async function refreshCommand(args: readonly string[]): Promise<void> {
  const { values, positionals: [path] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { version: { type: "string" }, days: { type: "string", default: "30" } },
  });
  if (!path || !values.version) throw new Trouble("refresh needs METADATA and --version.");
  const version = wholeNumber(values.version);
  const known = await readAs(path, metadataSchema, "no metadata");
  const before = Number(known.timestamp.signed["version"]);
  if (!(version > before)) {
    throw new Trouble(`--version has to be above ${before}, the number of this set.`);
  }
  await writeJson(path, withFreshWord(known, version, inDays(values.days)));
}

function dayOf(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new Trouble(`${text} is no date: write it as 2027-11-01.`);
  return new Date(at).toISOString();
}

/** Numbers of sets and of root documents. */
function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Trouble(`--version is a whole number, not ${text}.`);
  return Number(text);
}

function inDays(text: string): string {
  const days = Number(text);
  if (!(days > 0)) throw new Trouble(`${text} is no number of days.`);
  return new Date(Date.now() + days * DAY_MS).toISOString();
}

async function signCommand(args: readonly string[]): Promise<void> {
  const { values, positionals: [path] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { key: { type: "string" }, role: { type: "string" } },
  });
  if (!path || !values.key) throw new Trouble("sign needs the document and --key.");
  const pem = await keyIn(values.key);
  const document = await readJson(path);
  const whole = metadataSchema.safeParse(document);
  if (!whole.success) return await writeJson(path, signedWith(await readEnvelope(path), pem));
  const role = z.enum(["timestamp", "snapshot", "targets"]).safeParse(values.role);
  if (!role.success) throw new Trouble("--role is timestamp, snapshot or targets.");
  const signed = signedWith(whole.data[role.data], pem);
  await writeJson(path, { ...whole.data, [role.data]: signed });
}

async function keyIn(path: string): Promise<string> {
  const pem = await Deno.readTextFile(path);
  try {
    publicKeyOf(pem);
    return pem;
  } catch {
    throw new Trouble(`${path} holds no key that this program made.`);
  }
}

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  key: keyCommand,
  root: rootCommand,
  fingerprint: fingerprintCommand,
  release: releaseCommand,
  refresh: refreshCommand,
  sign: signCommand,
};

/** One line of the ceremony. Throws Trouble with what to do. */
export async function ceremony([name = "", ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS[name];
  if (command === undefined) {
    throw new Trouble(`Commands are ${Object.keys(COMMANDS).join(", ")}.`);
  }
  try {
    await command(args);
  } catch (error) {
    throw inWords(error);
  }
}

/** A medium that is not plugged in and a key that is there already are no faults of the program. */
function inWords(error: unknown): unknown {
  if (error instanceof Deno.errors.AlreadyExists) {
    return new Trouble(`${error.message}: it exists, and a key is never written over another.`);
  }
  if (
    error instanceof TypeError &&
    /^Unknown option|argument (missing|is ambiguous)/.test(error.message)
  ) {
    return new Trouble(error.message);
  }
  const outside = [Deno.errors.NotFound, Deno.errors.PermissionDenied, Deno.errors.IsADirectory];
  if (outside.some((kind) => error instanceof kind)) return new Trouble((error as Error).message);
  return error;
}

if (import.meta.main) {
  await main(async () => {
    await ceremony(Deno.args);
    return 0;
  });
}
