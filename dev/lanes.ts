// Owns: which piece of work runs when, on a few lanes side by side: the longest first, none before what it
// waits for. Must not know: what a piece does, or where its expected length was learned.

/** One piece of work of a queue. */
export interface Queued {
  /** What it belongs to; others may wait for all pieces of one name. */
  readonly group: string;
  /** Expected length in any unit, the same for all; Infinity where nobody knows: such a piece is begun first. */
  readonly length: number;
  /** Groups that must be over before it begins; names that are not in the queue do not matter. */
  readonly after: readonly string[];
}

/**
 * Works through the queue on so many lanes. A piece that others wait for counts as long as the longest
 * of these, so that it is not begun last. Throws when pieces wait for each other in a circle.
 */
export async function inLanes<T extends Queued>(
  queue: readonly T[],
  lanes: number,
  work: (piece: T) => Promise<void>,
): Promise<void> {
  const waiting = byLength(queue);
  const open = new Map<string, number>();
  for (const { group } of queue) open.set(group, (open.get(group) ?? 0) + 1);
  const running = new Set<Promise<void>>();
  const ready = (piece: T) => piece.after.every((group) => !open.get(group));
  const begin = (piece: T): void => {
    waiting.splice(waiting.indexOf(piece), 1);
    const run = work(piece).finally(() => {
      open.set(piece.group, (open.get(piece.group) ?? 0) - 1);
      running.delete(run);
    });
    running.add(run);
  };
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < lanes ? waiting.find(ready) : undefined;
    if (next) begin(next);
    else if (running.size > 0) await Promise.race(running);
    else throw new Error(`These wait for each other: ${waiting.map(({ group }) => group)}`);
  }
}

function byLength<T extends Queued>(queue: readonly T[]): T[] {
  const weight = (piece: T): number => {
    const followers = queue.filter(({ after }) => after.includes(piece.group));
    return Math.max(piece.length, ...followers.map(({ length }) => length));
  };
  const weighed = queue.map((piece) => ({ piece, length: weight(piece) }));
  // Infinity minus Infinity is no number: equal ones keep their order.
  weighed.sort((one, other) => one.length === other.length ? 0 : other.length - one.length);
  return weighed.map(({ piece }) => piece);
}

/**
 * Shares out what has the given lengths so that the longest share is short: the longest goes first, each
 * to the share that has least. Shares may be empty.
 */
export function shared(lengths: ReadonlyMap<string, number>, shares: number): string[][] {
  const found = Array.from({ length: shares }, () => ({ names: [] as string[], sum: 0 }));
  const longestFirst = [...lengths].sort(([, one], [, other]) => other - one);
  for (const [name, length] of longestFirst) {
    const least = found.reduce((best, one) => one.sum < best.sum ? one : best);
    least.names.push(name);
    least.sum += length;
  }
  return found.map(({ names }) => names);
}
