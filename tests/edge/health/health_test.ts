/** Health tells the truth: what is late, missing or damaged is never green. */
import assert from "node:assert/strict";
import { Health } from "../../../edge_agent/health/health.ts";
import { HealthPort } from "../../../edge_agent/health/health_port.ts";
import { Metrics } from "../../../edge_agent/health/metrics.ts";
import { healthBody, type Vitals } from "../../../edge_agent/health/vitals.ts";
import { polledDevice } from "../../../edge_agent/polling/plan.ts";
import { ManualClock } from "../../sim/manual_clock.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { DEVICE, NOW, STATS, WELL } from "../../sim/well.ts";

const LATE_MS = 180_000;

const note = {
  id: 1,
  at: NOW,
  kind: "damaged_file",
  detail: "set aside",
  aside: "x",
  salvaged: 0,
  healedAt: null,
} as const;
const alarm = { code: "tamper", message: "m", since: NOW, at: NOW, count: 1, remedy: "r" } as const;

// Each is one debt; red when its reason is left out of `reasons`.
const DEBTS: Record<string, [Partial<Vitals>, string]> = {
  "a punch is late": [
    { stats: { ...STATS, pending: 1, oldestPendingAt: NOW - LATE_MS - 1 } },
    "late",
  ],
  "a punch comes from the future, so its age is unknown": [
    { stats: { ...STATS, pending: 1, oldestPendingAt: NOW + LATE_MS + 1 } },
    "late",
  ],
  "a sighting is parked": [{ stats: { ...STATS, parked: 1 } }, "parked"],
  "the disk is full": [{ stats: { ...STATS, state: "full" } }, "storage"],
  "the disk fails": [{ stats: { ...STATS, state: "io" } }, "storage"],
  "the queue does not answer": [{ stats: null }, "storage"],
  "the queue was damaged": [{ stats: { ...STATS, damaged: [note] } }, "damaged_file"],
  "a guard cannot be written": [{
    stats: { ...STATS, standing: [{ code: "guard", detail: "the witness" }] },
  }, "guard"],
  "the card takes longer than terminals may wait": [
    { stats: { ...STATS, standing: [{ code: "slow_storage", detail: "1200 ms a commit" }] } },
    "slow_storage",
  ],
  "the clock is unsure": [{ clockTrusted: false }, "clock"],
  "Odoo is silent": [{ sinceAnswerMs: LATE_MS + 1 }, "odoo_silent"],
  "Odoo never answered": [{ sinceAnswerMs: null }, "odoo_silent"],
  "the agent is not paired": [{ paired: false }, "unpaired"],
  "a terminal is silent": [{ devices: [{ ...DEVICE, silent: true }] }, "device_silent"],
  "a terminal was never heard": [
    { devices: [{ ...DEVICE, silent: true, lastHeardAt: null }] },
    "device_silent",
  ],
  "an alarm is on": [{ alarms: [alarm] }, "tamper"],
  "the device port is closed": [{ devicePortOpen: false }, "device_port"],
};

for (const [name, [change, code]] of Object.entries(DEBTS)) {
  Deno.test(`R53 health is not green while ${name}`, () => {
    const body = healthBody({ ...WELL, ...change }, NOW, LATE_MS);
    assert.equal(body.status, "failing");
    assert.ok(body.reasons.some((reason) => reason.code === code), JSON.stringify(body.reasons));
  });
}

Deno.test("health is green when all is well, and only starting before Odoo's first answer", () => {
  assert.equal(healthBody(WELL, NOW, LATE_MS).status, "ok");
  const fresh = { ...WELL, sinceAnswerMs: null, uptimeMs: 1_000 };
  assert.equal(healthBody(fresh, NOW, LATE_MS).status, "starting");
});

