/** Floods, slow and endless senders against the device port; numbers are scaled to seconds. */
import assert from "node:assert/strict";
import { getLogger, startLog, stopLog } from "../../../edge_agent/base/log.ts";
import { until } from "../../sim/agent_process.ts";
import { HOST, type Port, SN, withPort } from "./port_kit.ts";

const LINE = "1\t2026-03-02 08:58:13\t0\t1\t0\t0\t0\n";
const bytesOf = (text: string) => new TextEncoder().encode(text);

async function openLine(port: Port, text = ""): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: HOST, port: port.server.port });
  if (text !== "") await conn.write(bytesOf(text));
  return conn;
}

/** Ms until the far end closes; what it said first counts as closing too. */
async function closedAfter(conn: Deno.Conn): Promise<number> {
  const began = performance.now();
  try {
    await conn.read(new Uint8Array(1024));
  } catch (fault) {
    if (!(fault instanceof Deno.errors.ConnectionReset)) throw fault;
  } finally {
    conn.close();
  }
  return performance.now() - began;
}

// Red when strangers are kept in an unbounded map, or each makes a log line.
Deno.test("server: S02 a hundred thousand random serials: bounded, one that returns stays listed", async () => {
  await withPort(async (port) => {
    for (let n = 0; n < 20; n++) port.devices.noteUnknown("REAL0001", "10.0.0.9", "attendance");
    for (let n = 0; n < 100_000; n++) port.devices.noteUnknown(`SN${n}`, "10.0.0.8", "");
    const unknown = port.devices.unknown();
    assert.equal(unknown.length, 100);
    assert.ok(unknown.some((stranger) => stranger.serial === "REAL0001"));
    const head = `/iclock/getrequest?SN=`;
    for (let n = 0; n < 300; n++) assert.equal((await port.get(`${head}X${n}`)).status, 403);
    assert.equal(port.devices.unknown().length, 100);
    assert.deepEqual(port.queue.deviceRows(), []);
    assert.equal(port.queue.laneHead().seq, 0);
  });
});

// Red when a phase has no time limit, or when a silent line is not dropped for a new one.
Deno.test("server: S21 half-open connections are closed in time, a live terminal is served meanwhile", async () => {
  await withPort(async (port) => {
    port.allow();
    const opened = await Promise.all(Array.from({ length: 300 }, (_, n) => {
      const starts = [
        "",
        `GET /iclock/getrequest?SN=${SN} HTTP/1.1\r\nX: `,
        `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\nContent-Length: 99\r\n\r\n1\t`,
      ];
      return openLine(port, starts[n % 3]);
    }));
    const closing = Promise.all(opened.map(closedAfter));
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      const began = performance.now();
      assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
      waits.push(performance.now() - began);
    }
    assert.ok(Math.max(...waits) < 2_000, `${Math.max(...waits)} ms`);
    const closed = await closing;
    assert.ok(Math.max(...closed) < 6_000, `${Math.max(...closed)} ms`);
    assert.equal(port.server.connections, 0);
    assert.deepEqual(port.punches(), []);
  }, { requestSeconds: 1 });
});

// Red without the cap per peer: all of them would be held.
Deno.test("server: S22 connections of one peer are capped; the newest is served, the oldest silent dropped", async () => {
  await withPort(async (port) => {
    port.allow();
    const lines: Deno.Conn[] = [];
    for (let n = 0; n < 600; n++) lines.push(await openLine(port));
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    assert.ok(port.server.connections <= 32, `${port.server.connections} held`);
    assert.equal((await port.upload("ATTLOG", LINE)).body, "OK: 1");
    for (const line of lines) line.close();
  }, { maxConnectionsPerPeer: 32 });
});

