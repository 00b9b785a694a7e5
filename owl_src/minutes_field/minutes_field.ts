/**
 * The field widget `biometric_minutes`: whole minutes, shown and typed as hours and minutes.
 *
 * Owns the widget and the formatter of the same name, which list totals, pivots and graphs ask for by
 * the widget's name. Must not know what the minutes are of.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import {
  type StandardFieldProps,
  standardFieldProps,
} from "@web/views/fields/standard_field_props";
import { formatMinutes, parseMinutes } from "../format.ts";

interface Props extends StandardFieldProps {
  placeholder?: string;
  blankZero?: boolean;
}

/** The text of a field's value; a column without a value (Odoo: `false`) shows nothing. */
export function formatMinutesValue(value: unknown): string {
  return typeof value === "number" ? formatMinutes(value) : "";
}

/** The number in what was typed; throws, as Odoo's parsers do, when there is none. */
export function parseMinutesText(text: string): number {
  const minutes = parseMinutes(text);
  if (minutes === null) throw new Error("not a length of time");
  return minutes;
}

export class MinutesField extends Component<Props> {
  static override template = "biometric_attendance.MinutesField";
  static override props = {
    ...standardFieldProps,
    placeholder: { type: String, optional: true },
    blankZero: { type: Boolean, optional: true },
  };

  override setup(): void {
    useInputField({ getValue: () => this.text, parse: parseMinutesText, refName: "input" });
  }

  /** Where a column is mostly zeros, `blank_zero` lets the others stand out; typed values stay. */
  get text(): string {
    const { record, name, readonly, blankZero } = this.props;
    return blankZero && readonly && record.data[name] === 0
      ? ""
      : formatMinutesValue(record.data[name]);
  }
}

registry.category("fields").add("biometric_minutes", {
  component: MinutesField,
  displayName: _t("Minutes as h:mm"),
  supportedTypes: ["integer"],
  isEmpty: () => false,
  supportedOptions: [{ name: "blank_zero", label: _t("Leave zero empty"), type: "boolean" }],
  extractProps: (
    { placeholder, options }: { placeholder?: string; options: { blank_zero?: boolean } },
  ) => ({ placeholder, blankZero: Boolean(options.blank_zero) }),
});
registry.category("formatters").add("biometric_minutes", formatMinutesValue);
registry.category("parsers").add("biometric_minutes", parseMinutesText);
