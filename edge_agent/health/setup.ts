/**
 * How far a new machine has come, for the person who sets it up: six steps, each done or what to do. Pure;
 * owns the order and the words. Holds no secret and no serial number: the page shows it to the whole LAN.
 */
import type { QueueStats } from "../queue/queue.ts";

export interface SetupStep {
  readonly step: "clock" | "network" | "odoo" | "paired" | "device" | "punch";
  readonly done: boolean;
  readonly text: string;
}

/** What the steps are judged by; a part of the vitals. */
export interface SetupView {
  readonly stats: QueueStats | null;
  readonly devices: readonly { readonly lastHeardAt: number | null }[];
  readonly sinceAnswerMs: number | null;
  readonly clockTrusted: boolean;
  readonly paired: boolean;
  readonly state: "waiting" | "active" | null;
}

export function setupSteps(vitals: SetupView, addresses: readonly string[]): SetupStep[] {
  const { stats } = vitals;
  const heard = vitals.devices.some(({ lastHeardAt }) => lastHeardAt !== null);
  const delivered = (stats?.delivered ?? 0) > 0;
  const answered = vitals.sinceAnswerMs !== null;
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
      "odoo",
      answered,
      "Odoo answers",
      "Odoo does not answer yet: look at the Internet connection",
    ),
    step(
      "paired",
      vitals.paired && vitals.state === "active",
      "paired and approved",
      vitals.paired
        ? "paired; an administrator compares the fingerprint in Odoo and approves"
        : "not paired: type the line that Odoo shows",
    ),
    step(
      "device",
      heard,
      "a terminal calls",
      "no terminal has called yet: type the address in its menu; approve it in Odoo",
    ),
    step(
      "punch",
      delivered,
      "the first punch is in Odoo",
      stats !== null && stats.pending > 0
        ? "a punch waits for Odoo"
        : "no punch yet: let somebody punch once",
    ),
  ];
}

function step(name: SetupStep["step"], done: boolean, yes: string, no: string): SetupStep {
  return { step: name, done, text: done ? yes : no };
}
