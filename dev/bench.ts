/**
 * npm run bench [-- ingest | deep] [--ms N] [--long] [--write]; npm run bench -- erpnext [--punches N];
 * npm run bench -- size [--agents N] [--people N] [--days N] [--only SCREEN,SCREEN];
 * npm run bench -- speed [--only PART,PART] [--scale S] [--minutes N] [--ms N] [--write]
 * Measures the agent and prints tables: `ingest` the device port beside its floor, `deep` the queue when it is deep,
 * both without a word. `--write` puts them into tests/bench/README.md between their marks. `--ms`: milliseconds per
 * cell and server (default 2,000). `--long`: also a queue of 5,000,000 rows filled through the queue (many minutes).
 * Ends with 1 when the agent takes more memory than it may. `erpnext`: delivery to an ERPNext site alone, of 2,000
 * punches. `size`: screens of Odoo over a company of 5,000 people, 3,000 terminals and 31 days (many minutes).
 * `speed`: every goal of speed beside the floor of the same run, in one table; parts: agent, punch, rush, days, many,
 * screens, month. `--scale 0.05`: a twentieth of the people, agents and punches a second; `--minutes`: of the rush.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Depth, measureDepth, measureStartUp, type StartUp } from "../tests/bench/depth.ts";
import { measureSite } from "../tests/bench/erpnext.ts";
import {
  type Cell,
  type IngestResult,
  measureIngest,
  PINNED_DEVICES,
} from "../tests/bench/ingest.ts";
import { type Goal, goalsOf, MEMORY_GOAL } from "../tests/bench/goals.ts";
import { FULL, measureScreens, screensNamed, screensTable } from "../tests/bench/screens.ts";
import {
  HEAD,
  isGood as isGoodSpeed,
  measureSpeed,
  partsOf,
  type Row,
  rowText,
} from "../tests/bench/speed.ts";
import { main } from "./trouble.ts";

const README = join(dirname(fileURLToPath(import.meta.url)), "../tests/bench/README.md");
const mark = (part: string, end: "begin" | "end") => `<!-- ${part} figures: ${end} -->`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    punches: { type: "string", default: "2000" },
    ms: { type: "string", default: "2000" },
    agents: { type: "string", default: String(FULL.agents) },
    people: { type: "string", default: String(FULL.people) },
    days: { type: "string", default: String(FULL.days) },
    minutes: { type: "string", default: "5" },
    only: { type: "string" },
    scale: { type: "string", default: "1" },
    long: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

function number(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function cellRow(cell: Cell): string {
  const { devices, lines, floor, agent, keylessPerSecond, rssMb } = cell;
  const columns = [
    devices,
    number(lines),
    number(floor.punchesPerSecond),
    number(keylessPerSecond),
    number(agent.punchesPerSecond),
    percent(agent.punchesPerSecond / floor.punchesPerSecond),
    number(floor.p99),
    number(agent.p50),
    number(agent.p99),
    floor.cpuMicros.toFixed(0),
    agent.cpuMicros.toFixed(0),
    (agent.cpuMicros / floor.cpuMicros).toFixed(2),
    rssMb,
  ];
  return `| ${columns.join(" | ")} |`;
}

function depthRow(depth: Depth): string {
  const columns = [
    number(depth.rows),
    number(depth.pending),
    number(depth.fillPerSecond),
    depth.bytesPerPunch,
    number(depth.queueStartMs),
    number(depth.processReadyMs),
    depth.rssMb,
    number(depth.drainPerSecond),
  ];
  return `| ${columns.join(" | ")} |`;
}

function measuredOn(): string {
  const [load] = Deno.loadavg();
  return `Measured ${new Date().toISOString().slice(0, 10)} with Deno ${Deno.version.deno} on ` +
    `${navigator.hardwareConcurrency} cores (${Deno.build.arch}), load average at the end ` +
    `${load?.toFixed(1)}, \`npm run bench -- ${Deno.args.join(" ")}\`.`;
}

function ingestReport({ cells, idleMb, pinned }: IngestResult, goals: readonly Goal[]): string {
  const quick = cells.filter(({ agent, floor }) =>
    agent.punchesPerSecond >= 0.6 * floor.punchesPerSecond
  );
  return [
    measuredOn(),
    "",
    "| devices | lines a request | floor, punches/s | floor without key | agent, punches/s | agent : floor | floor p99 ms | agent p50 ms | agent p99 ms | floor CPU µs/punch | agent CPU µs/punch | CPU agent : floor | agent RSS MB, most |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ...cells.map(cellRow),
    "",
    `${quick.length} of ${cells.length} cells at or above 60 % of the floor by punches a second. The agent's process ` +
    `takes ${idleMb} MB idle. On one core, ${PINNED_DEVICES} terminals with one line a request: p99 ` +
    `${number(pinned.agent.p99)} ms, floor ${number(pinned.floor.p99)} ms; processor ` +
    `${pinned.agent.cpuMicros.toFixed(0)} and ${pinned.floor.cpuMicros.toFixed(0)} µs a punch.`,
    "",
    "| goal | measured | met |",
    "|---|---|---|",
    ...goals.map(({ says, measured, met }) => `| ${says} | ${measured} | ${met ? "yes" : "no"} |`),
  ].join("\n");
}

function deepReport(depths: readonly Depth[], startUp: StartUp): string {
  return [
    measuredOn(),
    "",
    "| rows | not delivered | fill, punches/s | bytes a punch | queue start ms | process ready ms | RSS MB | drain, punches/s |",
    "|---|---|---|---|---|---|---|---|",
    ...depths.map(depthRow),
    "",
    `Start-up with ${number(startUp.rows)} rows, ${
      number(startUp.pending)
    } of them not delivered ` +
    `(${number(startUp.megabytes)} MB): queue ${number(startUp.queueStartMs)} ms, process ready ` +
    `${number(startUp.processReadyMs)} ms, ${startUp.rssMb} MB resident.`,
  ].join("\n");
}

/** Prints, and writes where it was asked for. */
function tell(part: string, text: string): void {
  console.log(text);
  if (values.write) write(part, text);
}

