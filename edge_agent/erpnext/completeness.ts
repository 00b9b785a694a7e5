/**
 * Complete until: per terminal, the instant before which nothing it recorded can be missing on the site.
 * Pure; the rules are those of Odoo's side: a push session without a silence, a whole read, a finished window
 * prove; what they do not prove is a gap. Must not know requests.
 */
import { MINUTE_MS } from "../base/duration.ts";
import { instantOf } from "../base/zone.ts";
import type { Run } from "../queue/queue.ts";

export type GapState = "Open" | "Closed" | "Accepted";

/** Instants in epoch ms. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** A loss is what the terminal no longer holds: no reading closes it. */
  readonly kind: "silence" | "loss";
  readonly state: GapState;
  readonly closedBy: string;
}

export interface Proof {
  /** Null: nothing is proven yet. */
  readonly provenUntil: number | null;
  readonly gaps: readonly Gap[];
}

export const NO_PROOF: Proof = { provenUntil: null, gaps: [] };

/** What the agent knows of a terminal's push session. */
export interface PushSession {
  readonly lastHeardAt: number | null;
  readonly unbrokenSince: number | null;
  readonly uploadIdle: boolean;
  /** Sightings of it that are not on the site yet. */
  readonly pending: number;
}

/** One outage is one gap: a line that drops again at once lengthens it. */
const SAME_OUTAGE_MS = 5 * MINUTE_MS;
/** Closed and accepted gaps remembered by terminal. */
const MOST_GAPS = 50;

export function completeUntil({ provenUntil, gaps }: Proof): number | null {
  if (provenUntil === null) return null;
  return Math.min(provenUntil, ...gaps.filter(isOpen).map(({ from }) => from));
}

function isOpen({ state }: Gap): boolean {
  return state === "Open";
}

export function afterSession(proof: Proof, session: PushSession): Proof {
  const { lastHeardAt: heardAt, unbrokenSince: since } = session;
  if (heardAt === null || since === null || since > heardAt) return proof;
  const before = proof.provenUntil;
  const opened = before !== null && since > before ? withSilence(proof, before, since) : proof;
  const start = before === null ? since : Math.max(before, since);
  const proven = session.uploadIdle && session.pending === 0 ? Math.max(start, heardAt) : start;
  return { ...opened, provenUntil: proven };
}

function withSilence(proof: Proof, from: number, to: number): Proof {
  const last = proof.gaps.find((gap) => isOpen(gap) && gap.kind === "silence" && gap.to === from);
  if (last !== undefined && to - from < SAME_OUTAGE_MS) {
    return { ...proof, gaps: proof.gaps.map((gap) => gap === last ? { ...gap, to } : gap) };
  }
  return withGap(proof, { from, to, kind: "silence", state: "Open", closedBy: "" });
}

function withGap(proof: Proof, gap: Gap): Proof {
  if (proof.gaps.some(({ from, kind }) => from === gap.from && kind === gap.kind)) return proof;
  const ended = proof.gaps.filter((one) => !isOpen(one)).slice(-MOST_GAPS);
  return { ...proof, gaps: [...ended, ...proof.gaps.filter(isOpen), gap] };
}

/** `decided`: no line of this terminal that cannot be read waits for a person. */
export function afterRun(
  proof: Proof,
  run: Run,
  { timeZone, decided }: { timeZone: string; decided: boolean },
): Proof {
  const lost = withLoss(proof, run, timeZone);
  if (run.outcome !== "complete" || (run.rejected > 0 && !decided)) return lost;
  const whole = run.channel === "poll";
  if (!whole && !isCounted(run)) return lost;
  const window = whole ? { from: -Infinity, to: run.startedAt } : windowOf(run, timeZone);
  const closedBy = `run ${run.id}`;
  const gaps = lost.gaps.map((gap) =>
    isOpen(gap) && gap.kind === "silence" && gap.from >= window.from &&
      gap.to <= Math.min(window.to, run.startedAt) && !overlapsLoss(lost, gap)
      ? { ...gap, state: "Closed" as const, closedBy }
      : gap
  );
  const provenUntil = whole ? Math.max(lost.provenUntil ?? 0, run.startedAt) : lost.provenUntil;
  return { provenUntil, gaps };
}

function withLoss(proof: Proof, run: Run, timeZone: string): Proof {
  if (run.lostFrom === undefined || run.lostTo === undefined) return proof;
  const from = instantOf(timeZone, run.lostFrom), to = instantOf(timeZone, run.lostTo);
  if (from >= to) return proof;
  return withGap(proof, { from, to, kind: "loss", state: "Open", closedBy: "" });
}

/** Some firmware answers an empty window as it answers a refusal. */
function isCounted({ read, deviceCount }: Run): boolean {
  if (read === 0) return deviceCount === 0;
  return deviceCount === null || read >= deviceCount;
}

function windowOf({ windowFrom, windowTo }: Run, timeZone: string): { from: number; to: number } {
  if (windowFrom === null || windowTo === null) return { from: Infinity, to: -Infinity };
  return { from: instantOf(timeZone, windowFrom), to: instantOf(timeZone, windowTo) };
}

function overlapsLoss({ gaps }: Proof, { from, to }: Gap): boolean {
  return gaps.some((gap) => gap.kind === "loss" && gap.from < to && gap.to > from);
}

/**
 * This agent itself lost what it had acknowledged, and no terminal holds it any more: as if the terminal no longer
 * held it. `from` null: since what is proven.
 */
export function afterLoss(
  proof: Proof,
  { from, to }: { readonly from: number | null; readonly to: number },
): Proof {
  const start = Math.min(from ?? proof.provenUntil ?? to, to - MINUTE_MS);
  return withGap(proof, { from: start, to, kind: "loss", state: "Open", closedBy: "" });
}

/** A named person takes the window as it is. */
export function afterAcceptance(proof: Proof, from: number): Proof {
  const gaps = proof.gaps.map((gap) =>
    gap.from === from && isOpen(gap)
      ? { ...gap, state: "Accepted" as const, closedBy: "a person" }
      : gap
  );
  return { ...proof, gaps };
}
