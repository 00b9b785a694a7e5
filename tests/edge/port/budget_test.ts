/** What the device port holds at once is bounded in bytes: rows not yet durable, and bodies. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { bodyPieces, decodeLines } from "../../../edge_agent/adms/text.ts";
import { Turnstile } from "../../../edge_agent/base/turnstile.ts";
import { Http1Listener } from "../../../edge_agent/http1/listen.ts";
import { DEFAULT_LIMITS } from "../../../edge_agent/http1/request.ts";
import { ROWS_BUDGET_BYTES } from "../../../edge_agent/port/tables.ts";
import { HOST, withPort } from "./port_kit.ts";
import { until } from "../../sim/until.ts";

const encoder = new TextEncoder();

function attlog(no: number, lines: number): string {
  let text = "";
  for (let at = 0; at < lines; at++) {
    const iso = new Date(Date.UTC(2026, 0, 1) + (no * lines + at) * 1_000).toISOString();
    text += `${1_000 + at % 400}\t${iso.slice(0, 10)} ${iso.slice(11, 19)}\t0\t1\t0\t0\t0\n`;
  }
  return text;
}

// Red when `Tables` reads a body before it has passed the turnstile.
Deno.test("server: 60 uploads of 1,000 lines at once: rows not yet durable stay within the budget", async () => {
  let inHand = 0;
  let most = 0;
  let commits = 0;
  await withPort(
    async (port) => {
      const serials = Array.from({ length: 60 }, (_, no) => `BURST${no}`);
      for (const serial of serials) port.allow(serial);
      const replies = await Promise.all(
        serials.map((serial, no) => port.upload("ATTLOG", attlog(no, 1_000), serial)),
      );
      for (const reply of replies) assert.equal(reply.body, "OK: 1000");
      assert.equal(port.queue.laneHead().seq, 60_000);
      assert.ok(most <= ROWS_BUDGET_BYTES, `${most} bytes of lines were in hand`);
      assert.ok(most > ROWS_BUDGET_BYTES / 2, "uploads share a commit up to the budget");
      assert.equal(commits, 60);
    },
    {},
    (queue) => ({
      get lineSalt() {
        return queue.lineSalt;
      },
      stamp: (serial, table) => queue.stamp(serial, table),
      add: async (upload) => {
        const bytes = Buffer.byteLength(attlog(0, 1)) * upload.punches.length;
        inHand += bytes;
        commits++;
        most = Math.max(most, inHand);
        try {
          return await queue.add(upload);
        } finally {
          inHand -= bytes;
        }
      },
    }),
  );
});

// Red when `#awaitRoom` always says that there is room.
Deno.test("http1: bodies above the budget stay in the sockets until others are answered", async () => {
  const budget = 1_000_000;
  const body = new Uint8Array(400_000).fill(65);
  let most = 0;
  const listener: Http1Listener<null> = new Http1Listener<null>({
    host: HOST,
    port: 0,
    limits: DEFAULT_LIMITS,
    requestMs: 30_000,
    maxConnections: 64,
    maxConnectionsPerPeer: 64,
    bodyBudget: budget,
    onFault: (fault) => assert.fail(String(fault)),
    handler: {
      admit: () => ({ visit: null }),
      handle: async (_visit, _head, received) => {
        await until(() => {
          most = Math.max(most, listener.held);
          return most >= 2 * body.length;
        }, "bodies are held side by side");
        return { status: 200, headers: [], body: encoder.encode(String(received.length)) };
      },
      refused: (status) => ({ status, headers: [], body: new Uint8Array(0) }),
      date: () => null,
    },
  });
  listener.start();
  try {
    const heads = await Promise.all(Array.from({ length: 12 }, () => post(listener.port, body)));
    for (const head of heads) assert.match(head, /^HTTP\/1\.1 200 OK/);
    // The oldest may go on above the budget, by one body at most.
    assert.ok(most <= budget + body.length, `${most} bytes were held`);
    assert.ok(most >= 2 * body.length, "bodies are held side by side");
  } finally {
    await listener.stop();
  }
  assert.equal(listener.held, 0);
});

async function post(port: number, body: Uint8Array): Promise<string> {
  const conn = await Deno.connect({ hostname: HOST, port });
  try {
    const head = encoder.encode(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (const bytes of [head, body]) {
      for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
    }
    const buffer = new Uint8Array(4_096);
    const count = await conn.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  } finally {
    conn.close();
  }
}

// Red when `#letIn` weighs a waiting one only when it runs.
Deno.test("turnstile: property: never above its limit, everybody gets in, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 12 }), turns: fc.nat(4) }), {
        maxLength: 30,
      }),
      async (visits) => {
        const turnstile = new Turnstile(10);
        const entered: number[] = [];
        await Promise.all(visits.map(({ weight, turns }, at) =>
          turnstile.pass(weight, async () => {
            entered.push(at);
            assert.ok(turnstile.inHand <= Math.max(10, weight));
            for (let n = 0; n < turns; n++) await new Promise((turn) => setTimeout(turn, 0));
            if (at % 5 === 4) throw new Error("a work that fails");
          }).catch((fault: Error) => assert.equal(fault.message, "a work that fails"))
        ));
        assert.deepEqual(entered, visits.map((_, at) => at));
        assert.equal(turnstile.inHand, 0);
      },
    ),
    { numRuns: 40 },
  );
});

// Red when a piece ends elsewhere than behind a line feed.
Deno.test("attlog: property: the pieces of a body decode to the lines of the body", () => {
  const part = fc.oneof(
    fc.constantFrom("\n", "\r\n", "\0", " ", "1\t2026-01-01 08:00:00\t0", "é漢", "=\n"),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(fc.property(fc.array(part), fc.boolean(), fc.integer({ min: 1, max: 4 }), (
    parts,
    foreign,
    lines,
  ) => {
    const text = encoder.encode(parts.join("").replaceAll("\ufeff", ""));
    const body = foreign ? Uint8Array.from([...text, 10, 0xc3, 0x28, 10, 49]) : text;
    const pieces = bodyPieces(body, lines);
    assert.deepEqual(pieces.flatMap(decodeLines), decodeLines(body));
    if (pieces.length > 0) assert.match(new TextDecoder().decode(pieces.at(-1)), /[^\t-\r ]/);
  }));
});
