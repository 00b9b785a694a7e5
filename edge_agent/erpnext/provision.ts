/**
 * Sets up a site for one agent, with the key of a System Manager: looks first, says what is missing or was
 * changed, makes it, proves it. Owns the list of steps and whose a name is. Must not print, ask or keep
 * anything on this machine.
 */
import { z } from "zod";
import { sha256Hex } from "../base/sha256.ts";
import { asWanted, isRuleOf, ruleWords, spoils, typeChanges } from "./changed.ts";
import { DESK } from "./desk.ts";
import {
  doctypeDoc,
  type DocTypeSpec,
  type Field,
  field,
  type Rule,
  rule,
  typeProperties,
} from "./doctype.ts";
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
  WRITTEN_OF_CHECKIN,
} from "./names.ts";
import { probeSite } from "./probe.ts";
import type { Doc, Filter, Site } from "./site.ts";
import { type ProvisionStep, SiteAdmin } from "./site_admin.ts";
import {
  changedFields,
  type DocTypeOnSite,
  isWell,
  ITSELF,
  ruleOf,
  SiteRights,
} from "./site_rights.ts";
import { takeOff } from "./take_off.ts";

/** The site cannot be set up as it is; says what to do. */
export class SetUpFault extends Error {
  override readonly name = "SetUpFault";
}

export interface ProvisionPlan {
  readonly agent: string;
  readonly setLastSync: boolean;
}

const FIRST_NAME = "Biometric agent ";
const KEY_OF_CHECKIN = `${CHECKIN}-${KEY_FIELD}`;

/** The address goes nowhere. */
const addressOf = (name: string) => `biometric-agent-${name}@agent.invalid`;

/** A check-in's link to its raw punch: what the site itself holds to "exactly once". */
const KEY: Field = field(KEY_FIELD, "Link", "Biometric punch", {
  options: PUNCH,
  unique: 1,
  read_only: 1,
});

/** Rules on DocTypes that are the site's own. */
function foreignRules(
  setLastSync: boolean,
  checkinLevels: readonly number[],
): readonly (readonly [string, Rule])[] {
  return [
    [EMPLOYEE, rule(ROLE, ["select"])],
    [CHECKIN, rule(ROLE, ["read", "create"])],
    ...checkinLevels.map((level) => [CHECKIN, rule(ROLE, ["read", "write"], level)] as const),
    [ATTENDANCE, rule(ROLE, ["read"])],
    [SHIFT_TYPE, rule(ROLE, setLastSync ? ["read", "write"] : ["read"])],
  ];
}

export class SiteProvisioner {
  readonly #site: Site;
  readonly #admin: SiteAdmin;
  readonly #rights: SiteRights;
  readonly #plan: ProvisionPlan;

  /** `site` speaks with the administrator's key. */
  constructor(site: Site, plan: ProvisionPlan) {
    this.#site = site;
    this.#admin = new SiteAdmin(site);
    this.#rights = new SiteRights(this.#admin);
    this.#plan = plan;
  }

