/**
 * What the tests of screens share: a moment, time that passes only when a test lets it, and one
 * screen opened in Odoo's web client.
 */
import { advanceTime, animationFrame, freezeTime, mockDate } from "@odoo/hoot-mock";
import { getService, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

/**
 * It is this instant (UTC) and stays so until `pass`. Before anything is shown: left to itself the
 * clock of the tests goes on, and on a busy machine what waits for a pause in typing, or comes at a
 * beat, comes between two lines of a test.
 */
export function stayAt(at: string): void {
  mockDate(at, 0);
  freezeTime();
}

const STEP_MS = 10_000;

/**
 * Lets time pass and what became due be asked, answered and rendered. In steps below the deadline of a
 * reading: the clock of the tests runs all timers of a step before any answer comes in.
 */
export async function pass(ms: number): Promise<void> {
  for (let left = ms; left >= 0; left -= STEP_MS) {
    await advanceTime(Math.min(left, STEP_MS));
    await animationFrame();
    await animationFrame();
  }
}

/** Opens a screen of ours by the last part of its tag, and lets its first readings be shown. */
export async function openScreen(name: string): Promise<void> {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: `biometric_attendance.${name}`,
  });
  await pass(0);
  await pass(0);
}

/** What is opened from here on, in its order; nothing leaves the screen. */
export function openedFromHere(): Record<string, unknown>[] {
  const opened: Record<string, unknown>[] = [];
  patchWithCleanup(getService("action"), {
    doAction: (action: Record<string, unknown>) => {
      opened.push(action);
      return Promise.resolve();
    },
  });
  return opened;
}
