/**
 * The roster as the grid holds it: people by dates, what stands there, what is being changed, and what of
 * it breaks a rule of rest.
 *
 * Pure. A draft lies over what Odoo told and is judged as if it stood there, so that a conflict is seen
 * before anything is written. The rules' numbers come from the rule sets. Must not know OWL or words.
 */

/** What the roster says of a date: shifts, [] a day off, null nothing, so that the schedule counts. */
export type Own = readonly number[] | null;

export interface Shift {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly color: number;
  readonly hours: string;
  /** Minutes from midnight of its date; an end after 1440 is on the following date. */
  readonly start: number;
  readonly end: number;
  readonly minutes: number;
  readonly active: boolean;
}

export type Span = readonly [number, number];

export interface Cell {
  readonly own: Own;
  readonly spans: readonly Span[];
  readonly minutes: number;
  readonly kind: string;
  readonly leave: boolean;
  readonly outside: boolean;
  readonly why: number;
}

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly contract: number | null;
  readonly rest: number | null;
  readonly week_rest: number | null;
  readonly week_most: number | null;
  /** One before the first shown date and one after the last besides the shown ones. */
  readonly cells: readonly Cell[];
}

export interface Day {
  readonly date: string;
  readonly weekday: string;
  readonly number: number;
  readonly off: boolean;
  readonly today: boolean;
}

export interface Grid {
  readonly first: string;
  readonly label: string;
  readonly days: readonly Day[];
  readonly may_write: boolean;
  readonly departments: readonly (readonly [number, string])[];
  readonly shifts: readonly Shift[];
  readonly people: readonly Person[];
  readonly offset: number;
  readonly total: number;
  readonly page: number;
  readonly reasons: readonly string[];
  readonly swaps: {
    /** Open swaps of the company that the reader sees. */
    readonly waiting: number;
    /** Who, which date, what is asked for. */
    readonly marks: readonly (readonly [number, string, string])[];
  };
}

/** Row and column of a shown cell. */
export type Place = readonly [number, number];
/** What is being changed: own by `row:column`. */
export type Draft = ReadonlyMap<string, Own>;
export const NO_DRAFT: Draft = new Map();

/** As Odoo takes it: who, when, what was, what is wished. */
export type Change = readonly [number, string, Own, Own];

export type Conflict =
  | { readonly kind: "rest"; readonly minutes: number; readonly least: number }
  | { readonly kind: "overlap" | "leave" | "outside" };

export type WeekConflict =
  | { readonly kind: "week_most"; readonly minutes: number; readonly most: number }
  | { readonly kind: "week_rest"; readonly minutes: number; readonly least: number };

export interface Planned {
  readonly own: Own;
  readonly spans: readonly Span[];
  readonly minutes: number;
}

const DAY = 1440;
const NOTHING: Planned = { own: null, spans: [], minutes: 0 };

export function keyOf(row: number, column: number): string {
  return `${row}:${column}`;
}

export function cellAt(grid: Grid, row: number, column: number): Cell | undefined {
  return grid.people[row]?.cells[column + 1];
}

export function sameOwn(a: Own, b: Own): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}

function shiftsOf(grid: Grid, own: Own): Shift[] {
  const ids = own ?? [];
  return grid.shifts.filter(({ id }) => ids.includes(id)).sort((a, b) => a.start - b.start);
}

/** What is planned with the draft over it. Given back to the schedule, a date is not known before Odoo answers. */
export function plannedAt(grid: Grid, draft: Draft, row: number, column: number): Planned {
  const cell = cellAt(grid, row, column);
  if (!cell) return NOTHING;
  const own = draft.get(keyOf(row, column));
  if (own === undefined || sameOwn(own, cell.own)) return cell;
  if (own === null) return NOTHING;
  const shifts = shiftsOf(grid, own);
  return {
    own,
    spans: shifts.map(({ start, end }) => [start, end] as const),
    minutes: shifts.reduce((sum, { minutes }) => sum + minutes, 0),
  };
}

function isRostered({ own }: Planned): boolean {
  return own !== null && own.length > 0;
}

/** Minutes free between the end of one date's work and the next one's; null where either has none. */
function restBetween(earlier: readonly Span[], later: readonly Span[]): number | null {
  if (earlier.length === 0 || later.length === 0) return null;
  const end = Math.max(...earlier.map(([, to]) => to));
  const start = Math.min(...later.map(([from]) => from));
  return start + DAY - end;
}

/** Whether the work of one date overlaps with itself. */
function overlaps(spans: readonly Span[]): boolean {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  return sorted.some(([from], n) => n > 0 && from < (sorted[n - 1]?.[1] ?? 0));
}

/** What is wrong with a date that the roster plans. What the schedule alone plans is not judged here. */
export function conflictsAt(grid: Grid, draft: Draft, row: number, column: number): Conflict[] {
  const planned = plannedAt(grid, draft, row, column);
  const person = grid.people[row];
  const cell = cellAt(grid, row, column);
  if (!person || !cell || !isRostered(planned)) return [];
  const found: Conflict[] = [];
  if (cell.outside) found.push({ kind: "outside" });
  if (cell.leave) found.push({ kind: "leave" });
  const rests = [
    restBetween(plannedAt(grid, draft, row, column - 1).spans, planned.spans),
    restBetween(planned.spans, plannedAt(grid, draft, row, column + 1).spans),
  ].filter((minutes) => minutes !== null);
  const least = Math.min(...rests, Infinity);
  if (overlaps(planned.spans) || least < 0) found.push({ kind: "overlap" });
  else if (person.rest !== null && least < person.rest) {
    found.push({ kind: "rest", minutes: least, least: person.rest });
  }
  return found;
}

