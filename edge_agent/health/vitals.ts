/**
 * The truth about this agent for people and monitors. Owns the judgement: never green while something is
 * late, missing or damaged. Must not know how anything is mended, nor who asks.
 */
import { EARLIEST_INSTANT_MS, instant } from "../base/clock.ts";
import type { QueueStats } from "../queue/queue.ts";
import type { Alarm } from "./alarms.ts";
import { type DestinationName, DESTINATIONS } from "./destinations.ts";
import { linkState, setupSteps } from "./setup.ts";

/** What is looked at; all of it is asked anew for every answer. */
export interface Vitals {
  readonly version: string;
  readonly startedMs: number;
  readonly destination: DestinationName;
  readonly paired: boolean;
  /** What the destination said last; null before its first answer. */
  readonly state: "waiting" | "active" | null;
  /** Null when the store does not even answer that. */
  readonly stats: QueueStats | null;
  readonly alarms: readonly Alarm[];
  readonly devices: readonly VitalDevice[];
  /** Ms since the destination's latest proven answer, null for none since the start. */
  readonly sinceAnswerMs: number | null;
  readonly uptimeMs: number;
  readonly clockTrusted: boolean;
  readonly devicePortOpen: boolean;
  /** That terminals can call. */
  readonly addresses: readonly string[];
}

export interface VitalDevice {
  readonly serial: string;
  readonly state: "waiting" | "active" | "refused";
  readonly silent: boolean;
  /** Epoch ms, null for never. */
  readonly lastHeardAt: number | null;
  readonly lastPunchAt: number | null;
  /** Epoch ms from which on it was never silent; null: not since the agent started. */
  readonly unbrokenSince: number | null;
}

export interface Reason {
  readonly code: string;
  readonly detail: string;
}

export type HealthStatus = "ok" | "starting" | "failing";

/** Everything that speaks against green. */
function reasons(vitals: Vitals, now: number, lateMs: number): Reason[] {
  return [
    ...storeReasons(vitals, now, lateMs),
    ...clockReasons(vitals, now, lateMs),
    ...linkReasons(vitals, lateMs),
    ...vitals.devices.flatMap((device) => deviceReasons(device, vitals, lateMs)),
    ...vitals.alarms.map((alarm) => ({ code: alarm.code, detail: alarm.message })),
  ];
}

function storeReasons({ stats }: Vitals, now: number, lateMs: number): Reason[] {
  if (stats === null) return [{ code: "storage", detail: "the queue does not answer" }];
  const found: Reason[] = [];
  if (stats.state !== "ok") {
    found.push({ code: "storage", detail: stats.state === "full" ? "disk full" : "disk error" });
  }
  for (const note of stats.damaged) found.push({ code: note.kind, detail: note.detail });
  found.push(...stats.standing);
  if (stats.oldestPendingAt !== null && Math.abs(now - stats.oldestPendingAt) > lateMs) {
    found.push({
      code: "late",
      detail: `${stats.pending} undelivered, the oldest since ${instant(stats.oldestPendingAt)}`,
    });
  }
  if (stats.parked > 0) found.push({ code: "parked", detail: `${stats.parked} parked` });
  return found;
}

/** After a start the time service, or the destination's first answer, is given as long as anything else. */
function clockReasons({ clockTrusted, uptimeMs }: Vitals, now: number, lateMs: number): Reason[] {
  if (clockTrusted || (uptimeMs <= lateMs && now >= EARLIEST_INSTANT_MS)) return [];
  const detail = `unsure, it shows ${instant(now)}; look at the time service and the network`;
  return [{ code: "clock", detail }];
}

function linkReasons(vitals: Vitals, lateMs: number): Reason[] {
  const found: Reason[] = [];
  if (!vitals.devicePortOpen) {
    found.push({ code: "device_port", detail: "the terminals' port is not open" });
  }
  const name = DESTINATIONS[vitals.destination];
  if (!vitals.paired) {
    const what = vitals.destination === "odoo" ? "not paired with" : "not set up for";
    return [...found, { code: "unpaired", detail: `${what} ${name}` }];
  }
  const since = vitals.sinceAnswerMs;
  if (since === null ? vitals.uptimeMs > lateMs : since > lateMs) {
    const detail = since === null ? "never" : `not for ${Math.round(since / 1000)} s`;
    found.push({ code: `${vitals.destination}_silent`, detail: `${name} answered ${detail}` });
  }
  return found;
}

