# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_place_time,
    biometric_device,
    biometric_device_zone,
    biometric_alarm,
    biometric_run,
    biometric_gap,
    biometric_completeness,
    biometric_carried,
    biometric_hearing,
    biometric_coverage,
    biometric_coverage_map,
    biometric_watch,
    biometric_incident,
    biometric_job,
    biometric_statement,
    res_company,
)
