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

/** A head with when it was shown, epoch ms. */
const memory = z.array(z.object({ seq: z.int(), hash: z.string(), at: z.number() }));
type Memory = z.output<typeof memory>;

export interface WitnessOptions {
  readonly clock: Pick<Clock, "now">;
  readonly sign: (text: string) => Promise<string>;
  readonly alarms: Pick<Alarms, "raise">;
  /** The longer memory. */
  readonly chain: { keep(head: AuditHead): Promise<void> };
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
      const accepted = this.#accept(head);
      if (accepted === "contradicts") continue;
      if (accepted === "newest" && !await this.#keep(head)) continue;
      const { company_id, seq, hash } = head;
      const text = ["v1", "audit", company_id, seq, hash].join("\n");
      signed.push({ ...head, signature: await this.#options.sign(text) });
    }
    return signed;
  }

  /** What was shown last, oldest first. */
  recent(companyId: number): Memory {
    return remembered(this.#options.store.getState(stateOf(companyId)));
  }

  /** A head that cannot be kept is not signed: the next sync shows it again. */
  async #keep(head: AuditHead): Promise<boolean> {
    try {
      await this.#options.chain.keep(head);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#options.alarms.raise("storage", `the audit head is not remembered: ${why}`);
      return false;
    }
  }

  #accept(head: AuditHead): "newest" | "older" | "contradicts" {
    const { clock, store, alarms } = this.#options;
    const seen = this.recent(head.company_id);
    const known = seen.find((old) => old.seq === head.seq);
    if (known !== undefined && known.hash !== head.hash) {
      alarms.raise("audit_tamper", `company ${head.company_id}: entry ${head.seq} has changed`);
      return "contradicts";
    }
    const highest = seen.at(-1)?.seq ?? 0;
    if (known !== undefined) return head.seq === highest ? "newest" : "older";
    if (head.seq < highest) {
      // A restored backup looks like this, and so does a cut chain: a person has to tell them apart.
      // The shorter head is not remembered, so the longer one goes on speaking against it.
      alarms.raise(
        "audit_went_back",
        `company ${head.company_id}: entry ${head.seq} after entry ${highest}`,
      );
      return "older";
    }
    const kept = [...seen, { seq: head.seq, hash: head.hash, at: clock.now() }].slice(-REMEMBERED);
    store.setState(stateOf(head.company_id), JSON.stringify(kept));
    return "newest";
  }
}

function stateOf(companyId: number): string {
  return `audit_heads_${companyId}`;
}

function remembered(text: string | null): Memory {
  return text === null ? [] : memory.parse(JSON.parse(text));
}
