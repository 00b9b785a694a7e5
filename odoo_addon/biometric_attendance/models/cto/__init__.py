# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_cto_entry,
    biometric_cto_account,
    biometric_cto_agreement,
    biometric_cto_certificate,
    biometric_cto_accrual,
    biometric_cto_payout,
    biometric_cto_flex,
    biometric_cto_night,
    biometric_cto_liability,
    biometric_day_rebuild,
    biometric_audit_check,
    hr_leave,
    hr_leave_type,
    hr_employee,
    res_company,
    res_config_settings,
)
