/**
 * Every goal of speed in one run: parts one after the other, each beside the floor of the same run, one
 * table. Owns which parts there are, at which size, what each may take, and how a row reads. Must not know
 * how anything is measured: each part asks the bench of its own.
 */
import { measureDays, measureEngine } from "./days.ts";
import { goalsOf, MEMORY_GOAL, nameOf, ratioOf } from "./goals.ts";
import { measureIngest } from "./ingest.ts";
import { measureSingle } from "./odoo.ts";
import { measureRush } from "./odoo_rush.ts";
import type { Spent } from "./odoo_stage.ts";
import { measurePeriod } from "./period.ts";
import { FULL, isMet, measureScreens, MOST_REQUESTS, type Opened } from "./screens.ts";

export interface Row {
  readonly what: string;
  /** The same of the floor in the same run; empty: it has none. */
  readonly floor: string;
  readonly measured: string;
  readonly goal: string;
  /** null: said, without a goal. */
  readonly met: boolean | null;
  /** The bench must not end well when it is missed. */
  readonly must?: boolean;
}

export interface Asked {
  /** Of people, agents and punches a second in the goals; 1: the size they are about. */
  readonly scale: number;
  /** Of the morning rush. */
  readonly minutes: number;
  /** Milliseconds a cell of the agent, and server. */
  readonly ms: number;
}

type Part = (asked: Asked) => Promise<Row[]>;

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-GB", { maximumFractionDigits: digits, minimumFractionDigits: digits });
const scaled = (count: number, { scale }: Asked, least: number): number =>
  Math.max(least, Math.round(count * scale));

const SINGLE_MS = 8;
const RUSH = { agents: 1000, rate: 100, p50Ms: 2000, p99Ms: 10_000 };
const MONTH = 31;
/** Employee-days a second of processor: pure, and in Odoo. */
const ENGINE_A_SECOND = 10_000;
const DAYS_A_SECOND = 5_000;
/** Seconds of Odoo's processor for 31,000 days that did not change. */
const UNCHANGED = { seconds: 1.5, days: 31_000 };
/** Seconds in all for 310,000 days. */
const MANY = { people: 10_000, seconds: 70, days: 310_000 };
const PROJECTION = { ms: 0.6, queries: 50 };
/** Seconds for 48,000 rows of the roster. */
const ROSTER = { rows: 48_000, seconds: 60 };
/** Seconds for a month of 1,000 people: gate, lock and file. */
const CLOSE = { people: 1000, seconds: 20 };

async function agent({ ms }: Asked): Promise<Row[]> {
  const found = await measureIngest({ msPerCell: ms, onCell: () => {} });
  const cells = found.cells.map((cell): Row => {
    const { ratio, goal, met } = ratioOf(cell);
    return {
      what: `agent, ${nameOf(cell)}: processor a punch`,
      floor: `${number(cell.floor.cpuMicros)} µs`,
      measured: `${number(cell.agent.cpuMicros)} µs, ${number(ratio, 2)} times`,
      goal: goal === null ? "" : `${goal} times`,
      met,
    };
  });
  const [, ...others] = goalsOf(found);
  return [
    ...cells,
    ...others.map(({ says, floor, measured, met }): Row => ({
      what: "agent",
      floor,
      measured,
      goal: says,
      met,
      ...(says === MEMORY_GOAL ? { must: true } : {}),
    })),
  ];
}

async function punch(): Promise<Row[]> {
  const { punch, nothing } = await measureSingle();
  const { workers, postgresql } = punch.of_it;
  return [{
    what: "one punch of a known person, one request in Odoo: processor",
    floor: `${number(nothing.cpu_ms_a_request, 1)} ms, a route that does nothing`,
    measured: `${number(punch.cpu_ms_a_request, 1)} ms: Odoo ${number(workers, 1)}, PostgreSQL ` +
      `${number(postgresql, 1)}; answered in ${number(punch.p50_ms, 1)} ms (p50)`,
    goal: `${SINGLE_MS} ms`,
    met: punch.cpu_ms_a_request <= SINGLE_MS,
  }];
}

