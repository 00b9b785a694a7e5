/**
 * The days of a period as the review desk holds them: sorted, counted, walked through.
 *
 * Pure. Reads what `biometric.desk` answers and takes in the cells that come back after an act; every
 * count on the screen is of these days, so that the baskets always add up. Must not know OWL or words.
 */

export type Basket = "must_fix" | "look_at" | "pending" | "clean";
export const BASKETS: readonly Basket[] = ["must_fix", "look_at", "pending", "clean"];

export interface DayCell {
  readonly id: number;
  readonly personId: number;
  readonly person: string;
  readonly date: string;
  readonly basket: Basket;
  readonly worked: number;
  readonly overtime: number;
  readonly kinds: readonly string[];
  readonly approved: boolean;
}

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly days: readonly DayCell[];
}

export interface Desk {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly previous: string;
  readonly next: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly mayAct: boolean;
  readonly people: readonly Person[];
}

export interface Proposal {
  /** By the clock of the day's zone, as the language writes it. */
  readonly time: string;
  readonly nextDay: boolean;
  readonly direction: "in" | "out";
  readonly percent: number;
  readonly level: "likely" | "possible";
}

/** Which days are listed: those of a basket, of a kind, of a person whose name holds a text. */
export interface Filter {
  readonly basket: Basket | null;
  readonly kind: string | null;
  readonly search: string;
}

export const NO_FILTER: Filter = { basket: null, kind: null, search: "" };

type Fields = Readonly<Record<string, unknown>>;

/** The answer has another shape than this build reads. */
export class DeskShapeError extends Error {}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DeskShapeError(what);
  }
  return value as Fields;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new DeskShapeError(what);
  return value;
}

function readCell(cell: unknown, personId: number, person: string): DayCell {
  const [id, date, basket, worked, overtime, kinds, approved] = listOf(cell, "day");
  if (typeof id !== "number" || typeof date !== "string") throw new DeskShapeError("day");
  if (!BASKETS.includes(basket as Basket)) throw new DeskShapeError(`basket ${basket}`);
  return {
    id,
    personId,
    person,
    date,
    basket: basket as Basket,
    worked: Number(worked) || 0,
    overtime: Number(overtime) || 0,
    kinds: listOf(kinds, "kinds").map(String),
    approved: approved === true,
  };
}

function readPerson(value: unknown): Person {
  const row = fieldsOf(value, "person");
  const id = Number(row["id"]);
  const name = String(row["name"] ?? "");
  const days = listOf(row["days"], "days").map((cell) => readCell(cell, id, name));
  return { id, name, department: String(row["department"] ?? ""), days };
}

/** What `open_desk` answers; DeskShapeError names what cannot be read. */
export function readDesk(answer: unknown): Desk {
  const desk = fieldsOf(answer, "desk");
  const kinds = fieldsOf(desk["kinds"], "kinds");
  return {
    from: String(desk["from"]),
    to: String(desk["to"]),
    label: String(desk["label"]),
    previous: String(desk["previous"]),
    next: String(desk["next"]),
    kinds: Object.fromEntries(Object.entries(kinds).map(([code, words]) => [code, String(words)])),
    mayAct: desk["may_act"] === true,
    people: listOf(desk["people"], "people").map(readPerson),
  };
}

/** What `get_proposals` answers, by day; days without a proposal are left out. */
export function readProposals(answer: unknown): Map<number, Proposal> {
  const found = new Map<number, Proposal>();
  for (const [id, value] of Object.entries(fieldsOf(answer, "proposals"))) {
    const row = fieldsOf(value, "proposal");
    if (typeof row["time"] !== "string") continue;
    found.set(Number(id), {
      time: row["time"],
      nextDay: row["next_day"] === true,
      direction: row["direction"] === "in" ? "in" : "out",
      percent: Number(row["percent"]) || 0,
      level: row["level"] === "likely" ? "likely" : "possible",
    });
  }
  return found;
}

/** The desk with the days that an act answered (`[[person id, cell]]`) in place of theirs. */
export function withCells(desk: Desk, answered: unknown): Desk {
  const cells = new Map<number, unknown>();
  for (const pair of listOf(answered, "cells")) {
    const [, cell] = listOf(pair, "cells");
    cells.set(Number(listOf(cell, "day")[0]), cell);
  }
  if (cells.size === 0) return desk;
  const people = desk.people.map((person) => {
    if (!person.days.some((day) => cells.has(day.id))) return person;
    const days = person.days.map((day) =>
      cells.has(day.id) ? readCell(cells.get(day.id), person.id, person.name) : day
    );
    return { ...person, days };
  });
  return { ...desk, people };
}

export function allDays(desk: Desk): readonly DayCell[] {
  return desk.people.flatMap((person) => person.days);
}

/** Days of each basket; together they are all days of the desk. */
export function countBaskets(days: readonly DayCell[]): Record<Basket, number> {
  const counts = { must_fix: 0, look_at: 0, pending: 0, clean: 0 };
  for (const day of days) counts[day.basket] += 1;
  return counts;
}

/** `[kind, days]`, the most frequent first; a day counts in each of its kinds. */
export function countKinds(days: readonly DayCell[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const kind of days.flatMap((day) => day.kinds)) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

/**
 * The work in the order in which it is walked through: what must be fixed before what is to be looked
 * at, a person's days together, old before new. Without a filter clean and pending days are no work.
 */
export function workOf(desk: Desk, filter: Filter): DayCell[] {
  const text = filter.search.trim().toLocaleLowerCase();
  const wanted = allDays(desk).filter((day) =>
    (filter.basket === null
      ? filter.kind !== null || day.basket === "must_fix" || day.basket === "look_at"
      : day.basket === filter.basket) &&
    (filter.kind === null || day.kinds.includes(filter.kind)) &&
    (text === "" || day.person.toLocaleLowerCase().includes(text))
  );
  const rank = (day: DayCell) => BASKETS.indexOf(day.basket);
  return wanted
    .map((day, place) => ({ day, place }))
    .sort((a, b) => rank(a.day) - rank(b.day) || a.place - b.place)
    .map(({ day }) => day);
}

/**
 * Which day is next after `current` was dealt with: the one that took its place in the work, the last
 * where it was the last, null where nothing is left. `before`: the work as it was.
 */
export function nextDay(
  before: readonly DayCell[],
  after: readonly DayCell[],
  current: number,
): number | null {
  const place = before.findIndex((day) => day.id === current);
  const still = after.findIndex((day) => day.id === current);
  if (still >= 0) return after[still + 1]?.id ?? current;
  const following = before.slice(place + 1).find((day) => after.some(({ id }) => id === day.id));
  return following?.id ?? after.at(-1)?.id ?? null;
}

/** Mondays of the weeks that the period touches, as ISO dates. */
export function weeksOf(desk: Desk): string[] {
  const weeks: string[] = [];
  for (let monday = mondayOf(desk.from); monday <= desk.to; monday = plusDays(monday, 7)) {
    weeks.push(monday);
  }
  return weeks;
}

/** The week of the first work, else the first one. */
export function firstWeek(desk: Desk): string {
  const worst = workOf(desk, NO_FILTER)[0];
  return mondayOf(worst?.date ?? desk.from);
}

export function mondayOf(date: string): string {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return plusDays(date, -((weekday + 6) % 7));
}

export function plusDays(date: string, days: number): string {
  const moment = new Date(`${date}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

/** Days without any open word that could be approved: clean ones, worked or not, not yet approved. */
export function cleanToApprove(days: readonly DayCell[]): number {
  return days.filter((day) => day.basket === "clean" && !day.approved).length;
}
