/** The command book over a real queue: once per id, sent when written, again when unanswered. */
import assert from "node:assert/strict";
import type { Commands } from "../../../edge_agent/fleet/commands.ts";
import { type Port, SN, withPort } from "../port/port_kit.ts";

const WINDOW = { from: "2026-03-01 00:00:00", to: "2026-03-02 00:00:00" };

function order(commands: Commands, id: number, name: string, args = {}, serial = SN) {
  return commands.order({ id, serial, name, arguments: args });
}

function handOut(port: Port): string[] {
  const due = port.commands.nextFor(SN);
  port.commands.markSent(SN, due);
  return due.map(({ wireId, text }) => `${wireId} ${text}`);
}

function answer(port: Port, id: number, returned: number | null, fields: [string, string][] = []) {
  return port.commands.result(SN, { id: String(id), returned, fields: new Map(fields) });
}

// Red when a known id is queued again: a reboot would be executed twice.
Deno.test("commands: an id is executed once, whatever comes with it later", async () => {
  await withPort(async (port) => {
    port.allow();
    assert.equal(order(port.commands, 7, "check"), "queued");
    assert.equal(order(port.commands, 7, "reboot"), "queued");
    assert.deepEqual(handOut(port), ["7 CHECK"]);
    answer(port, 7, 0);
    port.commands.acknowledged([7]);
    assert.deepEqual(port.commands.results(), []);
    order(port.commands, 7, "check");
    assert.deepEqual(handOut(port), []);
    await port.restart();
    order(port.commands, 7, "check");
    assert.deepEqual(handOut(port), []);
  });
});

Deno.test("commands: a refusal is a failed result with its reason, and nothing is handed out", async () => {
  await withPort((port) => {
    port.allow();
    port.devices.allow("W1", { timeZone: "Asia/Manila", state: "waiting" });
    assert.deepEqual(order(port.commands, 1, "shell"), { refused: "unknown command" });
    order(port.commands, 2, "clear_log");
    order(port.commands, 3, "check", {}, "NOBODY");
    order(port.commands, 4, "check", {}, "W1");
    order(port.commands, 5, "set_option", { option: "WebServerIP", value: "1" });
    assert.deepEqual(
      port.commands.results().map(({ id, state, message }) => [id, state, message]),
      [
        [1, "failed", "unknown command"],
        [2, "failed", "a terminal's log is cleared by the cleanup procedure only"],
        [3, "failed", "unknown device"],
        [4, "failed", "the device is waiting"],
        [5, "failed", "option not allowed"],
      ],
    );
    assert.deepEqual(handOut(port), []);
    assert.deepEqual(order(port.commands, -1, "check"), { refused: "bad command id" });
    return Promise.resolve();
  });
});

// Red when markSent is called before the reply is out.
Deno.test("commands: a reply that could not be written leaves its commands queued", async () => {
  await withPort(async (port) => {
    port.allow();
    order(port.commands, 1, "info");
    assert.equal(port.commands.nextFor(SN).length, 1);
    assert.equal(port.commands.nextFor(SN).length, 1, "nothing was written yet");
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "C:1:INFO\n");
    assert.equal((await port.get(`/iclock/getrequest?SN=${SN}`)).body, "OK");
    assert.equal(port.commands.results()[0]?.state, "sent");
  });
});

Deno.test("commands: without a result a command is handed out again, five times, then failed", async () => {
  await withPort((port) => {
    port.allow();
    order(port.commands, 1, "info");
    for (let n = 0; n < 5; n++) {
      assert.deepEqual(handOut(port), ["1 INFO"], `hand-out ${n + 1}`);
      assert.deepEqual(handOut(port), []);
      port.clock.advance(300_001);
    }
    assert.deepEqual(handOut(port), []);
    const [result] = port.commands.results();
    assert.deepEqual([result?.state, result?.message], ["failed", "no result after 5 hand-outs"]);
    return Promise.resolve();
  });
});

Deno.test("commands: R17 a clock set back does not hold a command for ever", async () => {
  await withPort((port) => {
    port.allow();
    order(port.commands, 1, "info");
    handOut(port);
    port.clock.jump(-86_400_000);
    assert.deepEqual(handOut(port), ["1 INFO"]);
    return Promise.resolve();
  });
});

