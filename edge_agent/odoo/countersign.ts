/**
 * The agent as a witness of Odoo's audit chain: remembers the heads it was shown and signs those
 * that do not contradict them. Owns that memory; must not know how heads travel.
 */
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import type { Alarms } from "../health/health.ts";

export interface AuditHead {
  readonly company_id: number;
  readonly seq: number;
  /** SHA-256 in hex. */
  readonly hash: string;
}

export interface Countersigned extends AuditHead {
  /** Base64, Ed25519 over `v1 LF audit LF company_id LF seq LF hash`. */
  readonly signature: string;
}

/** Heads remembered per company; a rewritten chain is caught at any of them. */
const REMEMBERED = 200;

const memory = z.array(z.object({ seq: z.int(), hash: z.string(), at: z.number() }));
type Memory = z.output<typeof memory>;

export interface WitnessOptions {
  readonly clock: Pick<Clock, "now">;
  readonly sign: (text: string) => Promise<string>;
  readonly alarms: Pick<Alarms, "raise">;
  readonly store: {
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
}

export class Witness {
  readonly #options: WitnessOptions;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Signs what may be signed; each head is durable here before its signature leaves. */
  async countersign(heads: readonly AuditHead[]): Promise<Countersigned[]> {
    const signed: Countersigned[] = [];
    for (const head of heads) {
      if (!this.#accept(head)) continue;
      const { company_id, seq, hash } = head;
      const text = ["v1", "audit", company_id, seq, hash].join("\n");
      signed.push({ ...head, signature: await this.#options.sign(text) });
    }
    return signed;
  }

  #accept(head: AuditHead): boolean {
    const { clock, store, alarms } = this.#options;
    const name = `audit_heads_${head.company_id}`;
    const seen = remembered(store.getState(name));
    const known = seen.find((old) => old.seq === head.seq);
    if (known !== undefined && known.hash !== head.hash) {
      alarms.raise("audit_tamper", `company ${head.company_id}: entry ${head.seq} has changed`);
      return false;
    }
    if (known !== undefined) return true;
    const highest = seen.at(-1)?.seq ?? 0;
    if (head.seq < highest) {
      // A restored backup looks like this, and so does a cut chain: a person has to tell them apart.
      // The shorter head is not remembered, so the longer one goes on speaking against it.
      alarms.raise(
        "audit_went_back",
        `company ${head.company_id}: entry ${head.seq} after entry ${highest}`,
      );
      return true;
    }
    const kept = [...seen, { seq: head.seq, hash: head.hash, at: clock.now() }].slice(-REMEMBERED);
    store.setState(name, JSON.stringify(kept));
    return true;
  }
}

function remembered(text: string | null): Memory {
  return text === null ? [] : memory.parse(JSON.parse(text));
}
