"""One entry a person who got roles by name (pre-roles.py). Configuration → Roles lists them."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """SELECT uid, array_agg(role ORDER BY role) FROM biometric_roles_by_name
            GROUP BY uid ORDER BY uid"""
    )
    given = dict(cr.fetchall())
    cr.execute("DROP TABLE biometric_roles_by_name")
    users = env["res.users"].with_context(active_test=False).browse(given)
    for user in users:
        env["biometric.audit"]._record(
            "role.change",
            user,
            {"by_ladder": given[user.id]},
            {"by_name": given[user.id]},
            f"by name, what the ladder of {version} gave",
            company=user.company_id,
        )
