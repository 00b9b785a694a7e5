// generated from owl_src/coverage_map/coverage_data.ts, do not edit
const STATES = ["complete", "partial", "unknown"];
function markOf(cell) {
  if (!cell) return "";
  const [state, , accepted] = cell;
  if (state === "partial") return "!";
  if (state === "unknown") return "?";
  return accepted > 0 ? "✓" : "";
}
function stepFrom(map, place, key) {
  const [row, column] = place;
  const lastRow = map.devices.length - 1;
  const lastColumn = map.days.length - 1;
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0],
    End: [row, lastColumn],
    PageUp: [0, column],
    PageDown: [lastRow, column]
  };
  const wanted = to[key];
  if (!wanted) return null;
  const held = (value, last) => Math.min(Math.max(value, 0), Math.max(last, 0));
  return [held(wanted[0], lastRow), held(wanted[1], lastColumn)];
}
function dateAfter(date, days) {
  const day = /* @__PURE__ */ new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
function hasEnded(before, now) {
  const open = new Set(now.filter((order) => order.is_open).map(({ id }) => id));
  return before.some((order) => order.is_open && !open.has(order.id));
}
export {
  STATES,
  dateAfter,
  hasEnded,
  markOf,
  stepFrom
};
