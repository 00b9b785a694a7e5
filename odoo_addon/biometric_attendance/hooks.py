"""What happens once, at installation and removal. Must not hold business rules."""


def post_init_hook(env):
    """Employees who already have a login may see their own punches from the first day."""
    env["hr.employee"].with_context(active_test=False).search(
        [("user_id", "!=", False)]
    )._biometric_grant_own_access()


def uninstall_hook(env):
    """The tables take their triggers with them; the function they share stays and must go too."""
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_refuse_change() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_audit_guard() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_file_guard() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS biometric_content_guard() CASCADE")
