"""Before every upgrade: takes the triggers of append-only tables away. init() puts them back.

A new column with a default, or a new stored compute, is an UPDATE of every row, which they refuse;
Odoo then fails to load the module. Version 0.0.0 means: whatever the old and the new version are.
"""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """SELECT c.relname, t.tgname FROM pg_trigger t
             JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
              AND starts_with(p.proname::text, 'biometric_')"""
    )
    for table, trigger in cr.fetchall():
        cr.execute(f'DROP TRIGGER "{trigger}" ON "{table}"')
