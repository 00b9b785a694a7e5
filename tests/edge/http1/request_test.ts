/** The front's grammar: every case whole, byte by byte, and with a tail behind it. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { latin1 } from "../../../edge_agent/http1/bytes.ts";
import {
  DEFAULT_LIMITS,
  type Http1Event,
  type Http1Limits,
  RequestParser,
  titleCase,
  writeAnswer,
} from "../../../edge_agent/http1/request.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

type Last = Exclude<Http1Event, { kind: "head" }>;

function feed(parser: RequestParser, parts: Iterable<Uint8Array>): Last {
  let last: Last = { kind: "more" };
  for (const part of parts) {
    parser.receive(part);
    for (let event = parser.next();; event = parser.next()) {
      if (event.kind === "head") continue;
      if (event.kind !== "more") return event;
      last = event;
      break;
    }
  }
  return last;
}

function read(text: string, limits: Http1Limits = DEFAULT_LIMITS): Last {
  return feed(new RequestParser(limits), [bytesOf(text)]);
}

/** The same request three ways; the events must not differ but for the tail. */
function readAllWays(text: string, limits: Http1Limits = DEFAULT_LIMITS): Last {
  const whole = read(text, limits);
  const single = feed(
    new RequestParser(limits),
    [...text].map((letter) => bytesOf(letter)),
  );
  assert.deepEqual(single, whole, "byte by byte");
  const tailed = read(`${text}GET / HTTP/1.1\r\n\r\n`, limits);
  if (whole.kind === "request") {
    assert.equal(tailed.kind, "request");
    assert.deepEqual({ ...tailed, excess: 0 }, whole, "with a tail");
  }
  return whole;
}

function request(text: string): Extract<Http1Event, { kind: "request" }> {
  const event = readAllWays(text);
  assert.equal(event.kind, "request", JSON.stringify(event));
  return event as Extract<Http1Event, { kind: "request" }>;
}

function refusal(text: string, limits: Http1Limits = DEFAULT_LIMITS): number {
  const event = readAllWays(text, limits);
  assert.equal(event.kind, "refused", JSON.stringify(event));
  return event.kind === "refused" ? event.status : 0;
}

Deno.test("http1: a poll of firmware 2.31 over HTTP/1.0 without Host", () => {
  const { head, body } = request(
    "GET /iclock/getrequest?SN=3 HTTP/1.0\r\nUser-Agent: iClock Proxy/1.09\r\n\r\n",
  );
  assert.equal(head.method, "GET");
  assert.equal(head.path, "/iclock/getrequest");
  assert.equal(head.query, "SN=3");
  assert.equal(head.version, "1.0");
  assert.equal(head.length, null);
  assert.equal(body.length, 0);
});

// Red when the request line is split at every space.
Deno.test("http1: raw spaces in the target survive", () => {
  const { head } = request(
    "GET /iclock/getrequest?SN=3&INFO=Ver 8.0.4.6-20211110,1,2,3 HTTP/1.1\r\n\r\n",
  );
  assert.equal(head.query, "SN=3&INFO=Ver 8.0.4.6-20211110,1,2,3");
});

Deno.test("http1: a body of the declared length, headers in any case, any Content-Type", () => {
  const { head, body } = request(
    "POST /iclock/cdata?SN=3&table=ATTLOG HTTP/1.1\r\ncontent-LENGTH: 5\r\n" +
      "Content-Type: application/push;charset=UTF-8\r\nConnection: starting\r\n\r\nab\ncd",
  );
  assert.equal(head.length, 5);
  assert.equal(head.headers.get("content-type"), "application/push;charset=UTF-8");
  assert.equal(latin1(body), "ab\ncd");
});

Deno.test("http1: empty lines before the request line and an absolute target are passed over", () => {
  const { head } = request("\r\n\r\nGET http://10.0.0.1:8081/iclock/ping?SN=3 HTTP/1.1\r\n\r\n");
  assert.equal(head.path, "/iclock/ping");
});

Deno.test("http1: bytes above 0x7f in the target stay bytes", () => {
  const { head } = request("GET /iclock/getrequest?SN=3&x=\xc3\xa9 HTTP/1.1\r\n\r\n");
  assert.equal(head.query, "SN=3&x=\xc3\xa9");
});

Deno.test("http1: chunks are joined, extensions and trailers ignored", () => {
  const { body } = request(
    "POST /iclock/cdata?SN=3 HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n" +
      "3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
  );
  assert.equal(latin1(body), "abc0123456789");
});

