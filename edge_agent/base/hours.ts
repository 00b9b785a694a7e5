/**
 * Times of day as people set them: `HH:MM`, and spans `HH:MM-HH:MM` that may run over midnight. Owns what
 * is one and whether it is now. Pure; must not know what is planned by them.
 */
import { MINUTE_MS } from "./duration.ts";

const HH_MM = "(?:[01]\\d|2[0-3]):[0-5]\\d";

/** 00:00 to 23:59. */
export const CLOCK_TIME = new RegExp(`^${HH_MM}$`);
/** From one time of day until the next time that the clock shows the other. */
export const SPAN = new RegExp(`^${HH_MM}-${HH_MM}$`);

export const DAY_MINUTES = 1_440;

/** Minutes since midnight of a text that is a CLOCK_TIME. */
export function minutesOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Minutes since local midnight, with a fraction. */
export function localMinutes(utcOffsetMinutes: number, now: number): number {
  const minutes = (now / MINUTE_MS + utcOffsetMinutes) % DAY_MINUTES;
  return minutes < 0 ? minutes + DAY_MINUTES : minutes;
}

/** Whether the local time lies in one of the spans; a span that ends where it begins is empty. */
export function inSpans(spans: readonly string[], utcOffsetMinutes: number, now: number): boolean {
  const at = localMinutes(utcOffsetMinutes, now);
  return spans.some((span) => {
    const [from = 0, to = 0] = span.split("-").map(minutesOf);
    return from <= to ? at >= from && at < to : at >= from || at < to;
  });
}
