// generated from owl_src/screen_bench.ts, do not edit
import { advanceTime, animationFrame, freezeTime, mockDate } from "@odoo/hoot-mock";
import { getService, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
function stayAt(at) {
  mockDate(at, 0);
  freezeTime();
}
const STEP_MS = 1e4;
async function pass(ms) {
  for (let left = ms; left >= 0; left -= STEP_MS) {
    await advanceTime(Math.min(left, STEP_MS));
    await animationFrame();
    await animationFrame();
  }
}
async function openScreen(name) {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: `biometric_attendance.${name}`
  });
  await pass(0);
  await pass(0);
}
function openedFromHere() {
  const opened = [];
  patchWithCleanup(getService("action"), {
    doAction: (action) => {
      opened.push(action);
      return Promise.resolve();
    }
  });
  return opened;
}
export {
  openScreen,
  openedFromHere,
  pass,
  stayAt
};
