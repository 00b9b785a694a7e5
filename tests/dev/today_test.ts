// Tests that a play shows the same day whenever it is started: at every hour of every day of a week, in
// winter, in summer and around the days on which clocks change.

import assert from "node:assert/strict";
import { HOUR, midnightAt, placeAt } from "../../dev/place.ts";
import { weekPlay } from "../../dev/play.ts";
import { countStandings, layToday, SHIFTS, type Standing } from "../../dev/today.ts";

/** Weeks in which Europe, America and Australia change their clocks, new year, a leap day, midsummer. */
const WEEKS = ["2026-03-08", "2026-03-29", "2026-04-05", "2026-06-21", "2026-10-25", "2026-12-28"]
  .concat("2028-02-26");

function instants(): Date[] {
  const hours = WEEKS.flatMap((day) =>
    Array.from({ length: 7 * 24 }, (_, hour) => Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000)
  );
  const within = [0, 10 * 60_000, 59 * 60_000 + 59_999];
  return hours.flatMap((hour) => within.map((ms) => new Date(hour + ms)));
}

/** What a clock on the wall shows there, by the calendar of the machine and not by our offsets. */
function wallClock(at: Date, timeZone: string): { day: string; hour: number } {
  const form = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
  });
  const part = new Map(form.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = `${part.get("year")}-${part.get("month")}-${part.get("day")}`;
  return { day, hour: Number(part.get("hour")) };
}

// Turns red when a zone with summer time is listed, an hour has no zone, or a date is another than UTC's.
Deno.test("place: at every start it is early afternoon there, of the date of UTC", () => {
  const all = instants();
  assert.equal(all.length, WEEKS.length * 7 * 24 * 3);
  for (const now of all) {
    const { zone, today, utcOffsetMinutes, firstWeekday } = placeAt(now);
    const there = wallClock(now, zone);
    assert.deepEqual([there.hour, there.day], [HOUR, today], `${now.toISOString()} in ${zone}`);
    assert.equal(today, now.toISOString().slice(0, 10));
    const shifted = new Date(now.getTime() + utcOffsetMinutes * 60_000);
    assert.equal(shifted.getUTCHours(), HOUR);
    assert.equal(firstWeekday, (new Date(`${today}T12:00:00Z`).getUTCDay() + 6) % 7);
  }
});

// Turns red when the branch's service begins at midnight of UTC: far in the east its first morning waited as
// "before its service", and the file of the week lacked a sixth of its lines.
Deno.test("place: the service of a week begins at midnight there, wherever there is", () => {
  const firstDays = new Map<string, string>();
  for (const now of instants()) {
    const place = placeAt(now);
    const firstDay = firstDays.get(place.today) ?? weekPlay(place.today).expected.firstDay;
    firstDays.set(place.today, firstDay);
    const begins = new Date(`${midnightAt(place, firstDay).replace(" ", "T")}Z`);
    assert.deepEqual(wallClock(begins, place.zone), { day: firstDay, hour: 0 }, place.zone);
    const before = wallClock(new Date(begins.getTime() - 1), place.zone);
    assert.ok(before.day < firstDay && before.hour === 23, place.zone);
  }
});

// Turns red when today has other people, minutes or standings on another date.
Deno.test("today: the same people stand the same way, with the same minutes, at every start", () => {
  const form = (now: Date) => {
    const { today } = placeAt(now);
    const play = weekPlay(today);
    const laid = layToday(today, play.people.map(({ pin }) => pin));
    assert.equal(laid.date, today);
    assert.ok(play.expected.lastDay < today, "the week before is over");
    return {
      people: laid.people,
      times: laid.records.map(({ pin, time }) => [pin, time.slice(11)]),
      days: new Set(laid.records.map(({ time }) => time.slice(0, 10))),
      week: play.records.map(({ pin, time }) => [pin, time.slice(10)]),
    };
  };
  const first = form(new Date("2026-11-29T00:10:00Z"));
  assert.deepEqual([...first.days], ["2026-11-29"]);
  for (const at of ["2026-11-29T23:50:00Z", "2026-12-02T12:00:00Z", "2026-03-29T01:30:00Z"]) {
    const { days: _, ...other } = form(new Date(at));
    const { days: __, ...same } = first;
    assert.deepEqual(other, same, at);
  }
});

// Turns red when somebody who should be late is not, an early shift could still be judged open, or
// something was recorded after a play may begin.
Deno.test("today: every standing has somebody, and the punches make it so", () => {
  const pins = Array.from({ length: 40 }, (_, n) => String(n + 1));
  const { people, records } = layToday("2026-11-29", pins);
  const of = (standing: Standing) => people.filter((person) => person.standing === standing);
  for (const [standing, count] of countStandings()) {
    assert.ok(count > 0);
    assert.equal(of(standing).length, count, standing);
  }
  const hours = (pin: string) =>
    records.filter((record) => record.pin === pin).map(({ time }) => {
      const [hour = 0, minute = 0] = time.slice(11).split(":").map(Number);
      return hour + minute / 60;
    });
  for (const { pin } of of("at work")) {
    assert.ok((hours(pin)[0] ?? 99) < SHIFTS.day.start && hours(pin).length % 2 === 1);
  }
  for (const { pin } of of("late, at work")) {
    assert.ok((hours(pin)[0] ?? 0) > SHIFTS.day.start + 0.5);
  }
  for (const { pin } of of("done")) assert.equal(hours(pin).length, 2);
  for (const standing of ["not yet here", "absent", "due later", "off"] as const) {
    for (const { pin } of of(standing)) assert.deepEqual(hours(pin), []);
  }
  const latestCheckOut = SHIFTS.early.end + 6;
  assert.ok(latestCheckOut < HOUR, "the early shift's window has closed");
  assert.ok(SHIFTS.evening.start > HOUR + 1, "the evening has not begun within the hour");
  assert.ok(Math.max(...records.map(({ time }) => Number(time.slice(11, 13)))) < HOUR);
});
