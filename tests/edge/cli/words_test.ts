/**
 * What the program says to a person who mistyped, has no right, named another database, or ordered
 * something of a terminal: sentences with what to do, never a stack.
 */
import assert from "node:assert/strict";
import { main } from "../../../edge_agent/main.ts";
import { AgentProcess, bundledAgent, until } from "../../sim/agent_process.ts";
import { otherUserTest } from "../../sim/powers.ts";
import { FakeOdoo } from "../../sim/fake_odoo.ts";
import { Terminal } from "../../sim/push/terminal.ts";

const NOBODY = 65_534;
const SERIAL = "CKJF201960996";

async function say(...args: string[]) {
  let out = "";
  let err = "";
  const code = await main({ args, out: (text) => out += text, err: (text) => err += text });
  return { code, out, err };
}

// Turns red when a command's help goes to standard error, needs a configuration, or ends otherwise.
Deno.test("--help of every command prints to standard output and ends with 0", async () => {
  const { out: overview } = await say("--help");
  const names = [...overview.matchAll(/^ {2}(\w+) {2,}\S/gm)].map((match) => match[1] ?? "");
  assert.ok(names.length > 15 && names.includes("version"));
  for (const name of names) {
    for (const asked of [[name, "--help"], [name, "-h"], ["help", name]]) {
      const { code, out, err } = await say("--config", "/nowhere.json", ...asked);
      assert.deepEqual([code, err], [0, ""], asked.join(" "));
      assert.ok(out.length > 20, asked.join(" "));
    }
  }
  assert.match((await say("help", "pari")).err, /there is no command pari; did you mean pair\?/);
});

function withConfig<T>(text: string, use: (path: string) => T): T {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  Deno.writeTextFileSync(path, text);
  return use(path);
}

// Turns red when a command, an option or a setting is refused without the word that was meant.
Deno.test("a misspelt command, option or setting is answered with what was probably meant", async () => {
  assert.deepEqual(await say("stauts"), {
    code: 2,
    out: "",
    err: "there is no command stauts; did you mean status?\n",
  });
  await withConfig("{}", async (path) => {
    const { code, err } = await say(
      "--config",
      path,
      "pair",
      "http://localhost",
      "X",
      "--databse",
      "d",
    );
    assert.equal(code, 2);
    assert.match(err, /^Unknown option '--databse'.*; did you mean --database\?\nusage: pair URL/s);
    Deno.removeSync(path);
  });
  const text =
    '{\n  "devicePort": { "alow": [] },\n  "polling": { "terminals": [{ "hots": "a" }] }\n}';
  await withConfig(text, async (path) => {
    const { code, err } = await say("--config", path, "config");
    assert.equal(code, 2);
    assert.match(
      err,
      /devicePort\.alow, line 2, column 19: is not a setting; did you mean allow\?\n/,
    );
    assert.match(
      err,
      /terminals\.0\.hots, line 3, column 32: is not a setting; did you mean host\?/,
    );
    Deno.removeSync(path);
  });
});

// Turns red when a text that is no JSON is refused without the place, or a saved BOM is refused.
Deno.test("a configuration that is no JSON is refused with line and column", async () => {
  await withConfig('{\n  "log": {},\n}\n', async (path) => {
    const { code, err } = await say("--config", path, "status");
    assert.equal(code, 2);
    assert.ok(
      err.includes(`(file), line 3, column 1: ${path}: is not JSON: there is a comma too many`),
      err,
    );
    Deno.removeSync(path);
  });
  await withConfig('\ufeff{"log": {"level": "debug"}}', async (path) => {
    const { code, out } = await say("--config", path, "config");
    assert.equal(code, 0);
    assert.match(out, /"level": "debug"/);
    Deno.removeSync(path);
  });
});

// Turns red when a variable's value is blamed on the file, or the reader is not told which variable.
Deno.test("a fault of an environment variable names the variable", async () => {
  Deno.env.set("BIOMETRIC_ODOO_TIMEOUT_SECONDS", "1");
  try {
    await withConfig('{"odoo": {"timeoutSeconds": 60}}', async (path) => {
      const { err } = await say("--config", path, "config");
      assert.match(err, /odoo\.timeoutSeconds: Too small.*\(BIOMETRIC_ODOO_TIMEOUT_SECONDS\)/);
      Deno.removeSync(path);
    });
  } finally {
    Deno.env.delete("BIOMETRIC_ODOO_TIMEOUT_SECONDS");
  }
});

