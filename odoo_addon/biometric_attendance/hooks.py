"""What happens once, at installation and removal. Must not hold business rules.

What stands before the installation is taken up by the trail; what the module brings along is made
through the ORM and has its birth there.
"""


def post_init_hook(env):
    """Employees who already have a login may see their own punches from the first day, and whoever
    administers Odoo begins with every role but the auditor's: nobody else could give them. Given
    once, by name, so that no later upgrade gives back what was taken away."""
    env["hr.employee"].with_context(active_test=False).search(
        [("user_id", "!=", False)]
    )._biometric_grant_own_access()
    groups = env["res.users"]._biometric_groups()
    given = [(4, group.id) for role, group in groups.items() if role != "auditor"]
    (env.ref("base.user_root") | env.ref("base.user_admin")).write({"group_ids": given})
    for company in env["res.company"].with_context(active_test=False).search([]):
        env["biometric.state"]._born(company, "as they are at the installation")


def uninstall_hook(env):
    """The tables take their triggers with them; the function they share stays and must go too."""
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_refuse_change() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_audit_guard() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_file_guard() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_content_guard() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_adjustment_guard() CASCADE")
