// generated from owl_src/systray/systray.ts, do not edit
import { Component, useEffect, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useKeptRead } from "../kept_read";
const BUS_TYPE = "biometric_attendance/work";
const READERS = ["approver", "hr_officer", "auditor"];
const TIMES = { delayMs: 1e3, gapMs: 3e4, beatMs: 3e5 };
const ACTIONS = {
  incidents: "biometric_attendance.biometric_incident_action",
  requests: "biometric_attendance.biometric_adjustment_action",
  changes: "biometric_attendance.biometric_attestation_action",
  swaps: "biometric_attendance.biometric_swap_action",
  work: "biometric_attendance.biometric_work_action"
};
const MENUS = {
  menu_biometric_desk: ({ requests, changes }) => requests + changes,
  menu_biometric_adjustment: ({ requests }) => requests,
  menu_biometric_attestation: ({ changes }) => changes,
  menu_biometric_swap: ({ swaps }) => swaps,
  menu_biometric_incident: ({ incidents }) => incidents,
  menu_biometric_work_list: ({ work }) => work.reduce((sum, [, , count]) => sum + count, 0)
};
class WorkIcon extends Component {
  static template = "biometric_attendance.WorkIcon";
  static props = {};
  static components = { Dropdown, DropdownItem };
  state;
  orm;
  action;
  setup() {
    const waiting = { incidents: 0, requests: 0, changes: 0, swaps: 0, work: [] };
    this.state = useState({ shown: false, waiting });
    this.orm = useService("orm");
    this.action = useService("action");
    useEffect(() => {
      globalThis.dispatchEvent(new Event("resize"));
    }, () => [this.menuStyle]);
    useKeptRead({
      readers: READERS,
      busType: BUS_TYPE,
      times: TIMES,
      read: () => this.read(),
      begin: () => {
        this.state.shown = true;
      }
    });
  }
  /** What somebody must decide; work lists stand in the menu and do not nag from the bar. */
  get urgent() {
    const { incidents, requests, changes, swaps } = this.state.waiting;
    return incidents + requests + changes + swaps;
  }
  /** Style that writes each number behind the name of its entry, wherever Odoo draws the entry. */
  get menuStyle() {
    return Object.entries(MENUS).map(([menu, count]) => [menu, count(this.state.waiting)]).filter(([, count]) => count > 0).map(
      ([menu, count]) => `[data-menu-xmlid="biometric_attendance.${menu}"]::after { content: "${count > 999 ? "999+" : count}"; }`
    ).join("\n");
  }
  get title() {
    return this.urgent ? _t("Attendance: %s waiting for you", this.urgent) : _t("Attendance: nothing to decide");
  }
  get lines() {
    const { incidents, requests, changes, swaps, work } = this.state.waiting;
    const own = [
      {
        key: "requests",
        label: _t("Requests to decide"),
        count: requests,
        context: { search_default_mine: 1 }
      },
      {
        key: "changes",
        label: _t("Answers to change"),
        count: changes,
        context: { search_default_change: 1 }
      },
      {
        key: "swaps",
        label: _t("Swaps of shifts to decide"),
        count: swaps,
        context: { search_default_mine: 1, search_default_open: 0 }
      },
      { key: "incidents", label: _t("Open incidents"), count: incidents }
    ];
    return [
      ...own.filter(({ count }) => count).map((line) => ({ ...line, action: ACTIONS[line.key] })),
      ...work.map(([key, label, count]) => ({
        key,
        label,
        count,
        action: ACTIONS.work,
        context: { search_default_kind: key }
      }))
    ];
  }
  open(line) {
    void this.action.doAction(line.action, {
      additionalContext: line.context ?? {},
      clearBreadcrumbs: true
    });
  }
  async read() {
    this.state.waiting = await this.orm.silent.call("biometric.work", "get_systray");
  }
}
registry.category("systray").add(
  "biometric_attendance.WorkIcon",
  { Component: WorkIcon },
  { sequence: 24 }
);
export {
  WorkIcon
};
