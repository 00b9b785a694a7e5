/**
 * npm run bench [-- --ms N] [--long] [--write]; npm run bench -- erpnext [--punches N]; npm run bench --
 * size [--agents N] [--people N] [--days N]
 * Measures the agent and prints a table; `--write` puts it into tests/bench/README.md between its
 * marks. `--ms`: milliseconds per cell and server (default 2,000). `--long`: also a queue of 5,000,000
 * rows filled through the queue (many minutes). `erpnext`: delivery to an ERPNext site alone, of 2,000 punches.
 * `size`: screens of Odoo over a company of 5,000 people, 3,000 terminals and 31 days (many minutes).
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Depth, measureDepth, measureStartUp, type StartUp } from "../tests/bench/depth.ts";
import { measureSite } from "../tests/bench/erpnext.ts";
import { type Cell, type IngestResult, measureIngest } from "../tests/bench/ingest.ts";
import { FULL, measureScreens, screensTable } from "../tests/bench/screens.ts";
import { main } from "./trouble.ts";

const README = join(dirname(fileURLToPath(import.meta.url)), "../tests/bench/README.md");
const BEGIN = "<!-- agent figures: begin -->";
const END = "<!-- agent figures: end -->";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    punches: { type: "string", default: "2000" },
    ms: { type: "string", default: "2000" },
    agents: { type: "string", default: String(FULL.agents) },
    people: { type: "string", default: String(FULL.people) },
    days: { type: "string", default: String(FULL.days) },
    long: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

function number(value: number): string {
  return Math.round(value).toLocaleString("en-GB");
}

function cellRow(cell: Cell): string {
  const { devices, lines, floor, agent, ratio, keylessPerSecond } = cell;
  const columns = [
    devices,
    number(lines),
    number(floor.punchesPerSecond),
    number(keylessPerSecond),
    number(agent.punchesPerSecond),
    `${Math.round(ratio * 100)} %`,
    number(floor.p99),
    number(agent.p50),
    number(agent.p99),
    floor.cpuMicros.toFixed(0),
    agent.cpuMicros.toFixed(0),
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

function report(ingest: IngestResult, depths: readonly Depth[], startUp: StartUp): string {
  const met = ingest.cells.filter((cell) => cell.ratio >= 0.6).length;
  const [load] = Deno.loadavg();
  return [
    `Measured ${new Date().toISOString().slice(0, 10)} with Deno ${Deno.version.deno} on ` +
    `${navigator.hardwareConcurrency} cores (${Deno.build.arch}), load average at the end ` +
    `${load?.toFixed(1)}, \`npm run bench -- ${Deno.args.join(" ")}\`.`,
    "",
    "| devices | lines a request | floor, punches/s | floor without key | agent, punches/s | agent : floor | floor p99 ms | agent p50 ms | agent p99 ms | floor CPU µs/punch | agent CPU µs/punch |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
    ...ingest.cells.map(cellRow),
    "",
    `${met} of ${ingest.cells.length} cells at or above 60 % of the floor. Resident memory of the ` +
    `agent's process: ${ingest.idleMb} MB idle, ${ingest.underLoadMb} MB under load.`,
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
    console.log(screensTable(await measureScreens(size)));
    return 0;
  });
}
if (positionals.length > 0) throw new Error(`there is no bench ${positionals.join(" ")}`);
const ingest = await measureIngest({
  msPerCell: Number(values.ms),
  onCell: (cell) => console.log(cellRow(cell)),
});
const depths = [await measureDepth(1_000_000, 1_000_000)];
const startUp = await measureStartUp(5_000_000, 200_000);
if (values.long) depths.push(await measureDepth(5_000_000, 200_000));
const text = report(ingest, depths, startUp);
console.log(text);
if (values.write) {
  const readme = Deno.readTextFileSync(README);
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${README} has lost its marks`);
  Deno.writeTextFileSync(README, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}
