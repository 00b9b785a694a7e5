/**
 * npm run campaign [-- --seed N --kills N --points N --simulation N --rounds N --minutes N --crashes N --entries N --updates N
 *   --logs N --orders N --turns N]
 * The fault campaign at full size. Each part prints what it did; the first broken promise ends it with
 * the seed that shows it again. Defaults are the full figures (some hours); smaller ones for a look.
 *   --kills       processes killed at random (5,000)
 *   --points      power cuts per recording, in five modes, plain and strict directory (400)
 *   --rounds      recordings of healthy and of failing disks (5)
 *   --simulation  seeds of the simulated core (10,000)
 *   --crashes     crashes of Odoo's PostgreSQL while 5,000 punches are on their way (50); with them
 *                 ten minutes without it, and Odoo restarted, upgraded and robbed of workers
 *   --entries     entries of an audit trail that is verified inside and outside of Odoo (1,000,000)
 *   --updates     power cuts in the middle of updates (100,000); as root also versions that do not get well, on
 *                 a bare machine with systemd, in real minutes; and the ARM file from pairing to a punch in Odoo, alone,
 *                 killed with the punch undelivered, and on a bare ARM Debian
 *   --pages       no: without the ARM file on an emulated machine with pages of 16 KiB (yes)
 *   --turns       kills of the last release's program and of this one, in turns on one queue, begun by either (400)
 *   --logs        rounds of 18 kinds of damage around a killed queue's log (200)
 *   --minutes     a branch of five terminals and two agents under random faults and kills, whole processes (720)
 *   --orders      random orders in which 5,000 punches come to Odoo: the days are the same (100)
 *   --odoo        no: without Odoo's own tests beside the addon (yes)
 *   --sites       campaigns of 2,000 punches against an ERPNext site (200); a line after every five
 * npm run campaign -- erpnext [--seed N --sites N]: the ERPNext destination alone.
 * npm run campaign -- csv: files for people, opened and saved by LibreOffice (installed from Debian) in three
 * languages, cell by cell; the rosters it saved are imported again.
 * npm run campaign -- labels [--languages de,es]: every screen of the menus in each language, on a clerk's screen and a
 * phone's; prints the labels that are cut there.
 * npm run campaign -- sftp: payroll files to a machine that speaks SFTP, by Debian's paramiko, which is unpacked beside
 * Odoo and not installed.
 */
import { parseArgs } from "node:util";
import { damageLogs } from "../tests/sim/log_damage.ts";
import { killLoop } from "../tests/sim/kill_loop.ts";
import { failEachSync } from "../tests/sim/powerloss/failed_sync.ts";
import { buildShim, cutPower, record } from "../tests/sim/powerloss/powerloss.ts";
import { failingUpdates } from "../tests/sim/failing_updates.ts";
import { whyNoMachine } from "./pack/bare_machine.ts";
import { compile } from "./pack/compile.ts";
import { armEmulator } from "./pack/qemu.ts";
import { onWidePages } from "./pack/wide_pages.ts";
import { livePacked } from "../tests/sim/packed_life.ts";
import { cutUpdates } from "../tests/sim/update_cuts.ts";
import { simulate } from "../tests/sim/simulation.ts";
import { landedAgent } from "../tests/sim/agent_process.ts";
import { takeTurns } from "../tests/sim/turns.ts";
import { siteCampaign } from "../tests/sim/erpnext/campaign.ts";
import { undoAll } from "./cleanup.ts";
import { unpackOwn } from "./debian.ts";
import { runOdooTests } from "./odoo_tests.ts";
import { releasePostgres } from "./postgres.ts";
import { measureAudit } from "../tests/bench/audit.ts";
import { armLive } from "../tests/journey/arm_live.ts";
import { cutLabels } from "../tests/journey/labels.ts";
import { goLive } from "../tests/journey/go_live.ts";
import { odooDisturbed, postgresAway, postgresCrashes } from "../tests/journey/odoo_faults.ts";
import { soak } from "../tests/sim/soak.ts";
import { openInSpreadsheet } from "../tests/journey/spreadsheets.ts";
import { judgeOdooSuites } from "../tests/odoo_suites/odoo_suites.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "5000" },
    points: { type: "string", default: "400" },
    rounds: { type: "string", default: "5" },
    simulation: { type: "string", default: "10000" },
    crashes: { type: "string", default: "50" },
    entries: { type: "string", default: "1000000" },
    updates: { type: "string", default: "100000" },
    pages: { type: "string", default: "yes" },
    logs: { type: "string", default: "200" },
    turns: { type: "string", default: "400" },
    minutes: { type: "string", default: "720" },
    orders: { type: "string", default: "100" },
    odoo: { type: "string", default: "yes" },
    sites: { type: "string", default: "200" },
    languages: { type: "string", default: "" },
  },
});
const seed = Number(values.seed);
/** Resident memory the agent that is never killed may gain after its first third. */
const SOAK_GROWTH_MB = Number(values.minutes) < 30 ? 80 : 20;

