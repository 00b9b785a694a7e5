/**
 * Delivery through the door: real SQLite, real HTTP, a fake Odoo behind a faulty proxy.
 * "Exactly once" = every punch in Odoo's ledger once, Odoo's lane head equal to the queue's.
 */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { refusal } from "../../sim/fake_odoo.ts";
import type { Fault } from "../../sim/faulty_proxy.ts";
import { DeliveryKit, type DeliveryKitOptions } from "./delivery_kit.ts";

async function withKit(
  run: (kit: DeliveryKit) => Promise<void>,
  options: DeliveryKitOptions = {},
): Promise<void> {
  const kit = new DeliveryKit(options);
  try {
    await run(kit);
  } finally {
    await kit.stop();
  }
}

/** Each request meets one of `faults` with probability `rate`. */
function sometimes(kit: DeliveryKit, rate: number, faults: readonly Fault[]): void {
  kit.proxy.fault = () =>
    kit.random() < rate ? faults[Math.floor(kit.random() * faults.length)] ?? null : null;
}

Deno.test("Delivery takes everything to Odoo once, in batches, and then rests", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1_200);
    await kit.drain();
    kit.assertExactlyOnce(1_200);
    assert.equal(kit.odoo.posts("punches").length, 3);
    assert.equal(kit.odoo.requests[0]?.database, "db");
  });
});

// Red when the queue is settled before the answer, or a lost answer counts as a receipt.
Deno.test("R25 answers lost after the commit cost nothing but a second try", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 2_000);
    sometimes(kit, 0.3, ["commit-reset"]);
    await kit.drain();
    kit.assertExactlyOnce(2_000);
    assert.ok((kit.proxy.counts.get("commit-reset") ?? 0) > 0);
  }, { batchSize: 50 });
});

// Red when FAILURES_TO_PARK counts failures that are not between receipts, or is 1.
Deno.test("R26 requests dropped, halved, refused or never answered: exactly once, nothing parked", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 2_000);
    sometimes(kit, 0.3, ["drop", "half", "refuse", "hang"]);
    await kit.drain();
    kit.assertExactlyOnce(2_000);
  }, { batchSize: 50, timeoutMs: 100 });
});

Deno.test("R26 with single live punches on a line that loses a third of everything", async () => {
  await withKit(async (kit) => {
    sometimes(kit, 0.3, ["drop", "half", "commit-reset"]);
    for (let n = 0; n < 300; n++) {
      await kit.lane.add(n, n + 1);
      await kit.step();
    }
    kit.proxy.fault = () => null;
    await kit.drain();
    kit.assertExactlyOnce(300);
  });
});

// Red when text that is not JSON passes; a cut answer that is whole JSON: ../odoo/odoo_test.ts.
Deno.test("R28 cut or garbled receipts are no receipts", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1_000);
    sometimes(kit, 0.4, ["truncate-length", "truncate-chunked", "truncate-close", "garble"]);
    await kit.drain();
    kit.assertExactlyOnce(1_000);
  }, { batchSize: 50 });
});

// Each line of `receiptFault` is proven in ../odoo/odoo_test.ts; the queue itself ignores foreign numbers.
Deno.test("R29 duplicated requests and stale receipts: exactly once", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1_000);
    sometimes(kit, 0.5, ["duplicate", "stale-replay"]);
    await kit.drain();
    kit.assertExactlyOnce(1_000);
    assert.ok((kit.proxy.counts.get("stale-replay") ?? 0) > 0);
  }, { batchSize: 50 });
});

const html = (status: number, headers: HeadersInit = {}) =>
  new Response("<html><body>Log in</body></html>", {
    status,
    headers: { "content-type": "text/html", ...headers },
  });

const json = (body: unknown, status = 200) => Response.json(body, { status });

