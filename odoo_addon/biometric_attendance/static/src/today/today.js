// generated from owl_src/today/today.ts, do not edit
import { Component, onMounted, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { failureText } from "../failure";
import { countText, formatMinutes, hourText, usableLocale } from "../format";
import { CLOCK } from "../kept_read";
import { Refresher, withDeadline } from "../refresher";
import { ChartCard } from "./chart_card";
import {
  busyHours,
  COLUMNS,
  isEmpty,
  listOf,
  listOfBranch,
  listOfHour,
  listOfLate,
  listOfOvertime,
  missingFirst,
  MOST_ROWS,
  STATES,
  total,
  untilNow
} from "./today_data";
import { ageLabel, stateHelp, stateLabel } from "./words";
const BUS_TYPE = "biometric_attendance/day";
const TIMES = { delayMs: 400, gapMs: 5e3, beatMs: 6e4 };
const DEADLINE_MS = 3e4;
class Today extends Component {
  static template = "biometric_attendance.Today";
  static components = { Layout, ChartCard };
  static props = { ...standardActionServiceProps };
  states = STATES;
  columns = COLUMNS;
  label = stateLabel;
  help = stateHelp;
  time = formatMinutes;
  count = (number) => countText(number, this.locale);
  setup() {
    this.orm = useService("orm");
    this.action = useService("action");
    const bus = useService("bus_service");
    this.locale = usableLocale(user.lang);
    this.state = useState({
      told: null,
      trends: null,
      failure: null,
      trendsFailure: null,
      allDepartments: false
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
      bus.start().catch(() => {
      });
      refresher.start();
      void this.readTrends();
    });
    onWillUnmount(() => {
      bus.unsubscribe(BUS_TYPE, wake);
      refresher.stop();
    });
  }
  async ask(method) {
    return await withDeadline(
      this.orm.silent.call("biometric.today", method),
      DEADLINE_MS,
      CLOCK
    );
  }
  /** What stood there stays, and is said to be old, while Odoo cannot be read. */
  async read() {
    try {
      this.state.told = await this.ask("get_today");
      this.state.failure = null;
    } catch (error) {
      this.state.failure = failureText(error);
    }
  }
  async readTrends() {
    try {
      this.state.trends = await this.ask("get_trends");
      this.state.trendsFailure = null;
    } catch (error) {
      this.state.trendsFailure = failureText(error);
    }
  }
  // What the template reads --------------------------------------------------------------------------
  get told() {
    return this.state.told;
  }
  get empty() {
    return this.told !== null && isEmpty(this.told);
  }
  get tiles() {
    const told = this.told;
    return told === null ? [] : STATES.map((state) => ({ state, count: total(told, state) }));
  }
  get departments() {
    if (!this.told) return [];
    const rows = missingFirst(this.told);
    return this.state.allDepartments ? rows : rows.slice(0, MOST_ROWS);
  }
  get hiddenDepartments() {
    return (this.told?.departments.length ?? 0) - this.departments.length;
  }
  get people() {
    const told = this.told;
    if (!told) return [];
    return ["not_here", "late"].map((state) => ({
      state,
      rows: told.names[state],
      more: total(told, state) - told.names[state].length
    }));
  }
  departmentName(one) {
    return one.name || _t("Without a department");
  }
  branchName(one) {
    return one.name || _t("Entered by a person");
  }
  personNote(state, person) {
    const values = { clock: person.clock, minutes: formatMinutes(person.minutes) };
    return state === "late" ? _t("came at %(clock)s, %(minutes)s late", values) : _t("due at %(clock)s, %(minutes)s ago", values);
  }
  moreText(number) {
    return _t("and %s more", this.count(number));
  }
  get showMoreText() {
    return _t("Show %s more", this.count(this.hiddenDepartments));
  }
  get asOf() {
    return _t("as of %s, company time", this.told?.clock ?? "");
  }
  get oldText() {
    return ` ${_t("What stands here is from %s.", this.told?.clock ?? "")}`;
  }
  showAllDepartments() {
    this.state.allDepartments = true;
  }
  // Charts -------------------------------------------------------------------------------------------
  get hours() {
    const told = this.told;
    if (!told) return null;
    const { here, due, now } = told.hours;
    const { from, to } = busyHours(told);
    const cut = (values) => values.slice(from, to + 1);
    return {
      title: _t("People at work by hour"),
      from,
      labels: cut(here.map((_number, hour) => hourText(hour, this.locale))),
      lines: [
        { name: _t("Present"), values: cut(untilNow(here, now)) },
        { name: _t("Planned"), values: cut(due), kind: "line" }
      ],
      summary: _t("%(here)s people at work this hour, %(due)s planned.", {
        here: here[now] ?? 0,
        due: due[now] ?? 0
      })
    };
  }
  get late() {
    const { trends } = this.state;
    if (!trends) return null;
    const lines = trends.departments.map((one) => ({
      name: this.departmentName(one),
      values: one.late
    }));
    if (trends.others) lines.push({ name: _t("Other departments"), values: trends.others.late });
    const sum = lines.reduce((all, { values }) => all + (values.at(-1) ?? 0), 0);
    return {
      title: _t("Late by week and department"),
      lines,
      summary: _t("%s late so far this week.", formatMinutes(sum))
    };
  }
  get overtime() {
    const { trends } = this.state;
    if (!trends) return null;
    return {
      title: _t("Overtime by week"),
      lines: [
        { name: _t("Overtime"), values: trends.overtime, kind: "line" },
        { name: _t("To approve"), values: trends.held, kind: "line" }
      ],
      summary: _t("%(done)s overtime so far this week, %(held)s to approve.", {
        done: formatMinutes(trends.overtime.at(-1) ?? 0),
        held: formatMinutes(trends.held.at(-1) ?? 0)
      })
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
      summary: _t("%s open exceptions.", sum)
    };
  }
  get weekLabels() {
    return (this.state.trends?.weeks ?? []).map(({ label }) => label);
  }
  // Opening ------------------------------------------------------------------------------------------
  openState(state, department) {
    if (!this.told) return;
    const name = department ? `${stateLabel(state)}: ${this.departmentName(department)}` : stateLabel(state);
    this.openDays(name, listOf(this.told, state, department));
  }
  openBranch(branch) {
    if (!this.told) return;
    this.openDays(
      _t("At work: %s", this.branchName(branch)),
      listOfBranch(this.told, branch)
    );
  }
  openDay(person) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "biometric.day",
      res_id: person.id,
      views: [[false, "form"]]
    });
  }
  openHour(line, point) {
    const hour = (this.hours?.from ?? 0) + point;
    const field = line === 0 ? "here_in_hour" : "due_in_hour";
    const clock = hourText(hour, this.locale);
    const name = line === 0 ? _t("Here at %s", clock) : _t("Planned at %s", clock);
    this.openDays(name, listOfHour(field, hour));
  }
  openLate(line, point) {
    const { trends } = this.state;
    const week = trends?.weeks[point];
    if (trends && week) {
      this.openDays(_t("Late, week of %s", week.label), listOfLate(trends, line, week));
    }
  }
  openOvertime(line, point) {
    const week = this.state.trends?.weeks[point];
    if (!week) return;
    const name = line === 0 ? _t("Overtime, week of %s", week.label) : _t("Overtime to approve");
    this.openDays(name, listOfOvertime(line === 0 ? "overtime" : "held", week));
  }
  openFindings(_line, point) {
    const found = this.state.trends?.findings;
    const age = found ? found[point] : void 0;
    if (!age) return;
    void this.action.doAction({
      type: "ir.actions.act_window",
      name: _t("Open exceptions: %s", ageLabel(age)),
      res_model: "biometric.work",
      views: [[false, "list"]],
      domain: age.domain
    });
  }
  openDays(name, domain) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      name,
      res_model: "biometric.day",
      views: [[false, "list"], [false, "kanban"], [false, "form"]],
      domain
    });
  }
}
registry.category("actions").add("biometric_attendance.today", Today);
export {
  Today
};