Deno.test("http1: a client that waits for 100 Continue is told so with the head", () => {
  const parser = new RequestParser(DEFAULT_LIMITS);
  parser.receive(
    bytesOf("POST /a HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"),
  );
  const event = parser.next();
  assert.equal(event.kind === "head" && event.head.expectsContinue, true);
  assert.equal(parser.next().kind, "more");
  parser.receive(bytesOf("ok"));
  assert.equal(parser.next().kind, "request");
});

// Red when any of these is read anyway: two readers could then see two different requests.
Deno.test("http1: S25 two lengths, folded headers and bare line feeds are refused", () => {
  const post = "POST /iclock/cdata?SN=3 HTTP/1.1\r\n";
  assert.equal(refusal(`${post}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Content-Length: 3\r\nContent-Length: 3\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Content-Length: 3, 3\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Content-Length: +3\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Content-Length: -1\r\n\r\n`), 400);
  assert.equal(refusal(`${post}Transfer-Encoding: gzip, chunked\r\n\r\n`), 400);
  assert.equal(refusal(`${post}X: a\r\n b\r\n\r\n`), 400);
  assert.equal(refusal(`${post}X: a\nY: b\r\n\r\n`), 400);
  assert.equal(refusal("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  assert.equal(refusal(`${post}Content-Length : 3\r\n\r\n`), 400);
  assert.equal(refusal(`${post}no colon\r\n\r\n`), 400);
  assert.equal(refusal(`${post}X: a\0b\r\n\r\n`), 400);
});

Deno.test("http1: a request line that is none is refused", () => {
  for (
    const line of ["GET", "GET /", "GET / HTTP/2.0", "GET  HTTP/1.1", "G\0T / HTTP/1.1", "/ / /"]
  ) assert.equal(refusal(`${line}\r\n\r\n`), 400, line);
  assert.equal(refusal("GET /iclock/cdata?SN=a\x00b HTTP/1.1\r\n\r\n"), 400);
});

// Red when the limit is looked at after reading.
Deno.test("http1: S23 too large a body is refused by its head, chunks by their sum", () => {
  assert.equal(refusal("POST /a HTTP/1.1\r\nContent-Length: 1000000000000\r\n\r\n"), 413);
  const small = { ...DEFAULT_LIMITS, chunkedBodyBytes: 8 };
  const chunked = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  assert.equal(refusal(`${chunked}5\r\nabcde\r\n5\r\n`, small), 413);
  assert.equal(refusal(`${chunked}FFFFFFFFF\r\n`, small), 400);
  assert.equal(refusal(`${chunked}5\r\nabcdeX\r\n`, small), 400);
});

Deno.test("http1: the head is bounded in bytes and in headers", () => {
  const limits = { ...DEFAULT_LIMITS, headBytes: 200, headerCount: 3 };
  assert.equal(refusal(`GET /${"a".repeat(300)} HTTP/1.1\r\n\r\n`, limits), 431);
  assert.equal(refusal("GET / HTTP/1.1\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\n\r\n", limits), 431);
  const endless = read("a".repeat(201), limits);
  assert.equal(endless.kind === "refused" && endless.status, 431);
});

// Red when the header is ignored: the bytes would be parsed as if they were text.
Deno.test("http1: S27 a compressed request is refused before it is read", () => {
  assert.equal(
    refusal("POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"),
    415,
  );
  request("POST /a HTTP/1.1\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n");
});

Deno.test("http1: a truncated body never becomes a request", () => {
  const text = "POST /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n123456789";
  for (let end = 0; end <= text.length; end++) {
    assert.equal(read(text.slice(0, end)).kind, "more", `after ${end} bytes`);
  }
});

Deno.test("http1: the answer is what old firmware can read", () => {
  const body = bytesOf("OK: 3");
  const answer = { status: 200, headers: [["content-type", "text/plain"]] as const, body };
  assert.equal(
    latin1(writeAnswer(answer, { version: "1.1", date: "Tue, 03 Mar 2026 09:15:00 GMT" })),
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n" +
      "Date: Tue, 03 Mar 2026 09:15:00 GMT\r\n\r\nOK: 3",
  );
  const undated = latin1(writeAnswer(answer, { version: "1.0", date: null, bodiless: true }));
  assert.equal(
    undated,
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
  );
  assert.equal(titleCase("x-ODD-name"), "X-Odd-Name");
});

Deno.test("http1: property: any cut of the bytes gives the same request", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      fc.boolean(),
      (body, cuts, chunked) => {
        const framing = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`;
        const content = chunked
          ? (body.length === 0 ? "" : `${body.length.toString(16)}\r\n${latin1(body)}\r\n`) +
            "0\r\n\r\n"
          : latin1(body);
        const bytes = bytesOf(`POST /iclock/cdata?SN=3 HTTP/1.1\r\n${framing}\r\n\r\n${content}`);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
          .sort((a, b) => a - b);
        const parts = places.slice(1).map((end, at) => bytes.slice(places[at], end));
        const event = feed(new RequestParser(DEFAULT_LIMITS), parts);
        assert.equal(event.kind, "request");
        if (event.kind === "request") assert.deepEqual([...event.body], [...body]);
      },
    ),
    { numRuns: 200 },
  );
});

/** As the listener does: what is missing of a body, and one byte, is read into the parser's own room. */
function feedStraight(parser: RequestParser, parts: readonly Uint8Array[]): Last {
  let last: Last = { kind: "more" };
  for (const part of parts) {
    for (let rest = part; rest.length > 0;) {
      const room = parser.room(parser.missing + 1);
      const taken = room === null ? rest : rest.subarray(0, room.length);
      rest = rest.subarray(taken.length);
      if (room === null) parser.receive(taken);
      else {
        room.set(taken);
        parser.filled(room, taken.length);
      }
      let event = parser.next();
      while (event.kind === "head") event = parser.next();
      if (event.kind !== "more") return event;
      last = event;
    }
  }
  return last;
}

// Red when a byte behind the body is taken for its own, when one is lost where the room grows, or when
// what came with the head is not before what came into the room.
Deno.test("http1: property: a body read straight into its room is the same", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      fc.uint8Array({ maxLength: 3 }),
      (body, cuts, behind) => {
        const head = bytesOf(`POST /a HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`);
        const bytes = Uint8Array.from([...head, ...body, ...behind]);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
          .sort((a, b) => a - b);
        const parts = places.slice(1).map((end, at) => bytes.slice(places[at], end));
        const event = feedStraight(new RequestParser(DEFAULT_LIMITS), parts);
        assert.equal(event.kind, "request");
        if (event.kind !== "request") return;
        assert.deepEqual([...event.body], [...body]);
        // Of what stands behind only what was read with the body's last byte is known.
        assert.ok(event.excess <= behind.length);
      },
    ),
    { numRuns: 500 },
  );
});

// Red when a byte that was read behind the body is forgotten: the line would not be drained.
Deno.test("http1: what is read behind a body is told", () => {
  const parser = new RequestParser(DEFAULT_LIMITS);
  parser.receive(bytesOf("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n"));
  while (parser.next().kind !== "more");
  const room = parser.room(parser.missing + 1);
  room?.set(bytesOf("abcX"));
  parser.filled(room as Uint8Array, 4);
  const event = parser.next();
  assert.equal(event.kind === "request" && latin1(event.body), "abc");
  assert.equal(event.kind === "request" && event.excess, 1);
});

// Red when room is set aside for what is only announced, or given while bytes before it are not read.
Deno.test("http1: an announced giant gets 64 KiB, and the double of what came from then on", () => {
  const parser = new RequestParser(DEFAULT_LIMITS);
  parser.receive(bytesOf("POST /a HTTP/1.1\r\nContent-Length: 16000000\r\n\r\nx"));
  assert.equal(parser.next().kind, "head");
  assert.equal(parser.room(1_024), null, "what came with the head stands before it");
  assert.equal(parser.next().kind, "more");
  const room = parser.room(1_024);
  assert.ok(room !== null && room.length === 1_024);
  assert.equal(room.buffer.byteLength, 64 * 1024);
  assert.equal(parser.held, 1);
});

Deno.test("http1: property: no bytes make the parser throw or hold more than it may", () => {
  const pieces = fc.constantFrom(
    "GET ",
    "/iclock/cdata?SN=1",
    " HTTP/1.1",
    "\r\n",
    "\n",
    "\r",
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "5",
    "\0",
    ": ",
    " ",
    "abcde",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const event = feed(new RequestParser(DEFAULT_LIMITS), parts.map(bytesOf));
      assert.ok(["more", "request", "refused"].includes(event.kind));
    }),
    { numRuns: 500 },
  );
});
