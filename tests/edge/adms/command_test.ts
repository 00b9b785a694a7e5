/** What terminals can be asked, in whose words, and what they answer. */
import fc from "fast-check";
import assert from "node:assert/strict";
import {
  commandLine,
  commandText,
  parseResults,
  returnMessage,
  windowCount,
} from "../../../edge_agent/adms/command.ts";
import { decodeLines } from "../../../edge_agent/adms/text.ts";
import { MAX_WINDOW_DAYS, type Order, readOrder } from "../../../edge_agent/base/order.ts";
import { type Dialect, DIALECTS } from "../../../edge_agent/base/terminal.ts";

const lines = (text: string) => decodeLines(new TextEncoder().encode(text));

function text(
  name: string,
  given: Record<string, unknown> = {},
  dialect: Dialect = "attendance",
): string {
  const order = readOrder(name, given);
  assert.ok(!("refused" in order), JSON.stringify(order));
  const words = commandText(order as Order, dialect);
  assert.equal(typeof words, "string", JSON.stringify(words));
  return words as string;
}

Deno.test("commands: the words of each order, by dialect", () => {
  const window = { from: "2026-09-14 00:00:00", to: "2026-09-15 23:59:59" };
  assert.equal(
    text("pull_window", window),
    "DATA QUERY ATTLOG StartTime=2026-09-14 00:00:00\tEndTime=2026-09-15 23:59:59",
  );
  assert.equal(
    text("pull_window", window, "us"),
    "QUERY ATTLOG StartTime=2026-09-14T00:00:00\tEndTime=2026-09-15T23:59:59",
  );
  assert.match(text("pull_window", window, "access"), /^DATA QUERY tablename=transaction,/);
  assert.match(text("count_window", window), /^VERIFY SUM ATTLOG StartTime=/);
  assert.equal(text("check"), "CHECK");
  assert.equal(text("set_clock"), "CHECK");
  assert.equal(text("info"), "INFO");
  assert.equal(text("upload_new"), "LOG");
  assert.equal(text("reboot"), "REBOOT");
  assert.equal(text("refresh_users"), "DATA QUERY USERINFO");
  assert.equal(text("refresh_users", { pin: "1" }), "DATA QUERY USERINFO PIN=1");
  assert.equal(text("set_option", { option: "Delay", value: 15 }), "SET OPTION Delay=15");
  assert.equal(
    text("push_user", { pin: "007", name: "Ann Ü", privilege: 0, card: "99" }),
    "DATA UPDATE USERINFO PIN=007\tName=Ann Ü\tPri=0\tCard=99",
  );
  assert.equal(
    text("push_user", { pin: "7", name: "Ann" }, "ancient"),
    "DATA USER PIN=7\tName=Ann",
  );
  assert.equal(
    text("push_user", { pin: "7", name: "é".repeat(20) }),
    `DATA UPDATE USERINFO PIN=7\tName=${"é".repeat(12)}`,
  );
  assert.equal(commandLine("5", "CHECK"), "C:5:CHECK\n");
});

Deno.test("commands: what is not on the list, or would smuggle a second one, is refused", () => {
  const refused: [string, Record<string, unknown>][] = [
    ["shell", {}],
    ["CLEAR LOG", {}],
    ["clear_log", {}],
    ["delete_user", { pin: "1" }],
    ["constructor", {}],
    ["pull_window", { from: "2026-09-14", to: "2026-09-15" }],
    ["pull_window", { from: "2026-09-15 00:00:00", to: "2026-09-14 00:00:00" }],
    ["pull_window", { from: "2026-01-01 00:00:00", to: "2026-03-14 00:00:00" }],
    ["pull_window", { from: "2026-09-14 00:00:00\nC:9:REBOOT", to: "2026-09-15 00:00:00" }],
    ["refresh_users", { pin: "1\tName=x" }],
    ["push_user", { pin: "1", name: "x\nC:9:REBOOT" }],
    ["push_user", { pin: "1", name: "x\tPri=14" }],
    ["push_user", { pin: "1", name: "x", privilege: 99 }],
    ["push_user", { pin: "", name: "x" }],
    ["push_user", { pin: "1", name: "x", card: "1\t2" }],
    ["set_option", { option: "~SerialNumber", value: "1" }],
    ["set_option", { option: "WebServerIP", value: "10.0.0.1" }],
    ["set_option", { option: "ICLOCKSVRURL", value: "x" }],
    ["set_option", { option: "Delay", value: "10\nC:9:REBOOT" }],
    ["set_option", { option: "Delay", value: "0" }],
  ];
  for (const [name, given] of refused) {
    assert.ok("refused" in readOrder(name, given), `${name} ${JSON.stringify(given)}`);
  }
  assert.equal(MAX_WINDOW_DAYS, 31);
});

