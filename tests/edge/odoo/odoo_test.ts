/** The door to Odoo: TLS and pins, redirects, bombs, receipts, and the shapes of the contract. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  AskedToWait,
  TooLarge,
  Unreachable,
  Waiting,
} from "../../../edge_agent/delivery/destination.ts";
import {
  DestinationHttp,
  MAX_ANSWER_BYTES,
  NoAnswer,
  readRetryAfter,
} from "../../../edge_agent/delivery/http.ts";
import { Odoo } from "../../../edge_agent/odoo/routes.ts";
import { makeAuthority, makeServed, type Served } from "../../sim/certificates.ts";
import { exampleKey } from "../../sim/example_key.ts";
import { FakeOdoo, refusal, verifyEd25519 } from "../../sim/fake_odoo.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";

const LANE = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

interface Contract {
  request: { batch_id: string; lane: string; sightings: Record<string, unknown>[] };
  receipt?: unknown;
  answer?: unknown;
}

function makeHttp(pins: readonly string[] = [], timeoutMs = 5_000): DestinationHttp {
  return new DestinationHttp({
    timeoutMs,
    pinnedAuthorities: pins,
    monotonic: () => performance.now(),
  });
}

function makeOdoo(http: DestinationHttp, url: string, token = "t".repeat(32)): Odoo {
  return new Odoo({
    sign: (text) => Promise.resolve(exampleKey.sign(text)),
    http,
    access: () => ({ url, database: null, token }),
    agentVersion: "test",
    now: Date.now,
  });
}

/** Asks a server with that certificate once, trusting `pins`; returns what happened. */
async function askTls(
  tls: Served,
  pins: readonly string[],
  host = "localhost",
): Promise<{ outcome: string; requests: number }> {
  const fake = new FakeOdoo({ tls });
  fake.start();
  const { token } = fake.addAgent();
  const http = makeHttp(pins);
  try {
    const odoo = makeOdoo(http, `https://${host}:${fake.port}`, token);
    const missing = await odoo.confirmKeys("S1", []);
    return { outcome: `answered ${missing.length}`, requests: fake.requests.length };
  } catch (error) {
    assert.ok(error instanceof Unreachable, String(error));
    assert.equal(error.contentMayBeCause, false, "no payload was sent");
    return { outcome: error.message.split(":")[0] ?? "", requests: fake.requests.length };
  } finally {
    http.stop();
    await fake.stop();
  }
}

// Red when `rejectUnauthorized` is false.
Deno.test("S29 no byte of payload goes to a server with a wrong certificate", async () => {
  const authority = makeAuthority("Company CA");
  const day = 86_400_000;
  const expired = makeServed(authority, { from: Date.now() - 9 * day, until: Date.now() - day });
  const early = makeServed(authority, { from: Date.now() + day, until: Date.now() + 9 * day });
  const otherName = makeServed(authority, { dns: ["elsewhere.example.com"] });
  const selfSigned = makeServed(makeAuthority("Nobody"));
  const pins = [authority.pem];
  const refused = { outcome: "tls", requests: 0 };
  assert.deepEqual(await askTls(expired, pins), refused, "expired");
  assert.deepEqual(await askTls(early, pins), refused, "R18: not valid yet, by a clock of 2020");
  assert.deepEqual(await askTls(otherName, pins), refused, "wrong name");
  assert.deepEqual(await askTls(selfSigned, []), refused, "unknown authority");
  assert.deepEqual(await askTls(makeServed(authority), pins), {
    outcome: "answered 0",
    requests: 1,
  });
});

Deno.test("S29 there is no setting that switches verification off", async () => {
  const { configSchema } = await import("../../../edge_agent/base/config_schema.ts");
  const names = JSON.stringify(Object.keys(configSchema.shape.odoo.unwrap().shape)).toLowerCase();
  for (const word of ["insecure", "verify", "skip", "ignore"]) assert.ok(!names.includes(word));
});

