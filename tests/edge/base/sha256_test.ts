/** SHA-256 as this project computes it, against the runtime's own. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sha256Hex } from "../../../edge_agent/base/sha256.ts";

const expected = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

// Red when the padding of a text that ends near a block's end is one block short.
Deno.test("sha256: texts of every length around blocks and the limit give the runtime's digest", () => {
  for (let length = 0; length < 700; length++) {
    const text = "x".repeat(length);
    assert.equal(sha256Hex(text), expected(text), `${length} characters`);
  }
  for (let length = 2_700; length < 2_800; length++) {
    for (const character of ["x", "漢"]) {
      const text = character.repeat(length);
      assert.equal(sha256Hex(text), expected(text), `${length} times ${character}`);
    }
  }
});

// Red when what an earlier, longer text left in memory is not cleared.
Deno.test("sha256: property: any text, whatever came before it, lone surrogates too", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  const any = fc.array(fc.oneof(text, fc.constantFrom("\ud800", "é", "\0")), { maxLength: 4 });
  fc.assert(
    fc.property(any, (parts) => {
      assert.equal(sha256Hex(parts.join("")), expected(parts.join("")));
    }),
    { numRuns: 500 },
  );
});