Deno.test("a terminal that waits or is refused is nobody's debt", () => {
  for (const state of ["waiting", "refused"] as const) {
    const devices = [{ ...DEVICE, state, silent: true }];
    assert.equal(healthBody({ ...WELL, devices }, NOW, LATE_MS).status, "ok");
  }
});

Deno.test("a terminal that is only polled is heard when it is read, silent when reads are missing", () => {
  const never = { ...DEVICE, silent: true, lastHeardAt: null };
  const at = (minutesAgo: number | null, times: string[] = []) => {
    const lastReadAt = minutesAgo === null ? null : NOW - minutesAgo * 60_000;
    const device = polledDevice(never, { intervalMinutes: 60, times, lastReadAt }, NOW);
    return healthBody({ ...WELL, devices: [device] }, NOW, LATE_MS).status;
  };
  assert.equal(at(90), "ok");
  assert.equal(at(151), "failing");
  assert.equal(at(151, ["06:00"]), "ok");
  assert.equal(at(25 * 60, ["06:00"]), "failing");
  assert.equal(at(null), "failing");
});

function makeHealth(vitals: Vitals, token?: string): Health {
  return new Health({
    host: "127.0.0.1",
    port: 0,
    token,
    lateMs: LATE_MS,
    clock: new ManualClock(NOW),
    vitals: () => vitals,
    metrics: new Metrics({ vitals: () => vitals, now: () => NOW }),
    log: silentLog,
  });
}

const TOKEN = "0123456789abcdef0123456789abcdef";

const FIGURES = {
  health: JSON.stringify(healthBody(WELL, NOW, LATE_MS)),
  metrics: { text: "", contentType: "text/plain" },
};

// Red when the peer is taken from a header, or an empty token opens the door.
Deno.test("other hosts need the token; this machine does not", async () => {
  const ask = async (peer: string, header: string | null, token?: string) => {
    const headers = new Headers({ "x-forwarded-for": "127.0.0.1" });
    if (header !== null) headers.set("authorization", header);
    const port = new HealthPort({
      host: "127.0.0.1",
      port: 0,
      token,
      figures: () => Promise.resolve({ figures: FIGURES, ageMs: 0 }),
      log: silentLog,
    });
    const response = await port.app().request("/health", { headers }, { peer });
    return response.status;
  };
  assert.equal(await ask("127.0.0.1", null), 200);
  assert.equal(await ask("::ffff:127.0.0.1", null), 200);
  assert.equal(await ask("::1", null), 200);
  assert.equal(await ask("10.0.0.5", null), 401);
  assert.equal(await ask("10.0.0.5", "Bearer "), 401);
  assert.equal(await ask("10.0.0.5", "Bearer undefined"), 401);
  assert.equal(await ask("10.0.0.5", null, TOKEN), 401);
  assert.equal(await ask("10.0.0.5", `Bearer ${TOKEN}x`, TOKEN), 401);
  assert.equal(await ask("10.0.0.5", `Bearer ${TOKEN}`, TOKEN), 200);
});

// Red when `Host` is not looked at: a page in a browser on this machine, under a name that its owner
// points at 127.0.0.1, would read which terminals there are.
Deno.test("S69 without the token this machine answers to its own names alone", async () => {
  const health = makeHealth(WELL, TOKEN);
  await health.start();
  const ask = async (host: string, ...more: string[]) => {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: health.port });
    const lines = ["GET /health HTTP/1.1", `Host: ${host}`, "Connection: close", ...more, "", ""];
    await socket.write(new TextEncoder().encode(lines.join("\r\n")));
    const answer = await new Response(socket.readable).text();
    return [Number(answer.split(" ")[1]), answer] as const;
  };
  try {
    for (
      const own of ["127.0.0.1", `127.0.0.1:${health.port}`, "localhost", "LOCALHOST:1", "[::1]"]
    ) {
      assert.equal((await ask(own))[0], 200, own);
    }
    for (const foreign of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"]) {
      const [status, answer] = await ask(foreign);
      assert.equal(status, 403, foreign);
      assert.match(
        answer,
        /"wrong_host","message":"ask by 127\.0\.0\.1 or localhost, or send the token"/,
      );
      assert.equal((await ask(foreign, `Authorization: Bearer ${TOKEN}`))[0], 200);
    }
  } finally {
    await health.stop();
  }
});