const WRONG_ANSWERS: Record<string, () => Response> = {
  "200 empty": () => new Response("", { headers: { "content-type": "application/json" } }),
  "200 HTML login": () => html(200),
  "200 JSON-RPC error": () => json({ jsonrpc: "2.0", error: { code: 200 } }),
  "200 verdicts without batch": () => json({ version: 1, verdicts: [] }),
  "301": () => html(301, { location: "/web/login" }),
  "302": () => html(302, { location: "/web/login" }),
  "303": () => html(303, { location: "/web/login" }),
  "307": () => html(307, { location: "/elsewhere" }),
  "308": () => html(308, { location: "/elsewhere" }),
  "400": () => refusal(400, "bad_request"),
  "401": () => refusal(401, "unauthorized"),
  "401 HTML": () => html(401),
  "403": () => html(403),
  "404 no database selected": () => html(404),
  "409": () => html(409),
  "413": () => refusal(413, "too_large"),
  "415": () => refusal(415, "unsupported_encoding"),
  "422": () => html(422),
  "429": () => refusal(429, "slow_down", { "retry-after": "20" }),
  "500": () => html(500),
  "502": () => html(502),
  "503": () => refusal(503, "unavailable", { "retry-after": "20" }),
  "504": () => html(504),
};

const FIVE_MINUTES_MS = 300_000;

// Red when any status settles, parks or stops; tried with 404 taken as "delivered".
for (const [name, answer] of Object.entries(WRONG_ANSWERS)) {
  Deno.test(`R27 five minutes of ${name}: nothing lost, nothing parked`, async () => {
    await withKit(async (kit) => {
      await kit.lane.add(0, 200);
      kit.proxy.fault = () => ({ answer: answer() });
      const from = kit.clock.monotonic();
      while (kit.clock.monotonic() - from < FIVE_MINUTES_MS) {
        const before = kit.clock.monotonic();
        await kit.step();
        if (kit.clock.monotonic() - before > 30_000) await kit.lane.add(0, 1);
      }
      assert.equal(kit.queue.stats().pending, 200);
      assert.equal(kit.queue.stats().parked, 0);
      assert.ok(kit.alarmCodes().length > 0, "somebody is told");
      kit.proxy.fault = () => null;
      await kit.drain();
      kit.assertExactlyOnce(200);
      assert.deepEqual(kit.alarmCodes(), []);
    });
  });
}

// Red when Retry-After is ignored: a wait below 20 s appears.
Deno.test("R27 Retry-After is honoured, in seconds and as a date", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1);
    for (const after of ["20", new Date(kit.clock.now() + 20_000).toUTCString()]) {
      kit.proxy.fault = () => ({ answer: refusal(503, "unavailable", { "retry-after": after }) });
      await kit.step();
      const waited = kit.waits.at(-1) ?? 0;
      assert.ok(waited >= 19_000 && waited <= 22_000, `${after}: ${waited}`);
      kit.clock.advance(-waited);
    }
  });
});

// Red when a wait is taken as asked whoever asks: a proxy's page then silences the branch for an hour.
Deno.test("R60 who is not Odoo may ask for two minutes at most; Odoo's own words for an hour", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1);
    const waitFor = async (answer: () => Response) => {
      kit.proxy.fault = () => ({ answer: answer() });
      await kit.step();
      return kit.waits.at(-1) ?? 0;
    };
    const day = { "retry-after": "86400" };
    for (const status of [429, 500, 502, 503]) {
      const waited = await waitFor(() => html(status, day));
      assert.ok(waited >= 60_000 && waited <= 120_000, `${status}: ${waited} ms`);
    }
    const own = await waitFor(() => refusal(503, "unavailable", { "retry-after": "1800" }));
    assert.ok(own >= 1_800_000 && own <= 1_980_000, `${own} ms`);
    const most = await waitFor(() => refusal(429, "slow_down", day));
    assert.ok(most >= 3_600_000 && most <= 3_960_000, `${most} ms`);
  });
});

