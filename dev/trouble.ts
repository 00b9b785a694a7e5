// Owns: the two ways a script of this folder speaks to a person: a step with its time, and a trouble
// that names what to do next. Must not know: which steps there are.

import { isStopping, undoAll, undoOnSignals } from "./cleanup.ts";

/** A failure the reader can mend: the message is one or two plain sentences, shown without a stack. */
export class Trouble extends Error {
  override name = "Trouble";
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Runs one step, says its name before and its time after. `done` may add a word about the result. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  done?: (result: T) => string,
): Promise<T> {
  const started = performance.now();
  console.log(`… ${name}`);
  const result = await work();
  const words = done?.(result) ?? "";
  console.log(`✓ ${name}${words && `: ${words}`} (${seconds(performance.now() - started)})`);
  return result;
}

/** Runs a script: its result is the exit code, a failure becomes words, and everything is undone. */
export async function main(work: () => Promise<number>): Promise<never> {
  undoOnSignals();
  let code = 1;
  try {
    code = await work();
  } catch (error) {
    if (!isStopping()) console.error(error instanceof Trouble ? error.message : error);
  }
  if (isStopping()) await new Promise(() => {});
  await undoAll();
  Deno.exit(code);
}