function deviceReasons(device: VitalDevice, { uptimeMs }: Vitals, lateMs: number): Reason[] {
  if (device.state !== "active" || !device.silent) return [];
  // After a start every terminal gets as long as it may be silent before it counts as missing.
  if (uptimeMs <= lateMs) return [];
  const since = device.lastHeardAt === null
    ? "never heard"
    : `since ${instant(device.lastHeardAt)}`;
  return [{ code: "device_silent", detail: `${device.serial} ${since}` }];
}

function statusOf(vitals: Vitals, found: readonly Reason[]): HealthStatus {
  if (found.length > 0) return "failing";
  return vitals.sinceAnswerMs === null ? "starting" : "ok";
}

/** The body of /health and of the `status` command. */
export function healthBody(vitals: Vitals, now: number, lateMs: number) {
  const found = reasons(vitals, now, lateMs);
  const { stats } = vitals;
  const link = {
    state: linkState(vitals, lateMs),
    seconds_since_answer: vitals.sinceAnswerMs === null
      ? null
      : Math.round(vitals.sinceAnswerMs / 1000),
  };
  return {
    status: statusOf(vitals, found),
    ready: stats !== null && stats.state === "ok" && vitals.devicePortOpen,
    live: true,
    /** How old all this is: more than 0 only where who judges cannot be asked. */
    figures_age_seconds: 0,
    reasons: found,
    setup: setupSteps(vitals, vitals.addresses, lateMs),
    version: vitals.version,
    now: instant(now),
    started_at: instant(vitals.startedMs),
    clock: vitals.clockTrusted ? "ok" : "unsure",
    destination: { name: DESTINATIONS[vitals.destination], ...link },
    ...(vitals.destination === "odoo" && { odoo: link }),
    queue: stats === null ? null : {
      state: stats.state,
      pending: stats.pending,
      parked: stats.parked,
      rejects: stats.rejects,
      delivered: stats.delivered,
      commit_ms: stats.commitMs === null ? null : Math.round(stats.commitMs),
      oldest_pending_at: stats.oldestPendingAt === null ? null : instant(stats.oldestPendingAt),
      backlog_seconds: backlogSeconds(stats.oldestPendingAt, now),
      bytes: stats.bytes,
      free_bytes: stats.freeBytes,
      total_bytes: stats.totalBytes,
    },
    devices: vitals.devices.map((device) => deviceBody(device, stats, now)),
    alarms: vitals.alarms.map((alarm) => ({
      code: alarm.code,
      message: alarm.message,
      since: instant(alarm.since),
      count: alarm.count,
      remedy: alarm.remedy,
    })),
  };
}

export type HealthBody = ReturnType<typeof healthBody>;

/** Without new figures for this long the agent does not do its work; terminals give up after it. */
const STALLED_MS = 10_000;
/** As systemd's watchdog: from then on it counts as dead. */
const DEAD_MS = 60_000;

/** What was said so long ago, said now. */
export function aged(body: HealthBody, ageMs: number): HealthBody {
  const told = { ...body, figures_age_seconds: Math.round(ageMs / 100) / 10 };
  if (ageMs <= STALLED_MS) return told;
  const detail = `the agent stands still: what is said here is ${Math.round(ageMs / 1000)} s old`;
  return {
    ...told,
    status: "failing",
    ready: false,
    live: ageMs <= DEAD_MS,
    reasons: [{ code: "stalled", detail }, ...body.reasons],
  };
}

function deviceBody(device: VitalDevice, stats: QueueStats | null, now: number) {
  const counts = stats?.perDevice.get(device.serial);
  const at = (ms: number | null) => ms === null ? null : instant(ms);
  return {
    serial: device.serial,
    state: device.state,
    heard: device.silent ? "silent" : "heard",
    last_heard_at: at(device.lastHeardAt),
    last_punch_at: at(device.lastPunchAt),
    unbroken_since: at(device.unbrokenSince),
    pending: counts?.pending ?? 0,
    parked: counts?.parked ?? 0,
    rejects: counts?.rejects ?? 0,
    oldest_pending_at: at(counts?.oldestPendingAt ?? null),
    backlog_seconds: backlogSeconds(counts?.oldestPendingAt ?? null, now),
  };
}

function backlogSeconds(oldestPendingAt: number | null, now: number): number {
  return oldestPendingAt === null ? 0 : Math.max(0, Math.round((now - oldestPendingAt) / 1000));
}
