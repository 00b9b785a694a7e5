/** The pieces in which the rows of one upload become durable, one commit each. Pure. */
import type { Rows } from "../adms/adms.ts";

/** About 50 ms of one commit on a small machine. */
export const PIECE_LINES = 2_000;

export interface Piece extends Rows {
  /** Rows before it. */
  readonly at: number;
  readonly last: boolean;
}

/**
 * A whole history in one upload is made durable piece by piece, so that other terminals are answered in
 * between. It is acknowledged as one: what was kept of an upload that failed is known when it comes again.
 * The end of an upload that had rows is a piece even when it has none: the stamp goes with it.
 */
export function piecesOf({ punches, rejects }: Rows, hadRows: boolean, isEnd: boolean): Piece[] {
  const pieces: Piece[] = [];
  const rows = Math.max(punches.length, rejects.length, hadRows && isEnd ? 1 : 0);
  for (let at = 0; at < rows; at += PIECE_LINES) {
    const end = at + PIECE_LINES;
    pieces.push({
      at,
      punches: punches.slice(at, end),
      rejects: rejects.slice(at, end),
      last: isEnd && end >= rows,
    });
  }
  return pieces;
}
