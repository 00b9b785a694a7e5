from . import (
    biometric_audit,
    biometric_export,
    biometric_period,
    hr_version,
    hr_work_entry,
    hr_work_entry_posting,
)
