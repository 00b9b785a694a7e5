/**
 * What DocTypes are on the fake site: the standard ones as far as they matter here, custom ones as they were
 * created, fields added later, who may do what. Owns the defaults of Frappe that surprise: a permission flag
 * that is left out is ON. Must not know HTTP.
 */
import type { Connection, Row } from "./store.ts";

export interface Field {
  readonly fieldname: string;
  readonly fieldtype: string;
  readonly options?: string;
  readonly reqd?: number;
  readonly unique?: number;
  readonly permlevel?: number;
  readonly set_only_once?: number;
  readonly default?: string;
  readonly read_only?: number;
  readonly hidden?: number;
  readonly fetch_from?: string;
  readonly length?: number;
  readonly is_virtual?: number;
}

export interface Rule {
  readonly role: string;
  readonly permlevel: number;
  readonly [flag: string]: string | number;
}

export interface DocType {
  readonly name: string;
  readonly autoname: string;
  readonly custom: number;
  readonly istable: number;
  readonly allow_rename?: number;
  readonly fields: readonly Field[];
  readonly permissions: readonly Rule[];
}

/** The flags of a permission, and what each is when it is left out. */
export const FLAGS: Readonly<Record<string, number>> = {
  select: 0,
  read: 1,
  write: 1,
  create: 1,
  delete: 1,
  submit: 0,
  cancel: 0,
  amend: 0,
  report: 1,
  export: 1,
  import: 0,
  share: 1,
  print: 1,
  email: 1,
};

const field = (fieldname: string, fieldtype: string, more: Partial<Field> = {}): Field => ({
  fieldname,
  fieldtype,
  ...more,
});

const rule = (role: string, flags: string, permlevel = 0): Rule => ({
  role,
  permlevel,
  ...Object.fromEntries(
    Object.keys(FLAGS).map((flag) => [flag, Number(flags.split(" ").includes(flag))]),
  ),
});

const ALL = "read write create delete report export share print email";

const standard = (
  name: string,
  autoname: string,
  fields: readonly Field[],
  permissions: readonly Rule[] = [rule("System Manager", ALL)],
): DocType => ({ name, autoname, custom: 0, istable: 0, fields, permissions });

export const STANDARD: readonly DocType[] = [
  standard("DocType", "prompt", [
    field("module", "Link"),
    field("custom", "Check"),
    field("autoname", "Data"),
    field("istable", "Check"),
    field("is_submittable", "Check"),
    // Like a permission flag: what is left out is ON.
    field("allow_rename", "Check", { default: "1" }),
    field("quick_entry", "Check"),
    field("title_field", "Data"),
    field("search_fields", "Data"),
    field("sort_field", "Data"),
    field("sort_order", "Data"),
    field("track_changes", "Check"),
    field("description", "Small Text"),
    field("fields", "Table"),
    field("permissions", "Table"),
  ]),
  standard("Custom Field", "format:{dt}-{fieldname}", [
    field("dt", "Link"),
    field("fieldname", "Data"),
    field("fieldtype", "Select"),
    field("label", "Data"),
    field("options", "Small Text"),
    field("unique", "Check"),
    field("read_only", "Check"),
    field("no_copy", "Check"),
    field("insert_after", "Data"),
    field("in_standard_filter", "Check"),
    field("description", "Text"),
  ]),
  standard("Property Setter", "format:{doc_type}-{field_name}-{property}", [
    field("doc_type", "Link"),
    field("doctype_or_field", "Select"),
    field("field_name", "Data"),
    field("property", "Data"),
    field("value", "Small Text"),
  ]),
  standard("Custom DocPerm", "hash", [
    field("parent", "Data"),
    field("role", "Link"),
    field("permlevel", "Int"),
    ...Object.keys(FLAGS).map((flag) => field(flag, "Check")),
  ]),
  standard("Role", "field:role_name", [
    field("role_name", "Data", { unique: 1 }),
    field("desk_access", "Check"),
    field("disabled", "Check"),
  ]),
  standard("User", "field:email", [
    field("email", "Data", { reqd: 1 }),
    field("first_name", "Data", { reqd: 1 }),
    field("enabled", "Check", { default: "1" }),
    field("send_welcome_email", "Check"),
    field("user_type", "Data"),
    field("api_key", "Data"),
    field("api_secret", "Password"),
    field("roles", "Table"),
  ], [rule("System Manager", ALL), rule("All", "read")]),
  standard("Client Script", "prompt", [
    field("dt", "Link"),
    field("view", "Select"),
    field("enabled", "Check"),
    field("script", "Code"),
  ]),
  standard("Number Card", "field:label", [
    field("label", "Data", { reqd: 1 }),
    field("type", "Select"),
    field("document_type", "Link"),
    field("function", "Select"),
    field("filters_json", "Code"),
    field("dynamic_filters_json", "Code"),
    field("is_public", "Check"),
    field("show_percentage_stats", "Check"),
    field("color", "Color"),
    field("module", "Link"),
  ]),
  standard("Notification", "prompt", [
    field("subject", "Data"),
    field("document_type", "Link"),
    field("event", "Select"),
    field("channel", "Select"),
    field("enabled", "Check"),
    field("message", "Code"),
    field("message_type", "Select"),
    field("recipients", "Table"),
    field("condition", "Code"),
  ]),
  standard("Report", "field:report_name", [
    field("report_name", "Data", { reqd: 1 }),
    field("ref_doctype", "Link"),
    field("report_type", "Select"),
    field("is_standard", "Select"),
    field("json", "Code"),
    field("roles", "Table"),
  ]),
  standard("Employee", "field:employee_name", [
    field("employee_name", "Data"),
    field("status", "Select", { options: "Active\nInactive\nSuspended\nLeft", default: "Active" }),
    field("attendance_device_id", "Data", { unique: 1 }),
    field("ctc", "Currency"),
    field("bank_ac_no", "Data"),
  ], [rule("HR Manager", ALL), rule("HR User", "read write create")]),
  standard("Employee Checkin", "EMP-CKIN-.MM.-.YYYY.-.######", [
    field("employee", "Link", { options: "Employee", reqd: 1 }),
    field("log_type", "Select", { options: "\nIN\nOUT" }),
    field("time", "Datetime", { permlevel: 1, default: "Now", reqd: 1 }),
    field("device_id", "Data"),
    field("skip_auto_attendance", "Check"),
    field("latitude", "Float"),
    field("longitude", "Float"),
    field("shift", "Link"),
    field("attendance", "Link"),
  ], [
    rule("HR Manager", ALL),
    rule("HR User", ALL),
    rule("HR Manager", "read write", 1),
    rule("HR User", "read write", 1),
    rule("Employee", "read create"),
    rule("Employee", "read", 1),
  ]),
  standard("Attendance", "hash", [
    field("employee", "Link", { options: "Employee" }),
    field("attendance_date", "Date"),
    field("status", "Select"),
    field("docstatus", "Int"),
  ], [rule("HR Manager", ALL), rule("HR User", ALL)]),
  standard("Shift Type", "prompt", [
    field("last_sync_of_checkin", "Datetime"),
    field("auto_update_last_sync", "Check"),
    field("enable_auto_attendance", "Check"),
    field("process_attendance_after", "Date"),
  ], [rule("HR Manager", ALL), rule("HR User", "read")]),
];

