/** The lists of hostile changes fit the code, so that `npm run mutate` says something. */
import assert from "node:assert/strict";
import { runBounded } from "../../dev/bounded.ts";
import { caughtShare, type RoomMutations, spoiled } from "../../dev/mutation.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const ADDON_TESTS = `${ROOT}odoo_addon/biometric_attendance/tests/`;

/** Tags of the addon's test classes. A tag that names none runs nothing, and nothing is caught. */
const ODOO_CLASSES = new Set(
  [...Deno.readDirSync(ADDON_TESTS)].filter(({ name }) => name.endsWith(".py")).flatMap((
    { name },
  ) =>
    [...Deno.readTextFileSync(ADDON_TESTS + name).matchAll(/^class (Test\w+)/gm)].map((found) =>
      `/biometric_attendance:${found[1]}`
    )
  ),
);

// Red when code moved away from under a list: a change that is not made is not caught either.
Deno.test("every hostile change stands in its file once, and changes it", async (t) => {
  for (const { name } of Deno.readDirSync(`${ROOT}tests/mutations`)) {
    await t.step(name, async () => {
      const list: RoomMutations = (await import(`../mutations/${name}`)).default;
      const folders = [...list.tests ?? [], ...list.unittest ? [list.unittest] : []];
      for (const tested of folders) assert.ok(Deno.statSync(ROOT + tested), tested);
      const classes = list.odoo?.split(",") ?? [];
      assert.ok(folders.length + classes.length > 0, "nothing is run");
      for (const tag of classes) assert.ok(ODOO_CLASSES.has(tag.replace(/\.\w+$/, "")), tag);
      const { equivalents = [] } = list;
      for (const { says, why } of equivalents) assert.ok(why.length > 20, `${says}: no reason`);
      for (const mutation of [...list.mutations, ...equivalents]) {
        const text = Deno.readTextFileSync(ROOT + mutation.file);
        assert.notEqual(spoiled(text, mutation), text, mutation.says);
      }
      const names = [...list.mutations, ...equivalents].map(({ says }) => says);
      assert.equal(new Set(names).size, names.length, "each says what it does");
    });
  }
});

Deno.test("a change whose text is gone or there twice is refused, with its name", () => {
  const mutation = { says: "no lock", file: "a.ts", from: "lock()", to: "" };
  assert.throws(() => spoiled("open()", mutation), /a\.ts holds the text of “no lock” 0 times/);
  assert.throws(() => spoiled("lock(); lock()", mutation), /2 times/);
  assert.equal(spoiled("lock(); open()", mutation), "; open()");
  assert.equal(spoiled("lock()", { ...mutation, to: "$&" }), "$&");
  assert.deepEqual([caughtShare(19, 20), caughtShare(0, 0)], [0.95, 1]);
});

// Red when a bound is not kept, or only the program itself is ended and not what it began.
Deno.test("a mutant that hangs or eats memory is ended with all it began", async (t) => {
  const generous = { cwd: ROOT, timeoutMs: 60_000, maxBytes: 2 * 1024 ** 3 };
  await t.step("one that ends by itself says how", async () => {
    assert.deepEqual(await runBounded(["sh", "-c", "exit 3"], generous), { by: "itself", code: 3 });
  });
  await t.step("one that waits for ever in a child of its own session", async () => {
    const mark = crypto.randomUUID();
    // The mark is a name of the sleeper, so that it can be looked for afterwards.
    const sleeper = `setsid sh -c 'sleep 600; : ${mark}' & wait`;
    const ending = await runBounded(["sh", "-c", sleeper], { ...generous, timeoutMs: 1_000 });
    assert.deepEqual(ending, { by: "time" });
    const left = await new Deno.Command("pgrep", { args: ["-f", mark] }).output();
    assert.equal(new TextDecoder().decode(left.stdout), "", "what it began has ended too");
  });
  await t.step("one whose child takes memory without end", async () => {
    const eater = "const kept = []; for (;;) kept.push(new Uint8Array(1e7).fill(1));";
    const command = ["sh", "-c", `${Deno.execPath()} eval "${eater}"; true`];
    const ending = await runBounded(command, { ...generous, maxBytes: 500 * 1024 ** 2 });
    assert.deepEqual(ending, { by: "memory" });
  });
});