Deno.test("/health over a real port: 200 green, 503 red, live and ready apart", async () => {
  for (
    const [vitals, status, ready] of [
      [WELL, 200, 200],
      [{ ...WELL, sinceAnswerMs: LATE_MS + 1 }, 503, 200],
      [{ ...WELL, stats: { ...STATS, state: "full" as const } }, 503, 503],
    ] as const
  ) {
    const health = makeHealth(vitals);
    await health.start();
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await get("/health"), status);
    assert.equal(await get("/health/ready"), ready);
    assert.equal(await get("/health/live"), 200);
    assert.equal(await get("/elsewhere"), 404);
    await health.stop();
  }
});

Deno.test("/metrics is Prometheus text with the numbers of health", async () => {
  const vitals: Vitals = {
    ...WELL,
    alarms: [alarm],
    stats: { ...STATS, pending: 7, oldestPendingAt: NOW - 5_000 },
  };
  const metrics = new Metrics({ vitals: () => vitals, now: () => NOW });
  metrics.request({ endpoint: "cdata", status: 200, seconds: 0.01, bytes: 100 });
  metrics.delivery("receipt", 5);
  metrics.delivery("idle", 0);
  const text = await metrics.text();
  for (
    const line of [
      "biometric_queue_pending 7",
      "biometric_queue_oldest_pending_seconds 5",
      'biometric_alarm{code="tamper"} 1',
      'biometric_device_silent{serial="A1"} 0',
      'biometric_device_requests_total{endpoint="cdata",status="200"} 1',
      "biometric_sightings_receipted_total 5",
      'biometric_deliveries_total{outcome="receipt"} 1',
    ]
  ) assert.ok(text.includes(`${line}\n`), line);
  assert.ok(!text.includes("idle"));
});

// Red when the port is served without a bound: some thousand idle lines used up every descriptor, and a
// failed accept ended the process.
Deno.test("R69 two thousand silent connections: the port stays bounded and answers", async () => {
  const health = makeHealth(WELL);
  await health.start();
  const idle: Deno.Conn[] = [];
  try {
    for (let n = 0; n < 2_000; n++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: health.port });
      idle.push(conn);
      if (n % 2 === 0) await conn.write(new TextEncoder().encode("GET /hea")).catch(() => 0);
      if (n % 500 !== 499) continue;
      const response = await fetch(`http://127.0.0.1:${health.port}/health`);
      assert.equal(response.status, 200);
      assert.equal((await response.json()).status, "ok");
    }
    assert.ok(health.connections <= 64, `${health.connections} are held`);
  } finally {
    for (const conn of idle) conn.close();
    await health.stop();
  }
});

// Red when only the first lines are bounded: a header that never ends, or a request with a body.
Deno.test("R69 an endless header, a body and other methods are turned away", async () => {
  const health = makeHealth(WELL);
  await health.start();
  const say = async (text: string) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: health.port });
    try {
      await conn.write(new TextEncoder().encode(text));
      const buffer = new Uint8Array(256);
      const count = await conn.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n")[0];
    } finally {
      conn.close();
    }
  };
  try {
    assert.match(
      await say(`GET /health HTTP/1.1\r\nX: ${"a".repeat(9_000)}\r\n`) ?? "",
      / 431 /,
    );
    assert.match(
      await say("POST /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n") ?? "",
      / 405 /,
    );
    assert.match(
      await say("GET /health HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n") ?? "",
      / 413 /,
    );
    assert.match(await say("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n") ?? "", / 200 /);
  } finally {
    await health.stop();
  }
});
