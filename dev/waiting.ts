// Owns: waiting for something to become so, with patience that ends. Must not know: for what.

import { Trouble, waitsFor } from "./trouble.ts";

/** Asks again and again until the answer is not null; a Trouble names `what` when patience ends. */
export type Waiting = <T>(what: string, ask: () => Promise<T | null>) => Promise<T>;

export function waiting(patienceMs: number, pauseMs = 500): Waiting {
  return async (what, ask) => {
    const deadline = performance.now() + patienceMs;
    waitsFor(what);
    for (;;) {
      const answer = await ask();
      if (answer !== null) {
        waitsFor(null);
        return answer;
      }
      if (performance.now() > deadline) {
        throw new Trouble(`Waited ${Math.round(patienceMs / 1000)} s in vain for ${what}.`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
}
