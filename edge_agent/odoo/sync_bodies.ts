/**
 * What is told at sync, in the words of docs/contract.md. Owns names and forms of these parts; must not know
 * when they are told or what becomes of them.
 */
import { instant } from "../base/clock.ts";
import type { Loss, Run } from "../queue/queue.ts";

/** How a machine stands with updates. */
export interface VersionsHere {
  /** Epoch ms of the last fresh set of metadata. */
  readonly freshAt: number | null;
  /** The version that runs and is not confirmed yet. */
  readonly onTrial: string | null;
  readonly refused: readonly {
    readonly version: string;
    readonly reason: string;
    /** Epoch ms. */
    readonly at: number;
  }[];
}

/** Newest last; the reason is for a person. */
export function updateBody(state: VersionsHere | null): Record<string, unknown> | null {
  if (state === null) return null;
  return {
    fresh_at: state.freshAt === null ? null : instant(state.freshAt),
    on_trial: state.onTrial,
    refused: state.refused.map(({ version, reason, at }) => ({
      version,
      reason: reason.slice(0, 200),
      at: instant(at),
    })),
  };
}

export function lossBody(loss: Loss): Record<string, unknown> {
  return {
    id: loss.id,
    lane: loss.lane,
    cause: loss.cause,
    from: loss.from === null ? null : instant(loss.from),
    to: instant(loss.to),
    first_seq: loss.firstSeq,
    last_seq: loss.lastSeq,
    state: loss.state,
  };
}

export function runBody(run: Run): Record<string, unknown> {
  return {
    id: run.id,
    serial: run.serial,
    channel: run.channel,
    asked_by: run.askedBy,
    window_from: run.windowFrom,
    window_to: run.windowTo,
    read: run.read,
    new: run.new,
    duplicate: run.duplicate,
    rejected: run.rejected,
    device_count: run.deviceCount,
    started_at: instant(run.startedAt),
    ended_at: instant(run.endedAt),
    outcome: run.outcome,
    message: run.message,
    command_id: run.commandId,
    lost_from: run.lostFrom ?? null,
    lost_to: run.lostTo ?? null,
    vanished: run.vanished ?? 0,
    ...(run.holes === undefined ? {} : { holes: run.holes }),
  };
}
