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

export interface Group {
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
   * Tries all of them; those refused are halved until each culprit is alone. Returns, by key, what the site
   * said to groups that it refuses while others get through; what was refused without such a comparison is
   * in neither. Throws the errors of a destination, with anything from none to all of them inserted.
   */
  async insert(
    groups: readonly Group[],
    signal?: AbortSignal,
  ): Promise<{ readonly refused: Map<string, string>; readonly undecided: readonly string[] }> {
    await this.#halve(groups, signal);
    const alone = groups.filter(({ key }) => this.#suspects.has(key));
    const refused = new Map<string, string>();
    for (const group of alone) {
      const suspect = this.#suspects.get(group.key);
      if (suspect === undefined || this.#through <= suspect.through) continue;
      // Others got through since: once more, so that what was in its way has had time to go.
      await this.#halve([group], signal);
      const again = this.#suspects.get(group.key);
      if (again !== undefined) refused.set(group.key, again.excType);
      this.#suspects.delete(group.key);
    }
    const undecided = alone.map(({ key }) => key).filter((key) => this.#suspects.has(key));
    return { refused, undecided };
  }

  async #halve(groups: readonly Group[], signal?: AbortSignal): Promise<void> {
    if (groups.length === 0) return;
    try {
      await this.#site.insertMany(groups.flatMap(({ docs }) => docs), signal);
      this.#through += groups.filter(({ posts }) => posts).length;
      for (const { key } of groups) this.#suspects.delete(key);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (groups.length === 1) return this.#alone(groups[0] as Group, error.excType);
      const half = Math.ceil(groups.length / 2);
      await this.#halve(groups.slice(0, half), signal);
      await this.#halve(groups.slice(half), signal);
    }
  }

  #alone({ key }: Group, excType: string): void {
    if (STORED_MEANWHILE.has(excType)) return;
    const before = this.#suspects.get(key);
    if (this.#suspects.size >= MAX_SUSPECTS) this.#suspects.clear();
    this.#suspects.set(key, { through: before?.through ?? this.#through, excType });
  }
}