// Red when any value reaches the line unchecked: the text would hold a second command.
Deno.test("commands: property: no arguments make more than one line, nor a word that destroys", () => {
  const any = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.constant(null));
  const names = [
    "pull_window",
    "count_window",
    "refresh_users",
    "push_user",
    "set_option",
    "reboot",
    "check",
    "info",
    "upload_new",
    "set_clock",
    "clear_log",
  ];
  const verbs =
    /^(DATA (QUERY|UPDATE USERINFO|USER) ?|QUERY |UPDATE USERINFO|CHECK$|INFO$|LOG$|REBOOT$|SET OPTION (Realtime|Delay|ErrorDelay|TransInterval|VOLUME|Language)=|VERIFY SUM ATTLOG )/;
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.dictionary(fc.constantFrom("from", "to", "pin", "name", "card", "option", "value"), any),
      fc.constantFrom(...DIALECTS),
      (name, given, dialect) => {
        const order = readOrder(name, given);
        if ("refused" in order) return;
        const words = commandText(order, dialect);
        if (typeof words !== "string") return;
        assert.doesNotMatch(words, /[\r\n\0]/);
        assert.match(words, verbs);
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("results: any order of fields, several a body, INFO lines, shell blocks", () => {
  const results = parseResults(lines(
    "ID=1589&Return=0&CMD=DATA\n" +
      "Return=-1004&SN=X&CMD=DATA QUERY&ID=1590\n" +
      "ID=1591&Return=0&CMD=INFO\n~DeviceName=F22\nUserCount=3\nDeviceID=1\n" +
      "ID=1592\nSN=X\nReturn=12\nCMD=Shell\nContent=secret\nID=9999&Return=0&CMD=DATA\n",
  ));
  assert.deepEqual(results.map(({ id, returned, verb }) => [id, returned, verb]), [
    ["1589", 0, "DATA"],
    ["1590", -1004, "DATA QUERY"],
    ["1591", 0, "INFO"],
    ["1592", 12, "Shell"],
  ]);
  assert.equal(results[2]?.fields.get("usercount"), "3");
  assert.deepEqual(parseResults(lines("nonsense\n=\n")), []);
  assert.equal(returnMessage(-22), "unknown command");
  assert.equal(returnMessage(-99), "failed");
  assert.equal(windowCount(new Map([["attlogcount", "12"]])), 12);
});

// Reading one result a line left every first one open, to be sent again.
Deno.test("results: several on one line, each with its own id", () => {
  const found = parseResults(lines(
    "ID=11&Return=0&CMD=DATA&ID=12&Return=-1&SN=A&CMD=CHECK\nReturn=2&SN=A&ID=13&CMD=DATA\n",
  ));
  assert.deepEqual(found.map(({ id, returned, verb }) => [id, returned, verb]), [
    ["11", 0, "DATA"],
    ["12", -1, "CHECK"],
    ["13", 2, "DATA"],
  ]);
});

Deno.test("results: property: any text is read without throwing, and bounded", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (body) => {
      assert.ok(parseResults(lines(body)).length <= 500);
    }),
  );
  const many = parseResults(lines("ID=1&Return=0&CMD=DATA\n".repeat(5000)));
  assert.equal(many.length, 500);
});
