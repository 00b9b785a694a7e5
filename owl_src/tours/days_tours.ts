/**
 * What an HR officer does with days, rule sets and the roster, click by click (tests/test_tours.py has
 * the people and their punches).
 *
 * Must not know how a screen is built: a step names what stands on it.
 */
import { registry } from "@web/core/registry";

interface Step {
  readonly trigger: string;
  readonly run?: string;
}

function tour(name: string, steps: readonly Step[]): void {
  registry.category("web_tour.tours").add(name, { steps: () => steps });
}

const row = (text: string): string => `.o_data_row:contains("${text}")`;

tour("biometric_days", [
  { trigger: `${row("Ana Reyes")} td[name=worked_minutes]:contains("8:07")` },
  { trigger: `${row("Ana Reyes")} td[name=late_minutes]:not(:contains("0:00"))` },
  { trigger: ".o_searchview_dropdown_toggler", run: "click" },
  { trigger: `.o-dropdown-item:contains("Incomplete")`, run: "click" },
  { trigger: `.o_list_view:not(:has(${row("Ana Reyes")}))` },
  { trigger: `${row("Ben Cruz")} td[name=in_clock]`, run: "click" },
  { trigger: `.o_day_timeline_line_open:contains("no out punch")` },
  { trigger: "button[name=action_open_punches]", run: "click" },
  { trigger: `.o_data_row td[name=key_pressed]:contains("In (0)")` },
]);

tour("biometric_rule_trial", [
  { trigger: `button:contains("Try on last month")`, run: "click" },
  { trigger: ".modal button[name=action_try]", run: "click" },
  { trigger: `.modal .alert:contains("Nothing would change")` },
  { trigger: `.modal-title:contains("Try a change")` },
]);

tour("biometric_roster_assign", [
  { trigger: `button:contains("Assign or copy shifts")`, run: "click" },
  { trigger: ".modal [name=employee_ids] input", run: "edit Ana" },
  { trigger: `.o-autocomplete--dropdown-item:contains("Ana Reyes")`, run: "click" },
  { trigger: `.modal [name=employee_ids] .o_tag:contains("Ana Reyes")` },
  { trigger: ".modal [name=sunday] input", run: "click" },
  { trigger: ".modal [name=saturday] input", run: "click" },
  { trigger: ".modal button[name=action_apply]", run: "click" },
  { trigger: `body:not(:has(.modal)) .o_calendar_view .fc-event:contains("Ana Reyes")` },
]);
