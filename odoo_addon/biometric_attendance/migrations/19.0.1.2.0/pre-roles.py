"""Roles are no ladder any more: whoever held a rung gets by name what the rungs below it gave.

Before the groups lose what they implied, so that nobody is without it for a moment; post-roles.py
writes who got what into the trail. What comes by another group stays with that group.
"""

# Held before, less what is still held once the rungs imply each other no more.
_MISSING = """
CREATE TABLE biometric_roles_by_name AS
WITH RECURSIVE role AS (
    SELECT d.res_id AS gid, substr(d.name, 7) AS role FROM ir_model_data d
     WHERE d.module = 'biometric_attendance' AND d.model = 'res.groups'
       AND d.name IN ('group_approver', 'group_hr_officer', 'group_payroll_officer',
                      'group_administrator')
), ladder AS (
    SELECT gid AS holder, gid FROM role
    UNION
    SELECT i.gid, r.gid FROM res_groups_implied_rel i JOIN ladder r ON i.hid = r.holder
), kept AS (
    SELECT gid AS holder, gid FROM role
    UNION
    SELECT i.gid, r.gid FROM res_groups_implied_rel i JOIN kept r ON i.hid = r.holder
     WHERE NOT (i.gid IN (SELECT gid FROM role) AND i.hid IN (SELECT gid FROM role))
)
SELECT m.uid, l.gid, role.role
  FROM ladder l JOIN res_groups_users_rel m ON m.gid = l.holder JOIN role ON role.gid = l.gid
EXCEPT
SELECT m.uid, k.gid, role.role
  FROM kept k JOIN res_groups_users_rel m ON m.gid = k.holder JOIN role ON role.gid = k.gid
"""


def migrate(cr, _version):
    cr.execute("DROP TABLE IF EXISTS biometric_roles_by_name")
    cr.execute(_MISSING)
    cr.execute(
        "INSERT INTO res_groups_users_rel (gid, uid) SELECT gid, uid FROM biometric_roles_by_name"
    )
