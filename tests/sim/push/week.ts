// Owns: a made-up working week of a branch, the same for the same seed, with the habits that were
// counted in exports of real terminals: repeated taps, forgotten punches, the wrong key then the right
// one, lunches of two minutes, a power cut that sets the clock to the year 2000, a line of nonsense.
// Imports nothing of the agent.

import { Dice } from "../dice.ts";
import type { TerminalRecord } from "./records.ts";
import type { TerminalUser } from "./terminal.ts";

export interface WeekOptions {
  readonly seed: number;
  /** First day, YYYY-MM-DD; six days are worked, the sixth by some. */
  readonly monday: string;
  readonly people?: number;
}

export interface Week {
  readonly users: readonly TerminalUser[];
  /** In the order the terminal stored them. */
  readonly records: readonly TerminalRecord[];
  readonly days: readonly string[];
}

/** How often per punch or per person and day. The shares that come of them are tested. */
const HABITS = {
  tapsTwice: 0.03,
  forgetsOne: 0.14,
  wrongKeyAtLeaving: 0.04,
  shortLunch: 0.45,
  noLunchPunch: 0.15,
  away: 0.05,
  worksSaturday: 0.35,
} as const;

const DAYS = 6;
const SATURDAY = 5;
const HOUR = 3600;
const IN = "0";
const OUT = "1";
const VERIFY = ["1", "1", "1", "15", "15", "4"];
const GIVEN = ["Ada", "Ben", "Carla", "Dario", "Elif", "Femi", "Grace", "Hugo", "Ines", "Jonas"];
const FAMILY = ["Albrecht", "Bautista", "Castillo", "Dimaano"];
/** `7` and `007` are two people: some terminals keep PINs as text. */
const ODD_PINS = ["007", "0042"];

interface Tap {
  readonly second: number;
  readonly status: string;
}

/** Names are made up; PINs count from 1, two of them with leading zeros. */
export function branchPeople(count = 40): TerminalUser[] {
  return Array.from({ length: count }, (_, index) => {
    const odd = ODD_PINS[index - (count - ODD_PINS.length)];
    const family = FAMILY[Math.floor(index / GIVEN.length) % FAMILY.length];
    return { pin: odd ?? String(index + 1), name: `${GIVEN[index % GIVEN.length]} ${family}` };
  });
}

/** YYYY-MM-DD so many days later, or earlier. */
export function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function clock(second: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${two(second / HOUR)}:${two((second % HOUR) / 60)}:${two(second % 60)}`;
}

/** What the person means to punch: in, lunch, out. */
function intended(chance: Dice): Tap[] {
  const taps: Tap[] = [{ second: 8 * HOUR + chance.between(-1200, 900), status: IN }];
  if (!chance.chance(HABITS.noLunchPunch)) {
    const leave = 12 * HOUR + chance.between(-300, 600);
    const short = chance.chance(HABITS.shortLunch);
    const back = leave + (short ? chance.between(65, 200) : chance.between(2400, 3900));
    taps.push({ second: leave, status: OUT }, { second: back, status: IN });
  }
  taps.push({ second: 17 * HOUR + chance.between(-600, 5400), status: OUT });
  return taps;
}

/** What the terminal saw of it. */
function seen(chance: Dice, meant: readonly Tap[]): Tap[] {
  const taps = [...meant];
  if (chance.chance(HABITS.forgetsOne)) taps.splice(chance.between(0, taps.length - 1), 1);
  const last = taps.at(-1);
  if (last?.status === OUT && chance.chance(HABITS.wrongKeyAtLeaving)) {
    taps.splice(-1, 0, { second: last.second - chance.between(4, 40), status: IN });
  }
  const repeats = taps.filter(() => chance.chance(HABITS.tapsTwice));
  return [
    ...taps,
    ...repeats.map(({ second, status }) => ({ second: second + chance.between(1, 50), status })),
  ];
}

function workingDay(chance: Dice, pin: string, day: string): TerminalRecord[] {
  return seen(chance, intended(chance)).map(({ second, status }) => ({
    pin,
    time: `${day} ${clock(second)}`,
    status,
    verify: chance.pick(VERIFY),
    workCode: "0",
  }));
}

/** The week as the terminal stored it. */
export function seededWeek(options: WeekOptions): Week {
  const chance = new Dice(options.seed);
  const users = branchPeople(options.people);
  const days = Array.from({ length: DAYS }, (_, index) => dayAfter(options.monday, index));
  const records: TerminalRecord[] = [];
  for (const [index, day] of days.entries()) {
    const share = index === SATURDAY ? 1 - HABITS.worksSaturday : HABITS.away;
    const present = users.filter(() => !chance.chance(share));
    const punches = present.flatMap(({ pin }) => workingDay(chance, pin, day));
    punches.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
    records.push(...(index === 2 ? afterPowerCut(punches) : punches));
  }
  return { users, records, days };
}

/**
 * Wednesday begins with a power cut: the first three punches carry the clock's first minutes and one
 * line the garbage of a negative clock, as printed by a real terminal.
 */
function afterPowerCut(punches: readonly TerminalRecord[]): TerminalRecord[] {
  const reset = punches.slice(0, 3).map((record, index) => ({
    ...record,
    time: `2000-01-01 00:0${index}:1${index}`,
  }));
  const garbage = { ...(punches[3] as TerminalRecord), time: "1971--10--29 -23:-27:-54" };
  return [...reset, garbage, ...punches.slice(3)];
}
