// generated from owl_src/roster_grid/roster_data.ts, do not edit
const NO_DRAFT = /* @__PURE__ */ new Map();
const DAY = 1440;
const NOTHING = { own: null, spans: [], minutes: 0 };
function keyOf(row, column) {
  return `${row}:${column}`;
}
function cellAt(grid, row, column) {
  return grid.people[row]?.cells[column + 1];
}
function sameOwn(a, b) {
  if (a === null || b === null) return a === b;
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}
function shiftsOf(grid, own) {
  const ids = own ?? [];
  return grid.shifts.filter(({ id }) => ids.includes(id)).sort((a, b) => a.start - b.start);
}
function plannedAt(grid, draft, row, column) {
  const cell = cellAt(grid, row, column);
  if (!cell) return NOTHING;
  const own = draft.get(keyOf(row, column));
  if (own === void 0 || sameOwn(own, cell.own)) return cell;
  if (own === null) return NOTHING;
  const shifts = shiftsOf(grid, own);
  return {
    own,
    spans: shifts.map(({ start, end }) => [start, end]),
    minutes: shifts.reduce((sum, { minutes }) => sum + minutes, 0)
  };
}
function isRostered({ own }) {
  return own !== null && own.length > 0;
}
function restBetween(earlier, later) {
  if (earlier.length === 0 || later.length === 0) return null;
  const end = Math.max(...earlier.map(([, to]) => to));
  const start = Math.min(...later.map(([from]) => from));
  return start + DAY - end;
}
function overlaps(spans) {
  const sorted = [...spans].sort((a, b) => a[0] - b[0]);
  return sorted.some(([from], n) => n > 0 && from < (sorted[n - 1]?.[1] ?? 0));
}
function conflictsAt(grid, draft, row, column) {
  const planned = plannedAt(grid, draft, row, column);
  const person = grid.people[row];
  const cell = cellAt(grid, row, column);
  if (!person || !cell || !isRostered(planned)) return [];
  const found = [];
  if (cell.outside) found.push({ kind: "outside" });
  if (cell.leave) found.push({ kind: "leave" });
  const rests = [
    restBetween(plannedAt(grid, draft, row, column - 1).spans, planned.spans),
    restBetween(planned.spans, plannedAt(grid, draft, row, column + 1).spans)
  ].filter((minutes) => minutes !== null);
  const least = Math.min(...rests, Infinity);
  if (overlaps(planned.spans) || least < 0) found.push({ kind: "overlap" });
  else if (person.rest !== null && least < person.rest) {
    found.push({ kind: "rest", minutes: least, least: person.rest });
  }
  return found;
}
function weeksOf(grid) {
  const weeks = [];
  grid.days.forEach(({ date }, column) => {
    const monday = (/* @__PURE__ */ new Date(`${date}T00:00:00Z`)).getUTCDay() === 1;
    if (monday || weeks.length === 0) weeks.push([]);
    weeks.at(-1)?.push(column);
  });
  return weeks;
}
function longestFree(grid, draft, row, columns) {
  const first = columns[0] ?? 0;
  const spans = [first - 1, ...columns].flatMap(
    (column) => plannedAt(grid, draft, row, column).spans.map(([from, to]) => [from + (column - first) * DAY, to + (column - first) * DAY])
  ).sort((a, b) => a[0] - b[0]);
  let free = 0;
  let busyUntil = 0;
  for (const [from, to] of spans) {
    free = Math.max(free, from - busyUntil);
    busyUntil = Math.max(busyUntil, to);
  }
  return Math.max(free, columns.length * DAY - busyUntil);
}
function weekConflicts(grid, draft, row) {
  const person = grid.people[row];
  if (!person) return [];
  return weeksOf(grid).flatMap((columns) => {
    const planned = columns.map((column) => plannedAt(grid, draft, row, column));
    if (!planned.some(isRostered)) return [];
    const found = [];
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
function troubleOf(grid, draft) {
  const rows = new Set([...draft.keys()].map((key) => Number(key.split(":")[0])));
  return [...rows].flatMap((row) => [
    ...grid.days.flatMap(
      (_day, column) => conflictsAt(grid, draft, row, column).map((conflict) => ({ row, column, conflict }))
    ),
    ...weekConflicts(grid, draft, row).map((conflict) => ({ row, column: null, conflict }))
  ]);
}
function plannedMinutes(grid, draft, row) {
  return grid.days.reduce((sum, _day, column) => {
    return sum + plannedAt(grid, draft, row, column).minutes;
  }, 0);
}
function swapsAt(grid, row, column) {
  const [who, date] = [grid.people[row]?.id, grid.days[column]?.date];
  return grid.swaps.marks.filter(([id, day]) => id === who && day === date).map(
    ([, , text]) => text
  );
}
function peopleOn(grid, draft, column) {
  return grid.people.filter((_person, row) => {
    const cell = cellAt(grid, row, column);
    return cell && !cell.leave && !cell.outside && plannedAt(grid, draft, row, column).spans.length > 0;
  }).length;
}
function changesOf(grid, draft) {
  return [...draft].flatMap(([key, wanted]) => {
    const [row, column] = key.split(":").map(Number);
    const person = grid.people[row];
    const day = grid.days[column];
    const cell = cellAt(grid, row, column);
    if (!person || !day || !cell || sameOwn(cell.own, wanted)) return [];
    return [[person.id, day.date, cell.own, wanted]];
  });
}
function inverse(changes) {
  return changes.map(([who, date, was, wanted]) => [who, date, wanted, was]);
}
function withCells(grid, answer) {
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
    })
  }));
  return { ...grid, people, reasons };
}
export {
  NO_DRAFT,
  cellAt,
  changesOf,
  conflictsAt,
  inverse,
  keyOf,
  peopleOn,
  plannedAt,
  plannedMinutes,
  sameOwn,
  swapsAt,
  troubleOf,
  weekConflicts,
  weeksOf,
  withCells
};
