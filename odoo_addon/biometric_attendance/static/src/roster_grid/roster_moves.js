// generated from owl_src/roster_grid/roster_moves.ts, do not edit
import {
  cellAt,
  keyOf
} from "./roster_data";
function span(a, b) {
  const first = Math.min(a, b);
  return Array.from({ length: Math.abs(a - b) + 1 }, (_one, n) => first + n);
}
function rowsOf({ from, to }) {
  return span(from[0], to[0]);
}
function columnsOf({ from, to }) {
  return span(from[1], to[1]);
}
function holds(block, row, column) {
  return block !== null && rowsOf(block).includes(row) && columnsOf(block).includes(column);
}
function fill(block, own) {
  return new Map(
    rowsOf(block).flatMap(
      (row) => columnsOf(block).map((column) => [keyOf(row, column), own])
    )
  );
}
const OFF = /* @__PURE__ */ new Set(["-", "off", "x"]);
const SCHEDULE = ".";
function readPattern(text, shifts) {
  const named = /* @__PURE__ */ new Map();
  for (const shift of shifts.filter(({ active }) => active)) {
    named.set(shift.name.toLowerCase(), shift.id);
  }
  for (const shift of shifts.filter(({ active }) => active)) {
    named.set(shift.code.toLowerCase(), shift.id);
  }
  const days = [];
  for (const word of text.toLowerCase().split(/[\s,;]+/).filter(Boolean)) {
    const repeated = named.has(word) ? null : /^(\d{1,2})\s*[x*](.+)$/.exec(word);
    const [times, what] = repeated ? [Number(repeated[1]), repeated[2] ?? ""] : [1, word];
    const id = named.get(what);
    if (id === void 0 && !OFF.has(what) && what !== SCHEDULE) return { unknown: word };
    const own = id !== void 0 ? [id] : what === SCHEDULE ? null : [];
    for (let n = 0; n < times; n++) days.push(own);
  }
  return { days };
}
function fillPattern(block, pattern, step) {
  if (pattern.length === 0) return /* @__PURE__ */ new Map();
  return new Map(
    rowsOf(block).flatMap(
      (row, n) => columnsOf(block).map(
        (column, day) => [keyOf(row, column), pattern[(day + n * step) % pattern.length] ?? null]
      )
    )
  );
}
function copy(grid, block) {
  return {
    rows: rowsOf(block).map((row) => ({
      personId: grid.people[row]?.id ?? 0,
      own: columnsOf(block).map((column) => cellAt(grid, row, column)?.own ?? null)
    }))
  };
}
function pasteInto(grid, clip, block) {
  const height = clip.rows.length;
  const width = clip.rows[0]?.own.length ?? 0;
  if (width === 0) return /* @__PURE__ */ new Map();
  const [rows, columns] = [rowsOf(block), columnsOf(block)];
  const draft = /* @__PURE__ */ new Map();
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
function pasteByPerson(grid, clip) {
  const draft = /* @__PURE__ */ new Map();
  for (const { personId, own } of clip.rows) {
    const row = grid.people.findIndex(({ id }) => id === personId);
    if (row < 0) continue;
    own.slice(0, grid.days.length).forEach((one, column) => draft.set(keyOf(row, column), one));
  }
  return draft;
}
function move(grid, block, by, keep) {
  const [down, right] = by;
  if (down === 0 && right === 0) return /* @__PURE__ */ new Map();
  const draft = /* @__PURE__ */ new Map();
  const cells = rowsOf(block).flatMap(
    (row) => columnsOf(block).map((column) => [row, column])
  );
  if (!keep) {
    for (const [row, column] of cells) draft.set(keyOf(row, column), null);
  }
  for (const [row, column] of cells) {
    const [there, day] = [row + down, column + right];
    if (!grid.people[there] || !grid.days[day]) return /* @__PURE__ */ new Map();
    draft.set(keyOf(there, day), cellAt(grid, row, column)?.own ?? null);
  }
  return draft;
}
export {
  columnsOf,
  copy,
  fill,
  fillPattern,
  holds,
  move,
  pasteByPerson,
  pasteInto,
  readPattern,
  rowsOf
};
