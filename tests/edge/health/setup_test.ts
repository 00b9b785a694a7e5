/** The page of a new machine: what it shows, whom it answers, and what it never holds. */
import assert from "node:assert/strict";
import { linkState, setupSteps, type SetupView } from "../../../edge_agent/health/setup.ts";
import { SetupPage } from "../../../edge_agent/health/setup_page.ts";
import { silentLog } from "../../sim/silent_log.ts";

const LATE_MS = 180_000;

const NEW: SetupView = {
  destination: "odoo",
  stats: null,
  devices: [],
  alarms: [],
  sinceAnswerMs: null,
  clockTrusted: false,
  paired: false,
  state: null,
};

const openSteps = (view: Partial<SetupView>, addresses = ["192.168.1.20"]) =>
  setupSteps({ ...NEW, ...view }, addresses, LATE_MS).filter(({ done }) => !done).map(({ step }) =>
    step
  );

Deno.test("setup: six steps, each done by its own fact", () => {
  assert.deepEqual(openSteps({}, []), [
    "clock",
    "network",
    "destination",
    "paired",
    "device",
    "punch",
  ]);
  assert.deepEqual(openSteps({ clockTrusted: true }), ["destination", "paired", "device", "punch"]);
  const paired = { clockTrusted: true, sinceAnswerMs: 5, paired: true } as const;
  assert.deepEqual(openSteps({ ...paired, state: "waiting" }), ["paired", "device", "punch"]);
  const approved = { ...paired, state: "active" } as const;
  assert.deepEqual(openSteps({ ...approved, devices: [{ lastHeardAt: null }] }), [
    "device",
    "punch",
  ]);
  assert.deepEqual(openSteps({ ...approved, devices: [{ lastHeardAt: 1 }] }), ["punch"]);
});

// Red when a branch on ERPNext is told to look into Odoo, to compare a fingerprint there or to type its line.
Deno.test("setup: every step names the destination by its name, done or open", () => {
  const stats = { pending: 1, delivered: 0 } as SetupView["stats"];
  const far = { stats: { delivered: 1 } as SetupView["stats"], devices: [{ lastHeardAt: 1 }] };
  const views: readonly Partial<SetupView>[] = [
    {},
    { stats },
    { paired: true, state: "waiting" },
    { ...far, clockTrusted: true, sinceAnswerMs: 5, paired: true, state: "active" },
  ];
  const said = (destination: SetupView["destination"]) =>
    views.map((view) =>
      setupSteps({ ...NEW, ...view, destination }, ["192.168.1.20"], LATE_MS).map(({ text }) =>
        text
      )
    );
  const site = said("erpnext");
  assert.doesNotMatch(JSON.stringify(site), /Odoo/);
  assert.doesNotMatch(JSON.stringify(said("odoo")), /ERPNext/);
  assert.deepEqual(site[3]?.slice(2), [
    "ERPNext answers",
    "set up for ERPNext",
    "a terminal calls",
    "the first punch is in ERPNext",
  ]);
  assert.match(site[0]?.[3] ?? "", /type provision-erpnext with the address of the site/);
  assert.equal(site[1]?.[5], "a punch waits for ERPNext");
});

// Red when a refused credential, a company that has left or an old answer leaves "answers", or "active", standing
// beside it, or a branch is sent to its Internet connection by an Odoo that did answer.
Deno.test("setup: a destination that refuses this machine, or was not heard for long, does not answer", () => {
  const live = { clockTrusted: true, sinceAnswerMs: 5, paired: true, state: "active" } as const;
  const refused = { ...live, alarms: [{ code: "credential" }] };
  const silent = { ...live, sinceAnswerMs: LATE_MS + 1 };
  const said = (view: Partial<SetupView>, destination: SetupView["destination"] = "odoo") =>
    setupSteps({ ...NEW, ...view, destination }, ["192.168.1.20"], LATE_MS)
      .slice(2, 4).map(({ done, text }) => `${done ? "done" : "open"}: ${text}`);
  assert.deepEqual(said(refused), [
    "open: Odoo refuses this machine: see the next step",
    "open: paired, but Odoo refuses the token: type the line with a new code from Odoo",
  ]);
  assert.deepEqual(said(refused, "erpnext"), [
    "open: ERPNext refuses this machine: see the next step",
    "open: set up for ERPNext, which refuses this machine: type provision-erpnext again",
  ]);
  const gone = { ...live, sinceAnswerMs: LATE_MS + 1, alarms: [{ code: "gone" }] };
  assert.deepEqual(said(gone), [
    "open: Odoo says that the company has left: see the next step",
    "open: the company has left its provider: punches stay on this machine; its owner says what becomes of them",
  ]);
  assert.deepEqual(said(silent), [
    "open: Odoo does not answer any more: look at the Internet connection",
    "done: paired and approved",
  ]);
  assert.deepEqual(said({}), [
    "open: Odoo is not asked yet: see the next step",
    "open: not paired: type the line that Odoo shows",
  ]);
  assert.deepEqual(said({ paired: true }), [
    "open: Odoo does not answer yet: look at the Internet connection",
    "open: paired; an administrator compares the fingerprint in Odoo and approves",
  ]);
  const states = [
    live,
    refused,
    gone,
    { ...live, alarms: [{ code: "gone" }] },
    silent,
    { ...live, state: "waiting" } as const,
    { paired: true },
    {},
  ]
    .map((view) => linkState({ ...NEW, ...view }, LATE_MS));
  assert.deepEqual(states, [
    "active",
    "refused",
    "gone",
    "gone",
    "silent",
    "waiting",
    "unheard",
    "unpaired",
  ]);
});

function page(isNear = (_address: string) => true) {
  return new SetupPage({
    settings: { page: true, host: "127.0.0.1", port: 0 },
    isNear,
    devicePort: 8081,
    addresses: () => ["192.168.1.20", "<script>"],
    steps: () => setupSteps(NEW, ["192.168.1.20"], LATE_MS),
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
