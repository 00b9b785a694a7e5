/**
 * The words of the roster grid, in the user's language.
 *
 * Owns how cells, conflicts and what was done are said. Functions, not constants: a term is looked up
 * when it is shown. Must not know the layout.
 */
import { _t } from "@web/core/l10n/translation";
import { formatMinutes } from "../format.ts";
import type {
  Cell,
  Conflict,
  Grid,
  Own,
  Planned,
  Shift,
  Span,
  Trouble,
  WeekConflict,
} from "./roster_data.ts";

/** Conflicts that are told one by one; the rest is counted. */
const MOST_TOLD = 3;

/** "8" for 480, "8:30" for 510, "6" for 30:00 of the following date. */
function clock(minutes: number): string {
  const inside = ((minutes % 1440) + 1440) % 1440;
  const [hour, minute] = [Math.floor(inside / 60), inside % 60];
  return minute ? `${hour}:${String(minute).padStart(2, "0")}` : String(hour);
}

/** "8–17": from the first beginning to the last end. */
export function spansText(spans: readonly Span[]): string {
  if (spans.length === 0) return "";
  const from = Math.min(...spans.map(([begin]) => begin));
  const to = Math.max(...spans.map(([, end]) => end));
  return `${clock(from)}–${clock(to)}`;
}

export function ownText(own: Own, shifts: readonly Shift[]): string {
  if (own === null) return _t("According to the schedule");
  if (own.length === 0) return _t("Day off");
  return own.map((id) => shifts.find((shift) => shift.id === id)?.name ?? _t("a shift"))
    .join(" + ");
}

export function conflictText(conflict: Conflict): string {
  const texts: Readonly<Record<Conflict["kind"], () => string>> = {
    outside: () => _t("not employed on this date"),
    leave: () => _t("on leave"),
    overlap: () => _t("overlaps with other work"),
    rest: () =>
      conflict.kind === "rest"
        ? _t("only %(rest)s rest, %(least)s is the least", {
          rest: formatMinutes(conflict.minutes),
          least: formatMinutes(conflict.least),
        })
        : "",
  };
  return texts[conflict.kind]();
}

export function weekConflictText(conflict: WeekConflict): string {
  const minutes = formatMinutes(conflict.minutes);
  return conflict.kind === "week_most"
    ? _t("%(minutes)s in a week, %(most)s is the most", {
      minutes,
      most: formatMinutes(conflict.most),
    })
    : _t("only %(minutes)s free in a week, %(least)s is the least", {
      minutes,
      least: formatMinutes(conflict.least),
    });
}

function isOfWeek(conflict: Conflict | WeekConflict): conflict is WeekConflict {
  return conflict.kind === "week_most" || conflict.kind === "week_rest";
}

/** "Ben Cruz, Tue 3: only 8:00 rest, 11:00 is the least; and 4 more" */
export function troubleText(grid: Grid, trouble: readonly Trouble[]): string {
  const told = trouble.slice(0, MOST_TOLD).map(({ row, column, conflict }) => {
    const name = grid.people[row]?.name ?? "";
    const day = column === null ? undefined : grid.days[column];
    const where = day ? `${name}, ${day.weekday} ${day.number}` : name;
    const what = isOfWeek(conflict) ? weekConflictText(conflict) : conflictText(conflict);
    return `${where}: ${what}`;
  }).join("; ");
  const more = trouble.length - MOST_TOLD;
  return more > 0 ? _t("%(first)s; and %(more)s more", { first: told, more }) : told;
}

/** What a cell says to whoever cannot see it, and in its tooltip. */
export function cellText(
  cell: Cell,
  planned: Planned,
  shifts: readonly Shift[],
  reason: string,
  conflicts: readonly Conflict[],
): string {
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

export function swapText(change: string): string {
  return _t("a swap waits: %s", change);
}

/** How many swaps wait, on the button that opens their list. */
export function waitingText(count: number): string {
  return _t("Swaps waiting: %s", count);
}

/** "35 days: Night" */
export function doneText(changed: number, what: string): string {
  if (changed === 0) return _t("Nothing changed: it is already planned like this.");
  return changed === 1
    ? _t("One day: %s", what)
    : _t("%(what)s, days: %(changed)s", { changed, what });
}
