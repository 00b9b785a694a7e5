# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_lane,
    biometric_lane_head,
    biometric_punch,
    biometric_sighting,
    biometric_signed_batch,
    biometric_backlog,
    biometric_ingest,
    biometric_confirm,
    biometric_decision,
    biometric_flag,
    biometric_erased_key,
    biometric_removal,
    biometric_retention,
    biometric_trace,
    biometric_erasure,
    res_company,
)
