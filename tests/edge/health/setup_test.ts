/** The page of a new machine: what it shows, whom it answers, and what it never holds. */
import assert from "node:assert/strict";
import { setupSteps, type SetupView } from "../../../edge_agent/health/setup.ts";
import { SetupPage } from "../../../edge_agent/health/setup_page.ts";
import { silentLog } from "../../sim/silent_log.ts";

const NEW: SetupView = {
  stats: null,
  devices: [],
  sinceAnswerMs: null,
  clockTrusted: false,
  paired: false,
  state: null,
};

const openSteps = (view: Partial<SetupView>, addresses = ["192.168.1.20"]) =>
  setupSteps({ ...NEW, ...view }, addresses).filter(({ done }) => !done).map(({ step }) => step);

Deno.test("setup: six steps, each done by its own fact", () => {
  assert.deepEqual(openSteps({}, []), ["clock", "network", "odoo", "paired", "device", "punch"]);
  assert.deepEqual(openSteps({ clockTrusted: true }), ["odoo", "paired", "device", "punch"]);
  const paired = { clockTrusted: true, sinceAnswerMs: 5, paired: true } as const;
  assert.deepEqual(openSteps({ ...paired, state: "waiting" }), ["paired", "device", "punch"]);
  const approved = { ...paired, state: "active" } as const;
  assert.deepEqual(openSteps({ ...approved, devices: [{ lastHeardAt: null }] }), [
    "device",
    "punch",
  ]);
  assert.deepEqual(openSteps({ ...approved, devices: [{ lastHeardAt: 1 }] }), ["punch"]);
});

function page(isNear = (_address: string) => true) {
  return new SetupPage({
    settings: { page: true, host: "127.0.0.1", port: 0 },
    isNear,
    devicePort: 8081,
    addresses: () => ["192.168.1.20", "<script>"],
    steps: () => setupSteps(NEW, ["192.168.1.20"]),
    log: silentLog,
  });
}

// Red when the page is served to everybody, or anything of a request comes back in it.
Deno.test("setup: the page answers the branch's networks alone and takes nothing in", async () => {
  const app = page((address) => address.startsWith("192.168.")).app();
  const near = { peer: "192.168.1.7" };
  const shown = await app.request("/?name=PROBE", { headers: { "x-name": "PROBE" } }, near);
  const text = await shown.text();
  assert.equal(shown.status, 200);
  assert.match(text, /192\.168\.1\.20 or &lt;script&gt;/);
  assert.match(text, /<dd>8081<\/dd>/);
  assert.match(text, /class="open">not paired: type the line that Odoo shows/);
  assert.doesNotMatch(text, /PROBE/);
  assert.match(shown.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  assert.equal((await app.request("/", {}, { peer: "203.0.113.9" })).status, 403);
  for (const path of ["/health", "/metrics", "/config.json"]) {
    assert.equal((await app.request(path, {}, near)).status, 404, path);
  }
  assert.equal((await app.request("/", { method: "POST" }, near)).status, 404);
});

Deno.test("setup: a port that is taken keeps no agent from its work", async () => {
  const first = page();
  first.start();
  const second = new SetupPage({
    settings: { page: true, host: "127.0.0.1", port: first.port },
    isNear: () => true,
    devicePort: 1,
    addresses: () => [],
    steps: () => [],
    log: silentLog,
  });
  second.start();
  assert.equal(second.port, 0);
  await second.stop();
  await first.stop();
});
