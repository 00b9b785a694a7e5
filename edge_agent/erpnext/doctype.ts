/**
 * What a DocType is made of, and as which document it is sent. Pure. Owns three rules of Frappe that cost dear
 * when forgotten: a permission flag that is left out is ON, so every flag is sent; so is the leave to rename a
 * document, which would take an event's fingerprint away; and what binds the API is `set_only_once` and permission
 * levels, never "read only".
 */
import type { Doc } from "./site.ts";

/** Flags of a rule: one that is not given is 0, and sent so. */
export const FLAGS = [
  "select",
  "read",
  "write",
  "create",
  "delete",
  "submit",
  "cancel",
  "amend",
  "report",
  "export",
  "import",
  "share",
  "print",
  "email",
] as const;
export type Flag = typeof FLAGS[number];

export interface Rule {
  readonly role: string;
  readonly permlevel: number;
  readonly flags: readonly Flag[];
}

export interface Field {
  readonly fieldname: string;
  readonly fieldtype: string;
  readonly label: string;
  readonly options?: string;
  readonly permlevel?: number;
  readonly [property: string]: string | number | undefined;
}

export interface DocTypeSpec {
  readonly name: string;
  readonly autoname: string;
  readonly titleField?: string;
  readonly isTable?: boolean;
  readonly description: string;
  readonly fields: readonly Field[];
  readonly rules: readonly Rule[];
}

/** What a person needs to work with rows they may see. */
export const LOOK: readonly Flag[] = ["read", "report", "export", "print"];

export const rule = (role: string, flags: readonly Flag[], permlevel = 0): Rule => ({
  role,
  permlevel,
  flags,
});
export const looks = (...roles: string[]): Rule[] => roles.map((role) => rule(role, LOOK));

export const field = (
  fieldname: string,
  fieldtype: string,
  label: string,
  more: Readonly<Record<string, string | number>> = {},
): Field => ({ fieldname, fieldtype, label, ...more });

export function flagsOf({ flags }: Rule): Record<Flag, 0 | 1> {
  const given = new Set(flags);
  return Object.fromEntries(FLAGS.map((flag) => [flag, given.has(flag) ? 1 : 0])) as Record<
    Flag,
    0 | 1
  >;
}

function ruleDoc(one: Rule): Doc {
  return { role: one.role, permlevel: one.permlevel, ...flagsOf(one) };
}

/** What its documents are named by, and what may be done to them. */
export function typeProperties({ autoname, isTable }: DocTypeSpec): Record<string, string | 0 | 1> {
  return {
    autoname,
    istable: isTable ? 1 : 0,
    is_submittable: 0,
    allow_rename: 0,
    track_changes: isTable ? 0 : 1,
  };
}

export function doctypeDoc(spec: DocTypeSpec): Doc {
  return {
    doctype: "DocType",
    name: spec.name,
    module: "HR",
    custom: 1,
    ...typeProperties(spec),
    // The form with all its fields: a command has a window.
    quick_entry: 0,
    description: spec.description,
    sort_field: "creation",
    sort_order: "DESC",
    ...(spec.titleField !== undefined && {
      title_field: spec.titleField,
      show_title_field_in_link: 1,
    }),
    fields: spec.fields,
    permissions: spec.rules.map(ruleDoc),
  };
}
