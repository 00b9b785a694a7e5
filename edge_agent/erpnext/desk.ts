/**
 * What HR sees of us at the desk beside lists and forms: buttons, number cards, a notification, saved reports.
 * Pure data. They hold nothing: taking them off loses no punch.
 */
import { AGENT, DEVICE, GAP, PUNCH, RUN, SITE_COMMAND, UNREAD } from "./names.ts";
import type { Doc } from "./site.ts";

const HR_ROLE = "HR Manager";

/**
 * Asks for a window and makes a command of it. Times are the site's, also for a person who has another zone; of a
 * sum of days Frappe gives the date alone.
 */
const ASK = `
function biometric_ask(device) {
  const now = (frappe.datetime.system_datetime || frappe.datetime.now_datetime)();
  frappe.prompt([
    { fieldname: "from_time", fieldtype: "Datetime", label: __("From"), reqd: 1,
      default: frappe.datetime.add_days(now, -7) + " 00:00:00" },
    { fieldname: "to_time", fieldtype: "Datetime", label: __("To"), reqd: 1, default: now },
  ], (window) => {
    frappe.db.insert({ doctype: "${SITE_COMMAND}", device, command: "Pull from terminal", ...window })
      .then((made) => frappe.set_route("Form", "${SITE_COMMAND}", made.name));
  }, __("Pull from terminal"), __("Pull"));
}`;

const deviceForm = `${ASK}
frappe.ui.form.on("${DEVICE}", {
  refresh(frm) {
    if (frm.is_new()) return;
    frm.add_custom_button(__("Pull from terminal"), () => biometric_ask(frm.doc.name));
    frm.add_custom_button(__("Punches"), () =>
      frappe.set_route("List", "${PUNCH}", { serial: frm.doc.name }), __("Show"));
    frm.add_custom_button(__("Runs"), () =>
      frappe.set_route("List", "${RUN}", { device: frm.doc.name }), __("Show"));
    frm.add_custom_button(__("Missing windows"), () =>
      frappe.set_route("List", "${GAP}", { device: frm.doc.name, state: "Open" }), __("Show"));
  },
});`;

const deviceList = `${ASK}
frappe.listview_settings["${DEVICE}"] = {
  add_fields: ["approval", "condition"],
  get_indicator(doc) {
    if (doc.approval === "Waiting") return [__("Waiting"), "orange", "approval,=,Waiting"];
    if (doc.approval === "Refused") return [__("Refused"), "gray", "approval,=,Refused"];
    if (doc.condition === "silent") return [__("Silent"), "red", "condition,=,silent"];
    return doc.condition
      ? [__("Approved"), "green", "approval,=,Approved"]
      : [__("Not heard yet"), "orange", "approval,=,Approved"];
  },
  button: {
    show: (doc) => doc.approval === "Approved",
    get_label: () => __("Pull"),
    get_description: () => __("Pull from terminal"),
    action: (doc) => biometric_ask(doc.name),
  },
};`;

/** Follows a command until it has ended, without a person reloading the page. */
const commandForm = `
frappe.ui.form.on("${SITE_COMMAND}", {
  refresh(frm) {
    clearTimeout(frm.biometric_timer);
    if (["Requested", "Running"].includes(frm.doc.state) && !frm.is_new()) {
      frm.set_intro(frm.doc.progress || __("The agent takes it within a minute."));
      frm.biometric_timer = setTimeout(() => {
        if (cur_frm === frm) frm.reload_doc();
      }, 5000);
    }
    if (frm.doc.run) {
      frm.add_custom_button(__("Show the run"), () =>
        frappe.set_route("Form", "${RUN}", frm.doc.run));
    }
  },
});`;

const script = (name: string, dt: string, view: string, text: string): Doc => ({
  doctype: "Client Script",
  name,
  dt,
  view,
  enabled: 1,
  script: text.trim(),
});

const card = (label: string, documentType: string, filters: readonly unknown[]): Doc => ({
  doctype: "Number Card",
  name: label,
  label,
  type: "Document Type",
  document_type: documentType,
  function: "Count",
  filters_json: JSON.stringify(filters),
  is_public: 1,
  show_percentage_stats: 0,
  module: "HR",
});

const report = (name: string, ref: string, filters: readonly unknown[]): Doc => ({
  doctype: "Report",
  name,
  report_name: name,
  ref_doctype: ref,
  report_type: "Report Builder",
  is_standard: "No",
  json: JSON.stringify({ filters, sort_by: `${ref}.creation`, sort_order: "desc" }),
});

const only = (doctype: string, field: string, operator: string, value: unknown) => [
  [doctype, field, operator, value],
];

export const DESK: readonly Doc[] = [
  script("Biometric Device form", DEVICE, "Form", deviceForm),
  script("Biometric Device list", DEVICE, "List", deviceList),
  script("Biometric Command form", SITE_COMMAND, "Form", commandForm),
  card("Punches of unknown PINs", PUNCH, only(PUNCH, "state", "=", "unmapped")),
  card("Punches held back", PUNCH, only(PUNCH, "state", "=", "held")),
  card("Punches refused", PUNCH, only(PUNCH, "state", "=", "refused")),
  card("Punches after Attendance", PUNCH, only(PUNCH, "reason", "like", "came after%")),
  card("Lines that could not be read", UNREAD, only(UNREAD, "decision", "is", "not set")),
  card("Missing windows", GAP, only(GAP, "state", "=", "Open")),
  card("Terminals waiting for approval", DEVICE, only(DEVICE, "approval", "=", "Waiting")),
  card("Terminals silent", DEVICE, only(DEVICE, "condition", "=", "silent")),
  card("Agents with an alarm", AGENT, only(AGENT, "condition", "!=", "ok")),
  {
    doctype: "Notification",
    name: "Biometric window missing",
    enabled: 1,
    document_type: GAP,
    event: "New",
    channel: "System Notification",
    subject: "{{ doc.device }}: nothing is proven from {{ doc.from_time }}",
    message: "Pull from the terminal, or accept the window with a reason.",
    recipients: [{ receiver_by_role: HR_ROLE }],
  },
  report("Biometric punches that wait", PUNCH, only(PUNCH, "state", "in", ["unmapped", "held"])),
  report("Biometric punches refused", PUNCH, only(PUNCH, "state", "=", "refused")),
  report("Biometric check-ins removed", PUNCH, only(PUNCH, "state", "=", "removed")),
  report("Biometric windows missing", GAP, only(GAP, "state", "=", "Open")),
  report("Biometric runs", RUN, []),
];
