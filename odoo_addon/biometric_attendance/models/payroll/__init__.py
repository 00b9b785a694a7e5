# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_payroll_number,
    biometric_payroll_profile,
    biometric_export,
    biometric_delivery_target,
    biometric_delivery,
    biometric_export_day,
    biometric_export_look,
    biometric_day_evidence,
    biometric_payroll_figure,
    biometric_rounding_bias,
    biometric_period_group,
    biometric_period,
    ir_attachment,
    biometric_audit_check,
    biometric_cto_accrual,
    biometric_removal,
)
