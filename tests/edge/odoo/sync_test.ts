/** What the sync tells, hears and does when Odoo does not answer. */
import assert from "node:assert/strict";
import { Alarms } from "../../../edge_agent/health/alarms.ts";
import { refusal, verifyEd25519 } from "../../sim/fake_odoo.ts";
import { silentLog } from "../../sim/silent_log.ts";
import { SERIAL } from "../queue/lane_kit.ts";
import { withKit } from "./control_kit.ts";

Deno.test("Control.syncOnce() reports the state and a lane head that Odoo can verify", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 3);
    const waitMs = await kit.control.syncOnce();
    assert.ok(waitMs >= 9_500 && waitMs <= 10_500, `${waitMs} ms`);
    const [report] = kit.fake.reports;
    const agent = report?.["agent"] as Record<string, Record<string, unknown>>;
    assert.equal(agent["queue"]?.["pending"], 3);
    assert.equal((report?.["lane"] as Record<string, unknown>)["seq"], 3);
    assert.deepEqual(kit.fake.alarms, [], "the signature holds");
    assert.deepEqual(kit.heads, ["same"]);
  });
});

Deno.test("Control.syncOnce() asks nothing of anybody while the agent is not paired", async () => {
  await withKit(async (kit) => {
    Deno.removeSync(`${kit.lane.directory}/pairing.json`);
    await kit.identity.start();
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["unpaired"]);
    assert.equal(kit.fake.requests.length, 0);
  });
});

// Red when the new token is not kept, or the old one is forgotten when the answer is lost.
Deno.test("S36 rotation survives lost answers, again and again, without a person", async () => {
  await withKit(async (kit) => {
    const first = kit.identity.pairing?.token;
    kit.fake.rotate = true;
    kit.proxy.fault = () => "commit-reset";
    for (let n = 0; n < 3; n++) await kit.control.syncOnce();
    assert.equal(kit.identity.pairing?.token, first, "no answer, no change");
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    const second = kit.identity.pairing?.token;
    assert.notEqual(second, first);
    kit.fake.rotate = false;
    // The first use of the new token is lost on the way back: Odoo has made it the only one.
    kit.proxy.fault = () => "commit-reset";
    await kit.control.syncOnce();
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    assert.equal(kit.identity.pairing?.token, second);
    assert.equal(kit.identity.pairing?.confirmed, true);
    assert.equal(kit.fake.reports.at(-1)?.["token_confirm"], true);
    await kit.control.syncOnce();
    assert.equal(kit.fake.reports.at(-1)?.["token_confirm"], false);
    assert.deepEqual(kit.codes(), []);
  });
});

Deno.test("S36 a database restored from before the rotation is reached with the former token", async () => {
  await withKit(async (kit) => {
    const backup = kit.fake.backup();
    kit.fake.rotate = true;
    await kit.control.syncOnce();
    kit.fake.rotate = false;
    await kit.control.syncOnce();
    kit.fake.restore(backup);
    assert.equal(await kit.control.syncOnce(), 1_000, "tries the former token soon");
    assert.ok(await kit.control.syncOnce() >= 9_500);
    assert.deepEqual(kit.codes(), []);
  });
});

// Red when the former token is tried at every beat: each try alarms Odoo (S37).
Deno.test("S37 a revoked agent shows its former token once a day at most, and says so loudly", async () => {
  await withKit(async (kit) => {
    kit.fake.rotate = true;
    await kit.control.syncOnce();
    kit.fake.rotate = false;
    await kit.control.syncOnce();
    const current = kit.identity.pairing?.token;
    kit.fake.books.agents = [];
    kit.fake.requests.length = 0;
    for (let n = 0; n < 20; n++) kit.clock.advance(await kit.control.syncOnce());
    assert.equal(kit.tokens.filter((token) => token !== current).length, 1);
    assert.equal(kit.identity.pairing?.token, current, "ends with the newest");
    assert.deepEqual(kit.codes(), ["credential"]);
    assert.ok(await kit.control.syncOnce() >= 60_000, "slowly");
  });
});

Deno.test("Control obeys only an active agent's commands and acknowledges results once Odoo knows", async () => {
  await withKit(async (kit) => {
    kit.fake.commands = [{ id: 5, serial: SERIAL, name: "check", arguments: {} }];
    for (const agent of kit.fake.books.agents) agent.state = "waiting";
    await kit.control.syncOnce();
    assert.equal(kit.ordered.length, 0);
    assert.deepEqual(kit.codes(), ["waiting"]);
    kit.fake.approve();
    await kit.control.syncOnce();
    assert.deepEqual(kit.ordered.map((command) => command.id), [5]);
    kit.results = [{ id: 5, state: "sent", return: null, message: "" }];
    await kit.control.syncOnce();
    assert.deepEqual(kit.acknowledged, [], "only sent");
    kit.results = [{ id: 5, state: "done", return: 0, message: "" }];
    kit.proxy.fault = () => "commit-reset";
    await kit.control.syncOnce();
    assert.deepEqual(kit.acknowledged, [], "the answer was lost");
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    assert.deepEqual(kit.acknowledged, [5]);
  });
});

