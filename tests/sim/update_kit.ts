/** Keys, metadata and files of updates for tests: made anew in each process, by dev/pack/sign.ts. */
import {
  type Holders,
  makeKey,
  makeRelease,
  makeRoot,
  type Metadata,
  signedWith,
} from "../../dev/pack/sign.ts";
import type { Envelope, Target } from "../../edge_agent/machine/metadata.ts";

export type { Metadata };

export const NOW = Date.UTC(2026, 10, 2, 8);
const DAY_MS = 86_400_000;
export const inDays = (days: number, from = NOW): string =>
  new Date(from + days * DAY_MS).toISOString();

/** Two people hold root and targets, one machine the other two. */
export class Company {
  readonly people = [makeKey(), makeKey(), makeKey()];
  readonly online = makeKey();
  readonly roots: Envelope[];

  /** `now`: from when on its documents are good. */
  constructor(readonly now = NOW) {
    const root = makeRoot(this.holders(), 1, inDays(365, now));
    this.roots = [this.signed(root, 0, 1)];
  }

  holders(people = [0, 1]): Holders {
    const publicKeys = people.map((one) => this.key(one).publicKey);
    const pair = { threshold: 2, publicKeys };
    const online = { threshold: 1, publicKeys: [this.online.publicKey] };
    return { root: pair, targets: pair, snapshot: online, timestamp: online };
  }

  key(index: number) {
    const key = this.people[index];
    if (key === undefined) throw new Error(`there is no person ${index}`);
    return key;
  }

  signed(document: Envelope, ...people: number[]): Envelope {
    return people.reduce((made, one) => signedWith(made, this.key(one).pem), document);
  }

  /** A whole set, signed as it should be. */
  release(
    files: readonly Target[],
    { version = 1, days = 30, signers = [0, 1] } = {},
  ): Metadata {
    const expires = { timestamp: inDays(days, this.now), targets: inDays(days, this.now) };
    const bare = makeRelease({ roots: this.roots, files, version, expires });
    return {
      ...bare,
      targets: this.signed(bare.targets, ...signers),
      snapshot: signedWith(bare.snapshot, this.online.pem),
      timestamp: signedWith(bare.timestamp, this.online.pem),
    };
  }
}

export const target = (more: Partial<Target> = {}): Target => ({
  version: "1.1.0",
  architecture: "aarch64",
  length: 3_000_000,
  sha256: "a".repeat(64),
  ...more,
});

/** The same bytes for both kinds of machine, as a release that is signed and laid beside its metadata. */
export async function releaseOf(
  company: Company,
  version: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ metadata: Metadata; files: { name: string; bytes: Uint8Array }[] }> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const file = { version, length: bytes.length, sha256: digest.toHex() };
  const architectures = ["aarch64", "x86_64"] as const;
  return {
    metadata: company.release(architectures.map((architecture) => ({ ...file, architecture }))),
    files: [{ name: `biometric-agent-${version}`, bytes }],
  };
}