// Red when pins are added to the authorities that are trusted anyway, as fetch does with `caCerts`.
// NODE_EXTRA_CA_CERTS stands in for a public authority; Deno reads it at the start of a process.
Deno.test("S31 with a pin set, an authority that Deno trusts by itself is refused", async () => {
  const publicCa = makeAuthority("Public CA");
  const pinned = makeAuthority("Company CA");
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${directory}/public.pem`, publicCa.pem);
  const fake = new FakeOdoo({ tls: makeServed(publicCa) });
  fake.start();
  const { token } = fake.addAgent();
  const script = `
    import { DestinationHttp } from ${
    JSON.stringify(import.meta.resolve("../../../edge_agent/delivery/http.ts"))
  };
    const [url, token, ...pins] = Deno.args;
    const http = new DestinationHttp({ timeoutMs: 5000, pinnedAuthorities: pins, monotonic: () => performance.now() });
    const body = JSON.stringify({ version: 1, serial: "S1", keys: [] });
    const headers = { Authorization: "Bearer " + token };
    try {
      console.log((await http.post(new URL(url), { headers, body })).status);
    } catch (error) { console.log(error.why); }
    http.stop();`;
  const ask = async (...pins: string[]) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        `data:text/typescript,${encodeURIComponent(script)}`,
        `https://localhost:${fake.port}/biometric/v1/confirm`,
        token,
        ...pins,
      ],
      env: { NODE_EXTRA_CA_CERTS: `${directory}/public.pem` },
    }).output();
    return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
  };
  try {
    assert.equal(await ask(), "200", "trusted without pins");
    assert.equal(await ask(pinned.pem), "tls", "not trusted beside a pin");
  } finally {
    await fake.stop();
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("S31 two overlapping pins let the authority change without downtime", async () => {
  const before = makeAuthority("CA 2025");
  const after = makeAuthority("CA 2026");
  const both = [before.pem, after.pem];
  assert.equal((await askTls(makeServed(before), both)).outcome, "answered 0");
  assert.equal((await askTls(makeServed(after), both)).outcome, "answered 0");
  assert.equal((await askTls(makeServed(before), [after.pem])).outcome, "tls");
});

// Red when a redirect is followed.
Deno.test("S30 a redirect reaches nobody else", async () => {
  const elsewhere = new FakeOdoo();
  elsewhere.start();
  const proxy = new FaultyProxy(() => elsewhere.url);
  proxy.start();
  proxy.redirectTo = `${elsewhere.url}/biometric/v1/confirm`;
  proxy.fault = () => "redirect";
  const http = makeHttp();
  try {
    for (const status of [301, 302, 303, 307, 308]) {
      proxy.redirectStatus = status;
      await assert.rejects(makeOdoo(http, proxy.url).confirmKeys("S1", []), Unreachable);
    }
    assert.equal(elsewhere.requests.length, 0);
  } finally {
    http.stop();
    proxy.stop();
    await elsewhere.stop();
  }
});

// Red when the cap is not applied while reading: the memory grows with the bomb.
Deno.test("S28 an endless answer is cut at the cap, and nothing inflates", async () => {
  const fake = new FakeOdoo();
  fake.start();
  const { token } = fake.addAgent();
  const proxy = new FaultyProxy(() => fake.url);
  proxy.start();
  const http = makeHttp();
  const odoo = makeOdoo(http, proxy.url, token);
  try {
    const before = Deno.memoryUsage().rss;
    proxy.fault = () => "bomb";
    await assert.rejects(odoo.confirmKeys("S1", []), /too_large/);
    assert.ok(proxy.bytesOfBomb < 16 * MAX_ANSWER_BYTES, "reading stopped");
    assert.ok(Deno.memoryUsage().rss - before < 50 * 1024 * 1024);
    proxy.fault = () => "gzip-bomb";
    await assert.rejects(odoo.confirmKeys("S1", []), /status 200 without our JSON/);
  } finally {
    http.stop();
    proxy.stop();
    await fake.stop();
  }
});

// Red when the end of a connection is taken for the end of the answer.
Deno.test("R28 an answer that promises more bytes than came is none, even if it is whole JSON", async () => {
  const body = JSON.stringify({ version: 1, serial: "S1", missing: [], server_time: new Date() });
  const heads = [
    `Content-Length: ${body.length + 1}\r\n\r\n${body}`,
    `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
  ];
  for (const rest of heads) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      const connection = await listener.accept();
      await connection.read(new Uint8Array(65_536));
      const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
      await connection.write(new TextEncoder().encode(head + rest));
      connection.close();
    })();
    const http = makeHttp();
    const odoo = makeOdoo(http, `http://localhost:${listener.addr.port}`);
    await assert.rejects(odoo.confirmKeys("S1", []), /cut_off/);
    await serving;
    http.stop();
    listener.close();
  }
});

Deno.test("R26 a hang costs the time limit and no more", async () => {
  const fake = new FakeOdoo();
  fake.start();
  const proxy = new FaultyProxy(() => fake.url);
  proxy.start();
  proxy.fault = () => "hang";
  const http = makeHttp([], 200);
  try {
    const from = performance.now();
    await assert.rejects(makeOdoo(http, proxy.url).confirmKeys("S1", []), /timeout/);
    assert.ok(performance.now() - from < 2_000);
  } finally {
    http.stop();
    proxy.stop();
    await fake.stop();
  }
});

Deno.test("a kept connection that Odoo closed meanwhile is replaced without a failure", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const text = new TextEncoder();
  let served = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      (async () => {
        await connection.read(new Uint8Array(65_536));
        const body = JSON.stringify({
          version: 1,
          serial: "S1",
          missing: [],
          server_time: new Date(),
        });
        await connection.write(text.encode(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ));
        served += 1;
        // Says nothing of closing, and closes at the next request.
        await connection.read(new Uint8Array(65_536));
        connection.close();
      })();
    }
  })();
  const http = makeHttp();
  try {
    const odoo = makeOdoo(http, `http://localhost:${listener.addr.port}`);
    for (let n = 0; n < 3; n++) assert.deepEqual(await odoo.confirmKeys("S1", []), []);
    assert.equal(served, 3);
  } finally {
    http.stop();
    listener.close();
    await serving;
  }
});

