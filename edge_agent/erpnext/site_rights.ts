/**
 * Fields and rules of DocTypes as they work on the site: with what people changed by Customize Form (property
 * setters) and by the Role Permissions Manager (custom rules). Owns how each is made well again; must not know
 * which are wanted.
 */
import { z } from "zod";
import { fieldChanges, isRuleOf, ruleChanges, ruleWords, type SiteRow } from "./changed.ts";
import { type Field, flagsOf, type Rule } from "./doctype.ts";
import type { Filter } from "./site.ts";
import type { ProvisionStep, SiteAdmin } from "./site_admin.ts";

/** In place of a field's name. */
export const ITSELF = "";

const PERMISSIONS = "frappe.core.page.permission_manager.permission_manager";

const rows = z.array(z.record(z.string(), z.unknown())).default([]);
const shape = z.looseObject({ fields: rows, permissions: rows });

/** Beside fields and rules its own properties, by name. */
export interface DocTypeOnSite {
  readonly [property: string]: unknown;
  readonly fields: readonly SiteRow[];
  readonly permissions: readonly SiteRow[];
}

export class SiteRights {
  readonly #admin: SiteAdmin;

  constructor(admin: SiteAdmin) {
    this.#admin = admin;
  }

  /** As its own document says. */
  async made(doctype: string): Promise<DocTypeOnSite> {
    return shape.parse(await this.#admin.site.get("DocType", doctype));
  }

  /** As it works. */
  async effective(doctype: string): Promise<DocTypeOnSite> {
    return shape.parse(await this.#admin.site.meta(doctype));
  }

  /** Takes off what was laid over these fields, or over the DocType ITSELF; `changes` by field and property. */
  customized(
    doctype: string,
    changes: ReadonlyMap<string, ReadonlyMap<string, string>>,
  ): ProvisionStep[] {
    if (changes.size === 0) return [];
    const words = [...changes].map(([name, of]) => {
      const said = [...of.values()].join(", ");
      return name === ITSELF ? said : `field ${name} (${said})`;
    });
    return [{
      what: `${doctype}, as Customize Form changed it: ${words.join(", ")}`,
      done: "mended",
      apply: async () => {
        for (const [field, of] of changes) {
          const filters: Filter[] = [
            ["doc_type", "=", doctype],
            field === ITSELF ? ["doctype_or_field", "=", "DocType"] : ["field_name", "=", field],
            ["property", "in", [...of.keys()]],
          ];
          for (const name of await this.#admin.names("Property Setter", filters)) {
            await this.#admin.delete("Property Setter", name);
          }
        }
      },
    }];
  }

  /** Through the permission manager: it copies the standard rules first, a bare row would end them. */
  ruleStep(doctype: string, one: Rule, there: SiteRow | undefined): ProvisionStep {
    const { role, permlevel, flags } = one;
    const level = permlevel > 0 ? ` at level ${permlevel}` : "";
    return {
      what: there === undefined
        ? `${doctype}: ${role} may ${flags.join(" and ")}${level}`
        : `${doctype}: ${ruleWords(one, there)}`,
      done: there === undefined ? "made" : "mended",
      apply: () => this.#setRule(doctype, one, there),
    };
  }

  async #setRule(doctype: string, one: Rule, there: SiteRow | undefined): Promise<void> {
    const { site } = this.#admin;
    const { role, permlevel } = one;
    if (there === undefined) {
      await site.call(`${PERMISSIONS}.add`, { parent: doctype, role, permlevel }, z.any());
    }
    for (const [ptype, value] of Object.entries(flagsOf(one))) {
      if (there !== undefined && Number(there[ptype] ?? 0) === value) continue;
      const given = { doctype, role, permlevel, ptype, value };
      await site.call(`${PERMISSIONS}.update`, given, z.any());
    }
  }
}

/** By field, what is different; of fields that are there. */
export function changedFields(
  wanted: readonly Field[],
  there: readonly SiteRow[],
): Map<string, Map<string, string>> {
  const known = new Map(there.map((row) => [String(row["fieldname"] ?? ""), row]));
  const changed = wanted.flatMap((field): [string, Map<string, string>][] => {
    const row = known.get(field.fieldname);
    const changes = row === undefined ? new Map<string, string>() : fieldChanges(field, row);
    return changes.size === 0 ? [] : [[field.fieldname, changes]];
  });
  return new Map(changed);
}

export function isWell(one: Rule, there: readonly SiteRow[]): boolean {
  const row = ruleOf(one, there);
  return row !== undefined && ruleChanges(one, row).length === 0;
}

export function ruleOf(one: Rule, there: readonly SiteRow[]): SiteRow | undefined {
  return there.find((row) => isRuleOf(row, one));
}