/** The DocType with the fields added to it and what Customize Form laid over them; null when there is none. */
export function doctypeOf(db: Connection, name: string): DocType | null {
  const known = STANDARD.find((one) => one.name === name) ?? db.get("DocType", name);
  if (known === null) return null;
  const own = known as unknown as DocType;
  const added = db.list("Custom Field", [["dt", "=", name]]) as unknown as Field[];
  const laid = db.list("Property Setter", [["doc_type", "=", name]]);
  const fields = [...(own.fields ?? []), ...added].map((one) => {
    const over = laid.filter((row) => row["field_name"] === one.fieldname)
      .map((row) => [String(row["property"]), asProperty(String(row["value"]))]);
    return { ...one, ...Object.fromEntries(over) };
  });
  const itself = laid.filter((row) => row["doctype_or_field"] === "DocType")
    .map((row) => [String(row["property"]), asProperty(String(row["value"]))]);
  return { ...own, ...Object.fromEntries(itself), fields };
}

/** A setter keeps every value as text. */
function asProperty(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** Custom rules take the place of all standard ones. */
export function rulesOf(db: Connection, doctype: DocType): readonly Rule[] {
  const custom = db.list("Custom DocPerm", [["parent", "=", doctype.name]]);
  return custom.length > 0 ? custom as unknown as Rule[] : doctype.permissions ?? [];
}

/** As Frappe fills a rule that was posted: what is left out is ON. */
export function filledRule(given: Row): Rule {
  return {
    ...Object.fromEntries(
      Object.entries(FLAGS).map(([flag, fallback]) => [flag, Number(given[flag] ?? fallback)]),
    ),
    role: String(given["role"]),
    permlevel: Number(given["permlevel"] ?? 0),
  };
}

/** Levels at which somebody with these roles may do it. */
export function levelsOf(
  rules: readonly Rule[],
  roles: ReadonlySet<string>,
  flag: "read" | "write",
): ReadonlySet<number> {
  return new Set(
    rules.filter((one) => roles.has(one.role) && Number(one[flag]) === 1)
      .map(({ permlevel }) => Number(permlevel)),
  );
}

export function mayDo(rules: readonly Rule[], roles: ReadonlySet<string>, flag: string): boolean {
  return rules.some((one) =>
    roles.has(one.role) && Number(one.permlevel) === 0 && Number(one[flag]) === 1
  );
}