// Red when a head beyond the queue begins a lane each time, or each time leaves a note of its own.
Deno.test("R61 a head that is always beyond the queue: one lane an hour, one note, delivery goes on", async () => {
  await withKit(async (kit) => {
    const lanes = new Set<string>();
    kit.odoo.answeringAfter = ({ route, body }) => {
      if (route !== "punches") return null;
      lanes.add(String(body["lane"]));
      return Response.json({
        version: 1,
        server_time: new Date().toISOString(),
        batch_id: body["batch_id"],
        lane: body["lane"],
        head: { seq: 999_999, hash: "ab".repeat(32) },
        verdicts: (body["sightings"] as { seq: number }[]).map(({ seq }) => ({
          seq,
          verdict: "stored",
        })),
      });
    };
    const before = kit.clock.monotonic();
    for (let n = 0; n < 60; n++) {
      await kit.lane.add(n * 5, n * 5 + 5);
      await kit.step();
    }
    assert.ok(kit.clock.monotonic() - before < 3_600_000);
    assert.equal(lanes.size, 2, "the lane of before and one more");
    assert.deepEqual(kit.queue.stats().damaged.map((note) => note.kind), ["older_copy"]);
    assert.deepEqual(kit.alarmCodes(), ["old_copy"]);
    assert.equal(kit.queue.stats().pending, 0);
    kit.clock.advance(3_700_000);
    for (let n = 60; n < 64; n++) {
      await kit.lane.add(n * 5, n * 5 + 5);
      await kit.step();
    }
    assert.equal(lanes.size, 3, "an hour later once more");
    assert.equal(kit.queue.stats().damaged.length, 1);
  });
});

Deno.test("R27 401 raises the credential alarm, retries slowly, and capture goes on", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 10);
    kit.proxy.fault = () => ({ answer: refusal(401, "unauthorized") });
    assert.equal(await kit.step(), "not_welcome");
    assert.ok((kit.waits.at(-1) ?? 0) >= 60_000);
    assert.deepEqual(kit.alarmCodes(), ["credential"]);
    await kit.lane.add(10, 20);
    assert.equal(kit.queue.stats().pending, 20);
  });
});

Deno.test("R27 413 halves the batch until it fits", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 200);
    kit.odoo.answering = ({ body }) =>
      (body["sightings"] as unknown[]).length > 30 ? refusal(413, "too_large") : null;
    await kit.drain();
    kit.assertExactlyOnce(200);
    const sizes = kit.odoo.posts("punches").map((body) => (body["sightings"] as unknown[]).length);
    assert.deepEqual(sizes.slice(0, 4), [200, 100, 50, 25]);
  });
});

Deno.test("a batch of long rejects is cut to what Odoo takes at once", async () => {
  await withKit(async (kit) => {
    const raw = (n: number) => `${n}`.padEnd(1_024, "\u00e9");
    await kit.queue.add({
      serial: "CKJF201960996",
      channel: "push",
      punches: [],
      rejects: Array.from({ length: 900 }, (_, n) => ({
        serial: "CKJF201960996",
        reason: "bad_time" as const,
        raw: raw(n),
      })),
    });
    await kit.drain();
    assert.equal(kit.queue.stats().pending, 0);
    assert.ok(!kit.outcomes.includes("too_large"));
  }, { batchSize: 1000 });
});

// Red when the isolation does not halve, or parks the neighbours.
Deno.test("R36 one poison sighting among a thousand is found, parked and replaced by its leaf", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1_000);
    kit.odoo.poison = (sighting) => sighting["pin"] === "637";
    const from = kit.clock.monotonic();
    await kit.drain();
    assert.equal(kit.odoo.keys.length, 999);
    assert.ok(kit.clock.monotonic() - from <= FIVE_MINUTES_MS, "within five minutes");
    const parked = kit.queue.parked(10);
    assert.deepEqual(parked.map(({ seq, reason }) => ({ seq, reason })), [
      { seq: 638, reason: "odoo_cannot_take_it" },
    ]);
    assert.deepEqual(kit.alarmCodes(), ["poison"]);
    const { lane, seq, hash } = kit.queue.laneHead();
    assert.deepEqual(kit.odoo.books.lanes.get(lane)?.head, { seq, hash }, "no hole in the lane");
    // After an upgrade of Odoo.
    kit.odoo.poison = null;
    assert.equal(kit.queue.unpark({}), 1);
    await kit.drain();
    kit.assertExactlyOnce(1_000);
  });
});

