/** Offsets and wall times by zone name. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { instantOf, isTimeZone, offsetMinutes, wallTimeAt } from "../../../edge_agent/base/zone.ts";

Deno.test("zone: offsets of whole, half and quarter hours, summer and winter", () => {
  const winter = Date.UTC(2026, 0, 15, 12);
  const summer = Date.UTC(2026, 6, 15, 12);
  const cases: [string, number, number][] = [
    ["Asia/Manila", 480, 480],
    ["Asia/Kolkata", 330, 330],
    ["Asia/Kathmandu", 345, 345],
    ["Europe/Berlin", 60, 120],
    ["America/St_Johns", -210, -150],
    ["Pacific/Kiritimati", 840, 840],
    ["UTC", 0, 0],
  ];
  for (const [zone, inWinter, inSummer] of cases) {
    assert.equal(offsetMinutes(zone, winter), inWinter, zone);
    assert.equal(offsetMinutes(zone, summer), inSummer, zone);
  }
  assert.equal(
    wallTimeAt("Asia/Manila", Date.UTC(2026, 2, 2, 1, 2, 3, 999)),
    "2026-03-02 09:02:03",
  );
  assert.equal(wallTimeAt("Asia/Manila", Date.UTC(2026, 2, 1, 16, 0, 0)), "2026-03-02 00:00:00");
});

Deno.test("zone: names are checked", () => {
  for (const name of ["Asia/Manila", "UTC", "Etc/GMT+5"]) assert.ok(isTimeZone(name), name);
  for (const name of ["", "Mars/Base", "a b", "x".repeat(99), "../etc"]) {
    assert.ok(!isTimeZone(name), name);
  }
});

Deno.test("zone: property: a wall time's instant shows that wall time, skipped hours aside", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 }),
      fc.constantFrom("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
      (second, zone) => {
        const wall = wallTimeAt(zone, second * 1000);
        assert.equal(wallTimeAt(zone, instantOf(zone, wall)), wall);
      },
    ),
    { numRuns: 300 },
  );
});
