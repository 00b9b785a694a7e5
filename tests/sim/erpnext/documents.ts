/**
 * How the fake site takes a document: permissions, defaults, what version 15 checks and what it does not,
 * names, unique values. Owns the traps of Employee Checkin as they were measured. Must not know HTTP.
 */
import {
  type DocType,
  doctypeOf,
  type Field,
  filledRule,
  levelsOf,
  mayDo,
  type Rule,
  rulesOf,
} from "./schema.ts";
import { type Connection, type Row, StoreFault } from "./store.ts";

/** A refusal of Frappe: status and name of the exception. */
export class FrappeError extends Error {
  override readonly name = "FrappeError";
  constructor(readonly status: number, readonly excType: string, message: string) {
    super(message);
  }
}

export interface Session {
  readonly user: string;
  readonly roles: ReadonlySet<string>;
}

export interface World {
  readonly version: 15 | 16;
  /** The site's own clock as its text, with microseconds. */
  readonly now: () => string;
  readonly geolocation: () => boolean;
  /** A rule of this site alone: the exception that it raises for a check-in. */
  readonly refuses: (doc: Row) => string | null;
}

export const ADMINISTRATOR: Session = { user: "Administrator", roles: new Set(["Administrator"]) };

const isAdministrator = (session: Session) => session.user === "Administrator";

/** Throws 404 for an unknown DocType, 403 for a missing right. */
export function allowed(
  db: Connection,
  session: Session,
  name: string,
  flag: string,
): { doctype: DocType; rules: readonly Rule[] } {
  const doctype = doctypeOf(db, name);
  if (doctype === null) {
    throw new FrappeError(session.user === "Guest" ? 403 : 404, "DoesNotExistError", name);
  }
  const rules = rulesOf(db, doctype);
  if (!isAdministrator(session) && !mayDo(rules, session.roles, flag)) {
    throw new FrappeError(403, "PermissionError", `${flag} ${name}`);
  }
  return { doctype, rules };
}

/** One request that inserts: what it has written so far is seen by itself alone. */
export class Inserting {
  readonly #db: Connection;
  readonly #world: World;
  readonly #session: Session;
  readonly prepared: { doctype: DocType; doc: Row; nameSet: boolean }[] = [];

  constructor(db: Connection, world: World, session: Session) {
    this.#db = db;
    this.#world = world;
    this.#session = session;
  }

