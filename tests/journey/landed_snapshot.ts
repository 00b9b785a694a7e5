// Owns: what of a database must outlive an upgrade: one text per thing with a name, read by SQL, and the
// difference of two such lists. Must not know: which differences are right.

import { openPostgres } from "../../dev/postgres.ts";

/** `kind name` → what it is. */
export type Snapshot = ReadonlyMap<string, string>;

const OURS = "module = 'biometric_attendance'";

/** Each yields two columns: the name of a thing and what it is. No id that an upgrade may renumber. */
const STRUCTURE: Readonly<Record<string, string>> = {
  "external id": `SELECT name, model || ' ' || res_id FROM ir_model_data WHERE ${OURS}`,
  column: `SELECT table_name || '.' || column_name,
      concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'`,
  index: "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
  constraint: `SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'`,
  trigger: `SELECT tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal`,
  access: `SELECT d.name, concat_ws(' ', m.model, g.name, a.active, a.perm_read, a.perm_write,
      a.perm_create, a.perm_unlink)
    FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id
    LEFT JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = a.group_id
    JOIN ir_model_data d ON d.model = 'ir.model.access' AND d.res_id = a.id WHERE d.${OURS}`,
  rule: `SELECT d.name, concat_ws(' ', m.model, r.domain_force, r.global, r.active, r.perm_read,
      r.perm_write, r.perm_create, r.perm_unlink, (SELECT string_agg(g.name, ',' ORDER BY g.name)
        FROM rule_group_rel l JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = l.group_id
       WHERE l.rule_group_id = r.id))
    FROM ir_rule r JOIN ir_model m ON m.id = r.model_id
    JOIN ir_model_data d ON d.model = 'ir.rule' AND d.res_id = r.id WHERE d.${OURS}`,
  role: `SELECT d.name, string_agg(i.name, ',' ORDER BY i.name)
    FROM res_groups_implied_rel l
    JOIN ir_model_data d ON d.model = 'res.groups' AND d.res_id = l.gid
    JOIN ir_model_data i ON i.model = 'res.groups' AND i.res_id = l.hid
    WHERE d.${OURS} GROUP BY d.name`,
  menu: `SELECT d.name, concat_ws(' ', u.name->>'en_US', p.name, u.action, u.active, u.sequence,
      (SELECT string_agg(g.name, ',' ORDER BY g.name) FROM ir_ui_menu_group_rel l
         JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = l.gid WHERE l.menu_id = u.id))
    FROM ir_ui_menu u LEFT JOIN ir_model_data p ON p.model = 'ir.ui.menu' AND p.res_id = u.parent_id
    JOIN ir_model_data d ON d.model = 'ir.ui.menu' AND d.res_id = u.id WHERE d.${OURS}`,
  view:
    `SELECT d.name, concat_ws(' ', v.name, v.model, v.type, v.mode, v.active, v.priority, p.name)
    FROM ir_ui_view v LEFT JOIN ir_model_data p ON p.model = 'ir.ui.view' AND p.res_id = v.inherit_id
    JOIN ir_model_data d ON d.model = 'ir.ui.view' AND d.res_id = v.id WHERE d.${OURS}`,
  // One line a field, so that a form that gains one is told from a form that loses one.
  shown: `SELECT DISTINCT d.name || ' ' || f.name[1], ''
    FROM ir_ui_view v
    JOIN ir_model_data d ON d.model = 'ir.ui.view' AND d.res_id = v.id
    CROSS JOIN LATERAL regexp_matches(v.arch_db->>'en_US', '<(?:field|button)[^>]*? name="([^"]+)"', 'g')
      AS f(name)
    WHERE d.${OURS}`,
  cron: `SELECT d.name, concat_ws(' ', c.cron_name, c.active, c.interval_number, c.interval_type)
    FROM ir_cron c JOIN ir_model_data d ON d.model = 'ir.cron' AND d.res_id = c.id WHERE d.${OURS}`,
};

/** What people would miss. Counted are the rows of all tables of ours but the queues of jobs. */
const CONTENT: Readonly<Record<string, string>> = {
  day: `SELECT e.name || ' ' || d.date, concat_ws(' ', d.status, d.is_blocking, d.exceptions,
      d.worked_minutes, d.break_minutes, d.regular_minutes, d.overtime_minutes, d.rest_day_minutes,
      d.rest_day_overtime_minutes, d.holiday_minutes, d.night_minutes, d.late_minutes,
      d.undertime_minutes, d.first_in_at, d.last_out_at)
    FROM biometric_day d JOIN hr_employee e ON e.id = d.employee_id`,
  file: `SELECT filename, concat_ws(' ', sha256, line_count, employee_count, total_minutes)
    FROM biometric_export WHERE filename IS NOT NULL`,
  attendance: "SELECT employee_id || ' ' || check_in, check_out::text FROM hr_attendance",
  person: `SELECT u.login, string_agg(g.name, ',' ORDER BY g.name) FROM res_users u
    JOIN res_groups_users_rel l ON l.uid = u.id
    JOIN ir_model_data g ON g.model = 'res.groups' AND g.res_id = l.gid
    GROUP BY u.login`,
};

const JOBS = new Set(["biometric_stale_day"]);

async function read(db: string, queries: Readonly<Record<string, string>>): Promise<Snapshot> {
  const postgres = await openPostgres();
  const found = new Map<string, string>();
  for (const [kind, query] of Object.entries(queries)) {
    const json = `SELECT coalesce(json_agg(json_build_array(x.a, x.b)), '[]')
      FROM (${query}) x (a, b)`;
    const rows = JSON.parse(await postgres.sql(json, db)) as [string, string | null][];
    for (const [name, what] of rows) found.set(`${kind} ${name}`, what ?? "");
  }
  return found;
}

/** What the database is made of: external ids, columns, indexes, triggers, rights, menus, views. */
export const structureOf = (db: string): Promise<Snapshot> => read(db, STRUCTURE);

/** Days, files, attendances, people's roles, and how many rows each table of ours holds. */
export async function contentOf(db: string): Promise<Snapshot> {
  const postgres = await openPostgres();
  const found = new Map(await read(db, CONTENT));
  const tables = await postgres.sql(
    "SELECT tablename FROM pg_tables WHERE tablename LIKE 'biometric\\_%' ORDER BY 1",
    db,
  );
  for (const table of tables.split("\n").filter((name) => !JOBS.has(name))) {
    found.set(`rows ${table}`, await postgres.sql(`SELECT count(*) FROM "${table}"`, db));
  }
  return found;
}

/** Lines `gone …`, `changed …: before → after` and `new …`, in order. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const lines: string[] = [];
  for (const [name, what] of before) {
    const now = after.get(name);
    if (now === undefined) lines.push(`gone ${name}`);
    else if (now !== what) lines.push(`changed ${name}: ${what} → ${now}`);
  }
  for (const name of after.keys()) if (!before.has(name)) lines.push(`new ${name}`);
  return lines.sort();
}
