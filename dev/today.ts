// Owns: what a branch of 40 people has planned for today and what its terminal has seen of it until the
// early afternoon: who is at work, late, missing, done, still to come or off. The same plan and the same
// minutes at every start. Pure. Must not know: Odoo.

import { Dice } from "../tests/sim/dice.ts";
import type { TerminalRecord } from "../tests/sim/push/records.ts";
import { HOUR } from "./place.ts";

export interface PlannedShift {
  readonly name: string;
  readonly code: string;
  /** Hours of the day. */
  readonly start: number;
  readonly end: number;
  readonly breakFrom?: number;
  readonly breakTo?: number;
}

/** A check-out may come up to six hours after a shift's end: the early one is over and judged by 13:00. */
export const SHIFTS = {
  early: { name: "Early", code: "E", start: 3, end: 7 },
  day: { name: "Day", code: "D", start: 8, end: 17, breakFrom: 12, breakTo: 13 },
  evening: { name: "Evening", code: "V", start: 15.5, end: 22 },
} as const satisfies Record<string, PlannedShift>;

/** How somebody stands in the early afternoon. */
export type Standing =
  | "at work"
  | "late, at work"
  | "not yet here"
  | "done"
  | "absent"
  | "due later"
  | "off";

interface Part {
  readonly standing: Standing;
  readonly shift: keyof typeof SHIFTS | null;
  readonly count: number;
}

/** In the order of the people. The last is the yardstick, who is off. */
const PARTS: readonly Part[] = [
  { standing: "at work", shift: "day", count: 20 },
  { standing: "late, at work", shift: "day", count: 3 },
  { standing: "not yet here", shift: "day", count: 2 },
  { standing: "done", shift: "early", count: 6 },
  { standing: "absent", shift: "early", count: 2 },
  { standing: "due later", shift: "evening", count: 4 },
  { standing: "off", shift: null, count: 3 },
];

const SEED = 22;
const MINUTE = 60;
const IN = "0";
const OUT = "1";
const SHARE_WITH_LUNCH_PUNCHED = 0.5;

export interface PlannedPerson {
  readonly pin: string;
  readonly standing: Standing;
  /** Null: a day off. */
  readonly shift: keyof typeof SHIFTS | null;
}

export interface Today {
  readonly date: string;
  readonly people: readonly PlannedPerson[];
  /** In the order the terminal stored them. */
  readonly records: readonly TerminalRecord[];
}

/** Today of these people, 40 of them. Nothing is recorded after the hour at which a play begins. */
export function layToday(date: string, pins: readonly string[]): Today {
  const parts = PARTS.flatMap((part) => Array.from({ length: part.count }, () => part));
  if (parts.length !== pins.length) {
    throw new RangeError(`the plan is for ${parts.length} people, not for ${pins.length}`);
  }
  const dice = new Dice(SEED);
  const people = parts.map(({ standing, shift }, at) => ({ pin: pins[at] ?? "", standing, shift }));
  const records = people.flatMap(({ pin, standing }) =>
    punches(standing, dice).map(([second, status]) => ({
      pin,
      time: `${date} ${clock(second)}`,
      status,
      verify: "1",
      workCode: "0",
    }))
  );
  records.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
  return { date, people, records };
}

/** How many stand how, in the order of the plan. */
export function countStandings(): ReadonlyMap<Standing, number> {
  return new Map(PARTS.map(({ standing, count }) => [standing, count]));
}

type Tap = readonly [second: number, status: string];

function punches(standing: Standing, dice: Dice): Tap[] {
  const about = (hour: number, from: number, to: number) =>
    hour * 60 * MINUTE + dice.between(from * MINUTE, to * MINUTE);
  switch (standing) {
    case "at work": {
      const came: Tap = [about(SHIFTS.day.start, -20, -1), IN];
      if (!dice.chance(SHARE_WITH_LUNCH_PUNCHED)) return [came];
      const left: Tap = [about(SHIFTS.day.breakFrom, 0, 9), OUT];
      return [came, left, [about(SHIFTS.day.breakTo, -9, -1), IN]];
    }
    case "late, at work":
      return [[about(SHIFTS.day.start, 35, 95), IN]];
    case "done":
      return [[about(SHIFTS.early.start, -12, -1), IN], [about(SHIFTS.early.end, 1, 14), OUT]];
    default:
      return [];
  }
}

function clock(second: number): string {
  if (second >= HOUR * 60 * MINUTE) throw new RangeError("recorded after the play has begun");
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(second / 3600)}:${two((second % 3600) / 60)}:${two(second % 60)}`;
}