async function rush(asked: Asked): Promise<Row[]> {
  const size = {
    agents: scaled(RUSH.agents, asked, 20),
    rate: scaled(RUSH.rate, asked, 2),
    seconds: Math.round(60 * asked.minutes),
  };
  const { idle, rush } = await measureRush(size);
  const of = `${number(size.agents)} agents, ${number(rush.punches_a_second, 1)} single punches/s`;
  const floor = `${number(idle.nothing_p50_ms, 1)} ms a route that does nothing, ` +
    `${number(idle.p50_ms, 1)} ms a punch alone (p50)`;
  const isWhole = rush.errors === 0;
  const failed = isWhole ? "" : `, ${rush.errors} requests failed`;
  return [
    {
      what: `${of}: acknowledged to visible, p50`,
      floor,
      measured: `${number(rush.visible_p50_ms)} ms${failed}`,
      goal: `${number(RUSH.p50Ms)} ms`,
      met: isWhole && rush.visible_p50_ms <= RUSH.p50Ms,
    },
    {
      what: `${of}: p99`,
      floor,
      measured: `${number(rush.visible_p99_ms)} ms; ${number(rush.cpu_ms_a_request, 1)} ms of ` +
        `processor a request with days, ${number(rush.busy_cores, 2)} cores busy`,
      goal: `${number(RUSH.p99Ms)} ms`,
      met: isWhole && rush.visible_p99_ms <= RUSH.p99Ms,
    },
  ];
}

const seconds = ({ seconds, cpu, base_cpu }: Spent): string =>
  `${number(cpu, 1)} s of Odoo's processor, ${number(base_cpu, 1)} of PostgreSQL's, ` +
  `${number(seconds, 1)} in all`;

async function days(asked: Asked): Promise<Row[]> {
  const engine = await measureEngine();
  const found = await measureDays({ employees: scaled(1000, asked, 20) });
  const [first, again] = [found.of("days, first time"), found.of("days again, nothing changed")];
  const [plain, shown] = [
    found.of("plain create without overtime rules"),
    found.of("projection of the same month"),
  ];
  const perSecond = first.count / first.cpu;
  const may = UNCHANGED.seconds * first.count / UNCHANGED.days;
  const ms = 1000 * shown.cpu / shown.count;
  const queries = 1000 * shown.queries / shown.count;
  return [
    {
      what: "engine alone, employee-days a processor second",
      floor: "",
      measured: number(engine.perSecond),
      goal: number(ENGINE_A_SECOND),
      met: engine.perSecond >= ENGINE_A_SECOND,
    },
    {
      what: `${number(first.count)} days in Odoo, first time: a processor second`,
      floor: `${number(engine.perSecond)}, the engine alone`,
      measured: `${number(perSecond)}: ${seconds(first)}`,
      goal: number(DAYS_A_SECOND),
      met: perSecond >= DAYS_A_SECOND,
    },
    {
      what: `${number(again.count)} days again, nothing changed`,
      floor: `${number(first.count / engine.perSecond, 1)} s, computing them by the engine alone`,
      measured: seconds(again),
      goal: `${number(may, 2)} s of Odoo's processor`,
      met: again.cpu <= may,
    },
    {
      what: `${number(shown.count)} attendances shown in Odoo: processor each`,
      floor: `${number(1000 * plain.cpu / plain.count, 2)} ms, Odoo's own create`,
      measured: `${number(ms, 2)} ms`,
      goal: `${PROJECTION.ms} ms`,
      met: ms <= PROJECTION.ms,
    },
    {
      what: `${number(shown.count)} attendances shown in Odoo: queries for 1,000`,
      floor: `${number(1000 * plain.queries / plain.count)}, Odoo's own create`,
      measured: number(queries, 1),
      goal: String(PROJECTION.queries),
      met: queries <= PROJECTION.queries,
    },
  ];
}

async function many(asked: Asked): Promise<Row[]> {
  const engine = await measureEngine();
  const employees = scaled(MANY.people, asked, 50);
  const found = await measureDays({ employees, isAlone: true });
  const first = found.of<{ most_mb: number }>("days, first time");
  const again = found.of("days again, nothing changed");
  const may = MANY.seconds * first.count / MANY.days;
  const floor = `${number(first.count / engine.perSecond, 1)} s, the engine alone`;
  return [
    {
      what: `${number(employees)} people × ${MONTH} days, first time`,
      floor,
      measured: `${number(first.seconds, 1)} s; ${seconds(first)}; at most ${first.most_mb} MB`,
      goal: `${number(may, 1)} s`,
      met: first.seconds <= may,
    },
    {
      what: `${number(employees)} people × ${MONTH} days again, nothing changed`,
      floor,
      measured: seconds(again),
      goal: "",
      met: null,
    },
  ];
}

