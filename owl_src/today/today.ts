/**
 * Today: who is at work, who is not yet here, late, absent or on leave, and how the last weeks went.
 *
 * Owns when it is read (now: at opening, after messages of the bus, at a slow beat; the weeks: once)
 * and what opens on a click. today_data.ts says which list that is, chart_card.ts draws. Must not know
 * how a state comes about: days say it.
 */
import { Component, onMounted, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { type Services, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure.ts";
import { countText, formatMinutes, hourText, usableLocale } from "../format.ts";
import { CLOCK } from "../kept_read.ts";
import { Refresher, withDeadline } from "../refresher.ts";
import { ChartCard } from "./chart_card.ts";
import {
  type Branch,
  busyHours,
  COLUMNS,
  type Department,
  type Domain,
  isEmpty,
  listOf,
  listOfBranch,
  listOfHour,
  listOfLate,
  listOfOvertime,
  missingFirst,
  MOST_ROWS,
  type Person,
  type State,
  STATES,
  type Told,
  total,
  type Trends,
  untilNow,
} from "./today_data.ts";
import { ageLabel, stateHelp, stateLabel } from "./words.ts";

const BUS_TYPE = "biometric_attendance/day";
/** A shift that begins tells of days for minutes: one reading in five seconds follows it. */
const TIMES = { delayMs: 400, gapMs: 5_000, beatMs: 60_000 };
const DEADLINE_MS = 30_000;

interface TodayState {
  told: Told | null;
  trends: Trends | null;
  /** Why the last reading failed; null when it did not. */
  failure: string | null;
  trendsFailure: string | null;
  allDepartments: boolean;
}

export class Today extends Component {
  static override template = "biometric_attendance.Today";
  static components = { Layout, ChartCard };
  static override props = { ...standardActionServiceProps };

  readonly states = STATES;
  readonly columns = COLUMNS;
  readonly label = stateLabel;
  readonly help = stateHelp;
  readonly time = formatMinutes;
  readonly count = (number: number): string => countText(number, this.locale);

  declare state: TodayState;
  declare locale: string;
  declare private orm: Services["orm"];
  declare private action: Services["action"];

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    const bus = useService("bus_service");
    this.locale = usableLocale(user.lang);
    this.state = useState<TodayState>({
      told: null,
      trends: null,
      failure: null,
      trendsFailure: null,
      allDepartments: false,
    });
    const refresher = new Refresher(() => this.read(), TIMES, CLOCK);
    const wake = () => refresher.request();
    useExternalListener(window, "online", () => refresher.readNow());
    useExternalListener(document, "visibilitychange", () => {
      if (document.visibilityState === "visible") refresher.request();
    });
    this.readAgain = () => refresher.readNow();
    onMounted(() => {
      bus.subscribe(BUS_TYPE, wake);
      // A browser without a bus still has the beat.
      bus.start().catch(() => {});
      refresher.start();
      void this.readTrends();
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, wake);
      refresher.stop();
    });
  }

  declare readAgain: () => void;

  private async ask(method: string): Promise<unknown> {
    return await withDeadline(
      this.orm.silent.call("biometric.today", method),
      DEADLINE_MS,
      CLOCK,
    );
  }

  /** What stood there stays, and is said to be old, while Odoo cannot be read. */
  private async read(): Promise<void> {
    try {
      this.state.told = await this.ask("get_today") as Told;
      this.state.failure = null;
    } catch (error) {
      this.state.failure = failureText(error);
    }
  }

  async readTrends(): Promise<void> {
    try {
      this.state.trends = await this.ask("get_trends") as Trends;
      this.state.trendsFailure = null;
    } catch (error) {
      this.state.trendsFailure = failureText(error);
    }
  }

  // What the template reads --------------------------------------------------------------------------

  get told(): Told | null {
    return this.state.told;
  }

  get empty(): boolean {
    return this.told !== null && isEmpty(this.told);
  }

  get tiles() {
    const told = this.told;
    return told === null ? [] : STATES.map((state) => ({ state, count: total(told, state) }));
  }

  get departments(): Department[] {
    if (!this.told) return [];
    const rows = missingFirst(this.told);
    return this.state.allDepartments ? rows : rows.slice(0, MOST_ROWS);
  }

  get hiddenDepartments(): number {
    return (this.told?.departments.length ?? 0) - this.departments.length;
  }

  get people() {
    const told = this.told;
    if (!told) return [];
    return (["not_here", "late"] as const).map((state) => ({
      state,
      rows: told.names[state],
      more: total(told, state) - told.names[state].length,
    }));
  }

  departmentName(one: Department | { id: number | false; name: string }): string {
    return one.name || _t("Without a department");
  }

  branchName(one: Branch): string {
    return one.name || _t("Entered by a person");
  }

  personNote(state: "not_here" | "late", person: Person): string {
    const values = { clock: person.clock, minutes: formatMinutes(person.minutes) };
    return state === "late"
      ? _t("came at %(clock)s, %(minutes)s late", values)
      : _t("due at %(clock)s, %(minutes)s ago", values);
  }

  moreText(number: number): string {
    return _t("and %s more", this.count(number));
  }

  get showMoreText(): string {
    return _t("Show %s more", this.count(this.hiddenDepartments));
  }

  get asOf(): string {
    return _t("as of %s, company time", this.told?.clock ?? "");
  }

  get oldText(): string {
    return ` ${_t("What stands here is from %s.", this.told?.clock ?? "")}`;
  }

  showAllDepartments(): void {
    this.state.allDepartments = true;
  }

  // Charts -------------------------------------------------------------------------------------------

  get hours() {
    const told = this.told;
    if (!told) return null;
    const { here, due, now } = told.hours;
    const { from, to } = busyHours(told);
    const cut = <T>(values: readonly T[]) => values.slice(from, to + 1);
    return {
      title: _t("People at work by hour"),
      from,
      labels: cut(here.map((_number, hour) => hourText(hour, this.locale))),
      lines: [
        { name: _t("Present"), values: cut(untilNow(here, now)) },
        { name: _t("Planned"), values: cut(due), kind: "line" as const },
      ],
      summary: _t("%(here)s people at work this hour, %(due)s planned.", {
        here: here[now] ?? 0,
        due: due[now] ?? 0,
      }),
    };
  }

  get late() {
    const { trends } = this.state;
    if (!trends) return null;
    const lines = trends.departments.map((one) => ({
      name: this.departmentName(one),
      values: one.late,
    }));
    if (trends.others) lines.push({ name: _t("Other departments"), values: trends.others.late });
    const sum = lines.reduce((all, { values }) => all + (values.at(-1) ?? 0), 0);
    return {
      title: _t("Late by week and department"),
      lines,
      summary: _t("%s late so far this week.", formatMinutes(sum)),
    };
  }

  get overtime() {
    const { trends } = this.state;
    if (!trends) return null;
    return {
      title: _t("Overtime by week"),
      lines: [
        { name: _t("Overtime"), values: trends.overtime, kind: "line" as const },
        { name: _t("To approve"), values: trends.held, kind: "line" as const },
      ],
      summary: _t("%(done)s overtime so far this week, %(held)s to approve.", {
        done: formatMinutes(trends.overtime.at(-1) ?? 0),
        held: formatMinutes(trends.held.at(-1) ?? 0),
      }),
    };
  }

  get findings() {
    const found = this.state.trends?.findings;
    if (!found) return null;
    const sum = found.reduce((all, { count }) => all + count, 0);
    return {
      title: _t("Open exceptions by age"),
      labels: found.map(ageLabel),
      lines: [{ name: _t("Open exceptions"), values: found.map(({ count }) => count) }],
      summary: _t("%s open exceptions.", sum),
    };
  }

  get weekLabels(): string[] {
    return (this.state.trends?.weeks ?? []).map(({ label }) => label);
  }

  // Opening ------------------------------------------------------------------------------------------

  openState(state: State, department?: Department): void {
    if (!this.told) return;
    const name = department
      ? `${stateLabel(state)}: ${this.departmentName(department)}`
      : stateLabel(state);
    this.openDays(name, listOf(this.told, state, department));
  }

  openBranch(branch: Branch): void {
    if (!this.told) return;
    this.openDays(
      _t("At work: %s", this.branchName(branch)),
      listOfBranch(this.told, branch),
    );
  }

  openDay(person: Person): void {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.day",
      res_id: person.id,
      views: [[false, "form"]],
    });
  }

  openHour(line: number, point: number): void {
    const hour = (this.hours?.from ?? 0) + point;
    const field = line === 0 ? "here_in_hour" : "due_in_hour";
    const clock = hourText(hour, this.locale);
    const name = line === 0 ? _t("Here at %s", clock) : _t("Planned at %s", clock);
    this.openDays(name, listOfHour(field, hour));
  }

  openLate(line: number, point: number): void {
    const { trends } = this.state;
    const week = trends?.weeks[point];
    if (trends && week) {
      this.openDays(_t("Late, week of %s", week.label), listOfLate(trends, line, week));
    }
  }

  openOvertime(line: number, point: number): void {
    const week = this.state.trends?.weeks[point];
    if (!week) return;
    const name = line === 0 ? _t("Overtime, week of %s", week.label) : _t("Overtime to approve");
    this.openDays(name, listOfOvertime(line === 0 ? "overtime" : "held", week));
  }

  openFindings(_line: number, point: number): void {
    const found = this.state.trends?.findings;
    const age = found ? found[point] : undefined;
    if (!age) return;
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Open exceptions: %s", ageLabel(age)),
      res_model: "biometric.work",
      views: [[false, "list"]],
      domain: age.domain,
    });
  }

  private openDays(name: string, domain: Domain): void {
    void this.action.doAction({
      type: "ir.actions.act_window",
      name,
      res_model: "biometric.day",
      views: [[false, "list"], [false, "kanban"], [false, "form"]],
      domain,
    });
  }
}

registry.category("actions").add("biometric_attendance.today", Today);