// Red when an agent that was always active begins delivery anew at each sync, or one just approved waits.
Deno.test("Control: being let in is told once, when it begins", async () => {
  await withKit(async (kit) => {
    assert.equal(kit.control.state, null, "Odoo was not heard yet");
    for (const agent of kit.fake.books.agents) agent.state = "waiting";
    await kit.control.syncOnce();
    assert.deepEqual([kit.control.state, kit.welcomes], ["waiting", 0]);
    kit.fake.approve();
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.deepEqual([kit.control.state, kit.welcomes], ["active", 1]);
  });
});

Deno.test("S43 a refused command is reported as failed until Odoo has taken note", async () => {
  await withKit(async (kit) => {
    kit.refuses = "unknown command";
    kit.fake.commands = [{ id: 9, serial: SERIAL, name: "SHELL", arguments: { text: "rm -rf /" } }];
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.deepEqual(kit.fake.reports.at(-1)?.["commands"], [
      { id: 9, state: "failed", return: null, message: "unknown command" },
    ]);
    await kit.control.syncOnce();
    assert.deepEqual(kit.fake.reports.at(-1)?.["commands"], []);
  });
});

Deno.test("runs are repeated until Odoo knows them", async () => {
  await withKit(async (kit) => {
    kit.lane.queue.addRun({
      id: "5f0c9d3e-4a55-4d7e-9b06-7c1d8f0a2b11",
      serial: SERIAL,
      channel: "push",
      askedBy: "odoo",
      windowFrom: "2026-03-01 00:00:00",
      windowTo: "2026-03-02 00:00:00",
      read: 10,
      new: 1,
      duplicate: 9,
      rejected: 0,
      deviceCount: 10,
      startedAt: kit.clock.now(),
      endedAt: kit.clock.now(),
      outcome: "complete",
      message: "",
      commandId: 5,
    });
    kit.proxy.fault = () => "commit-reset";
    await kit.control.syncOnce();
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    const sent = kit.fake.reports.map((report) => (report["runs"] as unknown[]).length);
    assert.deepEqual(sent, [1, 1, 0]);
  });
});

const head = (seq: number, letter: string) => ({ company_id: 3, seq, hash: letter.repeat(64) });

// Red when the witness signs whatever it is shown, or forgets over a restart.
Deno.test("A16 audit heads are remembered, countersigned, and contradicted for ever", async () => {
  await withKit(async (kit) => {
    kit.fake.auditHeads = [head(10, "a")];
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    const [signed] = kit.fake.countersigned;
    const text = ["v1", "audit", 3, 10, "a".repeat(64)].join("\n");
    assert.ok(verifyEd25519(kit.identity.publicKey, text, String(signed?.["signature"])));
    kit.control = kit.makeControl();
    kit.fake.auditHeads = [head(10, "b")];
    await kit.control.syncOnce();
    kit.fake.countersigned.length = 0;
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_tamper"]);
    assert.deepEqual(kit.fake.countersigned, []);
  });
});

// Red when an answer is compared with what a receipt settled while it was on its way: the agent would
// call it a restored backup, turn red and send again what Odoo has.
Deno.test("R35 a head that was looked up before the latest receipt is no sign of a restore", async () => {
  await withKit(async (kit) => {
    kit.proxy.fault = () => {
      kit.receipts += 1;
      return null;
    };
    await kit.control.syncOnce();
    assert.deepEqual(kit.heads, []);
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    assert.deepEqual(kit.heads, ["same"]);
  });
});

Deno.test("A17 an audit chain that became shorter is told, and stays told over a restart", async () => {
  await withKit(async (kit) => {
    kit.fake.auditHeads = [head(10, "a")];
    await kit.control.syncOnce();
    kit.fake.auditHeads = [head(7, "c")];
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["audit_went_back"]);
    const again = new Alarms({ clock: kit.clock, log: silentLog, store: kit.lane.queue });
    again.start();
    assert.deepEqual(again.list().map((alarm) => alarm.code), ["audit_went_back"]);
    again.clear("audit_went_back");
    assert.equal(again.list().length, 1, "only a person ends it");
    assert.equal(again.acknowledge("audit_went_back"), true);
    assert.equal(again.list().length, 0);
  });
});

