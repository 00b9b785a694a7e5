/**
 * When a terminal is read over port 4370 and when its log may be cleared. Pure: the time, what push
 * has been doing and what earlier reads found come in; a decision with its reason goes out.
 */
import { MINUTE_MS } from "../base/duration.ts";
import { DAY_MINUTES, inSpans, localMinutes, minutesOf } from "../base/hours.ts";

export interface PollPlan {
  /** push: read only while push is silent; poll: by schedule; both: by schedule beside push. */
  readonly mode: "push" | "poll" | "both";
  readonly intervalMinutes: number;
  /** `HH:MM` in the device's zone; when there are any they replace the interval. */
  readonly times: readonly string[];
  /** `HH:MM-HH:MM` in the device's zone, over midnight too: the terminal is left alone. */
  readonly quiet: readonly string[];
  /** Now. */
  readonly utcOffsetMinutes: number;
  /** The device's; absent while nobody told it. */
  readonly timeZone?: string;
  /** Between reads, listen for punches and read soon after one. */
  readonly live: boolean;
}

/** What is known of the push channel. */
export interface PushView {
  /** Epoch ms; null when it was not heard since the agent started. */
  readonly lastHeardAt: number | null;
  /** Silence that its heartbeat explains. */
  readonly allowedSilenceMs: number;
  /** Epoch ms since when the agent listens. */
  readonly listeningSince: number;
}

/** What earlier reads left. */
export interface PollHistory {
  /** Epoch ms of the last read that succeeded; null for none. */
  readonly lastReadAt: number | null;
  readonly lastTriedAt: number | null;
  /** Failed tries since the last success. */
  readonly failures: number;
  /** The firmware offers no pull. */
  readonly notAvailable: boolean;
}

export interface Decision {
  readonly poll: boolean;
  /** In words, constant enough to be compared. */
  readonly why: string;
  /** The channel that carries the device now: what operators see. */
  readonly channel: "push" | "poll" | "both";
}

/** While push is silent the terminal is read this often, or more often if the plan says so. */
const FALLBACK_MINUTES = 5;
const LONGEST_BACKOFF_MINUTES = 60;
/** A firmware without pull is asked once a day: it may have been updated. */
const NOT_AVAILABLE_MINUTES = DAY_MINUTES;

export function decide(
  plan: PollPlan,
  push: PushView | null,
  history: PollHistory,
  now: number,
): Decision {
  const silent = isSilent(push, now);
  const channel = plan.mode === "push" ? (silent ? "poll" : "push") : plan.mode;
  const no = (why: string): Decision => ({ poll: false, why, channel });
  if (inSpans(plan.quiet, plan.utcOffsetMinutes, now)) return no("quiet hours");
  if (waitsAfterFailure(history, now)) return no("waiting after a failed read");
  const { lastReadAt } = history;
  if (plan.mode !== "poll" && silent) {
    const minutes = Math.min(FALLBACK_MINUTES, plan.intervalMinutes);
    if (isOlder(lastReadAt, minutes, now)) return { poll: true, why: "push is silent", channel };
    return no("push is silent; read just now");
  }
  if (plan.mode === "push") return no("push is alive");
  if (lastReadAt === null) return { poll: true, why: "first read", channel };
  const due = plan.times.length > 0
    ? latestOf(plan.times, plan.utcOffsetMinutes, now) > lastReadAt
    : isOlder(lastReadAt, plan.intervalMinutes, now);
  return due ? { poll: true, why: "schedule", channel } : no("not due");
}

/** Minutes between two reads that announced punches asked for: each costs the terminal its whole log. */
const HINT_MINUTES = 1;

/** Whether an announced punch is to be read now. */
export function hintDue(plan: PollPlan, history: PollHistory, now: number): boolean {
  return listens(plan, history, now) && isOlder(history.lastTriedAt, HINT_MINUTES, now);
}

/** Whether a terminal is listened to now: once it was read, and never in its quiet hours. */
export function listens(plan: PollPlan, history: PollHistory, now: number): boolean {
  return plan.live && plan.mode !== "push" && history.lastReadAt !== null &&
    history.failures === 0 &&
    !inSpans(plan.quiet, plan.utcOffsetMinutes, now);
}

/** Longer than the heartbeat allows. Never heard counts from when the agent began to listen. */
function isSilent(push: PushView | null, now: number): boolean {
  if (push === null) return true;
  const last = push.lastHeardAt ?? push.listeningSince;
  return now - last > push.allowedSilenceMs;
}

function isOlder(at: number | null, minutes: number, now: number): boolean {
  // A clock that was set back must not stop the reading.
  return at === null || now - at >= minutes * MINUTE_MS || now < at;
}

