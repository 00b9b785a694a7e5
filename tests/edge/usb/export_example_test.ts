/** The signed CSV as both languages read it: tests/contract/export.csv is what the agent writes. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { chainHash, laneGenesis, punchKey, sightingLeaf } from "../../../edge_agent/base/punch.ts";
import type { PunchRow } from "../../../edge_agent/queue/types.ts";
import { exportCsv } from "../../../edge_agent/usb/export.ts";
import { verifyEd25519 } from "../../sim/fake_odoo.ts";

const EXAMPLE = new URL("../../contract/export.csv", import.meta.url);
const KEYS = new URL("../../contract/export.json", import.meta.url);
const LANE = "0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e0e";
/** DER of an Ed25519 private key before its 32 bytes. */
const PKCS8 = "302e020100300506032b657004220420";

interface Keys {
  readonly private_key: string;
  readonly public_key: string;
  readonly fingerprint: string;
  /** Numbers of the lane that are rejects and so not in the file. */
  readonly missing: readonly number[];
}

const keys: Keys = JSON.parse(Deno.readTextFileSync(KEYS));

/** Fields that would run in a spreadsheet, hold the separators, or look like the signature. */
const FIELDS: readonly Partial<PunchRow>[] = [
  { pin: "1042", status: "0", verify: "1", workCode: "0", extra: "0\t0" },
  { pin: "007", status: "255", verify: "15", channel: "poll", clock: "unsure" },
  { pin: "=1+1", status: "", workCode: '"quoted", and more', extra: "'apostrophe" },
  { pin: "Ñandú_5", status: "4", workCode: "é", extra: "#signature,ed25519" },
  { pin: "-7", status: "1", extra: "a\rb", state: "stored" },
];

function rows(): PunchRow[] {
  let previous = laneGenesis(LANE);
  return FIELDS.map((fields, at) => {
    // Number 3 was a line nobody could read: the file holds punches only.
    const seq = at < 2 ? at + 1 : at + 2;
    if (seq === 4) previous = chainHash(previous, "c".repeat(64));
    const punch = {
      serial: "CKJF201960996",
      pin: "",
      wallTime: `2026-03-02 08:58:1${at}`,
      status: "0",
      verify: "1",
      workCode: "",
      extra: "",
      channel: "push" as const,
      clock: "ok" as const,
      state: "pending" as const,
      salt: String(at).repeat(32),
      receivedAt: Date.UTC(2026, 2, 2, 0, 58, 14 + at, 120),
      ...fields,
    };
    const key = punchKey(punch);
    const receivedAt = new Date(punch.receivedAt).toISOString();
    const leaf = sightingLeaf({ kind: "punch", lane: LANE, seq, ...punch, key, receivedAt });
    previous = chainHash(previous, leaf);
    return { ...punch, lane: LANE, seq, key, hash: previous };
  });
}

async function* onePage() {
  yield await Promise.resolve(rows());
}

// Red when a column, the quoting, a digest or what is signed changes: Odoo could not import the file.
Deno.test("export: the example of the contract is what the agent writes, byte for byte", async () => {
  const der = Buffer.concat([Buffer.from(PKCS8, "hex"), Buffer.from(keys.private_key, "base64")]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  let text = "";
  await exportCsv({
    pages: onePage(),
    write: (part) => text += part,
    sign: (signed) => Promise.resolve(sign(null, Buffer.from(signed), key).toString("base64")),
    fingerprint: keys.fingerprint,
  });
  assert.equal(text, Deno.readTextFileSync(EXAMPLE));
  const at = text.lastIndexOf("#signature,");
  const digest = createHash("sha256").update(text.slice(0, at)).digest("hex");
  const signature = text.slice(at).trim().split(",")[3] ?? "";
  assert.ok(verifyEd25519(keys.public_key, `v1\nexport\n${digest}`, signature));
});
