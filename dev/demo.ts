// Owns: `npm run demo`: a branch from nothing to a payroll file on a real Odoo 19, told step by step.
// Must not know: how a step is done.

import { Branch } from "./branch.ts";
import { needPort, repository } from "./cache.ts";
import { FleetStory } from "./fleet_story.ts";
import { Gate, GATE_SERIAL } from "./gate.ts";
import { findOdoo } from "./odoo_program.ts";
import { openPostgres } from "./postgres.ts";
import {
  delivered,
  exportPlay,
  type Play,
  SERIAL,
  terminalFor,
  uploaded,
  weekPlay,
  YARDSTICK,
} from "./play.ts";
import { mustRun } from "./process.ts";
import {
  compare,
  countInOdoo,
  type Counts,
  daysOf,
  exportPayroll,
  type PayrollFile,
} from "./results.ts";
import { tellBank } from "./bank_story.ts";
import { tellCare } from "./care_story.ts";
import { tellPayroll } from "./payroll_story.ts";
import { tellPeople } from "./people_story.ts";
import { tellReview } from "./review_story.ts";
import { HOUR, midnightAt, type Place, placeAt } from "./place.ts";
import { layToday, type Today } from "./today.ts";
import { askSwap } from "./swap_story.ts";
import { compareToday, makeRoster, standingsText } from "./today_story.ts";
import { waiting } from "./waiting.ts";
import { showLogins } from "./where_to_look.ts";
import { prepareStage, type Stage } from "./stage.ts";
import { main, say, seconds, step, Trouble } from "./trouble.ts";
import { onExit } from "./cleanup.ts";
import { keep } from "./keep.ts";
import { Company } from "../tests/sim/update_kit.ts";
import { countRecords, type RecordCount } from "../tests/sim/push/records.ts";
import type { Terminal } from "../tests/sim/push/terminal.ts";

const HELP = `A branch against a real Odoo 19: a terminal's week becomes a payroll file.

  npm run demo [-- OPTIONS]

  --once           verify what arrived by reading it back from Odoo, then end: code 0, or what is wrong
  --keep FOLDER    with --once: leave the database and the agent's queue there (tests/landed)
  --attlog FILE    play a terminal's USB export (attlog.dat, also .gz) instead of the made-up week, and tell
                   nothing else: what stands in Odoo is of the file
  --port N         Odoo's port on this machine (8069; any free one with --once)
  --device-port N  the terminals' port (8081; any free one with --once)`;

interface Options {
  readonly once: boolean;
  readonly attlog: string | null;
  readonly keep: string | null;
  readonly odooPort?: number;
  readonly devicePort?: number;
}

function readOptions(args: readonly string[]): Options {
  let once = false;
  let attlog: string | null = null;
  let kept: string | null = null;
  const ports: { odooPort?: number; devicePort?: number } = {};
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--once") once = true;
    else if (word === "--attlog") attlog = rest.shift() ?? "";
    else if (word === "--keep") kept = rest.shift() ?? "";
    else if (word === "--port") ports.odooPort = portNumber(word, rest.shift());
    else if (word === "--device-port") ports.devicePort = portNumber(word, rest.shift());
    else throw new Trouble(`The demo does not know ${word}.\n\n${HELP}`);
  }
  if (attlog === "") throw new Trouble("--attlog needs the name of a file.");
  if (kept === "") throw new Trouble("--keep needs the name of a folder.");
  if (kept !== null && !once) throw new Trouble("--keep goes with --once: it stops the branch.");
  return {
    once,
    attlog,
    keep: kept,
    ...(once ? {} : { odooPort: 8069, devicePort: 8081 }),
    ...ports,
  };
}

function portNumber(option: string, text: string | undefined): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Trouble(`${option} needs a port number, 1 to 65535.`);
}

const GATE_PEOPLE = 10;

const until = waiting(600_000);

interface Outcome {
  /** What the terminal recorded. */
  readonly expected: RecordCount;
  readonly counts: Counts;
  readonly file: PayrollFile;
  readonly path: string;
  readonly faults: string[];
}

async function buildScreens(): Promise<void> {
  const deno = `${repository}/node_modules/.bin/deno`;
  await mustRun([deno, "run", "-A", "--quiet", "dev/build.ts"], { cwd: repository });
}

