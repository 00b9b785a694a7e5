/** Attendance lines of every column count and the text beneath them. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { attlogLines, isFormBody, parseAttlog, rejectOf } from "../../../edge_agent/adms/table.ts";
import {
  countLines,
  decodeLines,
  decodeText,
  decodeVendorTime,
  encodeVendorTime,
  Query,
} from "../../../edge_agent/adms/text.ts";
import { parseWallTime } from "../../../edge_agent/base/wall_time.ts";

const SN = "CKJF201960996";
const SALT = "5a17";
const utf8 = (text: string) => new TextEncoder().encode(text);

function rows(body: string | Uint8Array) {
  return parseAttlog(SN, decodeLines(typeof body === "string" ? utf8(body) : body), SALT);
}

function onlyPunch(line: string) {
  const { punches, rejects } = rows(`${line}\n`);
  assert.deepEqual(rejects, []);
  assert.equal(punches.length, 1);
  const [punch] = punches;
  assert.ok(punch !== undefined);
  return punch;
}

// Red when a column count is demanded: terminals send 2 to 16.
Deno.test("attlog: 2 to 16 columns are one punch, what follows the work code is kept", () => {
  const all = ["1042", "2026-03-02 08:58:13", "255", "15", "7", "a", "b", "255", "36.6", "0"];
  const columns = [...all, "16461+", "c", "d", "e", "f", "g"];
  for (let count = 2; count <= 16; count++) {
    const punch = onlyPunch(columns.slice(0, count).join("\t"));
    assert.equal(punch.pin, "1042");
    assert.equal(punch.wallTime, "2026-03-02 08:58:13");
    assert.equal(punch.status, count > 2 ? "255" : "");
    assert.equal(punch.verify, count > 3 ? "15" : "");
    assert.equal(punch.workCode, count > 4 ? "7" : "");
    assert.equal(punch.extra, columns.slice(5, count).join("\t"));
  }
});

Deno.test("attlog: PINs are text", () => {
  for (const pin of ["007", "0701", "WCTPL070", "wctpl101", "ye01", "5_4968", "Ñandú_5", "-1"]) {
    assert.equal(onlyPunch(`${pin}\t2026-03-02 08:58:13\t0`).pin, pin);
  }
  assert.equal(onlyPunch("       7 \t2026-03-02 08:58:13\t0").pin, "7");
});

Deno.test("attlog: codes are kept as they are, known or not", () => {
  const punch = onlyPunch("1\t2026-03-02 08:58:13\t-1\t1200\t\t");
  assert.deepEqual([punch.status, punch.verify, punch.workCode, punch.extra], [
    "-1",
    "1200",
    "",
    "",
  ]);
});

Deno.test("attlog: LF, CRLF, no final line end, blank lines and a counted terminator", () => {
  const line = "1\t2026-03-02 08:58:13\t0\t1";
  for (const body of [line, `${line}\n`, `${line}\r\n`, `\n${line}\n\n`, `${line}\n\0`]) {
    assert.equal(rows(body).punches.length, 1, JSON.stringify(body));
  }
  assert.equal(rows(`\ufeff${line}\n`).punches[0]?.pin, "1");
});

Deno.test("attlog: rarer shapes: row prefix, pairs, compact and ISO time, form-encoded body", () => {
  for (const prefix of ["ATTLOG\t", "attlog\t", "ATTLOG ", " AttLog \t"]) {
    const { pin, status } = onlyPunch(`${prefix}1\t2026-03-02 08:58:13\t0\t1`);
    assert.deepEqual([pin, status], ["1", "0"], prefix);
  }
  assert.equal(onlyPunch("ATTLOG\t2026-03-02 08:58:13\t0\t1").pin, "ATTLOG");
  const pairs = onlyPunch("PIN=1\tTime=2026-03-02 08:58:13\tStatus=1\tVerify=15\tWorkCode=3");
  assert.deepEqual([pairs.pin, pairs.status, pairs.verify, pairs.workCode], ["1", "1", "15", "3"]);
  assert.equal(onlyPunch("1\t20260302085813\t0").wallTime, "2026-03-02 08:58:13");
  assert.equal(onlyPunch("1\t2026-03-02T08:58:13\t0").wallTime, "2026-03-02 08:58:13");
  const form = attlogLines(decodeLines(utf8("table=ATTLOG&data=1%092026-03-02+08:58:13%090%0A")));
  assert.equal(parseAttlog(SN, form, SALT).punches.length, 1);
});

const ROW = "7\t2026-03-02 07:58:03\t0\t1\t0";
const KEYS = ["table=ATTLOG", "Stamp=9999", "SN=A1"];

// Red when the envelope in a body counts as somebody's number: a punch of that PIN is for ever.
Deno.test("attlog: an envelope in the body, its keys in any order, is no PIN", () => {
  const keyed = fc.record({
    before: fc.subarray(KEYS),
    behind: fc.subarray(KEYS),
    rows: fc.integer({ min: 1, max: 3 }),
    isEncoded: fc.boolean(),
    end: fc.constantFrom("", "\n", "\r\n"),
    word: fc.constantFrom("data=", "Data=", "DATA="),
  });
  fc.assert(fc.property(keyed, ({ before, behind, rows: count, isEncoded, end, word }) => {
    const seconds = Array.from({ length: count }, (_, at) => ROW.replace(":03", `:0${at}`));
    const data = isEncoded
      ? encodeURIComponent(seconds.join("\n")).replaceAll("%20", "+")
      : seconds.join("\n");
    const body = utf8([...before, word + data, ...behind].join("&") + end);
    assert.equal(isFormBody(body), true);
    const { punches, rejects } = parseAttlog(SN, attlogLines(decodeLines(body)), SALT);
    assert.deepEqual(rejects, []);
    assert.deepEqual(
      punches.map(({ pin, status, workCode }) => [pin, status, workCode]),
      seconds.map(() => ["7", "0", "0"]),
    );
  }));
});

// Red when a PIN may hold what parts the keys of an envelope.
Deno.test("attlog: a piece of an envelope is a reject wherever it stands in a PIN", () => {
  for (const pin of ["table=ATTLOG&Stamp=9999", "Stamp=9999&data", "=7", "7&", "R&D", "data=7"]) {
    const { punches, rejects } = rows(
      `8\t2026-03-02 07:58:03\t0\n${pin}\t2026-03-02 07:58:03\t0\n`,
    );
    assert.deepEqual(punches.map((punch) => punch.pin), ["8"]);
    assert.deepEqual(rejects.map(({ reason }) => reason), ["bad_pin"], pin);
  }
  fc.assert(fc.property(fc.string({ maxLength: 40 }), (head) => {
    for (const { pin } of rows(`${head}\t2026-03-02 07:58:03\t0`).punches) {
      assert.doesNotMatch(pin, /[=&]/);
    }
  }));
});

// Red when one bad line throws or takes its neighbours with it.
Deno.test("attlog: R24 one bad line among fifty is kept raw, the others are punches", () => {
  const good = Array.from(
    { length: 49 },
    (_, n) => `${n + 1}\t2026-03-02 08:00:${String(n).padStart(2, "0")}\t0\t1\t0`,
  );
  const bad: [string | Uint8Array, string][] = [
    ["\t2026-03-02 08:00:00\t0\t1", "empty_pin"],
    ["junk", "too_few_columns"],
    ["1\0\t2026-03-02 08:00:00\t0", "unreadable"],
    ["1\t2026-02-30 08:00:00\t0", "bad_time"],
    ["1\t1971--10--29 -23:-27:-54\t0", "bad_time"],
    ["1\t2026-03-02 24:00:00\t0", "bad_time"],
    [`${"9".repeat(300)}\t2026-03-02 08:00:00\t0`, "bad_pin"],
    [Uint8Array.of(0x31, 0xff, 0xfe, 9, ...utf8("2026-03-02 08:00:00\t0")), "bad_pin"],
    ["1\t2026-03-02 08:00:00\t123456789", "bad_field"],
    ["1\x1b[2J\t2026-03-02 08:00:00\t0", "unreadable"],
    ["12 34\t2026-03-02 08:00:00\t0", "bad_pin"],
  ];
  for (const [line, reason] of bad) {
    const middle = typeof line === "string" ? utf8(line) : line;
    const body = [...utf8(`${good.slice(0, 20).join("\n")}\n`), ...middle, 10];
    const { punches, rejects } = rows(
      Uint8Array.from([...body, ...utf8(`${good.slice(20).join("\n")}\n`)]),
    );
    assert.equal(punches.length, 49, reason);
    assert.deepEqual(rejects.map((reject) => reject.reason), [reason]);
    assert.doesNotMatch(rejects[0]?.raw ?? "", /[\0\n]/);
  }
});

Deno.test("attlog: odd clocks are punches all the same: year 2000, year 2099", () => {
  assert.equal(onlyPunch("1\t2000-01-01 00:00:07\t0").wallTime, "2000-01-01 00:00:07");
  assert.equal(onlyPunch("1\t2099-12-31 23:59:59\t0").wallTime, "2099-12-31 23:59:59");
});

Deno.test("attlog: foreign bytes outside the PIN do not cost the punch", () => {
  const line = Uint8Array.from([...utf8("1\t2026-03-02 08:00:00\t0\t1\t"), 0xd5, 0xc5, 10]);
  const { punches } = rows(line);
  assert.equal(punches[0]?.workCode, "张");
});

interface Examples {
  salt: string;
  lines: { why: string; line: string; kept: boolean; raw: string }[];
  wrapped: { template: string; widths: number[] };
  columns: { why: string; line: string; reason: string }[];
}
const examples: Examples = JSON.parse(
  Deno.readTextFileSync(new URL("../../contract/rejects.json", import.meta.url)),
);

// Red when any of these lines is kept by another rule than the addon's: a column more, 201 bytes, a
// column of 17 letters, a letter beyond ASCII, a word that is not on the list.
Deno.test("attlog: S60 what is kept of an unreadable line: the examples that the addon reads too", () => {
  assert.ok(examples.lines.length >= 35);
  for (const { why, line, kept, raw } of examples.lines) {
    const decoded = decodeText(Uint8Array.fromBase64(line));
    const reject = rejectOf(SN, "bad_time", decoded, examples.salt);
    assert.equal(reject.raw, raw, why);
    assert.equal(reject.raw === decoded.text, kept, why);
  }
});

// Red when the limit of a PIN or of a column behind the verify mode is raised.
Deno.test("attlog: S60 a column too long for a punch makes a reject of its line", () => {
  for (const { why, line, reason } of examples.columns) {
    // The device port's lines have no number of the terminal behind the time.
    const [pin, time, , ...behind] = line.split("\t");
    const { rejects } = rows([pin, time, ...behind].join("\t"));
    assert.equal(rejects[0]?.reason ?? "", reason, why);
  }
  const extra = (column: string) => rows(`7\t2026-03-02 08:00:00\t0\t1\t0\t0\t${column}`);
  assert.equal(extra("A".repeat(40)).punches.length, 1);
  assert.equal(extra("A".repeat(41)).rejects[0]?.reason, "bad_field");
});

// Red when a line that stands alone may hold more than a short word: a template comes in such lines.
Deno.test("attlog: C12 S17 S60 nothing like a template, a photo or a password is kept raw", () => {
  const template = examples.wrapped.template;
  const hex = Uint8Array.fromBase64(template).toHex();
  for (const width of examples.wrapped.widths) {
    for (const blob of [template, hex, hex.toUpperCase()]) {
      const pieces = blob.match(new RegExp(`.{${width}}`, "g")) ?? [];
      assert.ok(pieces.length > 2);
      for (const { raw } of rows(pieces.join("\n")).rejects) {
        assert.match(raw, /^withheld: it may hold personal data \(/, `${width}: ${raw}`);
      }
    }
  }
  const [reject] = rows("7\tPasswd=4711\t0").rejects;
  assert.match(
    reject?.raw ?? "",
    /^withheld: .* \(table ATTLOG, 15 bytes, 3 columns, digest \w{16}\)$/,
  );
});

// Red when the digest is of the line alone: a PIN is found again in seconds.
Deno.test("attlog: S61 the digest of a withheld line is salted with the agent's own", () => {
  const line = decodeText(utf8("Passwort 4711"));
  const [one, other] = ["a", "b"].map((salt) => rejectOf(SN, "too_few_columns", line, salt).raw);
  assert.notEqual(one, other);
  assert.equal(rejectOf(SN, "too_few_columns", line, "a").raw, one);
});

Deno.test("attlog: property: every line is exactly one punch or one reject, and none throws", () => {
  const cell = fc.oneof(
    fc.string({ maxLength: 80, unit: "binary" }),
    fc.constantFrom("", "1", "2026-03-02 08:00:00", "255", "2026-02-30 00:00:00"),
  );
  const line = fc.array(cell, { maxLength: 18 }).map((cells) =>
    cells.join("\t").replace(/[\r\n]/g, "")
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (given) => {
      const body = given.join("\n");
      const { punches, rejects } = rows(body);
      const expected = decodeLines(utf8(body)).length;
      assert.equal(punches.length + rejects.length, expected);
      for (const punch of punches) {
        assert.ok(punch.pin.length > 0 && punch.pin.length <= 64 && punch.extra.length <= 512);
        for (const field of Object.values(punch)) assert.doesNotMatch(field, /[\n\0]/);
      }
      for (const reject of rejects) {
        assert.ok(reject.raw.length <= 1024);
        assert.doesNotMatch(reject.raw, /[\n\0]/);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("attlog: property: any bytes are decoded, line by line where they are foreign", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.ok(decodeLines(bytes).length <= countLines(bytes) + 200);
      const good = utf8("\n1\t2026-03-02 08:00:00\t0\n");
      const joined = Uint8Array.from([...bytes, ...good]);
      assert.equal(rows(joined).punches.at(-1)?.pin, "1");
    }),
    { numRuns: 300 },
  );
});

Deno.test("attlog: property: what a terminal wrote comes back field by field", () => {
  const two = (value: number) => String(value).padStart(2, "0");
  const record = fc.record({
    pin: fc.stringMatching(/^[A-Za-z0-9_]{1,24}$/),
    day: fc.integer({ min: 1, max: 28 }),
    second: fc.integer({ min: 0, max: 59 }),
    status: fc.constantFrom("0", "1", "255", "-1", "4"),
    verify: fc.constantFrom("0", "1", "15", "200", "1200"),
    extra: fc.array(fc.constantFrom("0", "255", "36.6", ""), { maxLength: 11 }),
  }).filter(({ pin }) => pin !== "ATTLOG" && !/^PIN=/i.test(pin));
  fc.assert(
    fc.property(record, ({ pin, day, second, status, verify, extra }) => {
      const wallTime = `2026-03-${two(day)} 08:00:${two(second)}`;
      const punch = onlyPunch([pin, wallTime, status, verify, "0", ...extra].join("\t"));
      assert.deepEqual(punch, {
        serial: SN,
        pin,
        wallTime,
        status,
        verify,
        workCode: "0",
        extra: extra.join("\t"),
      });
    }),
    { numRuns: 300 },
  );
});

Deno.test("adms text: wall times: only what a calendar knows", () => {
  assert.equal(parseWallTime("2024-02-29 00:00:00"), "2024-02-29 00:00:00");
  assert.equal(parseWallTime("2026/3/2 8:05:09"), "2026-03-02 08:05:09");
  for (
    const text of [
      "",
      "2026-02-29 00:00:00",
      "2026-13-01 00:00:00",
      "2026-03-02 08:00",
      "0000-00-00 00:00:00",
    ]
  ) assert.equal(parseWallTime(text), null, text);
});

Deno.test("adms text: property: the vendor's count of seconds goes round", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 0, max: 31_535_999 }),
      (years, rest) => {
        const wall = new Date(Date.UTC(2000 + years, 0, 1) + rest * 1000).toISOString()
          .slice(0, 19).replace("T", " ");
        assert.equal(decodeVendorTime(encodeVendorTime(wall)), wall);
      },
    ),
  );
  assert.equal(decodeVendorTime(-1), null);
  assert.equal(decodeVendorTime(encodeVendorTime("2026-02-28 00:00:00") + 2 * 86_400), null);
});

Deno.test("adms text: query: names in any case, percent, plus, the first of two", () => {
  const query = new Query(
    "Sn=A%2D1&TABLE=attlog&INFO=Ver 8.0%201&tz=+0600&sn=B&x=%C3%A9&y=\xc3\xa9",
  );
  assert.equal(query.get("sn"), "A-1");
  assert.ok(query.repeated.has("sn"));
  assert.equal(query.get("table"), "attlog");
  assert.equal(query.get("info"), "Ver 8.0 1");
  assert.equal(query.get("tz"), "+0600");
  assert.equal(query.get("x"), "é");
  assert.equal(query.get("y"), "é");
  assert.equal(new Query("a=100%&b").get("a"), "100%");
  assert.equal(new Query("a=100%&b").get("b"), "");
});
