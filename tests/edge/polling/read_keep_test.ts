/** The kept reads on a real disk. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { ReadKeep } from "../../../edge_agent/polling/read_keep.ts";

Deno.test("ReadKeep keeps the bytes of a read privately and purges by age and size", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "read-keep-" });
  try {
    let now = Date.now();
    const keep = new ReadKeep({ directory: `${directory}/kept`, now: () => now, maxBytes: 300 });
    const bytes = new Uint8Array(1000).map((_, at) => at % 7);
    await keep.write("A1-first", bytes);
    const path = `${directory}/kept/A1-first.gz`;
    assert.deepEqual(new Uint8Array(gunzipSync(Deno.readFileSync(path))), bytes);
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    await assert.rejects(keep.write("../escape", bytes), /not a name/);
    assert.equal(keep.purge(), 0);
    for (let number = 0; number < 20; number++) await keep.write(`A1-${number}`, bytes);
    assert.ok(keep.purge() > 0, "too much");
    now += 91 * 86_400_000;
    keep.purge();
    assert.deepEqual([...Deno.readDirSync(`${directory}/kept`)], []);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