/** Odoo, agent and people are ready, the first terminal is approved; returns its id in Odoo. */
async function openBranch(
  stage: Stage,
  branch: Branch,
  { play, place: { zone } }: Script,
  terminal: Terminal,
): Promise<number> {
  await step("Starting Odoo", () => stage.odoo.start(), () => stage.odoo.url);
  await step("Company, logins and employees", async () => {
    await branch.logIn();
    await branch.settle(play.people);
  }, () => `${play.people.length} employees, zone ${zone}`);
  await step("Pairing the edge agent: code, fingerprint, the administrator's yes", async () => {
    return await branch.pair();
  }, ({ fingerprint }) => `fingerprint ${fingerprint}`);
  await step(
    "Starting the edge agent",
    () => stage.agent.start(),
    () => `terminals' port ${stage.agent.devicePort}`,
  );
  terminal.start();
  onExit(() => terminal.stop());
  return await step(
    "A terminal calls, waits in Odoo and is approved",
    () => branch.approveDevice(SERIAL, until),
    () => SERIAL,
  );
}

/** A play and where it is played. `today`: what of it is of today; none with an export of long ago. */
interface Script {
  readonly play: Play;
  readonly place: Place;
  readonly today: Today | null;
}

function writeScript(attlogPlay: Play | null, place: Place): Script {
  // A real export is of a week that began on Monday.
  if (attlogPlay !== null) {
    return { play: attlogPlay, place: { ...place, firstWeekday: 0 }, today: null };
  }
  const play = weekPlay(place.today);
  const today = layToday(place.today, play.people.map(({ pin }) => pin));
  return { play, place, today };
}

/** The terminal that has trouble, approved and with its address: the stories' alone. */
interface Second {
  readonly gate: Gate;
  readonly gateDevice: number;
  readonly fleet: FleetStory;
}

async function openSecond(stage: Stage, branch: Branch, { play, place }: Script): Promise<Second> {
  const gate = new Gate({
    serial: GATE_SERIAL,
    devicePort: stage.agent.devicePort,
    people: play.people.slice(0, GATE_PEOPLE),
    utcOffsetMinutes: place.utcOffsetMinutes,
  });
  await gate.start();
  onExit(() => gate.stop());
  const gateDevice = await step(
    "A second terminal calls, waits in Odoo and is approved",
    () => branch.approveDevice(GATE_SERIAL, until),
    () => GATE_SERIAL,
  );
  const fleet = new FleetStory(gate, gateDevice, branch, until);
  await fleet.plan();
  return { gate, gateDevice, fleet };
}

async function playThrough(stage: Stage, script: Script): Promise<Outcome> {
  const { play, place, today } = script;
  const branch = new Branch(stage.odoo, stage.agent, place);
  const terminal = terminalFor(stage.agent.devicePort, play.people);
  const device = await openBranch(stage, branch, script, terminal);
  const second = today === null ? null : await openSecond(stage, branch, script);
  if (today !== null) {
    await step("An administrator says since when the first terminal has stood there", async () => {
      await branch.statesService(device, midnightAt(place, play.expected.firstDay), until);
    }, () => play.expected.firstDay);
  }
  await step("Mapping PINs to employees", () => branch.mapPins(device), (count) => `${count} PINs`);
  await uploadAll(branch, device, terminal, play);
  const expected = today === null
    ? play.expected
    : await playToday(branch, device, terminal, play, today);
  const period = { from: play.expected.firstDay, to: play.expected.lastDay };
  const file = await step("Computing days and exporting payroll", async () => {
    return await exportPayroll(await branch.as("payroll"), period, until, say);
  }, ({ lines, employees }) => `${lines} lines, ${employees} employees`);
  const told: string[] = [];
  if (second !== null) {
    await second.fleet.tell();
    told.push(...second.fleet.faults);
    told.push(...await tellPeople({ device, ...second }, play.people, branch, until));
    told.push(...await tellReview(branch, period));
  }
  if (today !== null) told.push(...await tellToday(branch, place, today));
  const counts = await countInOdoo(branch.admin, device);
  if (second !== null) told.push(...await tellCompany(branch, script, second, period.from));
  const path = `${repository}/dist/${file.name}`;
  await Deno.mkdir(`${repository}/dist`, { recursive: true });
  await Deno.writeTextFile(path, file.text);
  const faults = [
    ...compare(expected, counts),
    ...await fileFaults(branch, play, file),
    ...told,
  ];
  return { expected, counts, file, path, faults };
}

async function tellToday(branch: Branch, place: Place, today: Today): Promise<string[]> {
  return await step(
    `Today at the branch, ${HOUR} o'clock in ${place.zone}`,
    async () => compareToday(await branch.as("officer"), branch, today),
    standingsText,
  );
}

/** Time accounts, payroll's settings, a terminal tried and a release offered. */
async function tellCompany(
  branch: Branch,
  { play, place }: Script,
  second: Second,
  firstDay: string,
): Promise<string[]> {
  const [first = YARDSTICK] = play.people;
  const banked = await tellBank(branch, first, place);
  const paid = await tellPayroll(branch, firstDay);
  // Whom the HR officer wrote to it before.
  const tester = play.people[GATE_PEOPLE]?.name;
  if (tester === undefined) throw new Error("the week has more people than the second terminal");
  const company = new Company(Date.now());
  return [...banked, ...paid, ...await tellCare({ ...second, tester, company }, branch, until)];
}

