"""Roles are no ladder any more: whoever held a rung gets by name what the rungs below it gave.

One entry a person; the list of who holds what is Configuration → Roles.
"""

from odoo import SUPERUSER_ID, api

# What each rung of the ladder gave besides itself.
LADDER = {
    "administrator": ("payroll_officer", "hr_officer", "approver"),
    "payroll_officer": ("hr_officer", "approver"),
    "hr_officer": ("approver",),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    users = env["res.users"].with_context(active_test=False)
    groups = users._biometric_groups()
    with env["biometric.audited"]._because(f"by name, what the ladder of {version} gave"):
        for user in users.search([("all_group_ids", "in", [groups[rung].id for rung in LADDER])]):
            held = set(user._biometric_roles()[user.id])
            missing = {role for rung in held for role in LADDER.get(rung, ())} - held
            if missing:
                user.write({"group_ids": [(4, groups[role].id) for role in sorted(missing)]})