  /** What is missing or was changed, in the order in which it is made; empty when all is well. Changes nothing. */
  async missing(): Promise<ProvisionStep[]> {
    if (!await this.#admin.exists("DocType", CHECKIN)) {
      throw new SetUpFault(`the site has no ${CHECKIN}: install Frappe HR (the app hrms) first`);
    }
    const steps = await this.#role();
    for (const spec of DOCTYPES) steps.push(...await this.#doctype(spec));
    const checkin = await this.#rights.effective(CHECKIN);
    steps.push(...await this.#keyField(checkin.fields));
    steps.push(...this.#overCheckin(checkin));
    for (const [doctype, one] of foreignRules(this.#plan.setLastSync, levelsOf(checkin))) {
      const { permissions } = doctype === CHECKIN ? checkin : await this.#rights.effective(doctype);
      const there = ruleOf(one, permissions);
      if (isWell(one, permissions) || this.#isShared(doctype, permissions)) continue;
      steps.push(this.#rights.ruleStep(doctype, one, there));
    }
    for (const doc of DESK) steps.push(...await this.#deskItem(doc));
    return [...steps, ...await this.#agentAndUser()];
  }

  /**
   * When the agent's document was written by another machine whose key is good: the site's text of when it last
   * reported (empty: never). Null: the name is free, or this machine's.
   */
  async anotherMachine(publicKey: string): Promise<string | null> {
    const { agent } = this.#plan;
    const user = await this.#user();
    if (!await this.#admin.existsLater(AGENT, agent) || !await this.#admin.exists("User", user)) {
      return null;
    }
    const told = agentShape.parse(await this.#site.get(AGENT, agent));
    const { enabled } = userShape.parse(await this.#site.get("User", user));
    if (enabled !== 1 || told.public_key === "" || told.public_key === publicKey) return null;
    return told.last_seen.slice(0, 19);
  }

  /** A new key of the agent's own user; the one before ends. */
  async giveKey(): Promise<{ readonly key: string; readonly secret: string }> {
    const user = await this.#user();
    const secret = (await this.#site.call(
      "frappe.core.doctype.user.user.generate_keys",
      { user },
      z.object({ api_secret: z.string().min(1) }),
    )).api_secret;
    const { api_key: key } = z.object({ api_key: z.string().min(1) })
      .parse(await this.#site.get("User", user));
    return { key, secret };
  }

  /** Takes off what holds no data; says what stays, and why. */
  async remove(): Promise<{ readonly gone: string[]; readonly stays: string[] }> {
    return await takeOff(this.#admin, { user: await this.#user(), others: await this.#working() });
  }

  /** Users of agents whose keys are good. */
  async #working(): Promise<string[]> {
    const filters: Filter[] = [["name", "like", addressOf("%")], ["enabled", "=", 1]];
    return await this.#admin.names("User", filters);
  }

  /**
   * The agent's own user: by its name in letters that an address may have, and where another agent has that address
   * already, or the name has no such letters, by a digest of it.
   */
  async #user(): Promise<string> {
    const { agent } = this.#plan;
    const slug = agent.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
    const plain = addressOf(slug || "branch");
    const rows = await this.#site.list("User", nameShape, {
      fields: ["name", "first_name"],
      filters: [["name", "=", plain]],
    });
    const isAnothers = rows.some(({ first_name: name }) =>
      name.startsWith(FIRST_NAME) && name !== firstNameOf(agent)
    );
    return isAnothers ? addressOf(`${slug || "branch"}-${sha256Hex(agent).slice(0, 8)}`) : plain;
  }

  async #role(): Promise<ProvisionStep[]> {
    if (!await this.#admin.exists("Role", ROLE)) {
      const doc = { doctype: "Role", role_name: ROLE, desk_access: 0 };
      return [this.#admin.making(`role ${ROLE}, without desk`, doc)];
    }
    const { disabled } = roleShape.parse(await this.#site.get("Role", ROLE));
    if (disabled !== 1) return [];
    return [this.#admin.setting(`role ${ROLE}: enabled again`, ["Role", ROLE], { disabled: 0 })];
  }

  async #doctype(spec: DocTypeSpec): Promise<ProvisionStep[]> {
    const { name } = spec;
    if (!await this.#admin.exists("DocType", name)) {
      return [this.#admin.making(`DocType ${name}`, doctypeDoc(spec))];
    }
    const there = await this.#rights.made(name);
    return [...this.#remade(spec, there), ...await this.#overlaid(spec, there)];
  }

  /** What its own document lacks, or says otherwise. */
  #remade(spec: DocTypeSpec, there: DocTypeOnSite): ProvisionStep[] {
    const known = new Set(there.fields.map((row) => row["fieldname"]));
    const added = spec.fields.filter(({ fieldname }) => !known.has(fieldname));
    const changed = changedFields(spec.fields, there.fields);
    const rules = spec.rules.filter((one) => !isWell(one, there.permissions));
    const itself = typeChanges(spec, there);
    if (added.length + changed.size + rules.length + itself.size === 0) return [];
    const words = [
      ...itself.values(),
      ...added.map(({ fieldname }) => `field ${fieldname}`),
      ...[...changed].map(([name, of]) => `field ${name} (${[...of.values()].join(", ")})`),
      ...rules.map((one) => ruleWords(one, ruleOf(one, there.permissions))),
    ];
    const wanted = new Map(spec.fields.map((one) => [one.fieldname, one]));
    const kept = there.fields.map((row) => {
      const one = wanted.get(String(row["fieldname"]));
      return one !== undefined && changed.has(one.fieldname) ? { ...row, ...asWanted(one) } : row;
    });
    const others = there.permissions.filter((row) => !spec.rules.some((one) => isRuleOf(row, one)));
    const values = {
      ...typeProperties(spec),
      fields: [...kept, ...added],
      permissions: [...others, ...(doctypeDoc(spec)["permissions"] as Doc[])],
    };
    const what = `${spec.name}: ${words.join(", ")}`;
    return [this.#admin.setting(what, ["DocType", spec.name], values)];
  }

  /** What people laid over a document that is itself as it was made. */
  async #overlaid(spec: DocTypeSpec, there: DocTypeOnSite): Promise<ProvisionStep[]> {
    const works = await this.#rights.effective(spec.name);
    const own = changedFields(spec.fields, there.fields);
    const over = [...changedFields(spec.fields, works.fields)].filter(([name]) => !own.has(name));
    const itself = typeChanges(spec, there).size > 0 ? new Map() : typeChanges(spec, works);
    if (itself.size > 0) over.unshift([ITSELF, itself]);
    const rules = spec.rules.filter((one) =>
      isWell(one, there.permissions) && !isWell(one, works.permissions)
    );
    return [
      ...this.#rights.customized(spec.name, new Map(over)),
      ...rules.map((one) => this.#rights.ruleStep(spec.name, one, ruleOf(one, works.permissions))),
    ];
  }

  async #keyField(works: DocTypeOnSite["fields"]): Promise<ProvisionStep[]> {
    if (!await this.#admin.exists("Custom Field", KEY_OF_CHECKIN)) {
      return [
        this.#admin.making(`field ${KEY_FIELD} of ${CHECKIN}: a unique link to the raw punch`, {
          doctype: "Custom Field",
          dt: CHECKIN,
          no_copy: 1,
          insert_after: "device_id",
          ...KEY,
        }),
      ];
    }
    const there = anyDoc.parse(await this.#site.get("Custom Field", KEY_OF_CHECKIN));
    const [changes] = changedFields([KEY], [{ ...there, fieldname: KEY_FIELD }]).values();
    // The field itself is well: what was laid over it may not be.
    if (changes === undefined) return this.#rights.customized(CHECKIN, changedFields([KEY], works));
    const what = `field ${KEY_FIELD} of ${CHECKIN} (${[...changes.values()].join(", ")})`;
    const place = ["Custom Field", KEY_OF_CHECKIN] as const;
    return [this.#admin.setting(what, place, asWanted(KEY))];
  }

  /** What was laid over fields of a check-in so that what the agent writes is dropped, refused or not unique. */
  #overCheckin({ fields }: DocTypeOnSite): ProvisionStep[] {
    const over = fields.flatMap((row): [string, Map<string, string>][] => {
      const name = String(row["fieldname"]);
      if (name === KEY_FIELD || !WRITTEN_OF_CHECKIN.includes(name)) return [];
      const changes = spoils(row);
      return changes.size > 0 ? [[name, changes]] : [];
    });
    return this.#rights.customized(CHECKIN, new Map(over));
  }

  /** All agents have one role: what another one was given is not taken away beside it. */
  #isShared(doctype: string, there: DocTypeOnSite["permissions"]): boolean {
    return doctype === SHIFT_TYPE && !this.#plan.setLastSync &&
      isWell(rule(ROLE, ["read", "write"]), there);
  }

  async #deskItem(doc: Doc): Promise<ProvisionStep[]> {
    const [doctype, name] = [String(doc["doctype"]), String(doc["name"])];
    const what = `${doctype} “${name}”`;
    if (!await this.#admin.exists(doctype, name)) return [this.#admin.making(what, doc)];
    if (doctype !== "Client Script") return [];
    const there = await this.#site.get(doctype, name);
    if (there["script"] === doc["script"] && Number(there["enabled"]) === 1) return [];
    const values = { script: doc["script"], enabled: 1 };
    return [this.#admin.setting(`${what}: newer`, [doctype, name], values)];
  }

  async #agentAndUser(): Promise<ProvisionStep[]> {
    const { agent } = this.#plan;
    const steps: ProvisionStep[] = [];
    if (!await this.#admin.existsLater(AGENT, agent)) {
      const doc = { doctype: AGENT, agent_name: agent };
      steps.push(this.#admin.making(`${AGENT} ${agent}`, doc));
    }
    const user = await this.#user();
    if (!await this.#admin.exists("User", user)) {
      steps.push(this.#admin.making(`user ${user} with the role ${ROLE}`, {
        doctype: "User",
        email: user,
        first_name: firstNameOf(agent),
        send_welcome_email: 0,
        enabled: 1,
        roles: [{ role: ROLE }],
      }));
      return steps;
    }
    const { enabled, roles } = userShape.parse(await this.#site.get("User", user));
    if (enabled !== 1 || !roles.some(({ role: name }) => name === ROLE)) {
      const values = { enabled: 1, roles: [{ role: ROLE }] };
      const what = `user ${user}: enabled, with the role ${ROLE}`;
      steps.push(this.#admin.setting(what, ["User", user], values));
    }
    return steps;
  }
}

const flagValue = z.union([z.int(), z.boolean()]).nullish().transform((value) =>
  Number(value ?? 0)
);
const text = z.string().nullish().transform((value) => value ?? "");
const anyDoc = z.record(z.string(), z.unknown());
const nameShape = z.object({ name: z.string(), first_name: text });
const roleShape = z.object({ disabled: flagValue });
const agentShape = z.object({ public_key: text, last_seen: text });
const userShape = z.object({
  enabled: flagValue,
  roles: z.array(z.object({ role: z.string() })).default([]),
});

function firstNameOf(agent: string): string {
  return `${FIRST_NAME}${agent}`.slice(0, 140);
}

/** Levels above 0 at which the agent writes check-ins; `time` is at level 1 from the start. */
function levelsOf({ fields }: DocTypeOnSite): number[] {
  const levels = fields.filter((row) => WRITTEN_OF_CHECKIN.includes(String(row["fieldname"])))
    .map((row) => Number(row["permlevel"] ?? 0));
  return [...new Set([1, ...levels])].filter((level) => level > 0).sort();
}

/**
 * With the agent's own key: the set-up is whole, and what is written is read back. Returns what is wrong, in
 * words; empty when all is well. `publicKey`: of this machine, by which the name is its own from now on.
 */
export async function proveSetUp(site: Site, agent: string, publicKey: string): Promise<string[]> {
  const faults = await probeSite(site);
  if (faults.length > 0) return faults;
  const mark = crypto.randomUUID();
  await site.setValues(AGENT, agent, { condition: `set up ${mark}`, public_key: publicKey });
  const back = await site.get(AGENT, agent);
  return back["condition"] === `set up ${mark}`
    ? []
    : [`what was written to ${AGENT} ${agent} was not read back`];
}
