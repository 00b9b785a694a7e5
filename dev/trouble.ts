// Owns: how a script of this folder speaks to a person: a step with its time and, when it is silent for
// long, what it waits for; and a trouble that names what to do next. Must not know: which steps there are.

import { isStopping, undoAll, undoOnSignals } from "./cleanup.ts";

/** A failure the reader can mend: the message is one or two plain sentences, shown without a stack. */
export class Trouble extends Error {
  override name = "Trouble";
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A step that is silent for longer is taken for one that hangs. */
export const SILENCE_MS = 20_000;

/** Time as a step sees it: a reading in ms, and something done again and again; handed in by a test. */
export interface StepClock {
  now(): number;
  /** Returns how to end it. */
  every(ms: number, work: () => void): () => void;
}

const CLOCK: StepClock = {
  now: () => performance.now(),
  every: (ms, work) => {
    const timer = setInterval(work, ms);
    return () => clearInterval(timer);
  },
};

/** What is waited for just now, and when by which clock a person last read something. */
const now: { waitsFor: string | null; saidAt: number; clock: StepClock } = {
  waitsFor: null,
  saidAt: 0,
  clock: CLOCK,
};

/** Prints a line of the step that runs. */
export function say(line: string): void {
  now.saidAt = now.clock.now();
  console.log(`    ${line}`);
}

/**
 * Names what the running step waits for, so that its silence can be explained; null: nothing more.
 * Returns what it waited for before.
 */
export function waitsFor(what: string | null): string | null {
  const before = now.waitsFor;
  now.waitsFor = what;
  return before;
}

/** Says, whenever it was silent for so long, what the step waits for; returns how to stop that. */
function explainSilence(name: string, started: number): () => void {
  const { clock } = now;
  return clock.every(SILENCE_MS / 20, () => {
    if (clock.now() - now.saidAt < SILENCE_MS) return;
    const since = Math.round((clock.now() - started) / 1000);
    say(`still at it after ${since} s: waiting for ${now.waitsFor ?? inWords(name)}`);
  });
}

const inWords = (name: string): string => `“${name}” to end`;

/** Runs one step, says its name before and its time after. `done` may add a word about the result. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  done?: (result: T) => string,
  clock = CLOCK,
): Promise<T> {
  const started = clock.now();
  console.log(`… ${name}`);
  Object.assign(now, { saidAt: started, clock });
  const stop = explainSilence(name, started);
  const result = await work().finally(() => {
    stop();
    waitsFor(null);
  });
  const words = done?.(result) ?? "";
  console.log(`✓ ${name}${words && `: ${words}`} (${seconds(clock.now() - started)})`);
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
