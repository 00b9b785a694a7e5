// generated from owl_src/minutes_field/minutes_field.ts, do not edit
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import {
  standardFieldProps
} from "@web/views/fields/standard_field_props";
import { formatMinutes, parseMinutes } from "../format";
function formatMinutesValue(value) {
  return typeof value === "number" ? formatMinutes(value) : "";
}
function parseMinutesText(text) {
  const minutes = parseMinutes(text);
  if (minutes === null) throw new Error("not a length of time");
  return minutes;
}
class MinutesField extends Component {
  static template = "biometric_attendance.MinutesField";
  static props = {
    ...standardFieldProps,
    placeholder: { type: String, optional: true },
    blankZero: { type: Boolean, optional: true }
  };
  setup() {
    useInputField({ getValue: () => this.text, parse: parseMinutesText, refName: "input" });
  }
  /** Where a column is mostly zeros, `blank_zero` lets the others stand out; typed values stay. */
  get text() {
    const { record, name, readonly, blankZero } = this.props;
    return blankZero && readonly && record.data[name] === 0 ? "" : formatMinutesValue(record.data[name]);
  }
}
registry.category("fields").add("biometric_minutes", {
  component: MinutesField,
  displayName: _t("Minutes as h:mm"),
  supportedTypes: ["integer"],
  isEmpty: () => false,
  supportedOptions: [{ name: "blank_zero", label: _t("Leave zero empty"), type: "boolean" }],
  extractProps: ({ placeholder, options }) => ({ placeholder, blankZero: Boolean(options.blank_zero) })
});
registry.category("formatters").add("biometric_minutes", formatMinutesValue);
registry.category("parsers").add("biometric_minutes", parseMinutesText);
export {
  MinutesField,
  formatMinutesValue,
  parseMinutesText
};
