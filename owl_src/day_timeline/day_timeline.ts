/**
 * The field widget `day_timeline`: what was planned, punched and counted on one date.
 *
 * Owns the words and the look of the drawing; timeline.ts says where everything goes. The same facts
 * stand below it as text, for those who cannot see it and for a closer look. What is pointed at is read
 * off in a line of its own: a bubble would lie over the very bars. Read-only by nature.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import {
  type StandardFieldProps,
  standardFieldProps,
} from "@web/views/fields/standard_field_props";
import { formatMinutes, usableLocale } from "../format.ts";
import {
  clockIn,
  type DayFacts,
  draw,
  type Drawing,
  knownZone,
  readDay,
  type Span,
  type Step,
} from "./timeline.ts";

interface Props extends StandardFieldProps {
  zoneField?: string;
}

const REASONS: Readonly<Record<string, () => string>> = {
  double_tap: () => _t("repeated tap"),
  label_corrected: () => _t("wrong key, corrected immediately"),
  between: () => _t("between first and last punch"),
  missing_in: () => _t("out without an in"),
  double_in: () => _t("second in without an out"),
  repeated: () => _t("one punch is enough"),
};

const CLASSES: Readonly<Record<string, () => string>> = {
  regular: () => _t("Regular"),
  overtime: () => _t("Overtime"),
  doubletime: () => _t("Double time"),
  rest_day: () => _t("Rest day"),
  rest_day_overtime: () => _t("Rest day overtime"),
  holiday: () => _t("Holiday"),
  holiday_overtime: () => _t("Holiday overtime"),
  dropped: () => _t("Not counted"),
  unapproved: () => _t("Overtime to approve"),
};

/** What a rule did, by the name the engine gave it. */
const RULES: Readonly<Record<string, () => string>> = {
  break_window: () => _t("break of the shift"),
  break_filled_up: () => _t("break of the shift, punched too short"),
  meal: () => _t("meal"),
  round_in: () => _t("check-in rounded"),
  round_out: () => _t("check-out rounded"),
  snap_in: () => _t("check-in moved to the shift"),
  snap_out: () => _t("check-out moved to the shift"),
};

/** The colour family of a class; an unknown one is drawn as plain work. */
const FAMILIES: Readonly<Record<string, string>> = {
  regular: "regular",
  rest_day: "special",
  holiday: "special",
  overtime: "overtime",
  doubletime: "overtime",
  rest_day_overtime: "overtime",
  holiday_overtime: "overtime",
  dropped: "unpaid",
  unapproved: "unpaid",
};

/** A code of the engine in words; one without words here is shown as written, not hidden. */
function words(known: Readonly<Record<string, () => string>>, code: string): string {
  return Object.hasOwn(known, code) ? known[code]!() : code.replaceAll("_", " ");
}

interface Line {
  readonly key: string;
  readonly kind: string;
  readonly text: string;
}

const lengthOf = ({ fromMs, toMs }: Span): string =>
  formatMinutes(Math.floor((toMs - fromMs) / 60_000));

export class DayTimeline extends Component<Props> {
  static override template = "biometric_attendance.DayTimeline";
  static override props = { ...standardFieldProps, zoneField: { type: String, optional: true } };

  declare locale: string;
  declare state: { pointed: string };

  override setup(): void {
    this.locale = usableLocale(user.lang);
    this.state = useState({ pointed: "" });
  }

  point(text: string): void {
    this.state.pointed = text;
  }

  clock(atMs: number): string {
    return clockIn(knownZone(this.day?.zone ?? null), this.locale)(atMs);
  }

  get day(): DayFacts | null {
    const { record, name, zoneField } = this.props;
    const day = readDay(record.data[name]);
    const zone = zoneField ? record.data[zoneField] : undefined;
    return day && typeof zone === "string" && zone ? { ...day, zone } : day;
  }

  get drawing(): Drawing | null {
    const day = this.day;
    return day && draw(day, this.locale);
  }

  /** "08:00 – 12:00", the end open where there is none. */
  range(fromMs: number, toMs: number | null): string {
    return `${this.clock(fromMs)} – ${toMs === null ? "?" : this.clock(toMs)}`;
  }

  family(payClass: string): string {
    return FAMILIES[payClass] ?? "regular";
  }

  classWords(payClass: string): string {
    return words(CLASSES, payClass);
  }

  place(item: { left: number; width?: number }): string {
    const left = `inset-inline-start: ${item.left.toFixed(3)}%`;
    return item.width === undefined ? left : `${left}; width: ${item.width.toFixed(3)}%`;
  }

  /** Each session and each punch left out, in order of time. */
  get lines(): Line[] {
    const day = this.day;
    if (!day) return [];
    const clock = clockIn(knownZone(day.zone), this.locale);
    const entries = [
      ...day.sessions.map((item) => ({ ...item, atMs: item.fromMs })),
      ...day.leftOut,
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
  get steps(): Line[] {
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

  stepWords(step: Step, clock: (atMs: number) => string): string {
    if (step.kind === "move") {
      const why = words(RULES, step.rule);
      return _t("%(before)s counts as %(after)s: %(why)s", {
        before: clock(step.atMs),
        after: clock(step.movedMs),
        why,
      });
    }
    if (step.kind === "break") {
      return _t("Break of %(before)s counts as %(after)s: rounded", {
        before: formatMinutes(step.minutes),
        after: formatMinutes(step.movedMinutes),
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
  get legend(): { family: string; text: string }[] {
    const minutes = new Map<string, number>();
    for (const { payClass, fromMs, toMs } of this.day?.segments ?? []) {
      minutes.set(payClass, (minutes.get(payClass) ?? 0) + (toMs - fromMs) / 60_000);
    }
    const entries = [...minutes].map(([name, sum]) => ({
      family: this.family(name),
      text: `${this.classWords(name)} ${formatMinutes(Math.floor(sum))}`,
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
  extractProps: ({ options }: { options: { zone_field?: string } }) => (
    options.zone_field ? { zoneField: options.zone_field } : {}
  ),
  fieldDependencies: ({ options }: { options: { zone_field?: string } }) => (
    options.zone_field ? [{ name: options.zone_field, type: "char" }] : []
  ),
});
