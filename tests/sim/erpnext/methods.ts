/**
 * The methods of the fake site that the agent and its provisioning call, by name. Owns what each takes and
 * answers; must not know HTTP or workers.
 */
import {
  allowed,
  asFrappe,
  FrappeError,
  Inserting,
  remove,
  rename,
  type Session,
  update,
  visible,
  type World,
} from "./documents.ts";
import { FLAGS, levelsOf, rulesOf } from "./schema.ts";
import type { Connection, Row, SqlFilter } from "./store.ts";

export interface Context {
  readonly db: Connection;
  readonly world: World & { readonly timeZone: () => string };
  readonly session: Session;
  /** While the transaction holds its locks. */
  readonly hold: () => Promise<void>;
  readonly givesKeysTo: (user: string) => { key: string; secret: string };
}

type Method = (context: Context, given: Row) => unknown | Promise<unknown>;

const MOST_AT_ONCE = 200;

export async function insertAll(
  { db, world, session, hold }: Context,
  docs: readonly Row[],
  options: { nameSet?: boolean } = {},
): Promise<string[]> {
  const inserting = new Inserting(db, world, session);
  for (const doc of docs) inserting.prepare(doc, options);
  // Others may commit between the checks and the write: only an index holds then.
  await hold();
  try {
    return await db.transaction(async () => {
      const names = inserting.write();
      await hold();
      return names;
    });
  } catch (error) {
    throw asFrappe(error);
  }
}

function getList({ db, world, session }: Context, given: Row): Row[] {
  const name = String(given["doctype"]);
  const fields = (given["fields"] as string[] | undefined) ?? ["name"];
  if (world.version === 16 && fields.some((one) => one.includes("("))) {
    throw new FrappeError(417, "ValidationError", "SQL functions are not allowed as strings");
  }
  const { doctype, rules } = listable(db, session, name);
  const filters = (given["filters"] as SqlFilter[] | undefined) ?? [];
  const limit = given["limit_page_length"];
  const rows = db.list(name, filters, {
    orderBy: String(given["order_by"] ?? "modified desc"),
    limit: limit === undefined ? 20 : Number(limit),
    start: Number(given["limit_start"] ?? 0),
  });
  const admin = session.user === "Administrator";
  const selectOnly = !admin &&
    !rules.some((one) => session.roles.has(one.role) && Number(one["read"]) === 1);
  const own = name === "User" && !admin && !session.roles.has("System Manager");
  const levels = levelsOf(rules, session.roles, "read");
  const shown = fields.filter((fieldname) => {
    if (selectOnly) return fieldname === "name";
    const field = doctype.fields.find((one) => one.fieldname === fieldname);
    return admin || field === undefined || levels.has(field.permlevel ?? 0);
  });
  return rows.filter((row) => !own || row["name"] === session.user).map((row) =>
    fields.includes("*")
      ? visible(db, session, doctype, row)
      : Object.fromEntries(shown.map((one) => [one, row[one] ?? null]))
  );
}

function listable(db: Connection, session: Session, name: string) {
  try {
    return allowed(db, session, name, "read");
  } catch (error) {
    if (error instanceof FrappeError && error.status === 403) {
      return allowed(db, session, name, "select");
    }
    throw error;
  }
}

function get({ db, session }: Context, given: Row): Row {
  const name = String(given["doctype"]);
  const { doctype } = allowed(db, session, name, "read");
  const doc = db.get(name, String(given["name"]));
  if (doc === null) throw new FrappeError(404, "DoesNotExistError", String(given["name"]));
  return visible(db, session, doctype, doc);
}

async function insert(context: Context, given: Row): Promise<Row> {
  const doc = given["doc"] as Row;
  const [name] = await insertAll(context, [doc]);
  return get({ ...context }, { doctype: doc["doctype"], name });
}

async function insertMany(context: Context, given: Row): Promise<string[]> {
  const docs = given["docs"] as Row[];
  if (docs.length > MOST_AT_ONCE) {
    throw new FrappeError(417, "ValidationError", "Only 200 inserts allowed in one request");
  }
  return await insertAll(context, docs);
}

async function setValue(context: Context, given: Row): Promise<Row> {
  const { db, session, world } = context;
  const { doctype, name, fieldname, value } = given;
  const values = typeof fieldname === "string" ? { [fieldname]: value } : fieldname as Row;
  return await db.transaction(() =>
    Promise.resolve(update(db, { world, session }, {
      doctype: String(doctype),
      name: String(name),
      values,
    }))
  );
}