Deno.test("Odoo.postPunches() sends exactly the example that the addon reads", async () => {
  const path = new URL("../../contract/punches.json", import.meta.url);
  const example: Contract = JSON.parse(Deno.readTextFileSync(path));
  const fake = new FakeOdoo();
  fake.start();
  fake.devices.set("CKJF201960996", "active");
  const { token } = fake.addAgent();
  const http = makeHttp();
  try {
    const sightings = example.request.sightings.map((one) => ({
      ...one,
      lane: LANE,
      wallTime: one["wall_time"],
      workCode: one["work_code"],
      receivedAt: one["received_at"],
    }));
    const batch = {
      batchId: example.request.batch_id,
      lane: LANE,
      sightings,
    } as unknown as Parameters<
      Odoo["postPunches"]
    >[0];
    const receipt = await makeOdoo(http, fake.url, token).postPunches(batch);
    const { signature, ...sent } = fake.posts("punches")[0] ?? {};
    assert.deepEqual(sent, example.request);
    assert.equal(typeof signature, "string");
    assert.equal(receipt.verdicts.length, sightings.length);
    assert.deepEqual(fake.alarms, []);
  } finally {
    http.stop();
    await fake.stop();
  }
});

const STEPS = JSON.parse(
  Deno.readTextFileSync(new URL("../../contract/steps.json", import.meta.url)),
);

/** A sighting of an example as the agent holds it. */
function held(one: Record<string, unknown>): unknown {
  const { wall_time: wallTime, work_code: workCode, received_at: receivedAt } = one;
  return { ...one, lane: LANE, wallTime, workCode, receivedAt };
}

// Red when the agent signs other lines than the addon checks, or does not name a bare leaf.
Deno.test("A40 A41 Odoo.postPunches() signs exactly the example that the addon reads", async () => {
  const { request } = STEPS.batch;
  const fake = new FakeOdoo();
  fake.start();
  const { token } = fake.addAgent(exampleKey.publicKey);
  fake.waitMs = STEPS.receipt_adds.wait_ms;
  const http = makeHttp();
  try {
    const sightings = request.sightings.map(held);
    const batch = { batchId: request.batch_id, lane: LANE, sightings };
    const receipt = await makeOdoo(http, fake.url, token).postPunches(batch);
    assert.deepEqual(fake.posts("punches")[0], request);
    assert.equal(receipt.waitMs, 250);
  } finally {
    http.stop();
    await fake.stop();
  }
});

// Red when the code is not signed: Odoo answers a public key alone with nothing.
Deno.test("S54 Odoo.pair() proves the private key, as in the example", async () => {
  const { code, public_key: publicKey, host } = STEPS.pair;
  const fake = new FakeOdoo();
  fake.start();
  fake.codes.set(code, { state: "waiting", publicKey: null });
  const http = makeHttp();
  try {
    const odoo = makeOdoo(http, fake.url);
    await odoo.pair({ url: fake.url, database: null, code, publicKey, host });
    const [sent] = fake.posts("pair");
    assert.equal(sent?.["signature"], STEPS.pair.signature);
    assert.ok(STEPS.pair.can.every((word: string) => (sent?.["can"] as string[]).includes(word)));
  } finally {
    http.stop();
    await fake.stop();
  }
});