// Red when a length is read before it is judged.
Deno.test("server: S23 endless and announced giants are turned away early and cost no memory", async () => {
  await withPort(async (port) => {
    port.allow();
    const head = `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\n`;
    const before = Deno.memoryUsage().rss;
    for (const length of ["600000000", "1000000000000"]) {
      const reply = await port.raw(`${head}Content-Length: ${length}\r\n\r\n${LINE}`);
      assert.equal(reply?.status, 413);
      assert.doesNotMatch(reply?.body ?? "", /OK/);
    }
    const conn = await openLine(port, `${head}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = bytesOf(`10000\r\n${"x".repeat(65_536)}\r\n`);
    let sent = 0;
    try {
      while (sent < 64 * 1024 * 1024) sent += await conn.write(chunk);
    } catch (fault) {
      assert.ok(
        fault instanceof Deno.errors.BrokenPipe || fault instanceof Deno.errors.ConnectionReset,
      );
    } finally {
      conn.close();
    }
    // What was taken is the body limit for chunks, what is drained to be heard, and socket buffers.
    assert.ok(sent < 16 * 1024 * 1024, `${sent} bytes were taken`);
    const grown = (Deno.memoryUsage().rss - before) / 1024 / 1024;
    assert.ok(grown < 50, `${grown} MiB`);
    assert.deepEqual(port.punches(), []);
    assert.equal((await port.upload("ATTLOG", LINE)).body, "OK: 1");
  });
});

// Red without the common budget: nobody is turned away.
Deno.test("server: S23 bodies held at once are bounded together", async () => {
  await withPort(async (port) => {
    port.allow();
    const head = `POST /iclock/cdata?SN=${SN}&table=BIODATA HTTP/1.1\r\n`;
    const body = bytesOf("x".repeat(15 * 1024 * 1024));
    const opened = await Promise.all(
      Array.from({ length: 6 }, () => openLine(port, `${head}Content-Length: 15999999\r\n\r\n`)),
    );
    const sending = opened.map(async (conn) => {
      try {
        for (let sent = 0; sent < body.length;) {
          sent += await conn.write(body.subarray(sent, sent + 262_144));
        }
        const count = await conn.read(new Uint8Array(12));
        return count !== null;
      } catch (fault) {
        // Turned away in the middle of its body, or closed by the end of this test.
        return fault instanceof Deno.errors.BrokenPipe ||
          fault instanceof Deno.errors.ConnectionReset;
      }
    });
    assert.equal(await Promise.race(sending), true, "90 MiB of bodies were held at once");
    // Whoever comes while the rest still holds the budget may be told to come again.
    const meanwhile = (await port.upload("ATTLOG", LINE)).body;
    assert.ok(["OK: 1", "ERR"].includes(meanwhile), meanwhile);
    for (const conn of opened) conn.close();
    await Promise.all(sending);
    const after = await until(
      async () => (await port.upload("ATTLOG", LINE)).body,
      (body) => body === "OK: 1",
      10,
    );
    assert.equal(after, "OK: 1", "the budget is not given back");
  });
});

Deno.test("server: S24 a hundred thousand lines in one batch, and two hundred requests in one go", async () => {
  await withPort(async (port) => {
    port.allow();
    const lines = Array.from({ length: 100_000 }, (_, n) => {
      const at = new Date(Date.UTC(2026, 0, 1) + n * 31_000).toISOString();
      return `${n % 500}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
    });
    const whole = port.upload("ATTLOG", `${lines.join("\n")}\n`);
    await until(() => port.queue.laneHead().seq, (seq) => seq > 0);
    // Red when the batch is one commit: the other terminal then waits for all of it.
    const other = await port.upload("ATTLOG", LINE);
    assert.equal(other.body, "OK: 1");
    assert.ok(port.queue.laneHead().seq < 100_001, "another terminal was answered in between");
    assert.equal((await whole).body, "OK: 100000");
    assert.equal(port.queue.laneHead().seq, 100_001);
    const posts = Array.from({ length: 200 }, (_, n) => {
      const line = `9\t2027-01-01 00:00:${String(n % 60).padStart(2, "0")}\t${n}\t1\n`;
      return `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\nContent-Length: ${line.length}\r\n\r\n${line}`;
    });
    const reply = await port.raw(posts.join(""));
    // One request a connection: the first is kept and acknowledged, no other is either.
    assert.equal(reply?.body, "OK: 1");
    assert.equal(port.queue.laneHead().seq, 100_002);
  });
});

Deno.test("server: S25 S27 ambiguous and compressed requests end with 400 and 415, nothing is kept", async () => {
  await withPort(async (port) => {
    port.allow();
    const head = `POST /iclock/cdata?SN=${SN}&table=ATTLOG HTTP/1.1\r\n`;
    const length = `Content-Length: ${LINE.length}\r\n`;
    const bad: [string, number][] = [
      [`${head}${length}Transfer-Encoding: chunked\r\n\r\n${LINE}`, 400],
      [`${head}${length}${length}\r\n${LINE}`, 400],
      [`${head}X: a\n${length}\r\n${LINE}`, 400],
      [`${head}X: a\r\n folded\r\n${length}\r\n${LINE}`, 400],
      [`${head}Content-Encoding: gzip\r\n${length}\r\n${LINE}`, 415],
    ];
    for (const [text, status] of bad) {
      const reply = await port.raw(text);
      assert.equal(reply?.status, status);
      assert.doesNotMatch(reply?.body ?? "", /OK/);
    }
    assert.deepEqual(port.punches(), []);
  });
});

// Red when a field goes into a line unescaped.
Deno.test("server: S17 what terminals write cannot break or forge a log line", async () => {
  const written: string[] = [];
  startLog({ level: "debug", write: (line) => written.push(line) });
  try {
    const log = getLogger("server");
    await withPort(async (port) => {
      port.allow();
      const evil = '\\n{"level":"info"}\u001b[2J';
      await port.upload("ATTLOG", `1${evil}\t2026-03-02 08:58:13\t0\n`);
      await port.upload("OPERLOG", `USER PIN=1\tName=${evil}\n`);
      await port.get(`/iclock/getrequest?SN=A%0A%7B%22level%22%3A1%7D`);
      await port.get(`/iclock/getrequest?SN=${SN}&INFO=${encodeURIComponent(evil)},1`);
      for (const { level, message, fields } of port.log.lines) {
        if (level === "warn") log.warn(message, { ...fields, evil });
        else log.info(message, { ...fields, evil });
      }
      for (const fact of Object.values(port.devices.lookup(SN)?.facts ?? {})) {
        assert.doesNotMatch(String(fact), /\p{Cc}/u);
      }
    });
    assert.ok(written.length > 0);
    for (const line of written) {
      assert.equal(typeof JSON.parse(line), "object");
      assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
    }
  } finally {
    stopLog();
  }
});
