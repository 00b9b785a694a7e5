/**
 * The access ("Security") dialect: rtlog, transaction and other data tables. Pure.
 * An access event is a punch when a person is named and the event is on the list of verified passes;
 * doors, alarms and denials are counted only; an undocumented event that names a person is kept raw.
 */
import type { Punch, RejectReason } from "../base/punch.ts";
import type { DeviceUser } from "../base/terminal.ts";
import { parseWallTime } from "../base/wall_time.ts";
import { isBiometricTable, isKnownNonPunch, PUNCH_EVENTS } from "./codes.ts";
import { parseUser } from "./oplog.ts";
import { CONTROLS, fieldsFit, isPin, rejectOf, type Rows } from "./table.ts";
import { type Decoded, decodeVendorTime, parseFields, wholeNumber } from "./text.ts";

export interface AccessRows extends Rows {
  /** Doors, alarms, denials: no punches, not kept. */
  readonly others: number;
}

/**
 * Rows of `table=rtlog` and of the table `transaction`, which name the same things differently.
 * `salt`: this agent's own, for the digests of lines that are withheld.
 */
export function parseAccessEvents(
  serial: string,
  rows: readonly Decoded[],
  salt: string,
  punchEvents: readonly number[] = PUNCH_EVENTS,
): AccessRows {
  const punches: Punch[] = [];
  const rejects = [];
  let others = 0;
  for (const row of rows) {
    const read = parseAccessEvent(serial, row, punchEvents);
    if (read === "other") others += 1;
    else if (typeof read === "string") rejects.push(rejectOf(serial, read, row, salt, "rtlog"));
    else punches.push(read);
  }
  return { punches, rejects, others };
}

function parseAccessEvent(
  serial: string,
  row: Decoded,
  punchEvents: readonly number[],
): Punch | RejectReason | "other" {
  if (CONTROLS.test(row.text)) return "unreadable";
  const fields = parseFields(withoutTableName(row.text));
  const first = (...names: string[]) =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const pin = first("pin");
  const event = wholeNumber(first("event", "eventtype"));
  if (pin === undefined || event === null) return "too_few_columns";
  if (pin === "" || pin === "0") return "other";
  if (!punchEvents.includes(event)) return isKnownNonPunch(event) ? "other" : "unknown_event";
  if (!isPin(pin, row.sure)) return "bad_pin";
  const wallTime = eventTime(fields);
  if (wallTime === null) return "bad_time";
  const punch = {
    serial,
    pin,
    wallTime,
    status: first("inoutstatus", "inoutstate") ?? "",
    verify: first("verifytype", "verified") ?? "",
    workCode: "",
    extra: extraOf(fields, event),
  };
  return fieldsFit(punch) ? punch : "bad_field";
}

/** Rows of data tables begin with the table's name and a space. */
function withoutTableName(text: string): string {
  return text.replace(/^\s*[A-Za-z_]\w*\s+(?=[A-Za-z_]+=)/, "");
}

function eventTime(fields: ReadonlyMap<string, string>): string | null {
  const stated = fields.get("time");
  if (stated !== undefined) return parseWallTime(stated);
  const count = wholeNumber(fields.get("time_second"));
  return count === null ? null : decodeVendorTime(count);
}

const KEPT = ["index", "eventaddr", "doorid", "attstate", "maskflag", "temperature"];

function extraOf(fields: ReadonlyMap<string, string>, event: number): string {
  const kept = KEPT.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return [`event=${event}`, ...kept].join("\t");
}

export interface DataRows {
  readonly users: DeviceUser[];
  readonly biometrics: number;
}

/** A data table other than `transaction`: users are read, templates counted, the rest passed over. */
export function parseDataRows(tableName: string, rows: readonly Decoded[]): DataRows {
  if (isBiometricTable(tableName)) return { users: [], biometrics: rows.length };
  if (tableName.toLowerCase() !== "user") return { users: [], biometrics: 0 };
  const users = rows.flatMap(({ text, sure }) => parseUser(withoutTableName(text), sure) ?? []);
  return { users, biometrics: 0 };
}

/**
 * Documents want `user=<count>`; terminals with push 3.0 repeat their data for ever unless they hear `OK`.
 */
export function dataAnswer(tableName: string, count: number, plain: boolean): string {
  const name = tableName.replace(/[^A-Za-z0-9_]/g, "").toLowerCase();
  return plain || name === "" ? `OK: ${count}` : `${name}=${count}`;
}
