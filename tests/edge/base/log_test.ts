/** Log lines: one JSON object each, no control bytes, no secrets, bounded. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { getLogger, MAX_VALUE_LENGTH, startLog, stopLog } from "../../../edge_agent/base/log.ts";

function collect(run: (advance: (ms: number) => void) => void): string[] {
  const lines: string[] = [];
  let at = 0;
  startLog({ level: "debug", write: (line) => lines.push(line), now: () => at });
  try {
    run((ms) => at += ms);
  } finally {
    stopLog();
  }
  return lines;
}

function only(lines: string[]): Record<string, unknown> {
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0] ?? "");
}

Deno.test("getLogger() writes time, level, origin, message and fields", () => {
  const line = only(collect(() => getLogger("delivery").warn("no receipt", { status: 404 })));
  assert.match(String(line["at"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(
    { ...line, at: "" },
    { at: "", level: "warning", from: "delivery", message: "no receipt", status: 404 },
  );
});

// Red when `escapeUnprintable` is left out: JSON leaves U+009B and U+2028 as they are.
Deno.test("S17 a hostile value stays inside its own line, without control bytes", () => {
  const hostile = '\n{"level":"info"}\u001b[2J\u009b2J\u2028\u202e\u0000\ud800';
  const lines = collect(() => getLogger("server").info("unknown device", { serial: hostile }));
  // deno-lint-ignore no-control-regex -- the test looks for control characters
  assert.doesNotMatch(lines[0]?.slice(0, -1) ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  assert.equal(only(lines)["serial"], hostile);
});

Deno.test("S17 any text at all is one object a line", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (value, name) => {
    const lines = collect(() => getLogger("server").info("text", { [name]: value }));
    assert.equal(lines[0]?.split("\n").length, 2);
    only(lines);
  }));
});

Deno.test("values are capped, also inside objects and errors", () => {
  const long = "x".repeat(100_000);
  const line = only(
    collect(() =>
      getLogger("queue").error("failed", { text: long, list: [long], error: new Error(long) })
    ),
  );
  for (const name of ["text", "list", "error"]) {
    assert.equal(String(line[name]).length, MAX_VALUE_LENGTH);
  }
});

// Red when SECRET_FIELD is not asked for nested values.
Deno.test("S34 fields that could hold a secret are withheld at every depth", () => {
  const text = collect(() =>
    getLogger("odoo").info("asked", {
      token: "s3cret",
      headers: { Authorization: "Bearer s3cret" },
      commKey: "s3cret",
    })
  ).join("");
  assert.doesNotMatch(text, /s3cret/);
});

Deno.test("a field cannot replace the line's own columns", () => {
  const line = only(
    collect(() => getLogger("server").info("told", { level: "debug", from: "me" })),
  );
  assert.equal(line["level"], "info");
  assert.equal(line["field_level"], "debug");
});

// Red when Repeats.admit always admits.
Deno.test("S02 a hundred thousand equal messages become a few lines and a count", () => {
  const lines = collect((advance) => {
    const log = getLogger("server");
    for (let n = 0; n < 100_000; n++) log.warn("unknown device", { serial: `S${n}` });
    advance(60_000);
    log.warn("unknown device", { serial: "last" });
  });
  assert.equal(lines.length, 31);
  assert.equal(JSON.parse(lines[30] ?? "")["suppressed"], 99_970);
});

Deno.test("bigints, cycles and numbers that JSON has no word for do not break a line", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const line = only(
    collect(() =>
      getLogger("main").info("odd", { big: { n: 1n }, circle, nan: NaN, nothing: undefined })
    ),
  );
  assert.deepEqual(
    [line["big"], line["circle"], line["nan"], line["nothing"]],
    ['{"n":"1"}', "[not representable]", "NaN", null],
  );
});
