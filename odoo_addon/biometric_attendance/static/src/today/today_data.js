// generated from owl_src/today/today_data.ts, do not edit
const STATES = [
  "at_work",
  "not_here",
  "late",
  "absent",
  "on_leave",
  "out",
  "expected",
  "off",
  "unknown"
];
const COLUMNS = ["at_work", "not_here", "late", "absent", "on_leave"];
const MOST_ROWS = 12;
function total(told, state) {
  return told.departments.reduce((sum, { counts }) => sum + counts[state], 0);
}
function isEmpty(told) {
  return told.departments.length === 0;
}
function missingFirst(told) {
  return [...told.departments].sort((a, b) => b.counts.not_here - a.counts.not_here);
}
function listOf(told, state, department) {
  const domain = told.domains[state];
  return department ? [...domain, ["department_id", "=", department.id]] : domain;
}
function listOfBranch(told, branch) {
  return [...told.domains.at_work, ["branch_id", "=", branch.id]];
}
function listOfHour(field, hour) {
  return [[field, "=", hour]];
}
function ofWeek(week) {
  return [["date", ">=", week.from], ["date", "<=", week.to]];
}
function listOfLate(trends, line, week) {
  const late = [...ofWeek(week), ["late_minutes", ">", 0]];
  const department = trends.departments[line];
  if (department) return [...late, ["department_id", "=", department.id]];
  const ids = trends.others ? trends.others.ids : [];
  const named = ids.filter((id) => id !== false);
  const shown = [["department_id", "not in", named]];
  return [...late, ...shown, ...ids.includes(false) ? [["department_id", "!=", false]] : []];
}
function listOfOvertime(line, week) {
  const field = line === "held" ? "overtime_unapproved_minutes" : "overtime_minutes";
  return [...ofWeek(week), [field, ">", 0]];
}
function untilNow(numbers, now) {
  return numbers.map((number, hour) => hour <= now ? number : null);
}
function busyHours(told) {
  const { here, due } = told.hours;
  const busy = here.flatMap((number, hour) => number + (due[hour] ?? 0) > 0 ? [hour] : []);
  if (busy.length === 0) return { from: 0, to: here.length - 1 };
  return {
    from: Math.max(0, (busy[0] ?? 0) - 1),
    to: Math.min(here.length - 1, (busy.at(-1) ?? 0) + 1)
  };
}
export {
  COLUMNS,
  MOST_ROWS,
  STATES,
  busyHours,
  isEmpty,
  listOf,
  listOfBranch,
  listOfHour,
  listOfLate,
  listOfOvertime,
  missingFirst,
  total,
  untilNow
};