Deno.test("an unreachable Odoo slows the sync with jitter and raises an alarm after three failures", async () => {
  await withKit(async (kit) => {
    kit.proxy.fault = () => ({ answer: refusal(500, "unavailable") });
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) waits.push(await kit.control.syncOnce());
    assert.ok(waits.every((wait) => wait <= 60_000));
    assert.ok(new Set(waits).size > 4, "jitter");
    assert.deepEqual(kit.codes(), ["unreachable"]);
    kit.proxy.fault = () => null;
    await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), []);
  });
});

// Red when a sync that is to come later is told as an Odoo that cannot be reached, comes too soon, or ends the slow-down.
Deno.test("a sync that is asked to come later does so, and is no fault", async () => {
  await withKit(async (kit) => {
    kit.fake.answering = () => refusal(429, "slow_down", { "retry-after": "20" });
    for (let n = 0; n < 5; n++) {
      const waitMs = await kit.control.syncOnce();
      assert.ok(waitMs >= 20_000 && waitMs <= 22_000, `${waitMs} ms`);
      kit.clock.advance(waitMs);
    }
    assert.deepEqual(kit.codes(), []);
    assert.equal(kit.control.sinceAnswerMs, null, "how long Odoo did not answer stays known");
    kit.fake.answering = () => refusal(503, "unavailable", { "retry-after": "20" });
    for (let n = 0; n < 3; n++) await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["unreachable"], "an Odoo that fails is another matter");
  });
});

// Red when a 413 is called a fault of the agent, or the same list is sent until somebody changes the proxy.
Deno.test("R63 a sync that is too large for a proxy is sent in smaller parts, and is no fault of the agent", async () => {
  await withKit(async (kit) => {
    const holes = Array.from({ length: 500 }, () => ({
      from: "2026-03-01 00:00:00",
      to: "2026-03-09 00:00:00",
    }));
    for (let n = 0; n < 100; n++) {
      kit.lane.queue.addRun({
        id: `5f0c9d3e-4a55-4d7e-9b06-${String(n).padStart(12, "0")}`,
        serial: SERIAL,
        channel: "file",
        askedBy: "usb",
        windowFrom: "2026-03-01 00:00:00",
        windowTo: "2026-03-02 00:00:00",
        read: 1,
        new: 1,
        duplicate: 0,
        rejected: 0,
        deviceCount: null,
        startedAt: kit.clock.now(),
        endedAt: kit.clock.now(),
        outcome: "complete",
        message: "",
        commandId: null,
        holes,
      });
    }
    for (let n = 0; n < 20 && kit.lane.queue.runs(1).length > 0; n++) await kit.control.syncOnce();
    assert.deepEqual(kit.lane.queue.runs(1), [], "all are known there");
    assert.deepEqual(kit.codes(), []);
    kit.proxy.fault = () => ({ answer: refusal(413, "too_large") });
    for (let n = 0; n < 5; n++) await kit.control.syncOnce();
    assert.deepEqual(kit.codes(), ["unreachable"]);
  });
});

