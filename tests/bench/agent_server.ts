/**
 * The agent's device port on a real queue, as main composes them, for measuring. Arguments:
 * directory, number of devices that are allowed (DEV0 …). Prints its port and the ms the queue took
 * to start; ends when stdin does.
 */
import { randomBytes } from "node:crypto";
import { commandText, returnMessage, windowCount } from "../../edge_agent/adms/command.ts";
import { SystemClock } from "../../edge_agent/base/clock.ts";
import { Commands } from "../../edge_agent/fleet/commands.ts";
import { Devices } from "../../edge_agent/fleet/devices.ts";
import { getLogger } from "../../edge_agent/base/log.ts";
import { Queue } from "../../edge_agent/queue/queue.ts";
import { DeviceServer } from "../../edge_agent/port/server.ts";

const [directory, count] = Deno.args as [string, string];
const clock = new SystemClock();
const queue = new Queue({ directory, clock, randomBytes: (size) => randomBytes(size) });
const before = performance.now();
queue.start();
const startMs = performance.now() - before;
const devices = new Devices({ store: queue, clock, log: getLogger("devices") });
const commands = new Commands({
  store: queue,
  clock,
  devices,
  language: { commandText, returnMessage, windowCount },
});
const server = new DeviceServer({
  queue,
  devices,
  commands,
  clock,
  log: getLogger("server"),
  settings: {
    host: "127.0.0.1",
    port: 0,
    allow: ["127.0.0.1"],
    allowAny: false,
    trustedProxies: [],
    requireSecretPath: false,
    maxBodyBytes: 16 * 1024 ** 2,
    maxConnections: 1_024,
    maxConnectionsPerPeer: 1_024,
    requestSeconds: 60,
  },
});
devices.start();
for (let at = 0; at < Number(count); at++) {
  devices.allow(`DEV${at}`, { timeZone: "Asia/Manila", state: "active" });
}
server.start();
console.log(JSON.stringify({ port: server.port, startMs }));
for await (const _chunk of Deno.stdin.readable);
await server.stop();
await queue.stop();
Deno.exit(0);
