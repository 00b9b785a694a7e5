/**
 * The small durable facts that live beside the sightings: named values, stamps, device rows,
 * commands, runs. Must not know what they mean to their owners. No secrets: those are identity's.
 */
import type { Row } from "./sql.ts";
import type { Store } from "./store.ts";
import type {
  CommandOutcome,
  CommandRow,
  CommandState,
  DeviceRow,
  NewCommand,
  RandomBytes,
  Run,
} from "./types.ts";

export function getState(store: Store, name: string): string | null {
  const row = store.get("SELECT value FROM state WHERE name = ?", name);
  return row === undefined ? null : String(row["value"]);
}

export function setState(store: Store, name: string, value: string): void {
  store.run(
    "INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    name,
    value,
  );
}

const KEEPS_ALL = "keeps_all";

/** Whether what was delivered stays for as long as there is room. */
export function keepsAll(store: Store): boolean {
  return getState(store, KEEPS_ALL) === "yes";
}

export function setKeepsAll(store: Store, keeps: boolean): void {
  setState(store, KEEPS_ALL, keeps ? "yes" : "no");
}

const LINE_SALT = "line_salt";

/** As it was drawn first. */
export function lineSalt(
  states: { getState(name: string): string | null; setState(name: string, value: string): void },
  randomBytes: RandomBytes,
): string {
  const known = states.getState(LINE_SALT);
  if (known !== null) return known;
  const salt = randomBytes(16).toHex();
  states.setState(LINE_SALT, salt);
  return salt;
}

/** Null when the device is to send everything it holds. */
export function stamp(store: Store, serial: string, table: string): string | null {
  const row = store.get("SELECT value FROM stamp WHERE serial = ? AND name = ?", serial, table);
  return row === undefined ? null : String(row["value"]);
}

export function deviceRows(store: Store): DeviceRow[] {
  return store.all("SELECT * FROM device_row ORDER BY serial").map((row) => ({
    serial: String(row["serial"]),
    state: String(row["state"]) as DeviceRow["state"],
    timeZone: textOrNull(row["time_zone"]),
    dialect: textOrNull(row["dialect"]),
    facts: JSON.parse(String(row["facts"])),
  }));
}

export function putDevice(store: Store, row: DeviceRow): void {
  store.run(
    `INSERT INTO device_row (serial, state, time_zone, dialect, facts) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET state = excluded.state, time_zone = excluded.time_zone,
       dialect = excluded.dialect, facts = excluded.facts`,
    row.serial,
    row.state,
    row.timeZone,
    row.dialect,
    JSON.stringify(row.facts),
  );
}

/** False when the id is known, even when it was forgotten since: an id is executed once. */
export function addCommand(store: Store, command: NewCommand, now: number): boolean {
  return store.run(
    `INSERT INTO command (id, serial, name, text, state, queued_at)
     VALUES (?, ?, ?, ?, 'queued', ?) ON CONFLICT DO NOTHING`,
    command.id,
    command.serial,
    command.name,
    command.text,
    now,
  ) === 1;
}

export function openCommands(store: Store, serial: string): CommandRow[] {
  return store.all(
    "SELECT * FROM command WHERE serial = ? AND state IN ('queued', 'sent') ORDER BY queued_at, id",
    serial,
  ).map(asCommand);
}

export function markCommandSent(store: Store, id: number, at: number): void {
  store.run(
    `UPDATE command SET state = 'sent', sent_at = ?, sent_count = sent_count + 1
     WHERE id = ? AND state IN ('queued', 'sent')`,
    at,
    id,
  );
}

/** The first outcome stays: a terminal may answer twice. */
export function settleCommand(store: Store, id: number, outcome: CommandOutcome): boolean {
  return store.run(
    `UPDATE command SET state = ?, return = ?, message = ?
     WHERE id = ? AND state IN ('queued', 'sent')`,
    outcome.state,
    outcome.return,
    outcome.message.slice(0, 512),
    id,
  ) === 1;
}

/** Commands that were handed out or are finished and that Odoo has not acknowledged yet. */
export function commandResults(store: Store): CommandRow[] {
  return store.all(
    "SELECT * FROM command WHERE state <> 'queued' AND forgotten = 0 ORDER BY id LIMIT 1000",
  ).map(asCommand);
}

/** Odoo knows the result; only the id stays, so that it is never executed again. */
export function forgetCommand(store: Store, id: number): void {
  store.run(
    "UPDATE command SET forgotten = 1, text = '' WHERE id = ? AND state IN ('done', 'failed')",
    id,
  );
}

/** After the file went back in time: what was open then may have been done since. */
export function failOpenCommands(store: Store, message: string): number {
  return store.run(
    "UPDATE command SET state = 'failed', message = ? WHERE state IN ('queued', 'sent')",
    message,
  );
}

export function addRun(store: Store, run: Run): void {
  store.run(
    `INSERT INTO run (id, ended_at, body) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body`,
    run.id,
    run.endedAt,
    JSON.stringify(run),
  );
}

/** Oldest first: the order in which they are reported. */
export function runs(store: Store, limit: number): Run[] {
  return store.all("SELECT body FROM run ORDER BY ended_at, id LIMIT ?", limit)
    .map((row) => JSON.parse(String(row["body"])));
}

export function forgetRuns(store: Store, ids: readonly string[]): void {
  for (const id of ids) store.run("DELETE FROM run WHERE id = ?", id);
}

function asCommand(row: Row): CommandRow {
  return {
    id: Number(row["id"]),
    serial: String(row["serial"]),
    name: String(row["name"]),
    text: String(row["text"]),
    state: String(row["state"]) as CommandState,
    queuedAt: Number(row["queued_at"]),
    sentAt: numberOrNull(row["sent_at"]),
    sentCount: Number(row["sent_count"]),
    return: numberOrNull(row["return"]),
    message: String(row["message"]),
  };
}

function textOrNull(cell: unknown): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

function numberOrNull(cell: unknown): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