Deno.test("R36 several poison sightings, some side by side, first and last", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 1_000);
    const poison = new Set(["0", "1", "2", "500", "999"]);
    kit.odoo.poison = (sighting) => poison.has(String(sighting["pin"]));
    await kit.drain();
    // The last suspects are convicted only beside receipts of others.
    for (let n = 1_000; n < 1_040; n++) {
      await kit.lane.add(n, n + 1);
      await kit.drain();
    }
    assert.equal(kit.odoo.keys.length, 1_035);
    assert.equal(kit.queue.stats().parked, 5);
    assert.equal(kit.queue.stats().pending, 0);
  });
});

// The rule itself is proven in isolation_test.ts.
Deno.test("R36 an outage that fails like poison, for hours, parks nobody", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 3);
    kit.odoo.answering = () => html(500);
    for (let n = 0; n < 300; n++) await kit.step();
    kit.odoo.answering = null;
    await kit.drain();
    await kit.lane.add(3, 4);
    await kit.drain();
    kit.assertExactlyOnce(4);
  });
});

Deno.test("a sighting that Odoo rejects is parked by its verdict and told", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 3);
    kit.odoo.answeringAfter = null;
    kit.odoo.answering = ({ body }) => {
      const sightings = body["sightings"] as { kind: string; pin: string; key: string }[];
      for (const one of sightings) {
        if (one.kind === "punch" && one.pin === "1") one.key = "0".repeat(64);
      }
      return null;
    };
    await kit.drain();
    assert.equal(kit.queue.parked(5)[0]?.reason, "key_mismatch");
    assert.equal(kit.odoo.keys.length, 2);
    assert.deepEqual(kit.alarmCodes(), ["poison"]);
  });
});

// Red when a bare leaf says nothing, another reason than its row, or a reason that is no word.
Deno.test("A41 what is parked travels as a bare leaf that says why", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 3);
    const { lane } = kit.queue.laneHead();
    kit.queue.park(1, "odoo_cannot_take_it", lane);
    kit.queue.park(2, "No word: of the contract", lane);
    await kit.drain();
    const [post] = kit.odoo.posts("punches");
    const sightings = post?.["sightings"] as { kind: string; seq: number; reason?: string }[];
    assert.deepEqual(sightings.map(({ kind, seq, reason }) => [kind, seq, reason ?? null]), [
      ["leaf", 1, "odoo_cannot_take_it"],
      ["leaf", 2, "refused"],
      ["punch", 3, null],
    ]);
    assert.deepEqual(kit.odoo.alarms, []);
    assert.equal(kit.queue.stats().parked, 2);
  });
});

// Red when the wait delays a full batch, is longer than two seconds, or is kept for the one after.
Deno.test("a busy Odoo lets punches gather before the next post, and only before that", async () => {
  await withKit(async (kit) => {
    kit.odoo.waitMs = 1_500;
    await kit.lane.add(0, 25);
    assert.equal((await kit.delivery.deliverOnce()).waitMs, 0, "a full batch is followed at once");
    await kit.delivery.deliverOnce();
    assert.equal((await kit.delivery.deliverOnce()).waitMs, 1_500);
    kit.odoo.waitMs = 0;
    await kit.lane.add(25, 26);
    assert.equal((await kit.delivery.deliverOnce()).waitMs, 0);
    kit.assertExactlyOnce(26);
  }, { batchSize: 10 });
});

