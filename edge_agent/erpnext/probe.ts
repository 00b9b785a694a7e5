/**
 * Whether the site is set up so that a punch can be trusted to it. Owns what is looked at: a role that may
 * create check-ins but not write at permlevel 1 gets "200" and the site's own clock as the time, so this is
 * asked before the first punch. Must not mend anything.
 */
import { z } from "zod";
import { NotWelcome } from "../delivery/delivery.ts";
import { spoils } from "./changed.ts";
import { DOCTYPES } from "./doctypes.ts";
import { CHECKIN, KEY_FIELD, PUNCH, ROLE, WRITTEN_OF_CHECKIN } from "./names.ts";
import { Refused, type Site } from "./site.ts";

const flag = z.union([z.int(), z.boolean()]).nullish().transform((value) => Number(value ?? 0));
const metaAnswer = z.object({
  autoname: z.string().nullish(),
  fields: z.array(z.looseObject({
    fieldname: z.string(),
    fieldtype: z.string(),
    unique: flag,
    set_only_once: flag,
    options: z.string().nullish(),
    permlevel: z.int().nullish().transform((level) => level ?? 0),
  })),
  permissions: z.array(z.object({
    role: z.string(),
    permlevel: z.int().nullish().transform((level) => level ?? 0),
    read: flag,
    write: flag,
    create: flag,
  })),
});
type Meta = z.output<typeof metaAnswer>;

/** Level 2 is what people decide. */
const RAW = DOCTYPES.filter(({ name }) => name === PUNCH);
const WRITTEN_OF_PUNCH = RAW
  .flatMap(({ fields }) => fields).filter(({ permlevel = 0 }) => permlevel < 2)
  .map(({ fieldname }) => fieldname);

const MEND = "run provision-erpnext again";

/** What is missing, in words; empty when all is there. Throws the errors of a destination. */
export async function probeSite(site: Site, signal?: AbortSignal): Promise<string[]> {
  const [checkin, punch] = await Promise.all([
    metaOf(site, CHECKIN, signal),
    metaOf(site, PUNCH, signal),
  ]);
  if (checkin === null) return [`the site has no ${CHECKIN}: install Frappe HR (hrms)`];
  if (punch === null) return [`the site has no ${PUNCH}: ${MEND}`];
  const key = checkin.fields.find(({ fieldname }) => fieldname === KEY_FIELD);
  const time = checkin.fields.find(({ fieldname }) => fieldname === "time")?.permlevel ?? 1;
  const faults = [
    key === undefined && `${CHECKIN} has no field ${KEY_FIELD}: ${MEND}`,
    key !== undefined && key.unique !== 1 &&
    `${KEY_FIELD} of ${CHECKIN} is not unique, so a punch could be stored twice: ${MEND}`,
    !may(checkin, 0, "create") && `the role ${ROLE} may not create ${CHECKIN}: ${MEND}`,
    !may(checkin, time, "write") && time > 0 &&
    `the role ${ROLE} may not write ${CHECKIN} at permlevel ${time}, so the site would store its own ` +
      `clock as the time of every punch: ${MEND}`,
    ...lostFields(CHECKIN, checkin, WRITTEN_OF_CHECKIN.filter((name) => name !== "time")),
    !RAW.some(({ autoname }) => autoname === (punch.autoname ?? autoname)) &&
    `documents of ${PUNCH} are named by ${punch.autoname} and not by the event's fingerprint, so none ` +
      `would be found again: ${MEND}`,
    !may(punch, 0, "create") && `the role ${ROLE} may not create ${PUNCH}: ${MEND}`,
    !may(punch, 1, "write") && `the role ${ROLE} may not write ${PUNCH} at permlevel 1: ${MEND}`,
    ...lostFields(PUNCH, punch, WRITTEN_OF_PUNCH),
    ...spoiledFields(CHECKIN, checkin, WRITTEN_OF_CHECKIN),
    ...spoiledFields(PUNCH, punch, WRITTEN_OF_PUNCH),
  ];
  return faults.filter((fault) => typeof fault === "string");
}

/** At a level that the role may not write: the site drops what the agent sends, and says nothing. */
function lostFields(doctype: string, meta: Meta, names: readonly string[]): string[] {
  return meta.fields.filter(({ fieldname, permlevel }) =>
    // Level 1 of a raw punch is looked at as a whole.
    names.includes(fieldname) && permlevel > (doctype === PUNCH ? 1 : 0) &&
    !may(meta, permlevel, "write")
  ).map(({ fieldname, permlevel }) =>
    `the role ${ROLE} may not write ${fieldname} of ${doctype}, which somebody put at permlevel ` +
    `${permlevel}: ${MEND}`
  );
}

/** The two that are unique by our own will are looked at by themselves. */
const OWN_UNIQUE: readonly string[] = [KEY_FIELD, "key"];

function spoiledFields(doctype: string, meta: Meta, names: readonly string[]): string[] {
  return meta.fields.flatMap((row) => {
    const { fieldname } = row;
    if (!names.includes(fieldname)) return [];
    return [...spoils(row)].flatMap(([property, words]) => {
      if (property === "unique" && OWN_UNIQUE.includes(fieldname)) return [];
      const what = property === "fetch_from"
        ? `is ${words}, over what the agent writes`
        : `was changed (${words}), against what the agent writes`;
      return [`${fieldname} of ${doctype} ${what}: ${MEND}`];
    });
  });
}

/** Throws NotWelcome with all that is missing. */
export async function requireSetUp(site: Site, signal?: AbortSignal): Promise<void> {
  const faults = await probeSite(site, signal);
  if (faults.length > 0) throw new NotWelcome(faults.join("; "));
}

/** Null: the site has no such DocType. */
async function metaOf(site: Site, doctype: string, signal?: AbortSignal): Promise<Meta | null> {
  try {
    const read = metaAnswer.safeParse(await site.meta(doctype, signal));
    if (read.success) return read.data;
    throw new NotWelcome(`what the site says of ${doctype} cannot be read`);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

function may(meta: Meta, level: number, what: "read" | "write" | "create"): boolean {
  return meta.permissions.some((rule) =>
    rule.role === ROLE && rule.permlevel === level && rule[what] === 1
  );
}
