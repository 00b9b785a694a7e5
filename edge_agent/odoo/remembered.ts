/**
 * Asking Odoo, again and again, for the hashes of audit entries that this agent remembers: whoever
 * rewrites the trail behind the newest head cannot know which number is asked next. Owns what is asked
 * when, and what a different answer means; must not know how questions travel or where heads are kept.
 */
import type { Clock } from "../base/clock.ts";
import { DAY_MS, HOUR_MS } from "../base/duration.ts";
import type { Alarms } from "../health/health.ts";
import type { AuditHead, Witness } from "./countersign.ts";
import type { HeadChain } from "./heads.ts";
import type { SyncAnswer } from "./shapes.ts";

export type HeadQuestion = Pick<AuditHead, "company_id" | "seq">;

/** What Odoo answers at once. */
const MOST_QUESTIONS = 400;

/** Numbers that were told once are not asked again: the alarm stays, a person has to end it. */
const MOST_DISPUTED = 1_000;

const ANSWERED = "audit_heads_answered";
const DISPUTED = "audit_heads_disputed";

export interface RememberedOptions {
  readonly chain: Pick<HeadChain, "all" | "name">;
  readonly witness: Pick<Witness, "recent">;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** In [0, 1). */
  readonly random: () => number;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly store: {
    getState(name: string): string | null;
    setState(name: string, value: string): void;
  };
}

type TimedHead = AuditHead & { readonly at: number };

export class Remembered {
  readonly #options: RememberedOptions;
  #asked = new Map<string, TimedHead>();
  /** When all was answered last; null: not since the start, or Odoo was away since. */
  #allAt: number | null = null;
  #askedAll = false;

  constructor(options: RememberedOptions) {
    this.#options = options;
  }

  /** What to ask with the next sync. `returned`: Odoo had not answered before it. */
  questions(returned: boolean): HeadQuestion[] {
    const { clock, random } = this.#options;
    if (returned) this.#allAt = null;
    this.#askedAll = this.#allAt === null || clock.monotonic() - this.#allAt >= HOUR_MS;
    const known = this.#known();
    const one = known[Math.floor(random() * known.length)];
    const chosen = this.#askedAll ? this.#widely(known) : one === undefined ? [] : [one];
    this.#asked = new Map(chosen.map((head) => [nameOf(head), head]));
    return chosen.map(({ company_id, seq }) => ({ company_id, seq }));
  }

  /** What Odoo said to them. Speaks of an agent that may deliver; another is answered nothing. */
  judge(answer: Pick<SyncAnswer, "remembered" | "audit_alarms">): void {
    this.#passOn(answer.audit_alarms);
    if (this.#asked.size === 0) return;
    const given = new Map(answer.remembered.map((head) => [nameOf(head), head.hash]));
    if ([...this.#asked.keys()].some((name) => !given.has(name))) return this.#unanswered();
    this.#answered();
    const differing = [...this.#asked.values()].filter((head) =>
      given.get(nameOf(head)) !== head.hash
    );
    if (differing.length === 0) return;
    const gone = differing.filter((head) => given.get(nameOf(head)) === null);
    const changed = differing.filter((head) => given.get(nameOf(head)) !== null);
    this.#tell("audit_went_back", gone, "is gone");
    this.#tell("audit_tamper", changed, "has changed");
    this.#dispute(differing);
  }

  /** The heads of this Odoo that nobody was told about yet, oldest first, each once. */
  #known(): TimedHead[] {
    const { chain, witness } = this.#options;
    const kept = chain.all();
    const [first] = kept;
    if (first === undefined) return [];
    const companies = new Set(kept.map((head) => head.company_id));
    // What is older than the chain may have been shown by another Odoo.
    const recent = [...companies].flatMap((company_id) =>
      witness.recent(company_id).filter(({ at }) => at >= first.at)
        .map((head) => ({ ...head, company_id }))
    );
    const disputed = new Set(this.#disputed());
    const byName = new Map([...kept, ...recent].map((head) => [nameOf(head), head]));
    return [...byName.values()].filter((head) => !disputed.has(disputeOf(head)))
      .sort((one, other) => one.at - other.at);
  }

  /** One of each day before, then the last day, newest first: its hours, and what room is left. */
  #widely(known: readonly TimedHead[]): TimedHead[] {
    const { clock, random } = this.#options;
    const since = clock.now() - DAY_MS;
    const byDay = Map.groupBy(
      known.filter(({ at }) => at < since),
      ({ at }) => Math.floor(at / DAY_MS),
    );
    const ofDays = [...byDay.values()].map((day) => day[Math.floor(random() * day.length)])
      .filter((head) => head !== undefined);
    const hourly = new Set(this.#options.chain.all().map(nameOf));
    const ofToday = known.filter(({ at }) => at >= since).reverse();
    const hours = ofToday.filter((head) => hourly.has(nameOf(head)));
    const between = ofToday.filter((head) => !hourly.has(nameOf(head)));
    return [...hours, ...ofDays.reverse(), ...between].slice(0, MOST_QUESTIONS);
  }

  #answered(): void {
    const { clock, alarms, store, chain } = this.#options;
    if (this.#askedAll) this.#allAt = clock.monotonic();
    alarms.clear("audit_silent");
    if (store.getState(ANSWERED) !== chain.name) store.setState(ANSWERED, chain.name);
  }

  /** An Odoo of the version before knows no such question; one that answered once does. */
  #unanswered(): void {
    const { alarms, store, chain } = this.#options;
    if (store.getState(ANSWERED) !== chain.name) return;
    alarms.raise("audit_silent", "Odoo does not say any more what its audit trail holds");
  }

  #passOn(told: SyncAnswer["audit_alarms"]): void {
    const [first] = told;
    if (first === undefined) return this.#options.alarms.clear("audit_told");
    this.#options.alarms.raise("audit_told", `${first.agent_name}: ${first.message}`);
  }

  #tell(
    code: "audit_tamper" | "audit_went_back",
    heads: readonly TimedHead[],
    what: string,
  ): void {
    const [first] = heads;
    if (first === undefined) return;
    const more = heads.length === 1 ? "" : `, and ${heads.length - 1} more of those asked`;
    this.#options.alarms.raise(
      code,
      `company ${first.company_id}: entry ${first.seq} ${what}${more}`,
    );
  }

  #disputed(): string[] {
    const text = this.#options.store.getState(DISPUTED);
    const names: unknown = text === null ? [] : JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : [];
  }

  #dispute(heads: readonly TimedHead[]): void {
    const names = [...this.#disputed(), ...heads.map(disputeOf)].slice(-MOST_DISPUTED);
    this.#options.store.setState(DISPUTED, JSON.stringify(names));
  }
}

function nameOf({ company_id, seq }: HeadQuestion): string {
  return `${company_id} ${seq}`;
}

/** With the hash: another memory of the same number is another dispute. */
function disputeOf(head: AuditHead): string {
  return `${nameOf(head)} ${head.hash.slice(0, 16)}`;
}
