/**
 * The terminals to be polled, from the settings on the branch, what the registry of devices knows and
 * the clearing policy that Odoo sends. Pure.
 */
import { z } from "zod";
import type { TerminalSettings } from "../base/config.ts";
import { CLOCK_TIME, SPAN } from "../base/hours.ts";
import { MAX_COMM_KEY } from "../base/terminal.ts";
import { offsetMinutes } from "../base/zone.ts";
import { type CleanupPolicy, NEVER_CLEAN } from "./plan.ts";
import type { PollDevice } from "./poller.ts";

/** The part of the registry's device that matters here. */
export interface KnownDevice {
  readonly state: "waiting" | "active" | "refused";
  readonly timeZone: string;
  readonly lastHeardAt: number | null;
  readonly silent: boolean;
  readonly uploadIdle: boolean;
  /** Epoch ms since when push was heard without a gap. */
  readonly unbrokenSince?: number | null;
  /** Silence of its push that its heartbeat explains. */
  readonly allowedSilenceMs: number;
  readonly settings: { readonly cleanup: unknown };
}

const span = z.string().regex(SPAN);
const policySchema = z.object({
  when: z.enum(["never", "above", "every"]),
  percent: z.number().min(1).max(100).default(NEVER_CLEAN.percent),
  days: z.number().min(1).max(3_650).default(NEVER_CLEAN.days),
  hours: z.array(span).min(1).max(8),
});

/** The `cleanup` entry of a device's settings; anything unclear means never. */
export function readCleanupPolicy(given: unknown): CleanupPolicy {
  const parsed = policySchema.safeParse(given);
  return parsed.success ? parsed.data : NEVER_CLEAN;
}

const clockTime = z.string().regex(CLOCK_TIME);
const pollSchema = z.object({
  // The start flags decide which addresses may be spoken to; this only keeps out what is no address.
  host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/),
  port: z.int().min(1).max(65_535).default(4370),
  transport: z.enum(["tcp", "udp"]).default("tcp"),
  comm_key: z.int().min(0).max(MAX_COMM_KEY).default(0),
  mode: z.enum(["push", "poll", "both"]).default("both"),
  interval_minutes: z.int().min(1).max(10_080).default(60),
  times: z.array(clockTime).max(24).default([]),
  quiet: z.array(span).max(8).default([]),
  live: z.boolean().default(false),
});

/** The `poll` entry of a device's settings; null when there is none or it is unclear. */
export function readPollSettings(serial: string, given: unknown): TerminalSettings | null {
  const parsed = pollSchema.safeParse(given);
  if (!parsed.success) return null;
  const { host, port, transport, comm_key, mode, interval_minutes, times, quiet, live } =
    parsed.data;
  return {
    serial,
    host,
    port,
    transport,
    commKey: comm_key,
    mode,
    intervalMinutes: interval_minutes,
    times,
    quiet,
    live,
  };
}

/** What Odoo set, and what the branch's own file lists; the file wins, who wrote it was there. */
export function terminalsOf(
  configured: readonly TerminalSettings[],
  devices: readonly { readonly serial: string; readonly settings: { readonly poll: unknown } }[],
): TerminalSettings[] {
  const listed = new Set(configured.map(({ serial }) => serial));
  const sent = devices.flatMap(({ serial, settings }) => {
    const terminal = listed.has(serial) ? null : readPollSettings(serial, settings.poll);
    return terminal === null ? [] : [terminal];
  });
  return [...configured, ...sent];
}

export interface PollSources {
  readonly terminals: readonly TerminalSettings[];
  readonly lookup: (serial: string) => KnownDevice | undefined;
  /** Epoch ms since when the device port listens. */
  readonly listeningSince: number;
  readonly now: number;
}

/** For a terminal that the device port does not know yet. */
const UNKNOWN_SILENCE_MS = 120_000;

/** A refused terminal is left alone; one nobody decided about is read, its punches wait in Odoo. */
export function pollDevices(sources: PollSources): PollDevice[] {
  const { listeningSince, now } = sources;
  return sources.terminals.flatMap((terminal) => {
    const { serial, host, port, transport, commKey, mode } = terminal;
    const known = sources.lookup(serial);
    if (known?.state === "refused") return [];
    const lastHeardAt = known?.lastHeardAt ?? null;
    const allowedSilenceMs = known?.allowedSilenceMs ?? UNKNOWN_SILENCE_MS;
    return [{
      target: { serial, host, port, transport, commKey },
      plan: {
        mode,
        intervalMinutes: terminal.intervalMinutes,
        times: terminal.times,
        quiet: terminal.quiet,
        live: terminal.live,
        utcOffsetMinutes: known ? offsetMinutes(known.timeZone, now) : 0,
        ...(known && { timeZone: known.timeZone }),
      },
      cleanup: readCleanupPolicy(known?.settings.cleanup),
      push: mode === "poll" ? null : { lastHeardAt, listeningSince, allowedSilenceMs },
      pushedSince: pushedSince(known),
    }];
  });
}

/** Whatever the settings say of it: a terminal that pushes without a gap has told what it recorded. */
function pushedSince(known: KnownDevice | undefined): number | null {
  if (known === undefined || known.silent || !known.uploadIdle) return null;
  return known.unbrokenSince ?? null;
}
