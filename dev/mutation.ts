/** A hostile change as a value, and making it. Pure; must not know tests or files on a disk. */

/** Text of a file that is there once, and what a hostile or careless hand puts in its place. */
export interface Mutation {
  readonly says: string;
  /** From the root of the project. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface RoomMutations {
  /** Files and folders whose tests hold a room of the agent. */
  readonly tests?: readonly string[];
  /** Odoo's --test-tags whose tests, on a real Odoo, hold a room of the addon. */
  readonly odoo?: string;
  /** Folder whose unittest tests hold what needs no Odoo. */
  readonly unittest?: string;
  /** Of these tests, only in files of this name (`test_one.py`, `test_u*.py`). */
  readonly unittestFiles?: string;
  readonly mutations: readonly Mutation[];
  /** Changes that no test can see, each with the reason: guards beside a guard. Not made, not counted. */
  readonly equivalents?: readonly Equivalent[];
}

export interface Equivalent extends Mutation {
  readonly why: string;
}

/** Throws when the text is not there exactly once: the list no longer fits the code. */
export function spoiled(text: string, { says, file, from, to }: Mutation): string {
  const times = text.split(from).length - 1;
  if (times !== 1) throw new Error(`${file} holds the text of “${says}” ${times} times, not once`);
  return text.replace(from, () => to);
}

export function caughtShare(caught: number, all: number): number {
  return all === 0 ? 1 : caught / all;
}
