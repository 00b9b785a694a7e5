/**
 * Inserts documents in groups that belong together, and finds the group that the site refuses. Owns the
 * halving and who counts as a culprit; must not know what is in the groups. Nothing it says is a proof:
 * only what is read back afterwards is stored.
 */
import { type Doc, Refused, type Site } from "./site.ts";

/** Known already, by the primary key or the unique field: somebody else was faster. Reading back decides. */
const STORED_MEANWHILE = new Set(["UniqueValidationError", "DuplicateEntryError"]);

/** Culprits remembered at once. */
const MAX_SUSPECTS = 1_000;

/** So many refused alone while none got through: it is the site, not they. The rest is tried another time. */
const ENOUGH = 5;

/** What has come of one pass so far. */
interface Pass {
  got: number;
  alone: number;
}

export interface DocGroup {
  readonly key: string;
  readonly docs: readonly Doc[];
  /** It holds a check-in: getting through shows that the site takes check-ins. */
  readonly posts: boolean;
}

export class Inserter {
  readonly #site: Site;
  /** Check-ins that got through since the start. */
  #through = 0;
  /** Refused alone: how many had got through before, and what the site said. */
  readonly #suspects = new Map<string, { readonly through: number; readonly excType: string }>();

  constructor(site: Site) {
    this.#site = site;
  }

  /**
   * Tries all of them; those refused are halved until each culprit is alone, and only then is it tried again:
   * after others got through. Returns, by key, what the site said to groups that it refuses while others get
   * through; `undecided` has those that were refused without such a comparison. Throws the errors of a
   * destination, with anything from none to all of them inserted.
   */
  async insert(
    groups: readonly DocGroup[],
    signal?: AbortSignal,
  ): Promise<{ readonly refused: Map<string, string>; readonly undecided: Map<string, string> }> {
    const pass = { got: 0, alone: 0 };
    await this.#halve(groups.filter(({ key }) => !this.#suspects.has(key)), pass, signal);
    const suspects = groups.filter(({ key }) => this.#suspects.has(key));
    // One of them shows whether the site takes such check-ins again.
    if (pass.got === 0) await this.#halve(suspects.slice(0, 1), pass, signal);
    const due = suspects.filter(({ key }) => this.#isCompared(key));
    await this.#halve(due, pass, signal);
    const refused = new Map<string, string>();
    for (const { key } of due) {
      const suspect = this.#suspects.get(key);
      if (suspect !== undefined) refused.set(key, suspect.excType);
      this.#suspects.delete(key);
    }
    const undecided = groups.flatMap(({ key }): [string, string][] => {
      const suspect = this.#suspects.get(key);
      return suspect === undefined ? [] : [[key, suspect.excType]];
    });
    return { refused, undecided: new Map(undecided) };
  }

  /** Whether others got through since it was refused. */
  #isCompared(key: string): boolean {
    const suspect = this.#suspects.get(key);
    return suspect !== undefined && this.#through > suspect.through;
  }

  async #halve(groups: readonly DocGroup[], pass: Pass, signal?: AbortSignal): Promise<void> {
    if (groups.length === 0 || (pass.got === 0 && pass.alone >= ENOUGH)) return;
    try {
      await this.#site.insertMany(groups.flatMap(({ docs }) => docs), signal);
      const posted = groups.filter(({ posts }) => posts).length;
      this.#through += posted;
      pass.got += posted;
      for (const { key } of groups) this.#suspects.delete(key);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (groups.length === 1) {
        pass.alone += 1;
        return this.#alone(groups[0] as DocGroup, error.excType);
      }
      const half = Math.ceil(groups.length / 2);
      await this.#halve(groups.slice(0, half), pass, signal);
      await this.#halve(groups.slice(half), pass, signal);
    }
  }

  #alone({ key }: DocGroup, excType: string): void {
    if (STORED_MEANWHILE.has(excType)) return;
    const before = this.#suspects.get(key);
    if (this.#suspects.size >= MAX_SUSPECTS) this.#suspects.clear();
    this.#suspects.set(key, { through: before?.through ?? this.#through, excType });
  }
}
