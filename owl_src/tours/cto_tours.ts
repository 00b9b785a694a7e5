/**
 * Overtime that became time off, click by click: asked for, approved, taken back, paid out
 * (tests/test_cto_tour.py has the people and their punches).
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

const balance = (text: string): string => `.o_biometric_cto_balance:contains("${text}")`;

tour("biometric_cto_ask", [
  { trigger: balance("3:00") },
  { trigger: `.o_biometric_cto_entry:contains("Earned")` },
  { trigger: ".o_biometric_cto_ask", run: "click" },
  { trigger: `.modal .o_form_view [name=biometric_balance_text]:contains("3 h 0 min")` },
  { trigger: ".modal .o_form_button_save, .modal button:contains('Save')", run: "click" },
  { trigger: "body:not(:has(.modal))" },
]);

tour("biometric_cto_approve", [
  { trigger: "button[name=action_approve]", run: "click" },
  { trigger: "button[name=action_refuse]" },
  { trigger: ".o_arrow_button_current:contains('Approved')" },
]);

tour("biometric_cto_cancel", [
  { trigger: "button[name=action_cancel]", run: "click" },
  {
    trigger: ".modal [name=reason] textarea, .modal [name=reason] input",
    run: "edit Plans fell through",
  },
  { trigger: ".modal button[name=action_cancel_leave]", run: "click" },
  { trigger: "body:not(:has(.modal))" },
]);

tour("biometric_cto_pay", [
  { trigger: balance("3:00") },
  { trigger: `.o_biometric_cto_entry:contains("given back")` },
  { trigger: `button:contains("Request payout")`, run: "click" },
  { trigger: ".modal [name=minutes] input", run: "edit 1:30" },
  { trigger: ".modal .o_form_button_save, .modal button:contains('Save')", run: "click" },
  { trigger: "body:not(:has(.modal))" },
]);

tour("biometric_cto_payout", [
  { trigger: `.o_data_row:contains("Ana Reyes") button[name=action_approve]`, run: "click" },
  { trigger: `.o_list_view:not(:has(button[name=action_approve]))` },
]);
