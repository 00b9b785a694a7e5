/**
 * The coverage map as it is told, how one walks through it, and what a cell looks like.
 *
 * Pure. Must not know OWL, words or how a state comes about.
 */

export const STATES = ["complete", "partial", "unknown"] as const;
export type State = typeof STATES[number];

/** State, minutes not proven, accepted windows; null where the terminal was not in service. */
export type Cell = readonly [State, number, number] | null;

export interface Day {
  readonly date: string;
  readonly weekday: string;
  readonly number: string;
  /** "Monday 2 March" */
  readonly long: string;
  readonly off: boolean;
  readonly today: boolean;
}

export interface DeviceRow {
  readonly id: number;
  readonly name: string;
  readonly serial: string;
  readonly branch: string;
  readonly cells: readonly Cell[];
}

export interface CoverageMapData {
  readonly days: readonly Day[];
  readonly label: string;
  readonly first: string;
  readonly last: string;
  readonly earlier: boolean;
  readonly later: boolean;
  readonly counts: Readonly<Record<State, number>>;
  readonly accepted: number;
  readonly agents: readonly (readonly [number, string])[];
  readonly devices: readonly DeviceRow[];
  readonly total: number;
  readonly all: number;
  readonly offset: number;
  readonly page: number;
}

export interface Order {
  readonly id: number;
  readonly window: string;
  readonly state: string;
  readonly is_open: boolean;
  readonly numbers: string;
  readonly share: number | false;
  readonly message: string;
}

export interface CellTold {
  readonly device: number;
  readonly day: string;
  readonly name: string;
  readonly label: string;
  readonly zone: string;
  readonly state: State;
  readonly why: string;
  readonly punches: number | false;
  readonly stretch: { readonly first: string; readonly last: string; readonly days: number };
  readonly gaps: readonly {
    readonly id: number;
    readonly words: string;
    readonly window: string;
    readonly state: string;
    readonly state_words: string;
    readonly note: string;
    readonly may_accept: boolean;
  }[];
  readonly runs: readonly {
    readonly id: number;
    readonly words: string;
    readonly result: string;
  }[];
  readonly more_runs: number;
  readonly may_pull: boolean;
  readonly orders: readonly Order[];
}

/** Row and column of a cell. */
export type Place = readonly [number, number];

/** What stands in a cell, so that its colour is never alone. */
export function markOf(cell: Cell): string {
  if (!cell) return "";
  const [state, , accepted] = cell;
  if (state === "partial") return "!";
  if (state === "unknown") return "?";
  return accepted > 0 ? "✓" : "";
}

/** Where a key leads from a cell; null for a key that leads nowhere. */
export function stepFrom(map: CoverageMapData, place: Place, key: string): Place | null {
  const [row, column] = place;
  const lastRow = map.devices.length - 1;
  const lastColumn = map.days.length - 1;
  const to: Readonly<Record<string, Place>> = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0],
    End: [row, lastColumn],
    PageUp: [0, column],
    PageDown: [lastRow, column],
  };
  const wanted = to[key];
  if (!wanted) return null;
  const held = (value: number, last: number) => Math.min(Math.max(value, 0), Math.max(last, 0));
  return [held(wanted[0], lastRow), held(wanted[1], lastColumn)];
}

/** The date `days` after (before, where negative) an ISO date. */
export function dateAfter(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** Whether something ended that was on its way before: then there is news behind the cell. */
export function hasEnded(before: readonly Order[], now: readonly Order[]): boolean {
  const open = new Set(now.filter((order) => order.is_open).map(({ id }) => id));
  return before.some((order) => order.is_open && !open.has(order.id));
}