// A73. Turns red when the bytes that travel are not the ones that were signed, when the text is another
// than Odoo checks, or when a sync or a list of people goes out unsigned.
Deno.test("A73 syncs and lists of people travel under the agent's signature, as in the example", async () => {
  const fake = new FakeOdoo();
  fake.start();
  const { token } = fake.addAgent();
  const http = makeHttp();
  try {
    const odoo = makeOdoo(http, fake.url, token);
    const { serial, version: _version, ...list } = JSON.parse(STEPS.request.body);
    await odoo.users(serial, list);
    // the simulated Odoo misses the rest of a status; the request has travelled
    await assert.rejects(odoo.sync({ runs: [] }), Unreachable);
    await odoo.confirmKeys("S1", []);
    const [users, sync, confirm] = fake.requests;
    assert.deepEqual([users?.text, users?.signature], [
      STEPS.request.body,
      STEPS.request.signature,
    ]);
    const digest = createHash("sha256").update(sync?.text ?? "").digest("hex");
    const text = `v1\nrequest\nsync\n${digest}`;
    assert.ok(verifyEd25519(exampleKey.publicKey, text, String(sync?.signature)));
    assert.equal(confirm?.signature, null, "a question proves nothing");
  } finally {
    http.stop();
    await fake.stop();
  }
});

// Red when an odd wait spoils a receipt: what Odoo stored would be sent for ever.
Deno.test("Odoo.postPunches() takes a receipt with an odd wait_ms as one without", async () => {
  for (const waitMs of [-1, 2_001, 1.5, Number.MAX_SAFE_INTEGER]) {
    const fake = new FakeOdoo();
    fake.start();
    const { token } = fake.addAgent();
    fake.waitMs = waitMs;
    const http = makeHttp();
    try {
      const { request } = STEPS.batch;
      const batch = {
        batchId: request.batch_id,
        lane: LANE,
        sightings: request.sightings.map(held),
      };
      const receipt = await makeOdoo(http, fake.url, token).postPunches(batch);
      assert.equal(receipt.waitMs, 0);
    } finally {
      http.stop();
      await fake.stop();
    }
  }
});

interface Answered {
  batch_id: unknown;
  lane: unknown;
  verdicts: { seq: number; verdict: string; reason?: string | null }[];
}

// Each line is one lie; red when its check is left out of `receiptFault` or the schema.
const LIES: Record<string, (answer: Answered & Record<string, unknown>) => void> = {
  "another batch": (answer) => answer.batch_id = "00000000-0000-4000-8000-000000000000",
  "another lane": (answer) => answer.lane = "1".repeat(32),
  "another version": (answer) => answer["version"] = 2,
  "no head": (answer) => delete answer["head"],
  "a verdict missing": (answer) => answer.verdicts.pop(),
  "a verdict twice": (answer) => answer.verdicts.push({ seq: 1, verdict: "stored" }),
  "a verdict for another number": (answer) => answer.verdicts = [{ seq: 9, verdict: "stored" }],
  "an unknown verdict": (answer) => answer.verdicts = [{ seq: 1, verdict: "maybe" }],
  "a number as text": (answer) =>
    answer.verdicts = [{ seq: "1" as unknown as number, verdict: "stored" }],
  "a verdict too many": (answer) => answer.verdicts.push({ seq: 2, verdict: "stored" }),
};

// Each is a true receipt in a false envelope; red when status or type is not looked at.
const ENVELOPES: Record<string, ResponseInit> = {
  "status 201": { status: 201 },
  "status 202": { status: 202 },
  "status 206": { status: 206 },
  "status 302": { status: 302, headers: { location: "/elsewhere" } },
  "status 500": { status: 500 },
  "the type of a page": { headers: { "content-type": "text/html" } },
  "no type": { headers: { "content-type": "" } },
  "a type that only begins otherwise": { headers: { "content-type": "text/application/json" } },
};

for (const [name, envelope] of Object.entries(ENVELOPES)) {
  Deno.test(`R75 Odoo.postPunches() takes no receipt with ${name}`, async () => {
    await refuseAnswer((answer) => Response.json(answer, envelope));
  });
}

Deno.test("R75 the same receipt in its own envelope is one", async () => {
  await assert.rejects(
    refuseAnswer((answer) => Response.json(answer)),
    /Missing expected rejection/,
  );
});

for (const [name, lie] of Object.entries(LIES)) {
  Deno.test(`Odoo.postPunches() takes no receipt with ${name}`, async () => {
    await refuseAnswer((answer) => {
      lie(answer);
      return Response.json(answer);
    });
  });
}

