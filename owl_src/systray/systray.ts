/**
 * The icon in the bar for whoever reviews attendance: open incidents, requests to decide, work lists;
 * and the same numbers beside the entries of the menu that lead there.
 *
 * Owns when it is read (once at the start, after messages of the bus, at a slow beat) and what its menu
 * opens. A reading that fails leaves the number as it was. Whoever has no part in attendance sees no
 * icon and asks nothing. Must not know what any number means.
 */
import { Component, useEffect, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useKeptRead } from "../kept_read.ts";

const BUS_TYPE = "biometric_attendance/work";
const READERS = ["approver", "hr_officer", "auditor"];
/** Many things that change at once must not become a reading each. */
const TIMES = { delayMs: 1_000, gapMs: 30_000, beatMs: 300_000 };
const ACTIONS = {
  incidents: "biometric_attendance.biometric_incident_action",
  requests: "biometric_attendance.biometric_adjustment_action",
  changes: "biometric_attendance.biometric_attestation_action",
  swaps: "biometric_attendance.biometric_swap_action",
  work: "biometric_attendance.biometric_work_action",
};

/** Entries of the menu, and the number beside each. Odoo draws them; only their look is added to. */
const MENUS: Readonly<Record<string, (waiting: Waiting) => number>> = {
  menu_biometric_desk: ({ requests, changes }) => requests + changes,
  menu_biometric_adjustment: ({ requests }) => requests,
  menu_biometric_attestation: ({ changes }) => changes,
  menu_biometric_swap: ({ swaps }) => swaps,
  menu_biometric_incident: ({ incidents }) => incidents,
  menu_biometric_work_list: ({ work }) => work.reduce((sum, [, , count]) => sum + count, 0),
};

interface Waiting {
  readonly incidents: number;
  readonly requests: number;
  readonly changes: number;
  readonly swaps: number;
  readonly work: readonly (readonly [string, string, number])[];
}

interface Line {
  readonly key: string;
  readonly label: string;
  readonly count: number;
  readonly action: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

export class WorkIcon extends Component {
  static override template = "biometric_attendance.WorkIcon";
  static override props = {};
  static components = { Dropdown, DropdownItem };

  private state!: { shown: boolean; waiting: Waiting };
  private orm!: ReturnType<typeof useService<"orm">>;
  private action!: ReturnType<typeof useService<"action">>;

  override setup(): void {
    const waiting = { incidents: 0, requests: 0, changes: 0, swaps: 0, work: [] };
    this.state = useState({ shown: false, waiting });
    this.orm = useService("orm");
    this.action = useService("action");
    // A number makes its entry wider: the bar lays itself out anew, as after any change of width.
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
      },
    });
  }

  /** What somebody must decide; work lists stand in the menu and do not nag from the bar. */
  get urgent(): number {
    const { incidents, requests, changes, swaps } = this.state.waiting;
    return incidents + requests + changes + swaps;
  }

  /** Style that writes each number behind the name of its entry, wherever Odoo draws the entry. */
  get menuStyle(): string {
    return Object.entries(MENUS)
      .map(([menu, count]) => [menu, count(this.state.waiting)] as const)
      .filter(([, count]) => count > 0)
      .map(([menu, count]) =>
        `[data-menu-xmlid="biometric_attendance.${menu}"]::after { content: "${
          count > 999 ? "999+" : count
        }"; }`
      )
      .join("\n");
  }

  get title(): string {
    return this.urgent
      ? _t("Attendance: %s waiting for you", this.urgent)
      : _t("Attendance: nothing to decide");
  }

  get lines(): Line[] {
    const { incidents, requests, changes, swaps, work } = this.state.waiting;
    const own = [
      {
        key: "requests",
        label: _t("Requests to decide"),
        count: requests,
        context: { search_default_mine: 1 },
      },
      {
        key: "changes",
        label: _t("Answers to change"),
        count: changes,
        context: { search_default_change: 1 },
      },
      {
        key: "swaps",
        label: _t("Swaps of shifts to decide"),
        count: swaps,
        context: { search_default_mine: 1, search_default_open: 0 },
      },
      { key: "incidents", label: _t("Open incidents"), count: incidents },
    ] as const;
    return [
      ...own.filter(({ count }) => count).map((line) => ({ ...line, action: ACTIONS[line.key] })),
      ...work.map(([key, label, count]) => ({
        key,
        label,
        count,
        action: ACTIONS.work,
        context: { search_default_kind: key },
      })),
    ];
  }

  open(line: Line): void {
    void this.action.doAction(line.action, {
      additionalContext: line.context ?? {},
      clearBreadcrumbs: true,
    });
  }

  private async read(): Promise<void> {
    this.state.waiting = await this.orm.silent.call("biometric.work", "get_systray") as Waiting;
  }
}

registry.category("systray").add(
  "biometric_attendance.WorkIcon",
  { Component: WorkIcon },
  { sequence: 24 },
);
