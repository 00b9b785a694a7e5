// Owns: reading what Odoo's tests came to, and the comparison with how they end without the addon. Pure.

export interface Outcome {
  readonly test: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly reason: string;
}

export type Outcomes = ReadonlyMap<string, Outcome>;

/** How Odoo's tests end without the addon, as committed. */
export interface Baseline {
  readonly odoo: string;
  readonly modules: readonly string[];
  /** How many passed: a run that silently finds fewer is no proof. */
  readonly passed: number;
  /** Every test that did not pass, by name. */
  readonly others: readonly Outcome[];
}

/** Odoo logs to standard error; on standard output there is a line of JSON per test. */
export function readOutcomes(stdout: string): Outcomes {
  const lines = stdout.split("\n").filter((line) => line.startsWith('{"test": '));
  return new Map(lines.map((line) => JSON.parse(line) as Outcome).map((one) => [one.test, one]));
}

const moduleOf = (test: string): string | undefined =>
  /^\/?([a-z_0-9]+)\/tests\//.exec(test)?.[1] ?? /odoo\.addons\.([a-z_0-9]+)\./.exec(test)?.[1];

/**
 * `broken`: tests that do not pass with the addon and are not known to fail without it. `missing`: how
 * many of the tests that exist without the addon did not run at all; only asked of a run of all modules.
 */
export function compare(
  baseline: Baseline,
  found: Outcomes,
  modules: readonly string[],
): { broken: Outcome[]; missing: number } {
  const known = new Set(baseline.others.map((one) => one.test));
  const broken = [...found.values()].filter((one) =>
    one.outcome !== "passed" && !known.has(one.test)
  );
  const whole = baseline.modules.every((name) => modules.includes(name));
  const there =
    [...found.values()].filter((one) => baseline.modules.includes(moduleOf(one.test) ?? "")).length;
  const expected = baseline.passed + baseline.others.length;
  return { broken, missing: whole ? Math.max(0, expected - there) : 0 };
}

/** As Odoo's --test-tags takes it; null for what is not a test (a class that could not be set up). */
export function tagOf(test: string): string | null {
  const found = /^\/([a-z_0-9]+)\/tests\/[^:]+:(\w+\.\w+)$/.exec(test);
  return found ? `/${found[1]}:${found[2]}` : null;
}
