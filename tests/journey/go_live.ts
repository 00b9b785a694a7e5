// A bare Debian becomes a branch, and takes the updates that its Odoo offers it: the lines of docs/branch.md typed on
// the machine, and what an administrator does meanwhile. Owns that story; what is expected of it, the tests
// and the campaign say. Pauses of people are not waited for. Root's alone. An ARM machine's programs run in the emulator:
// its minutes are the emulator's, and what it must not overstep there is wider.

import assert from "node:assert/strict";
import { Branch } from "../../dev/branch.ts";
import { takePort } from "../../dev/cache.ts";
import { takeIn } from "../../dev/care_story.ts";
import type { OdooClient, Row } from "../../dev/odoo_client.ts";
import { BareMachine, machineFolder } from "../../dev/pack/bare_machine.ts";
import { compile } from "../../dev/pack/compile.ts";
import { runningArm } from "../../dev/pack/qemu.ts";
import type { Architecture } from "../../dev/pack/runtime.ts";
import { targetOf } from "../../dev/pack/sign.ts";
import { prepareStage } from "../../dev/stage.ts";
import { waiting } from "../../dev/waiting.ts";
import { Company, type Metadata } from "../sim/update_kit.ts";

export const SERIAL = "CKJF201960996";
const PATIENCE_MS = 120_000;
/** A file of 97 MB in ranges, beside other work, then a trial of half a minute. */
const UPDATE_MS = 240_000;
/** A version that does not get well has four minutes. */
const REVERT_MS = 480_000;

/** How many times longer everything may take where each program is translated as it runs. */
const EMULATED = 10;
const slowness = (architecture: Architecture) => architecture === "x86_64" ? 1 : EMULATED;
/** The emulator's own memory is counted with the agent's, and a start is minutes on a busy machine. */
const EMULATED_UNIT = `[Service]
MemoryMax=2G
TimeoutStartSec=600
WatchdogSec=600
`;

/** What Odoo said of one offered version. */
export interface Offered {
  readonly version: string;
  readonly state: string;
  readonly reason: string;
  readonly release: string;
  readonly seconds: number;
}

export interface WentLive {
  /** From the first typed line to the punch in Odoo. */
  readonly seconds: number;
  readonly typedLines: number;
  readonly updates: readonly Offered[];
  /** What `biometric-agent update --state` says at the end. */
  readonly said: string;
}

/** A version that Odoo offers: the present program, or one that ends at its start. */
export interface NextVersion {
  readonly version: string;
  readonly crashes?: boolean;
}

/** A program that ends before it takes a punch in. */
const CRASHES = `export function begin() { throw new Error("bad"); }`;

const plain = (fingerprint: string): string => fingerprint.replace(/[^0-9a-f]/gi, "").toLowerCase();

const push = (port: number) =>
  `body=$'1\\t2026-03-02 08:00:00\\t0\\t1\\t0\\t0\\t0\\n'
until exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'POST /iclock/cdata?SN=${SERIAL}&table=ATTLOG&Stamp=1 HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s' "\${#body}" "$body" >&3 && grep -q 'OK: 1' <&3
do sleep 1; done
until biometric-agent status | grep -q ' 0 pending, 0 parked, 0 rejects, 1 kept'; do sleep 2; done`;

/**
 * Waits until the machine itself says how the version ended, and a little for Odoo to hear it. Each look is a
 * start of the program, a third of a second of processor, beside a trial of half a minute.
 */
const until = ({ version, crashes }: NextVersion) =>
  `until [ -e /root/heard ] || biometric-agent update --state | grep -q '${
    crashes ? "taken back" : "confirmed"
  }: ${version}'; do sleep 5; done`;

/** What the administrator does: compares, approves agent and terminal. */
async function approve({ branch, machine, made }: Scene, agent: number): Promise<void> {
  const wait = waiting(PATIENCE_MS * slowness(made.architecture));
  const officer = await branch.as("biometric");
  const said = await wait("the fingerprint on the machine's screen", async () => {
    const text = await Deno.readTextFile(`${machine.folder}/root/said.txt`).catch(() => "");
    return /^fingerprint: (.*)$/m.exec(text)?.[1] ?? null;
  });
  const [row] = await officer.rows("biometric.agent", [["id", "=", agent]], ["fingerprint"]);
  assert.equal(plain(said), plain(String(row?.["fingerprint"])));
  await officer.call("biometric.agent", "action_approve", [[agent]]);
  await branch.approveDevice(SERIAL, wait);
  await wait(
    "the punch in Odoo",
    async () => await branch.admin.count("biometric.punch", [["pin", "=", "1"]]) > 0 ? true : null,
  );
}

/** Proven, and offered to all. */
async function offer(officer: OdooClient, path: string, metadata: Metadata): Promise<number> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const files = [{ name, bytes: await Deno.readFile(path) }];
  const release = await takeIn(officer, { metadata, files });
  for (let ring = 0; ring < 3; ring++) {
    await officer.call("biometric.release", "action_widen", [[release]]);
  }
  await officer.call("biometric.release", "action_offer", [[release]]);
  return release;
}

