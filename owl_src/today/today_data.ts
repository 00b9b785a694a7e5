/**
 * What the screen Today is told, and which list stands behind each number of it.
 *
 * Pure. Every number comes from `biometric.today`; the lists are found by the domains it sends, so that
 * a list is as long as its number. Must not know OWL, words or charts.
 */

/** States in the order they are shown; `late` overlaps with the others, which part the people. */
export const STATES = [
  "at_work",
  "not_here",
  "late",
  "absent",
  "on_leave",
  "out",
  "expected",
  "off",
  "unknown",
] as const;
export type State = typeof STATES[number];

/** What is told by department: what a manager acts on. */
export const COLUMNS: readonly State[] = ["at_work", "not_here", "late", "absent", "on_leave"];

export type Domain = readonly unknown[];

export interface Department {
  /** False: people without a department. */
  readonly id: number | false;
  readonly name: string;
  readonly counts: Readonly<Record<State, number>>;
}

export interface Branch {
  /** False: whoever's last punch was typed in by a person. */
  readonly id: number | false;
  readonly name: string;
  readonly count: number;
}

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly clock: string;
  readonly minutes: number;
}

export interface Told {
  readonly date: string;
  readonly clock: string;
  readonly domains: Readonly<Record<State, Domain>>;
  readonly departments: readonly Department[];
  readonly branches: readonly Branch[];
  readonly names: Readonly<Record<"not_here" | "late", readonly Person[]>>;
  readonly hours: {
    readonly here: readonly number[];
    readonly due: readonly number[];
    readonly now: number;
  };
}

export interface Week {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

export interface Age {
  readonly from: number;
  readonly to: number | null;
  readonly count: number;
  readonly domain: Domain;
}

export interface Trends {
  readonly weeks: readonly Week[];
  readonly departments: readonly {
    readonly id: number | false;
    readonly name: string;
    readonly late: readonly number[];
  }[];
  /** The departments that have no line of their own; `ids` are those that have one. */
  readonly others:
    | { readonly ids: readonly (number | false)[]; readonly late: readonly number[] }
    | false;
  readonly overtime: readonly number[];
  readonly held: readonly number[];
  readonly findings: readonly Age[] | false;
}

/** Departments shown before somebody asks for all of them. */
export const MOST_ROWS = 12;

export function total(told: Told, state: State): number {
  return told.departments.reduce((sum, { counts }) => sum + counts[state], 0);
}

/** Whether anybody has a day today. */
export function isEmpty(told: Told): boolean {
  return told.departments.length === 0;
}

/** Departments with most people missing first, then by name as they came. */
export function missingFirst(told: Told): Department[] {
  return [...told.departments].sort((a, b) => b.counts.not_here - a.counts.not_here);
}

export function listOf(told: Told, state: State, department?: Department): Domain {
  const domain = told.domains[state];
  return department ? [...domain, ["department_id", "=", department.id]] : domain;
}

export function listOfBranch(told: Told, branch: Branch): Domain {
  return [...told.domains.at_work, ["branch_id", "=", branch.id]];
}

export function listOfHour(field: "here_in_hour" | "due_in_hour", hour: number): Domain {
  return [[field, "=", hour]];
}

function ofWeek(week: Week): Domain {
  return [["date", ">=", week.from], ["date", "<=", week.to]];
}

/** Days behind a part of a bar of late minutes; a line beyond the departments is that of the others. */
export function listOfLate(trends: Trends, line: number, week: Week): Domain {
  const late = [...ofWeek(week), ["late_minutes", ">", 0]];
  const department = trends.departments[line];
  if (department) return [...late, ["department_id", "=", department.id]];
  const ids = trends.others ? trends.others.ids : [];
  const named = ids.filter((id) => id !== false);
  // `not in` leaves out days without a department only where that is asked for
  const shown: unknown[] = [["department_id", "not in", named]];
  return [...late, ...shown, ...(ids.includes(false) ? [["department_id", "!=", false]] : [])];
}

export function listOfOvertime(line: "overtime" | "held", week: Week): Domain {
  const field = line === "held" ? "overtime_unapproved_minutes" : "overtime_minutes";
  return [...ofWeek(week), [field, ">", 0]];
}

/** Numbers of the hours that have come; those to come are not zero, they are not known. */
export function untilNow(numbers: readonly number[], now: number): (number | null)[] {
  return numbers.map((number, hour) => hour <= now ? number : null);
}

/** First and last hour in which anybody is here or planned, with one around; all of them for none. */
export function busyHours(told: Told): { from: number; to: number } {
  const { here, due } = told.hours;
  const busy = here.flatMap((number, hour) => number + (due[hour] ?? 0) > 0 ? [hour] : []);
  if (busy.length === 0) return { from: 0, to: here.length - 1 };
  return {
    from: Math.max(0, (busy[0] ?? 0) - 1),
    to: Math.min(here.length - 1, (busy.at(-1) ?? 0) + 1),
  };
}
