# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    res_company,
    res_config_settings,
    biometric_quarantine,
    biometric_reason,
    biometric_adjustment_step,
    biometric_adjustment_effect,
    biometric_adjustment,
    biometric_approval_level,
    biometric_period,
    biometric_day_approval,
    biometric_day,
    biometric_adjustment_yield,
    biometric_sentence,
    biometric_proposal,
    biometric_desk,
    biometric_my_time,
)
