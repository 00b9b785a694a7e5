/**
 * How far a new machine has come, for the person who sets it up: six steps, each done or what to do. Pure;
 * owns the order and the words. Holds no secret and no serial number: the page shows it to the whole LAN.
 */
import type { QueueStats } from "../queue/queue.ts";
import { type DestinationName, DESTINATIONS } from "./destinations.ts";

export interface SetupStep {
  readonly step: "clock" | "network" | "destination" | "paired" | "device" | "punch";
  readonly done: boolean;
  readonly text: string;
}

/** What the steps are judged by; a part of the vitals. */
export interface SetupView {
  readonly destination: DestinationName;
  readonly stats: QueueStats | null;
  readonly devices: readonly { readonly lastHeardAt: number | null }[];
  readonly sinceAnswerMs: number | null;
  readonly clockTrusted: boolean;
  readonly paired: boolean;
  readonly state: "waiting" | "active" | null;
}

/** How this machine becomes known there. */
const WORDS: Readonly<
  Record<
    DestinationName,
    { readonly known: string; readonly waiting: string; readonly unknown: string }
  >
> = {
  odoo: {
    known: "paired and approved",
    waiting: "paired; an administrator compares the fingerprint in Odoo and approves",
    unknown: "not paired: type the line that Odoo shows",
  },
  erpnext: {
    known: "set up for ERPNext",
    waiting:
      "set up for ERPNext, which has not let this machine in yet: `doctor` says what is missing",
    unknown: "not set up for ERPNext: type provision-erpnext with the address of the site",
  },
};

export function setupSteps(vitals: SetupView, addresses: readonly string[]): SetupStep[] {
  const { stats } = vitals;
  const heard = vitals.devices.some(({ lastHeardAt }) => lastHeardAt !== null);
  const delivered = (stats?.delivered ?? 0) > 0;
  const answered = vitals.sinceAnswerMs !== null;
  const name = DESTINATIONS[vitals.destination];
  const words = WORDS[vitals.destination];
  return [
    step(
      "clock",
      vitals.clockTrusted,
      "the clock is right",
      "the clock is not synchronised yet: wait, or let UDP port 123 out",
    ),
    step(
      "network",
      addresses.length > 0,
      `this machine is ${addresses.join(", ")}`,
      "this machine has no address yet: look at the cable and the router",
    ),
    step(
      "destination",
      answered,
      `${name} answers`,
      `${name} does not answer yet: look at the Internet connection`,
    ),
    step(
      "paired",
      vitals.paired && vitals.state === "active",
      words.known,
      vitals.paired ? words.waiting : words.unknown,
    ),
    step(
      "device",
      heard,
      "a terminal calls",
      `no terminal has called yet: type the address in its menu; approve it in ${name}`,
    ),
    step(
      "punch",
      delivered,
      `the first punch is in ${name}`,
      stats !== null && stats.pending > 0
        ? `a punch waits for ${name}`
        : "no punch yet: let somebody punch once",
    ),
  ];
}

function step(name: SetupStep["step"], done: boolean, yes: string, no: string): SetupStep {
  return { step: name, done, text: done ? yes : no };
}