// Red when a loss is told once only, told as known in another state, or without its numbers and times.
Deno.test("R65 a loss is told with its cause in each state until Odoo knows it in that state", async () => {
  await withKit(async (kit) => {
    await kit.lane.add(0, 7);
    const { lane } = kit.lane.queue.laneHead();
    kit.lane.queue.leaveLane("older_copy", "test");
    kit.fake.takesLosses = false;
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    const told = kit.fake.reports.map((report) => report["losses"] as Record<string, unknown>[]);
    const [loss] = told[1] ?? [];
    const at = new Date(kit.clock.now()).toISOString();
    assert.match(String(loss?.["id"]), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
    assert.deepEqual({ ...loss, id: "" }, {
      id: "",
      lane,
      cause: "older_copy",
      from: at,
      to: at,
      first_seq: 8,
      last_seq: null,
      state: "open",
    });
    assert.deepEqual(told[0], told[1], "repeated");
    kit.fake.takesLosses = true;
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.deepEqual(kit.fake.reports.at(-1)?.["losses"], []);
    kit.proxy.fault = () => {
      // It comes to another end while the answer is on its way.
      kit.lane.queue.setLossState(String(loss?.["id"]), "unrecoverable");
      return null;
    };
    await kit.control.syncOnce();
    await kit.control.syncOnce();
    assert.equal(kit.fake.losses.get(String(loss?.["id"]))?.["state"], "unrecoverable");
    await kit.control.syncOnce();
    assert.deepEqual(kit.fake.reports.at(-1)?.["losses"], []);
    assert.ok((kit.fake.reports.at(-1)?.["can"] as string[]).includes("loss_report"));
  });
});

// Red when only the half that met the other's numbers says it, when it stays after a person has explained
// it, or when it goes back to Odoo as a finding of its own, which opens the alarm again for ever.
Deno.test("R77 the half whose numbers came first says what Odoo tells of a clone, and ends it with Odoo", async () => {
  const steps = new URL("../../contract/steps.json", import.meta.url);
  const { sync: { clone } } = JSON.parse(Deno.readTextFileSync(steps));
  await withKit(async (kit) => {
    kit.fake.clone = clone;
    await kit.control.syncOnce();
    const [alarm, ...more] = kit.alarms.list();
    assert.deepEqual(more, []);
    assert.equal(alarm?.code, "clone_told");
    assert.equal(alarm?.message, `Odoo, since ${clone.since}: ${clone.message}`);
    assert.match(alarm?.remedy ?? "", /pair one of them anew, then explain the alarm in Odoo/);
    await kit.control.syncOnce();
    const said = kit.fake.reports.at(-1)?.["agent"] as { errors: { code: string }[] };
    assert.deepEqual(said.errors.map(({ code }) => code), ["clone_told"]);
    for (const ended of [null, undefined, { since: "soon" }]) {
      kit.fake.clone = clone;
      await kit.control.syncOnce();
      assert.deepEqual(kit.codes(), ["clone_told"]);
      kit.fake.clone = ended;
      await kit.control.syncOnce();
      assert.deepEqual(kit.codes(), [], String(ended));
    }
  });
});

// Red when a trial's end is not told, or an offer that cannot be read ends the sync.
Deno.test("P14 the sync tells how the machine stands with updates, and passes an offer on", async () => {
  await withKit(async (kit) => {
    const told = async (offer: unknown) => {
      kit.fake.update = offer;
      await kit.control.syncOnce();
      return (kit.fake.reports.at(-1)?.["agent"] as Record<string, unknown>)["update"];
    };
    assert.equal(await told(undefined), null, "a machine that never updates itself");
    const at = Date.UTC(2026, 2, 2, 8);
    kit.updateState = {
      freshAt: at,
      onTrial: "1.2.0",
      refused: [{ version: "1.1.0", reason: "it does not answer".repeat(40), at }],
    };
    assert.deepEqual(await told(null), {
      fresh_at: "2026-03-02T08:00:00.000Z",
      on_trial: "1.2.0",
      refused: [{
        version: "1.1.0",
        reason: "it does not answer".repeat(40).slice(0, 200),
        at: "2026-03-02T08:00:00.000Z",
      }],
    });
    assert.deepEqual(kit.offers, []);
    await told({ version: "1.3.0", more: 1 });
    for (const odd of [7, { version: 3 }, { version: "1".repeat(40) }, []]) await told(odd);
    assert.deepEqual(kit.offers, ["1.3.0"]);
    assert.deepEqual(kit.codes(), []);
  });
});

// Red when the days of the queue run while the company has left, when that is forgotten with a restart, when
// another refusal keeps everything, or when a company that stays has its card fill up for ever.
Deno.test("C17 what was delivered stays as well while Odoo says gone, and goes by its days once it does not", async () => {
  await withKit(async (kit) => {
    const { queue } = kit.lane;
    await kit.lane.add(0, 10);
    const sent = queue.take(10);
    const last = sent?.sightings.at(-1);
    assert.ok(sent && last);
    const verdicts = sent.sightings.map(({ seq }) => ({ seq, verdict: "stored" as const }));
    queue.settle({ lane: sent.lane, head: { seq: last.seq, hash: last.hash }, verdicts });
    const step = async (days: number, answer: (() => Response) | null) => {
      kit.fake.answering = answer;
      await kit.control.syncOnce();
      queue.purge();
      kit.clock.advance(days * 86_400_000);
      queue.purge();
      return queue.punches().length;
    };
    await step(0, () => refusal(401, "unauthorized"));
    assert.equal(await step(400, () => refusal(403, "gone")), 10);
    assert.deepEqual(kit.codes(), ["gone"]);
    kit.control = kit.makeControl();
    assert.equal(await step(400, () => new Response("<h1>down</h1>", { status: 502 })), 10);
    assert.equal(await step(100, null), 1, "the newest of all always stays");
    assert.deepEqual(kit.codes(), []);
    await kit.lane.add(10, 12);
    await step(0, () => refusal(401, "unauthorized"));
    assert.deepEqual(kit.codes(), ["credential"]);
  });
});
