// Owns: playing a week (or a real export) through a simulated terminal: who the people are, what was
// recorded, uploading with progress, waiting until Odoo has it and has computed it. Must not know: how
// the stage was brought up.

import {
  countRecords,
  readExportFile,
  type RecordCount,
  type TerminalRecord,
} from "../tests/sim/push/records.ts";
import { Terminal } from "../tests/sim/push/terminal.ts";
import { dayAfter, seededWeek } from "../tests/sim/push/week.ts";
import type { Person } from "./branch.ts";
import type { OdooClient } from "./odoo_client.ts";
import { Trouble } from "./trouble.ts";

export const SERIAL = "DEMO201960996";
/** One person without habits: eight hours a day, by hand. Whatever else is odd, these must be exact. */
export const YARDSTICK = { pin: "900", name: "Yara Stick", minutes: 480, days: 5 } as const;
const YARDSTICK_TIMES = ["08:00:00", "12:00:00", "13:00:00", "17:00:00"];
const SEED = 19;
const WEEK_PEOPLE = 40;

export interface Play {
  readonly title: string;
  readonly people: readonly Person[];
  readonly records: readonly TerminalRecord[];
  readonly expected: RecordCount;
  /** Whether the yardstick is among the people. */
  readonly measured: boolean;
}

function yardstickRecords(days: readonly string[]): TerminalRecord[] {
  return days.slice(0, YARDSTICK.days).flatMap((day) =>
    YARDSTICK_TIMES.map((time, index) => ({
      pin: YARDSTICK.pin,
      time: `${day} ${time}`,
      status: String(index % 2),
      verify: "1",
      workCode: "0",
    }))
  );
}

/** The seeded week of 40 people before a date, the yardstick among them. */
export function weekPlay(today: string, people = WEEK_PEOPLE): Play {
  const week = seededWeek({ seed: SEED, monday: dayAfter(today, -7), people: people - 1 });
  const records = [...week.records, ...yardstickRecords(week.days)];
  return {
    title: `the week of ${week.days[0]} of ${people} people`,
    people: [...week.users, YARDSTICK],
    records,
    expected: countRecords(records),
    measured: true,
  };
}

/** A real terminal's USB export (`attlog.dat`, also gzip-packed). */
export async function exportPlay(path: string): Promise<Play> {
  let records: TerminalRecord[];
  try {
    records = await readExportFile(path);
  } catch (error) {
    throw new Trouble(`The export ${path} cannot be read: ${(error as Error).message}`);
  }
  const expected = countRecords(records);
  if (expected.punches === 0) throw new Trouble(`${path} holds no punch of a terminal's export.`);
  const pins = new Set(records.map(({ pin }) => pin).filter((pin) => pin !== ""));
  const people = [...pins].sort().map((pin) => ({ pin, name: `Employee ${pin}` }));
  return { title: path, people, records, expected, measured: false };
}

export function terminalFor(port: number, people: readonly Person[]): Terminal {
  const terminal = new Terminal({
    host: "127.0.0.1",
    port,
    serial: SERIAL,
    pollMs: 500,
    errorMs: 500,
  });
  terminal.enrol(...people);
  return terminal;
}

/** Calls `say` at most once a second with what `ask` finds, until `done`. */
async function watch(
  done: () => Promise<string | null> | string | null,
  say: (line: string) => void,
  patienceMs: number,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let last = "";
  for (;;) {
    const line = await done();
    if (line === null) return;
    if (line !== last) say(line);
    last = line;
    if (performance.now() > deadline) throw new Trouble(`No progress any more: ${line}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const PATIENCE_MS = 600_000;

/** Until the terminal has every record acknowledged. */
export async function uploaded(terminal: Terminal, say: (line: string) => void): Promise<void> {
  await watch(
    () => {
      const total = terminal.stored.length;
      return terminal.pending === 0 ? null : `uploaded ${terminal.acknowledged} of ${total}`;
    },
    say,
    PATIENCE_MS,
  );
}

/** Until Odoo holds every punch and line of the terminal. */
export async function delivered(
  client: OdooClient,
  device: number,
  expected: RecordCount,
  say: (line: string) => void,
): Promise<void> {
  const total = expected.punches + expected.unreadable;
  await watch(
    async () => {
      const held = await client.count("biometric.sighting", [["device_id", "=", device]]);
      return held >= total ? null : `delivered ${held} of ${total}`;
    },
    say,
    PATIENCE_MS,
  );
}
