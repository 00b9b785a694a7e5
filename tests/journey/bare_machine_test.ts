// From a bare Debian to the first punch in a real Odoo, and on to the next version, which that Odoo offers. The machine
// shares this one's network, so its ports are free ones of ours; nothing else is laid for it. A version that does not
// get well takes its four minutes: that is the campaign's (`--updates`).

import assert from "node:assert/strict";
import { bareMachineTest } from "../sim/powers.ts";
import { goLive } from "./go_live.ts";

/** What a person needs beside the machine: copying the file, typing, the telephone, the terminal's menu. */
const PEOPLE_S = 5 * 60;
const GOAL_S = 10 * 60;

// Red when the offer never reaches the agent, a range is not served, or Odoo does not hear the end of the trial.
await bareMachineTest(
  "P01 P14 C01 two typed lines on a bare Debian, a punch is in Odoo, and the version it offers is confirmed",
  async () => {
    const { seconds, typedLines, updates, said } = await goLive([{ version: "1.9.0" }]);
    console.log(`bare Debian to the first punch in Odoo: ${seconds} s, without people's pauses`);
    assert.ok(typedLines <= 3);
    assert.ok(seconds + PEOPLE_S <= GOAL_S, `${seconds} s`);
    const [update] = updates;
    console.log(`offered, fetched, tried and confirmed in ${update?.seconds} s`);
    assert.deepEqual({ ...update, seconds: 0 }, {
      version: "1.9.0",
      state: "confirmed",
      reason: "",
      release: "offered",
      seconds: 0,
    });
    assert.match(said, /runs: 1\.9\.0\nconfirmed: 1\.9\.0/);
  },
);