function write(part: string, text: string): void {
  const readme = Deno.readTextFileSync(README);
  const [before, rest] = readme.split(mark(part, "begin"));
  const after = rest?.split(mark(part, "end"))[1];
  if (before === undefined || after === undefined) throw new Error(`${README} has lost its marks`);
  const block = `${mark(part, "begin")}\n\n${text}\n\n${mark(part, "end")}`;
  Deno.writeTextFileSync(README, `${before}${block}${after}`);
  // Tables are written as the house lays them out.
  new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", README] }).outputSync();
}

function positive(name: "minutes" | "ms" | "scale"): number {
  const value = Number(values[name]);
  if (value > 0) return value;
  throw new Error(`--${name} is a number above 0`);
}

/** Every goal in one run; after each part its rows are said, and all so far written where asked for. */
async function speed(): Promise<boolean> {
  const parts = partsOf(values.only);
  const load = (): string => Deno.loadavg()[0]?.toFixed(1) ?? "";
  const [began, before] = [performance.now(), load()];
  const asked = { scale: positive("scale"), minutes: positive("minutes"), ms: positive("ms") };
  const text = (rows: readonly Row[]): string => {
    const minutes = Math.round((performance.now() - began) / 60_000);
    return [
      `${measuredOn()} Load average at the beginning ${before}; ${minutes} minutes in all.`,
      "",
      HEAD,
      ...rows.map(rowText),
    ].join("\n");
  };
  let said = 0;
  const rows = await measureSpeed(parts, asked, (rows) => {
    console.log(rows.slice(said).map(rowText).join("\n"));
    said = rows.length;
    if (values.write) write("speed", text(rows));
  });
  console.log(`\n${text(rows)}`);
  return isGoodSpeed(rows);
}

/** False when a goal that must be met was missed. */
async function ingest(): Promise<boolean> {
  const found = await measureIngest({
    msPerCell: Number(values.ms),
    onCell: (cell) => console.log(cellRow(cell)),
  });
  const goals = goalsOf(found);
  tell("agent", ingestReport(found, goals));
  const memory = goals.find(({ says }) => says === MEMORY_GOAL);
  if (memory?.met === true) return true;
  console.error(`the agent takes more memory than it may: ${memory?.measured}`);
  return false;
}

async function deep(): Promise<void> {
  const depths = [await measureDepth(1_000_000, 1_000_000)];
  const startUp = await measureStartUp(5_000_000, 200_000);
  if (values.long) depths.push(await measureDepth(5_000_000, 200_000));
  tell("deep queue", deepReport(depths, startUp));
}

if (positionals[0] === "erpnext") {
  for (
    const [name, loses] of [["sound line", 0], ["one request in twelve broken", 1 / 12]] as const
  ) {
    const found = await measureSite(Number(values.punches), loses);
    console.log(`${name}: ${JSON.stringify(found)}`);
  }
  Deno.exit(0);
}
if (positionals[0] === "size") {
  await main(async () => {
    const [agents, people, days] = [values.agents, values.people, values.days].map(Number);
    const size = { agents: agents!, people: people!, days: days! };
    console.log(screensTable(await measureScreens(size, screensNamed(values.only))));
    return 0;
  });
}
if (positionals[0] === "speed" && positionals.length === 1) {
  await main(async () => await speed() ? 0 : 1);
}
const [part] = positionals;
if (positionals.length > 1 || part !== undefined && part !== "ingest" && part !== "deep") {
  throw new Error(
    `there is no bench ${positionals.join(" ")}; there are ingest, deep, erpnext, size and speed`,
  );
}
const isGood = part === "deep" || await ingest();
if (part !== "ingest") await deep();
Deno.exit(isGood ? 0 : 1);