async function ended(
  officer: OdooClient,
  release: number,
  { version, crashes }: NextVersion,
): Promise<Offered> {
  const from = performance.now();
  const row = await waiting(crashes ? REVERT_MS : UPDATE_MS)(
    `the end of the update to ${version}`,
    async () => {
      const domain = [["release_id", "=", release]];
      const [one] = await officer.rows("biometric.update", domain, ["state", "reason"]);
      return ["confirmed", "reverted", "refused"].includes(String(one?.["state"])) ? one : null;
    },
  );
  const [kept] = await officer.rows("biometric.release", [["id", "=", release]], ["state"]);
  return {
    version,
    state: String(row?.["state"]),
    reason: String(row?.["reason"] || ""),
    release: String(kept?.["state"]),
    seconds: Math.round((performance.now() - from) / 1000),
  };
}

/** The stage: Odoo, a machine with its file on it, and the people who sign. */
async function setUp(
  folder: string,
  stage: Awaited<ReturnType<typeof prepareStage>>,
  architecture: Architecture,
) {
  await stage.odoo.start();
  const machine = await BareMachine.make(folder, architecture);
  const company = new Company(Date.now());
  const made = {
    out: folder,
    architecture,
    updateRoot: company.roots[0] ?? null,
  };
  const { path } = await compile(made);
  await Deno.copyFile(path, `${machine.folder}/root/biometric-agent`);
  if (architecture !== "x86_64") {
    const more = `${machine.folder}/etc/systemd/system/biometric-agent.service.d`;
    await Deno.mkdir(more);
    await Deno.writeTextFile(`${more}/emulated.conf`, EMULATED_UNIT);
  }
  const [devicePort, health, setup] = [await takePort(), await takePort(), await takePort()];
  await Deno.mkdir(`${machine.folder}/etc/biometric-agent`);
  await Deno.writeTextFile(
    `${machine.folder}/etc/biometric-agent/config.json`,
    JSON.stringify({
      devicePort: { port: devicePort, allow: ["127.0.0.1"] },
      health: { port: health },
      setup: { port: setup },
      odoo: { syncSeconds: 1 },
    }),
  );
  const branch = new Branch(stage.odoo, stage.agent);
  await branch.logIn();
  await branch.settle([]);
  return { machine, company, made, devicePort, branch };
}

type Scene = Awaited<ReturnType<typeof setUp>>;

/** One version after the other: signed, offered, waited for. */
async function offerAll(
  { branch, company, made }: Scene,
  next: readonly NextVersion[],
): Promise<Offered[]> {
  const officer = await branch.as("biometric");
  const updates: Offered[] = [];
  for (const [at, one] of next.entries()) {
    const program = one.crashes ? { program: new TextEncoder().encode(CRASHES) } : {};
    const { path } = await compile({ ...made, version: one.version, ...program });
    const set = company.release([await targetOf(path)], { version: at + 1 });
    const release = await offer(officer, path, set);
    updates.push(await ended(officer, release, one));
  }
  return updates;
}

/** The branch as Odoo's administrator creates it: its id, and the words of the line to type. */
export async function newAgent(branch: Branch): Promise<{ agent: number; code: string }> {
  const officer = await branch.as("biometric");
  const [user] = await officer.rows("res.users", [["login", "=", "biometric"]], ["company_id"]);
  const home = (user?.["company_id"] as [number])[0];
  await branch.admin.write("res.company", [home], { biometric_updates: true });
  const values = { name: "Branch", tz: "Asia/Manila" };
  const [agent = 0] = await officer.create("biometric.agent", [values]);
  const action = await officer.call("biometric.agent", "action_pairing_code", [[agent]]) as Row;
  const line = String((action["context"] as Row)["default_line"]);
  const [, , code = ""] = line.slice(line.indexOf("pair ")).split(" ");
  return { agent, code };
}

export async function goLive(
  next: readonly NextVersion[],
  architecture: Architecture = "x86_64",
): Promise<WentLive> {
  const stage = await prepareStage();
  const folder = await machineFolder();
  const story = async () =>
    await branchStory(await setUp(folder, stage, architecture), stage, next);
  try {
    return await (architecture === "x86_64" ? story() : runningArm(story));
  } finally {
    await stage.takeDown();
    await Deno.remove(folder, { recursive: true });
  }
}

async function branchStory(
  scene: Scene,
  stage: Awaited<ReturnType<typeof prepareStage>>,
  next: readonly NextVersion[],
): Promise<WentLive> {
  const { machine, branch, devicePort, made } = scene;
  const from = performance.now();
  const { agent, code } = await newAgent(branch);
  const typed = [
    "chmod +x biometric-agent",
    `./biometric-agent install ${stage.odoo.url} ${code} --database ${stage.odoo.db}`,
  ];
  const administer = async () => {
    try {
      await approve(scene, agent);
      const seconds = Math.round((performance.now() - from) / 1000);
      return { seconds, updates: await offerAll(scene, next) };
    } finally {
      // The machine goes on until Odoo has heard it, or until nothing is to be waited for.
      await Deno.writeTextFile(`${machine.folder}/root/heard`, "");
    }
  };
  const patienceMs = PATIENCE_MS * 2 * slowness(made.architecture) +
    next.reduce((sum, { crashes }) => sum + (crashes ? REVERT_MS : UPDATE_MS) + 90_000, 0);
  const lines = [
    ...typed,
    push(devicePort),
    ...next.map(until),
    "until [ -e /root/heard ]; do sleep 1; done",
    "biometric-agent update --state",
  ];
  const running = machine.type(lines, { shared: true, patienceMs });
  const { seconds, updates } = await administer().finally(() => running);
  const said = await running;
  assert.equal(said.code, 0, said.text);
  assert.equal(await branch.admin.count("biometric.punch", [["pin", "=", "1"]]), 1);
  return { seconds, typedLines: typed.length, updates, said: said.text };
}
