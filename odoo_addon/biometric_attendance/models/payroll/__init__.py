# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_payroll_number,
    biometric_payroll_profile,
    biometric_export,
    biometric_export_day,
    ir_attachment,
    biometric_audit_check,
)