async function uploadAll(
  branch: Branch,
  device: number,
  terminal: Terminal,
  play: Play,
): Promise<void> {
  await step(`Uploading ${play.title}`, async () => {
    terminal.record(...play.records);
    await uploaded(terminal, say);
  }, () => `${play.records.length} lines in ${terminal.counters.uploads} uploads`);
  await step("Delivery from the agent's queue to Odoo", async () => {
    await delivered(branch.admin, device, play.expected, say);
  }, () => `${play.expected.punches} punches, ${play.expected.unreadable} unreadable lines`);
  await step("The terminal sends everything again, as after a re-registration", async () => {
    terminal.forgetAcknowledgements();
    await uploaded(terminal, say);
  }, () => "nothing may change");
}

/** Everything that Odoo must hold in the end. */
async function playToday(
  branch: Branch,
  device: number,
  terminal: Terminal,
  play: Play,
  today: Today,
): Promise<RecordCount> {
  const expected = countRecords([...play.records, ...today.records]);
  await step("Today: an HR officer makes the roster, people come to work", async () => {
    await makeRoster(await branch.as("officer"), branch, today);
    terminal.record(...today.records);
    await uploaded(terminal, say);
    await delivered(branch.admin, device, expected, say);
  }, () => `${today.people.length} people, ${today.records.length} punches`);
  await step(
    "Two people swap shifts of the coming days",
    () => askSwap(branch, today.date),
    () => "it waits for the approver's yes",
  );
  return expected;
}

/** The file against the days in Odoo, and the yardstick against arithmetic by hand. */
async function fileFaults(branch: Branch, play: Play, file: PayrollFile): Promise<string[]> {
  const faults: string[] = [];
  if (file.lines === 0) faults.push("the payroll file has no line");
  if (!play.measured) return faults;
  const days = await daysOf(branch.admin, branch.employees.get(YARDSTICK.pin) ?? 0);
  const exact = days.filter((day) => day["worked_minutes"] === YARDSTICK.minutes);
  if (exact.length !== YARDSTICK.days) {
    faults.push(
      `${YARDSTICK.name} worked ${YARDSTICK.days} days of ${YARDSTICK.minutes} minutes; ` +
        `Odoo computed ${JSON.stringify(days)}`,
    );
  }
  return faults;
}

const HEAD_LINES = 12;

function showOutcome({ expected, counts, file, path }: Outcome): void {
  const { read, punches, repeated, unreadable, people } = expected;
  console.log(`
Terminal:  ${read} lines read, ${people} people: ${punches} punches, ${repeated} repeated, ${unreadable} unreadable
Odoo:      ${counts.punches} punches stored, ${counts.rejects} rejects, ${counts.sightings} sightings
Days:      ${Object.entries(counts.days).map(([status, n]) => `${n} ${status}`).join(", ")}
Payroll:   ${path}
           ${file.lines} lines, ${file.employees} employees, ${file.minutes} minutes, sha256 ${file.sha256}
`);
  const lines = file.text.split("\n");
  console.log(lines.slice(0, HEAD_LINES).map((line) => `  ${line}`).join("\n"));
  if (lines.length > HEAD_LINES) console.log(`  … ${lines.length - HEAD_LINES} more lines`);
}

async function demo(): Promise<number> {
  if (Deno.args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const options = readOptions(Deno.args);
  if (options.odooPort !== undefined) needPort(options.odooPort, "--port");
  if (options.devicePort !== undefined) needPort(options.devicePort, "--device-port");
  const started = performance.now();
  const attlogPlay = options.attlog ? await exportPlay(options.attlog) : null;
  const script = writeScript(attlogPlay, placeAt(new Date()));
  await step("Odoo 19", findOdoo, ({ version }) => version);
  await step("PostgreSQL", openPostgres, ({ host }) => host);
  await step("Building the screens", buildScreens);
  const stage = await step("A database with the addon", () => prepareStage(options));
  const outcome = await playThrough(stage, script);
  showOutcome(outcome);
  for (const fault of outcome.faults) console.error(`WRONG: ${fault}`);
  const folder = options.keep;
  if (folder !== null) await step(`Keeping the branch in ${folder}`, () => keep(stage, folder));
  console.log(`\nDone in ${seconds(performance.now() - started)}`);
  if (!options.once) {
    showLogins(stage, script.today === null);
    await new Promise(() => {});
  }
  return outcome.faults.length === 0 ? 0 : 1;
}

await main(demo);
