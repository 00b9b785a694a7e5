/**
 * Notes of losses and damage, and which devices have to be read again because of them. SQL only;
 * must not know how the damage was found.
 */
import type { Store } from "./store.ts";
import type { DamageKind, DamageNote } from "./types.ts";

export type NewDamage = Pick<DamageNote, "at" | "kind" | "detail" | "aside" | "salvaged">;

/**
 * Inside a transaction: keeps the note and forgets every stamp, so that each terminal is asked to
 * send all it holds. Commands that were open may have been done since: they are given up.
 */
export function noteLoss(store: Store, note: NewDamage): void {
  noteDamage(store, note);
  store.run("DELETE FROM stamp");
  store.run(
    "UPDATE command SET state = 'failed', message = 'given up: the queue lost its place' WHERE state IN ('queued', 'sent')",
  );
}

/**
 * Inside a transaction: a note alone, for damage that cost nothing that was not delivered. One open note
 * a kind: what is met again is said in it, and every device read for it so far is read once more.
 */
export function noteDamage(store: Store, note: NewDamage): void {
  const open = store.get(
    "SELECT id FROM damage WHERE kind = ? AND healed_at IS NULL AND aside = '' AND ? = ''",
    note.kind,
    note.aside,
  );
  if (open !== undefined) {
    store.run("DELETE FROM reread WHERE damage = ?", Number(open["id"]));
    store.run(
      "UPDATE damage SET detail = ?, salvaged = salvaged + ? WHERE id = ?",
      note.detail.slice(0, 512),
      note.salvaged,
      Number(open["id"]),
    );
    return;
  }
  store.run(
    "INSERT INTO damage (at, kind, detail, aside, salvaged) VALUES (?, ?, ?, ?, ?)",
    note.at,
    note.kind,
    note.detail.slice(0, 512),
    note.aside,
    note.salvaged,
  );
}

export function openDamage(store: Store): DamageNote[] {
  return store.all("SELECT * FROM damage WHERE healed_at IS NULL ORDER BY id").map((row) => ({
    id: Number(row["id"]),
    at: Number(row["at"]),
    kind: String(row["kind"]) as DamageKind,
    detail: String(row["detail"]),
    aside: String(row["aside"]),
    salvaged: Number(row["salvaged"]),
    healedAt: null,
  }));
}

/** True until the device was read whole after the newest loss. */
export function needsReread(store: Store, serial: string): boolean {
  return store.number(
    `SELECT count(*) FROM damage WHERE healed_at IS NULL AND kind <> 'damaged_row'
       AND NOT EXISTS (SELECT 1 FROM reread WHERE reread.damage = damage.id AND reread.serial = ?)`,
    serial,
  ) > 0;
}

/** Inside a transaction. */
export function rereadDone(store: Store, serial: string, at: number): void {
  store.run(
    `INSERT INTO reread (damage, serial, done_at)
     SELECT id, ?, ? FROM damage WHERE healed_at IS NULL ON CONFLICT DO NOTHING`,
    serial,
    at,
  );
}

/** Inside a transaction: a person, or every device read again, has closed the matter. */
export function heal(store: Store, id: number, at: number): boolean {
  store.run("DELETE FROM reread WHERE damage = ?", id);
  return store.run("UPDATE damage SET healed_at = ? WHERE id = ? AND healed_at IS NULL", at, id) ===
    1;
}
