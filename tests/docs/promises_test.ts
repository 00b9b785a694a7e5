// Tests docs/promises.md against the tests themselves: every test it names is there, and every number
// that a test carries has its row.

import assert from "node:assert/strict";
import { projectPaths, read, rowsOf } from "./pages.ts";

interface Promised {
  readonly number: string;
  readonly state: string;
  readonly tests: readonly string[];
}

interface Carrier {
  /** As it stands in the file: the name of a Deno or browser test, or of a Python method. */
  readonly name: string;
  readonly numbers: readonly string[];
}

const NUMBER = /\b(?:[RSACP]\d{2}|I(?:10|[1-9]))\b/g;
const RANGE = /\b([RSACP])(\d{2})-\1(\d{2})\b/g;

/** `R41-R43 S50 …` carries R41, R42, R43 and S50. */
function numbersIn(text: string): string[] {
  const found = new Set(text.match(NUMBER) ?? []);
  for (const [, letter, first, last] of text.matchAll(RANGE)) {
    for (let at = Number(first); at <= Number(last); at++) {
      found.add(`${letter}${String(at).padStart(2, "0")}`);
    }
  }
  return [...found];
}

function typescriptTests(text: string): Carrier[] {
  const calls = text.matchAll(/\b\w*[tT]est\(\s*(?:\{\s*name:\s*)?(["`])((?:\\.|(?!\1).)*)\1/gs);
  return [...calls].map(([, , name = ""]) => ({ name, numbers: numbersIn(name) }));
}

/** The number stands in the name (`test_r42_…`) or in the docstring. */
function pythonTests(text: string): Carrier[] {
  const methods = text.matchAll(/def (test_\w+)\([^)]*\)[^:\n]*:\n(?:\s*"""(.*?)""")?/gs);
  return [...methods].map(([, name = "", docstring = ""]) => {
    const own = /^test_([rsacp]\d{2})_/.exec(name)?.[1]?.toUpperCase() ?? "";
    return { name, numbers: [...new Set(numbersIn(`${own} ${docstring}`))] };
  });
}

/** All tests of the project. Those of the engine name its steps S0 to S15, which are no promises. */
async function allTests(): Promise<Carrier[]> {
  const found: Carrier[] = [];
  for (const path of await projectPaths()) {
    if (/^(tests|owl_src)\/.*[._]test\.ts$/.test(path)) {
      found.push(...typescriptTests(await read(path)));
    }
    if (!/\/test_\w+\.py$/.test(path)) continue;
    const tests = pythonTests(await read(path));
    const isStep = path.startsWith("tests/engine/");
    found.push(...tests.map(({ name, numbers }) => ({ name, numbers: isStep ? [] : numbers })));
  }
  return found;
}

const promises: readonly Promised[] = rowsOf(await read("docs/promises.md"))
  .filter(([number = ""]) => /^[A-Z]\d/.test(number))
  .map(([number = "", , state = "", tests = ""]) => ({
    number,
    state,
    tests: [...tests.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ""),
  }));
const tests = await allTests();

/** `…` on the page stands for what was left out, `${…}` in a file for what is filled in. */
function isNamed(onPage: string, { name }: Carrier): boolean {
  const parts = onPage.split("…").map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name.replaceAll("\\", ""));
}

Deno.test("promises: there are promises and tests to compare", () => {
  assert.ok(promises.length >= 180, `${promises.length} promises`);
  assert.ok(tests.filter(({ numbers }) => numbers.length > 0).length > 250);
});

// Turns red when a row is copied, or its state says something else.
Deno.test("promises: no number stands twice, each has a promise and one of three states", () => {
  const numbers = promises.map(({ number }) => number);
  assert.deepEqual(numbers.filter((number, at) => numbers.indexOf(number) !== at), []);
  for (const { number, state, tests } of promises) {
    assert.match(state, /^(held\b|partly: |waits: )/, number);
    const [least, most] = state.startsWith("waits") ? [0, 0] : [1, Infinity];
    assert.ok(
      tests.length >= least && tests.length <= most,
      `${number}: ${state}, ${tests.length} tests`,
    );
  }
});

// Turns red when a test is renamed or taken away while the page still leans on it.
Deno.test("promises: every test that the page names is there", () => {
  const missing = promises.flatMap(({ number, tests: named }) =>
    named.filter((name) => !tests.some((test) => isNamed(name, test))).map((name) =>
      `${number}: ${name}`
    )
  );
  assert.deepEqual(missing, []);
});

// Turns red when a test carries a number without a row, or one whose row says that nothing holds it.
Deno.test("promises: every number that a test carries has its row, with such a test in it", () => {
  const rows = new Map(promises.map((promised) => [promised.number, promised]));
  const wrong: string[] = [];
  for (const number of new Set(tests.flatMap(({ numbers }) => numbers))) {
    const row = rows.get(number);
    const carriers = tests.filter(({ numbers }) => numbers.includes(number));
    const isShown = row?.tests.some((name) => carriers.some((test) => isNamed(name, test)));
    if (!isShown) {
      wrong.push(`${number}: the page names none of ${carriers.map(({ name }) => name)}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("promises: numbers are read from names of both languages", () => {
  assert.deepEqual(numbersIn("R41-R43 S50 and I8, S0 and R7 are none"), [
    "R41",
    "R43",
    "S50",
    "I8",
    "R42",
  ]);
  const typescript = 'Deno.test("R01 a", …); journeyTest(\n  "b", …); Deno.test(`S50 ${c}`, …)';
  assert.deepEqual(typescriptTests(typescript).map(({ name }) => name), ["R01 a", "b", "S50 ${c}"]);
  const python =
    '    def test_r42_x(self):\n        """R42, Odoo. Red when."""\n    def test_y(self):\n';
  assert.deepEqual(pythonTests(python), [
    { name: "test_r42_x", numbers: ["R42"] },
    { name: "test_y", numbers: [] },
  ]);
  assert.ok(isNamed("S50 …: whole", { name: "S50 ${fault}: whole", numbers: [] }));
  assert.ok(!isNamed("S50 …: whole", { name: "S50 x: whole or not", numbers: [] }));
});