Deno.test("commands: a restart is asked for last and never twice", async () => {
  await withPort(async (port) => {
    port.allow();
    order(port.commands, 1, "reboot");
    order(port.commands, 2, "info");
    assert.deepEqual(handOut(port), ["2 INFO", "1 REBOOT"]);
    answer(port, 2, 0);
    port.clock.advance(60_000);
    await port.get(`/iclock/cdata?SN=${SN}&options=all&pushver=2.4.1`);
    port.clock.advance(300_000);
    assert.deepEqual(handOut(port), []);
    const reboot = port.commands.results().find((result) => result.id === 1);
    assert.deepEqual([reboot?.state, reboot?.message], ["done", "the terminal came back"]);
  });
});

Deno.test("commands: results are matched by terminal and id, the first one stays", async () => {
  await withPort((port) => {
    port.allow();
    port.allow("B2");
    order(port.commands, 1, "info");
    handOut(port);
    const posted = { id: "1", returned: 0, fields: new Map<string, string>() };
    assert.equal(port.commands.result("B2", posted), false);
    assert.equal(answer(port, 9, 0), false);
    assert.equal(port.commands.result(SN, { ...posted, id: "1;drop" }), false);
    assert.equal(answer(port, 1, -1002), true);
    assert.equal(answer(port, 1, 0), false);
    assert.deepEqual(port.commands.results(), [
      { id: 1, state: "failed", return: -1002, message: "not supported" },
    ]);
    return Promise.resolve();
  });
});

Deno.test("commands: a count of a window comes back as its return value", async () => {
  await withPort((port) => {
    port.allow();
    order(port.commands, 1, "count_window", WINDOW);
    handOut(port);
    answer(port, 1, 0, [["attlogcount", "128"]]);
    assert.equal(port.commands.results()[0]?.return, 128);
    return Promise.resolve();
  });
});

Deno.test("commands: one window at a time; rows before and after the result make its run", async () => {
  await withPort(async (port) => {
    port.allow();
    order(port.commands, 1, "pull_window", WINDOW);
    order(port.commands, 2, "pull_window", WINDOW);
    assert.equal(handOut(port).length, 1);
    assert.equal(handOut(port).length, 0);
    await port.upload("ATTLOG", "1\t2026-03-01 08:00:00\t0\t1\n1\t2026-03-05 08:00:00\t0\t1\n");
    answer(port, 1, 2);
    await port.upload("ATTLOG", "2\t2026-03-01 09:00:00\t0\t1\n");
    assert.deepEqual(handOut(port).map((line) => line.slice(0, 6)), ["2 DATA"]);
    const [run] = port.queue.runs(5);
    assert.equal(run?.outcome, "complete");
    assert.equal(run?.read, 2);
    assert.equal(run?.commandId, 1);
    assert.equal(run?.askedBy, "command");
    assert.deepEqual([run?.windowFrom, run?.windowTo], [WINDOW.from, WINDOW.to]);
    answer(port, 2, 5);
    handOut(port);
    const second = port.queue.runs(5).find((other) => other.commandId === 2);
    assert.equal(second?.outcome, "incomplete", "five were announced, none came");
  });
});

Deno.test("commands: one reply holds at most fifty lines and eight kilobytes", async () => {
  await withPort((port) => {
    port.allow();
    for (let id = 1; id <= 60; id++) order(port.commands, id, "check");
    assert.equal(handOut(port).length, 50);
    for (let id = 101; id <= 160; id++) {
      port.queue.addCommand({ id, serial: SN, name: "given", text: "x".repeat(500) });
    }
    const bytes = handOut(port).join("\n").length;
    assert.ok(bytes < 8 * 1024, `${bytes}`);
    return Promise.resolve();
  });
});

Deno.test("commands: the agent's own orders have ids of their own and are not reported", async () => {
  await withPort(async (port) => {
    port.allow();
    const first = port.commands.orderOwn(SN, "check");
    await port.restart();
    const second = port.commands.orderOwn(SN, "info");
    assert.ok(first !== null && second === first + 1);
    assert.equal(port.commands.isOpen(SN, "check"), true);
    handOut(port);
    answer(port, first, 0);
    assert.equal(port.commands.isOpen(SN, "check"), false);
    assert.deepEqual(port.commands.results(), []);
    assert.equal(port.commands.orderOwn("NOBODY", "check"), null);
  });
});
