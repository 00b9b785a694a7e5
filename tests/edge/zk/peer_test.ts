/**
 * Why the agent has a client of its own: what node-zklib 1.3.0 does with a healthy terminal. Should
 * these go red because a later version reads everything, the README's reasons are out of date.
 */
import ZKLib from "node-zklib";
import assert from "node:assert/strict";
import { COMMAND, TCP_SLICE_BYTES } from "../../../edge_agent/zk/constants.ts";
import { readOnce } from "../../bench/pull.ts";
import { FakeTerminal } from "../../sim/pull/terminal.ts";
import { CODE } from "../../sim/pull/wire.ts";

// It takes one frame per socket event and drops the rest of the buffer: glued frames are lost.
Deno.test("node-zklib loses records of a healthy terminal that the agent reads whole", async () => {
  const terminal = await new FakeTerminal({ serial: "PEER", capacity: 20_000 }).start();
  try {
    terminal.memory.fill(10_000);
    const ours = await readOnce("agent", terminal.port);
    assert.equal(ours.records, 10_000);
    const theirs = await readOnce("node-zklib", terminal.port);
    assert.ok(theirs.records < 10_000, `${theirs.records} of 10,000`);
  } finally {
    await terminal.stop();
  }
});

// It never looks at the code of an answer.
Deno.test("node-zklib reports a refused clear as done", async () => {
  const terminal = await new FakeTerminal({ serial: "PEER" }).start();
  try {
    terminal.memory.fill(5);
    terminal.fault("clear_refused");
    const peer = new ZKLib("127.0.0.1", terminal.port, 2_000, 4_000);
    await peer.createSocket();
    await peer.clearAttendanceLog();
    assert.equal(terminal.count(CODE.clearLog), 1);
    assert.equal(terminal.memory.records.length, 5, "nothing was cleared");
    await peer.disconnect();
  } finally {
    await terminal.stop();
  }
});

Deno.test("the constants taken from node-zklib are those of the protocol", () => {
  assert.deepEqual(COMMAND, {
    optionsRead: 11,
    clearAttendanceLog: 15,
    freeSizes: 50,
    getTime: 201,
    setTime: 202,
    registerEvent: 500,
    connect: 1000,
    exit: 1001,
    enableDevice: 1002,
    disableDevice: 1003,
    refreshData: 1013,
    version: 1100,
    auth: 1102,
    freeData: 1502,
    prepareBuffer: 1503,
    readBuffer: 1504,
    userWrite: 8,
    restart: 1004,
    optionsWrite: 12,
    refreshOptions: 1014,
  });
  assert.equal(TCP_SLICE_BYTES, 0xffc0);
});
