/** From a terminal's clock to the site's, both nights of the year on which clocks change. */
import assert from "node:assert/strict";
import { SERIAL } from "../queue/lane_kit.ts";
import { momentOf, siteTime } from "../../../edge_agent/erpnext/site_time.ts";
import { withSite } from "./site_kit.ts";

const BERLIN = "Europe/Berlin", MANILA = "Asia/Manila";

const said = (
  wallTime: string,
  more: { receivedAt?: number; after?: number; zone?: string } = {},
) => ({
  wallTime,
  timeZone: more.zone ?? BERLIN,
  receivedAt: more.receivedAt ?? null,
  after: more.after ?? null,
});

// Red when a time is converted although both clocks show the same.
Deno.test("in one zone nothing is converted, not even an hour that is skipped or comes twice", () => {
  for (const time of ["2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-07-01 12:00:00"]) {
    const { time: shown, moment } = siteTime(said(time), BERLIN);
    assert.deepEqual([shown, moment.doubtful], [time, false]);
  }
});

Deno.test("between zones the instant stays: winter, summer, and the hour that is skipped", () => {
  assert.equal(siteTime(said("2026-01-15 08:00:00"), MANILA).time, "2026-01-15 15:00:00");
  assert.equal(siteTime(said("2026-07-15 08:00:00"), MANILA).time, "2026-07-15 14:00:00");
  assert.equal(siteTime(said("2026-03-29 01:59:59"), MANILA).time, "2026-03-29 08:59:59");
  assert.equal(siteTime(said("2026-03-29 03:00:00"), MANILA).time, "2026-03-29 09:00:00");
  assert.equal(siteTime(said("2026-03-29 02:30:00"), MANILA).time, "2026-03-29 09:30:00");
  assert.equal(
    siteTime(said("2026-01-15 08:00:00", { zone: MANILA }), BERLIN).time,
    "2026-01-15 01:00:00",
  );
});

// Red when the order of the punches does not decide, or a live punch of the first hour becomes the second.
Deno.test("the hour that comes twice is told by order, by arrival, and else is doubtful", () => {
  const first = Date.UTC(2026, 9, 25, 0, 30), second = Date.UTC(2026, 9, 25, 1, 30);
  const at = "2026-10-25 02:30:00";
  assert.deepEqual(momentOf(said(at, { receivedAt: first + 1_000 })), {
    at: first,
    doubtful: false,
  });
  const after = Date.UTC(2026, 9, 25, 0, 50);
  assert.deepEqual(momentOf(said(at, { receivedAt: second + 1_000, after })), {
    at: second,
    doubtful: false,
  });
  assert.deepEqual(momentOf(said(at, { receivedAt: second + 1_000 })), {
    at: second,
    doubtful: true,
  });
  assert.deepEqual(momentOf(said(at, { receivedAt: second + 86_400_000 })), {
    at: first,
    doubtful: true,
  });
});

Deno.test("a night of two equal hours arrives in order at a site of another zone", () =>
  withSite({ timeZone: MANILA }, async (kit) => {
    kit.site.set("Biometric Device", SERIAL, { time_zone: BERLIN });
    const times = ["02:10:00", "02:50:00", "02:05:00", "02:55:00", "03:01:00"];
    const punches = times.map((time, n) => ({
      ...kit.punch(n),
      pin: String(n + 1),
      wallTime: `2026-10-25 ${time}`,
    }));
    kit.clock.set(Date.UTC(2026, 9, 25, 6));
    await kit.queue.add({ serial: SERIAL, channel: "push", punches, rejects: [] });
    await kit.drain();
    const shown = kit.site.rows("Employee Checkin").map((row) => [row["employee"], row["time"]]);
    assert.deepEqual(shown.sort(), [
      ["E1", "2026-10-25 08:10:00"],
      ["E2", "2026-10-25 08:50:00"],
      ["E3", "2026-10-25 09:05:00"],
      ["E4", "2026-10-25 09:55:00"],
      ["E5", "2026-10-25 10:01:00"],
    ]);
  }));
