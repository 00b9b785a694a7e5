/** The listener reads a body where it stays: whatever the pieces, whoever else reads meanwhile. */
import assert from "node:assert/strict";
import { Http1Listener } from "../../../edge_agent/http1/listen.ts";
import { DEFAULT_LIMITS } from "../../../edge_agent/http1/request.ts";
import { until } from "../../sim/until.ts";

const HOST = "127.0.0.1";
const encoder = new TextEncoder();

interface Got {
  readonly path: string;
  readonly query: string;
  readonly body: Uint8Array;
}

/** A listener that keeps what it was handed and says its length. */
async function withListener(
  test: (listener: Http1Listener<null>, got: Got[]) => Promise<void>,
): Promise<void> {
  const got: Got[] = [];
  const listener: Http1Listener<null> = new Http1Listener<null>({
    host: HOST,
    port: 0,
    limits: DEFAULT_LIMITS,
    requestMs: 30_000,
    maxConnections: 64,
    maxConnectionsPerPeer: 64,
    onFault: (fault) => assert.fail(String(fault)),
    handler: {
      admit: () => ({ visit: null }),
      handle: (_visit, head, body) => {
        got.push({ path: head.path, query: head.query, body });
        return Promise.resolve({
          status: 200,
          headers: [],
          body: encoder.encode(`got ${body.length}`),
        });
      },
      refused: (status) => ({ status, headers: [], body: new Uint8Array(0) }),
      date: () => null,
    },
  });
  listener.start();
  try {
    await test(listener, got);
    await until(() => listener.held === 0, "nothing is held once all have gone");
  } finally {
    await listener.stop();
  }
}

/** Bytes that differ from place to place, so that one that is lost, doubled or moved shows. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 251);
}

function headOf(path: string, length: number): Uint8Array {
  return encoder.encode(`POST ${path} HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n`);
}

async function send(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

async function answerOf(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  let text = "";
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text;
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: HOST, port });
  conn.setNoDelay(true);
  return conn;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

// Red when a byte is lost or doubled where the room of a body grows, where the first read ends, or where one
// read brings a single byte.
Deno.test("listener: a body comes through whole, in single bytes and in pieces of any size", async () => {
  await withListener(async (listener, got) => {
    for (
      const [length, piece] of [[200, 1], [4_096, 4_096], [65_535, 1_460], [65_536, 64], [
        400_000,
        70_001,
      ]]
    ) {
      const body = pattern(length as number);
      const bytes = joined(headOf("/a", body.length), body);
      const conn = await connect(listener.port);
      for (let at = 0; at < bytes.length; at += piece as number) {
        await send(conn, bytes.subarray(at, at + (piece as number)));
        // Others have their turn: what was written is read by itself.
        if (piece === 1) await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assert.match(await answerOf(conn), new RegExp(`^HTTP/1.1 200 OK[^]*got ${length}$`));
      conn.close();
      const { body: received } = got.at(-1) as Got;
      assert.deepEqual(received, body, `${length} bytes in pieces of ${piece}`);
    }
  });
});

// Red when two connections share the buffer of their first read: one terminal's punches in another's upload.
Deno.test("listener: the first read of one connection is nobody else's", async () => {
  await withListener(async (listener, got) => {
    const heads = Array.from(
      { length: 8 },
      (_, no) => headOf(`/slow${no}?${"q".repeat(3_000)}`, 100),
    );
    const slow = await Promise.all(heads.map(() => connect(listener.port)));
    for (const [no, conn] of slow.entries()) {
      const head = heads[no] as Uint8Array;
      // Half a head, all of it with half a body: what was read so far waits in memory.
      await send(conn, no % 2 === 0 ? head.subarray(0, 2_800) : joined(head, pattern(50)));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const quick = await connect(listener.port);
      await send(quick, joined(headOf("/quick", 3_000), new Uint8Array(3_000).fill(88)));
      assert.match(await answerOf(quick), /got 3000$/);
      quick.close();
    }
    for (const [no, conn] of slow.entries()) {
      const head = heads[no] as Uint8Array;
      await send(
        conn,
        no % 2 === 0 ? joined(head.subarray(2_800), pattern(100)) : pattern(100).subarray(50),
      );
      assert.match(await answerOf(conn), /got 100$/);
      conn.close();
      const { path, query, body } = got.at(-1) as Got;
      assert.deepEqual([path, query, body], [`/slow${no}`, "q".repeat(3_000), pattern(100)]);
    }
  });
});

// Red when a second request is taken for the end of the first one's body, or answered as if it had been kept.
Deno.test("listener: what comes behind a body is neither its own nor acknowledged", async () => {
  await withListener(async (listener, got) => {
    for (const length of [10, 3_000, 100_000]) {
      const second = joined(headOf("/second", 5), encoder.encode("12345"));
      const conn = await connect(listener.port);
      await send(conn, joined(headOf("/first", length), pattern(length), second));
      const answer = await answerOf(conn);
      conn.close();
      assert.equal(answer.split("HTTP/1.1 ").length, 2, "one answer");
      const { path, body } = got.at(-1) as Got;
      assert.deepEqual([path, body], ["/first", pattern(length)]);
    }
    assert.equal(got.length, 3);
  });
});

// Red when what has come of a body that breaks off, by the room that was set aside for it, passes for all of it.
Deno.test("listener: a length that lies is never acknowledged, a giant refused by its head", async () => {
  await withListener(async (listener, got) => {
    for (const [said, sent] of [[101, 100], [5_000, 4_999], [65_537, 65_536], [200_000, 70_000]]) {
      const conn = await connect(listener.port);
      await send(conn, joined(headOf("/short", said as number), pattern(sent as number)));
      await conn.closeWrite();
      assert.equal(await answerOf(conn), "", `${sent} of ${said}`);
      conn.close();
    }
    const conn = await connect(listener.port);
    await send(conn, headOf("/giant", 999_999_999));
    assert.match(await answerOf(conn), /^HTTP\/1.1 413 /);
    conn.close();
    assert.deepEqual(got, []);
  });
});