  /** Checks against what is committed now and what this request prepared before. */
  prepare(given: Row, { nameSet = false } = {}): void {
    const { doctype, rules } = allowed(this.#db, this.#session, String(given["doctype"]), "create");
    const doc: Row = { ...given };
    this.#resetHigherLevels(doctype, rules, doc);
    this.#fillDefaults(doctype, doc);
    this.#check(doctype, doc);
    const at = this.#world.now();
    Object.assign(doc, { creation: at, modified: at, owner: this.#session.user });
    this.prepared.push({ doctype, doc, nameSet });
  }

  /** Inside a transaction. Returns the names in order. */
  write(): string[] {
    return this.prepared.map(({ doctype, doc, nameSet }) => {
      if (!nameSet) doc["name"] = this.#nameOf(doctype, doc);
      try {
        this.#db.insert(doctype.name, doc, uniqueOf(doctype));
      } catch (error) {
        throw asFrappe(error);
      }
      return String(doc["name"]);
    });
  }

  /** A field of a level that the role may not write gets its default, silently. */
  #resetHigherLevels(doctype: DocType, rules: readonly Rule[], doc: Row): void {
    if (isAdministrator(this.#session)) return;
    const levels = levelsOf(rules, this.#session.roles, "write");
    for (const { fieldname, permlevel = 0 } of doctype.fields) {
      if (permlevel > 0 && !levels.has(permlevel)) delete doc[fieldname];
    }
  }

  #fillDefaults(doctype: DocType, doc: Row): void {
    for (const { fieldname, default: fallback, fieldtype } of doctype.fields) {
      if (doc[fieldname] !== undefined && doc[fieldname] !== null) continue;
      if (fallback === "Now") doc[fieldname] = this.#world.now().slice(0, 19);
      else if (fallback !== undefined) doc[fieldname] = fallback;
      else if (fieldtype === "Check") doc[fieldname] = 0;
    }
  }

  #check(doctype: DocType, doc: Row): void {
    for (const field of doctype.fields) checkValue(field, doc, this.#world.version);
    const links = doctype.fields.filter(({ fieldtype }) => fieldtype === "Link");
    for (const field of links) this.#checkLink(doctype, field, doc);
    if (doctype.name === "Employee Checkin") this.#checkCheckin(doc);
    if (doctype.name === "Custom Field") this.#checkCustomField(doc);
    if (doctype.name === "DocType") {
      doc["permissions"] = (doc["permissions"] as Row[] ?? []).map(filledRule);
      doc["fields"] = doc["fields"] ?? [];
    }
  }

  /** A link whose document is fetched from is not checked on version 15: Employee of a check-in. */
  #checkLink(doctype: DocType, { fieldname, options }: Field, doc: Row): void {
    const value = doc[fieldname];
    if (options === undefined || value === undefined || value === null || value === "") return;
    const unchecked = doctype.name === "Employee Checkin" && fieldname === "employee";
    if (unchecked && this.#world.version === 15) return;
    if (this.#db.get(options, String(value)) !== null) return;
    const own = this.prepared.some((one) =>
      one.doctype.name === options &&
      one.doc[one.doctype.autoname.replace("field:", "")] === value
    );
    if (!own) throw new FrappeError(417, "LinkValidationError", `${fieldname}: ${value}`);
  }

  #checkCheckin(doc: Row): void {
    const time = String(doc["time"]);
    if (/[+-]\d\d:\d\d$|Z$/.test(time)) throw new FrappeError(500, "TypeError", "offset-naive");
    if (!isTime(time)) throw new FrappeError(500, "ParserError", "unknown string format");
    doc["time"] = time.slice(0, 19);
    const employee = this.#db.get("Employee", String(doc["employee"]));
    if (employee?.["status"] === "Inactive") {
      throw new FrappeError(417, "InactiveEmployeeStatusError", "inactive");
    }
    if (this.#world.geolocation() && !(doc["latitude"] && doc["longitude"])) {
      throw new FrappeError(417, "ValidationError", "coordinates are required");
    }
    const own = this.#world.refuses(doc);
    if (own !== null) throw new FrappeError(417, own, "a rule of this site");
    const same = [
      ...this.#db.list("Employee Checkin", [["employee", "=", doc["employee"]], [
        "time",
        "=",
        doc["time"],
      ]]),
      ...this.prepared.filter((one) => one.doctype.name === "Employee Checkin").map(({ doc }) =>
        doc
      ),
    ].find((other) =>
      other["employee"] === doc["employee"] && other["time"] === doc["time"] &&
      (other["log_type"] ?? "") === (doc["log_type"] ?? "")
    );
    if (same !== undefined) {
      throw new FrappeError(417, "ValidationError", "already has a log with the same timestamp");
    }
  }

  #checkCustomField(doc: Row): void {
    const name = `${doc["dt"]}-${doc["fieldname"]}`;
    if (this.#db.get("Custom Field", name) !== null) {
      throw new FrappeError(417, "ValidationError", "A field with the name already exists");
    }
  }

  #nameOf({ autoname, name: doctype }: DocType, doc: Row): string {
    if (autoname.startsWith("field:")) return String(doc[autoname.slice(6)] ?? "");
    if (autoname === "prompt") {
      const given = doc["name"] ?? doc["__newname"];
      if (!given) throw new FrappeError(417, "ValidationError", `name is required: ${doctype}`);
      return String(given);
    }
    if (autoname.startsWith("format:")) {
      return autoname.slice(7).replace(/\{(\w+)\}/g, (_, field) => String(doc[field] ?? ""));
    }
    if (autoname.includes("######")) {
      const at = this.#world.now();
      const prefix = `EMP-CKIN-${at.slice(5, 7)}-${at.slice(0, 4)}-`;
      return `${prefix}${String(this.#db.nextOf(prefix)).padStart(6, "0")}`;
    }
    return crypto.randomUUID().replaceAll("-", "").slice(0, 10);
  }
}

function isTime(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1, 4).map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day));
  return date.getUTCDate() === day && date.getUTCMonth() + 1 === month;
}

function checkValue(field: Field, doc: Row, _version: number): void {
  const { fieldname, fieldtype, options, reqd } = field;
  const value = doc[fieldname];
  const empty = value === undefined || value === null || value === "";
  if (empty) {
    if (reqd) throw new FrappeError(417, "MandatoryError", fieldname);
    return;
  }
  if (fieldtype === "Data" && String(value).length > (Number(field.length) || 140)) {
    throw new FrappeError(417, "CharacterLengthExceededError", fieldname);
  }
  if (
    fieldtype === "Select" && options !== undefined && !options.split("\n").includes(String(value))
  ) {
    throw new FrappeError(417, "ValidationError", `${fieldname} cannot be ${value}`);
  }
}

