/**
 * Everything a terminal can be asked for, and an order as it came from Odoo or a person, with every
 * argument proven. Pure. The union `Order` is the whole vocabulary: deleting, clearing, opening doors, shells
 * and files have no way to be written here. Every value is checked for the characters that part fields and
 * commands. Must not know any protocol's text.
 */
import { DAY_MS } from "./duration.ts";
import { parseWallTime, wallAsUtc } from "./wall_time.ts";

export interface Refusal {
  readonly refused: string;
}

/** Longest window of one query: more takes old terminals out of service for minutes. */
export const MAX_WINDOW_DAYS = 31;

/** Bytes: what fits a terminal's record of a name. */
const MAX_NAME_BYTES = 24;

const PIN_ARGUMENT = /^[A-Za-z0-9_]{1,24}$/;

const CARD_ARGUMENT = /^\d{1,20}$/;

/** Options that change how records are sent or how the terminal sounds; never where to or whether kept. */
const OPTIONS: ReadonlyMap<string, RegExp> = new Map([
  ["Realtime", /^[01]$/],
  ["Delay", /^([5-9]|[1-9]\d|1\d\d)$/],
  ["ErrorDelay", /^([3-9]\d|[12]\d\d|300)$/],
  ["TransInterval", /^(\d|[1-9]\d|1[0-4]\d\d|[1-9]\d\d)$/],
  ["VOLUME", /^(\d|[1-9]\d|100)$/],
  ["Language", /^\d{1,3}$/],
]);

/** What a person at the agent's machine can order. */
export const ORDERS_BY_HAND = [
  "pull_window",
  "check",
  "info",
  "refresh_users",
  "push_user",
  "set_clock",
  "set_option",
  "reboot",
] as const satisfies readonly Order["name"][];

/** An order as it came from Odoo or a person, with every argument proven. */
export function readOrder(name: string, given: Readonly<Record<string, unknown>>): Order | Refusal {
  switch (name) {
    case "check":
    case "info":
    case "set_clock":
    case "reboot":
    case "upload_new":
      return { name };
    case "pull_window":
    case "count_window":
      return readWindow(name, given);
    case "refresh_users":
      return readRefresh(given);
    case "push_user":
      return readUser(given);
    case "set_option":
      return readOption(given);
    case "clear_log":
      return refuse("a terminal's log is cleared by the cleanup procedure only");
    default:
      return refuse("unknown command");
  }
}

function refuse(refused: string): Refusal {
  return { refused };
}

function readWindow(
  name: "pull_window" | "count_window",
  given: Readonly<Record<string, unknown>>,
): Order | Refusal {
  const from = typeof given["from"] === "string" ? parseWallTime(given["from"]) : null;
  const to = typeof given["to"] === "string" ? parseWallTime(given["to"]) : null;
  if (from === null || to === null) return refuse("from and to must be wall times");
  if (from > to) return refuse("from is after to");
  const days = (wallAsUtc(to) - wallAsUtc(from)) / DAY_MS;
  if (days > MAX_WINDOW_DAYS) return refuse(`a window is at most ${MAX_WINDOW_DAYS} days`);
  return { name, from, to };
}

function readRefresh(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const pin = given["pin"];
  if (pin === undefined || pin === null || pin === false || pin === "") {
    return { name: "refresh_users", pin: null };
  }
  return typeof pin === "string" && PIN_ARGUMENT.test(pin)
    ? { name: "refresh_users", pin }
    : refuse("bad pin");
}

function readUser(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const { pin, name, privilege = null, card = null, disabled = null, was = null } = given;
  if (typeof pin !== "string" || !PIN_ARGUMENT.test(pin)) return refuse("bad pin");
  if (typeof name !== "string" || /\p{C}/u.test(name)) return refuse("bad name");
  if (privilege !== null && privilege !== 0 && privilege !== 14) return refuse("bad privilege");
  const noCard = card === null || card === "";
  if (!noCard && (typeof card !== "string" || !CARD_ARGUMENT.test(card))) return refuse("bad card");
  if (disabled !== null && typeof disabled !== "boolean") return refuse("bad disabled");
  if (was !== null && typeof was !== "string") return refuse("bad was");
  return {
    name: "push_user",
    pin,
    userName: shortName(name),
    privilege,
    card: noCard ? null : String(card),
    disabled,
    was,
  };
}

/** Cut between characters, not between bytes. */
function shortName(name: string): string {
  const encoder = new TextEncoder();
  let short = "";
  let bytes = 0;
  for (const character of name.trim()) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_NAME_BYTES) break;
    short += character;
  }
  return short;
}

function readOption(given: Readonly<Record<string, unknown>>): Order | Refusal {
  const { option, value } = given;
  const form = typeof option === "string" ? OPTIONS.get(option) : undefined;
  if (typeof option !== "string" || form === undefined) return refuse("option not allowed");
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !form.test(text)) return refuse("value not allowed");
  return { name: "set_option", option, value: text };
}

/** Everything a terminal can be asked for. What is not in this union cannot be said to one. */
export type Order =
  | { readonly name: "pull_window"; readonly from: string; readonly to: string }
  | { readonly name: "count_window"; readonly from: string; readonly to: string }
  | { readonly name: "check" }
  | { readonly name: "info" }
  | { readonly name: "upload_new" }
  | { readonly name: "refresh_users"; readonly pin: string | null }
  | {
    readonly name: "push_user";
    readonly pin: string;
    readonly userName: string;
    readonly privilege: 0 | 14 | null;
    readonly card: string | null;
    /** Null: as it is. */
    readonly disabled: boolean | null;
    /** The name somebody was shown before they ordered this, empty for nobody; null: unknown. */
    readonly was: string | null;
  }
  | { readonly name: "set_clock" }
  | { readonly name: "set_option"; readonly option: string; readonly value: string }
  | { readonly name: "reboot" };
