/**
 * What the agent knows of one terminal, as its redacted report is made of it. Owns where each fact is asked;
 * what of it may be told, health decides.
 */
import { VERSION } from "../base/version.ts";
import type { Devices } from "../fleet/fleet.ts";
import type { ReportPoint, TerminalView } from "../health/health.ts";
import type { Queue } from "../queue/queue.ts";

/** Enough to see every code that a terminal uses. */
const LOOKED_AT = 5_000;

export interface ReportParts {
  readonly queue: Queue;
  readonly devices: Devices;
  /** What may be told of a terminal. */
  readonly redacted: (view: TerminalView) => ReportPoint[];
}

/** Null: that terminal is not known here. */
export function reportOf(
  { queue, devices, redacted }: ReportParts,
  serial: string,
): ReportPoint[] | null {
  const device = devices.lookup(serial);
  if (device === undefined || device === null) return null;
  const { facts, dialect, lastHeardAt, clockOffsetSeconds, silent, timeZone, settings } = device;
  const punches = queue.punches({ serial, limit: LOOKED_AT });
  const rejects = queue.rejects(LOOKED_AT).filter((row) => row.serial === serial);
  const points = redacted({
    facts,
    dialect,
    heardByPush: lastHeardAt !== null,
    readOverPort: facts["comm_key"] !== undefined,
    clockOffsetSeconds,
    silent,
    timeZoneSet: timeZone !== "",
    ownSummerTime: settings.ownSummerTime,
    discardedBiometrics: device.discardedBiometrics,
    rejectReasons: rejects.map(({ reason }) => reason),
    statuses: distinct(punches.map(({ status }) => status)),
    verifies: distinct(punches.map(({ verify }) => verify)),
    channels: distinct(punches.map(({ channel }) => channel)),
    pinLengths: distinct(punches.map(({ pin }) => pin.length)),
    workCodes: punches.some(({ workCode }) => workCode !== "" && workCode !== "0"),
  });
  return [{ point: "agent version", found: VERSION }, ...points];
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
