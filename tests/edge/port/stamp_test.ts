/** When the mark of an upload counts: a terminal that is told it goes on from there never sends the rest again. */
import assert from "node:assert/strict";
import { StoreUnavailable } from "../../../edge_agent/base/store_fault.ts";
import { SN, withPort } from "./port_kit.ts";

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => {
    const at = new Date(Date.UTC(2026, 1, 1) + (from + n) * 1_000).toISOString();
    return `${1 + (n % 50)}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0\n`;
  }).join("");
}

const stampTold = /^ATTLOGStamp=(.*)$/m;

// Red when the stamp goes with a piece before the last one: what was not kept would never come again.
Deno.test("R74 the stamp of an upload of more than 2,000 lines counts with its last piece only", async () => {
  let adds = 0;
  let failing = 3;
  const handed: (string | undefined)[] = [];
  await withPort(
    async (port) => {
      port.allow();
      const handshake = `/iclock/cdata?SN=${SN}&options=all&pushver=2.4.1`;
      const upload = () => port.upload("ATTLOG", lines(0, 4_500), SN, "&Stamp=777");
      assert.notEqual((await upload()).status, 200);
      assert.equal(port.queue.stamp(SN, "ATTLOG"), null);
      assert.equal(stampTold.exec((await port.get(handshake)).body)?.[1]?.trim(), "9999");
      failing = -1;
      assert.match((await upload()).body, /^OK: ?4500/);
      assert.equal(port.queue.stamp(SN, "ATTLOG"), "777");
      assert.deepEqual(handed.slice(-3), [undefined, undefined, "777"]);
      assert.equal(stampTold.exec((await port.get(handshake)).body)?.[1]?.trim(), "777");
    },
    {},
    (queue) => ({
      get lineSalt() {
        return queue.lineSalt;
      },
      stamp: (serial, table) => queue.stamp(serial, table),
      add: (upload) => {
        handed.push(upload.stamp?.value);
        adds++;
        if (adds === failing) return Promise.reject(new StoreUnavailable("io", "the disk fails"));
        return queue.add(upload);
      },
    }),
  );
});

// Red when noteLoss leaves the stamps: the terminal is told to go on from where the lost file had been.
Deno.test("R74 a stamp that was kept is forgotten after a loss", async () => {
  await withPort(async (port) => {
    port.allow();
    await port.upload("ATTLOG", lines(0, 10), SN, "&Stamp=777");
    assert.equal(port.queue.stamp(SN, "ATTLOG"), "777");
    port.queue.leaveLane("older_copy", "test");
    assert.equal(port.queue.stamp(SN, "ATTLOG"), null);
  });
});