function uniqueOf(doctype: DocType): string[] {
  return doctype.fields.filter(({ unique }) => Number(unique) === 1).map(({ fieldname }) =>
    fieldname
  );
}

export function asFrappe(error: unknown): unknown {
  if (!(error instanceof StoreFault)) return error;
  switch (error.kind) {
    case "primary":
      return new FrappeError(409, "DuplicateEntryError", error.message);
    case "unique":
      return new FrappeError(417, "UniqueValidationError", error.message);
    case "lock_wait":
      return new FrappeError(500, "QueryTimeoutError", error.message);
  }
}

/** Inside a transaction. Values of levels that the role may not write stay as they are, silently. */
export function update(
  db: Connection,
  { world, session }: { world: World; session: Session },
  { doctype: name, name: docname, values }: { doctype: string; name: string; values: Row },
): Row {
  const { doctype, rules } = allowed(db, session, name, "write");
  const before = db.get(name, docname);
  if (before === null) throw new FrappeError(404, "DoesNotExistError", docname);
  const levels = levelsOf(rules, session.roles, "write");
  const doc: Row = { ...before };
  for (const [fieldname, value] of Object.entries(values)) {
    const field = doctype.fields.find((one) => one.fieldname === fieldname);
    const level = field?.permlevel ?? 0;
    if (!isAdministrator(session) && level > 0 && !levels.has(level)) continue;
    const had = before[fieldname] ?? "";
    if (Number(field?.set_only_once) === 1 && had !== "" && String(had) !== String(value ?? "")) {
      throw new FrappeError(417, "CannotChangeConstantError", fieldname);
    }
    doc[fieldname] = value;
  }
  for (const field of doctype.fields) checkValue(field, doc, world.version);
  Object.assign(doc, { modified: world.now(), modified_by: session.user });
  if (name === "DocType") doc["permissions"] = (doc["permissions"] as Row[] ?? []).map(filledRule);
  try {
    db.update(name, doc, uniqueOf(doctype));
  } catch (error) {
    throw asFrappe(error);
  }
  return doc;
}

/** Inside a transaction. */
export function remove(db: Connection, session: Session, doctype: string, name: string): void {
  allowed(db, session, doctype, "delete");
  if (db.get(doctype, name) === null) throw new FrappeError(404, "DoesNotExistError", name);
  if (
    doctype === "Biometric Punch" &&
    db.list("Employee Checkin", [["biometric_key", "=", name]]).length > 0
  ) throw new FrappeError(417, "LinkExistsError", name);
  db.remove(doctype, name);
}

/** Inside a transaction: another name, in its own field too, and in check-ins that cite it. */
export function rename(
  db: Connection,
  { world, session }: { world: World; session: Session },
  { doctype: name, old, to }: { doctype: string; old: string; to: string },
): void {
  const { doctype } = allowed(db, session, name, "write");
  const doc = db.get(name, old);
  if (doc === null) throw new FrappeError(404, "DoesNotExistError", old);
  if (Number(doctype.allow_rename) !== 1) {
    throw new FrappeError(417, "ValidationError", `${name} not allowed to be renamed`);
  }
  const field = doctype.autoname.startsWith("field:") ? doctype.autoname.slice(6) : null;
  db.remove(name, old);
  db.insert(name, { ...doc, name: to, ...(field !== null && { [field]: to }) }, uniqueOf(doctype));
  for (const row of db.list("Employee Checkin", [["biometric_key", "=", old]])) {
    const cites = { ...row, biometric_key: to, modified: world.now() };
    db.update("Employee Checkin", cites, ["biometric_key"]);
  }
}

/** What somebody may see of a document. */
export function visible(db: Connection, session: Session, doctype: DocType, doc: Row): Row {
  if (isAdministrator(session)) return doc;
  const rules = rulesOf(db, doctype);
  const levels = levelsOf(rules, session.roles, "read");
  const hidden = doctype.fields.filter(({ permlevel = 0, fieldtype }) =>
    !levels.has(permlevel) || fieldtype === "Password"
  ).map(({ fieldname }) => fieldname);
  return Object.fromEntries(Object.entries(doc).filter(([name]) => !hidden.includes(name)));
}
