/**
 * How fields and rules on a site differ from how they were made, in words. Pure; must not know how they are made
 * well again. What is only looks (label, order, what a list shows) is the site's own and no difference.
 */
import { type Field, FLAGS, flagsOf, type Rule } from "./doctype.ts";

/** A row of fields or permissions, as the site has it. */
export type SiteRow = Readonly<Record<string, unknown>>;

const TEXTS = { fieldtype: "type", options: "options", fetch_from: "fetched from" } as const;
/** They decide what the agent or a person may write, and what is seen. */
const SWITCHES = {
  read_only: "read only",
  hidden: "hidden",
  unique: "unique",
  set_only_once: "set only once",
  reqd: "mandatory",
} as const;
/** What is compared of a field. */
const PROPERTIES: readonly string[] = [
  ...Object.keys(TEXTS),
  "permlevel",
  ...Object.keys(SWITCHES),
];

const textOf = (row: SiteRow, name: string) => String(row[name] ?? "").trim();
const numberOf = (row: SiteRow, name: string) => Number(row[name] ?? 0);

/** By property, what is different; empty when nothing is. */
export function fieldChanges(wanted: Field, there: SiteRow): Map<string, string> {
  const changes = new Map<string, string>();
  const [type, options, fetched] = Object.keys(TEXTS).map((name) => textOf(there, name));
  if (type !== wanted.fieldtype) {
    changes.set("fieldtype", `type ${type} instead of ${wanted.fieldtype}`);
  }
  if (options !== textOf(wanted, "options")) changes.set("options", "other options");
  if (fetched !== textOf(wanted, "fetch_from")) {
    changes.set("fetch_from", `fetched from ${fetched}`);
  }
  const level = numberOf(there, "permlevel");
  if (level !== numberOf(wanted, "permlevel")) {
    changes.set("permlevel", `level ${level} instead of ${numberOf(wanted, "permlevel")}`);
  }
  for (const [name, words] of Object.entries(SWITCHES)) {
    const isOn = numberOf(there, name) === 1;
    if (isOn !== (numberOf(wanted, name) === 1)) {
      changes.set(name, `${words} is ${isOn ? "on instead of off" : "off instead of on"}`);
    }
  }
  return changes;
}

/** What a field is to be, every compared property by name: one that is left out would stay as it is. */
export function asWanted(wanted: Field): Record<string, string | number> {
  return Object.fromEntries(
    PROPERTIES.map((name) => [name, wanted[name] ?? (name in TEXTS ? "" : 0)]),
  );
}

export function isRuleOf(row: SiteRow, one: Rule): boolean {
  return row["role"] === one.role && numberOf(row, "permlevel") === one.permlevel;
}

/** What the role may and should not, and the other way round; of a rule that is not there all. */
export function ruleChanges(wanted: Rule, there: SiteRow | undefined): string[] {
  const flags = flagsOf(wanted);
  return FLAGS.flatMap((flag) => {
    const isOn = there !== undefined && numberOf(there, flag) === 1;
    if (isOn === (flags[flag] === 1)) return [];
    return [isOn ? `may ${flag} and must not` : `may not ${flag} and must`];
  });
}

/** For people: what is missing or different of a rule. */
export function ruleWords(one: Rule, there: SiteRow | undefined): string {
  const words = `rights of ${one.role} at level ${one.permlevel}`;
  return there === undefined ? words : `${words} (${ruleChanges(one, there).join(", ")})`;
}