const DISKS: readonly { readonly name: string; readonly rules: readonly string[] }[] = [
  { name: "sound disk", rules: [] },
  { name: "fsync fails", rules: ["fsync 5 200"] },
  {
    name: "no space, short writes, no descriptors",
    rules: ["write 28 40", "short 0 100", "open 24 100"],
  },
  { name: "slow fsync", rules: ["delay 20 500"] },
];

async function powerCuts(round: number): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "shim-" });
  try {
    const shim = await buildShim(directory);
    for (const { name, rules } of DISKS) {
      const recording = await record(shim, { seed: seed + round, punches: 1_500, rules });
      for (const strictDirectory of [false, true]) {
        const options = { seed: seed + round, points: Number(values.points), strictDirectory };
        const result = await cutPower(recording, options);
        if (result.violations.length > 0) throw new Error(result.violations.join("\n"));
        const directoryMode = strictDirectory ? "strict directory" : "plain";
        console.log(
          `power cuts, ${name}, ${directoryMode}: ${result.images} images, ` +
            `${result.acknowledged} acknowledged before the last, 0 violations`,
        );
      }
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

async function failedSyncs(): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "shim-" });
  try {
    const lives = await failEachSync(await buildShim(directory));
    console.log(`failed fsyncs: ${lives} lives, the power cut at every moment after, 0 violations`);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Kills in one story: every one begins with an empty queue. */
const STORY_KILLS = 20;

/** Up and down between the last release and this program, by kill -9. */
async function formerAndPresent(kills: number): Promise<void> {
  let acknowledged = 0;
  for (let done = 0, story = 0; done < kills; story++) {
    const some = Math.min(STORY_KILLS, kills - done);
    const [first, second] = story % 2 === 0 ? [landedAgent(), null] : [null, landedAgent()];
    acknowledged += await takeTurns(first, second, some);
    done += some;
    console.log(
      `former and present program in turns: ${done} kills, ${acknowledged} acknowledged, ` +
        "0 lost, 0 doubled",
    );
  }
}

const MINUTE_MS = 60_000;
/** A seeded week has some twenty punches a person. */
const PUNCHES_A_PERSON = 20;

/** R32 to R34: 100 punches to each crash. */
async function odooFaults(times: number): Promise<void> {
  const people = Math.max(12, times * 100 / PUNCHES_A_PERSON);
  const crashes = await postgresCrashes({ people, times, seed });
  console.log(`PostgreSQL crashes: ${times}, ${crashes.punches} punches, each in Odoo once`);
  const awayMs = Math.min(10, times) * MINUTE_MS;
  const away = await postgresAway(40, awayMs);
  console.log(
    `PostgreSQL away ${awayMs / MINUTE_MS} minutes: answered ${[...new Set(away.statuses)]}, all ` +
      `delivered ${Math.round(away.drainMs / 1_000)} s after its return`,
  );
  const disturbed = await odooDisturbed({ people: 50, times: Math.max(6, times / 2), seed });
  console.log(
    `Odoo restarted, upgraded, ${disturbed.killed} workers killed: ${disturbed.punches} punches, ` +
      "each in Odoo once",
  );
}

/** C08, P14: a version that is well, then one that crashes, both offered by a real Odoo, in real minutes. */
async function offeredUpdates(): Promise<void> {
  const why = await whyNoMachine();
  if (why) {
    return console.log(`updates offered by Odoo: not tried, no bare machine boots here: ${why}`);
  }
  const { updates } = await goLive([{ version: "1.9.0" }, { version: "1.9.1", crashes: true }]);
  const ends = updates.map(({ version, state, release, seconds }) =>
    `${version} ${state} after ${seconds} s, its release is ${release}`
  );
  console.log(`updates offered by Odoo: ${ends.join("; ")}`);
  const [well, bad] = updates;
  if (well?.state !== "confirmed" || bad?.state !== "reverted" || bad.release !== "halted") {
    throw new Error(
      `updates offered by Odoo did not end as they should: ${JSON.stringify(updates)}`,
    );
  }
}

/** P01 on the machine of a branch: ARM, as far as an emulator is one. */
async function bareArm(): Promise<void> {
  const why = await whyNoMachine();
  if (why) return console.log(`a bare ARM Debian: not tried, no bare machine boots here: ${why}`);
  const { seconds, typedLines } = await goLive([], "aarch64");
  console.log(
    `a bare ARM Debian, emulated: ${typedLines} typed lines, a punch in a real Odoo after ${seconds} s`,
  );
}

/** The ARM file on a whole machine with the pages of a Raspberry Pi 5: start, terminal let in, push taken. */
async function widePages(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "biometric-wide-" });
  try {
    const { path } = await compile({ out: folder, architecture: "aarch64" });
    const from = performance.now();
    const said = await onWidePages(path);
    const wanted = [
      /^KernelPageSize: +16 kB$/m,
      /^version: code 0$/m,
      /OK: 1/,
      /^punches: code 0$/m,
    ];
    const missing = wanted.filter((pattern) => !pattern.test(said));
    if (missing.length > 0) throw new Error(`pages of 16 KiB: ${missing} is missing in\n${said}`);
    const seconds = Math.round((performance.now() - from) / 1000);
    console.log(`pages of 16 KiB: started, a push taken and kept, ${seconds} s emulated`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ORDERS_MS = 4 * 3_600_000;

/** The addon's own test of orders, at the size that is asked for. */
async function orders(count: number): Promise<void> {
  Deno.env.set("BIOMETRIC_ORDERS", String(count));
  const tags = "/biometric_attendance:TestOrders";
  const { ok, trouble, log } = await runOdooTests({ tags, noHttp: true, timeoutMs: ORDERS_MS });
  if (!ok) throw new Error(`${trouble}\n${log}`);
  console.log(`orders of delivery: ${count} random ones, forwards and backwards, the same days`);
}

/** What is tried of the other machine's file at every commit, there without its second start. */
async function killedArm(): Promise<void> {
  const out = await Deno.makeTempDir({ prefix: "biometric-arm-" });
  try {
    const { path } = await compile({ out, architecture: "aarch64" });
    const [first, second] = await livePacked(path, await armEmulator(), { killed: true });
    console.log(`the ARM file, killed: starts in ${first} and ${second} ms, the punch delivered`);
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

const SITE_PUNCHES = 2_000;
/** Seeds between two lines: some minutes. */
const SEEDS_A_LINE = 5;

/** Ends the program with the seed that breaks a promise. */
async function sites(count: number): Promise<void> {
  const sum = {
    punches: 0,
    checkins: 0,
    faults: 0,
    restarts: 0,
    restores: 0,
    wrongTimes: 0,
    requests: 0,
  };
  for (let n = 1; n <= count; n++) {
    const found = await siteCampaign({ seed: seed + n - 1, punches: SITE_PUNCHES });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += found[name];
    if (n % SEEDS_A_LINE > 0 && n < count) continue;
    // One that is lost or doubled has ended the program.
    console.log(`ERPNext: ${n} of ${count} seeds from ${seed}, ${inWords(sum)}, 0 lost, 0 doubled`);
  }
}

function inWords(sum: Readonly<Record<string, number>>): string {
  return Object.entries(sum).map(([name, number]) => `${number} ${name}`).join(", ");
}

/** Ends the program with the cells that a spreadsheet changes. */
async function spreadsheets(): Promise<void> {
  const { files, cells, back, changed } = await openInSpreadsheet();
  if (changed.length > 0) throw new Error(`LibreOffice changes cells:\n${changed.join("\n")}`);
  console.log(
    `LibreOffice: ${files} files for people, ${cells} cells as they were meant, ${back} rosters back`,
  );
}

/** What paramiko needs beyond Odoo's own packages stands beside it. */
const PARAMIKO = ["python3-paramiko", "python3-bcrypt", "python3-nacl"];

/** The addon's tests of SFTP, which the whole run leaves out where paramiko is not installed. */
async function deliverBySftp(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "paramiko-" });
  try {
    await Deno.mkdir(`${folder}/debs`);
    await unpackOwn(folder, `${folder}/debs`, PARAMIKO);
    const { passed, ok, trouble, log } = await runOdooTests({
      tags: "/biometric_attendance:TestDeliverySftp,/biometric_attendance:TestDeliverySftpMachine",
      noHttp: true,
      packages: `${folder}/usr/lib/python3/dist-packages`,
    });
    if (!ok) throw new Error(`${trouble}\n${log}`);
    if (!log.includes("TestDeliverySftpMachine.")) throw new Error(`no machine was tried:\n${log}`);
    console.log(`SFTP: ${passed} tests against a machine of paramiko's and a folder, all passed`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function labels(): Promise<void> {
  const folder = new URL("../odoo_addon/biometric_attendance/i18n", import.meta.url);
  const ours = [...Deno.readDirSync(folder)].map(({ name }) => /^(\w+)\.po$/.exec(name)?.[1] ?? "");
  const named = values.languages.split(",").filter((name) => name !== "");
  const unknown = named.filter((name) => !ours.includes(name));
  if (unknown.length > 0) throw new Error(`there is no language ${unknown.join(", ")}`);
  const asked = named.length > 0 ? named : ours.filter((name) => name !== "").sort();
  const cut = await cutLabels(asked, console.log);
  for (const { language, width, menu, label } of cut) {
    console.log(`${language}, ${width} pixels, ${menu}: ${label}`);
  }
  if (cut.length > 0) throw new Error(`${cut.length} labels are cut`);
}

const SINGLE: Readonly<Record<string, () => Promise<void>>> = {
  erpnext: () => sites(Number(values.sites)),
  csv: spreadsheets,
  labels,
  sftp: deliverBySftp,
};

if (positionals.length > 0) {
  const single = positionals.length === 1 ? SINGLE[positionals[0] ?? ""] : undefined;
  if (single === undefined) {
    throw new Error(
      `there is no campaign ${
        positionals.join(" ")
      }: say erpnext, csv, labels or sftp, or nothing for all`,
    );
  }
  await single();
  await undoAll();
  await releasePostgres();
  Deno.exit(0);
}
const seeds = await simulate(seed, Number(values.simulation), Infinity);
console.log(`simulation: ${seeds} seeds from ${seed}, 0 violations`);
for (let round = 0; round < Number(values.rounds); round++) await powerCuts(round);
if (Number(values.rounds) > 0) await failedSyncs();
if (Number(values.logs) > 0) {
  const { harmed, lost, uncounted } = await damageLogs(Number(values.logs), seed);
  console.log(
    `damaged logs: ${harmed} of 602 punches each, ${lost} lost and counted, ${uncounted} times some that ` +
      "nobody can count, which is said; 0 in silence",
  );
}
if (Number(values.kills) > 0) {
  const { kills, acknowledged, slowestStartMs } = await killLoop(Number(values.kills), seed);
  console.log(
    `kills: ${kills}, ${acknowledged} acknowledged, none lost, slowest start ${
      Math.round(slowestStartMs)
    } ms`,
  );
}
if (Number(values.turns) > 0) await formerAndPresent(Number(values.turns));
if (Number(values.crashes) > 0) await odooFaults(Number(values.crashes));
if (Number(values.entries) > 0) {
  console.log(
    `audit trail: ${
      JSON.stringify(await measureAudit(Number(values.entries), Number(values.entries)))
    }`,
  );
}
if (Number(values.updates) > 0) {
  const { cuts, onTrial } = await cutUpdates(seed, Number(values.updates));
  console.log(`updates: ${cuts} power cuts, ${onTrial} in a trial, one whole version each time`);
  for (const { name, seconds } of Deno.uid() === 0 ? await failingUpdates() : []) {
    console.log(`a version that ${name}: taken back after ${seconds} s`);
  }
  await offeredUpdates();
  console.log(`the ARM file at a real Odoo, emulated: a punch there after ${await armLive()} s`);
  await killedArm();
  await bareArm();
}
if (values.pages === "yes") await widePages();
if (Number(values.sites) > 0) await sites(Number(values.sites));
if (Number(values.orders) > 0) await orders(Number(values.orders));
if (values.odoo === "yes") {
  const broken = await judgeOdooSuites();
  if (broken > 0) throw new Error(`the addon breaks ${broken} of Odoo's own tests`);
  console.log("Odoo's own tests: none is broken by the addon");
}
if (Number(values.minutes) > 0) {
  const said = await soak({ minutes: Number(values.minutes), seed, growthMb: SOAK_GROWTH_MB });
  console.log(`soak: ${JSON.stringify(said)}`);
}
await undoAll();
await releasePostgres();
