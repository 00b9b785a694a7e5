"""Roles are no ladder any more: whoever held a rung gets by name what the rungs below it gave.

Before the groups lose what they implied, so that nobody is without it for a moment; post-roles.py
writes who got what into the trail. What comes by another group stays with that group.
"""

from odoo.addons.biometric_attendance.seams import sql_roles as sql

# Held before, less what is still held once the rungs imply each other no more.
_MISSING = f"""
CREATE TABLE biometric_roles_by_name AS
WITH RECURSIVE role AS (
    SELECT gid, role FROM {sql.ROLES} r
     WHERE role IN ('approver', 'hr_officer', 'payroll_officer', 'administrator')
), ladder AS (
    SELECT gid AS holder, gid FROM role
    UNION
    SELECT i.holder, r.gid FROM {sql.IMPLIED} i JOIN ladder r ON i.held = r.holder
), kept AS (
    SELECT gid AS holder, gid FROM role
    UNION
    SELECT i.holder, r.gid FROM {sql.IMPLIED} i JOIN kept r ON i.held = r.holder
     WHERE NOT (i.holder IN (SELECT gid FROM role) AND i.held IN (SELECT gid FROM role))
)
SELECT m.uid, l.gid, role.role
  FROM ladder l JOIN {sql.MEMBERS} m ON m.gid = l.holder JOIN role ON role.gid = l.gid
EXCEPT
SELECT m.uid, k.gid, role.role
  FROM kept k JOIN {sql.MEMBERS} m ON m.gid = k.holder JOIN role ON role.gid = k.gid
"""


def migrate(cr, _version):
    cr.execute("DROP TABLE IF EXISTS biometric_roles_by_name")
    cr.execute(_MISSING)
    cr.execute(f"{sql.GIVE} SELECT uid, gid FROM biometric_roles_by_name")
