// Tests the door from Node to the scripts: what it does before there are any packages.

import assert from "node:assert/strict";
import { repository } from "../../dev/cache.ts";
import { run } from "../../dev/process.ts";

/** A checkout whose node_modules is a link to `target`, beside a neighbour's packages. */
async function withLinked(
  target: string,
  use: (checkout: string, neighbour: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-link-" });
  try {
    const checkout = `${folder}/mine`;
    const neighbour = `${folder}/neighbour`;
    await Deno.mkdir(`${checkout}/dev`, { recursive: true });
    await Deno.mkdir(`${neighbour}/node_modules/.bin`, { recursive: true });
    await Deno.writeTextFile(`${neighbour}/node_modules/kept`, "a neighbour's");
    await Deno.copyFile(`${repository}/dev/bootstrap.mjs`, `${checkout}/dev/bootstrap.mjs`);
    await Deno.writeTextFile(`${checkout}/package-lock.json`, "{}");
    await Deno.writeTextFile(`${checkout}/dev/hello.ts`, 'console.log("hello");\n');
    await Deno.symlink(target, `${checkout}/node_modules`);
    await use(checkout, neighbour);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// Turns red when npm ci runs through the link: it empties the folder of another checkout.
for (const target of ["../neighbour/node_modules", "../nowhere"]) {
  Deno.test(`bootstrap: packages are not installed through a link to ${target}`, async () => {
    await withLinked(target, async (checkout, neighbour) => {
      const said = await run(["node", "dev/bootstrap.mjs", "dev/hello.ts"], { cwd: checkout });
      assert.equal(said.code, 1, said.stdout);
      assert.match(
        said.stderr,
        new RegExp(`node_modules is a link to ${target}: npm ci would empty`),
      );
      assert.match(said.stderr, /Remove the link \(rm node_modules\) and run the same command/);
      assert.equal(said.stderr.trim().split("\n").length, 1, said.stderr);
      const { isSymlink } = await Deno.lstat(`${checkout}/node_modules`);
      assert.ok(isSymlink, "the link is left to whoever made it");
      assert.equal(await Deno.readTextFile(`${neighbour}/node_modules/kept`), "a neighbour's");
    });
  });
}

// Turns red when a link to packages that are right is refused too.
Deno.test("bootstrap: a link to the packages of this lock is used", async () => {
  await withLinked("../neighbour/node_modules", async (checkout, neighbour) => {
    await Deno.symlink(Deno.execPath(), `${neighbour}/node_modules/.bin/deno`);
    await Deno.writeTextFile(`${neighbour}/node_modules/.package-lock.json`, "{}");
    const said = await run(["node", "dev/bootstrap.mjs", "dev/hello.ts"], { cwd: checkout });
    assert.deepEqual([said.code, said.stdout], [0, "hello\n"], said.stderr);
  });
});
