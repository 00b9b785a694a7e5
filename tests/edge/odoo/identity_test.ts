/** Who the agent is: key pair, signatures, token file and its rotation. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { Identity, IdentityDamaged } from "../../../edge_agent/odoo/identity.ts";
import { verifyEd25519 } from "../../sim/fake_odoo.ts";

const PAIRED = {
  url: "https://odoo.example.com",
  database: "db",
  token: "token-one-0123456789",
  agentId: 7,
  agentName: "Branch",
  company: "Company",
};

async function withIdentity(run: (identity: Identity, directory: string) => Promise<void>) {
  const directory = Deno.makeTempDirSync();
  try {
    const identity = new Identity({ directory });
    await identity.start();
    await run(identity, directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function reopened(directory: string): Promise<Identity> {
  const identity = new Identity({ directory });
  await identity.start();
  return identity;
}

Deno.test("Identity keeps one key pair for ever and signs with it", async () => {
  await withIdentity(async (identity, directory) => {
    const again = await reopened(directory);
    assert.equal(again.publicKey, identity.publicKey);
    assert.equal(Buffer.from(identity.publicKey, "base64").length, 32);
    const signature = await again.sign("v1\nhead\nlane\n1\nhash");
    assert.equal(verifyEd25519(identity.publicKey, "v1\nhead\nlane\n1\nhash", signature), true);
    assert.equal(verifyEd25519(identity.publicKey, "v1\nhead\nlane\n2\nhash", signature), false);
  });
});

Deno.test("Identity.fingerprint is the first 16 hex digits of the key's digest, in groups", async () => {
  await withIdentity((identity) => {
    const digest = createHash("sha256").update(Buffer.from(identity.publicKey, "base64"));
    assert.equal(identity.fingerprint.replaceAll(" ", ""), digest.digest("hex").slice(0, 16));
    assert.match(identity.fingerprint, /^([0-9a-f]{4} ){3}[0-9a-f]{4}$/);
    return Promise.resolve();
  });
});

// Red when the files are written without a mode, or the old mode of a replaced file survives.
Deno.test("S40 the secret files are readable by their owner alone", async () => {
  await withIdentity((identity, directory) => {
    Deno.writeTextFileSync(`${directory}/pairing.json.new`, "", { mode: 0o644 });
    identity.keepPairing(PAIRED);
    for (const name of ["identity.json", "pairing.json"]) {
      assert.equal((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o777, 0o600, name);
    }
    return Promise.resolve();
  });
});

// Red when `rotate` forgets the token before, or uses the new one without keeping it.
Deno.test("S36 a new token is durable before it is used, and the old one is a way back", async () => {
  await withIdentity(async (identity, directory) => {
    identity.keepPairing(PAIRED);
    identity.rotate("token-two-0123456789");
    const again = await reopened(directory);
    assert.equal(again.pairing?.token, "token-two-0123456789");
    assert.equal(again.pairing?.confirmed, false);
    assert.equal(again.tryPreviousToken(), true);
    assert.equal((await reopened(directory)).pairing?.token, PAIRED.token);
    assert.equal(again.tryPreviousToken(), true);
    assert.equal(again.pairing?.token, "token-two-0123456789");
    again.confirmToken();
    assert.equal((await reopened(directory)).pairing?.confirmed, true);
  });
});

Deno.test("Identity without a former token has no way back", async () => {
  await withIdentity((identity) => {
    assert.equal(identity.tryPreviousToken(), false);
    identity.keepPairing(PAIRED);
    assert.equal(identity.tryPreviousToken(), false);
    return Promise.resolve();
  });
});

// Red when a damaged key file is silently replaced: the approver's fingerprint would change.
Deno.test("Identity says what to do about a damaged file, and replaces nothing", async () => {
  await withIdentity(async (_identity, directory) => {
    Deno.writeTextFileSync(`${directory}/identity.json`, "{");
    await assert.rejects(
      reopened(directory),
      (error) => error instanceof IdentityDamaged && /pair this agent again/.test(error.message),
    );
    assert.equal(Deno.readTextFileSync(`${directory}/identity.json`), "{");
  });
});

Deno.test("Identity.startIfMade() makes nothing", async () => {
  const directory = Deno.makeTempDirSync();
  await new Identity({ directory }).startIfMade();
  assert.deepEqual([...Deno.readDirSync(directory)], []);
  Deno.removeSync(directory);
});