/** The bundle as another user of the machine: root alone can become one. */
async function asNobody(agent: AgentProcess, ...args: string[]) {
  const home = Deno.makeTempDirSync();
  Deno.chmodSync(home, 0o777);
  try {
    const file = await bundledAgent();
    for (const folder of [agent.directory, file.slice(0, file.lastIndexOf("/"))]) {
      Deno.chmodSync(folder, 0o755);
    }
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-lock", file, "--config", agent.configPath, ...args],
      uid: NOBODY,
      gid: NOBODY,
      cwd: "/",
      env: { NO_COLOR: "1", DENO_DIR: home, HOME: home },
    }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), err: text.decode(stderr) };
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

// Turns red when a command throws what the system answered, with the agent running or not.
otherUserTest(
  "without rights every command ends in a sentence that says as whom to run it",
  async () => {
    const agent = new AgentProcess("http://localhost:1");
    try {
      for (const running of [false, true]) {
        if (running) await agent.start();
        for (
          const args of [["status"], ["punches"], ["flags"], ["export"], ["doctor"], [
            "device",
            "list",
          ]]
        ) {
          const { code, out, err } = await asNobody(agent, ...args);
          assert.deepEqual([code, out], [1, ""], `${args}: ${err}`);
          assert.match(err, /run (it|this) as (the agent's|that) user, e\.g\. with sudo -u/);
          assert.equal(err.trim().split("\n").length, 1, err);
        }
      }
      await agent.stop();
    } finally {
      await agent.dispose();
    }
  },
);

// Turns red when "status 404" is all that is said of a database that is not there.
Deno.test("a database that Odoo does not have is named as such", async () => {
  const html = () => new Response("<h1>Not Found</h1>", { status: 404 });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, html);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const agent = new AgentProcess(url);
  try {
    const wrong = await agent.say("pair", url, "BCDF-GHJK", "--database", "compny");
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.err,
      /Odoo does not take the pairing: status 404 \(Odoo has no database “compny”/,
    );
    const none = await agent.say("pair", url, "BCDF-GHJK");
    assert.match(none.err, /no database was named .*pair with --database NAME/);
  } finally {
    await agent.dispose();
    await server.shutdown();
  }
});

// Turns red when the three causes of a refusal share one sentence, or what holds an order up is not told.
Deno.test("an order says which cause it is: no such terminal, not approved, no such order, and what it waits for", async () => {
  const odoo = new FakeOdoo();
  odoo.start();
  odoo.syncSeconds = 1;
  odoo.devices.set(SERIAL, "active").set("WAITING1", "waiting");
  odoo.codes.set("BCDFGHJK", { state: "waiting", publicKey: null });
  const agent = new AgentProcess(odoo.url);
  const terminal = new Terminal({
    host: "127.0.0.1",
    port: agent.devicePort,
    serial: SERIAL,
    pollMs: 100,
    unknown: /^REBOOT/,
  });
  const order = async (...args: string[]) => {
    const { code, out, err } = await agent.say("command", ...args);
    return `${code} ${out}${err}`.trim();
  };
  try {
    await agent.say("pair", odoo.url, "BCDF-GHJK", "--database", "db");
    odoo.approve();
    await agent.start();
    await until(
      async () => JSON.stringify((await agent.health()).body["devices"]),
      (devices) => devices.includes(SERIAL),
    );
    assert.match(
      await order("CKJF201960969", "info"),
      /^1 refused: no terminal CKJF201960969 is known here; did you mean CKJF201960996\?/,
    );
    assert.match(
      await order("WAITING1", "info"),
      /^1 refused: WAITING1 is waiting: an administrator approves it/,
    );
    assert.match(
      await order(SERIAL, "inof"),
      /^1 refused: there is no order inof; did you mean info\?$/,
    );
    assert.match(
      await order(SERIAL, "open_door"),
      /there is no order open_door; there are pull_window, check/,
    );
    assert.match(
      await order(SERIAL, "pull_window"),
      /^1 refused: pull_window: from and to must be wall times$/,
    );
    assert.match(
      await order(SERIAL, "info", "--wait", "0"),
      /^1 info waits: CKJF201960996 has never called here/,
    );
    terminal.start();
    assert.equal(await order(SERIAL, "check"), "0 check: processed");
    assert.match(await order(SERIAL, "reboot"), /^1 reboot: the terminal does not do it: /);
    await terminal.stop();
    assert.match(
      await order(SERIAL, "info", "--wait", "1"),
      /^1 info waits: CKJF201960996 has not fetched it; it last called at 20/,
    );
    await agent.stop();
    assert.match(await order(SERIAL, "info"), /^1 info is noted: it goes out when the agent runs/);
  } finally {
    await terminal.stop();
    await agent.dispose();
    await odoo.stop();
  }
});
