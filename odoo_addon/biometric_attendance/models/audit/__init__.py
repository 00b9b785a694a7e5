# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_audit,
    biometric_duty,
    biometric_audit_witness,
    biometric_audit_finding,
    biometric_evidence,
    biometric_witnessed_rows,
    biometric_state,
    biometric_audit_check,
    biometric_audit_night,
    biometric_audit_coverage,
    biometric_look,
    biometric_notice,
    biometric_role_holder,
    res_company,
)
