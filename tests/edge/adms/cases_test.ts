/**
 * Every worked example of the push protocol, over raw sockets, against the real port and queue.
 * Adding a case is adding a file in tests/cases/examples/adms.
 */
import assert from "node:assert/strict";
import { type Case, playCase } from "../../cases/check_adms.ts";
import { Adapter } from "../../cases/run_adms.ts";

const FOLDER = new URL("../../cases/examples/adms/", import.meta.url);

Deno.test("adms cases: each example is answered and recorded as it says", async (t) => {
  const adapter = new Adapter(0);
  await adapter.start();
  try {
    const names = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).sort();
    assert.ok(names.length >= 16);
    for (const name of names) {
      const given = JSON.parse(await Deno.readTextFile(new URL(name, FOLDER))) as Case;
      await t.step(given.id, async () => {
        const ports = { device: adapter.devicePort, control: adapter.controlPort };
        assert.deepEqual(await playCase(ports, given), []);
      });
    }
  } finally {
    await adapter.stop();
  }
});
