/** The lists of hostile changes fit the code, so that `npm run mutate` says something. */
import assert from "node:assert/strict";
import { caughtShare, type RoomMutations, spoiled } from "../../dev/mutation.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

// Red when code moved away from under a list: a change that is not made is not caught either.
Deno.test("every hostile change stands in its file once, and changes it", async (t) => {
  for (const { name } of Deno.readDirSync(`${ROOT}tests/mutations`)) {
    await t.step(name, async () => {
      const list: RoomMutations = (await import(`../mutations/${name}`)).default;
      for (const tested of list.tests) assert.ok(Deno.statSync(ROOT + tested), tested);
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
