/**
 * How DocTypes, fields and rules on a site differ from how they were made, in words. Pure; must not know how they
 * are made well again. What is only looks (label, order, what a list shows) is the site's own and no difference.
 */
import {
  type DocTypeSpec,
  type Field,
  FLAGS,
  flagsOf,
  type Rule,
  typeProperties,
} from "./doctype.ts";

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
  allow_on_submit: "allow on submit",
  is_virtual: "virtual",
  non_negative: "non negative",
} as const;
/** Of a DocType. */
const TYPE_SWITCHES = {
  istable: "child table",
  is_submittable: "submittable",
  allow_rename: "allow rename",
  track_changes: "track changes",
} as const;
const NUMBERS = { permlevel: "level", length: "length" } as const;

const textOf = (row: SiteRow, name: string) => String(row[name] ?? "").trim();
const numberOf = (row: SiteRow, name: string) => Number(row[name] ?? 0);
/** A box that is not ticked has a default of 0, or none. */
const defaultOf = (row: SiteRow) =>
  row["fieldtype"] === "Check" ? String(numberOf(row, "default")) : textOf(row, "default");
/**
 * Whoever may not write a field leaves its default there: it would approve a terminal, or accept a window. The
 * default of what anybody may write is a person's convenience.
 */
const hasOwnDefault = (wanted: Field) => numberOf(wanted, "permlevel") > 0;

/** What is compared of a field. */
function propertiesOf(wanted: Field): string[] {
  const all = [TEXTS, NUMBERS, SWITCHES].flatMap((names) => Object.keys(names));
  return hasOwnDefault(wanted) ? [...all, "default"] : all;
}

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
  for (const [name, words] of Object.entries(NUMBERS)) {
    const is = numberOf(there, name), was = numberOf(wanted, name);
    if (is !== was) changes.set(name, `${words} ${is} instead of ${was}`);
  }
  if (hasOwnDefault(wanted) && defaultOf(there) !== defaultOf(wanted)) {
    const [is, was] = [defaultOf(there), defaultOf(wanted)].map((text) => text || "none");
    changes.set("default", `default ${is} instead of ${was}`);
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
    propertiesOf(wanted).map((name) => {
      const empty = name in TEXTS || name === "default" ? "" : 0;
      return [name, wanted[name] ?? empty];
    }),
  );
}

/** By property of a DocType itself, what is different: how documents are named, and what may be done to them. */
export function typeChanges(spec: DocTypeSpec, there: SiteRow): Map<string, string> {
  const wanted = typeProperties(spec);
  const changes = new Map<string, string>();
  if (textOf(there, "autoname") !== spec.autoname) {
    const is = textOf(there, "autoname") || "nothing";
    changes.set("autoname", `named by ${is} instead of ${spec.autoname}`);
  }
  for (const [name, words] of Object.entries(TYPE_SWITCHES)) {
    const isOn = numberOf(there, name) === 1;
    if (isOn !== (wanted[name] === 1)) {
      changes.set(name, `${words} is ${isOn ? "on instead of off" : "off instead of on"}`);
    }
  }
  return changes;
}

/**
 * Of a field that is the site's own and that the agent writes: what would drop or refuse what is written. Whether
 * it is mandatory is the site's own business. Not for the key, which is unique.
 */
export function spoils(there: SiteRow): Map<string, string> {
  const changes = new Map<string, string>();
  const from = textOf(there, "fetch_from");
  if (from !== "") changes.set("fetch_from", `fetched from ${from}`);
  if (numberOf(there, "is_virtual") === 1) {
    changes.set("is_virtual", "virtual is on instead of off");
  }
  if (numberOf(there, "unique") === 1) changes.set("unique", "unique is on instead of off");
  return changes;
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
