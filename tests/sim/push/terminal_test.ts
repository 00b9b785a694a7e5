// Tests of the simulated terminal itself: its bytes against recorded requests of real terminals, its
// habits against what was counted in real exports, its stubbornness against a server that misbehaves.

import assert from "node:assert/strict";
import {
  countRecords,
  exportLine,
  isRealTime,
  readExport,
  type TerminalRecord,
} from "./records.ts";
import { Terminal } from "./terminal.ts";
import { seededWeek } from "./week.ts";
import { ANCIENT, MODERN, readAnswer, requestBytes } from "./wire.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const record = (time: string, pin = "1"): TerminalRecord => ({
  pin,
  time,
  status: "0",
  verify: "1",
  workCode: "",
});

Deno.test("terminal: a modern upload is what a recorded one was, header by header", () => {
  const line = { host: "192.168.54.33", port: 8080, manner: MODERN };
  const body = "1\t2024-07-28 01:25:24\t0\t1\t\t0\t0\n";
  const target = "/iclock/cdata?SN=BOCK200961014&table=ATTLOG&Stamp=9999";
  assert.equal(
    text(requestBytes(line, "POST", target, body)),
    "POST /iclock/cdata?SN=BOCK200961014&table=ATTLOG&Stamp=9999 HTTP/1.1\r\n" +
      "Host: 192.168.54.33:8080\r\nUser-Agent: iClock Proxy/1.09\r\nConnection: close\r\n" +
      "Accept: */*\r\nContent-Type: text/plain\r\nContent-Length: 31\r\n\r\n" + body,
  );
});

Deno.test("terminal: the oldest firmware speaks HTTP/1.0 and sends an empty POST as a GET", () => {
  const line = { host: "10.0.0.2", port: 80, manner: ANCIENT };
  const bytes = text(requestBytes(line, "POST", "/iclock/cdata?SN=1&table=ATTLOG", ""));
  assert.match(bytes, /^GET \/iclock\/cdata\?SN=1&table=ATTLOG HTTP\/1\.0\r\n/);
  assert.doesNotMatch(bytes, /Content-/);
});

Deno.test("terminal: an answer cut short or without a head is no answer", () => {
  const bytes = (answer: string) => new TextEncoder().encode(answer);
  assert.throws(() => readAnswer(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nOK")));
  assert.throws(() => readAnswer(bytes("OK")));
  const answer = readAnswer(bytes("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nOK: 1"));
  assert.deepEqual([answer.status, answer.body], [200, "OK: 1"]);
});

Deno.test("terminal: the seeded week has the habits of real terminals, the same for one seed", () => {
  const week = seededWeek({ seed: 19, monday: "2026-03-02" });
  assert.deepEqual(seededWeek({ seed: 19, monday: "2026-03-02" }), week);
  assert.notDeepEqual(seededWeek({ seed: 20, monday: "2026-03-02" }).records, week.records);
  const real = week.records.filter(({ time }) => isRealTime(time) && time > "2001");
  const groups = Map.groupBy(real, ({ pin, time }) => `${pin} ${time.slice(0, 10)}`);
  const odd = [...groups.values()].filter((punches) => punches.length % 2 === 1).length;
  const oddShare = odd / groups.size;
  assert.ok(oddShare > 0.16 && oddShare < 0.28, `odd days ${oddShare}`);
  const gaps = [...groups.values()].flatMap((punches) =>
    punches.slice(1).map(({ time }, index) =>
      (Date.parse(time) - Date.parse(punches[index]?.time ?? "")) / 1000
    )
  );
  const taps = gaps.filter((gap) => gap < 60).length / gaps.length;
  assert.ok(taps > 0.015 && taps < 0.1, `taps ${taps}`);
  const lunches = gaps.filter((gap) => gap >= 60 && gap <= 300).length;
  assert.ok(lunches > 40, `lunches of minutes ${lunches}`);
  const count = countRecords(week.records);
  assert.deepEqual([count.people, count.unreadable, count.firstDay], [40, 1, "2026-03-02"]);
  assert.equal(week.records.filter(({ time }) => time.startsWith("2000-")).length, 3);
});

Deno.test("terminal: an export is read back line by line, CRLF and nonsense included", () => {
  const rows = [record("2026-03-02 08:00:00", "554"), record("1971--10--29 -23:-27:-54", "9")];
  const file = rows.map((row) => exportLine(row).replace("\n", "\r\n")).join("") + "broken line\n";
  const read = readExport(file);
  assert.deepEqual(read.slice(0, 2), rows);
  assert.deepEqual(countRecords(read), {
    read: 3,
    punches: 1,
    repeated: 0,
    unreadable: 2,
    people: 1,
    firstDay: "2026-03-02",
    lastDay: "2026-03-02",
  });
});

// Turns red when rows of erased flash are counted: a demo of such a file would wait for them for ever.
Deno.test("terminal: lines alike that cannot be read are one, names of the older form are left out", () => {
  const bad = "ZZZZ\t2047-02-30 26:74:74\t90\t90\t90\t90\n".repeat(329);
  const read = readExport(`7\tAnn Example\t2026-03-02 07:58:03\t1\t0\t1\t0\n${bad}`);
  assert.equal(JSON.stringify(read).includes("Ann"), false);
  const { read: lines, punches, unreadable } = countRecords(read);
  assert.deepEqual([lines, punches, unreadable], [330, 1, 1]);
});

interface Seen {
  readonly target: string;
  readonly body: string;
}

/** A server of a few lines, so that the terminal is tested without the agent. */
async function withServer(
  answer: (seen: Seen, count: number) => string,
  work: (port: number, seen: Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(1 << 20);
      let length = 0;
      let request = "";
      for (;;) {
        length += await connection.read(buffer.subarray(length)) ?? 0;
        request = text(buffer.subarray(0, length));
        const wanted = Number(/Content-Length: (\d+)/.exec(request)?.[1] ?? 0);
        const head = request.indexOf("\r\n\r\n");
        if (head >= 0 && length >= head + 4 + wanted) break;
      }
      const [head = "", body = ""] = request.split("\r\n\r\n");
      const one = { target: head.split(" ")[1] ?? "", body };
      seen.push(one);
      const said = answer(one, seen.length);
      await connection.write(new TextEncoder().encode(said)).catch(() => {});
      connection.close();
    }
  })();
  await work((listener.addr as Deno.NetAddr).port, seen);
  listener.close();
  await serving;
}

