/**
 * A branch on ERPNext from end to end, as programs: set up, pushed and read punches, a pull that HR asked for,
 * a terminal that is cleared after the site was read back.
 */
import assert from "node:assert/strict";
import { AgentProcess, until } from "../../sim/agent_process.ts";
import { BRANCH, doorOf, managerOf } from "../../sim/erpnext/set_up.ts";
import { FakeSite } from "../../sim/erpnext/site.ts";
import { FakeTerminal } from "../../sim/pull/terminal.ts";

const PUSHER = "PUSH0001", READ = "READ0001";

interface Branch {
  readonly site: FakeSite;
  readonly agent: AgentProcess;
  readonly terminal: FakeTerminal;
  readonly manager: string;
}

async function withBranch(use: (branch: Branch) => Promise<void>): Promise<void> {
  const site = new FakeSite();
  const terminal = new FakeTerminal({ serial: READ });
  site.start();
  await terminal.start();
  const terminals = [
    { serial: READ, host: "127.0.0.1", port: terminal.port, mode: "poll", intervalMinutes: 60 },
  ];
  const agent = new AgentProcess(site.url, {
    destination: "erpnext",
    erpnext: { pollSeconds: 5, timeoutSeconds: 5 },
    polling: { terminals },
  });
  try {
    const { key, secret } = managerOf(site);
    await use({ site, agent, terminal, manager: `${key}:${secret}` });
  } finally {
    await agent.dispose();
    await terminal.stop();
    await site.stop();
  }
}

const line = (pin: string, time: string) => `${pin}\t${time}\t0\t1\t0\t0`;

async function ordered(site: FakeSite, command: string): Promise<Record<string, unknown>> {
  const clerk = site.addUser(`clerk.${crypto.randomUUID()}@example.com`, ["HR User"]);
  const { door, http } = doorOf(site, clerk);
  const [name = ""] = await door.insertMany([
    {
      doctype: "Biometric Command",
      device: READ,
      command,
      ...(command.startsWith("Pull") &&
        { from_time: "2026-03-01 00:00:00", to_time: "2026-03-20 00:00:00" }),
    },
  ]);
  http.stop();
  const row = () => site.rows("Biometric Command", [["name", "=", name]])[0] ?? {};
  return await until(row, ({ state }) => state === "Done" || state === "Failed", 40);
}

