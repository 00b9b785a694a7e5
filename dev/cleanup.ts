// Owns: what has to be undone when a script ends, also by Ctrl-C or a service manager. Must not know:
// what that is.

type Undo = () => Promise<void>;

const undos: Undo[] = [];

export interface Undoing {
  /** Does it now, once, and forgets it. */
  now(): Promise<void>;
  /** Forgets it: it came undone by itself. */
  forget(): void;
}

/** Remembers what to undo should the script end before it is done otherwise. */
export function onExit(undo: Undo): Undoing {
  undos.push(undo);
  const forget = (): boolean => {
    const at = undos.indexOf(undo);
    if (at >= 0) undos.splice(at, 1);
    return at >= 0;
  };
  return { forget: () => void forget(), now: async () => forget() ? await undo() : undefined };
}

/** Undoes everything, last first. One that fails is told and does not keep the others from running. */
export async function undoAll(): Promise<void> {
  for (let undo = undos.pop(); undo; undo = undos.pop()) {
    try {
      await undo();
    } catch (error) {
      console.error("While cleaning up:", error instanceof Error ? error.message : error);
    }
  }
}

/** Ctrl-C reaches us twice at once: from the terminal and from the program that started us. */
const SAME_SIGNAL_MS = 1_500;
/** 128 + SIGINT, as a shell says it. */
const INTERRUPTED = 130;
let stopping = false;

/** True once a signal arrived: what fails from now on fails because of it. */
export const isStopping = (): boolean => stopping;

/** Undoes everything and ends the process when a signal arrives; a second Ctrl-C ends it at once. */
export function undoOnSignals(): void {
  let firstAt = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      if (stopping && performance.now() - firstAt > SAME_SIGNAL_MS) Deno.exit(INTERRUPTED);
      if (stopping) return;
      stopping = true;
      firstAt = performance.now();
      undoAll().then(() => Deno.exit(INTERRUPTED));
    });
  }
}
