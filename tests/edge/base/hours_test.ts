/** Times of day and spans as people set them, wherever they set them. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { BadConfig, loadConfig } from "../../../edge_agent/base/config.ts";
import { MINUTE_MS } from "../../../edge_agent/base/duration.ts";
import { CLOCK_TIME, inSpans, SPAN } from "../../../edge_agent/base/hours.ts";
import { readCleanupPolicy, readPollSettings } from "../../../edge_agent/polling/devices.ts";

const two = (value: number) => String(value).padStart(2, "0");
const isTime = (hours: number, minutes: number) => hours < 24 && minutes < 60;
const anyNumber = fc.integer({ min: 0, max: 99 });

/** The faults of a branch file with this terminal in it, and what Odoo's entry of the same gives. */
function bothWays(
  ours: Record<string, unknown>,
  odoos: Record<string, unknown> = ours,
): { faults: string[]; entry: ReturnType<typeof readPollSettings> } {
  const terminal = { serial: "A1", host: "192.0.2.7", ...ours };
  const text = JSON.stringify({ polling: { terminals: [terminal] } });
  const entry = readPollSettings("A1", { host: "192.0.2.7", ...odoos });
  try {
    loadConfig({ readText: () => text, environment: {} });
    return { faults: [], entry };
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    return { faults: error.faults.map(({ field, message }) => `${field} ${message}`), entry };
  }
}

// Red when SPAN takes two digits for an hour or a minute: with 25:99-26:00 a terminal is never read.
Deno.test("quiet hours are spans of real times, in the branch file and from Odoo", () => {
  const refused = bothWays({ quiet: ["25:99-26:00"] });
  assert.deepEqual(refused.faults, [
    "polling.terminals.0.quiet.0 must be HH:MM-HH:MM, each 00:00 to 23:59",
  ]);
  fc.assert(
    fc.property(anyNumber, anyNumber, anyNumber, anyNumber, (h1, m1, h2, m2) => {
      const span = `${two(h1)}:${two(m1)}-${two(h2)}:${two(m2)}`;
      const good = isTime(h1, m1) && isTime(h2, m2);
      const { faults, entry } = bothWays({ quiet: [span] });
      assert.deepEqual([SPAN.test(span), faults.length === 0, entry !== null], Array(3).fill(good));
      const policy = readCleanupPolicy({ when: "every", hours: [span] });
      assert.equal(policy.when, good ? "every" : "never");
    }),
  );
});

// Red when an accepted span covers a whole day: the terminal would never be read.
Deno.test("no span that is taken lasts a whole day", () => {
  const hours = fc.integer({ min: 0, max: 23 });
  const time = fc.tuple(hours, fc.integer({ min: 0, max: 59 }))
    .map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
  const minutes = Array.from({ length: 1_440 }, (_, minute) => minute * MINUTE_MS);
  const leavesRoom = (span: string, offset: number) => {
    assert.ok(SPAN.test(span));
    assert.ok(minutes.some((at) => !inSpans([span], offset, at)), span);
  };
  const offsets = fc.integer({ min: -720, max: 840 });
  const between = fc.property(time, time, offsets, (a, b, at) => leavesRoom(`${a}-${b}`, at));
  fc.assert(between, { numRuns: 50 });
  // A span that ends where it begins is none, not a day.
  fc.assert(fc.property(time, offsets, (a, at) => leavesRoom(`${a}-${a}`, at)), { numRuns: 20 });
});

Deno.test("times of day are real times, in the branch file and from Odoo", () => {
  fc.assert(
    fc.property(anyNumber, anyNumber, (hours, minutes) => {
      const time = `${two(hours)}:${two(minutes)}`;
      const good = isTime(hours, minutes);
      const { faults, entry } = bothWays({ times: [time] });
      assert.deepEqual([CLOCK_TIME.test(time), faults.length === 0, entry !== null], [
        good,
        good,
        good,
      ]);
    }),
  );
  for (const odd of ["7:00", "07:00 ", "07.00", "24:00", "", "07:00:00"]) {
    assert.equal(bothWays({ times: [odd] }).entry, null, odd);
    assert.equal(bothWays({ times: [odd] }).faults.length, 1, odd);
  }
});

// Red when one of the two has a bound of its own: what Odoo can set, the branch file must be able to.
Deno.test("comm keys and ports have the same bounds in the branch file and from Odoo", () => {
  const cases = [
    [0, true],
    [999_999, true],
    [1_000_000, true],
    [4_294_967_295, true],
    [4_294_967_296, false],
    [-1, false],
    [1.5, false],
  ] as const;
  for (const [key, good] of cases) {
    const { faults, entry } = bothWays({ commKey: key }, { comm_key: key });
    assert.deepEqual([faults.length === 0, entry !== null], [good, good], String(key));
  }
  for (const [port, good] of [[0, false], [1, true], [65_535, true], [65_536, false]] as const) {
    const { faults, entry } = bothWays({ port });
    assert.deepEqual([faults.length === 0, entry !== null], [good, good], String(port));
  }
});