Deno.test("J (ERPNext) from the terminal to the site, pulled by HR, cleared after it was read back", () =>
  withBranch(async ({ site, agent, terminal, manager }) => {
    const set = ["provision-erpnext", site.url, "--agent", BRANCH];
    const clerk = site.addUser("hr@example.com", ["HR Manager"]);
    const wrong: [string, RegExp][] = [
      ["a:b", /ERPNext does not know the administrator's key: is it the key of a System Manager\?/],
      [
        `${clerk.key}:${clerk.secret}`,
        /the administrator's role may not do that: is it the key of/,
      ],
    ];
    for (const [given, words] of wrong) {
      assert.match((await agent.tell(`${given}\nyes\n`, ...set)).err, words);
    }
    const unsure = await agent.tell(`${manager}\n`, ...set);
    assert.equal(unsure.code, 1);
    assert.match(unsure.err, /nothing was changed: answer "yes" in the second line/);
    assert.equal(site.rows("Role").length, 0);
    const made = await agent.tell(`${manager}\nyes\n`, ...set);
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /made: DocType Biometric Punch\n/);
    assert.match(made.out, /proven: written as the agent and read back/);
    const kept = Deno.readTextFileSync(`${agent.directory}/data/erpnext.json`);
    assert.ok(!kept.includes(manager.split(":")[1] ?? "?"), "the administrator's key is not kept");
    assert.equal((Deno.statSync(`${agent.directory}/data/erpnext.json`).mode ?? 0) & 0o777, 0o600);

    const before = JSON.stringify(site.rows("Biometric Agent"));
    const checked = await agent.tell(`${manager}\n`, ...set, "--check");
    assert.equal(checked.code, 0, checked.err);
    assert.match(checked.out, /has everything for the agent Cebu\nthe agent's own key works\n$/);
    assert.equal(JSON.stringify(site.rows("Biometric Agent")), before, "looking changes nothing");

    site.addEmployee("Ana", "7");
    for (const serial of [PUSHER, READ]) {
      await site.put("Biometric Device", { serial, agent: BRANCH, approval: "Approved" });
    }
    await agent.start();
    const knows = async () => JSON.stringify((await agent.health()).body["devices"]);
    await until(knows, (text) => text.includes(PUSHER));
    const lines = [line("7", "2026-03-02 08:00:00"), line("7", "2026-03-02 17:00:00")];
    assert.match(await agent.upload(PUSHER, lines), /OK: 2/);
    await until(() => site.rows("Employee Checkin").length, (count) => count >= 2);
    terminal.memory.addUser("7");
    const marks = [1, 2, 3].map(() => terminal.memory.punch("7", {}));
    assert.equal(marks.length, 3);
    const pulled = await ordered(site, "Pull from terminal");
    assert.equal(pulled["state"], "Done", String(pulled["result"]));
    const [run] = site.rows("Biometric Run", [["name", "=", String(pulled["run"])]]);
    assert.deepEqual([run?.["device"], run?.["read"], run?.["outcome"]], [READ, 3, "complete"]);
    assert.equal(run?.["asked_by"], "Biometric Command");
    await until(() => site.rows("Biometric Punch", [["serial", "=", READ]]).length, (n) => n >= 3);

    const cleared = await ordered(site, "Clear terminal");
    assert.equal(cleared["state"], "Done", String(cleared["result"]));
    assert.match(String(cleared["result"]), /3 records cleared/);
    assert.equal(terminal.memory.records.length, 0);

    const status = await agent.say("status");
    assert.match(status.out, /^erpnext: active$/m);
    const { setup } = (await agent.health()).body as { setup: { step: string; text: string }[] };
    const said = Object.fromEntries(setup.map(({ step, text }) => [step, text]));
    assert.equal(said["paired"], "set up for ERPNext");
    assert.equal(said["punch"], "the first punch is in ERPNext");
    const doctor = await agent.say("doctor");
    assert.match(doctor.out, /erpnext +reached/);
    assert.match(
      doctor.out,
      /I1 +every acknowledged punch is there exactly once: holds: unique key/,
    );
    const [punch] = site.rows("Biometric Punch", [["serial", "=", PUSHER]]);
    const proof = await agent.say("proof", String(punch?.["name"]), "--json");
    const proven = JSON.parse(proof.out);
    assert.deepEqual(
      [proven.sightings[0].number, proven.sightings[0].lane],
      [punch?.["seq"], punch?.["lane"]],
    );
    assert.match(proven.head.signature, /^[A-Za-z0-9+/]{86}==$/);
  }));

// Red when the second machine is set up as if the name were free: it would end the key of the first.
Deno.test("a second machine under the name of another is refused, unless it takes its place", () =>
  withBranch(async ({ site, agent, manager }) => {
    const set = ["provision-erpnext", site.url, "--agent", BRANCH];
    const second = new AgentProcess(site.url, { destination: "erpnext" });
    try {
      const first = await agent.tell(`${manager}\nyes\n`, ...set);
      assert.equal(first.code, 0, first.err);
      for (const mode of [[], ["--check"], ["--remove"]]) {
        const refused = await second.tell(`${manager}\nyes\n`, ...set, ...mode);
        assert.equal(refused.code, 1, mode.join());
        const remedy = mode[0] === "--remove"
          ? /Take it off by --remove on that machine; where that one is lost, give --replace: the key of that one ends then\n$/
          : /Give this machine another name with --agent NAME; where it takes the place of that one, give --replace: the key of that one ends then\n$/;
        assert.match(
          refused.err,
          /knows an agent Cebu on another machine, which has not reported yet; nothing was changed\. /,
        );
        assert.match(refused.err, remedy);
      }
      const unsure = await second.tell(`${manager}\n`, ...set, "--replace");
      assert.match(
        unsure.out,
        /it takes the place of another machine, which has not reported yet: the key of that one ends\n$/,
      );
      assert.match(unsure.err, /nothing was changed: answer "yes"/);
      const checked = await agent.tell(`${manager}\n`, ...set, "--check");
      assert.match(checked.out, /the agent's own key works\n$/);
      const replaced = await second.tell(`${manager}\nyes\n`, ...set, "--replace");
      assert.equal(replaced.code, 0, replaced.err);
      const ended = await agent.tell(`${manager}\n`, ...set, "--check");
      assert.match(ended.err, /knows an agent Cebu on another machine/);
      const back = await agent.tell(`${manager}\nyes\n`, ...set, "--replace");
      assert.equal(back.code, 0, back.err);
      const works = await agent.tell(`${manager}\n`, ...set, "--check");
      assert.match(works.out, /the agent's own key works\n$/, "the key that was ended is not kept");
    } finally {
      await second.dispose();
    }
  }));

// Red when a machine that has a name takes its host's where none is given, or another's removal takes its key.
Deno.test("without --agent a machine keeps the name it has; what is mended is told from what is made", () =>
  withBranch(async ({ site, agent, manager }) => {
    const set = ["provision-erpnext", site.url];
    const named = ["--agent", BRANCH, "--set-last-sync"];
    assert.equal((await agent.tell(`${manager}\nyes\n`, ...set, ...named)).code, 0);
    site.set("Custom Field", "Employee Checkin-biometric_key", { unique: 0 });
    const again = await agent.tell(`${manager}\nyes\n`, ...set);
    assert.match(
      again.out,
      /needs, for the agent Cebu:\n {2}field biometric_key of Employee Checkin \(unique is off instead of on\)\nmended: field biometric_key /,
    );
    assert.match(again.out, /Last Sync of Checkin is set by this agent no more: --set-last-sync/);
    assert.equal(site.rows("Biometric Agent").length, 1);
    const other = await agent.tell(`${manager}\n`, ...set, "--agent", "Davao", "--remove");
    assert.match(other.out, /stays: the key that this machine has as the agent Cebu at http/);
    assert.match((await agent.tell(`${manager}\n`, ...set, "--check")).out, /own key works\n$/);
    const off = await agent.tell(`${manager}\n`, ...set, "--remove");
    assert.match(off.out, /^taken off: the key of biometric-agent-cebu@agent\.invalid/);
    assert.match(off.out, /the agent's own key is forgotten here/);
    const twice = await agent.tell(`${manager}\n`, ...set, "--agent", BRANCH, "--remove");
    assert.doesNotMatch(twice.out, /taken off/);
  }));

Deno.test("pair is refused with the reason, and so are two destinations at once", () =>
  withBranch(async ({ site, agent, manager }) => {
    const pair = await agent.say("pair", site.url, "BCDF-GHJK");
    assert.equal(pair.code, 2);
    assert.match(pair.err, /pair is for Odoo, and this agent's destination is ERPNext/);
    const install = await agent.say("install", site.url, "BCDF-GHJK");
    assert.equal(install.code, 2);
    assert.match(
      install.err,
      /address and code are Odoo's, [^]*set the site up by provision-erpnext/,
    );
    await agent.tell(`${manager}\nyes\n`, "provision-erpnext", site.url, "--agent", BRANCH);
    const flags = await agent.say("flags");
    assert.ok(flags.out.includes(`,${new URL(site.url).host},`), flags.out);
    agent.more["destination"] = "odoo";
    agent.configure({});
    const run = await agent.say("run");
    assert.equal(run.code, 1);
    assert.match(run.err, /set up for ERPNext at .*: one agent has one destination/);
    const wrong = await agent.tell(`${manager}\nyes\n`, "provision-erpnext", site.url);
    assert.match(wrong.err, /set "destination": "erpnext" in its configuration first/);
  }));
