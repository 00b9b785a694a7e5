// generated from owl_src/roster_grid/words.ts, do not edit
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format";
const MOST_TOLD = 3;
function clock(minutes) {
  const inside = (minutes % 1440 + 1440) % 1440;
  const [hour, minute] = [Math.floor(inside / 60), inside % 60];
  return minute ? `${hour}:${String(minute).padStart(2, "0")}` : String(hour);
}
function spansText(spans) {
  if (spans.length === 0) return "";
  const from = Math.min(...spans.map(([begin]) => begin));
  const to = Math.max(...spans.map(([, end]) => end));
  return `${clock(from)}–${clock(to)}`;
}
function ownText(own, shifts) {
  if (own === null) return _t("According to the schedule");
  if (own.length === 0) return _t("Day off");
  return own.map((id) => shifts.find((shift) => shift.id === id)?.name ?? _t("a shift")).join(" + ");
}
function conflictText(conflict) {
  const texts = {
    outside: () => _t("not employed on this date"),
    leave: () => _t("on leave"),
    overlap: () => _t("overlaps with other work"),
    rest: () => conflict.kind === "rest" ? _t("only %(rest)s rest, %(least)s is the least", {
      rest: formatMinutes(conflict.minutes),
      least: formatMinutes(conflict.least)
    }) : ""
  };
  return texts[conflict.kind]();
}
function weekConflictText(conflict) {
  const minutes = formatMinutes(conflict.minutes);
  return conflict.kind === "week_most" ? _t("%(minutes)s in a week, %(most)s is the most", {
    minutes,
    most: formatMinutes(conflict.most)
  }) : _t("only %(minutes)s free in a week, %(least)s is the least", {
    minutes,
    least: formatMinutes(conflict.least)
  });
}
function isOfWeek(conflict) {
  return conflict.kind === "week_most" || conflict.kind === "week_rest";
}
function troubleText(grid, trouble) {
  const told = trouble.slice(0, MOST_TOLD).map(({ row, column, conflict }) => {
    const name = grid.people[row]?.name ?? "";
    const day = column === null ? void 0 : grid.days[column];
    const where = day ? `${name}, ${day.weekday} ${day.number}` : name;
    const what = isOfWeek(conflict) ? weekConflictText(conflict) : conflictText(conflict);
    return `${where}: ${what}`;
  }).join("; ");
  const more = trouble.length - MOST_TOLD;
  return more > 0 ? _t("%(first)s; and %(more)s more", { first: told, more }) : told;
}
function cellText(cell, planned, shifts, reason, conflicts) {
  const parts = [];
  if (planned.own !== null) parts.push(ownText(planned.own, shifts));
  else if (planned === cell && reason) parts.push(_t("planned by %s", reason));
  else parts.push(ownText(null, shifts));
  const hours = spansText(planned.spans);
  if (hours) parts.push(hours);
  else if (planned.own === null && cell.kind === "rest_day") parts.push(_t("no work"));
  if (cell.leave && !conflicts.some(({ kind }) => kind === "leave")) parts.push(_t("on leave"));
  if (cell.kind === "holiday") parts.push(_t("public holiday"));
  return [...parts, ...conflicts.map(conflictText)].join(", ");
}
function swapText(change) {
  return _t("a swap waits: %s", change);
}
function waitingText(count) {
  return _t("Swaps waiting: %s", count);
}
function doneText(changed, what) {
  if (changed === 0) return _t("Nothing changed: it is already planned like this.");
  return changed === 1 ? _t("One day: %s", what) : _t("%(what)s, days: %(changed)s", { changed, what });
}
export {
  cellText,
  conflictText,
  doneText,
  ownText,
  spansText,
  swapText,
  troubleText,
  waitingText,
  weekConflictText
};