const reply = (body: string, status = 200) =>
  `HTTP/1.1 ${status} X\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const options = "GET OPTION FROM: T1\nATTLOGStamp=9999\nDelay=10\n";

Deno.test("terminal: batches, and the same batch again until it is acknowledged", async () => {
  let refusals = 2;
  await withServer(({ target }) => {
    if (target.includes("options=all")) return reply(options);
    if (target.includes("ATTLOG") && refusals-- > 0) return reply("busy", 503);
    return reply(target.includes("ATTLOG") ? "OK: 2" : "OK");
  }, async (port, seen) => {
    const terminal = new Terminal({ host: "127.0.0.1", port, serial: "T1", batchRows: 2 });
    terminal.record(...["08", "09", "10"].map((hour) => record(`2026-03-02 ${hour}:00:00`)));
    await terminal.round();
    assert.deepEqual([terminal.acknowledged, terminal.pending], [2, 1]);
    await terminal.round();
    assert.equal(terminal.pending, 0);
    const bodies = seen.filter(({ target }) => target.includes("ATTLOG")).map(({ body }) => body);
    assert.equal(bodies.length, 4);
    assert.equal(bodies[0], bodies[2]);
    assert.equal(bodies[3]?.split("\n").length, 2);
  });
});

Deno.test("terminal: obeys a query of a window and ignores an unterminated command", async () => {
  let polls = 0;
  await withServer(({ target }) => {
    if (target.includes("options=all")) return reply(options);
    if (!target.includes("getrequest")) return reply("OK");
    polls++;
    return reply(
      polls === 1
        ? "C:7:DATA QUERY ATTLOG StartTime=2026-03-02 08:30:00\tEndTime=2026-03-02 09:30:00\nC:8:CHECK"
        : "OK",
    );
  }, async (port, seen) => {
    const terminal = new Terminal({ host: "127.0.0.1", port, serial: "T1" });
    terminal.record(record("2026-03-02 08:00:00"), record("2026-03-02 09:00:00"));
    await terminal.round();
    const results = seen.filter(({ target }) => target.includes("devicecmd"));
    assert.deepEqual(results.map(({ body }) => body), ["ID=7&Return=1&CMD=DATA\n"]);
    const uploads = seen.filter(({ target }) => target.includes("ATTLOG"));
    assert.match(uploads.at(-1)?.body ?? "", /^1\t2026-03-02 09:00:00\t0\t1\t\t0\t0\t0\t0\t0\t\n$/);
  });
});
