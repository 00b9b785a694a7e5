/** When the agent believes its own clock, and that waiting can be given up. */
import assert from "node:assert/strict";
import { EARLIEST_INSTANT_MS, SystemClock } from "../../../edge_agent/base/clock.ts";

const START = Date.UTC(2026, 2, 2, 1, 0, 0);

function makeClock({ startsAt = START, marks = new Map<string, number>() } = {}) {
  const hands = { wall: startsAt, monotonic: 5_000 };
  const clock = new SystemClock({
    now: () => hands.wall,
    monotonic: () => hands.monotonic,
    modifiedAt: (path) => marks.get(path) ?? null,
  });
  return { clock, hands, marks };
}

Deno.test("SystemClock trusts nothing at the start", () => {
  assert.equal(makeClock().clock.trusted(), false);
});

// Red when the earliest instant is not asked first: the marks of a time service outlive a reset.
Deno.test("R18 SystemClock of a machine that wakes up in 2020 is not trusted, whatever says so", () => {
  const marks = new Map([["/run/systemd/timesync/synchronized", START]]);
  const { clock, hands } = makeClock({ startsAt: Date.UTC(2020, 0, 1), marks });
  clock.confirm(hands.wall, 0);
  assert.equal(clock.trusted(), false);
  hands.wall = EARLIEST_INSTANT_MS;
  hands.monotonic += 10_000;
  assert.equal(clock.trusted(), true);
});

Deno.test("SystemClock trusts systemd's mark, and chrony's only when written since the start", () => {
  const { clock, hands, marks } = makeClock();
  marks.set("/var/lib/chrony/chrony.drift", START - 1);
  assert.equal(clock.trusted(), false);
  marks.set("/var/lib/chrony/chrony.drift", START + 1);
  hands.monotonic += 10_000;
  assert.equal(clock.trusted(), true);
  const other = makeClock({ marks: new Map([["/run/systemd/timesync/synchronized", 1]]) });
  assert.equal(other.clock.trusted(), true);
});

// Red when `confirm` forgets half the round trip, or compares with more than 30 s.
Deno.test("SystemClock.confirm trusts agreement within 30 s and says the difference", () => {
  const { clock } = makeClock();
  assert.equal(clock.confirm(START + 29_000, 0), 29_000);
  assert.equal(clock.trusted(), true);
  assert.equal(clock.confirm(START + 31_000, 0), 31_000);
  assert.equal(clock.trusted(), false);
  assert.equal(clock.confirm(START + 1_000, 2_000), 2_000);
  assert.equal(clock.trusted(), true);
});

// Red when the agreement outlives a jump.
Deno.test("R17 SystemClock loses Odoo's confirmation when somebody sets the clock", () => {
  const { clock, hands } = makeClock();
  clock.confirm(START, 0);
  hands.wall += 86_400_000;
  hands.monotonic += 86_400_000;
  assert.equal(clock.trusted(), true);
  hands.wall -= 3_600_000;
  assert.equal(clock.trusted(), false);
  hands.wall += 3_600_000;
  assert.equal(clock.trusted(), false, "only Odoo's next answer gives the trust back");
});

Deno.test("SystemClock.sleep ends early when aborted, before or during", async () => {
  const clock = new SystemClock();
  await clock.sleep(60_000, AbortSignal.abort());
  const stop = new AbortController();
  const waiting = clock.sleep(60_000, stop.signal);
  stop.abort();
  await waiting;
  await clock.sleep(1);
});

// Red when a mark of the time service outweighs an Odoo that says quite another time: health stayed green
// from 1970 to twelve years ahead.
Deno.test("R70 a clock that Odoo contradicts by more than ten minutes is unsure, whatever the time service left", () => {
  const marks = new Map([["/run/systemd/timesync/synchronized", START]]);
  const { clock, hands } = makeClock({ marks });
  assert.equal(clock.trusted(), true);
  for (const years of [-10, 12]) {
    clock.confirm(START - years * 365 * 86_400_000, 100);
    assert.equal(clock.trusted(), false, `${years} years ahead`);
  }
  clock.confirm(START + 60_000, 100);
  assert.equal(clock.trusted(), true, "a minute: the time service knows better");
  clock.confirm(START + 86_400_000, 100);
  assert.equal(clock.trusted(), false);
  hands.wall += 86_400_000;
  assert.equal(clock.trusted(), true, "set meanwhile");
});
