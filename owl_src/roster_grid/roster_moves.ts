/**
 * What somebody does to the roster: fill, follow a pattern, copy, paste, move. Each answers a draft.
 *
 * Pure. Nothing is written here, and nothing outside of the grid is touched. Must not know OWL.
 */
import {
  cellAt,
  type Draft,
  type Grid,
  keyOf,
  type Own,
  type Place,
  type Shift,
} from "./roster_data.ts";

/** A block of cells, corners in any order. */
export interface Block {
  readonly from: Place;
  readonly to: Place;
}

export interface Clip {
  /** A row of the block: whose it was, and what stood on its dates. */
  readonly rows: readonly { readonly personId: number; readonly own: readonly Own[] }[];
}

function span(a: number, b: number): number[] {
  const first = Math.min(a, b);
  return Array.from({ length: Math.abs(a - b) + 1 }, (_one, n) => first + n);
}

export function rowsOf({ from, to }: Block): number[] {
  return span(from[0], to[0]);
}

export function columnsOf({ from, to }: Block): number[] {
  return span(from[1], to[1]);
}

export function holds(block: Block | null, row: number, column: number): boolean {
  return block !== null && rowsOf(block).includes(row) && columnsOf(block).includes(column);
}

/** The same in every cell of a block. */
export function fill(block: Block, own: Own): Draft {
  return new Map(
    rowsOf(block).flatMap((row) =>
      columnsOf(block).map((column) => [keyOf(row, column), own] as const)
    ),
  );
}

const OFF = new Set(["-", "off", "x"]);
const SCHEDULE = ".";

/**
 * A pattern as it is typed: codes or names of shifts, `off` for a day off, `.` for what the schedule says,
 * separated by spaces or commas; a number before a shift repeats it (`5xN 2xoff`). The word that means
 * nothing, where there is one.
 */
export function readPattern(
  text: string,
  shifts: readonly Shift[],
): { readonly days: readonly Own[] } | { readonly unknown: string } {
  const named = new Map<string, number>();
  for (const shift of shifts.filter(({ active }) => active)) {
    named.set(shift.name.toLowerCase(), shift.id);
  }
  for (const shift of shifts.filter(({ active }) => active)) {
    named.set(shift.code.toLowerCase(), shift.id);
  }
  const days: Own[] = [];
  for (const word of text.toLowerCase().split(/[\s,;]+/).filter(Boolean)) {
    const repeated = named.has(word) ? null : /^(\d{1,2})\s*[x*](.+)$/.exec(word);
    const [times, what] = repeated ? [Number(repeated[1]), repeated[2] ?? ""] : [1, word];
    const id = named.get(what);
    if (id === undefined && !OFF.has(what) && what !== SCHEDULE) return { unknown: word };
    const own: Own = id !== undefined ? [id] : what === SCHEDULE ? null : [];
    for (let n = 0; n < times; n++) days.push(own);
  }
  return { days };
}

/** A pattern over a block; each person begins `step` days further on in it than the one above. */
export function fillPattern(block: Block, pattern: readonly Own[], step: number): Draft {
  if (pattern.length === 0) return new Map();
  return new Map(
    rowsOf(block).flatMap((row, n) =>
      columnsOf(block).map((column, day) =>
        [keyOf(row, column), pattern[(day + n * step) % pattern.length] ?? null] as const
      )
    ),
  );
}

export function copy(grid: Grid, block: Block): Clip {
  return {
    rows: rowsOf(block).map((row) => ({
      personId: grid.people[row]?.id ?? 0,
      own: columnsOf(block).map((column) => cellAt(grid, row, column)?.own ?? null),
    })),
  };
}

/** A clip from a cell on; repeated where the block is larger, cut off at the edge of the grid. */
export function pasteInto(grid: Grid, clip: Clip, block: Block): Draft {
  const height = clip.rows.length;
  const width = clip.rows[0]?.own.length ?? 0;
  if (width === 0) return new Map();
  const [rows, columns] = [rowsOf(block), columnsOf(block)];
  const draft = new Map<string, Own>();
  const [top, left] = [rows[0] ?? 0, columns[0] ?? 0];
  for (let row = top; row < top + Math.max(height, rows.length); row++) {
    for (let column = left; column < left + Math.max(width, columns.length); column++) {
      if (row >= grid.people.length || column >= grid.days.length) continue;
      const own = clip.rows[(row - top) % height]?.own[(column - left) % width];
      draft.set(keyOf(row, column), own ?? null);
    }
  }
  return draft;
}

/** A clip to the same people from the first shown date on: a week copied on. */
export function pasteByPerson(grid: Grid, clip: Clip): Draft {
  const draft = new Map<string, Own>();
  for (const { personId, own } of clip.rows) {
    const row = grid.people.findIndex(({ id }) => id === personId);
    if (row < 0) continue;
    own.slice(0, grid.days.length).forEach((one, column) => draft.set(keyOf(row, column), one));
  }
  return draft;
}

/** A block moved by rows and days; where it came from, the schedule counts again unless it is a copy. */
export function move(grid: Grid, block: Block, by: Place, keep: boolean): Draft {
  const [down, right] = by;
  if (down === 0 && right === 0) return new Map();
  const draft = new Map<string, Own>();
  const cells = rowsOf(block).flatMap((row) =>
    columnsOf(block).map((column) => [row, column] as const)
  );
  if (!keep) { for (const [row, column] of cells) draft.set(keyOf(row, column), null); }
  for (const [row, column] of cells) {
    const [there, day] = [row + down, column + right];
    if (!grid.people[there] || !grid.days[day]) return new Map();
    draft.set(keyOf(there, day), cellAt(grid, row, column)?.own ?? null);
  }
  return draft;
}
