/** P14, C07: which update metadata is believed. Every attack is a set that is right but for one thing. */
import assert from "node:assert/strict";
import { makeKey, makeRoot, type Metadata, signedWith } from "../../../dev/pack/sign.ts";
import {
  canonical,
  compareVersions,
  firstTrust,
  newerFile,
  proveMetadata,
  Untrusted,
} from "../../../edge_agent/machine/metadata.ts";
import { Company, inDays, NOW, target } from "../../sim/update_kit.ts";

const company = new Company();
const root = company.roots[0] ?? assert.fail();
const fresh = firstTrust(root);

function refusal(given: unknown, trust = fresh, now = NOW): string {
  try {
    proveMetadata(given, trust, now);
  } catch (error) {
    if (error instanceof Untrusted) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "believed";
}

Deno.test("C07 a set that is signed as it should be is believed", () => {
  const proven = proveMetadata(company.release([target()]), fresh, NOW);
  assert.deepEqual(proven.files, [target()]);
  assert.deepEqual(
    [proven.trust.timestamp, proven.trust.snapshot, proven.trust.targets],
    [1, 1, 1],
  );
  assert.equal(proven.freshUntil, Date.parse(inDays(30)));
});

const attacks: readonly (readonly [string, () => string, RegExp])[] = [
  [
    "one signature of two",
    () => refusal(company.release([target()], { signers: [0] })),
    /^unsigned: targets bears 1 of 2/,
  ],
  [
    "the same person twice",
    () => refusal(company.release([target()], { signers: [0, 0] })),
    /^unsigned: targets bears 1 of 2/,
  ],
  [
    "a stranger's key",
    () => refusal(company.release([target()], { signers: [0, 2] })),
    /^unsigned: targets bears 1 of 2/,
  ],
  ["a changed file after signing", () => {
    const set = company.release([target()]);
    const signed = { ...set.targets.signed, files: [target({ sha256: "b".repeat(64) })] };
    return refusal({ ...set, targets: { ...set.targets, signed } });
  }, /^unsigned: targets bears 0 of 2/],
  ...(["timestamp", "snapshot", "targets"] as const).map((role) =>
    [
      `an older ${role} in a set that is newer else`,
      () => refusal(company.release([target()], { version: 5 }), { ...fresh, [role]: 6 }),
      new RegExp(`^older: ${role} 5 is older than 6, seen before`),
    ] as const
  ),
  ["an older set", () => {
    const trust = proveMetadata(company.release([target()], { version: 5 }), fresh, NOW).trust;
    return refusal(company.release([target()], { version: 4 }), trust);
  }, /^older: timestamp 4 is older than 5/],
  [
    "an expired set, or a frozen far end",
    () => refusal(company.release([target()]), fresh, NOW + 31 * 86_400_000),
    /^expired: timestamp expired on/,
  ],
  ["old targets under a new timestamp", () => {
    const [old, now] = [company.release([target()]), company.release([target()], { version: 2 })];
    return refusal({ ...now, targets: old.targets });
  }, /^mixed: targets 1 is not the one/],
  ["an old snapshot under a new timestamp", () => {
    const [old, now] = [company.release([target()]), company.release([target()], { version: 2 })];
    return refusal({ ...now, snapshot: old.snapshot });
  }, /^mixed: snapshot 1 is not the one/],
  ["a role in another role's place", () => {
    const set = company.release([target()]);
    return refusal({ ...set, snapshot: set.timestamp });
  }, /^malformed: snapshot cannot be read/],
  ["a new root that only new people signed", () => {
    const [a, b] = [makeKey(), makeKey()];
    const pair = { threshold: 2, publicKeys: [a.publicKey, b.publicKey] };
    const holders = { root: pair, targets: pair, snapshot: pair, timestamp: pair };
    const next = signedWith(signedWith(makeRoot(holders, 2, inDays(365)), a.pem), b.pem);
    return refusal({ ...company.release([target()]), roots: [root, next] });
  }, /^unsigned: root bears 0 of 2/],
  ["a root that leaves one out", () => {
    const next = company.signed(makeRoot(company.holders(), 3, inDays(365)), 0, 1);
    return refusal({ ...company.release([target()]), roots: [root, next] });
  }, /^mixed: root 2 is missing/],
  ["a root that asks for one signature", () => {
    const holders = company.holders();
    const one = { ...holders, targets: { ...holders.targets, threshold: 1 } };
    const next = company.signed(makeRoot(one, 2, inDays(365)), 0, 1);
    const set = company.release([target()], { signers: [0] });
    return refusal({ ...set, roots: [root, next] });
  }, /^unsigned: targets bears 1 of 2/],
  ["half a document", () => refusal({ roots: [root] }), /^malformed: this is no update metadata/],
];

for (const [name, attack, words] of attacks) {
  // Red when the check it aims at is taken out of metadata.ts.
  Deno.test(`C07 refused: ${name}`, () => assert.match(attack(), words));
}

Deno.test("C07 a person is replaced: the two of before and the two of now sign the new root", () => {
  const next = company.signed(makeRoot(company.holders([0, 2]), 2, inDays(365)), 0, 1, 2);
  const set = company.release([target()], { signers: [0, 2] });
  const proven = proveMetadata({ ...set, roots: [root, next] }, fresh, NOW);
  assert.equal(proven.trust.root.signed["version"], 2);
  // Who has seen the new root does not go back to the old one.
  const old = company.release([target()], { version: 2, signers: [0, 1] });
  assert.match(refusal({ ...old, roots: [root] }, proven.trust), /^unsigned: targets bears 1 of 2/);
});

Deno.test("updates: only a newer file for this machine is taken", () => {
  const files = [
    target({ version: "1.2.0" }),
    target({ version: "1.10.0" }),
    target({ version: "2.0.0", architecture: "x86_64" }),
  ];
  const here = { architecture: "aarch64", version: "1.2.0" };
  assert.equal(newerFile(files, here)?.version, "1.10.0");
  assert.equal(newerFile(files, { ...here, version: "1.10.0" }), null);
  assert.equal(newerFile(files, { ...here, architecture: "riscv64" }), null);
  assert.ok(compareVersions("1.9.9", "1.10.0") < 0);
});

Deno.test("updates: one value has one signed text, whatever the order of its names", () => {
  assert.equal(
    canonical({ b: [1, { d: "x", c: null }], a: true }),
    '{"a":true,"b":[1,{"c":null,"d":"x"}]}',
  );
  const set: Metadata = company.release([target()]);
  const turned = JSON.parse(JSON.stringify(set, Object.keys(flatNames(set)).reverse()));
  assert.equal(refusal(turned), "believed");
});

function flatNames(value: unknown, names: Record<string, true> = {}): Record<string, true> {
  if (typeof value !== "object" || value === null) return names;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) names[name] = true;
    flatNames(inner, names);
  }
  return names;
}
