/**
 * Sets up a site for one agent, with the key of a System Manager: looks first, says what is missing, makes it,
 * proves it. Owns the list of steps and that nothing which holds data is ever taken off. Must not print, ask
 * or keep anything on this machine.
 */
import { z } from "zod";
import { DESK } from "./desk.ts";
import { doctypeDoc, type DocTypeSpec, FLAGS, flagsOf, type Rule, rule } from "./doctype.ts";
import { DOCTYPES } from "./doctypes.ts";
import {
  AGENT,
  ATTENDANCE,
  CHECKIN,
  EMPLOYEE,
  KEY_FIELD,
  PUNCH,
  ROLE,
  SHIFT_TYPE,
} from "./names.ts";
import { probeSite } from "./probe.ts";
import type { Doc, Filter, Site } from "./site.ts";

const PERMISSIONS = "frappe.core.page.permission_manager.permission_manager";

/** The site cannot be set up as it is; says what to do. */
export class SetUpFault extends Error {
  override readonly name = "SetUpFault";
}

/** Something that is not as it must be, and how it becomes so. */
export interface ProvisionStep {
  /** For people: what is made or changed. */
  readonly what: string;
  readonly apply: () => Promise<void>;
}

export interface ProvisionPlan {
  readonly agent: string;
  readonly setLastSync: boolean;
}

const docNames = z.array(z.object({ name: z.string() }));
const anyDoc = z.record(z.string(), z.unknown());

/** The agent's own user; the address goes nowhere. */
function userOf(agent: string): string {
  const slug = agent.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return `biometric-agent-${slug || "branch"}@agent.invalid`;
}

/** Rules on DocTypes that are the site's own. */
function foreignRules(setLastSync: boolean): readonly (readonly [string, Rule])[] {
  return [
    [EMPLOYEE, rule(ROLE, ["select"])],
    [CHECKIN, rule(ROLE, ["read", "create"])],
    [CHECKIN, rule(ROLE, ["read", "write"], 1)],
    [ATTENDANCE, rule(ROLE, ["read"])],
    [SHIFT_TYPE, rule(ROLE, setLastSync ? ["read", "write"] : ["read"])],
  ];
}

export class SiteProvisioner {
  readonly #site: Site;
  readonly #plan: ProvisionPlan;

  /** `site` speaks with the administrator's key. */
  constructor(site: Site, plan: ProvisionPlan) {
    this.#site = site;
    this.#plan = plan;
  }