function waitsAfterFailure(history: PollHistory, now: number): boolean {
  if (history.lastTriedAt === null || history.failures === 0) return false;
  const minutes = history.notAvailable
    ? NOT_AVAILABLE_MINUTES
    : Math.min(LONGEST_BACKOFF_MINUTES, 2 ** (history.failures - 1));
  return !isOlder(history.lastTriedAt, minutes, now);
}

/** Epoch ms of the latest of the named times that has passed. */
function latestOf(times: readonly string[], utcOffsetMinutes: number, now: number): number {
  const at = localMinutes(utcOffsetMinutes, now);
  const ages = times.map((time) => (at - minutesOf(time) + DAY_MINUTES) % DAY_MINUTES);
  return now - Math.min(...ages) * MINUTE_MS;
}

/** A read may be put off by quiet hours, another read or a retry. */
const GRACE_MINUTES = 30;

/** Whether reads of a terminal that never pushes are missing: it is silent then. */
export function readsMissing(
  plan: Pick<PollPlan, "intervalMinutes" | "times">,
  lastReadAt: number | null,
  now: number,
): boolean {
  const minutes = plan.times.length > 0 ? DAY_MINUTES : 2 * plan.intervalMinutes;
  return lastReadAt === null || Math.abs(now - lastReadAt) > (minutes + GRACE_MINUTES) * MINUTE_MS;
}

/** Per device; clearing is never the default. */
export interface CleanupPolicy {
  readonly when: "never" | "above" | "every";
  /** Fill level for `above`. */
  readonly percent: number;
  /** Pause for `every`. */
  readonly days: number;
  /** `HH:MM-HH:MM`: the hours in which nobody punches. None: never. */
  readonly hours: readonly string[];
}

export const NEVER_CLEAN: CleanupPolicy = { when: "never", percent: 80, days: 30, hours: [] };

export interface Fill {
  /** Records by the terminal's own count in the last complete read; null when unknown. */
  readonly count: number | null;
  readonly capacity: number | null;
  /** Epoch ms of the last try and of the last clear. */
  readonly lastTriedAt: number | null;
  readonly lastClearedAt: number | null;
}

/** Whether a try at clearing is due now: at most one a day, only in the named hours. */
export function cleanupDue(
  policy: CleanupPolicy,
  fill: Fill,
  utcOffsetMinutes: number,
  now: number,
): boolean {
  if (policy.when === "never" || !inSpans(policy.hours, utcOffsetMinutes, now)) return false;
  if (!isOlder(fill.lastTriedAt, DAY_MINUTES - 60, now)) return false;
  if (!fill.count) return false;
  if (policy.when === "every") return isOlder(fill.lastClearedAt, policy.days * DAY_MINUTES, now);
  return fillPercent(fill) >= policy.percent;
}

function fillPercent(fill: Pick<Fill, "count" | "capacity">): number {
  return fill.count && fill.capacity ? 100 * fill.count / fill.capacity : 0;
}

export type StorageLevel = 0 | 70 | 85 | 95;

/** The alarm threshold that is passed. */
export function storageLevel(fill: Pick<Fill, "count" | "capacity">): StorageLevel {
  const percent = fillPercent(fill);
  return percent >= 95 ? 95 : percent >= 85 ? 85 : percent >= 70 ? 70 : 0;
}

/** Why push forbids a clear now: what it has not delivered yet would be destroyed. Null: it does not. */
export function whyPushNotQuiet(
  push: { readonly silent: boolean; readonly uploadIdle: boolean } | null,
): string | null {
  if (push === null) return null;
  if (push.silent) return "push is silent: what it still holds would be destroyed unseen";
  return push.uploadIdle ? null : "push is still uploading";
}

/** How a terminal that never pushes is read. */
export interface PollView {
  readonly intervalMinutes: number;
  /** Times of day; when there are some, the interval does not count. */
  readonly times: readonly string[];
  /** Epoch ms of the last read that succeeded, null for none. */
  readonly lastReadAt: number | null;
}

/** What of a device a missing read changes. */
export interface HeardDevice {
  readonly serial: string;
  readonly silent: boolean;
  /** Epoch ms, null for never. */
  readonly lastHeardAt: number | null;
}

/** A terminal that is only polled is silent when reads are missing, and heard when it was read. */
export function polledDevice<T extends HeardDevice>(device: T, poll: PollView, now: number): T {
  const { lastReadAt } = poll;
  return { ...device, lastHeardAt: lastReadAt, silent: readsMissing(poll, lastReadAt, now) };
}
