# ruff: noqa: I001 - a model is imported before what extends it.
from . import (
    biometric_plan,
    biometric_usage,
    biometric_company_export,
    biometric_person_export,
    biometric_leaving,
    hr_employee,
    res_company,
)
