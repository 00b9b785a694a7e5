/**
 * A simulated terminal as a program, for benches, the demo and whole-system tests. Prints one JSON
 * line with its port when it listens, and one with everything it ever recorded and destroyed when its
 * standard input ends.
 *
 *     deno run -A tests/sim/pull/main.ts --serial FAKE0001 --records 1000 [--port 4370]
 *       [--commkey N] [--size 8|16|40|49] [--packet BYTES] [--segment BYTES] [--gap MS]
 *       [--udp-trouble N] [--udp-loss PERCENT] [--capacity N] [--deletes-at-once N]
 *       [--ignore-disable] [--clock-offset SECONDS]
 *       [--fault NAME[:TIMES]]… [--push http://HOST:PORT]
 */
import { parseArgs } from "node:util";
import { FakePush } from "./push.ts";
import { FakeTerminal, type FaultName } from "./terminal.ts";
import type { RecordBytes } from "./wire.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    serial: { type: "string", default: "FAKE0001" },
    records: { type: "string", default: "0" },
    people: { type: "string", default: "100" },
    port: { type: "string", default: "0" },
    commkey: { type: "string" },
    size: { type: "string", default: "40" },
    packet: { type: "string", default: "65536" },
    segment: { type: "string", default: "0" },
    gap: { type: "string", default: "0" },
    "udp-trouble": { type: "string", default: "0" },
    "udp-loss": { type: "string", default: "0" },
    capacity: { type: "string", default: "200000" },
    "deletes-at-once": { type: "string", default: "1" },
    "ignore-disable": { type: "boolean", default: false },
    "clock-offset": { type: "string", default: "0" },
    fault: { type: "string", multiple: true, default: [] },
    push: { type: "string" },
  },
});

const terminal = new FakeTerminal({
  serial: values.serial,
  capacity: Number(values.capacity),
  deletesAtOnce: Number(values["deletes-at-once"]),
  recordBytes: Number(values.size) as RecordBytes,
  tcpPacketBytes: Number(values.packet),
  segmentBytes: Number(values.segment),
  frameGapMs: Number(values.gap),
  udpTroubleEvery: Number(values["udp-trouble"]),
  udpLossPercent: Number(values["udp-loss"]),
  ignoresDisable: values["ignore-disable"],
  clockOffsetSeconds: Number(values["clock-offset"]),
  ...(values.commkey !== undefined && { commKey: Number(values.commkey) }),
});
terminal.memory.fill(Number(values.records), { people: Number(values.people) });
for (const text of values.fault) {
  const [name, times] = text.split(":");
  terminal.fault(name as FaultName, times === undefined ? undefined : Number(times));
}
await terminal.start(Number(values.port));
const push = values.push === undefined ? null : new FakePush(terminal.memory, values.push);
await push?.start();
console.log(JSON.stringify({ port: terminal.port, serial: values.serial }));

// Lines on standard input: "punch PIN [STATE]", "insert PIN WALL_TIME", "blank COUNT [BYTE]",
// "neighbour" (another program clears), "fault NAME[:TIMES]", "heal".
const decoder = new TextDecoderStream();
for await (const text of Deno.stdin.readable.pipeThrough(decoder)) {
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) obey(line.trim());
}
await push?.stop();
await terminal.stop();
const { everything, destroyed, records, notes } = terminal.memory;
console.log(JSON.stringify({ everything, destroyed, left: records.length, notes }));

function obey(line: string): void {
  const [word, first = "", ...rest] = line.split(" ");
  if (word === "punch") terminal.memory.punch(first, { state: Number(rest[0] ?? 0) });
  else if (word === "insert") terminal.memory.insertSilently(first, rest.join(" "));
  else if (word === "blank") terminal.memory.insertBlank(Number(first), Number(rest[0] ?? 0));
  else if (word === "neighbour") terminal.memory.clear("neighbour");
  else if (word === "heal") terminal.healed();
  else if (word === "fault") {
    const [name, times] = first.split(":");
    terminal.fault(name as FaultName, times === undefined ? undefined : Number(times));
  } else console.error(`unknown: ${line}`);
}
