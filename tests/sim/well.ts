/** An agent of which health can say nothing bad: what a test spoils, one debt at a time. */
import type { Vitals } from "../../edge_agent/health/vitals.ts";
import type { QueueStats } from "../../edge_agent/queue/types.ts";

export const NOW = Date.UTC(2026, 2, 2);

export const STATS: QueueStats = {
  pending: 0,
  parked: 0,
  rejects: 0,
  delivered: 10,
  oldestPendingAt: null,
  bytes: 1,
  freeBytes: 1,
  totalBytes: 1,
  perDevice: new Map(),
  damaged: [],
  standing: [],
  commitMs: 4,
  state: "ok",
};

export const DEVICE = {
  serial: "A1",
  state: "active" as const,
  silent: false,
  lastHeardAt: NOW,
  lastPunchAt: NOW,
  unbrokenSince: NOW,
};

export const WELL: Vitals = {
  version: "test",
  startedMs: NOW,
  destination: "odoo",
  paired: true,
  state: "active",
  stats: STATS,
  alarms: [],
  devices: [DEVICE],
  sinceAnswerMs: 5_000,
  uptimeMs: 3_600_000,
  clockTrusted: true,
  devicePortOpen: true,
  addresses: ["192.168.1.20"],
};
