/**
 * Which terminals were let in, beside the queue: a new queue file after a loss knows them at once, so that none
 * is refused while Odoo is away. Settings and state only, nothing of what was heard since; like the queue it
 * may hold comm keys and is the agent's alone. Must not know SQL.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { SERIAL } from "../base/terminal.ts";
import type { DeviceRow } from "./types.ts";

export const DEVICES_FILE = "queue.devices";

export class KeptDevices {
  readonly #path: string;
  #rows: Map<string, string> | null = null;
  #dirty = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Empty when there is no such file, or what is there is not one. */
  read(): DeviceRow[] {
    let kept: unknown;
    try {
      kept = JSON.parse(readFileSync(this.#path, "utf8"));
    } catch (fault) {
      if (fault instanceof SyntaxError || (fault as { code?: string }).code === "ENOENT") return [];
      throw fault;
    }
    return Array.isArray(kept) ? kept.flatMap(rowOf) : [];
  }

  /** Written by the next `flush`: at the first sync there are hundreds at once. */
  note(row: DeviceRow): void {
    const rows = this.#rows ??= new Map(
      this.read().map((kept) => [kept.serial, JSON.stringify(essence(kept))]),
    );
    const text = JSON.stringify(essence(row));
    if (rows.get(row.serial) === text) return;
    rows.set(row.serial, text);
    this.#dirty = true;
  }

  /** Throws what the disk throws; the next one tries again. */
  flush(): void {
    if (!this.#dirty || this.#rows === null) return;
    const draft = `${this.#path}.new`;
    const fd = openSync(draft, "w", 0o600);
    try {
      writeSync(fd, `[${[...this.#rows.values()].join(",\n")}]\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, this.#path);
    this.#dirty = false;
  }
}

/** What a terminal is let in by. The past is asked of it as in any queue that begins. */
function essence({ serial, state, timeZone, dialect, facts }: DeviceRow): DeviceRow {
  const { settings = {} } = facts;
  return { serial, state, timeZone, dialect, facts: { settings, history_asked: false } };
}

function rowOf(kept: unknown): DeviceRow[] {
  if (typeof kept !== "object" || kept === null) return [];
  const { serial, state, timeZone, dialect, facts } = kept as Record<string, unknown>;
  if (typeof serial !== "string" || !SERIAL.test(serial)) return [];
  if (state !== "waiting" && state !== "active" && state !== "refused") return [];
  if (typeof facts !== "object" || facts === null) return [];
  return [{
    serial,
    state,
    timeZone: typeof timeZone === "string" ? timeZone : null,
    dialect: typeof dialect === "string" ? dialect : null,
    facts: { ...facts },
  }];
}
