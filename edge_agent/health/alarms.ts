/**
 * What is wrong now and what somebody must see once: the one list that health, metrics, the command
 * line and Odoo read. Owns counting, limits and what survives a restart; must not know who raises.
 */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";

/**
 * The codes. A durable alarm stays, over restarts, until a person acknowledges it: what it saw does
 * not go away by itself. All others are conditions and end with `clear`.
 */
const ALARMS = {
  unreachable: { durable: false, remedy: "check the network, then Odoo and its database" },
  credential: {
    durable: false,
    remedy: "Odoo refuses this agent's token: pair again, or ask the administrator",
  },
  gone: {
    durable: false,
    remedy:
      "the company has left its provider; punches stay here: `export` them, then `erase` what is " +
      "held once its owner says so",
  },
  waiting: {
    durable: false,
    remedy: "an administrator has to compare the fingerprint and approve",
  },
  unpaired: { durable: false, remedy: "run `pair URL CODE` with a code from Odoo" },
  poison: { durable: false, remedy: "see `parked`; `resend` after Odoo or the agent was upgraded" },
  storage: { durable: false, remedy: "free disk space or check the card" },
  internal: { durable: false, remedy: "a fault of the agent: report it with the log" },
  tamper: { durable: true, remedy: "Odoo holds another history than this agent delivered" },
  audit_tamper: { durable: true, remedy: "Odoo's audit chain is not the one this agent witnessed" },
  audit_went_back: { durable: true, remedy: "Odoo's audit chain is shorter than it was" },
  audit_silent: {
    durable: false,
    remedy: "Odoo no longer answers for the audit heads this agent remembers: ask who changed it",
  },
  audit_told: {
    durable: false,
    remedy: "another agent of the company remembers another audit chain than Odoo holds",
  },
  odoo_went_back: { durable: true, remedy: "Odoo lost punches (restored backup?); sent again" },
  erpnext_went_back: {
    durable: true,
    remedy: "the site lost punches (restored backup?); sent again",
  },
  clone: { durable: true, remedy: "another copy of this agent is at work: pair one of them anew" },
  clone_told: {
    durable: false,
    remedy:
      "another copy of this agent is at work: pair one of them anew, then explain the alarm in Odoo",
  },
  old_copy: { durable: true, remedy: "the queue is an older copy; devices are read again" },
  own_address: {
    durable: true,
    remedy:
      "give this machine its old address again, or type the new one in every terminal; then " +
      "`acknowledge own_address`",
  },
  update_refused: {
    durable: false,
    remedy: "the update offered cannot be trusted; this version goes on: tell who offers it",
  },
  update_reverted: {
    durable: true,
    remedy: "a new version did not get well here and was taken back; report it with the log",
  },
  update_no_room: {
    durable: false,
    remedy: "a newer version is not fetched, so that punches have room: free space on the card",
  },
  updates_stale: {
    durable: false,
    remedy: "no fresh word of updates: let new metadata be signed, or carry it by hand",
  },
  clock: {
    durable: false,
    remedy: "the clock is not synchronised; check time service and network",
  },
} as const;

export type AlarmCode = keyof typeof ALARMS;

/** What is to be done elsewhere when the destination is an ERPNext site. */
const ERPNEXT_REMEDIES: Partial<Record<AlarmCode, string>> = {
  unreachable: "check the network, then the site and its address",
  credential:
    "ERPNext refuses this agent: run provision-erpnext again (--check says what is wrong)",
  unpaired: "run `provision-erpnext URL` with the key of a System Manager",
  poison: "see `parked`; `resend` after ERPNext or the agent was upgraded",
  clone:
    "another machine speaks as this agent: stop it, or run provision-erpnext there with another " +
    "name (--agent); then `acknowledge clone`",
};

export interface Alarm {
  readonly code: AlarmCode;
  readonly message: string;
  /** Epoch ms of the first and the latest time. */
  readonly since: number;
  readonly at: number;
  readonly count: number;
  readonly remedy: string;
}

const STATE_NAME = "alarms";
const MAX_MESSAGE_LENGTH = 300;

export interface AlarmsOptions {
  /** Default: Odoo. */
  readonly destination?: "odoo" | "erpnext";
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Durable text by name; may throw while the disk is full. */
  readonly store: {
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
}

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #active = new Map<AlarmCode, Alarm>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** Takes up the durable alarms of before. */
  start(): void {
    for (const alarm of readKept(this.#options.store.getState(STATE_NAME))) {
      this.#active.set(alarm.code, alarm);
    }
  }

  #remedy(code: AlarmCode): string {
    const own = this.#options.destination === "erpnext" ? ERPNEXT_REMEDIES[code] : undefined;
    return own ?? ALARMS[code].remedy;
  }

  /** Logged when it is new; counted when it goes on. */
  raise(code: AlarmCode, message: string): void {
    const now = this.#options.clock.now();
    const before = this.#active.get(code);
    this.#active.set(code, {
      code,
      message: message.slice(0, MAX_MESSAGE_LENGTH),
      since: before?.since ?? now,
      at: now,
      count: (before?.count ?? 0) + 1,
      remedy: this.#remedy(code),
    });
    if (before === undefined) {
      this.#options.log.error("alarm raised", {
        code,
        detail: message,
        remedy: this.#remedy(code),
      });
    }
    if (ALARMS[code].durable) this.#keep();
  }

  /** Ends a condition; durable alarms are ended by `acknowledge` alone. */
  clear(code: AlarmCode): void {
    if (!ALARMS[code].durable) this.#end(code);
  }

  /** A person has seen it. Returns false when there is no such alarm. */
  acknowledge(code: string): boolean {
    const alarm = this.list().find((active) => active.code === code);
    if (alarm === undefined) return false;
    this.#end(alarm.code);
    this.#keep();
    return true;
  }

  /** Oldest first. */
  list(): readonly Alarm[] {
    return [...this.#active.values()].sort((a, b) => a.since - b.since);
  }

  #end(code: AlarmCode): void {
    if (this.#active.delete(code)) this.#options.log.info("alarm ended", { code });
  }

  #keep(): void {
    const durable = this.list().filter((alarm) => ALARMS[alarm.code].durable);
    try {
      this.#options.store.setState(STATE_NAME, JSON.stringify(durable));
    } catch (error) {
      this.#options.log.warn("alarms could not be kept for the next start", { error });
    }
  }
}

function readKept(text: string | null): Alarm[] {
  if (text === null) return [];
  const kept: unknown = JSON.parse(text);
  return Array.isArray(kept) ? kept.filter(isAlarm) : [];
}

function isAlarm(value: unknown): value is Alarm {
  return typeof value === "object" && value !== null && "code" in value &&
    typeof value.code === "string" && value.code in ALARMS;
}