/** Columns of each week, from Monday on, that touches the shown dates. */
export function weeksOf(grid: Grid): number[][] {
  const weeks: number[][] = [];
  grid.days.forEach(({ date }, column) => {
    const monday = new Date(`${date}T00:00:00Z`).getUTCDay() === 1;
    if (monday || weeks.length === 0) weeks.push([]);
    weeks.at(-1)?.push(column);
  });
  return weeks;
}

/** Longest time without work between the beginning and the end of a week's dates, in minutes. */
function longestFree(grid: Grid, draft: Draft, row: number, columns: readonly number[]): number {
  const first = columns[0] ?? 0;
  const spans = [first - 1, ...columns]
    .flatMap((column) =>
      plannedAt(grid, draft, row, column).spans
        .map(([from, to]) => [from + (column - first) * DAY, to + (column - first) * DAY] as const)
    )
    .sort((a, b) => a[0] - b[0]);
  let free = 0;
  let busyUntil = 0;
  for (const [from, to] of spans) {
    free = Math.max(free, from - busyUntil);
    busyUntil = Math.max(busyUntil, to);
  }
  return Math.max(free, columns.length * DAY - busyUntil);
}

/** What is wrong with the weeks of a person of which the roster plans anything. */
export function weekConflicts(grid: Grid, draft: Draft, row: number): WeekConflict[] {
  const person = grid.people[row];
  if (!person) return [];
  return weeksOf(grid).flatMap((columns) => {
    const planned = columns.map((column) => plannedAt(grid, draft, row, column));
    if (!planned.some(isRostered)) return [];
    const found: WeekConflict[] = [];
    const minutes = planned.reduce((sum, one) => sum + one.minutes, 0);
    if (person.week_most !== null && minutes > person.week_most) {
      found.push({ kind: "week_most", minutes, most: person.week_most });
    }
    if (person.week_rest !== null && columns.length === 7) {
      const free = longestFree(grid, draft, row, columns);
      if (free < person.week_rest) {
        found.push({ kind: "week_rest", minutes: free, least: person.week_rest });
      }
    }
    return found;
  });
}

export interface Trouble {
  readonly row: number;
  /** The date it is about; null where it is about a week. */
  readonly column: number | null;
  readonly conflict: Conflict | WeekConflict;
}

/** What is wrong with the rows that a draft touches. */
export function troubleOf(grid: Grid, draft: Draft): Trouble[] {
  const rows = new Set([...draft.keys()].map((key) => Number(key.split(":")[0])));
  return [...rows].flatMap((row) => [
    ...grid.days.flatMap((_day, column) =>
      conflictsAt(grid, draft, row, column).map((conflict) => ({ row, column, conflict }))
    ),
    ...weekConflicts(grid, draft, row).map((conflict) => ({ row, column: null, conflict })),
  ]);
}

/** Minutes planned for a person in the shown dates. */
export function plannedMinutes(grid: Grid, draft: Draft, row: number): number {
  return grid.days.reduce((sum, _day, column) => {
    return sum + plannedAt(grid, draft, row, column).minutes;
  }, 0);
}

/** What is asked for on a shown date: the words of swaps that wait. */
export function swapsAt(grid: Grid, row: number, column: number): string[] {
  const [who, date] = [grid.people[row]?.id, grid.days[column]?.date];
  return grid.swaps.marks.filter(([id, day]) => id === who && day === date).map(([, , text]) =>
    text
  );
}

/** How many people of the page are planned on a date; who is on leave or not employed is not. */
export function peopleOn(grid: Grid, draft: Draft, column: number): number {
  return grid.people.filter((_person, row) => {
    const cell = cellAt(grid, row, column);
    return cell && !cell.leave && !cell.outside &&
      plannedAt(grid, draft, row, column).spans.length > 0;
  }).length;
}

/** What a draft asks Odoo for; what stands there already is not asked for. */
export function changesOf(grid: Grid, draft: Draft): Change[] {
  return [...draft].flatMap(([key, wanted]) => {
    const [row, column] = key.split(":").map(Number) as [number, number];
    const person = grid.people[row];
    const day = grid.days[column];
    const cell = cellAt(grid, row, column);
    if (!person || !day || !cell || sameOwn(cell.own, wanted)) return [];
    return [[person.id, day.date, cell.own, wanted] as const];
  });
}

/** The same the other way round. */
export function inverse(changes: readonly Change[]): Change[] {
  return changes.map(([who, date, was, wanted]) => [who, date, wanted, was]);
}

/** What Odoo answers to an act. */
export interface Answer {
  readonly cells: readonly (readonly [number, string, Cell])[];
  readonly reasons: readonly string[];
}

/** The grid with the cells that Odoo answered; those of people or dates not shown are left out. */
export function withCells(grid: Grid, answer: Answer): Grid {
  const reasons = [...grid.reasons];
  const told = new Map(answer.cells.map(([who, date, cell]) => {
    const text = answer.reasons[cell.why] ?? "";
    let why = reasons.indexOf(text);
    if (why < 0) why = reasons.push(text) - 1;
    return [`${who} ${date}`, { ...cell, why }];
  }));
  const people = grid.people.map((person) => ({
    ...person,
    cells: person.cells.map((cell, n) => {
      const date = grid.days[n - 1]?.date;
      return told.get(`${person.id} ${date}`) ?? cell;
    }),
  }));
  return { ...grid, people, reasons };
}
