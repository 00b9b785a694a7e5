// Owns: how a script of this folder speaks to a person: a step with its time and, when it is silent for
// long, what it waits for; and a trouble that names what to do next. Must not know: which steps there are.

import { isStopping, undoAll, undoOnSignals } from "./cleanup.ts";

/** A failure the reader can mend: the message is one or two plain sentences, shown without a stack. */
export class Trouble extends Error {
  override name = "Trouble";
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A step that is silent for longer is taken for one that hangs. */
const SILENCE_MS = 20_000;

/** What is waited for just now, and when a person last read something. */
const now: { waitsFor: string | null; saidAt: number } = { waitsFor: null, saidAt: 0 };

/** Prints a line of the step that runs. */
export function say(line: string): void {
  now.saidAt = performance.now();
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
function explainSilence(name: string, started: number, silenceMs: number): () => void {
  const timer = setInterval(() => {
    if (performance.now() - now.saidAt < silenceMs) return;
    const since = Math.round((performance.now() - started) / 1000);
    say(`still at it after ${since} s: waiting for ${now.waitsFor ?? inWords(name)}`);
  }, silenceMs / 20);
  return () => clearInterval(timer);
}

const inWords = (name: string): string => `“${name}” to end`;

/** Runs one step, says its name before and its time after. `done` may add a word about the result. */
export async function step<T>(
  name: string,
  work: () => Promise<T>,
  done?: (result: T) => string,
  silenceMs = SILENCE_MS,
): Promise<T> {
  const started = performance.now();
  console.log(`… ${name}`);
  now.saidAt = started;
  const stop = explainSilence(name, started, silenceMs);
  const result = await work().finally(() => {
    stop();
    waitsFor(null);
  });
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
