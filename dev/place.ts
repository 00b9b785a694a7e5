// Owns: where a played branch lies and which day it is there. A day needs an early shift that is over, a
// day shift that goes on and an evening shift to come, so the branch lies where it is early afternoon
// just now: at whatever hour it is started, a play shows the same day, with the date of UTC. Pure. Must
// not know: who works there.

/** One zone without summer time per hour from UTC, so that a branch never has a day of 23 or 25 hours. */
const ZONES: readonly (readonly [number, string])[] = [
  [-9, "Pacific/Gambier"],
  [-8, "Pacific/Pitcairn"],
  [-7, "America/Phoenix"],
  [-6, "America/Costa_Rica"],
  [-5, "America/Bogota"],
  [-4, "America/La_Paz"],
  [-3, "America/Sao_Paulo"],
  [-2, "America/Noronha"],
  [-1, "Atlantic/Cape_Verde"],
  [0, "Africa/Abidjan"],
  [1, "Africa/Lagos"],
  [2, "Africa/Johannesburg"],
  [3, "Africa/Nairobi"],
  [4, "Asia/Dubai"],
  [5, "Asia/Karachi"],
  [6, "Asia/Dhaka"],
  [7, "Asia/Bangkok"],
  [8, "Asia/Manila"],
  [9, "Asia/Tokyo"],
  [10, "Australia/Brisbane"],
  [11, "Pacific/Noumea"],
  [12, "Pacific/Fiji"],
  [13, "Pacific/Tongatapu"],
  [14, "Pacific/Kiritimati"],
];

/** The hour it is at the branch when a play begins. The only one that no place lacks and in which the
 * date is that of UTC everywhere. */
export const HOUR = 14;

export interface Place {
  readonly zone: string;
  readonly utcOffsetMinutes: number;
  /** Date there, YYYY-MM-DD. */
  readonly today: string;
  /** Days of the week by which its people work five days and rest two: first day, Monday is 0. */
  readonly firstWeekday: number;
}

/** Where it is between 14:00 and 15:00 at `now`. Its week of work began this day a week ago. */
export function placeAt(now: Date): Place {
  const offset = HOUR - now.getUTCHours();
  const zone = ZONES.find(([hours]) => hours === offset)?.[1];
  if (zone === undefined) throw new RangeError(`no place is ${offset} h from UTC`);
  return {
    zone,
    utcOffsetMinutes: offset * 60,
    today: now.toISOString().slice(0, 10),
    firstWeekday: (now.getUTCDay() + 6) % 7,
  };
}

/** Midnight there at the beginning of a date (YYYY-MM-DD), as Odoo writes an instant. */
export function midnightAt(
  { utcOffsetMinutes }: Pick<Place, "utcOffsetMinutes">,
  date: string,
): string {
  const at = new Date(Date.parse(`${date}T00:00:00Z`) - utcOffsetMinutes * 60_000);
  return at.toISOString().slice(0, 19).replace("T", " ");
}

/** A branch in Manila that works from Monday to Friday: where the hour of the start says nothing. */
export const MANILA = { zone: "Asia/Manila", utcOffsetMinutes: 480, firstWeekday: 0 } as const;
