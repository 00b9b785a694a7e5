/**
 * The shipped file as a program: bundled, under its exact permissions, against a fake Odoo and raw
 * sockets of a terminal.
 */
import assert from "node:assert/strict";
import { VERSION } from "../../../edge_agent/base/version.ts";
import { MEMORY_FLAG } from "../../../edge_agent/machine/permissions.ts";
import { main } from "../../../edge_agent/main.ts";
import { AgentProcess, bundledAgent, programFolder, until } from "../../sim/agent_process.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import { FaultyProxy } from "../../sim/faulty_proxy.ts";

const SERIAL = "CKJF201960996";
const line = (n: number) => {
  const at = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
  return `${n}\t${at.slice(0, 10)} ${at.slice(11, 19)}\t0\t1\t0\t0\t0`;
};
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => line(from + n));

class Branch {
  readonly odoo = new FakeOdoo();
  readonly proxy = new FaultyProxy(() => this.odoo.url);
  agent!: AgentProcess;

  async start(more: Record<string, unknown> = {}): Promise<this> {
    this.odoo.start();
    this.proxy.start();
    this.odoo.syncSeconds = 1;
    this.odoo.devices.set(SERIAL, "active");
    this.odoo.codes.set("BCDFGHJK", { state: "waiting", publicKey: null });
    this.agent = new AgentProcess(this.proxy.url, more);
    return await Promise.resolve(this);
  }

  async pairedAndApproved(): Promise<void> {
    const paired = await this.agent.say("pair", this.proxy.url, "bcdf-ghjk", "--database", "db");
    assert.equal(paired.code, 0, paired.err);
    this.odoo.approve();
  }

  async stop(): Promise<void> {
    await this.agent.dispose();
    this.proxy.stop();
    await this.odoo.stop();
  }
}

