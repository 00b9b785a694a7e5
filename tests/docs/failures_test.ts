// Tests that every row of the README's table *What fails* is played by tests: each clause of what it says has a
// player, the player is there, and what it asserts of the clause stands in it.

import assert from "node:assert/strict";
import { FAILURES } from "./failures.ts";
import { projectPaths, read, rowsOf } from "./pages.ts";

const TYPESCRIPT = /\b[\w.]*[tT]est\(\s*(?:\{\s*name:\s*)?(["`])((?:\\.|(?!\1).)*)\1/gs;
const PYTHON = /^ {4}def (test_\w+)\(/gm;

/** {name of a test: its text up to the next one}. */
async function bodies(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await projectPaths()) {
    const isPython = /\/test_\w+\.py$/.test(path);
    if (!isPython && !/^(tests|owl_src)\/.*[._]test\.ts$/.test(path)) continue;
    const text = await read(path);
    const starts = [...text.matchAll(isPython ? PYTHON : TYPESCRIPT)];
    starts.forEach((start, at) => {
      const name = (isPython ? start[1] : start[2]) ?? "";
      found.set(name, text.slice(start.index, starts[at + 1]?.index));
    });
  }
  return found;
}

const rows = rowsOf((await read("README.md")).split("| What fails |")[1] ?? "")
  .filter(([what = ""]) => !/^-+$/.test(what));
const tests = await bodies();

// Turns red when a row is added to the README that no test plays, or one is taken away that is played.
Deno.test("README: what fails: every row has players, and every player a row", () => {
  const table = rows.slice(0, rows.findIndex((row) => row.length !== 3) >>> 0);
  assert.ok(table.length >= 14, `${table.length} rows`);
  assert.deepEqual(table.map(([what]) => what).sort(), Object.keys(FAILURES).sort());
});

// Turns red when a clause is promised that nobody plays, or when a player's words no longer stand in the row.
Deno.test("README: what fails: every clause of a row is played", () => {
  for (const [what = "", happens = "", toDo = ""] of rows) {
    const players = FAILURES[what];
    if (!players) continue;
    for (const { words } of players) {
      assert.ok(happens.includes(words) || toDo.includes(words), `${what}: “${words}”`);
    }
    for (const clause of happens.split("; ")) {
      assert.ok(
        players.some(({ words }) => clause.includes(words) || words.includes(clause)),
        `${what}: nobody plays “${clause}”`,
      );
    }
  }
});

// Turns red when a player is renamed, taken away, or no longer asserts what it stands for.
Deno.test("README: what fails: each player is there and asserts it", () => {
  for (const { test, asserts } of Object.values(FAILURES).flat()) {
    const body = tests.get(test);
    assert.ok(body !== undefined, `there is no test “${test}”`);
    assert.ok(body.includes(asserts), `“${test}” does not say ${asserts}`);
  }
});
