/**
 * Which update may be believed: metadata in TUF's manner, four signed roles (root, timestamp, snapshot,
 * targets), each with a version and an expiry. Pure: no file, no network, no clock of its own. Owns what is
 * proven and in which order; must not know where metadata or files come from.
 *
 * What it defends against, beside forged files: an older set (the highest version of each role is remembered),
 * a frozen one (expiry), a mixed one (snapshot pins targets, timestamp pins snapshot), a lost or changed key
 * (each new root is signed by the one before), another machine's file (architecture is part of a target).
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { z } from "zod";

const keyId = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.int().min(1);
const instantText = z.iso.datetime();
const roleKeys = z.object({
  keyids: z.array(keyId).min(1).max(16),
  threshold: z.int().min(1).max(16),
});
const common = { version, expires: instantText };

const rootSigned = z.object({
  _type: z.literal("root"),
  ...common,
  /** By key id: Base64 of the 32 raw bytes of an Ed25519 key. */
  keys: z.record(keyId, z.string().max(64)),
  roles: z.object({
    root: roleKeys,
    timestamp: roleKeys,
    snapshot: roleKeys,
    targets: roleKeys,
  }),
});
const pinned = z.object({ version, sha256: z.string() });
const timestampSigned = z.object({ _type: z.literal("timestamp"), ...common, snapshot: pinned });
const snapshotSigned = z.object({ _type: z.literal("snapshot"), ...common, targets: pinned });
const targetSchema = z.object({
  version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/),
  architecture: z.enum(["x86_64", "aarch64"]),
  length: z.int().min(1).max(512 * 1024 * 1024),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const targetsSigned = z.object({
  _type: z.literal("targets"),
  ...common,
  files: z.array(targetSchema).max(100),
});

/** Of DESIGN: a file is signed by two. */
const LEAST_SIGNERS = { root: 2, targets: 2, snapshot: 1, timestamp: 1 } as const;
type Role = keyof typeof LEAST_SIGNERS;

const envelope = z.object({
  signed: z.record(z.string(), z.unknown()),
  signatures: z.array(z.object({ keyid: keyId, sig: z.string().max(128) })).max(16),
});
export type Envelope = z.output<typeof envelope>;

/** All that travels: every root from the first one on, and the newest of the other three. */
export const metadataSchema = z.object({
  roots: z.array(envelope).min(1).max(64),
  timestamp: envelope,
  snapshot: envelope,
  targets: envelope,
});

/** What is kept between two looks; written by whoever asked, after a look that succeeded. */
export const trustSchema = z.object({
  root: envelope,
  /** Highest versions that were proven. */
  timestamp: z.int().min(0),
  snapshot: z.int().min(0),
  targets: z.int().min(0),
});
export type Trust = z.output<typeof trustSchema>;
export type Target = z.output<typeof targetSchema>;

/** The metadata is not to be believed; nothing of it was used. `code` is for logs and alarms. */
export class Untrusted extends Error {
  override readonly name = "Untrusted";
  constructor(
    readonly code: "unsigned" | "older" | "expired" | "mixed" | "malformed",
    message: string,
  ) {
    super(message);
  }
}

export interface Proven {
  readonly trust: Trust;
  readonly files: readonly Target[];
  /** Epoch ms: until then the set counts as fresh. */
  readonly freshUntil: number;
}

/** The root of trust as a file carries it; null: none, or no such document. */
export function rootOf(value: unknown): Envelope | null {
  return envelope.safeParse(value).data ?? null;
}

export function firstTrust(root: Envelope): Trust {
  return { root, timestamp: 0, snapshot: 0, targets: 0 };
}

/** Throws Untrusted. `now` is epoch ms of a clock that is believed. */
export function proveMetadata(given: unknown, trust: Trust, now: number): Proven {
  const checked = metadataSchema.safeParse(given);
  if (!checked.success) throw new Untrusted("malformed", "this is no update metadata");
  const { roots, timestamp, snapshot, targets } = checked.data;
  const root = newestRoot(roots, trust.root);
  const keys = rootSigned.parse(root.signed);
  fresh(keys, "root", now);
  const time = opened("timestamp", timestamp, timestampSigned, keys);
  notOlder("timestamp", time.version, trust.timestamp);
  fresh(time, "timestamp", now);
  const shot = opened("snapshot", snapshot, snapshotSigned, keys);
  isPinned("snapshot", snapshot, shot.version, time.snapshot);
  notOlder("snapshot", shot.version, trust.snapshot);
  fresh(shot, "snapshot", now);
  const list = opened("targets", targets, targetsSigned, keys);
  isPinned("targets", targets, list.version, shot.targets);
  notOlder("targets", list.version, trust.targets);
  fresh(list, "targets", now);
  return {
    trust: { root, timestamp: time.version, snapshot: shot.version, targets: list.version },
    files: list.files,
    freshUntil: Math.min(...[time, shot, list].map(({ expires }) => Date.parse(expires))),
  };
}

/** The newest file for a machine that is newer than what it has; null when there is none. */
export function newerFile(
  files: readonly Target[],
  { architecture, version: have }: { architecture: string; version: string },
): Target | null {
  const fitting = files.filter((file) =>
    file.architecture === architecture && compareVersions(file.version, have) > 0
  );
  return fitting.sort((a, b) => compareVersions(b.version, a.version))[0] ?? null;
}

/** Below 0: `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((text) => text.split(".").map(Number));
  for (let n = 0; n < 3; n++) {
    const difference = (one?.[n] ?? 0) - (other?.[n] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** From the trusted root on, each one signed by its own keys and by those of the one before. */
function newestRoot(roots: readonly Envelope[], trusted: Envelope): Envelope {
  let newest = trusted;
  for (const next of roots) {
    const before = parsed("root", newest, rootSigned);
    const wanted = parsed("root", next, rootSigned);
    if (wanted.version <= before.version) continue;
    if (wanted.version !== before.version + 1) {
      throw new Untrusted(
        "mixed",
        `root ${before.version + 1} is missing in front of ${wanted.version}`,
      );
    }
    signedBy("root", next, before);
    signedBy("root", next, wanted);
    newest = next;
  }
  signedBy("root", newest, parsed("root", newest, rootSigned));
  return newest;
}

type Root = z.output<typeof rootSigned>;

function opened<T>(role: Role, document: Envelope, schema: z.ZodType<T>, keys: Root): T {
  signedBy(role, document, keys);
  return parsed(role, document, schema);
}

function parsed<T>(role: Role, { signed }: Envelope, schema: z.ZodType<T>): T {
  const checked = schema.safeParse(signed);
  if (!checked.success) throw new Untrusted("malformed", `${role} cannot be read`);
  return checked.data;
}

function signedBy(role: Role, { signed, signatures }: Envelope, { keys, roles }: Root): void {
  const { keyids, threshold } = roles[role];
  const text = new TextEncoder().encode(canonical(signed));
  const signers = new Set<string>();
  for (const { keyid, sig } of signatures) {
    const key = keys[keyid];
    if (key === undefined || !keyids.includes(keyid) || keyIdOf(key) !== keyid) continue;
    if (isSignature(text, key, sig)) signers.add(keyid);
  }
  const needed = Math.max(threshold, LEAST_SIGNERS[role]);
  if (signers.size < needed) {
    throw new Untrusted("unsigned", `${role} bears ${signers.size} of ${needed} signatures`);
  }
}

/** Hex, of the raw key. */
export function keyIdOf(publicKey: string): string {
  return createHash("sha256").update(Uint8Array.fromBase64(publicKey)).digest("hex");
}

function isSignature(text: Uint8Array, publicKey: string, signature: string): boolean {
  try {
    const x = Uint8Array.fromBase64(publicKey).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, text, key, Uint8Array.fromBase64(signature));
  } catch {
    // A key or signature that is no such thing proves nothing.
    return false;
  }
}

function isPinned(
  role: Role,
  { signed }: Envelope,
  have: number,
  pin: z.output<typeof pinned>,
): void {
  if (have !== pin.version || digestOf(signed) !== pin.sha256) {
    throw new Untrusted("mixed", `${role} ${have} is not the one that belongs to this set`);
  }
}

/** Hex SHA-256 of a document as it is signed. */
export function digestOf(signed: unknown): string {
  return createHash("sha256").update(canonical(signed)).digest("hex");
}

function notOlder(role: Role, have: number, seen: number): void {
  if (have < seen) {
    throw new Untrusted("older", `${role} ${have} is older than ${seen}, seen before`);
  }
}

function fresh({ expires }: { expires: string }, role: Role, now: number): void {
  if (Date.parse(expires) <= now) throw new Untrusted("expired", `${role} expired on ${expires}`);
}

/** JSON with sorted names and nothing between: one text for one value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${
    entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")
  }}`;
}