/** Posts a batch of one; fails when what `answer` makes of its receipt is taken for one. */
async function refuseAnswer(
  answer: (receipt: Answered & Record<string, unknown>) => Response,
): Promise<void> {
  const fake = new FakeOdoo();
  fake.start();
  fake.answering = ({ body }) =>
    answer({
      version: 1,
      batch_id: body["batch_id"],
      lane: body["lane"],
      head: { seq: 1, hash: "0".repeat(64) },
      verdicts: [{ seq: 1, verdict: "stored" }],
      server_time: new Date().toISOString(),
    });
  const http = makeHttp();
  try {
    const leaf = {
      kind: "leaf",
      lane: LANE,
      seq: 1,
      leaf: "a".repeat(64),
      hash: "b".repeat(64),
      reason: "odoo_cannot_take_it",
    } as const;
    const batch = {
      batchId: "5f0c9d3e-4a55-4d7e-9b06-7c1d8f0a2b11",
      lane: LANE,
      sightings: [leaf],
    };
    const posted = makeOdoo(http, fake.url).postPunches(batch);
    await assert.rejects(
      posted,
      (error) => error instanceof Unreachable && error.contentMayBeCause,
    );
  } finally {
    http.stop();
    await fake.stop();
  }
}

// Believing an answer for another terminal, or one that is none, turns this red: a log would be cleared on it.
Deno.test("Odoo.confirmRejects() takes no answer for another question", async () => {
  const fake = new FakeOdoo();
  fake.start();
  const http = makeHttp();
  const odoo = makeOdoo(http, fake.url);
  const digest = "a".repeat(64);
  const answering = (body: Record<string, unknown>) => {
    const server_time = new Date().toISOString();
    fake.answering = () => Response.json({ version: 1, server_time, ...body });
    return odoo.confirmRejects("S1", [digest]);
  };
  try {
    assert.deepEqual(await answering({ serial: "S1", undecided: [digest] }), [digest]);
    assert.deepEqual(await answering({ serial: "S1", undecided: [] }), []);
    const others = [
      { serial: "S2", undecided: [] },
      { serial: "S1" },
      { serial: "S1", missing: [] },
      { serial: "S1", undecided: ["b".repeat(64)] },
      { serial: "S1", undecided: null },
    ];
    for (const other of others) await assert.rejects(answering(other), Unreachable);
    fake.answering = () => refusal(400, "bad_request");
    await assert.rejects(odoo.confirmRejects("S1", [digest]), /bad_request/);
  } finally {
    http.stop();
    await fake.stop();
  }
});

Deno.test("refusals are sorted by what to do next", async () => {
  const fake = new FakeOdoo();
  fake.start();
  const http = makeHttp();
  const odoo = makeOdoo(http, fake.url);
  const answering = async (answer: Response): Promise<Error> => {
    fake.answering = () => answer;
    try {
      await odoo.confirmKeys("S1", []);
    } catch (error) {
      assert.ok(error instanceof Error);
      return error;
    }
    return assert.fail("answered");
  };
  try {
    assert.ok(await answering(refusal(403, "waiting")) instanceof Waiting);
    assert.equal((await answering(refusal(401, "unauthorized"))).name, "NotWelcome");
    assert.equal((await answering(new Response("<html>", { status: 403 }))).name, "NotWelcome");
    assert.ok(await answering(new Response("", { status: 413 })) instanceof TooLarge);
    const busy = await answering(refusal(429, "slow_down", { "retry-after": "7" }));
    assert.ok(busy instanceof AskedToWait);
    assert.deepEqual([busy.retryAfter, busy.contentMayBeCause], [{ ms: 7_000, own: true }, false]);
    await fake.stop();
    fake.answering = null;
    await assert.rejects(odoo.confirmKeys("S1", []), /refused/);
  } finally {
    http.stop();
    await fake.stop();
  }
});

Deno.test("readRetryAfter() reads seconds and dates, nothing else", () => {
  const now = Date.UTC(2026, 0, 1);
  assert.equal(readRetryAfter("20", now), 20_000);
  assert.equal(readRetryAfter(new Date(now + 5_000).toUTCString(), now), 5_000);
  assert.equal(readRetryAfter(new Date(now - 5_000).toUTCString(), now), 0);
  assert.equal(readRetryAfter("soon", now), null);
  assert.equal(readRetryAfter(null, now), null);
});

Deno.test("NoAnswer says whether the request may have been read", async () => {
  const http = makeHttp();
  const url = new URL("http://localhost:1/");
  await assert.rejects(
    http.post(url, { headers: {}, body: "{}" }),
    (error) => error instanceof NoAnswer && error.why === "refused" && error.broken === "unsent",
  );
  http.stop();
});
