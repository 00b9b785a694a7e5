/** What somebody probably meant, and when nothing is near enough to say so. */
import assert from "node:assert/strict";
import { didYouMean, nearest } from "../../../edge_agent/base/nearest.ts";

const NAMES = ["allow", "allowAny", "port", "host", "secretPath", "status", "pair", "parked"];

// Turns red when a swap counts as two mistakes, or a short word is taken for any other.
Deno.test("nearest() finds the word that was meant, and none where none was", () => {
  const meant: [string, string | null][] = [
    ["alow", "allow"],
    ["ALLOW", "allow"],
    ["allowany", "allowAny"],
    ["secret_path", "secretPath"],
    ["stauts", "status"],
    ["prot", "port"],
    ["hots", "host"],
    ["pari", "pair"],
    ["colour", null],
    ["x", null],
    ["", null],
    ["allow", null],
    ["destroy", null],
  ];
  for (const [word, name] of meant) assert.equal(nearest(word, NAMES), name, word);
  assert.equal(didYouMean("stauts", NAMES), "; did you mean status?");
  assert.equal(didYouMean("destroy", NAMES), "");
});