  /** What is missing, in the order in which it is made; empty when all is there. Changes nothing. */
  async missing(): Promise<ProvisionStep[]> {
    if (!await this.#exists("DocType", CHECKIN)) {
      throw new SetUpFault(`the site has no ${CHECKIN}: install Frappe HR (the app hrms) first`);
    }
    const steps: ProvisionStep[] = [];
    if (!await this.#exists("Role", ROLE)) {
      const doc = { doctype: "Role", role_name: ROLE, desk_access: 0 };
      steps.push(this.#making(`role ${ROLE}, without desk`, doc));
    }
    for (const spec of DOCTYPES) steps.push(...await this.#doctype(spec));
    steps.push(...await this.#keyField());
    for (const [doctype, one] of foreignRules(this.#plan.setLastSync)) {
      steps.push(...await this.#foreignRule(doctype, one));
    }
    for (const doc of DESK) steps.push(...await this.#deskItem(doc));
    return [...steps, ...await this.#agentAndUser()];
  }

  /** A new key of the agent's own user; the one before ends. */
  async giveKey(): Promise<{ readonly key: string; readonly secret: string }> {
    const user = userOf(this.#plan.agent);
    const secret = (await this.#site.call(
      "frappe.core.doctype.user.user.generate_keys",
      { user },
      z.object({ api_secret: z.string().min(1) }),
    )).api_secret;
    const { api_key: key } = z.object({ api_key: z.string().min(1) })
      .parse(await this.#site.get("User", user));
    return { key, secret };
  }

  /**
   * Takes off what holds no data. Returns what was taken off and what stays, with the reason: while other agents
   * work on this site, all but the key of this one stays.
   */
  async remove(): Promise<{ readonly gone: string[]; readonly stays: string[] }> {
    const gone: string[] = [], stays: string[] = [];
    const user = userOf(this.#plan.agent);
    if (await this.#exists("User", user)) {
      await this.#site.setValues("User", user, { enabled: 0 });
      gone.push(`the key of ${user} (the user is disabled)`);
    }
    const others = (await this.#working()).filter((name) => name !== user);
    if (others.length > 0) {
      stays.push(`everything else: ${others.sort().join(", ")} work with it`);
      return { gone, stays };
    }
    for (const doc of DESK) {
      const [doctype, name] = [String(doc["doctype"]), String(doc["name"])];
      if (!await this.#exists(doctype, name)) continue;
      await this.#delete(doctype, name);
      gone.push(`${doctype} ${name}`);
    }
    // Of our own DocType: a System Manager need not have rights on check-ins.
    const linked = await this.#exists("DocType", PUNCH) ? await this.#count(PUNCH, []) : 0;
    const field = `${CHECKIN}-${KEY_FIELD}`;
    if (linked > 0) stays.push(`${KEY_FIELD} of ${CHECKIN}: ${linked} punches may be named`);
    else if (await this.#exists("Custom Field", field)) {
      await this.#delete("Custom Field", field);
      gone.push(`field ${KEY_FIELD} of ${CHECKIN}`);
    }
    for (const { name, isTable } of [...DOCTYPES].reverse()) {
      if (!await this.#exists("DocType", name)) continue;
      const rows = isTable ? 0 : await this.#count(name, []);
      if (rows > 0) stays.push(`${name}: ${rows} documents`);
      else if (isTable && stays.some((text) => text.startsWith("Biometric Device:"))) {
        stays.push(`${name}: belongs to Biometric Device`);
      } else {
        await this.#delete("DocType", name);
        gone.push(`DocType ${name}`);
      }
    }
    return { gone, stays };
  }

  /** Users of agents whose keys are good. */
  async #working(): Promise<string[]> {
    const filters: Filter[] = [["name", "like", "biometric-agent-%@agent.invalid"], [
      "enabled",
      "=",
      1,
    ]];
    const rows = await this.#site.list("User", docNames.element, { fields: ["name"], filters });
    return rows.map(({ name }) => name);
  }

  async #doctype(spec: DocTypeSpec): Promise<ProvisionStep[]> {
    if (!await this.#exists("DocType", spec.name)) {
      return [this.#making(`DocType ${spec.name}`, doctypeDoc(spec))];
    }
    const there = shape.parse(await this.#site.get("DocType", spec.name));
    const wanted = doctypeDoc(spec);
    const known = new Map(there.fields.map((one) => [one.fieldname, one]));
    const added = spec.fields.filter(({ fieldname }) => !known.has(fieldname));
    const rules = spec.rules.filter((one) => !there.permissions.some((row) => isSame(row, one)));
    if (added.length === 0 && rules.length === 0) return [];
    const others = there.permissions.filter((row) =>
      !spec.rules.some((one) => one.role === row.role && one.permlevel === row.permlevel)
    );
    const what = [
      ...added.map(({ fieldname }) => `field ${fieldname}`),
      ...rules.map(({ role, permlevel }) => `rights of ${role} at level ${permlevel}`),
    ].join(", ");
    const values = {
      fields: [...there.fields, ...added],
      permissions: [...others, ...(wanted["permissions"] as Doc[])],
    };
    return [{
      what: `${spec.name}: ${what}`,
      apply: async () => void await this.#site.setValues("DocType", spec.name, values),
    }];
  }

  async #keyField(): Promise<ProvisionStep[]> {
    const name = `${CHECKIN}-${KEY_FIELD}`;
    if (await this.#exists("Custom Field", name)) {
      const { unique } = keyShape.parse(await this.#site.get("Custom Field", name));
      if (unique === 1) return [];
      return [{
        what: `field ${KEY_FIELD} of ${CHECKIN}: unique again`,
        apply: async () => void await this.#site.setValues("Custom Field", name, { unique: 1 }),
      }];
    }
    return [this.#making(`field ${KEY_FIELD} of ${CHECKIN}: a unique link to the raw punch`, {
      doctype: "Custom Field",
      dt: CHECKIN,
      fieldname: KEY_FIELD,
      label: "Biometric punch",
      fieldtype: "Link",
      options: PUNCH,
      unique: 1,
      read_only: 1,
      no_copy: 1,
      insert_after: "device_id",
    })];
  }

  /** Through the permission manager: it copies the standard rules first, a bare row would end them. */
  async #foreignRule(doctype: string, one: Rule): Promise<ProvisionStep[]> {
    const { permissions } = shape.parse(await this.#site.meta(doctype));
    const there = permissions.find((row) =>
      row.role === one.role && row.permlevel === one.permlevel
    );
    if (there !== undefined && (isSame(there, one) || this.#isShared(doctype, there))) return [];
    const flags = flagsOf(one);
    const { role, permlevel } = one;
    const words = one.flags.join(" and ");
    return [{
      what: `${doctype}: ${role} may ${words}${permlevel > 0 ? ` at level ${permlevel}` : ""}`,
      apply: async () => {
        if (there === undefined) {
          await this.#site.call(
            `${PERMISSIONS}.add`,
            { parent: doctype, role, permlevel },
            z.any(),
          );
        }
        for (const ptype of FLAGS) {
          const value = flags[ptype];
          if (there !== undefined && Number(there[ptype] ?? 0) === value) continue;
          const given = { doctype, role, permlevel, ptype, value };
          await this.#site.call(`${PERMISSIONS}.update`, given, z.any());
        }
      },
    }];
  }

  /** All agents have one role: what another one was given is not taken away beside it. */
  #isShared(doctype: string, there: Readonly<Record<string, unknown>>): boolean {
    return doctype === SHIFT_TYPE && !this.#plan.setLastSync &&
      isSame(there, rule(ROLE, ["read", "write"]));
  }

  async #deskItem(doc: Doc): Promise<ProvisionStep[]> {
    const [doctype, name] = [String(doc["doctype"]), String(doc["name"])];
    const what = `${doctype} “${name}”`;
    if (!await this.#exists(doctype, name)) return [this.#making(what, doc)];
    if (doctype !== "Client Script") return [];
    const there = await this.#site.get(doctype, name);
    if (there["script"] === doc["script"] && Number(there["enabled"]) === 1) return [];
    const values = { script: doc["script"], enabled: 1 };
    return [{
      what: `${what}: newer`,
      apply: async () => void await this.#site.setValues(doctype, name, values),
    }];
  }

  async #agentAndUser(): Promise<ProvisionStep[]> {
    const { agent } = this.#plan;
    const steps: ProvisionStep[] = [];
    if (!await this.#existsLater(AGENT, agent)) {
      steps.push(this.#making(`${AGENT} ${agent}`, { doctype: AGENT, agent_name: agent }));
    }
    const user = userOf(agent);
    const known = await this.#exists("User", user);
    if (!known) {
      steps.push(this.#making(`user ${user} with the role ${ROLE}`, {
        doctype: "User",
        email: user,
        first_name: `Biometric agent ${agent}`.slice(0, 140),
        send_welcome_email: 0,
        enabled: 1,
        roles: [{ role: ROLE }],
      }));
      return steps;
    }
    const { enabled, roles } = userShape.parse(await this.#site.get("User", user));
    if (enabled !== 1 || !roles.some(({ role: name }) => name === ROLE)) {
      const values = { enabled: 1, roles: [{ role: ROLE }] };
      steps.push({
        what: `user ${user}: enabled, with the role ${ROLE}`,
        apply: async () => void await this.#site.setValues("User", user, values),
      });
    }
    return steps;
  }

  /** Of a DocType that may not be there yet. */
  async #existsLater(doctype: string, name: string): Promise<boolean> {
    return await this.#exists("DocType", doctype) && await this.#exists(doctype, name);
  }

  async #exists(doctype: string, name: string): Promise<boolean> {
    const query = { fields: ["name"], filters: [["name", "=", name]] as const };
    return (await this.#site.list(doctype, docNames.element, query)).length > 0;
  }

  async #count(doctype: string, filters: readonly (readonly [string, string, unknown])[]) {
    return await this.#site.call("frappe.client.get_count", { doctype, filters }, z.int());
  }

  async #delete(doctype: string, name: string): Promise<void> {
    await this.#site.call("frappe.client.delete", { doctype, name }, z.any());
  }

  #making(what: string, doc: Doc): ProvisionStep {
    return {
      what,
      apply: async () => void await this.#site.call("frappe.client.insert", { doc }, anyDoc),
    };
  }
}

const flagValue = z.union([z.int(), z.boolean()]).nullish().transform((value) =>
  Number(value ?? 0)
);
const shape = z.object({
  fields: z.array(z.looseObject({ fieldname: z.string().nullish() })).default([]),
  permissions: z.array(
    z.looseObject({
      role: z.string(),
      permlevel: z.int().nullish().transform((level) => level ?? 0),
    }),
  ).default([]),
});
const keyShape = z.object({ unique: flagValue });
const userShape = z.object({
  enabled: flagValue,
  roles: z.array(z.object({ role: z.string() })).default([]),
});

function isSame(row: Readonly<Record<string, unknown>>, one: Rule): boolean {
  const flags = flagsOf(one);
  return row["role"] === one.role && row["permlevel"] === one.permlevel &&
    FLAGS.every((flag) => Number(row[flag] ?? 0) === flags[flag]);
}

/**
 * With the agent's own key: the set-up is whole, and what is written is read back. Returns what is wrong, in
 * words; empty when all is well.
 */
export async function proveSetUp(site: Site, agent: string): Promise<string[]> {
  const faults = await probeSite(site);
  if (faults.length > 0) return faults;
  const mark = crypto.randomUUID();
  await site.setValues(AGENT, agent, { condition: `set up ${mark}` });
  const back = await site.get(AGENT, agent);
  return back["condition"] === `set up ${mark}`
    ? []
    : [`what was written to ${AGENT} ${agent} was not read back`];
}
