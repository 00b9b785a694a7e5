"""Who holds which role, one row a person and role: the list by which an administrator thins out.

A view over Odoo's own groups; nothing is stored. Roles are given on the user's form, taken away
here too. Must not know what a role may do.
"""

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...seams import sql_roles as sql
from .biometric_audit_coverage import ROLES

# Everybody with a login has it by being an employee; it opens their own days alone.
LISTED = ROLES[1:]
# Roles come by groups that imply them too, at any depth.
_VIEW = f"""
CREATE VIEW biometric_role_holder AS
WITH RECURSIVE role AS (
    SELECT gid, role FROM {sql.ROLES} r WHERE role = ANY(ARRAY[%(roles)s])
), reach AS (
    SELECT gid AS holder, gid, role FROM role
    UNION
    SELECT i.holder, r.gid, r.role FROM {sql.IMPLIED} i JOIN reach r ON i.held = r.holder
), held AS (
    SELECT m.uid, r.role, bool_or(r.holder = r.gid) AS by_name
      FROM reach r JOIN {sql.MEMBERS} m ON m.gid = r.holder GROUP BY 1, 2
)
SELECT u.id::bigint * 16 + array_position(ARRAY[%(roles)s], h.role) AS id, u.id AS user_id,
       u.company_id, h.role, h.by_name, count(*) OVER (PARTITION BY u.id) AS role_count
  FROM held h JOIN {sql.USERS} u ON u.id = h.uid AND u.active
"""


class BiometricRoleHolder(models.Model):
    _name = "biometric.role.holder"
    _description = "Users and roles"
    _auto = False
    _log_access = False
    _order = "role_count desc, user_id, role"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    role = fields.Selection(
        [
            ("approver", "Attendance approver"),
            ("hr_officer", "HR officer"),
            ("payroll_officer", "Payroll officer"),
            ("administrator", "Biometric administrator"),
            ("auditor", "Auditor"),
        ],
        readonly=True,
    )
    by_name = fields.Boolean(
        "Given by name", readonly=True, help="Empty: included in another group of the person"
    )
    role_count = fields.Integer("Roles of this person", readonly=True)

    def init(self):
        self.env.cr.execute(SQL("DROP VIEW IF EXISTS biometric_role_holder"))
        self.env.cr.execute(SQL(_VIEW % {"roles": ", ".join(f"'{role}'" for role in LISTED)}))

    def action_take_away(self):
        """Button: these people no longer hold these roles. Biometric administrators; audited."""
        if not self.env.user.has_group("biometric_attendance.group_administrator"):
            raise AccessError(self.env._("Only biometric administrators can remove roles."))
        self.check_access("read")
        groups = self.env["res.users"]._biometric_groups()
        taken = [(row.user_id, groups[row.role], row.by_name, row.role) for row in self]
        for user, group, by_name, role in taken:
            if not by_name:
                raise UserError(
                    self.env._(
                        "%(who)s has “%(role)s” through another group; remove that group "
                        "on the user's form.",
                        who=user.name,
                        role=group.name,
                    )
                )
            others = group.all_user_ids.filtered("active") - user
            if role == "administrator" and not others - self.env.ref("base.user_root"):
                raise UserError(self.env._("%s is the last biometric administrator.", user.name))
            user.sudo().write({"group_ids": [fields.Command.unlink(group.id)]})
        self.env.invalidate_all()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
