/** systemd's part played by the test: a notification socket, a watchdog, a restart. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SERVICE, units } from "../../../edge_agent/machine/machine.ts";
import { AgentProcess, until } from "../../sim/agent_process.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";

const SERIAL = "CKJF201960996";

/** Receives what the agent tells; `silentMs` since the last word. */
class ServiceManager {
  readonly heard: string[] = [];
  #lastAt = performance.now();
  #socket: Deno.DatagramConn;
  #reading: Promise<void>;

  constructor(path: string) {
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
    this.#reading = this.#read();
  }

  get silentMs(): number {
    return performance.now() - this.#lastAt;
  }

  async #read(): Promise<void> {
    for await (const [bytes] of this.#socket) {
      this.heard.push(new TextDecoder().decode(bytes));
      this.#lastAt = performance.now();
    }
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#reading;
  }
}

// Red when the heartbeat comes from anywhere but the event loop (tried with a worker).
Deno.test("R51 a stuck event loop sends no heartbeat, is replaced, and nothing is lost", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active");
  odoo.codes.set("BCDFGHJK", { state: "active", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  const manager = new ServiceManager(agent.notifySocket);
  const env = { NOTIFY_SOCKET: agent.notifySocket, WATCHDOG_USEC: "1500000" };
  assert.equal((await agent.say("pair", odoo.url, "BCDFGHJK")).code, 0);
  odoo.answering = ({ route }) => route === "punches" ? new Response("", { status: 502 }) : null;
  const stalled = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      fileURLToPath(new URL("stalled_agent.ts", import.meta.url)),
      "--config",
      agent.configPath,
      "run",
    ],
    env: { ...env, STALL_AFTER_MS: "5000" },
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await until(() => manager.heard.includes("READY=1"), Boolean);
    const upload = () => agent.upload(SERIAL, ["1\t2026-03-02 08:00:00\t0\t1\t0\t0\t0"]);
    const answer = await until(() => upload().catch(() => ""), (text) => text.includes("OK: 1"), 4);
    assert.match(answer, /OK: 1/);
    assert.ok(manager.heard.includes("WATCHDOG=1"), "beats while it turns");
    await until(() => manager.silentMs, (silent) => silent > 1_500, 15);
    assert.ok(manager.silentMs > 1_500, "is silent while it is stuck");
    stalled.kill("SIGKILL");
    await stalled.status;
    odoo.answering = null;
    await agent.start(env);
    await until(() => odoo.keys.length, (count) => count === 1);
    assert.equal(odoo.keys.length, 1);
    assert.equal((await agent.stop()).code, 0);
    assert.equal(manager.heard.at(-1), "STOPPING=1");
  } finally {
    await manager.stop();
    await agent.dispose();
    await odoo.stop();
  }
});

Deno.test("R51 the service file restarts a stuck agent within 90 s and stops within 15 s", () => {
  const unit = units("/var/lib/biometric-agent").get(SERVICE) ?? "";
  const seconds = (name: string) => Number(new RegExp(`^${name}=(\\d+)$`, "m").exec(unit)?.[1]);
  const start = 10;
  assert.ok(seconds("WatchdogSec") + seconds("RestartSec") + start <= 90);
  assert.equal(seconds("TimeoutStopSec"), 15);
  assert.match(unit, /^Type=notify$/m);
  assert.match(unit, /^User=(?!root)/m);
  assert.match(unit, /^NoNewPrivileges=yes$/m);
});

Deno.test("the agent outside systemd tells nobody and needs nobody", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  const agent = new AgentProcess(odoo.url);
  await agent.start();
  const { code, err } = await agent.stop();
  assert.equal(code, 0);
  assert.doesNotMatch(err, /systemd/);
  await agent.dispose();
  await odoo.stop();
});
