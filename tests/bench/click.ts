/**
 * From the click "Pull this window now" in Odoo to the punches being visible there: a real Odoo, a real
 * agent process, a simulated terminal that holds one record nobody has seen before each click.
 *
 *   node dev/bootstrap.mjs tests/bench/click.ts [CLICKS]     default 30 of each kind
 *
 * The clock starts before the dialog's own call and stops when a search finds the punch.
 */
import { Branch } from "../../dev/branch.ts";
import { onExit } from "../../dev/cleanup.ts";
import { MANILA } from "../../dev/place.ts";
import { Gate } from "../../dev/gate.ts";
import type { OdooClient } from "../../dev/odoo_client.ts";
import { ownHost } from "../../dev/own_host.ts";
import { prepareStage } from "../../dev/stage.ts";
import { main, step } from "../../dev/trouble.ts";
import { waiting } from "../../dev/waiting.ts";
import { branchPeople } from "../sim/push/week.ts";

const SERIAL = "CLICK0001";
const CLICKS = 30;
const PATIENCE_MS = 60_000;
/** Between two looks of the stop-watch; half of it is in every figure. */
const LOOK_MS = 25;
/** As in Odoo where nobody set it. */
const SYNC_SECONDS = "10";
/** What an agent that was called back to ten seconds needs to be at rest. */
const REST_MS = 11_000;

interface Kind {
  readonly name: string;
  /** Over push: how often the terminal calls. Null: it is read over port 4370. */
  readonly callsMs: number | null;
  /** Whether a form of the device was open before the click. */
  readonly watched: boolean;
  /** It pushes and can be read as well. */
  readonly readable?: boolean;
}

const KINDS: readonly Kind[] = [
  { name: "read over 4370, device open in Odoo", callsMs: null, watched: true },
  { name: "read over 4370, nobody looked before", callsMs: null, watched: false },
  {
    name: "pushes every 10 s and can be read, device open",
    callsMs: 10_000,
    watched: true,
    readable: true,
  },
  { name: "asked over push, terminal calls every 2 s, device open", callsMs: 2_000, watched: true },
  {
    name: "asked over push, terminal calls every 10 s, device open",
    callsMs: 10_000,
    watched: true,
  },
];

interface Site {
  readonly gate: Gate;
  readonly device: number;
  readonly officer: OdooClient;
  readonly branch: Branch;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function openSite(): Promise<Site> {
  const until = waiting(PATIENCE_MS);
  const stage = await prepareStage();
  const people = branchPeople(20);
  await stage.odoo.start();
  const branch = new Branch(stage.odoo, stage.agent);
  await branch.logIn();
  await branch.settle(people);
  await branch.pair();
  await stage.agent.start();
  const { devicePort } = stage.agent;
  const gate = new Gate({
    serial: SERIAL,
    devicePort,
    people,
    utcOffsetMinutes: MANILA.utcOffsetMinutes,
    records: 1_000,
  });
  await gate.start();
  onExit(() => gate.stop());
  const device = await branch.approveDevice(SERIAL, until);
  await branch.admin.call("ir.config_parameter", "set_param", [
    "biometric_attendance.sync_seconds",
    SYNC_SECONDS,
  ]);
  // Two records of one person within one second are one punch.
  const { records } = gate.terminal.memory;
  const different = new Set(records.map((r) => `${r.pin} ${r.wallTime} ${r.state}`)).size;
  await until("the log to be there", async () => {
    const held = await branch.admin.count("biometric.punch", [["device_id", "=", device]]);
    return held >= different ? held : null;
  });
  return { gate, device, officer: await branch.as("officer"), branch };
}

/** The way of one kind, settled: the agent has heard of it, no earlier call is on its way. */
async function settle({ gate, device, branch }: Site, kind: Kind): Promise<void> {
  const administrator = await branch.as("biometric");
  const reads = kind.callsMs === null;
  await administrator.write("biometric.device", [device], {
    poll_host: reads || kind.readable ? ownHost() : false,
    poll_port: gate.terminal.port,
    channel_poll: reads,
    channel_push: !reads,
  });
  gate.push.unplugged = reads;
  gate.push.pollMs = kind.callsMs ?? 300;
  await sleep(2 * REST_MS);
}

async function click({ gate, device, officer }: Site, kind: Kind, number: number): Promise<number> {
  if (kind.watched) await officer.call("biometric.device", "watch", [[device]]);
  // Anywhere between two beats of the agent and of the terminal.
  await sleep(
    kind.watched ? 1_500 + Math.random() * (kind.callsMs ?? 1_000) : REST_MS * (1 + Math.random()),
  );
  const pin = `9${kind.name.length}${number}`;
  const wallTime = gate.terminal.memory.wallTime();
  gate.terminal.memory.insertSilently(pin, wallTime);
  const day = wallTime.slice(0, 10);
  const started = performance.now();
  const [dialog = 0] = await officer.create("biometric.pull", [
    { device_id: device, date_from: day, date_to: day },
  ]);
  await officer.call("biometric.pull", "action_confirm", [[dialog]]);
  const wanted = [["device_id", "=", device], ["pin", "=", pin]];
  while (await officer.count("biometric.punch", wanted) === 0) {
    if (performance.now() - started > PATIENCE_MS) {
      throw new Error(`no punch ${pin} after a minute`);
    }
    await sleep(LOOK_MS);
  }
  return performance.now() - started;
}

function quantile(sorted: readonly number[], share: number): string {
  const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return ((sorted[at] ?? NaN) / 1000).toFixed(1);
}

async function bench(clicks: number): Promise<number> {
  const site = await step("Odoo, agent and terminal", openSite);
  const rows: string[] = [];
  for (const kind of KINDS) {
    await step(kind.name, async () => {
      await settle(site, kind);
      const times: number[] = [];
      for (let number = 0; number < clicks; number++) times.push(await click(site, kind, number));
      times.sort((a, b) => a - b);
      const cells = [0.5, 0.95, 1].map((share) => quantile(times, share));
      rows.push(`| ${kind.name} | ${times.length} | ${cells.join(" | ")} |`);
      return cells;
    }, (cells) => `p50 ${cells[0]} s, p95 ${cells[1]} s, longest ${cells[2]} s`);
  }
  const load = Deno.loadavg().map((value) => value.toFixed(1)).join(" ");
  console.log(`\n| kind | clicks | p50 s | p95 s | longest s |\n| --- | --- | --- | --- | --- |`);
  console.log(rows.join("\n"));
  console.log(`\nload average ${load}, ${navigator.hardwareConcurrency} processors`);
  return 0;
}

if (import.meta.main) await main(() => bench(Number(Deno.args[0] ?? CLICKS)));
