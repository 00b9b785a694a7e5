/**
 * What a person at the agent's machine can ask and change, as named operations on the books. The
 * running agent serves them over its socket; without one, a command runs them itself under the
 * lock, so there is one writer at any time. Owns the checking of arguments; must not print.
 */
import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { ORDERS_BY_HAND } from "../base/order.ts";
import { SERIAL } from "../base/terminal.ts";
import type { Commands, Devices, Fate } from "../fleet/fleet.ts";
import type { Alarms } from "../health/health.ts";
import type { Imported } from "../usb/usb.ts";
import { LocalFault, type Operation, type Operations } from "./socket.ts";
import { reportOf, type ReportParts } from "./terminal_view.ts";

export interface OperationParts extends ReportParts {
  readonly commands: Commands;
  readonly alarms: Alarms;
  /** As people call it. */
  readonly destination: string;
  readonly status: () => unknown;
  /** The files of identity were written by another process. */
  readonly pairingChanged: () => Promise<void>;
  /** There is something to deliver again. */
  readonly wake: () => void;
  /** Takes in an export that lies in the folder for files carried by hand. */
  readonly importFile: (name: string) => Promise<Imported>;
}

/** Rows of one answer; a longer list is asked for in pages. */
export const MAX_ROWS = 5_000;

const limit = z.int().min(1).max(MAX_ROWS).default(1_000);
const serial = z.string().regex(SERIAL, { error: "is not a serial number" });

export function operations(parts: OperationParts): Operations {
  const { queue, devices, alarms } = parts;
  return {
    status: () => parts.status(),
    punches: operation(
      z.object({
        serial: serial.optional(),
        limit,
        since: z.int().optional(),
        after: z.union([
          z.literal("start"),
          z.object({ lane: z.string().max(64), seq: z.int().min(0) }),
        ]).optional(),
      }),
      (filter) => queue.punches(present(filter)),
    ),
    rejects: operation(z.object({ limit }), (given) => queue.rejects(given.limit)),
    parked: operation(z.object({ limit }), (given) => queue.parked(given.limit)),
    resend: operation(
      z.object({ serial: serial.optional(), reason: z.string().max(200).optional() }),
      (filter) => {
        const count = queue.unpark(present(filter));
        alarms.clear("poison");
        parts.wake();
        return count;
      },
    ),
    devices: () => listed(devices),
    report: operation(z.object({ serial }), (given) => report(parts, given.serial)),
    allow: operation(
      z.object({ serial, timeZone: z.string().max(64), dialect: z.string().max(16).optional() }),
      (given) => allow(devices, given),
    ),
    command: operation(
      z.object({
        serial,
        name: z.string().max(32),
        arguments: z.record(z.string(), z.unknown()).default({}),
      }),
      (given) => order(parts, given),
    ),
    fate: operation(z.object({ serial, id: z.int() }), (given) => lookAt(parts, given)),
    acknowledge: operation(z.object({ code: z.string().max(64) }), ({ code }) => {
      const notes = queue.stats().damaged.filter((note) => note.kind === code);
      for (const note of notes) queue.heal(note.id);
      return alarms.acknowledge(code) || notes.length > 0;
    }),
    import_file: operation(
      z.object({ name: z.string().max(128) }),
      async ({ name }) => {
        const imported = await parts.importFile(name);
        return { ...imported, badLines: imported.badLines.slice(0, MAX_ROWS) };
      },
    ),
    lane_head: () => queue.laneHead(),
    pairing_changed: () => parts.pairingChanged(),
  };
}

function operation<T>(schema: z.ZodType<T>, run: (given: T) => unknown): Operation {
  return (given) => {
    const checked = schema.safeParse(given ?? {});
    if (checked.success) return run(checked.data);
    const faults = checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new LocalFault(faults.join("; "));
  };
}

/** Without the fields that were not given. */
function present<T extends object>(filter: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function listed(devices: Devices): unknown {
  return {
    devices: devices.all().map((
      { serial, state, timeZone, dialect, peer, lastHeardAt, silent },
    ) => ({ serial, state, timeZone, dialect, peer, lastHeardAt, silent })),
    unknown: devices.unknown(),
  };
}

function report(parts: OperationParts, serial: string): unknown {
  const points = reportOf(parts, serial);
  if (points === null) throw new LocalFault(`${serial} is not known here`);
  return points;
}

/** How far an order of a person has come. */
export interface OrderLook {
  readonly fate: Fate | null;
  /** When the terminal last called; epoch ms. */
  readonly lastHeardAt: number | null;
}

function lookAt(
  { commands, devices }: OperationParts,
  { serial, id }: { serial: string; id: number },
): OrderLook {
  const { lastHeardAt = null } = devices.lookup(serial) ?? {};
  return { fate: commands.fateOf(serial, id), lastHeardAt };
}

function allow(
  devices: Devices,
  { serial, timeZone, dialect }: {
    serial: string;
    timeZone: string;
    dialect?: string | undefined;
  },
): unknown {
  try {
    const device = devices.allow(serial, { timeZone, dialect: dialect ?? null });
    return { serial: device.serial, state: device.state, timeZone: device.timeZone };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      throw new LocalFault(error.message);
    }
    throw error;
  }
}

function order(
  { commands, devices, destination }: OperationParts,
  given: { serial: string; name: string; arguments: Record<string, unknown> },
): unknown {
  const id = commands.orderByHand(given.serial, given.name, given.arguments);
  if (typeof id === "number") return { id };
  throw new LocalFault(`refused: ${whyRefused(given, id.refused, { devices, destination })}`);
}

/** Which of the three it is: an order nobody knows, a terminal that may not be asked, wrong arguments. */
function whyRefused(
  { serial, name }: { serial: string; name: string },
  refused: string,
  { devices, destination }: Pick<OperationParts, "devices" | "destination">,
): string {
  const device = devices.lookup(serial);
  if (device === undefined) {
    const known = devices.all().map((one) => one.serial);
    return `no terminal ${serial} is known here${didYouMean(serial, known)} (device list)`;
  }
  if (device.state !== "active") {
    return `${serial} is ${device.state}: an administrator approves it in ${destination} first`;
  }
  if (!ORDERS_BY_HAND.some((known) => known === name)) {
    const near = didYouMean(name, ORDERS_BY_HAND);
    return `there is no order ${name}${near || `; there are ${ORDERS_BY_HAND.join(", ")}`}`;
  }
  return `${name}: ${refused}`;
}