async function deleteDoc({ db, session }: Context, given: Row): Promise<null> {
  await db.transaction(() => {
    remove(db, session, String(given["doctype"]), String(given["name"]));
    return Promise.resolve();
  });
  return null;
}

async function renameDoc({ db, session, world }: Context, given: Row): Promise<string> {
  const [doctype, old, to] = ["doctype", "old_name", "new_name"].map((name) => String(given[name]));
  await db.transaction(() => {
    rename(db, { world, session }, { doctype: doctype ?? "", old: old ?? "", to: to ?? "" });
    return Promise.resolve();
  });
  return to ?? "";
}

function requireManager({ session }: Context): void {
  if (session.user !== "Administrator" && !session.roles.has("System Manager")) {
    throw new FrappeError(403, "PermissionError", "System Manager");
  }
}

/** The first rule added to a DocType copies the standard ones beside it. */
async function addPermission(context: Context, given: Row): Promise<null> {
  requireManager(context);
  const { db } = context;
  const parent = String(given["parent"]);
  const { doctype } = allowed(db, { user: "Administrator", roles: new Set() }, parent, "read");
  const own = db.list("Custom DocPerm", [["parent", "=", parent]]);
  const rule = { role: String(given["role"]), permlevel: Number(given["permlevel"] ?? 0) };
  if (own.some((one) => one["role"] === rule.role && one["permlevel"] === rule.permlevel)) {
    return null;
  }
  await db.transaction(() => {
    const copied = own.length > 0 ? [] : doctype.permissions;
    const defaults = Object.fromEntries(Object.entries(FLAGS));
    for (const one of [...copied, { ...defaults, ...rule }]) {
      const name = crypto.randomUUID().slice(0, 10);
      db.insert("Custom DocPerm", { ...one, name, parent, creation: context.world.now() }, []);
    }
    return Promise.resolve();
  });
  return null;
}

async function updatePermission(context: Context, given: Row): Promise<null> {
  requireManager(context);
  const { db } = context;
  const found = db.list("Custom DocPerm", [["parent", "=", String(given["doctype"])]]).find((one) =>
    one["role"] === given["role"] && Number(one["permlevel"]) === Number(given["permlevel"])
  );
  if (found === undefined) throw new FrappeError(417, "ValidationError", "no such rule");
  if (!(String(given["ptype"]) in FLAGS)) throw new FrappeError(417, "ValidationError", "ptype");
  await db.transaction(() => {
    db.update("Custom DocPerm", { ...found, [String(given["ptype"])]: Number(given["value"]) }, []);
    return Promise.resolve();
  });
  return null;
}

function generateKeys(context: Context, given: Row): Row {
  requireManager(context);
  const { secret } = context.givesKeysTo(String(given["user"]));
  return { api_secret: secret };
}

export const METHODS: Readonly<Record<string, Method>> = {
  "frappe.client.get_list": getList,
  "frappe.client.get_count": (context, given) =>
    getList(context, { ...given, fields: ["name"], limit_page_length: 0 }).length,
  "frappe.client.get": get,
  "frappe.client.insert": insert,
  "frappe.client.insert_many": insertMany,
  "frappe.client.set_value": setValue,
  "frappe.client.delete": deleteDoc,
  "frappe.client.rename_doc": renameDoc,
  "frappe.client.get_time_zone": ({ world, session }) => ({
    time_zone: session.user === "Guest" ? "Asia/Kolkata" : world.timeZone(),
  }),
  "frappe.auth.get_logged_user": ({ session }) => session.user,
  "frappe.core.page.permission_manager.permission_manager.add": addPermission,
  "frappe.core.page.permission_manager.permission_manager.update": updatePermission,
  "frappe.core.doctype.user.user.generate_keys": generateKeys,
};

/** `/api/v2/doctype/…/meta`: for any user that is logged in. */
export function metaOf({ db, session }: Context, name: string): Row {
  if (session.user === "Guest") throw new FrappeError(403, "PermissionError", name);
  const { doctype } = allowed(db, { user: "Administrator", roles: new Set() }, name, "read");
  return { ...doctype, name, permissions: rulesOf(db, doctype) };
}
