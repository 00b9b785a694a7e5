/** The codec against bytes of real terminals: every example's expectations must be found. */
import assert from "node:assert/strict";
import { type PullCase, runPullCase } from "../../cases/run_pull.ts";

interface Example extends PullCase {
  readonly expect: Record<string, unknown>;
}

const FOLDER = new URL("../../cases/examples/pull/", import.meta.url);

/** `expected` is a part of `actual`: objects by key, lists by place and length. */
function assertPart(expected: unknown, actual: unknown, path: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} is a list`);
    assert.equal(actual.length, expected.length, `${path} has as many items`);
    expected.forEach((item, at) => assertPart(item, actual[at], `${path}[${at}]`));
  } else if (typeof expected === "object" && expected !== null) {
    assert.ok(typeof actual === "object" && actual !== null, `${path} is an object`);
    for (const [name, value] of Object.entries(expected)) {
      if (name === "note") continue;
      assertPart(value, (actual as Record<string, unknown>)[name], `${path}.${name}`);
    }
  } else {
    assert.equal(actual, expected, path);
  }
}

function examples(): Example[] {
  return [...Deno.readDirSync(FOLDER)].map((entry) =>
    JSON.parse(Deno.readTextFileSync(new URL(entry.name, FOLDER))) as Example
  );
}

// Swapping state and verify of 16-byte records, or dropping the end-around carry of the checksum,
// turns these red.
for (const example of examples()) {
  Deno.test(`runPullCase() finds what ${example.id} expects`, () => {
    assertPart(example.expect, runPullCase(example), example.id);
  });
}

Deno.test("there are examples to run", () => assert.ok(examples().length >= 13));

Deno.test("runPullCase() reports damage instead of values", () => {
  const bytes = examples().find((example) => example.id === "tcp-chunk-seven-frames")!.bytes_hex;
  const cut = runPullCase({ id: "cut", bytes_hex: bytes.slice(0, -10) });
  assert.equal(cut["error"], "length");
  const flipped = runPullCase({ id: "flip", bytes_hex: bytes.slice(0, -2) + "ff" });
  assert.equal(flipped["error"], "checksum");
  const garbage = runPullCase({ id: "tcp-x", bytes_hex: "5050827dffffffff0000" });
  assert.equal(garbage["error"], "framing");
  const announced = runPullCase({ id: "x", bytes_hex: "dc050da65c3c1600b4130000f0030000" });
  assert.deepEqual([announced["size"], announced["packet_size"]], [5044, 1008]);
  const users = "48000000" + `0100${"00".repeat(46)}3535${"00".repeat(22)}`;
  const listed = runPullCase({ id: "users-72-behind-length", bytes_hex: users });
  assert.deepEqual([listed["users"], listed["user_id"]], [1, "55"]);
});
