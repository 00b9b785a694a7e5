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
  readonly alarms: readonly { readonly code: string }[];
  readonly sinceAnswerMs: number | null;
  readonly clockTrusted: boolean;
  readonly paired: boolean;
  readonly state: "waiting" | "active" | null;
}

export type LinkState =
  | "unpaired"
  | "refused"
  | "gone"
  | "unheard"
  | "silent"
  | "waiting"
  | "active";

/**
 * How it stands with the destination. What was said last counts only while it is heard: a refused credential, a
 * company that has left, or no answer for `lateMs`, is never shown as `active`.
 */
export function linkState(view: SetupView, lateMs: number): LinkState {
  if (!view.paired) return "unpaired";
  if (view.alarms.some(({ code }) => code === "credential")) return "refused";
  if (view.alarms.some(({ code }) => code === "gone")) return "gone";
  if (view.sinceAnswerMs === null) return "unheard";
  if (view.sinceAnswerMs > lateMs) return "silent";
  return view.state ?? "unheard";
}

/** How this machine becomes known there. */
const WORDS: Readonly<
  Record<
    DestinationName,
    {
      readonly known: string;
      readonly waiting: string;
      readonly refused: string;
      readonly unknown: string;
    }
  >
> = {
  odoo: {
    known: "paired and approved",
    waiting: "paired; an administrator compares the fingerprint in Odoo and approves",
    refused: "paired, but Odoo refuses the token: type the line with a new code from Odoo",
    unknown: "not paired: type the line that Odoo shows",
  },
  erpnext: {
    known: "set up for ERPNext",
    waiting:
      "set up for ERPNext, which has not let this machine in yet: `doctor` says what is missing",
    refused: "set up for ERPNext, which refuses this machine: type provision-erpnext again",
    unknown: "not set up for ERPNext: type provision-erpnext with the address of the site",
  },
};

/** Of a company that its provider has let go: no new pairing helps there, and nothing is lost here. */
const LEFT =
  "the company has left its provider: punches stay on this machine; its owner says what becomes of them";

/** `lateMs`: an answer that is older is none. */
export function setupSteps(
  vitals: SetupView,
  addresses: readonly string[],
  lateMs: number,
): SetupStep[] {
  const { stats } = vitals;
  const heard = vitals.devices.some(({ lastHeardAt }) => lastHeardAt !== null);
  const delivered = (stats?.delivered ?? 0) > 0;
  const link = linkState(vitals, lateMs);
  const name = DESTINATIONS[vitals.destination];
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
      link === "waiting" || link === "active",
      `${name} answers`,
      noAnswer(name, link),
    ),
    pairedStep(vitals, link),
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

function noAnswer(name: string, link: LinkState): string {
  if (link === "unpaired") return `${name} is not asked yet: see the next step`;
  if (link === "refused") return `${name} refuses this machine: see the next step`;
  if (link === "gone") return `${name} says that the company has left: see the next step`;
  return `${name} does not answer${link === "silent" ? " any more" : " yet"}: ` +
    "look at the Internet connection";
}

/** A destination that is merely away has not taken back its yes. */
function pairedStep({ destination, state }: SetupView, link: LinkState): SetupStep {
  const words = WORDS[destination];
  if (link === "unpaired") return step("paired", false, words.known, words.unknown);
  if (link === "refused") return step("paired", false, words.known, words.refused);
  if (link === "gone") return step("paired", false, words.known, LEFT);
  return step("paired", state === "active", words.known, words.waiting);
}

function step(name: SetupStep["step"], done: boolean, yes: string, no: string): SetupStep {
  return { step: name, done, text: done ? yes : no };
}
