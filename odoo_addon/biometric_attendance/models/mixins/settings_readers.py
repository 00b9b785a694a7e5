"""Who reads a company's settings of this addon: a company's row is read by all of its people.

Auditors' addresses, how long punches stay and when payroll closes concern who sets them up and who
watches that. Must not know what any setting means.
"""

SETTINGS_READERS = ",".join(
    (
        "base.group_system",
        "biometric_attendance.group_administrator",
        "biometric_attendance.group_auditor",
    )
)
