/**
 * What becomes of one punch on the site: a check-in of an employee, or why not yet. Pure: what is known of
 * devices, people and earlier decisions is handed in. Must not know requests.
 */
import { DAY_MS } from "../base/duration.ts";
import type { PunchSighting } from "../base/punch.ts";
import { CHECKIN, type Direction, KEY_FIELD, PUNCH, type PunchState } from "./names.ts";
import type { Doc } from "./site.ts";
import { siteTime } from "./site_time.ts";

/** Before this the clock of a terminal was never set (factory dates are 2000 to 2009). */
const FIRST_SANE_YEAR = 2010;
/** No zone error can move a clock further. */
const FUTURE_MS = DAY_MS;

/** A terminal as the site's people described it. */
export interface SiteDevice {
  readonly serial: string;
  readonly approval: "Waiting" | "Approved" | "Refused";
  readonly timeZone: string;
  readonly direction: Direction;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Who a PIN is on the day of the punch. */
export type Person =
  | { readonly kind: "employee"; readonly name: string }
  | { readonly kind: "nobody" | "several" | "gone" | "inactive" };

/** What the terminal stated, as a raw punch or as one read back. */
export type Stated =
  & Pick<
    PunchSighting,
    "serial" | "pin" | "wallTime" | "status" | "key"
  >
  & {
    /** Epoch ms; null where the agent's clock was not trusted. */
    readonly receivedAt: number | null;
    /** Of the punch before it from this terminal; null for none. */
    readonly after: number | null;
    readonly decision: string;
  };

export type Plan =
  | {
    readonly state: "post";
    readonly employee: string;
    readonly time: string;
    readonly logType: string;
    readonly reason: string;
  }
  | { readonly state: "unmapped" | "held" | "refused"; readonly reason: string };

export interface Known {
  readonly siteZone: string;
  /** Undefined: the site has no such terminal. */
  readonly device: SiteDevice | undefined;
  readonly person: Person;
}

/** The reasons as the site's people read them. */
export const REASONS = {
  unknownDevice: "the terminal is not approved yet",
  refusedDevice: "the terminal was refused",
  neverSet: "the terminal's clock was never set",
  future: "the terminal's clock was more than a day ahead",
  discarded: "discarded by a person",
  nobody: "no employee has this PIN",
  several: "more than one employee has this PIN",
  gone: "the employee it is mapped to does not exist",
  inactive: "the employee is inactive",
  late: "came after the day's Attendance was made",
  twice: "in an hour that came twice",
  siteClock: "the site put its own clock into the check-in: correct its time",
} as const;

export function planOf(stated: Stated, { siteZone, device, person }: Known): Plan {
  if (stated.decision === "Discard") return { state: "refused", reason: REASONS.discarded };
  if (device === undefined || device.approval === "Waiting") {
    return { state: "held", reason: REASONS.unknownDevice };
  }
  if (device.approval === "Refused") return { state: "held", reason: REASONS.refusedDevice };
  const { time, moment } = siteTime({ ...stated, timeZone: device.timeZone }, siteZone);
  const odd = stated.decision === "Release" ? null : oddClock(stated, moment.at);
  if (odd !== null) return { state: "held", reason: odd };
  if (person.kind === "inactive") return { state: "refused", reason: REASONS.inactive };
  if (person.kind !== "employee") return { state: "unmapped", reason: REASONS[person.kind] };
  return {
    state: "post",
    employee: person.name,
    time,
    logType: logTypeOf(stated.status, device.direction),
    reason: moment.doubtful ? REASONS.twice : "",
  };
}

function oddClock({ wallTime, receivedAt }: Stated, at: number): string | null {
  if (Number(wallTime.slice(0, 4)) < FIRST_SANE_YEAR) return REASONS.neverSet;
  return receivedAt !== null && at - receivedAt > FUTURE_MS ? REASONS.future : null;
}

/** In, out, break out, break in, overtime in, overtime out: the attendance keys of most terminals. */
const LOG_TYPES: Readonly<Record<string, string>> = {
  0: "IN",
  1: "OUT",
  2: "OUT",
  3: "IN",
  4: "IN",
  5: "OUT",
};

function logTypeOf(status: string, direction: Direction): string {
  return direction === "BY STATUS" ? LOG_TYPES[status] ?? "" : direction;
}

/** The second punch of the same employee, second and log type makes no check-in: the site refuses it. */
export function sameSecond(earlier: string): Plan {
  return { state: "refused", reason: `same second as ${earlier}`.slice(0, 140) };
}

/** Fields of a raw punch that follow from its plan. */
export function outcomeOf(plan: Plan, stated: Pick<Stated, "pin" | "wallTime">): {
  readonly employee: string | null;
  readonly state: PunchState;
  readonly reason: string;
  readonly title: string;
} {
  const employee = plan.state === "post" ? plan.employee : null;
  return {
    employee,
    state: plan.state === "post" ? "stored" : plan.state,
    reason: plan.reason.slice(0, 140),
    title: `${employee ?? "?"} · PIN ${stated.pin} · ${stated.wallTime.slice(0, 16)}`.slice(0, 140),
  };
}

export function punchDoc(sighting: PunchSighting, plan: Plan): Doc {
  const { key, serial, pin, wallTime, status, verify, workCode, channel, lane, seq } = sighting;
  return {
    doctype: PUNCH,
    key,
    serial,
    pin,
    wall_time: wallTime,
    wall_date: wallTime.slice(0, 10),
    status,
    verify,
    work_code: workCode,
    channel,
    lane,
    seq,
    received_at: sighting.receivedAt,
    agent_clock: sighting.clock,
    ...outcomeOf(plan, sighting),
  };
}

export function checkinDoc(
  key: string,
  { employee, time, logType }: Extract<Plan, { state: "post" }>,
  device: SiteDevice,
): Doc {
  const { latitude, longitude } = device;
  return {
    doctype: CHECKIN,
    employee,
    time,
    log_type: logType,
    device_id: device.serial,
    skip_auto_attendance: 0,
    [KEY_FIELD]: key,
    ...(latitude !== null && longitude !== null && { latitude, longitude }),
  };
}
