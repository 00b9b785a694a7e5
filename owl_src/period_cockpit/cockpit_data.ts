/**
 * What the period cockpit is told in one reading, and what of it opens which button.
 *
 * Pure. Must not know Odoo.
 */

export interface Blocker {
  readonly what: string;
  readonly date: string;
  readonly reason: string;
  readonly name: string;
  readonly label: string;
  readonly minutes: number;
  /** Who resolves it, where this user may not open its screen. */
  readonly by: string;
}

export interface Kind {
  readonly reason: string;
  readonly label: string;
  readonly count: number;
  readonly minutes: number;
  readonly may_pass: boolean;
}

/** The blockers that are listed: those of one kind, or all; and how many of them are not sent. */
export function listed(
  gate: Gate,
  reason: string | null,
): { readonly rows: readonly Blocker[]; readonly more: number } {
  const kind = gate.kinds.find((one) => one.reason === reason);
  if (!kind) return { rows: gate.blockers, more: gate.more };
  const rows = gate.blockers.filter((one) => one.reason === reason);
  return { rows, more: Math.max(0, kind.count - rows.length) };
}

export interface PeriodHead {
  readonly id: number;
  readonly name: string;
  readonly state: "open" | "ready" | "locked" | "exported";
  readonly state_label: string;
  readonly is_over: boolean;
  readonly profile: string;
}

export interface Gate {
  readonly open: number;
  readonly passed: number;
  readonly kinds: readonly Kind[];
  readonly blockers: readonly Blocker[];
  readonly more: number;
}

export interface ProducedFile {
  readonly id: number;
  readonly name: string;
  readonly sha256: string;
  readonly lines: number;
  readonly people: number;
  readonly minutes: number;
  readonly by: string;
  readonly at: string;
  readonly program: string;
}

export interface Delivery {
  readonly id: number;
  readonly where: string;
  readonly file: string;
  readonly state: "waiting" | "delivered" | "failed";
  readonly state_label: string;
  readonly at: string | false;
  readonly bytes: number;
  readonly answer: string;
}

/** Every day computed once more: how many, and which are not what their punches give. */
export interface Comparison {
  readonly days: number;
  readonly count: number;
  /** Why the file would be refused now; empty where it would be made, or was not asked. */
  readonly refusal: string;
  readonly differs: readonly {
    readonly name: string;
    readonly date: string;
    readonly text: string;
  }[];
}

export interface Override {
  readonly reason: string;
  readonly asked_by: string;
  readonly confirmed_by: string;
  readonly count: number;
  readonly may_confirm: boolean;
}

export interface CockpitData {
  readonly period: PeriodHead | false;
  readonly periods: readonly {
    readonly id: number;
    readonly name: string;
    readonly state: string;
  }[];
  readonly gate: Gate;
  readonly totals: {
    readonly people: number;
    readonly days: number;
    readonly minutes: number;
    readonly classes: readonly { readonly label: string; readonly minutes: number }[];
    readonly is_made: boolean;
  };
  readonly corrections: {
    readonly days: number;
    readonly people: number;
    readonly minutes: number;
  };
  /** People with days in the period whom no pay group pays. */
  readonly outside: { readonly count: number; readonly names: string };
  readonly override: Override | false;
  readonly files: readonly ProducedFile[];
  readonly deliveries: readonly Delivery[];
  readonly may_close: boolean;
}

/** Green: it can be closed; amber: two people let pass what is left; red: it is blocked or refused. */
export function light(gate: Gate, refusal: string): "success" | "warning" | "danger" {
  if (gate.open > 0 || refusal) return "danger";
  return gate.passed > 0 ? "warning" : "success";
}

/** Whether days are worth comparing: those of a period that can be closed soon. */
export function isCompared(period: PeriodHead): boolean {
  return period.is_over && period.state !== "exported";
}

/** Colour of a receipt. */
export function receiptClass(delivery: Delivery): string {
  const colours = { waiting: "secondary", delivered: "success", failed: "danger" };
  return `text-bg-${colours[delivery.state]}`;
}

/** Whether the button that locks and exports is offered. */
export function mayClose(data: CockpitData, refusal: string): boolean {
  const { period } = data;
  return data.may_close && period !== false && period.is_over && period.state !== "exported" &&
    data.gate.open === 0 && !refusal;
}

/** Whether somebody may ask that what is left passes: some of it may, and nothing else is in the way. */
export function mayAsk(data: CockpitData): boolean {
  const { period } = data;
  return data.may_close && period !== false && period.state !== "exported" &&
    data.gate.kinds.some((kind) => kind.may_pass);
}
