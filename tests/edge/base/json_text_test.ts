/** Faults of a JSON text have a place and words; what JSON.parse takes is taken, what it refuses is not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonFault, placesInJson } from "../../../edge_agent/base/json_text.ts";

function faultOf(text: string): string {
  try {
    placesInJson(text);
  } catch (error) {
    if (error instanceof JsonFault) {
      return `${error.place.line}:${error.place.column} ${error.message}`;
    }
    throw error;
  }
  return "none";
}

// Turns red when a place is counted from 0, in bytes, or at the end of what was understood.
Deno.test("a fault of a JSON text is told with line, column and what is wrong there", () => {
  const cases: [string, string][] = [
    ['{\n  "a": 1,\n}', "3:1 there is a comma too many before this }"],
    ['{"a": [1,\r\n]}', "2:1 there is a comma too many before this ]"],
    ['{\n  "a": 1\n  "b": 2\n}', "3:3 a comma or } is missing"],
    ['{"ä": 1 "b": 2}', "1:9 a comma or } is missing"],
    ['{"a" 1}', "1:6 a colon is missing"],
    ["{a: 1}", "1:2 the name of a setting, in double quotes, is missing"],
    ["{'a': 1}", "1:2 the name of a setting, in double quotes, is missing"],
    ["{\"a\": 'b'}", "1:7 text stands in double quotes"],
    ['{"a": ', "1:7 a value is missing: the file ends here"],
    ['{"a": 01}', "1:8 a comma or } is missing"],
    ['{"a": yes}', "1:7 a value is missing"],
    ['{"a": "b\n"}', "1:7 this text does not end on its line, or holds a \\ that means nothing"],
    ['{"a": "C:\\x"}', "1:7 this text does not end on its line, or holds a \\ that means nothing"],
    ["{} // why", "1:4 there is text behind the end of the JSON"],
    ["[".repeat(300), "1:202 it is nested too deeply"],
  ];
  for (const [text, wanted] of cases) assert.equal(faultOf(text), wanted, text.slice(0, 40));
});

Deno.test("every field has its place, of names and of items", () => {
  const places = placesInJson('{\n  "a": { "b": [1,\n    {"c": 2}] }\n}');
  assert.deepEqual([...places].map(([path, at]) => `${path} ${at.line}:${at.column}`), [
    "a 2:3",
    "a.b 2:10",
    "a.b.0 2:16",
    "a.b.1 3:5",
    "a.b.1.c 3:6",
  ]);
});

// Turns red when the reader takes what JSON.parse refuses, or the other way round.
Deno.test("the reader of places takes exactly what JSON.parse takes", () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const cut = fc.record({
    text: fc.json(),
    at: fc.nat(200),
    put: fc.constantFrom(..."{}[],:\"'01-e. \\n\ntu"),
  });
  fc.assert(
    fc.property(cut, fc.nat(3), ({ text, at, put }, gone) => {
      const broken = text.slice(0, at) + put + text.slice(at + gone);
      for (const one of [text, broken]) assert.equal(faultOf(one) === "none", isJson(one), one);
    }),
    { numRuns: 3_000 },
  );
});