// Red when a backlog that waits its turn holds up live punches, comes before it was asked to, or is told as a fault.
Deno.test("a backlog waits its turn, what comes just now does not", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 500);
    kit.clock.advance(3_600_000);
    kit.odoo.answering = ({ body }) =>
      (body["sightings"] as unknown[]).length >= 100
        ? refusal(429, "slow_down", { "retry-after": "1" })
        : null;
    const from = kit.clock.monotonic();
    await kit.step();
    assert.deepEqual([kit.outcomes.at(-1), kit.waits.at(-1)], ["asked_to_wait", 0]);
    await kit.step();
    assert.equal(kit.odoo.posts("punches").length, 1, "nothing came just now");
    const rested = kit.waits.at(-1) ?? 0;
    assert.ok(rested >= 1_000 && rested <= 1_100, `${rested} ms`);
    await kit.step();
    assert.equal(kit.odoo.posts("punches").length, 2, "the backlog asks again");
    await kit.lane.add(500, 503);
    await kit.step();
    assert.equal(kit.outcomes.at(-1), "receipt");
    assert.deepEqual(kit.odoo.keys.length, 3, "live punches alone");
    assert.deepEqual(kit.alarmCodes(), []);
    while (kit.clock.monotonic() - from < 62_000) await kit.step();
    assert.deepEqual(kit.alarmCodes(), [], "live punches get through");
    const cut = kit.clock.monotonic();
    while (kit.clock.monotonic() - cut < 62_000) await kit.step();
    assert.deepEqual(kit.alarmCodes(), ["unreachable"], "nothing gets through");
    assert.equal(kit.queue.stats().parked, 0);
    kit.odoo.answering = null;
    await kit.drain();
    kit.assertExactlyOnce(503);
    assert.deepEqual(kit.alarmCodes(), []);
  }, { batchSize: 200 });
});

// Red when few punches that were asked to wait are sent before their time, are sent one by one after it, or are lost.
Deno.test("P23 single punches that are asked to come later gather and come together", async () => {
  await withKit(async (kit) => {
    const until = kit.clock.monotonic() + 30_000;
    kit.odoo.answering = () =>
      kit.clock.monotonic() < until ? refusal(429, "slow_down", { "retry-after": "4" }) : null;
    const from = kit.clock.monotonic();
    let brought = 0;
    while (kit.clock.monotonic() < until) {
      await kit.lane.add(brought, ++brought);
      await kit.step();
    }
    const asked = kit.odoo.posts("punches").length;
    const most = (kit.clock.monotonic() - from) / 4_000 + 1;
    assert.ok(asked >= 6 && asked <= most, `${asked} requests in half a minute`);
    assert.equal(kit.odoo.keys.length, 0);
    assert.deepEqual(kit.alarmCodes(), []);
    assert.equal(await kit.step(), "receipt");
    assert.equal(kit.odoo.posts("punches").length, asked + 1, "all of them at once");
    kit.assertExactlyOnce(brought);
  });
});

// Red when a hunt for what Odoo cannot take begins anew whenever live punches go alone: it would not end while
// other companies are served.
Deno.test("R36 a hunt goes on where it was after what came just now went alone", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 400);
    kit.clock.advance(3_600_000);
    let isBusy = false;
    const sizes: number[] = [];
    kit.odoo.answering = ({ body }) => {
      const { length } = body["sightings"] as unknown[];
      sizes.push(length);
      if (length < 100) return null;
      return isBusy ? refusal(429, "slow_down", { "retry-after": "1" }) : refusal(500, "internal");
    };
    await kit.step();
    await kit.step();
    isBusy = true;
    await kit.step();
    await kit.lane.add(400, 403);
    assert.equal(await kit.step(), "receipt");
    isBusy = false;
    kit.clock.advance(2_000);
    await kit.step();
    assert.deepEqual(sizes, [400, 400, 200, 3, 200]);
    kit.odoo.answering = null;
    await kit.drain();
    kit.assertExactlyOnce(403);
  }, { batchSize: 400 });
});