async function withBranch(
  run: (branch: Branch) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<void> {
  const branch = await new Branch().start(more);
  try {
    await run(branch);
  } finally {
    await branch.stop();
  }
}

/** The terminal is known to the agent as soon as the first sync was answered. */
async function knows(agent: AgentProcess): Promise<void> {
  const known = await until(
    async () => JSON.stringify((await agent.health()).body["devices"]),
    (devices) => devices.includes(SERIAL),
  );
  assert.ok(known.includes(SERIAL), known);
}

Deno.test("S41 the bundle pairs, captures, delivers and stops under its exact flags", async () => {
  await withBranch(async ({ agent, odoo, proxy }) => {
    assert.ok(!agent.flags.some((flag) => /allow-(run|ffi|all)|^-A/.test(flag)));
    assert.ok(!agent.flags.includes("--allow-net"), "the network is named");
    assert.ok(agent.flags.includes(MEMORY_FLAG));
    await agent.start();
    const paired = await agent.say("pair", proxy.url, "bcdf-ghjk", "--database", "db");
    assert.equal(paired.code, 0, paired.err);
    assert.match(paired.out, /fingerprint: ([0-9a-f]{4} ){3}[0-9a-f]{4}\n/);
    await until(() => odoo.reports.length, (count) => count > 0);
    odoo.approve();
    await knows(agent);
    assert.match(await agent.upload(SERIAL, lines(0, 100)), /OK: 100/);
    await until(() => odoo.keys.length, (count) => count === 100);
    assert.equal(odoo.keys.length, 100);
    const punches = JSON.parse((await agent.say("punches", "--json", "--device", SERIAL)).out);
    assert.equal(punches.length, 100);
    const { pin, time, status, verify, workcode } = punches[7];
    assert.deepEqual({ pin, time, status, verify, workcode }, {
      pin: "7",
      time: "2026-03-02 00:00:07",
      status: 0,
      verify: 1,
      workcode: "0",
    });
    const { code, err } = await agent.stop();
    assert.equal(code, 0, err);
    for (const logged of err.trim().split("\n")) JSON.parse(logged);
    assert.deepEqual(odoo.alarms, []);
  });
});

// Red when `flags` forgets --odoo, or pair needs more than the line in docs/agent.md gives it.
Deno.test("S41 pair as docs/agent.md writes it, under what `flags --odoo` prints, and not without", async () => {
  await withBranch(async ({ agent, odoo, proxy }) => {
    const file = await bundledAgent();
    const config = ["--config", agent.configPath];
    const deno = async (...args: string[]) => {
      const options = { args: ["run", ...args], env: { NO_COLOR: "1" } };
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
      const text = new TextDecoder();
      return { code, out: text.decode(stdout), err: text.decode(stderr) };
    };
    const flagsOf = async (...more: string[]) => {
      const { code, out, err } = await deno("-A", file, "flags", ...more, ...config);
      assert.equal(code, 0, err);
      // As a shell takes $(…) apart.
      return out.trim().split(/\s+/);
    };
    const pair = ["pair", proxy.url, "BCDF-GHJK", "--database", "db", ...config];
    const refused = await deno(...await flagsOf(), file, ...pair);
    assert.notEqual(refused.code, 0);
    assert.match(refused.err, /the start flags do not allow this/);
    assert.equal(odoo.requests.length, 0);
    const paired = await deno(...await flagsOf("--odoo", proxy.url), file, ...pair);
    assert.equal(paired.code, 0, paired.err);
    assert.match(paired.out, /fingerprint: ([0-9a-f]{4} ){3}[0-9a-f]{4}\n/);
  });
});

Deno.test("S40 no name, PIN owner, token or key of Odoo lies readable on the disk or in the log", async () => {
  await withBranch(async (branch) => {
    const { agent, odoo } = branch;
    await branch.pairedAndApproved();
    await agent.start();
    await knows(agent);
    await agent.upload(SERIAL, lines(0, 3));
    await until(() => odoo.keys.length, (count) => count === 3);
    const { err } = await agent.stop();
    const token = odoo.requests.find((request) => request.token !== null)?.token ?? "no token";
    assert.ok(!err.includes(token));
    for (const file of Deno.readDirSync(`${agent.directory}/data`)) {
      const path = `${agent.directory}/data/${file.name}`;
      if (!file.isFile || file.name === "pairing.json") continue;
      assert.ok(!Deno.readTextFileSync(path).includes(token), `${file.name} holds the token`);
    }
  });
});

// Red when the request in flight is awaited on SIGTERM, or unsettled rows are marked.
Deno.test("R05 SIGTERM during ingest and during a pending post: code 0 within 15 s, exactly once", async () => {
  await withBranch(async (branch) => {
    const { agent, odoo, proxy } = branch;
    await branch.pairedAndApproved();
    await agent.start();
    await knows(agent);
    proxy.fault = (route) => route === "punches" ? "hang" : null;
    assert.match(await agent.upload(SERIAL, lines(0, 50)), /OK: 50/);
    await until(() => proxy.counts.get("hang") ?? 0, (count) => count > 0);
    const more = agent.upload(SERIAL, lines(50, 80)).catch(() => "");
    const from = performance.now();
    const { code, err } = await agent.stop();
    assert.equal(code, 0, err);
    assert.ok(performance.now() - from < 15_000);
    const acknowledged = /OK: 30/.test(await more) ? 80 : 50;
    proxy.fault = () => null;
    await agent.start();
    if (acknowledged === 50) assert.match(await agent.upload(SERIAL, lines(50, 80)), /OK: 30/);
    await until(() => odoo.keys.length, (count) => count === 80);
    assert.equal(odoo.keys.length, 80);
    assert.deepEqual(odoo.alarms, []);
    assert.equal((await agent.stop()).code, 0);
  });
});

Deno.test("R53 health is red while unpaired, late or silent, and green only when all is well", async () => {
  await withBranch(async (branch) => {
    const { agent, odoo, proxy } = branch;
    await agent.start();
    assert.equal((await agent.health()).status, 503);
    await branch.pairedAndApproved();
    const green = await until(() => agent.health(), ({ status }) => status === 200);
    assert.equal(green.body["status"], "ok");
    proxy.fault = () => ({ answer: new Response("<html>", { status: 502 }) });
    await agent.upload(SERIAL, lines(0, 5));
    const red = await until(
      () => agent.health(),
      ({ body }) => JSON.stringify(body["reasons"]).includes('"late"'),
      30,
    );
    assert.equal(red.status, 503);
    assert.match(JSON.stringify(red.body["reasons"]), /"late"/);
    proxy.fault = () => null;
    await until(() => odoo.keys.length, (count) => count === 5, 70);
    const again = await until(() => agent.health(), ({ status }) => status === 200, 70);
    assert.equal(again.status, 200, JSON.stringify(again.body["reasons"]));
    const status = await agent.say("status", "--json");
    assert.equal(JSON.parse(status.out).status, "ok");
    assert.equal(status.code, 0);
    await agent.stop();
  });
});

// Red when the start flags name any address beside its own ports, Odoo and the terminals: whatever is not
// among them the runtime refuses, at every hour and whoever's code asks.
Deno.test("C11 the agent opens connections to Odoo's address alone", async () => {
  await withBranch(async (branch) => {
    const { agent, proxy } = branch;
    const named = agent.flags.filter((flag) => flag.startsWith("--allow-net="));
    const addresses = named.flatMap((flag) => flag.slice("--allow-net=".length).split(","));
    const ports = [agent.devicePort, agent.healthPort].map((port) => `127.0.0.1:${port}`);
    const own = [...ports, "0.0.0.0:8083"]; // the page of the first setup
    assert.deepEqual(
      addresses.filter((one) => !one.startsWith("unix:") && !own.includes(one)).sort(),
      // Terminals are read on their port, over TCP or from a datagram socket bound before it speaks.
      [new URL(proxy.url).host, "127.0.0.1:4370", "0.0.0.0:0"].sort(),
    );
    await branch.pairedAndApproved();
    const elsewhere = new FakeOdoo();
    elsewhere.start();
    agent.configure({ url: elsewhere.url });
    await agent.start();
    const health = await until(
      () => agent.health(),
      ({ body }) => JSON.stringify(body["reasons"]).includes("unreachable"),
      60,
    );
    assert.match(JSON.stringify(health.body["reasons"]), /unreachable/);
    const { err } = await agent.stop();
    assert.match(err, /start flags do not allow this address/);
    assert.equal(elsewhere.requests.length, 0, "refused by the runtime");
    await elsewhere.stop();
  });
});

Deno.test("one agent at a time has a data directory", async () => {
  await withBranch(async ({ agent }) => {
    await agent.start();
    const second = await agent.say("run");
    assert.equal(second.code, 1);
    assert.match(second.err, /already running/);
    await agent.stop();
  });
});

// Red when the start looks away: another user who can open agent.lock holds it, and no agent starts.
Deno.test("S70 what other users could open in the data directory is closed at start, and said", async () => {
  await withBranch(async ({ agent }) => {
    const data = `${agent.directory}/data`;
    Deno.chmodSync(data, 0o755);
    const lock = `${data}/agent.lock`;
    Deno.writeTextFileSync(lock, "");
    Deno.chmodSync(lock, 0o666);
    await agent.start();
    const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
    assert.deepEqual([mode(data), mode(lock)], [0o700, 0o600]);
    const { err } = await agent.stop();
    assert.equal(err.match(/other users could open this; it is closed to them now/g)?.length, 2);
  });
});

Deno.test("device allow and command work beside a running agent and without one", async () => {
  await withBranch(async ({ agent }) => {
    const offline = await agent.say("device", "allow", "A1", "--zone", "Asia/Manila");
    assert.equal(offline.code, 0, offline.err);
    await agent.start();
    const online = await agent.say("device", "allow", "A2", "--zone", "Europe/Berlin");
    assert.equal(online.code, 0, online.err);
    const list = JSON.parse((await agent.say("device", "list", "--json")).out);
    assert.deepEqual(list.devices.map((one: { serial: string }) => one.serial).sort(), [
      "A1",
      "A2",
    ]);
    const ordered = await agent.say("command", "A2", "check", "--wait", "0");
    assert.match(ordered.out, /^check waits: A2 has never called here/);
    const refused = await agent.say("command", "A2", "SHELL", "text=reboot");
    assert.equal(refused.code, 1);
    const zone = await agent.say("device", "allow", "A3", "--zone", "Mars/Olympus");
    assert.deepEqual([zone.code, zone.err], [1, "not a time zone: Mars/Olympus\n"]);
    assert.match(await agent.upload("A2", lines(0, 2)), /OK: 2/);
    await agent.stop();
  });
});

// Red when the folder is outside what the flags allow, or `import` beside a running agent takes its lock.
Deno.test("a file carried by hand reaches Odoo, laid into usb/ and by import, under the exact flags", async () => {
  await withBranch(async (branch) => {
    const { agent, odoo } = branch;
    await branch.pairedAndApproved();
    await agent.start();
    await knows(agent);
    const line = (second: number) => `  7\t2026-03-02 08:00:${second}\t1\t0\t1\t0\r\n`;
    Deno.writeTextFileSync(`${agent.directory}/data/usb/${SERIAL}_attlog.dat`, line(11) + line(12));
    await until(() => odoo.keys.length, (count) => count === 2, 30);
    assert.equal(odoo.keys.length, 2);
    Deno.writeTextFileSync(`${agent.directory}/data/attlog.dat`, line(12) + line(13) + "broken\n");
    const taken = await agent.say(
      "import",
      `${agent.directory}/data/attlog.dat`,
      "--serial",
      SERIAL,
    );
    assert.deepEqual([taken.code, taken.out], [
      0,
      "3 lines, 1 new, 1 known by file already\nline 3 could not be read; see rejects\n",
    ]);
    const outside = await agent.say("import", "/etc/hostname", "--serial", SERIAL);
    assert.deepEqual([outside.code, /start flags do not allow/.test(outside.err)], [1, true]);
    const runs = () => odoo.reports.flatMap((report) => report["runs"] as { channel: string }[]);
    await until(() => runs().length, (count) => count >= 2);
    assert.ok(runs().every(({ channel }) => channel === "file"));
    await until(() => odoo.keys.length, (count) => count === 3);
    assert.equal(odoo.keys.length, 3);
    await agent.stop();
  });
});

/** Starts an agent with Odoo's pairing file in a folder, and sees it pair itself. */
async function pairsByFile(folderOf: (agent: AgentProcess) => string): Promise<void> {
  await withBranch(async ({ agent, odoo, proxy }) => {
    const file = { url: proxy.url, code: "BCDF-GHJK", database: "db" };
    const path = `${folderOf(agent)}/biometric-pairing.json`;
    Deno.writeTextFileSync(path, JSON.stringify(file));
    try {
      const { out } = await agent.say("flags");
      assert.ok(out.includes(new URL(proxy.url).host), `the flags allow Odoo's address: ${out}`);
      await agent.start();
      await until(() => odoo.reports.length, (count) => count > 0);
      assert.equal(odoo.books.agents.length, 1);
      assert.equal(odoo.requests[0]?.database, "db");
      await agent.stop();
    } finally {
      Deno.removeSync(path);
    }
  });
}

// Turn red when one of the two places is not read, or `flags` does not know the file's address.
Deno.test("an agent with Odoo's pairing file beside its configuration pairs itself", async () => {
  await pairsByFile((agent) => agent.directory);
});

Deno.test("an agent with Odoo's pairing file beside the program pairs itself", async () => {
  await pairsByFile(() => programFolder());
});

async function say(...args: string[]) {
  let out = "";
  let err = "";
  const code = await main({ args, out: (text) => out += text, err: (text) => err += text });
  return { code, out, err };
}

Deno.test("main() explains itself and refuses what it does not know", async () => {
  assert.equal((await say()).code, 2);
  assert.equal((await say("--help")).code, 0);
  assert.match((await say("--help")).out, /\n {2}provision {2,}create agents/);
  assert.match((await say("version")).out, new RegExp(`biometric-agent ${VERSION} `));
  assert.deepEqual(await say("destroy\u001b"), {
    code: 2,
    out: "",
    err: "there is no command destroy·; see --help\n",
  });
  for (const name of ["run", "pair", "provision", "doctor", "export", "device", "pull", "flags"]) {
    const { code, out } = await say(name, "--help");
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^usage: biometric-agent \\[--config FILE\\] ${name}`));
  }
});

Deno.test("main() lists every fault of the configuration and ends with 2", async () => {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, JSON.stringify({ colour: 1, odoo: { timeoutSeconds: 0 } }));
  const { code, err } = await say("--config", file, "status");
  assert.equal(code, 2);
  assert.match(err, /colour, line 1, column 2: is not a setting/);
  assert.match(err, /odoo\.timeoutSeconds, line 1, column 21: /);
  Deno.removeSync(file);
});

Deno.test("main() refuses a pin that is no certificate instead of trusting everybody", async () => {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, JSON.stringify({ odoo: { caFiles: [file, "/nowhere.pem"] } }));
  const { code, err } = await say("--config", file, "status");
  assert.equal(code, 2);
  assert.match(err, /odoo\.caFiles\.0: .*holds no PEM certificate/);
  Deno.removeSync(file);
});

Deno.test("pair checks address and code before anything is sent", async () => {
  const file = Deno.makeTempFileSync();
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(file, JSON.stringify({ dataDirectory: directory }));
  const pair = (...args: string[]) => say("--config", file, "pair", ...args);
  assert.equal((await pair("https://odoo.example.com")).code, 2);
  assert.match((await pair("odoo.example.com", "BCDFGHJK")).err, /is not an address/);
  assert.match((await pair("http://odoo.example.com", "BCDFGHJK")).err, /https:\/\//);
  assert.match((await pair("https://odoo.example.com", "AEIOU")).err, /8 letters/);
  assert.deepEqual([...Deno.readDirSync(directory)], []);
  Deno.removeSync(directory, { recursive: true });
  Deno.removeSync(file);
});

Deno.test("VERSION is that of package.json", () => {
  const text = Deno.readTextFileSync(new URL("../../../package.json", import.meta.url));
  assert.equal(JSON.parse(text).version, VERSION);
});
