/**
 * `devices` of a sync (docs/contract.md): what the registry, the queue and the reads over port 4370 know
 * of each terminal, as one entry. Pure. A read is told as a read and never as a sign of life of push:
 * what push proves rests on its heartbeat alone.
 */
import { instant } from "../base/clock.ts";
import { type DeviceFacts, type Dialect, familyOf } from "../base/terminal.ts";
import type { Device } from "./devices.ts";

/** The queue's view of a device. */
export interface DeviceCounts {
  readonly pending: number;
  readonly rejects: number;
  readonly oldestPendingAt: number | null;
}

/** What reading over port 4370 found. */
export interface PolledView {
  readonly serial: string;
  /** Address of the terminal. */
  readonly host: string;
  /** Reads are missing, by the plan of this terminal. */
  readonly silent: boolean;
  /** Epoch ms; null for never. */
  readonly lastReadAt: number | null;
  /** When the last read began that got every record the terminal counts. */
  readonly completeReadAt: number | null;
  readonly facts: DeviceFacts;
}

export interface DeviceReport {
  readonly serial: string;
  readonly state: "heard" | "silent";
  readonly channels: readonly ("push" | "poll")[];
  readonly peer: string;
  readonly last_heard_at: string | null;
  readonly last_punch_at: string | null;
  readonly polled_at: string | null;
  readonly complete_read_at: string | null;
  /** Null where push was never heard. */
  readonly dialect: Dialect | null;
  readonly family: string | null;
  readonly facts: DeviceFacts;
  readonly clock_offset_seconds: number | null;
  readonly pending: number;
  readonly oldest_pending_at: string | null;
  readonly rejects: number;
  readonly discarded_biometrics: number;
  readonly upload_idle: boolean;
  readonly unbroken_since: string | null;
}

export interface ReportSources {
  readonly devices: readonly Device[];
  readonly polled: readonly PolledView[];
  readonly counts: ReadonlyMap<string, DeviceCounts>;
  /** Whether a loss made it necessary to read this terminal again, and that is not done. */
  readonly needsReread: (serial: string) => boolean;
}

/** Every terminal that was ever heard or read. */
export function reportDevices(
  { devices, polled, counts, needsReread }: ReportSources,
): DeviceReport[] {
  const known = new Map(devices.map((device) => [device.serial, device]));
  const reads = new Map(polled.map((view) => [view.serial, view]));
  return [...new Set([...known.keys(), ...reads.keys()])].flatMap((serial) => {
    const heard = known.get(serial);
    const read = reads.get(serial);
    const pushes = heard !== undefined && heard.lastHeardAt !== null;
    if (!pushes && (read?.lastReadAt ?? null) === null) return [];
    return [{
      serial,
      ...pushPart(pushes ? heard : undefined),
      ...(needsReread(serial) && NO_SESSION),
      ...pollPart(read),
      channels: [...(pushes ? ["push" as const] : []), ...(read ? ["poll" as const] : [])],
      state: isSilent(pushes ? heard : undefined, read) ? "silent" as const : "heard" as const,
      peer: pushes ? heard.peer : read?.host ?? "",
      facts: { ...heard?.facts, ...read?.facts },
      ...countPart(counts.get(serial)),
    }];
  });
}

/** Until a terminal was read again its silence since the loss proves nothing. */
const NO_SESSION = { upload_idle: false, unbroken_since: null } as const;

/** What is only read is silent when reads are missing; all else when push is. */
function isSilent(heard: Device | undefined, read: PolledView | undefined): boolean {
  return heard === undefined ? read?.silent ?? true : heard.silent;
}

function pushPart(device: Device | undefined) {
  return {
    last_heard_at: at(device?.lastHeardAt),
    last_punch_at: at(device?.lastPunchAt),
    dialect: device?.dialect ?? null,
    family: device === undefined ? null : familyOf(device.dialect),
    clock_offset_seconds: device?.clockOffsetSeconds ?? null,
    discarded_biometrics: device?.discardedBiometrics ?? 0,
    upload_idle: device?.uploadIdle ?? true,
    unbroken_since: at(device?.unbrokenSince),
  };
}

function pollPart(read: PolledView | undefined) {
  return {
    polled_at: at(read?.lastReadAt),
    complete_read_at: at(read?.completeReadAt),
  };
}

function countPart(counts: DeviceCounts | undefined) {
  return {
    pending: counts?.pending ?? 0,
    oldest_pending_at: at(counts?.oldestPendingAt),
    rejects: counts?.rejects ?? 0,
  };
}

function at(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : instant(ms);
}
