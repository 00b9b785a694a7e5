/**
 * PINs that mean nobody, whom each may mean, and what somebody chose.
 *
 * Pure. Whom a PIN fits says Odoo; nothing is chosen here by itself. Must not know OWL or words.
 */

export interface Fit {
  readonly id: number;
  readonly name: string;
  readonly percent: number;
  readonly reasons: string;
}

export interface PinRow {
  readonly id: number;
  readonly device: string;
  readonly device_id: number;
  readonly branch: string;
  readonly pin: string;
  readonly name: string;
  readonly known: boolean;
  readonly punches: number;
  readonly days: number;
  readonly first: string;
  readonly last: string;
  readonly fits: readonly Fit[];
  readonly likely: boolean;
}

export interface RegistryMapData {
  readonly may_map: boolean;
  readonly devices: readonly (readonly [number, string, number])[];
  readonly rows: readonly PinRow[];
  readonly total: number;
  readonly offset: number;
  readonly page: number;
}

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly department: string;
  readonly pins: string;
}

/** Whom a PIN shall mean; `first`: its first day there, "" for as long as the terminal serves. */
export interface Choice {
  readonly employee: number;
  readonly name: string;
  readonly first: string;
}

/** What is chosen, by row. */
export type Draft = ReadonlyMap<number, Choice>;

export interface Effect {
  readonly days: number;
  readonly people: number;
  readonly rows: readonly {
    readonly id: number;
    readonly days: number;
    readonly problem: string;
    /** Where else the areas of its terminal map it. */
    readonly also: readonly string[];
    readonly notes: readonly string[];
  }[];
}

export interface Done {
  readonly rows: readonly {
    readonly id: number;
    readonly pin: string;
    readonly device: string;
    readonly name: string;
    readonly standing: string;
  }[];
  readonly days: number;
  readonly people: readonly number[];
}

export function withChoice(draft: Draft, row: number, choice: Choice | null): Draft {
  const next = new Map(draft);
  if (choice) next.set(row, choice);
  else next.delete(row);
  return next;
}

/** The draft with the likely one of every row of which nothing was chosen yet. */
export function withLikely(draft: Draft, rows: readonly PinRow[]): Draft {
  const next = new Map(draft);
  for (const row of rows) {
    const fit = row.fits[0];
    if (row.likely && fit && !next.has(row.id)) {
      next.set(row.id, { employee: fit.id, name: fit.name, first: "" });
    }
  }
  return next;
}

/** How many rows have a likely one that is not chosen yet. */
export function likelyLeft(draft: Draft, rows: readonly PinRow[]): number {
  return rows.filter((row) => row.likely && !draft.has(row.id)).length;
}

/** As Odoo takes it: `[[row, employee, first day or false]]`. */
export function choicesOf(draft: Draft): [number, number, string | false][] {
  return [...draft].map(([row, { employee, first }]) => [row, employee, first || false]);
}

/** The rows that Odoo would refuse. */
export function refused(effect: Effect | null): number {
  return effect ? effect.rows.filter(({ problem }) => problem !== "").length : 0;
}

export function effectOf(effect: Effect | null, row: number) {
  return effect?.rows.find(({ id }) => id === row) ?? null;
}
