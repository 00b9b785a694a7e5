"""To 19.0.1.5.0: beside the instants of gaps, runs, terminals and days stands their place's time.

Set-based: a statement a table, whose triggers say the time.
"""


def migrate(cr, version):
    if not version:
        return
    for table, instant in (
        ("biometric_gap", "window_from"),
        ("biometric_run", "started_at"),
        ("biometric_device", "last_heard_at"),
    ):
        cr.execute(f"UPDATE {table} SET {instant} = {instant}")
    # Only days on which somebody came: the others show nothing.
    cr.execute(
        """UPDATE biometric_day SET first_in_at = first_in_at
            WHERE first_in_at IS NOT NULL OR last_out_at IS NOT NULL"""
    )
