/** The evidence of one read over port 4370 before anything came of it. Pure. */
import { MINUTE_MS } from "../base/duration.ts";
import { wallText } from "../base/wall_time.ts";
import { wallTimeAt } from "../base/zone.ts";
import type { Run } from "../queue/queue.ts";
import type { PollPlan } from "./plan.ts";

/** Why a read was made; `asked` carries the command of an operator. */
export interface PullOrder {
  readonly askedBy: string;
  readonly commandId?: number;
  /** Wall times; the whole log is read anyway, the window is what the run is about. */
  readonly from?: string;
  readonly to?: string;
}

/** A run that has come to nothing yet. */
export function emptyRun(serial: string, order: PullOrder, id: string, now: number): Run {
  return {
    id,
    serial,
    channel: "poll",
    askedBy: order.askedBy,
    windowFrom: order.from ?? null,
    windowTo: order.to ?? null,
    read: 0,
    new: 0,
    duplicate: 0,
    rejected: 0,
    deviceCount: null,
    startedAt: now,
    endedAt: now,
    outcome: "failed",
    message: "",
    commandId: order.commandId ?? null,
  };
}

/** The terminal's wall time at an instant (epoch ms), a past one too. */
export function wallTimeOf(at: number, plan: PollPlan): string {
  if (plan.timeZone !== undefined) return wallTimeAt(plan.timeZone, at);
  return wallText(at + plan.utcOffsetMinutes * MINUTE_MS);
}
