// generated from owl_src/day_timeline/day_timeline.ts, do not edit
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import {
  standardFieldProps
} from "@web/views/fields/standard_field_props";
import { formatMinutes, usableLocale } from "../format";
import {
  clockIn,
  draw,
  knownZone,
  readDay
} from "./timeline";
const REASONS = {
  double_tap: () => _t("repeated tap"),
  label_corrected: () => _t("wrong key, corrected immediately"),
  between: () => _t("between first and last punch"),
  missing_in: () => _t("out without an in"),
  double_in: () => _t("second in without an out"),
  repeated: () => _t("one punch is enough")
};
const CLASSES = {
  regular: () => _t("Regular"),
  overtime: () => _t("Overtime"),
  doubletime: () => _t("Double time"),
  rest_day: () => _t("Rest day"),
  rest_day_overtime: () => _t("Rest day overtime"),
  holiday: () => _t("Holiday"),
  holiday_overtime: () => _t("Holiday overtime"),
  dropped: () => _t("Not counted"),
  unapproved: () => _t("Overtime to approve")
};
const RULES = {
  break_window: () => _t("break of the shift"),
  break_filled_up: () => _t("break of the shift, punched too short"),
  meal: () => _t("meal"),
  round_in: () => _t("check-in rounded"),
  round_out: () => _t("check-out rounded"),
  snap_in: () => _t("check-in moved to the shift"),
  snap_out: () => _t("check-out moved to the shift")
};
const FAMILIES = {
  regular: "regular",
  rest_day: "special",
  holiday: "special",
  overtime: "overtime",
  doubletime: "overtime",
  rest_day_overtime: "overtime",
  holiday_overtime: "overtime",
  dropped: "unpaid",
  unapproved: "unpaid"
};
function words(known, code) {
  return Object.hasOwn(known, code) ? known[code]() : code.replaceAll("_", " ");
}
const lengthOf = ({ fromMs, toMs }) => formatMinutes(Math.floor((toMs - fromMs) / 6e4));
class DayTimeline extends Component {
  static template = "biometric_attendance.DayTimeline";
  static props = { ...standardFieldProps, zoneField: { type: String, optional: true } };
  setup() {
    this.locale = usableLocale(user.lang);
    this.state = useState({ pointed: "" });
  }
  point(text) {
    this.state.pointed = text;
  }
  clock(atMs) {
    return clockIn(knownZone(this.day?.zone ?? null), this.locale)(atMs);
  }
  get day() {
    const { record, name, zoneField } = this.props;
    const day = readDay(record.data[name]);
    const zone = zoneField ? record.data[zoneField] : void 0;
    return day && typeof zone === "string" && zone ? { ...day, zone } : day;
  }
  get drawing() {
    const day = this.day;
    return day && draw(day, this.locale);
  }
  /** "08:00 – 12:00", the end open where there is none. */
  range(fromMs, toMs) {
    return `${this.clock(fromMs)} – ${toMs === null ? "?" : this.clock(toMs)}`;
  }
  family(payClass) {
    return FAMILIES[payClass] ?? "regular";
  }
  classWords(payClass) {
    return words(CLASSES, payClass);
  }
  place(item) {
    const left = `inset-inline-start: ${item.left.toFixed(3)}%`;
    return item.width === void 0 ? left : `${left}; width: ${item.width.toFixed(3)}%`;
  }
  /** Each session and each punch left out, in order of time. */
  get lines() {
    const day = this.day;
    if (!day) return [];
    const clock = clockIn(knownZone(day.zone), this.locale);
    const entries = [
      ...day.sessions.map((item) => ({ ...item, atMs: item.fromMs })),
      ...day.leftOut
    ].sort((a, b) => a.atMs - b.atMs);
    return entries.map((entry, index) => {
      const key = String(index);
      if ("reason" in entry) {
        const why = words(REASONS, entry.reason);
        const text = _t("%(time)s not used: %(why)s", { time: clock(entry.atMs), why });
        return { key, kind: "ignored", text };
      }
      const range = this.range(entry.fromMs, entry.toMs);
      if (entry.toMs === null) return { key, kind: "open", text: _t("%s no out punch", range) };
      const length = lengthOf({ fromMs: entry.fromMs, toMs: entry.toMs });
      if (entry.assumed) {
        const text = _t("%(range)s (%(length)s), end assumed", { range, length });
        return { key, kind: "assumed", text };
      }
      return { key, kind: "closed", text: `${range} (${length})` };
    });
  }
  /** Which rule took, gave or moved which minutes, in words. */
  get steps() {
    const day = this.day;
    if (!day) return [];
    const clock = clockIn(knownZone(day.zone), this.locale);
    const texts = day.steps.map((step) => this.stepWords(step, clock));
    if (day.adjustments) texts.push(_t("Approved corrections: %s", day.adjustments));
    if (day.undecided) {
      texts.push(_t("Punches in an hour the clock showed twice: %s", day.undecided));
    }
    return texts.map((text, index) => ({ key: String(index), kind: "step", text }));
  }
  stepWords(step, clock) {
    if (step.kind === "move") {
      const why2 = words(RULES, step.rule);
      return _t("%(before)s counts as %(after)s: %(why)s", {
        before: clock(step.atMs),
        after: clock(step.movedMs),
        why: why2
      });
    }
    if (step.kind === "break") {
      return _t("Break of %(before)s counts as %(after)s: rounded", {
        before: formatMinutes(step.minutes),
        after: formatMinutes(step.movedMinutes)
      });
    }
    if (step.kind === "clamped") {
      return _t("%s outside the shift not counted", formatMinutes(step.minutes));
    }
    const range = this.range(step.fromMs, step.toMs);
    const length = lengthOf(step);
    if (step.kind === "paid_gap") {
      return _t("%(range)s (%(length)s) break, paid", { range, length });
    }
    if (step.kind === "unpaid_gap") {
      return _t("%(range)s (%(length)s) break, not paid", { range, length });
    }
    const why = words(RULES, step.rule);
    return _t("%(range)s (%(length)s) deducted: %(why)s", { range, length, why });
  }
  /** Each class with its colour and its minutes; then the mark of punches left out. */
  get legend() {
    const minutes = /* @__PURE__ */ new Map();
    for (const { payClass, fromMs, toMs } of this.day?.segments ?? []) {
      minutes.set(payClass, (minutes.get(payClass) ?? 0) + (toMs - fromMs) / 6e4);
    }
    const entries = [...minutes].map(([name, sum]) => ({
      family: this.family(name),
      text: `${this.classWords(name)} ${formatMinutes(Math.floor(sum))}`
    }));
    const unused = { family: "unused", text: _t("Ignored punch") };
    return this.day?.leftOut.length ? [...entries, unused] : entries;
  }
}
registry.category("fields").add("day_timeline", {
  component: DayTimeline,
  displayName: _t("Day timeline"),
  supportedTypes: ["json", "text", "char"],
  supportedOptions: [{ name: "zone_field", label: _t("Field with the time zone"), type: "string" }],
  isEmpty: () => false,
  extractProps: ({ options }) => options.zone_field ? { zoneField: options.zone_field } : {},
  fieldDependencies: ({ options }) => options.zone_field ? [{ name: options.zone_field, type: "char" }] : []
});
export {
  DayTimeline
};
