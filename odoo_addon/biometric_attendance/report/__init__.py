# ruff: noqa: I001 - the reports are made of what the first two files own.
from . import biometric_paper, ir_actions_report
from . import (
    biometric_certificate_print,
    biometric_commissioning_print,
    biometric_compliance_print,
    biometric_day_evidence_print,
    biometric_enrolment_print,
    biometric_month_print,
    biometric_month_record_print,
    biometric_inspection_print,
)
