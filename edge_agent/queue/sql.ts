/**
 * One row and one cell of the queue file, and the three ways to ask for them. Owns no behaviour.
 */

export type Cell = null | number | string | Uint8Array;

export type Row = Record<string, Cell>;

/** What those need who only read and write rows. */
export interface Sql {
  get(sql: string, ...cells: Cell[]): Row | undefined;
  all(sql: string, ...cells: Cell[]): Row[];
  /** Number of rows changed. */
  run(sql: string, ...cells: Cell[]): number;
}