// Red when few that were refused are sent again at once or their number grows, when an answer that asks for no
// wait makes the agent ask without a pause, or when a wait outlives its reason.
Deno.test("few that were asked to wait do so, and no longer than there is a reason", async () => {
  await withKit(async (kit) => {
    const sizes: number[] = [];
    let after = "0";
    kit.odoo.answering = ({ body }) => {
      sizes.push((body["sightings"] as unknown[]).length);
      return refusal(429, "slow_down", { "retry-after": after });
    };
    await kit.lane.add(0, 120);
    assert.equal(await kit.step(), "asked_to_wait");
    await kit.step();
    assert.deepEqual(sizes, [120, 50], "what came just now, some of it");
    assert.ok((kit.waits.at(-1) ?? 0) >= 1_000, "whatever was asked for");
    after = "3600";
    await kit.step();
    const { outcome } = await kit.delivery.deliverOnce();
    const before = sizes.length;
    await kit.lane.add(120, 121);
    await kit.delivery.deliverOnce();
    assert.deepEqual([outcome, sizes.length], ["asked_to_wait", before], "nothing goes meanwhile");
    kit.odoo.answering = null;
    kit.delivery.retryNow();
    assert.equal(await kit.step(), "receipt", "the reason has gone");
    await kit.drain();
    kit.assertExactlyOnce(121);
  }, { batchSize: 200 });
});

// Red when health does not say that an older program, or another key, delivers nothing any more.
Deno.test("A40 a batch whose signature is refused stays pending and is told", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 2);
    const [agent] = kit.odoo.books.agents;
    if (agent === undefined) throw new Error("no agent");
    const { publicKey } = agent;
    kit.odoo.books.agents = [{ ...agent, publicKey: Buffer.alloc(32, 1).toString("base64") }];
    assert.equal(await kit.step(), "not_welcome");
    assert.equal(kit.queue.stats().pending, 2);
    const [alarm] = kit.alarms.list();
    assert.deepEqual([alarm?.code, alarm?.message], [
      "credential",
      "status 403 (bad_signature)",
    ]);
    kit.odoo.books.agents = [{ ...agent, publicKey }];
    await kit.drain();
    kit.assertExactlyOnce(2);
    assert.deepEqual(kit.alarmCodes(), []);
  });
});

// Red when `headSeen` does not rewind.
Deno.test("R35 Odoo's database replaced by an older copy gets what it lost from the queue", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 100);
    await kit.drain();
    const backup = kit.odoo.backup();
    await kit.lane.add(100, 300);
    await kit.drain();
    kit.odoo.restore(backup);
    await kit.lane.add(300, 301);
    await kit.drain();
    kit.assertExactlyOnce(301);
    assert.deepEqual(kit.alarmCodes(), ["odoo_went_back"]);
  });
});

Deno.test("a head with another hash is a tamper alarm", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 10);
    await kit.drain();
    for (const lane of kit.odoo.books.lanes.values()) {
      lane.head = { ...lane.head, hash: "0".repeat(64) };
    }
    await kit.lane.add(10, 11);
    await kit.drain();
    assert.ok(kit.alarmCodes().includes("tamper"));
    assert.equal(kit.queue.stats().pending, 0);
  });
});

Deno.test("a waiting agent posts, is told to wait, and keeps everything", async () => {
  await withKit(async (kit) => {
    for (const agent of kit.odoo.books.agents) agent.state = "waiting";
    await kit.lane.add(0, 10);
    assert.equal(await kit.step(), "waiting");
    assert.deepEqual(kit.alarmCodes(), ["waiting"]);
    kit.odoo.approve();
    await kit.drain();
    kit.assertExactlyOnce(10);
  });
});

Deno.test("live punches go before a backlog", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 500);
    kit.clock.advance(3_600_000);
    await kit.lane.add(500, 505);
    await kit.step();
    const [first] = kit.odoo.posts("punches");
    const sent = (first?.["sightings"] as { seq: number }[]).map((one) => one.seq);
    assert.equal(sent.length, 50);
    for (let seq = 501; seq <= 505; seq++) {
      assert.ok(sent.includes(seq), `${seq} is among the first`);
    }
    await kit.drain();
    kit.assertExactlyOnce(505);
  }, { batchSize: 50 });
});
