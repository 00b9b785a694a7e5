/**
 * Takes an agent off a site. Owns that nothing which holds data ever goes, nor what another agent works with, and
 * that all that stays is said. Must not know how anything is made.
 */
import { DESK } from "./desk.ts";
import { DOCTYPES } from "./doctypes.ts";
import { ATTENDANCE, CHECKIN, EMPLOYEE, KEY_FIELD, PUNCH, ROLE, SHIFT_TYPE } from "./names.ts";
import type { SiteAdmin } from "./site_admin.ts";

export interface TakenOff {
  readonly gone: string[];
  readonly stays: string[];
}

/** `user`: the agent's own; `others`: all users of agents whose keys are good. */
export async function takeOff(
  admin: SiteAdmin,
  { user, others }: { readonly user: string; readonly others: readonly string[] },
): Promise<TakenOff> {
  const taken: TakenOff = { gone: [], stays: [] };
  const isThere = await admin.exists("User", user);
  const enabled = await admin.names("User", [["name", "=", user], ["enabled", "=", 1]]);
  if (enabled.length > 0) {
    await admin.site.setValues("User", user, { enabled: 0 });
    taken.gone.push(`the key of ${user} (the user is disabled)`);
  }
  const working = others.filter((name) => name !== user);
  if (working.length > 0) {
    taken.stays.push(`everything else: ${working.sort().join(", ")} work with it`);
    return taken;
  }
  for (const doc of DESK) {
    const [doctype, name] = [String(doc["doctype"]), String(doc["name"])];
    if (!await admin.exists(doctype, name)) continue;
    await admin.delete(doctype, name);
    taken.gone.push(`${doctype} ${name}`);
  }
  await takeKeyField(admin, taken);
  await takeDocTypes(admin, taken);
  if (isThere) taken.stays.push(`the user ${user}, disabled`);
  if (await admin.exists("Role", ROLE)) {
    taken.stays.push(
      `the role ${ROLE} and its rights on ${EMPLOYEE}, ${CHECKIN}, ${ATTENDANCE} and ${SHIFT_TYPE}: no agent ` +
        "uses them any more; to take it off, delete it in the Role list after its rows in the Role Permissions Manager",
    );
  }
  return taken;
}

async function takeKeyField(admin: SiteAdmin, { gone, stays }: TakenOff): Promise<void> {
  // Of our own DocType: a System Manager need not have rights on check-ins.
  const linked = await admin.exists("DocType", PUNCH) ? await admin.count(PUNCH) : 0;
  const field = `${CHECKIN}-${KEY_FIELD}`;
  if (linked > 0) stays.push(`${KEY_FIELD} of ${CHECKIN}: ${linked} punches may be named`);
  else if (await admin.exists("Custom Field", field)) {
    await admin.delete("Custom Field", field);
    gone.push(`field ${KEY_FIELD} of ${CHECKIN}`);
  }
}

async function takeDocTypes(admin: SiteAdmin, { gone, stays }: TakenOff): Promise<void> {
  for (const { name, isTable } of [...DOCTYPES].reverse()) {
    if (!await admin.exists("DocType", name)) continue;
    const rows = isTable ? 0 : await admin.count(name);
    if (rows > 0) stays.push(`${name}: ${rows} documents`);
    else if (isTable && stays.some((text) => text.startsWith("Biometric Device:"))) {
      stays.push(`${name}: belongs to Biometric Device`);
    } else {
      await admin.delete("DocType", name);
      gone.push(`DocType ${name}`);
    }
  }
}