function screenRow(opened: Opened, floorMs: number): Row {
  const { name, judgedMs, medianMs, shownMs, longestMs, requests, goalMs } = opened;
  return {
    what: `screen: ${name}`,
    floor: `${number(floorMs)} ms, Odoo's own list of employees`,
    measured:
      `${number(judgedMs)} ms (shown ${number(shownMs)}, all answers ${number(medianMs)}, ` +
      `longest ${number(longestMs)}), ${requests} requests`,
    goal: goalMs === null ? "" : `${number(goalMs)} ms, ${MOST_REQUESTS} requests`,
    met: isMet(opened),
  };
}

async function screens(asked: Asked): Promise<Row[]> {
  const agents = scaled(FULL.agents, asked, 20);
  const people = scaled(FULL.people, asked, 200);
  const { laid, screens } = await measureScreens({ agents, people, days: FULL.days });
  const [floor, ...ours] = screens;
  if (floor === undefined) throw new Error("no screen was opened");
  const roster = laid["roster"] as { count: number; seconds: number; queries: number };
  const may = ROSTER.seconds * roster.count / ROSTER.rows;
  return [
    ...ours.map((one) => screenRow(one, floor.medianMs)),
    {
      what: `${number(roster.count)} rows of the roster made at once`,
      floor: "",
      measured: `${number(roster.seconds, 1)} s, ${number(roster.queries)} queries`,
      goal: `${number(may, 1)} s`,
      met: roster.seconds <= may,
    },
  ];
}

async function month(asked: Asked): Promise<Row[]> {
  const people = scaled(CLOSE.people, asked, 20);
  const found = await measurePeriod(people);
  const closed = found.of<{ lines: number }>("gate, lock and file");
  const gate = found.of("gate with every day computed once more");
  const may = CLOSE.seconds * people / CLOSE.people;
  return [{
    what: `a month of ${number(people)} people closed: gate, lock and file`,
    floor: `${number(gate.seconds, 1)} s, its gate with every day computed once more`,
    measured:
      `${number(closed.seconds, 1)} s, ${number(closed.lines)} lines; ${seconds(closed)}; ` +
      `${number(closed.queries)} queries`,
    goal: `${number(may, 1)} s`,
    met: closed.seconds <= may,
  }];
}

/** In the order in which they run: what is most easily disturbed comes first. */
export const PARTS: Readonly<Record<string, Part>> = {
  agent,
  punch,
  rush,
  days,
  many,
  screens,
  month,
};

/** Parts by name, all where none is named; throws for a name that is none. */
export function partsOf(only: string | undefined): [string, Part][] {
  const names = only === undefined ? Object.keys(PARTS) : only.split(",");
  return names.map((name) => {
    const part = PARTS[name];
    if (part === undefined) {
      throw new Error(`there is no part ${name}; there are ${Object.keys(PARTS).join(", ")}`);
    }
    return [name, part];
  });
}

export function rowText({ what, floor, measured, goal, met }: Row): string {
  const said = met === null ? "" : met ? "yes" : "**no**";
  return `| ${[what, floor, measured, goal, said].join(" | ")} |`;
}

export const HEAD = "| what | floor of the same run | measured | goal | met |\n" +
  "|---|---|---|---|---|";

/** A part that could not be measured hides no other; it is told, and the run does not end well. */
async function measured(name: string, part: Part, asked: Asked): Promise<Row[]> {
  try {
    return await part(asked);
  } catch (error) {
    console.error(error);
    const [said = ""] = String(error).split("\n");
    const text = `not measured: ${said.replaceAll("|", "/")}`;
    return [{ what: name, floor: "", measured: text, goal: "", met: false, must: true }];
  }
}

/** Runs the parts one after the other; `onRows` gets all rows so far after each. */
export async function measureSpeed(
  parts: readonly [string, Part][],
  asked: Asked,
  onRows: (rows: readonly Row[]) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, part] of parts) {
    rows.push(...await measured(name, part, asked));
    onRows(rows);
  }
  return rows;
}

/** False when a row that must be met was missed, or a part could not be measured. */
export const isGood = (rows: readonly Row[]): boolean =>
  rows.every(({ must, met }) => must !== true || met === true);
