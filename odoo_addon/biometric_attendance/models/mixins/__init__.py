# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_append_only,
    biometric_audited,
    biometric_bus,
    biometric_dialog,
    biometric_employee_choice,
    biometric_job,
    biometric_place_period,
    biometric_your_time,
    biometric_zones,
    ir_cron,
)
